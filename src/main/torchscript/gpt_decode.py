# The GPT's forward pass for inference: some tokens at a time behind those whose keys and values lie in
# a cache, for all switches of the model. No gradients, and one call for all layers: a token takes a few
# hundred small operations and one pass over the weights.
#
# Shapes: M new tokens behind `start` cached ones, S = start + M, C width, H query heads in K groups of
# G = H / K with a key head each, D head size, F hidden width of the MLP, V vocabulary. A tensor without
# elements stands for a part that the model lacks.


def product(x: Tensor, w: Tensor, bias: Tensor) -> Tensor:
  # x w^T + bias: x (M, N), w (O, N), bias (O) -> (M, O). A single row runs at the memory's speed.
  y = torch.mv(w, x.select(0, 0)).unsqueeze(0) if x.size(0) == 1 else matmul(x, w)
  return y + bias if bias.numel() > 0 else y


def rms(x: Tensor, gain: Tensor, eps: float) -> Tensor:
  return torch.rsqrt(torch.mean(x * x, [-1], True).add_(eps)).mul(x).mul_(gain)


def normed(x: Tensor, gain: Tensor, bias: Tensor, centred: bool, eps: float) -> Tensor:
  # RMSNorm, or LayerNorm with or without a bias: x (M, C)
  if not centred:
    return rms(x, gain, eps)
  y = rms(x - torch.mean(x, [-1], True), gain, eps)
  return y + bias if bias.numel() > 0 else y


def rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  # x (M, heads, D); cos, sin (M, 1, R/2)
  half = cos.size(-1)
  if half == 0:
    return x
  a, b = x.narrow(-1, 0, half), x.narrow(-1, half, half)
  rest = x.narrow(-1, 2 * half, x.size(-1) - 2 * half)
  return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], -1)


def activated(up: Tensor, F: int, mlp: str) -> Tensor:
  # up (M, 2F) of a gated MLP, else (M, F) -> (M, F)
  if mlp == "swiglu":
    return torch.silu(up.narrow(-1, 0, F)) * up.narrow(-1, F, F)
  if mlp == "gelu":
    return torch.gelu(up)
  if mlp == "gelu_tanh":
    return torch.gelu(up, approximate="tanh")
  return torch.square(torch.relu(up))


def attend(q: Tensor, k: Tensor, v: Tensor, cache: Tensor, start: int) -> Tensor:
  # q (M, H, D), k, v (M, K, D), cache (2, K, context, D) -> (M, H D); writes k and v into the cache.
  M, H, D = q.size()
  K, S = k.size(1), start + q.size(0)
  cache.select(0, 0).narrow(1, start, M).copy_(k.transpose(0, 1))
  cache.select(0, 1).narrow(1, start, M).copy_(v.transpose(0, 1))
  keys, values = cache.select(0, 0).narrow(1, 0, S), cache.select(0, 1).narrow(1, 0, S)
  rows = q.view([M, K, H // K, D]).permute([1, 2, 0, 3]).reshape([K, -1, D])  # (K, G M, D)
  scores = torch.bmm(rows, keys.transpose(1, 2)).mul_(D ** -0.5)
  if M > 1:
    later = torch.triu(torch.ones([M, S], dtype=q.dtype, device=q.device), start + 1)
    scores = scores.view([K, H // K, M, S]).sub_(later.mul_(1.0e30)).view([K, -1, S])
  y = torch.bmm(torch.softmax(scores, -1), values)  # (K, G M, D)
  return y.view([K, H // K, M, D]).permute([2, 0, 1, 3]).reshape([M, H * D])


def decode(
    tokens: Tensor, start: int, shared: List[Tensor], weights: List[Tensor], caches: List[Tensor], heads: int,
    key_heads: int, centred: bool, eps: float, mlp: str, parallel: bool, cap: float, every: bool) -> Tensor:
  # tokens (M) int64 -> logits (M, V), or with every false those behind the last one, (1, V).
  # shared: embedding (V, C), positions (context, C), cos, sin (context, R/2), the last norm's gain and
  # bias (C), head (V, C). weights, 14 a layer: attention's norm, gain and bias; qkv ((H + 2K) D, C) and
  # bias; gains of queries and keys (D); out (C, H D) and bias; the MLP's norm, gain and bias; up and
  # bias; down (C, F) and bias. caches: (2, K, context, D) a layer.
  M = tokens.size(0)
  x = torch.embedding(shared[0], tokens)
  if shared[1].numel() > 0:
    x = x + shared[1].narrow(0, start, M)
  cos, sin = shared[2].narrow(0, start, M).unsqueeze(1), shared[3].narrow(0, start, M).unsqueeze(1)
  for i in range(len(caches)):
    w = weights[14 * i:14 * i + 14]
    D = w[2].size(0) // (heads + 2 * key_heads)
    n = normed(x, w[0], w[1], centred, eps)
    qkv = product(n, w[2], w[3]).view([M, heads + 2 * key_heads, D])
    q, k = qkv.narrow(1, 0, heads), qkv.narrow(1, heads, key_heads)
    if w[4].numel() > 0:
      q, k = rms(q, w[4], eps), rms(k, w[5], eps)
    y = attend(
        rotated(q, cos, sin), rotated(k, cos, sin), qkv.narrow(1, heads + key_heads, key_heads), caches[i], start)
    between = x + product(y, w[6], w[7])
    n = normed(x if parallel else between, w[8], w[9], centred, eps)
    h = activated(product(n, w[10], w[11]), w[12].size(1), mlp)
    x = between + product(h, w[12], w[13])
  if not every:
    x = x.narrow(0, M - 1, 1)
  n = normed(x, shared[4], shared[5], centred, eps)
  y = product(n, shared[6], shared[5].narrow(0, 0, 0)).to(torch.float32)
  return torch.tanh(y / cap) * cap if cap > 0.0 else y


def score(
    tokens: Tensor, targets: Tensor, start: int, shared: List[Tensor], weights: List[Tensor], caches: List[Tensor],
    heads: int, key_heads: int, centred: bool, eps: float, mlp: str, parallel: bool, cap: float) -> Tensor:
  # The logarithm of the probability of each target behind its token: tokens, targets (M) -> (M)
  y = decode(tokens, start, shared, weights, caches, heads, key_heads, centred, eps, mlp, parallel, cap, True)
  return torch.gather(torch.log_softmax(y, -1), 1, targets.unsqueeze(1)).squeeze(1)
