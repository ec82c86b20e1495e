# The GPT's forward and backward pass as they train on a CPU, compiled at run time; no Python runs.
# Written out: no autograd, no copies of gradients, and no more than a chunk of the logits at a time.
# gpt_gpu.py is the same for GPUs, gpt_parts.py holds what both use, matmul_*.py the matrix products.
# Tests compare loss and gradients with a plain NDArray implementation.
#
# Shapes: M = B T rows, T tokens, C width, H heads, D = C / H, F hidden width of the MLP, V vocabulary.
# d before a name is the gradient of the loss by it; gradients of weights are added to what is there.


def inverse_rms(x: Tensor, eps: float) -> Tensor:
  # 1 / sqrt(mean(x^2) + eps): x (M, C) -> (M, 1)
  return torch.mean(x * x, [-1], True).add_(eps).rsqrt_()


def add_norm_gradient(dx: Tensor, dn: Tensor, x: Tensor, r: Tensor, gain: Tensor, dgain: Tensor) -> None:
  # n = x r gain. dx, dn, x (M, C), r (M, 1), gain, dgain (C); dn is overwritten where it is float32:
  # dx += r (dn gain - x r^2 mean(dn gain x)); dgain += sum over rows of dn x r
  xr = x * r
  dn = dn.to(torch.float32)
  t = dn * xr
  if dgain.numel() > 0:
    dgain.add_(torch.sum(t, [0]))
  c = torch.matmul(t, gain).unsqueeze(-1)
  dx.addcmul_(dn.mul_(gain).addcmul_(xr, c, value=-1.0 / float(x.size(-1))), r)


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, fused: bool) -> List[Tensor]:
  # q, k, v (B, H, T, D) -> y (B, H, T, D) and what the gradient needs: the log of the denominators
  # (B, T, H) where attention is fused, else probabilities.
  if fused:
    y, log_sum = torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, True)
    return [y, log_sum]
  return attention_in_blocks(q, k, v, mask)


def attention_gradient(
    dy: Tensor, q: Tensor, k: Tensor, v: Tensor, y: Tensor, saved: List[Tensor], fused: bool) -> Tuple[Tensor, Tensor, Tensor]:
  # -> dq, dk, dv, (B, H, T, D) each.
  if fused:
    return torch._scaled_dot_product_flash_attention_for_cpu_backward(dy, q, k, v, y, saved[0], 0.0, True)
  return attention_in_blocks_gradient(dy, q, k, v, saved)


def layer_forward(
    x: Tensor, w: List[Tensor], tables: List[Tensor], T: int, heads: int, eps: float, fused: bool) -> List[Tensor]:
  # x (M, C) -> the layer's output (M, C), and after it what layer_gradient needs.
  # w: attention's gain (C), qkv (3C, C), out (C, C), the MLP's gain (C), up (2F, C), down (C, F), the
  # four matrices in the products' format.
  # tables: cos, sin (context, R/2) and the causal mask (context, context), cut to T
  M, C = x.size()
  B, D, F = M // T, C // heads, w[5].size(1)
  r1 = inverse_rms(x, eps)
  n1 = cast((x * r1).mul_(w[0]))
  qkv = matmul(n1, w[1]).view([B, T, 3, heads, D]).permute([2, 0, 3, 1, 4])  # (3, B, H, T, D)
  cos, sin = tables[0].narrow(0, 0, T), tables[1].narrow(0, 0, T)
  mask = tables[2].narrow(0, 0, T).narrow(1, 0, T).to(qkv)
  qk = torch.empty([2, B, heads, T, D], dtype=x.dtype, device=x.device)
  rotate_into(qk, qkv.narrow(0, 0, 2).to(torch.float32), cos, sin, 1.0)
  qk = cast(qk)
  q, k, v = qk.select(0, 0), qk.select(0, 1), qkv.select(0, 2).contiguous()
  attended = attention(q, k, v, mask, fused)
  y = attended[0]
  rows = y.transpose(1, 2).reshape([M, C])
  x2 = matmul_added(x, rows, w[2])
  r2 = inverse_rms(x2, eps)
  n2 = cast((x2 * r2).mul_(w[3]))
  up = matmul(n2, w[4])  # (M, 2F)
  s = torch.silu(up.narrow(-1, 0, F))
  h = s * up.narrow(-1, F, F)  # SwiGLU, (M, F)
  out = matmul_added(x2, h, w[5])
  results = [out, x, r1, n1, q, k, v, rows, x2, r2, n2, up, s, h]
  results.extend(attended)
  return results


