# The parts of every model, each with its gradient right behind it, and the layer that is composed of them,
# on CPUs and GPUs alike. gpt_cpu.py and gpt_gpu.py are the default model's passes, fused across its parts;
# this file serves all others. Tests hold each gradient to finite differences in float64, and whole models
# to a plain NDArray implementation.
#
# Shapes: M = B T rows, T tokens, C width, H query heads, K heads of keys and of values, D dimensions of a
# head, F hidden width of the MLP, V vocabulary. Weights that a model has not are empty tensors. d before a
# name is the gradient of the loss by it; gradients of weights are added to what is there.


def inverse_rms(x: Tensor, eps: float) -> Tensor:
  # 1 / sqrt(mean(x^2) + eps): x (..., N) -> (..., 1)
  return torch.mean(x * x, [-1], True).add_(eps).rsqrt_()


def present(w: Tensor) -> Optional[Tensor]:
  # None for an empty tensor
  if w.numel() > 0:
    return w
  return None


def norm(x: Tensor, gain: Tensor, bias: Tensor, eps: float, centred: bool) -> List[Tensor]:
  # x (..., N) -> x r gain, r = 1 / sqrt(mean(x^2) + eps); or, centred, (x - m) r gain + bias, m = mean(x),
  # r = 1 / sqrt(var(x) + eps). After it r and m, (..., 1); m is empty where it is not subtracted.
  if centred:
    y, m, r = torch.native_layer_norm(x, [x.size(-1)], gain, present(bias), eps)
    return [y, r, m]
  r = inverse_rms(x, eps)
  return [(x * r).mul_(gain), r, torch.empty([0], device=x.device)]


def add_norm_gradient(
    dx: Tensor, dy: Tensor, x: Tensor, r: Tensor, m: Tensor, gain: Tensor, bias: Tensor, dgain: Tensor,
    dbias: Tensor) -> None:
  # Adds to dx, dgain and dbias; r and m as norm has them. With n = (x - m) r and d = dy gain:
  # dx = r (d - mean(d) - n mean(d n)), without mean(d) where m is empty; dgain = sum(dy n), dbias = sum(dy)
  dy = dy.to(x.dtype)
  if m.numel() > 0:
    wanted = [True, dgain.numel() > 0, dbias.numel() > 0]
    d, dg, db = torch.native_layer_norm_backward(dy, x, [x.size(-1)], m, r, gain, present(bias), wanted)
    dx.add_(d)
    if dgain.numel() > 0:
      dgain.add_(dg)
    if dbias.numel() > 0:
      dbias.add_(db)
  else:
    n = x * r
    t = dy * n
    if dgain.numel() > 0:
      dgain.add_(torch.sum(t.reshape([-1] + gain.size()), [0]))
    c = torch.sum(t.mul_(gain), [-1], True)
    dx.addcmul_((dy * gain).addcmul_(n, c, value=-1.0 / float(x.size(-1))), r)


def linear(x: Tensor, w: Tensor, bias: Tensor) -> Tensor:
  # x w^T + bias: x (M, in), w (N, in), bias (N) -> (M, N)
  if bias.numel() > 0:
    return matmul_bias(x, w, bias)
  return matmul(x, w)


def linear_added(r: Tensor, x: Tensor, w: Tensor, bias: Tensor) -> Tensor:
  # r + x w^T + bias
  y = matmul_added(r, x, w)
  if bias.numel() > 0:
    y.add_(bias)
  return y


def linear_gradient(dy: Tensor, x: Tensor, w: Tensor, dw: Tensor, dbias: Tensor) -> Tensor:
  # of both -> dx (M, in); dy (M, N) in the products' format
  add_weight_gradient(dw, dy, x, 1.0)
  if dbias.numel() > 0:
    dbias.add_(torch.sum(dy, [0], False, dtype=dbias.dtype))
  return input_gradient(dy, w)


def head_gains(q_gain: Tensor, k_gain: Tensor, heads: int, key_heads: int) -> Tensor:
  # (D) each -> (H + K, D)
  return torch.cat([q_gain.expand([heads, -1]), k_gain.expand([key_heads, -1])])


