# The GPT's forward and backward pass written out, for GPUs; gpt_cpu.py is the same for CPUs. On a GPU
# products take little, and most of the rest is moving numbers through memory. So a pass over (M, C) or
# (M, F) writes the products' format itself (`out=` converts on the way), a norm's gain is folded into
# the weight behind it, its gradient needs the normalized rows alone, and only attention is left to
# autograd, which takes the fused kernels that fit the device.
#
# Shapes: M = B T rows, T tokens, C width, H heads, D = C / H, F hidden width of the MLP, V vocabulary.
# d before a name is the gradient of the loss by it; gradients of weights are added to what is there.


def inverse_rms(x: Tensor, eps: float) -> Tensor:
  # 1 / sqrt(mean(x^2) + eps): x (M, C) -> (M, 1), in one pass over x
  norm = torch.linalg_vector_norm(x, 2, [-1], True)
  return norm.mul_(norm).mul_(1.0 / float(x.size(-1))).add_(eps).rsqrt_()


def normalized(x: Tensor, r: Tensor, like: Tensor) -> Tensor:
  # x r in the format of `like`: x (M, C), r (M, 1) -> (M, C)
  return torch.mul(x, r, out=torch.empty_like(x, dtype=like.dtype))


def folded(w: Tensor, gain: Tensor) -> Tensor:
  # w (N, C) behind a norm with gain (C), in the products' format: n (w gain)^T = (n gain) w^T
  return cast(w * gain)


def add_folded_gradient(dw: Tensor, dgain: Tensor, t: Tensor, w: Tensor, gain: Tensor, s: float) -> None:
  # s times the gradient t (N, C) by a folded weight, added to those by the weight and by the gain
  if dgain.numel() > 0:
    dgain.add_(torch.sum(t * w, [0]), alpha=s)
  if dw.numel() > 0:
    dw.addcmul_(t, gain, value=s)


def trained(dw: Tensor, dgain: Tensor) -> bool:
  # whether the gradient by a folded weight is wanted at all
  return dw.numel() + dgain.numel() > 0


def norm_gradient(dn: Tensor, n: Tensor) -> Tensor:
  # n = x r is normalized, (M, C): the gradient by x over r is dn - n mean(dn n); overwrites dn
  c = torch.sum(dn * n, [-1], True, dtype=torch.float32)
  return dn.addcmul_(n, c, value=-1.0 / float(n.size(-1)))


def product_weights(w: List[Tensor]) -> List[Tensor]:
  # A layer's weights for all products of a pass: those behind a norm with its gain, and themselves
  qkv, up = folded(w[1], w[0]), folded(w[4], w[3])
  return [w[0], qkv, cast(w[2]), w[3], up, cast(w[5]), w[1], w[4]]


# A layer is three calls, since autograd records attention and DJL has no recording call with more than
# tensors. Weights w as product_weights has them: attention's gain (C), qkv (3C, C), out (C, C), the MLP's
# gain (C), up (2F, C), down (C, F), and qkv and up as the optimizer has them.


