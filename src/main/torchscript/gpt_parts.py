# Parts of the passes that gpt_cpu.py and gpt_gpu.py share. Shapes as there.


def embed(w: Tensor, tokens: Tensor) -> Tensor:
  # w (V, C), tokens (M) -> (M, C)
  return torch.embedding(w, tokens)


def embed_gradient(dx: Tensor, tokens: Tensor, dw: Tensor) -> None:
  # dx (M, C), tokens (M); adds to dw (V, C)
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
  # q, k, v (B, H, T, D), mask (T, T) -> y (B, H, T, D), and after it the probabilities of each block
  # of n queries by the keys that it may see, (B H, n, keys). Blocks leave most of the masked half out
  # and stay in cache.
  B, H, T, D = q.size()
  q, k, v = q.reshape([B * H, T, D]), k.reshape([B * H, T, D]), v.reshape([B * H, T, D])
  y = torch.empty_like(q)
  results = [y.view([B, H, T, D])]
  for a in range(0, T, 64):
    n = min(64, T - a)
    scores = torch.baddbmm(
        mask.narrow(0, a, n).narrow(1, 0, a + n), q.narrow(1, a, n), k.narrow(1, 0, a + n).transpose(1, 2),
        beta=1, alpha=D ** -0.5)
    p = torch.softmax(scores, -1)
    y.narrow(1, a, n).copy_(torch.bmm(p, v.narrow(1, 0, a + n)))
    results.append(p)
  return results


def attention_in_blocks_gradient(
    dy: Tensor, q: Tensor, k: Tensor, v: Tensor, probabilities: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
  # -> dq, dk, dv, (B, H, T, D) each, float32 as the sums over blocks are
  B, H, T, D = q.size()
  g = dy.reshape([B * H, T, D])
  q, k, v = q.reshape([B * H, T, D]), k.reshape([B * H, T, D]), v.reshape([B * H, T, D])
  d = torch.zeros([3, B * H, T, D], dtype=torch.float32, device=q.device)
  dq, dk, dv = d.select(0, 0), d.select(0, 1), d.select(0, 2)
  for i in range(len(probabilities)):
    a, p = 64 * i, probabilities[i]
    n = p.size(1)
    gi = g.narrow(1, a, n)
    dv.narrow(1, 0, a + n).add_(torch.bmm(p.transpose(1, 2), gi))
    dp = torch.bmm(gi, v.narrow(1, 0, a + n).transpose(1, 2))
    ds = torch._softmax_backward_data(dp, p, -1, p.dtype)
    dq.narrow(1, a, n).add_(torch.bmm(ds, k.narrow(1, 0, a + n)), alpha=D ** -0.5)
    dk.narrow(1, 0, a + n).add_(torch.bmm(ds.transpose(1, 2), q.narrow(1, a, n)), alpha=D ** -0.5)
  return dq.view([B, H, T, D]), dk.view([B, H, T, D]), dv.view([B, H, T, D])
