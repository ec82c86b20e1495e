# What a step is given beside its gradient. Random numbers depend on a key and a position alone, so
# that they are the same on every device, and a run that is resumed draws what it would have drawn.


def mixed(x: Tensor) -> Tensor:
  # The mixing of SplitMix64; >> keeps the sign, which the masks take away.
  x = (x ^ ((x >> 30) & 0x3FFFFFFFF)) * -4658895280553007687
  x = (x ^ ((x >> 27) & 0x1FFFFFFFFF)) * -7723592293110705685
  return x ^ ((x >> 31) & 0x1FFFFFFFF)


def uniform(like: Tensor, first: int, n: int, key: int) -> Tensor:
  # Numbers first, ..., first + n - 1 of a key, float64 in (0, 1).
  i = torch.arange(first, first + n, dtype=torch.int64, device=like.device)
  x = mixed(mixed(i * -7046029254386353131 + key))
  return ((x >> 11) & 0x1FFFFFFFFFFFFF).to(torch.float64) * 2.0 ** -53 + 2.0 ** -54


def draw(logits: Tensor, key: int) -> Tensor:
  # A label at each position, with the probabilities of the logits (..., V): Gumbel's way, the
  # largest of logit - log(-log(uniform)). In pieces, since float64 noise is large.
  v = logits.size(-1)
  x = logits.reshape([-1, v])
  labels: List[Tensor] = []
  piece = 64
  for a in range(0, x.size(0), piece):
    rows = x.narrow(0, a, min(piece, x.size(0) - a)).to(torch.float64)
    noise = uniform(x, a * v, rows.numel(), key).view_as(rows)
    labels.append(torch.argmax(rows - torch.log(-torch.log(noise)), -1))
  return torch.cat(labels)


def exchange(grads: List[Tensor], kept: List[Tensor], factor: float, fresh: List[Tensor]) -> None:
  # The gradients that were kept come back; what was in their place is kept, times a factor. Fresh
  # says whether all of that is finite.
  total = torch.zeros([], dtype=torch.float64, device=grads[0].device)
  for i in range(len(grads)):
    x = grads[i] * factor
    total = total + torch.linalg_vector_norm(x).to(torch.float64)
    grads[i].copy_(kept[i])
    kept[i].copy_(x)
  for f in fresh:
    f.fill_(0.0).add_(torch.isfinite(total).to(f.dtype))


def swap(a: List[Tensor], b: List[Tensor]) -> None:
  for i in range(len(a)):
    x = a[i].clone()
    a[i].copy_(b[i])
    b[i].copy_(x)


def give_earlier(grads: List[Tensor], kept: List[Tensor], max_norm: float, limit: float) -> None:
  # As exchange, but clipped as a step's gradients are. What is not finite gives way to the step's
  # own gradients, and so to a difference of zero.
  squares: List[Tensor] = []
  for g in grads:
    squares.append(torch.linalg_vector_norm(g).to(torch.float64))
  norm = torch.linalg_vector_norm(torch.stack(squares))
  scale = torch.clamp(max_norm / torch.clamp(norm, min=1e-300), max=1.0) if max_norm > 0.0 else torch.ones_like(norm)
  for i in range(len(grads)):
    x = grads[i] * scale.to(grads[i].dtype)
    if limit > 0.0:
      x = torch.clamp(x, -limit, limit)
    grads[i].copy_(kept[i])
    kept[i].copy_(torch.where(torch.isfinite(norm), x, kept[i]))


def mark(fresh: List[Tensor], value: float) -> None:
  # Whether there is something new at this step.
  for f in fresh:
    f.fill_(value)


def give_noise(to: Tensor, key: int) -> None:
  # Gaussian numbers, by Box and Muller. In pieces, since float64 is large, and so short that threads
  # do not part them: an operator may round the last few numbers of a part otherwise.
  x = to.view([-1])
  piece = 1 << 15
  for a in range(0, x.size(0), piece):
    n = min(piece, x.size(0) - a)
    r = torch.sqrt(torch.log(uniform(x, 2 * a, n, key)) * -2.0)
    x.narrow(0, a, n).copy_(r * torch.cos(uniform(x, 2 * a + n, n, key) * 6.283185307179586))


def give_loss(losses: List[Tensor], to: List[Tensor]) -> None:
  # The mean over the micro-batches.
  mean = torch.mean(torch.stack(losses).to(torch.float64))
  for x in to:
    x.zero_().add_(mean)