def to_attention(x: Tensor, w: List[Tensor], T: int, heads: int, eps: float) -> List[Tensor]:
  # x (M, C) -> queries, keys and values (B, T, 3, H, D); 1 / RMS (M, 1) and normalized rows (M, C)
  M, C = x.size()
  r = inverse_rms(x, eps)
  n = normalized(x, r, w[1])
  return [matmul(n, w[1]).view([M // T, T, 3, heads, C // heads]), r, n]


def attention(qkv: Tensor, cos: Tensor, sin: Tensor, mask: Tensor, fused: bool) -> List[Tensor]:
  # qkv (B, T, 3, H, D) -> y (B, H, T, D) and what attention_gradient needs. cos, sin (context, R/2)
  # and the causal mask (context, context) are cut to T. The results of to_attention cannot enter
  # autograd, so values are copied.
  T = qkv.size(1)
  qk = torch.empty_like(qkv.narrow(2, 0, 2), memory_format=torch.contiguous_format)
  cos, sin = cos.narrow(0, 0, T).view([T, 1, 1, -1]), sin.narrow(0, 0, T).view([T, 1, 1, -1])
  rotate_into(qk, qkv.narrow(2, 0, 2), cos, sin, 1.0)
  q, k = qk.select(2, 0).transpose(1, 2), qk.select(2, 1).transpose(1, 2)
  v = qkv.select(2, 2).clone(memory_format=torch.contiguous_format).transpose(1, 2)
  if fused:
    q, k, v = q.requires_grad_(), k.requires_grad_(), v.requires_grad_()
    return [torch.scaled_dot_product_attention(q, k, v, None, 0.0, True), q, k, v]
  results = attention_in_blocks(q, k, v, mask.narrow(0, 0, T).narrow(1, 0, T).to(q))
  return [results[0], q, k, v] + results[1:]


def from_attention(x: Tensor, y: Tensor, w: List[Tensor], eps: float) -> List[Tensor]:
  # x (M, C), y (B, H, T, D) -> the layer's output (M, C) and, for gradients, 1 / RMS (M, 1), normalized
  # rows, attention's rows (M, C), up (M, 2F), silu of its half and the MLP's hidden row (M, F)
  F = w[5].size(1)
  rows = y.transpose(1, 2).reshape(x.size())
  x2 = matmul_added(x, rows, w[2])
  r = inverse_rms(x2, eps)
  n = normalized(x2, r, w[4])
  up = matmul(n, w[4])
  s = torch.silu(up.narrow(-1, 0, F))
  h = s * up.narrow(-1, F, F)  # SwiGLU
  return [x2.add_(matmul(h, w[5])), r, n, rows, up, s, h]


def from_attention_gradient(
    dout: Tensor, w: List[Tensor], dw: List[Tensor], saved: List[Tensor], T: int, heads: int) -> Tensor:
  # dout (M, C), overwritten by the gradient by x as far as it does not pass through attention -> dy
  # (B, H, T, D). Adds the weights' gradients to dw. saved: from_attention's results but the first.
  r, n, rows, up, s, h = saved[0], saved[1], saved[2], saved[3], saved[4], saved[5]
  M, C = dout.size()
  F = w[5].size(1)
  g = cast(dout)
  dh = input_gradient(g, w[5])  # (M, F)
  add_weight_gradient(dw[5], g, h, 1.0)
  dup = torch.empty_like(up)
  torch.mul(dh, s, out=dup.narrow(-1, F, F))
  torch.silu_backward(dh.mul_(up.narrow(-1, F, F)), up.narrow(-1, 0, F), grad_input=dup.narrow(-1, 0, F))
  dn = input_gradient(dup, w[4])
  if trained(dw[4], dw[3]):
    add_folded_gradient(dw[4], dw[3], torch.mm(dup.t(), n), w[7], w[3], 1.0)
  dout.addcmul_(norm_gradient(dn, n), r)
  g = cast(dout)
  dy = input_gradient(g, w[2])
  add_weight_gradient(dw[2], g, rows, 1.0)
  return dy.view([M // T, T, heads, C // heads]).transpose(1, 2)


def attention_gradient(dy: Tensor, saved: List[Tensor], cos: Tensor, sin: Tensor, fused: bool) -> Tensor:
  # dy (B, H, T, D), saved as attention has it -> the gradient by queries, keys and values (M, 3C)
  y, q, k, v = saved[0], saved[1], saved[2], saved[3]
  B, H, T, D = q.size()
  if fused:
    d = torch.grad([y], [q, k, v], annotate(List[Optional[Tensor]], [dy]))
    dq, dk, dv = unchecked_cast(Tensor, d[0]), unchecked_cast(Tensor, d[1]), unchecked_cast(Tensor, d[2])
  else:
    dq, dk, dv = attention_in_blocks_gradient(dy, q, k, v, saved[4:])
  parts = torch.empty([B, T, 3, H, D], dtype=q.dtype, device=q.device)
  cos, sin = cos.narrow(0, 0, T).unsqueeze(1), sin.narrow(0, 0, T).unsqueeze(1)
  rotate_into(parts.select(2, 0), dq.transpose(1, 2), cos, sin, -1.0)
  rotate_into(parts.select(2, 1), dk.transpose(1, 2), cos, sin, -1.0)
  parts.select(2, 2).copy_(dv.transpose(1, 2))
  return parts.view([B * T, 3 * H * D])


def to_attention_gradient(
    dout: Tensor, dqkv: Tensor, w: List[Tensor], dw: List[Tensor], r: Tensor, n: Tensor) -> Tensor:
  # Adds to dout (M, C) what passes through attention; r and n as to_attention has them
  dn = input_gradient(dqkv, w[1])
  if trained(dw[1], dw[0]):
    add_folded_gradient(dw[1], dw[0], torch.mm(dqkv.t(), n), w[6], w[0], 1.0)
  return dout.addcmul_(norm_gradient(dn, n), r)


def head_loss(
    x: Tensor, gain: Tensor, w: Tensor, targets: Tensor, grads: List[Tensor], loss_weight: float, eps: float,
    chunk: int) -> List[Tensor]:
  # Mean cross-entropy in nats () and, where grads is (dgain, dw), loss_weight times its gradient by x (M, C).
  # x (M, C), w (V, C), targets (M). Holds the logits of `chunk` rows at a time.
  M, C = x.size()
  wants = len(grads) > 0
  r = inverse_rms(x, eps)
  wf = folded(w, gain)
  n = normalized(x, r, wf)
  total = torch.zeros([], dtype=torch.float64, device=x.device)
  dn, dwf = n, torch.empty([0], device=x.device)
  if wants:
    dn = torch.empty_like(n)
    if trained(grads[1], grads[0]):
      dwf = torch.zeros_like(w)
  for a in range(0, M, chunk):
    rows = min(chunk, M - a)
    nc, tc = n.narrow(0, a, rows), targets.narrow(0, a, rows).unsqueeze(1)
    y = matmul(nc, wf)  # (rows, V)
    log_p = torch.log_softmax(y.to(torch.float32), -1)
    target = torch.gather(log_p, 1, tc)
    total.sub_(torch.sum(target.to(torch.float64)))
    if wants:
      g = torch.exp(log_p, out=y)
      g.scatter_(1, tc, torch.expm1(target).to(y))  # p - 1, exact where p is nearly 1
      dn.narrow(0, a, rows).copy_(input_gradient(g, wf))
      add_weight_gradient(dwf, g, nc, 1.0)
  loss = total.div_(float(M)).to(torch.float32)
  if not wants:
    return [loss]
  if trained(grads[1], grads[0]):
    add_folded_gradient(grads[1], grads[0], dwf, w, gain, loss_weight / float(M))
  return [loss, norm_gradient(dn, n) * r.mul_(loss_weight / float(M))]
