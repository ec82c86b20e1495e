"""Google's Shampoo: the preconditioned gradient at the length of another rule's step

formula: L = b2 L + (1-b2) g g', R = b2 R + (1-b2) g' g from ridge I, sums if b2 = 1; x = L~^-e g R~^-e, S~ = S + ridge lmax(S) I; d = x |s| / |x|, s the graft's step: g, or g / (sqrt(sum g^2) + eps); m = b1 m + d; u = b1 m + d
source: Anil et al. 2020, arXiv 2002.09018; grafting, Agarwal et al. 2020; with twice, gradient, ridge_stays and decay_in_momentum the authors' PyTorch code
claims: odd
tensors: matrices
"""

beta1 = setting(0.9, "[0, 1)", "decay of the momentum, a sum")
beta2 = setting(1.0, "[0, 1]", "decay of the statistics; 1 sums them")
exponent = setting(0.25, "[0, 1]", "e")
ridge = setting(1e-6, "[0, inf)", "what statistics start from, and the share of the largest eigenvalue that a root adds")
ridge_stays = setting(False, "true | false", "leave what a root adds in the statistics, as the authors' code does")
graft = setting("sgd", "sgd | adagrad", "whose step has the length")
eps = setting(1e-6, "[0, inf)", "added to Adagrad's root")
nesterov = setting("once", "once | twice | none", "u = b1 m + d; twice keeps that as m, as the authors' code does; none: u = m")
start_preconditioning_step = setting(1, "[1, 1000000000]", "first step that is preconditioned")
before_start = setting("graft", "graft | gradient", "d before it: the graft's step, or in the authors' code the gradient at its length")
statistics_frequency = setting(1, "[1, 1000000]", "steps from one gradient in the statistics to the next")
precondition_frequency = setting(1, "[1, 1000000]", "steps from one inverse root to the next; I before the first")
decay_in_momentum = setting(0.0, "[0, inf)", "multiple of the weights in d, the authors' weight decay")
max_precond_dim = setting(10000, "[1, 1000000]", "longest side with statistics; a longer one is not multiplied")

m = state()
u = state()
squares = state()
left = state("rows rows")
right = state("columns columns")
left_root = state("rows rows")
right_root = state("columns columns")


def update(w, g, t, m, u, squares, left, right, left_root, right_root):
  # The host asks for t, since a root in every step may take far longer.
  k = int(t)
  if k == 1:
    left = identity(left, ridge)
    right = identity(right, ridge)
    left_root = identity(left, 1.0)
    right_root = identity(right, 1.0)
  if k % statistics_frequency == 0:
    left = advanced(left, g, beta2)
    right = advanced(right, g.t(), beta2)
  if k % precondition_frequency == 0:
    left_root = root_of(left, ridge, exponent)
    right_root = root_of(right, ridge, exponent)
    if ridge_stays:
      left = raised(left, ridge)
      right = raised(right, ridge)
  step = g
  if graft == "adagrad":
    squares = squares + g * g
    step = ratio(g, torch.sqrt(squares).add_(eps), eps)
  d = step
  started = k >= start_preconditioning_step
  if started or before_start == "gradient":
    x = multiplied(g, left_root, right_root) if started else g
    d = x * (torch.linalg_vector_norm(step) / (torch.linalg_vector_norm(x) + 1e-16))
  if decay_in_momentum > 0.0:
    d = d + w * decay_in_momentum
  m = m * beta1 + d
  if nesterov == "twice":
    m = m * beta1 + d
  u = m * beta1 + d if nesterov == "once" else m


def direction(g, u):
  return u


def identity(s: Tensor, scale: float) -> Tensor:
  # A side without statistics holds one zero, no matrix, here and below.
  return torch.eye(s.size(0), dtype=s.dtype, device=s.device) * scale if s.dim() == 2 else s


def advanced(s: Tensor, g: Tensor, beta: float) -> Tensor:
  return s * beta + torch.mm(g, g.t()) * (1.0 if beta == 1.0 else 1.0 - beta) if s.dim() == 2 else s


def root_of(s: Tensor, ridge: float, exponent: float) -> Tensor:
  return inverse_root(s, 0.0, ridge, exponent) if s.dim() == 2 else s


def raised(s: Tensor, ridge: float) -> Tensor:
  return s + identity(s, ridge) * torch.amax(torch.linalg_eigvalsh(s)) if s.dim() == 2 else s


def multiplied(g: Tensor, p: Tensor, q: Tensor) -> Tensor:
  y = torch.mm(p, g) if p.dim() == 2 else g
  return torch.mm(y, q) if q.dim() == 2 else y