def layer_gradient(
    dout: Tensor, w: List[Tensor], dw: List[Tensor], tables: List[Tensor], saved: List[Tensor], T: int, heads: int,
    eps: float, fused: bool) -> Tensor:
  # dout (M, C) -> dx (M, C); adds the weights' gradients to dw. w as layer_forward has it; dout is
  # overwritten.
  x, r1, n1, q, k, v, rows, x2 = saved[0], saved[1], saved[2], saved[3], saved[4], saved[5], saved[6], saved[7]
  r2, n2, up, s, h, y, p = saved[8], saved[9], saved[10], saved[11], saved[12], saved[13], saved[14:]
  M, C = x.size()
  B, D, F = M // T, C // heads, w[5].size(1)
  g = cast(dout)
  dh = input_gradient(g, w[5])  # (M, F)
  add_weight_gradient(dw[5], g, h, 1.0)
  gate = up.narrow(-1, 0, F)
  dup = torch.empty_like(up)
  torch.mul(dh, s, out=dup.narrow(-1, F, F))
  torch.silu_backward(dh.mul_(up.narrow(-1, F, F)), gate, grad_input=dup.narrow(-1, 0, F))
  dn2 = input_gradient(dup, w[4])
  add_weight_gradient(dw[4], dup, n2, 1.0)
  add_norm_gradient(dout, dn2, x2, r2, w[3], dw[3])  # dout is now dx2

  g = cast(dout)
  dy = input_gradient(g, w[2]).view([B, T, heads, D]).transpose(1, 2)
  add_weight_gradient(dw[2], g, rows, 1.0)
  dq, dk, dv = attention_gradient(dy, q, k, v, y, p, fused)
  cos, sin = tables[0].narrow(0, 0, T), tables[1].narrow(0, 0, T)
  rotated = torch.empty([M, 3 * C], dtype=x.dtype, device=x.device)
  parts = rotated.view([B, T, 3, heads, D]).permute([2, 0, 3, 1, 4])
  rotate_into(parts.select(0, 0), dq.to(torch.float32), cos, sin, -1.0)
  rotate_into(parts.select(0, 1), dk.to(torch.float32), cos, sin, -1.0)
  parts.select(0, 2).copy_(dv)
  dqkv = cast(rotated)
  dn1 = input_gradient(dqkv, w[1])
  add_weight_gradient(dw[1], dqkv, n1, 1.0)
  add_norm_gradient(dout, dn1, x, r1, w[0], dw[0])
  return dout


def head_loss(
    x: Tensor, gain: Tensor, w: Tensor, targets: Tensor, grads: List[Tensor], loss_weight: float, eps: float,
    chunk: int) -> List[Tensor]:
  # Mean cross-entropy in nats () and, where grads is (dgain, dw), loss_weight times its gradient by x (M, C).
  # x (M, C), w (V, C), targets (M). Holds the logits of `chunk` rows at a time.
  M, C = x.size()
  r = inverse_rms(x, eps)
  n = cast((x * r).mul_(gain))
  wc = cast(w)
  total = torch.zeros([], dtype=torch.float64, device=x.device)
  dn = torch.empty_like(x)
  for a in range(0, M, chunk):
    rows = min(chunk, M - a)
    nc, tc = n.narrow(0, a, rows), targets.narrow(0, a, rows).unsqueeze(1)
    y = matmul(nc, wc).to(torch.float32)  # (rows, V)
    p = torch.softmax(y, -1)
    # log of the denominator by the likeliest token, whose probability cannot underflow
    log_sum = torch.amax(y, [-1], True).sub_(torch.log(torch.amax(p, [-1], True)))
    total.add_(torch.sum(log_sum.sub_(torch.gather(y, 1, tc)).to(torch.float64)))
    if len(grads) > 0:
      p.scatter_add_(1, tc, torch.full_like(log_sum, -1.0))
      g = cast(p)
      dn.narrow(0, a, rows).copy_(input_gradient(g, wc))
      add_weight_gradient(grads[1], g, nc, loss_weight / float(M))
  loss = total.div_(float(M)).to(torch.float32)
  if len(grads) == 0:
    return [loss]
  dx = torch.zeros_like(x)
  add_norm_gradient(dx, dn.mul_(loss_weight / float(M)), x, r, gain, grads[0])
  return [loss, dx]


def product_weights(w: List[Tensor]) -> List[Tensor]:
  # A layer's weights in the products' format, for all products of a pass
  return [w[0], cast(w[1]), cast(w[2]), w[3], cast(w[4]), cast(w[5])]
