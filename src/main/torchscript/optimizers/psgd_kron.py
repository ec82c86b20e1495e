"""Whitening by a triangular matrix for each side of a weight matrix, fitted with random probes

formula: m = b1 m + (1-b1) g; x = m/(1-b1^t) + 2^-11.5 mean|x| v; A = P x Q', B = P'^-1 v Q^-1; P = P - p triu(A A' - B B') P / bound(A A' + B B'), Q alike; u = P' P (m/(1-b1^t)) Q' Q, its RMS at most max_rms; a vector and a long side have diagonals
source: Li 2018 and 2022, PSGD with Kronecker factors, as kron_torch has it; damping: stays is its code
tensors: whole
"""

beta1 = setting(0.9, "[0, 1)", "decay of the average gradient")
precond_lr = setting(0.1, "[0, 1)", "rate of the triangular matrices")
precond_init_scale = setting(1.0, "[1e-12, 1e12)", "product of the factors that they start from, times the identity")
probed = setting("momentum", "momentum | gradient", "what they are fitted to")
damping = setting("apart", "apart | stays", "whether the noise that the fit adds to the average stays in what is whitened")
max_rms = setting(1.1, "[0, inf)", "largest RMS of the direction; 0 for none")
max_precond_dim = setting(8192, "[1, 1000000]", "longest side with a triangular matrix; a longer one has a diagonal")
precondition_frequency = setting(1, "[1, 1000000]", "steps from one fit to the next")

m = state()
left = state("rows rows")
right = state("columns columns")
left_diagonal = state("rows")
right_diagonal = state("columns")
diagonal = state("vectors")
probe_noise = state("probe noise")
fresh = state("fresh")


def update(g, m, left, right, left_diagonal, right_diagonal, diagonal, probe_noise, fresh, t):
  m = average(m, g, beta1)
  # The host asks for t and fresh, since a fit in every step would take far longer.
  if float(t) == 1.0:
    left = started(left, precond_init_scale ** 0.5)
    right = started(right, precond_init_scale ** 0.5)
    left_diagonal = torch.full_like(left_diagonal, precond_init_scale ** 0.5)
    right_diagonal = torch.full_like(right_diagonal, precond_init_scale ** 0.5)
    diagonal = torch.full_like(diagonal, precond_init_scale)
  if float(fresh) > 0.0:
    v = probe_noise
    x = damped(corrected(m, beta1, t) if probed == "momentum" else g, v)
    if g.dim() == 2:
      p = left if left.dim() == 2 else left_diagonal
      q = right if right.dim() == 2 else right_diagonal.t()
      a = times(q, times(p, x).t()).t()
      b = over(q, over(p, v).t()).t()
      if left.dim() == 2:
        left = fitted(left, a, b, precond_lr)
      else:
        left_diagonal = fitted(left_diagonal, a, b, precond_lr)
      if right.dim() == 2:
        right = fitted(right, a.t(), b.t(), precond_lr)
      else:
        right_diagonal = fitted(right_diagonal.t(), a.t(), b.t(), precond_lr).t()
    else:
      d = diagonal.view([-1, 1])
      diagonal = fitted(d, d * x.view([-1, 1]), v.view([-1, 1]) / d, precond_lr).view_as(diagonal)


def direction(m, left, right, left_diagonal, right_diagonal, diagonal, probe_noise, fresh, t):
  x = corrected(m, beta1, t)
  if damping == "stays" and probed == "momentum":
    x = torch.where(fresh > 0.0, damped(x, probe_noise), x)
  if x.dim() == 2:
    p = left if left.dim() == 2 else left_diagonal
    q = right if right.dim() == 2 else right_diagonal.t()
    u = whitened(q, whitened(p, x).t()).t()
  else:
    u = diagonal * diagonal * x
  if max_rms > 0.0:
    top = torch.amax(torch.abs(u))
    y = ratio(u, top, 0.0)
    rms = torch.sqrt(torch.mean(y * y)) * top  # the largest first, so that no square overflows
    u = u * torch.clamp(ratio(torch.full_like(rms, max_rms), rms, 0.0), max=1.0)
  return u


def started(q: Tensor, scale: float) -> Tensor:
  # A side that has a diagonal holds one zero here, no matrix.
  if q.dim() != 2:
    return q
  return torch.eye(q.size(0), dtype=q.dtype, device=q.device) * scale


def damped(x: Tensor, v: Tensor) -> Tensor:
  return x + v * (torch.mean(torch.abs(x)) * 2.0 ** -11.5)


def square(q: Tensor) -> bool:
  return q.size(0) == q.size(1)


def times(q: Tensor, x: Tensor) -> Tensor:
  # Q x; a diagonal is a column.
  return torch.mm(q, x) if square(q) else q * x


def over(q: Tensor, x: Tensor) -> Tensor:
  # Q'^-1 x.
  return torch.linalg_solve_triangular(q.t(), x, upper=False) if square(q) else x / q


def whitened(q: Tensor, x: Tensor) -> Tensor:
  # Q' Q x.
  return torch.mm(q.t(), torch.mm(q, x)) if square(q) else q * q * x


def fitted(q: Tensor, a: Tensor, b: Tensor, rate: float) -> Tensor:
  # One side after a step towards A A' = B B'. A factor on A and B cancels: the largest entry is 1.
  top = torch.maximum(torch.amax(torch.abs(a)), torch.amax(torch.abs(b)))
  a, b = ratio(a, top, 0.0), ratio(b, top, 0.0)
  if not square(q):
    x, y = torch.sum(a * a, [1], True), torch.sum(b * b, [1], True)
    return q - q * ratio(x - y, torch.amax(x + y), 0.0) * rate
  x, y = torch.mm(a, a.t()), torch.mm(b, b.t())
  n = x + y
  # From below, the largest eigenvalue of n.
  longest = torch.argmax(torch.sum(n * n, [0]))
  z = torch.mv(n, torch.index_select(n, 1, longest.view([1])).view([-1]))
  bound = torch.linalg_vector_norm(torch.mv(n, ratio(z, torch.linalg_vector_norm(z), 0.0)))
  return q - torch.mm(ratio(torch.triu(x - y), bound, 0.0), q) * rate
