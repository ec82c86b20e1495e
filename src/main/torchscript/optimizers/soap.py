"""Adam in the eigenvectors of Shampoo's statistics

formula: L = s L + (1-s) g g', R = s R + (1-s) g' g; P, Q their eigenvectors at t = 2, then at every f-th step the Q factors of L P and R Q; m = b1 m + (1-b1) g; v = b2 v + (1-b2) (P' g Q)^2; u = sqrt(1-b2^k)/(1-b1^k) P [P' m Q / (sqrt(v) + eps)] Q', k = t-1; at t = 1 u = 0
source: Vyas et al. 2024, as the authors' code has it; decay: last is theirs
claims: odd
tensors: matrices
first: still
"""

beta1 = setting(0.95, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.95, "[0, 1)", "decay of the average square")
shampoo_beta = setting("beta2", "beta2 | [0, 1]", "decay of the statistics")
eps = setting(1e-8, "[0, inf)", "added to the root, which is not corrected")
precondition_frequency = setting(10, "[1, 1000000]", "steps from one update of the eigenvectors to the next")
max_precond_dim = setting(10000, "[1, 1000000]", "longest side with statistics; a longer one keeps its axes")
bias_correction = setting(True, "true | false", "multiply by sqrt(1 - beta2^k) / (1 - beta1^k)")
normalize_grads = setting(False, "true | false", "divide what is rotated back by its RMS")

m = state()
v = state()
left = state("rows rows")
right = state("columns columns")
left_basis = state("rows rows")
right_basis = state("columns columns")


def update(g, m, v, left, right, left_basis, right_basis, t):
  # The eigenvectors of the step before are brought up to date here: direction reads those that the
  # step used. The host asks for t, since a factorisation in every step would take far longer.
  k = int(t) - 1
  if k == 1:
    left_basis = eigenvectors(left)
    right_basis = eigenvectors(right)
  elif k > 1 and (k - 1) % precondition_frequency == 0:
    a = by_size(left, left_basis, v.size(0))
    b = by_size(right, right_basis, v.size(1))
    v = torch.index_select(torch.index_select(v, 0, a), 1, b)
    left_basis = iterated(left, left_basis, a)
    right_basis = iterated(right, right_basis, b)
  if k > 0:
    x = rotated(g, left_basis, right_basis)
    m = average(m, g, beta1)
    v = average(v, x * x, beta2)
  s = beta2 if shampoo_beta_is_beta2 else shampoo_beta
  if left.dim() == 2:
    left = average(left, torch.mm(g, g.t()), s)
  if right.dim() == 2:
    right = average(right, torch.mm(g.t(), g), s)


def direction(g, m, v, left_basis, right_basis, t):
  x = ratio(rotated(m, left_basis, right_basis), torch.sqrt(v).add_(eps), eps)
  u = rotated(x, left_basis.t(), right_basis.t())
  if normalize_grads:
    u = ratio(u, torch.sqrt(torch.mean(u * u)), 0.0)
  if bias_correction:
    k = torch.clamp(t - 1.0, min=1.0)
    u = u * (torch.sqrt(1.0 - torch.pow(beta2, k)) / (1.0 - torch.pow(beta1, k))).to(u.dtype)
  return u


def rotated(x: Tensor, p: Tensor, q: Tensor) -> Tensor:
  # P' x Q. A side without statistics holds one zero, no matrix, and stays.
  y = torch.mm(p.t(), x) if p.dim() == 2 else x
  return torch.mm(y, q) if q.dim() == 2 else y


def eigenvectors(s: Tensor) -> Tensor:
  # Columns, the largest eigenvalue first.
  if s.dim() != 2:
    return s
  values, vectors = torch.linalg_eigh(s)
  return torch.flip(vectors, [1])


def by_size(s: Tensor, p: Tensor, n: int) -> Tensor:
  # The order of P's columns, the largest p' S p first; equal ones stay as they are.
  if s.dim() != 2:
    return torch.arange(n, device=s.device)
  values, order = torch.sort(torch.sum(p * torch.mm(s, p), [0]), stable=True, dim=0, descending=True)
  return order


def iterated(s: Tensor, p: Tensor, order: Tensor) -> Tensor:
  # A step of orthogonal iteration. No sign of a column matters: u has each vector twice.
  if s.dim() != 2:
    return s
  q, r = torch.linalg_qr(torch.mm(s, torch.index_select(p, 1, order)))
  return q
