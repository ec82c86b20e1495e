# The arithmetic of the GPT: one function a part of the model, one method a call from Java.
#
# Shapes: B sequences, T tokens, C width, H heads, D = C / H, F hidden width of the MLP, V vocabulary.
# Everything works on the trailing dimensions, so that a leading axis can be added later.
#
# linear_path: 0 torch.linear, 1 oneDNN, both in float32; 2 bfloat16 with float32 weights outside.
# dtype codes: 15 is bfloat16, 6 is float32.


def linear(x: Tensor, w: Tensor, linear_path: int) -> Tensor:
  # x (..., in), w (out, in) -> (..., out)
  if linear_path == 2:
    return torch.linear(x.to(15), w.to(15))
  if linear_path == 1:
    return torch.to_dense(torch.mkldnn_linear(torch.to_mkldnn(x), w))
  return torch.linear(x, w)


def rms_norm(x: Tensor, gain: Tensor, eps: float) -> Tensor:
  # x (..., C), gain (C): x / sqrt(mean(x^2) + eps) * gain
  return x * torch.rsqrt(torch.mean(x * x, [-1], True) + eps) * gain


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  # Rotary position embedding of the first R = 2 * cos.size(-1) dimensions of each head; pair i is
  # (x_i, x_{i + R/2}). x (B, H, T, D); cos, sin (T, R/2).
  half = cos.size(-1)
  if half == 0:
    return x
  a = x.narrow(-1, 0, half)
  b = x.narrow(-1, half, half)
  if 2 * half == x.size(-1):
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
  rest = x.narrow(-1, 2 * half, x.size(-1) - 2 * half)
  return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], -1)


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, fused: bool) -> Tensor:
  # q, k, v (B, H, T, D) -> (B, H, T, D), causal. mask (T, T): 0 where a token may look, else -inf.
  if fused:
    return torch.scaled_dot_product_attention(q, k, v, None, 0.0, True)
  B, H, T, D = q.size()
  scores = torch.baddbmm(
      mask.to(q), q.reshape([B * H, T, D]), k.reshape([B * H, T, D]).transpose(1, 2),
      beta=1, alpha=D ** -0.5)
  p = torch.softmax(scores, -1)
  return torch.bmm(p, v.reshape([B * H, T, D])).reshape([B, H, T, D])


def layer(
    x: Tensor, attention_gain: Tensor, w_qkv: Tensor, w_out: Tensor,
    mlp_gain: Tensor, w_up: Tensor, w_down: Tensor,
    cos: Tensor, sin: Tensor, mask: Tensor,
    heads: int, eps: float, linear_path: int, fused_attention: bool) -> Tensor:
  # x (B, T, C) -> (B, T, C); w_qkv (3C, C), w_out (C, C), w_up (2F, C), w_down (C, F); the tables
  # cos, sin (context, R/2) and mask (context, context) are cut to T
  B, T, C = x.size()
  cos, sin, mask = cos.narrow(0, 0, T), sin.narrow(0, 0, T), mask.narrow(0, 0, T).narrow(1, 0, T)
  qkv = __torch__.linear(__torch__.rms_norm(x, attention_gain, eps), w_qkv, linear_path)
  qkv = qkv.view([B, T, 3, heads, C // heads]).permute([2, 0, 3, 1, 4])  # (3, B, H, T, D)
  q = __torch__.rotate(qkv.select(0, 0), cos.to(qkv), sin.to(qkv))
  k = __torch__.rotate(qkv.select(0, 1), cos.to(qkv), sin.to(qkv))
  y = __torch__.attend(q, k, qkv.select(0, 2), mask, fused_attention)  # (B, H, T, D)
  y = y.transpose(1, 2).reshape([B, T, C])
  x = x + __torch__.linear(y, w_out, linear_path)
  up = __torch__.linear(__torch__.rms_norm(x, mlp_gain, eps), w_up, linear_path)  # (B, T, 2F)
  F = w_down.size(1)
  h = torch.silu(up.narrow(-1, 0, F)) * up.narrow(-1, F, F)  # SwiGLU, (B, T, F)
  return x + __torch__.linear(h, w_down, linear_path)


def logits(x: Tensor, gain: Tensor, w: Tensor, eps: float, linear_path: int) -> Tensor:
  # x (B, T, C), w (V, C) -> (B, T, V), float32
  return __torch__.linear(__torch__.rms_norm(x, gain, eps), w, linear_path).to(6)


def loss(
    x: Tensor, gain: Tensor, w: Tensor, targets: Tensor, eps: float, linear_path: int) -> Tensor:
  # Mean cross-entropy in nats: x (B, T, C), w (V, C), targets (B, T) int64 -> ()
  y = __torch__.logits(x, gain, w, eps, linear_path)
  return torch.cross_entropy_loss(y.view([-1, w.size(0)]), targets.view([-1]))
