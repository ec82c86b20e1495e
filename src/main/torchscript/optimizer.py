# What optimizers share. An optimizer's own arithmetic stands in its file in optimizers.


def square_sum(x: Tensor) -> Tensor:
  # Sum of squares, (); the dot product of a short piece keeps float32 accurate.
  y = x.reshape([-1])
  return torch.dot(y, y)


def ratio(x: Tensor, d: Tensor, eps: float) -> Tensor:
  # x / d where d > 0; without an eps, or with one that float32 rounds to 0, 0 / 0 can occur and
  # counts as 0.
  y = x / d
  if eps > 1e-37:
    return y
  return torch.where(d == 0.0, torch.zeros_like(y), y)


def average(m: Tensor, x: Tensor, beta: float, gate: Tensor) -> Tensor:
  # m <- beta m + (1 - beta) x in place; gate, 1 or 0 of m's type, is added where a file is read.
  return m.lerp_(x, gate * (1.0 - beta))


def average_from_first(m: Tensor, x: Tensor, beta: float, t: Tensor, gate: Tensor) -> Tensor:
  # The same, but m <- x at t = 1. The host does not ask for t, which may be on a GPU.
  new = torch.where(t == 1.0, torch.ones_like(t), torch.full_like(t, 1.0 - beta))
  return m.lerp_(x, gate * new.to(m.dtype))


def accumulate(m: Tensor, x: Tensor, beta: float, dampening: float, t: Tensor, gate: Tensor) -> Tensor:
  # m <- beta m + (1 - dampening) x in place, but m <- x at t = 1, where m is still 0.
  new = torch.where(t == 1.0, torch.ones_like(t), torch.full_like(t, 1.0 - dampening))
  return m.mul_(1.0 - gate * (1.0 - beta)).addcmul_(x, gate * new.to(m.dtype))


def corrected(m: Tensor, beta: float, t: Tensor) -> Tensor:
  # m / (1 - beta^t), the sum of an average's weights. Once that has rounded to 1, m itself, a pass
  # over memory less: to be read only. On a GPU the host does not know it.
  total = (1.0 - torch.pow(beta, t)).to(m.dtype)
  if not total.is_cuda and float(total) == 1.0:
    return m
  return m / total


def decay_at(low: float, high: float, warmup: float, t: Tensor) -> Tensor:
  # A decay that grows from low to high in some steps, AdEMAMix's way: its half-life grows linearly,
  # h(b) = ln(1/2) / ln(b) - 1. The authors add 1e-8 to b.
  if warmup == 0.0:
    return torch.full_like(t, high)
  half = torch.log(torch.full_like(t, 0.5))
  a = half / torch.log(torch.full_like(t, low + 1e-8)) - 1.0
  b = half / torch.log(torch.full_like(t, high + 1e-8)) - 1.0
  share = t / warmup
  grown = torch.pow(torch.full_like(t, 0.5), 1.0 / ((1.0 - share) * a + share * b + 1.0))
  return torch.where(t < warmup, grown, torch.full_like(t, high))


def orthogonal(x: Tensor, steps: int, eps: float = 0.0, convergent: bool = False) -> Tensor:
  # The orthogonal factor of a matrix, nearly: Newton-Schulz from x / (|x| + eps), whose singular
  # values go by s <- f s + b s^3 + c s^5: to 0.68..1.14 in 5 steps, or, convergent, to 1 in 12.
  # The smaller side makes the smaller A; the largest entry first, so that no square underflows.
  f, b, c = (2.0, -1.5, 0.5) if convergent else (3.4445, -4.775, 2.0315)
  tall = x.size(0) > x.size(1)
  y = x.t() if tall else x
  top = torch.amax(torch.abs(y), [0, 1])
  y = ratio(y, top, 0.0)
  norm = torch.linalg_vector_norm(y)
  y = ratio(y, norm + eps / top if eps > 0.0 else norm, 0.0)
  for i in range(steps):
    a = torch.mm(y, y.t())
    p = torch.mm(a, a).mul_(c).add_(a, alpha=b)
    y = torch.mm(p, y).add_(y, alpha=f)
  return y.t() if tall else y


def update_scale(x: Tensor, kind: str) -> float:
  # What brings an orthogonal factor to the size of an update, by the shape (rows, columns) of x.
  rows, columns = float(x.size(0)), float(x.size(1))
  if kind == "match_rms_adamw":
    return 0.2 * max(rows, columns) ** 0.5
  least = 0.0 if kind == "ratio" else 1.0
  return max(least, rows / columns) ** 0.5


def steepest(m: Tensor, norm: str, eps: float) -> Tensor:
  # What has the largest inner product with a matrix in the unit ball of one of Scion's norms.
  if norm == "sign":
    return torch.sign(m) / m.size(1)
  by_row = norm == "row_norm"
  squares = torch.sum(m * m, [1 if by_row else 0], True)
  factor = float(m.size(1)) ** 0.5 if by_row else float(m.size(0)) ** -0.5
  return ratio(m, torch.sqrt(squares).mul_(factor).add_(eps), eps)


def inverse_root(s: Tensor, eps: float, ridge: float, exponent: float) -> Tensor:
  # (S + (eps + ridge lmax) I)^-e of a symmetric matrix S with the largest eigenvalue lmax. What is
  # below the rounding of lmax is rounding, and may be negative; 0 to a negative power counts as 0.
  values, vectors = torch.linalg_eigh(s)
  top = torch.amax(values)
  x = values.add(eps)
  if ridge > 0.0:
    x = x + top * ridge
  x = torch.maximum(x, top * (1.2e-7 if s.dtype == torch.float32 else 2.2e-16))
  powers = torch.where(x > 0.0, torch.pow(x, -exponent), torch.zeros_like(x))
  return torch.mm(vectors * powers, vectors.t())


def fused_adamw(params: List[Tensor], grads: List[Tensor], ms: List[Tensor], vs: List[Tensor], t: Tensor, gate: Tensor, lr: float, beta1: float, beta2: float, eps: float, decay: float) -> None:
  # All of AdamW in one operator; found_inf makes it skip, as gate does in the loop.
  t.add_(gate)
  now = t.to(torch.float32)
  counts: List[Tensor] = []
  for i in range(len(params)):
    counts.append(now)
  none = annotate(List[Tensor], [])
  torch._fused_adamw_(params, grads, ms, vs, none, counts, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=None, found_inf=(1.0 - gate).to(torch.float32))
