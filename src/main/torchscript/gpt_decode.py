# The GPT's forward pass for inference, composed of the parts in gpt_layers.py: some tokens at a time behind
# those whose keys and values lie in a cache, for all switches of the model. No gradients, and one call for
# all layers: a token takes a few hundred small operations and one pass over the weights.
#
# Shapes: M new tokens behind `start` cached ones, S = start + M, C width, H query heads in K groups of
# G = H / K with a key head each, D head size, F hidden width of the MLP, V vocabulary. A tensor without
# elements stands for a part that the model lacks.


def product(x: Tensor, w: Tensor, bias: Tensor) -> Tensor:
  # linear, of which a single row runs at the memory's speed: x (M, N), w (O, N), bias (O) -> (M, O)
  if x.size(0) > 1:
    return linear(x, w, bias)
  y = torch.mv(w, x.select(0, 0)).unsqueeze(0)
  return y + bias if bias.numel() > 0 else y


def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  # x (M, heads, D) at its positions; cos, sin (M, 1, R/2)
  y = torch.empty_like(x, memory_format=torch.contiguous_format)
  rotate_into(y, x, cos, sin, 1.0)
  return y


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
  # shared: embedding (V, C), positions (context, C), the last norm's gain and bias (C), head (V, C), cos
  # and sin (context, R/2). weights: 14 a layer, as gpt_layers.py has them. caches: (2, K, context, D) a layer.
  M = tokens.size(0)
  none = torch.empty([0], device=tokens.device)
  x = embed_places(tokens, torch.arange(start, start + M, device=tokens.device).unsqueeze(0), shared[0], shared[1])
  cos, sin = shared[5].narrow(0, start, M).unsqueeze(1), shared[6].narrow(0, start, M).unsqueeze(1)
  for i in range(len(caches)):
    w = weights[14 * i:14 * i + 14]
    n = norm(x, w[0], w[1], eps, centred)[0]
    qkv = product(n, w[2], w[3]).view([1, M, heads + 2 * key_heads, -1])
    if w[4].numel() > 0:
      qkv = head_norm(qkv, w[4], w[5], eps, heads, key_heads)[0]
    qkv = qkv.squeeze(0)
    q, k = turned(qkv.narrow(1, 0, heads), cos, sin), turned(qkv.narrow(1, heads, key_heads), cos, sin)
    y = attend(q, k, qkv.narrow(1, heads + key_heads, key_heads), caches[i], start)
    between = x + product(y, w[6], w[7])
    n = norm(x if parallel else between, w[8], w[9], eps, centred)[0]
    x = between + product(activation(product(n, w[10], w[11]), mlp)[0], w[12], w[13])
  if not every:
    x = x.narrow(0, M - 1, 1)
  return capped(product(norm(x, shared[2], shared[3], eps, centred)[0], shared[4], none).to(torch.float32), cap)


def score(
    tokens: Tensor, targets: Tensor, start: int, shared: List[Tensor], weights: List[Tensor], caches: List[Tensor],
    heads: int, key_heads: int, centred: bool, eps: float, mlp: str, parallel: bool, cap: float) -> Tensor:
  # The logarithm of the probability of each target behind its token: tokens, targets (M) -> (M)
  y = decode(tokens, start, shared, weights, caches, heads, key_heads, centred, eps, mlp, parallel, cap, True)
  return torch.gather(torch.log_softmax(y, -1), 1, targets.unsqueeze(1)).squeeze(1)