def head_norm(qkv: Tensor, q_gain: Tensor, k_gain: Tensor, eps: float, heads: int, key_heads: int) -> List[Tensor]:
  # qkv (B, T, H + 2K, D) -> the same with each query and key divided by its RMS and multiplied by its gain
  # (D); after it 1 / RMS (B, T, H + K, 1)
  gains = head_gains(q_gain, k_gain, heads, key_heads)
  n = norm(qkv.narrow(2, 0, heads + key_heads).to(gains.dtype), gains, torch.empty([0]), eps, False)
  y = torch.empty_like(qkv)
  y.narrow(2, 0, heads + key_heads).copy_(n[0])
  y.narrow(2, heads + key_heads, key_heads).copy_(qkv.narrow(2, heads + key_heads, key_heads))
  return [y, n[1]]


def head_norm_gradient(
    dy: Tensor, qkv: Tensor, r: Tensor, q_gain: Tensor, k_gain: Tensor, dq_gain: Tensor, dk_gain: Tensor, heads: int,
    key_heads: int) -> None:
  # dy (B, T, H + 2K, D) is overwritten by the gradient by qkv
  gains, none = head_gains(q_gain, k_gain, heads, key_heads), torch.empty([0])
  x = qkv.narrow(2, 0, heads + key_heads).to(gains.dtype)
  dx, dgains = torch.zeros_like(x), torch.zeros_like(gains)
  d = dy.narrow(2, 0, heads + key_heads)
  add_norm_gradient(dx, d, x, r, none, gains, none, dgains, none)
  d.copy_(dx)
  if dq_gain.numel() > 0:
    dq_gain.add_(torch.sum(dgains.narrow(0, 0, heads), [0]))
  if dk_gain.numel() > 0:
    dk_gain.add_(torch.sum(dgains.narrow(0, heads, key_heads), [0]))


def places(tokens: Tensor, cos: Tensor, sin: Tensor, separator: int, fused: bool) -> List[Tensor]:
  # tokens (B, T), cos, sin (context, R/2) -> the position of each token (1 or B, T), its cos and sin (1 or B,
  # T, 1, R/2), and 0 where a token sees another, minus infinity where not, (T, T) or (B, T, T), in the
  # products' format; empty where fused attention needs no more than that it is causal. With a separator,
  # not -1, it ends its document: the next token has position 0, and none sees what is before its own one.
  B, T = tokens.size()
  half = cos.size(1)
  t = torch.arange(T, device=tokens.device).unsqueeze(0)
  mask = torch.empty([0, 0], dtype=cos.dtype, device=cos.device)
  if separator >= 0 or not fused:
    mask = torch.full([T, T], float("-inf"), dtype=cos.dtype, device=cos.device).triu_(1)
  if separator < 0:
    return [t, cos.narrow(0, 0, T).view([1, T, 1, half]), sin.narrow(0, 0, T).view([1, T, 1, half]), cast(mask)]
  begins = torch.zeros_like(tokens)
  begins.narrow(1, 1, T - 1).copy_(torch.eq(tokens.narrow(1, 0, T - 1), separator) * t.narrow(1, 1, T - 1))
  start, index = torch.cummax(begins, 1)
  at = t - start  # (B, T)
  others = torch.ne(start.unsqueeze(2), start.unsqueeze(1))  # (B, T, T)
  flat = at.view([-1])
  return [
      at, cos.index_select(0, flat).view([B, T, 1, half]), sin.index_select(0, flat).view([B, T, 1, half]),
      cast(mask).unsqueeze(0).masked_fill(others, float("-inf"))]


def embed_places(tokens: Tensor, at: Tensor, w: Tensor, positions: Tensor) -> Tensor:
  # tokens (M), at from places, w (V, C), positions (context, C) -> (M, C)
  x = embed(w, tokens)
  if positions.numel() > 0:
    x.view([-1, at.size(1), x.size(1)]).add_(torch.embedding(positions, at))
  return x


