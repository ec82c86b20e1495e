# Parts of the passes that gpt_cpu.py, gpt_gpu.py and gpt_layers.py share. Shapes as there. In all of them the
# gradient of a frozen weight is an empty tensor, and nothing is computed for it.


def embed(w: Tensor, tokens: Tensor) -> Tensor:
  # w (V, C), tokens (M) -> (M, C)
  return torch.embedding(w, tokens)


def embed_gradient(dx: Tensor, tokens: Tensor, dw: Tensor) -> None:
  # dx (M, C), tokens (M); adds to dw (V, C)
  if dw.numel() > 0:
    dw.index_add_(0, tokens, dx)


def logits(x: Tensor, gain: Tensor, w: Tensor, eps: float) -> Tensor:
  # x (M, C), gain (C), w (V, C) -> (M, V)
  return matmul(cast((x * inverse_rms(x, eps)).mul_(gain)), cast(w)).to(torch.float32)


def rotate_into(out: Tensor, x: Tensor, cos: Tensor, sin: Tensor, sign: float) -> None:
  # Rotary positions of x into out, (..., D) each; sign -1 turns back. cos, sin (..., R/2), broadcast
  half = cos.size(-1)
  a, b = x.narrow(-1, 0, half), x.narrow(-1, half, half)
  u, v = out.narrow(-1, 0, half), out.narrow(-1, half, half)
  torch.mul(a, cos, out=u).addcmul_(b, sin, value=-sign)
  torch.mul(b, cos, out=v).addcmul_(a, sin, value=sign)
  rest = x.size(-1) - 2 * half
  if rest > 0:
    out.narrow(-1, 2 * half, rest).copy_(x.narrow(-1, 2 * half, rest))


def attention_in_blocks(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> List[Tensor]:
  # q (B, H, T, D), k, v (B, K, T, D), mask (T, T) or (B, T, T) -> y (B, H, T, D), and after it the
  # probabilities of each block of n queries by the keys that it may see, (B K, G n, keys): the G = H / K
  # query heads that read the same keys are rows of one product. Blocks leave most of the masked half out
  # and stay in cache.
  B, H, T, D = q.size()
  K = k.size(1)
  G = H // K
  q, k, v = q.reshape([B * K, G, T, D]), k.reshape([B * K, T, D]), v.reshape([B * K, T, D])
  y = torch.empty_like(q)
  results = [y.view([B, H, T, D])]
  for a in range(0, T, 64):
    n = min(64, T - a)
    visible = mask.narrow(-2, a, n).narrow(-1, 0, a + n)
    if visible.dim() == 3:
      visible = visible.view([B, 1, 1, n, a + n]).expand([B, K, G, n, a + n]).reshape([B * K, G * n, a + n])
    elif G > 1:
      visible = visible.repeat([G, 1])
    scores = torch.baddbmm(
        visible, q.narrow(2, a, n).reshape([B * K, G * n, D]), k.narrow(1, 0, a + n).transpose(1, 2),
        beta=1, alpha=D ** -0.5)
    p = torch.softmax(scores, -1)
    y.narrow(2, a, n).copy_(torch.bmm(p, v.narrow(1, 0, a + n)).view([B * K, G, n, D]))
    results.append(p)
  return results


def attention_in_blocks_gradient(
    dy: Tensor, q: Tensor, k: Tensor, v: Tensor, probabilities: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
  # -> dq (B, H, T, D), dk, dv (B, K, T, D), not in bfloat16, as they are sums over blocks
  B, H, T, D = q.size()
  K = k.size(1)
  G = H // K
  sums = q.dtype
  if sums == torch.bfloat16:
    sums = torch.float32
  g = dy.reshape([B * K, G, T, D])
  q, k, v = q.reshape([B * K, G, T, D]), k.reshape([B * K, T, D]), v.reshape([B * K, T, D])
  dq = torch.zeros([B * K, G, T, D], dtype=sums, device=q.device)
  d = torch.zeros([2, B * K, T, D], dtype=sums, device=q.device)
  dk, dv = d.select(0, 0), d.select(0, 1)
  for i in range(len(probabilities)):
    a, p = 64 * i, probabilities[i]
    n = p.size(1) // G
    gi = g.narrow(2, a, n).reshape([B * K, G * n, D])
    qi = q.narrow(2, a, n).reshape([B * K, G * n, D])
    dv.narrow(1, 0, a + n).add_(torch.bmm(p.transpose(1, 2), gi))
    dp = torch.bmm(gi, v.narrow(1, 0, a + n).transpose(1, 2))
    ds = torch._softmax_backward_data(dp, p, -1, p.dtype)
    dq.narrow(2, a, n).add_(torch.bmm(ds, k.narrow(1, 0, a + n)).view([B * K, G, n, D]), alpha=D ** -0.5)
    dk.narrow(1, 0, a + n).add_(torch.bmm(ds.transpose(1, 2), qi), alpha=D ** -0.5)
  return dq.view([B, H, T, D]), dk.view([B, K, T, D]), dv.view([B, K, T, D])