def embed_places_gradient(dx: Tensor, tokens: Tensor, at: Tensor, dw: Tensor, dpositions: Tensor) -> None:
  embed_gradient(dx, tokens, dw)
  if dpositions.numel() > 0:
    if at.size(0) == 1:
      dpositions.narrow(0, 0, at.size(1)).add_(torch.sum(dx.view([-1, at.size(1), dx.size(1)]), [0]))
    else:
      dpositions.index_add_(0, at.reshape([-1]), dx)


def rotated(x: Tensor, cos: Tensor, sin: Tensor, fused: bool) -> Tensor:
  # x (B, T, H, D) -> its rotary positions (B, H, T, D), laid out as attention reads them. New memory, as
  # the results of other calls cannot enter autograd.
  B, T, H, D = x.size()
  if fused:
    y = torch.empty([B, T, H, D], dtype=x.dtype, device=x.device)
  else:
    y = torch.empty([B, H, T, D], dtype=x.dtype, device=x.device).transpose(1, 2)
  rotate_into(y, x, cos, sin, 1.0)
  return y.transpose(1, 2)


def each_query(x: Tensor, heads: int) -> Tensor:
  # x (B, K, T, D) -> (B, H, T, D): each of the K heads once for each of the H / K query heads that read it
  B, K, T, D = x.size()
  if K == heads:
    return x
  return x.unsqueeze(2).expand([B, K, heads // K, T, D]).reshape([B, heads, T, D])


def attention(
    qkv: Tensor, cos: Tensor, sin: Tensor, mask: Tensor, heads: int, key_heads: int, fused: bool) -> List[Tensor]:
  # qkv (B, T, H + 2K, D); cos, sin and mask from places -> y (B, H, T, D) and what attention_gradient needs.
  # Query head h reads key head h / (H / K). Fused attention is recorded by autograd.
  none = cos.narrow(-1, 0, 0)
  q = rotated(qkv.narrow(2, 0, heads), cos, sin, fused)
  k = rotated(qkv.narrow(2, heads, key_heads), cos, sin, fused)
  v = rotated(qkv.narrow(2, heads + key_heads, key_heads), none, none, fused)
  if not fused:
    results = attention_in_blocks(q, k, v, mask)
    return [results[0], q, k, v] + results[1:]
  q, k, v = q.requires_grad_(), k.requires_grad_(), v.requires_grad_()
  ks, vs = each_query(k, heads), each_query(v, heads)
  if mask.dim() == 2:
    y = torch.scaled_dot_product_attention(q, ks, vs, None, 0.0, True)
  else:
    y = torch.scaled_dot_product_attention(q, ks, vs, mask.unsqueeze(1))
  return [y, q, k, v]


def attention_gradient(dy: Tensor, saved: List[Tensor], cos: Tensor, sin: Tensor, fused: bool) -> Tensor:
  # dy (B, H, T, D), saved as attention has it -> the gradient by qkv (B, T, H + 2K, D)
  y, q, k, v = saved[0], saved[1], saved[2], saved[3]
  B, H, T, D = q.size()
  K = k.size(1)
  if fused:
    d = torch.grad([y], [q, k, v], annotate(List[Optional[Tensor]], [dy]))
    dq, dk, dv = unchecked_cast(Tensor, d[0]), unchecked_cast(Tensor, d[1]), unchecked_cast(Tensor, d[2])
  else:
    dq, dk, dv = attention_in_blocks_gradient(dy, q, k, v, saved[4:])
  dqkv = torch.empty([B, T, H + 2 * K, D], dtype=q.dtype, device=q.device)
  rotate_into(dqkv.narrow(2, 0, H), dq.transpose(1, 2), cos, sin, -1.0)
  rotate_into(dqkv.narrow(2, H, K), dk.transpose(1, 2), cos, sin, -1.0)
  dqkv.narrow(2, H + K, K).copy_(dv.transpose(1, 2))
  return dqkv


def activation(up: Tensor, mlp: str) -> List[Tensor]:
  # up (M, 2F) where gated, else (M, F) -> h (M, F); and, gated, silu of the first half
  if mlp == "swiglu":
    F = up.size(-1) // 2
    s = torch.silu(up.narrow(-1, 0, F))
    return [s * up.narrow(-1, F, F), s]
  if mlp == "relu2":
    h = torch.relu(up)
    h = h.mul_(h)
  elif mlp == "gelu":
    h = torch.gelu(up)
  else:
    h = torch.gelu(up, approximate="tanh")
  return [h, torch.empty([0], device=up.device)]


def activation_gradient(dh: Tensor, up: Tensor, s: Tensor, mlp: str) -> Tensor:
  # -> dup; dh is overwritten, s as activation has it
  if mlp == "swiglu":
    F = up.size(-1) // 2
    dup = torch.empty_like(up)
    torch.mul(dh, s, out=dup.narrow(-1, F, F))
    torch.silu_backward(dh.mul_(up.narrow(-1, F, F)), up.narrow(-1, 0, F), grad_input=dup.narrow(-1, 0, F))
    return dup
  if mlp == "relu2":
    return dh.mul_(torch.relu(up)).mul_(2)
  if mlp == "gelu":
    return torch.gelu_backward(dh, up)
  return torch.gelu_backward(dh, up, approximate="tanh")


def capped(y: Tensor, cap: float) -> Tensor:
  # cap tanh(y / cap), in the memory of y; 0 is no cap
  if cap > 0.0:
    y.div_(cap).tanh_().mul_(cap)
  return y


def capped_gradient(dy: Tensor, y: Tensor, cap: float) -> Tensor:
  # dy (1 - (y / cap)^2), y as capped gives it; dy is overwritten
  if cap > 0.0:
    dy.sub_(y.square().mul_(dy), alpha=1.0 / (cap * cap))
  return dy


# A layer is three calls, since autograd records attention and DJL has no recording call with more than
# tensors. Its weights w, the matrices in the products' format: gain and bias of attention's norm (C),
# qkv ((H + 2K) D, C) and its bias, gains of queries and of keys (D), out (C, H D) and its bias; gain and
# bias of the MLP's norm, up (2F or F, C) and its bias, down (C, F) and its bias.


def product_weights(w: List[Tensor]) -> List[Tensor]:
  # A layer's weights in the products' format, for all products of a pass
  return [
      w[0], w[1], cast(w[2]), w[3], w[4], w[5], cast(w[6]), w[7], w[8], w[9], cast(w[10]), w[11], cast(w[12]), w[13]]


def to_attention(
    x: Tensor, w: List[Tensor], T: int, heads: int, key_heads: int, eps: float, centred: bool) -> List[Tensor]:
  # x (M, C) -> qkv (B, T, H + 2K, D), and for the gradient x, normalized rows, r and m of the norm, and
  # qkv and r of before the norm of the heads
  n = norm(x, w[0], w[1], eps, centred)
  rows = cast(n[0])
  qkv = linear(rows, w[2], w[3]).view([x.size(0) // T, T, heads + 2 * key_heads, -1])
  none = torch.empty([0], device=x.device)
  if w[4].numel() > 0:
    y = head_norm(qkv, w[4], w[5], eps, heads, key_heads)
    return [y[0], x, rows, n[1], n[2], qkv, y[1]]
  return [qkv, x, rows, n[1], n[2], none, none]


def to_attention_gradient(
    dx: Tensor, dqkv: Tensor, w: List[Tensor], dw: List[Tensor], saved: List[Tensor], heads: int,
    key_heads: int) -> None:
  # Adds to dx (M, C) what passes through attention, dqkv (B, T, H + 2K, D), which is overwritten; saved:
  # to_attention's results but the first
  x, rows, r, m, qkv, rq = saved[0], saved[1], saved[2], saved[3], saved[4], saved[5]
  if w[4].numel() > 0:
    head_norm_gradient(dqkv, qkv, rq, w[4], w[5], dw[4], dw[5], heads, key_heads)
  dn = linear_gradient(dqkv.view([x.size(0), -1]), rows, w[2], dw[2], dw[3])
  add_norm_gradient(dx, dn, x, r, m, w[0], w[1], dw[0], dw[1])


def from_attention(
    x: Tensor, y: Tensor, w: List[Tensor], eps: float, centred: bool, mlp: str, parallel: bool) -> List[Tensor]:
  # x (M, C), y (B, H, T, D) -> the layer's output (M, C), and for the gradient attention's rows (M, H D),
  # what the MLP's norm reads (M, C), its rows, r and m, up, and activation's results
  rows = y.transpose(1, 2).reshape([x.size(0), -1])
  x2 = linear_added(x, rows, w[6], w[7])
  read = x2
  if parallel:
    read = x
  n = norm(read, w[8], w[9], eps, centred)
  n2 = cast(n[0])
  up = linear(n2, w[10], w[11])
  a = activation(up, mlp)
  return [linear_added(x2, a[0], w[12], w[13]), rows, read, n2, n[1], n[2], up, a[0], a[1]]


def from_attention_gradient(
    dx: Tensor, w: List[Tensor], dw: List[Tensor], saved: List[Tensor], T: int, heads: int, mlp: str,
    parallel: bool) -> Tensor:
  # dx (M, C) by the output, overwritten by the gradient by x as far as it does not pass through attention
  # -> dy (B, H, T, D). saved: from_attention's results but the first.
  rows, read, n2, r, m, up, h, s = saved[0], saved[1], saved[2], saved[3], saved[4], saved[5], saved[6], saved[7]
  g = cast(dx)
  dup = activation_gradient(linear_gradient(g, h, w[12], dw[12], dw[13]), up, s, mlp)
  dn = linear_gradient(dup, n2, w[10], dw[10], dw[11])
  if not parallel:
    add_norm_gradient(dx, dn, read, r, m, w[8], w[9], dw[8], dw[9])
    g = cast(dx)
  dy = linear_gradient(g, rows, w[6], dw[6], dw[7])
  if parallel:
    add_norm_gradient(dx, dn, read, r, m, w[8], w[9], dw[8], dw[9])
  return dy.view([dx.size(0) // T, T, heads, -1]).transpose(1, 2)


# The output head's weights: gain and bias of its norm (C), and the weight (V, C), which may be the
# embedding's.


def head_logits(x: Tensor, w: List[Tensor], eps: float, centred: bool, cap: float) -> Tensor:
  # x (M, C) -> (M, V)
  return capped(matmul(cast(norm(x, w[0], w[1], eps, centred)[0]), cast(w[2])).to(x.dtype), cap)


def head_loss(
    x: Tensor, w: List[Tensor], targets: Tensor, dw: List[Tensor], loss_weight: float, eps: float, centred: bool,
    cap: float, chunk: int) -> List[Tensor]:
  # Mean cross-entropy in nats () and, where dw is not empty, loss_weight times its gradient by x (M, C).
  # x (M, C), targets (M). Holds the logits of `chunk` rows at a time.
  M, C = x.size()
  scale = loss_weight / float(M)
  n = norm(x, w[0], w[1], eps, centred)
  rows, wc = cast(n[0]), cast(w[2])
  total = torch.zeros([], dtype=torch.float64, device=x.device)
  dn = torch.empty_like(x)
  for a in range(0, M, chunk):
    some = min(chunk, M - a)
    nc, tc = rows.narrow(0, a, some), targets.narrow(0, a, some).unsqueeze(1)
    y = capped(matmul(nc, wc).to(x.dtype), cap)  # (some, V)
    p = torch.log_softmax(y, -1)
    target = torch.gather(p, 1, tc)
    total.sub_(torch.sum(target.to(torch.float64)))
    if len(dw) > 0:
      p.exp_().scatter_(1, tc, torch.expm1(target))  # p - 1, exact where p is nearly 1
      g = cast(capped_gradient(p, y, cap))
      dn.narrow(0, a, some).copy_(input_gradient(g, wc))
      add_weight_gradient(dw[2], g, nc, scale)
  loss = total.div_(float(M)).to(x.dtype)
  if len(dw) == 0:
    return [loss]
  dx = torch.zeros_like(x)
  add_norm_gradient(dx, dn.mul_(scale), x, n[1], n[2], w[0], w[1], dw[0], dw[1])
  return [loss, dx]
