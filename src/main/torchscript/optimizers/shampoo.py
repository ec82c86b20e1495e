"""Gradients between inverse roots of the sums of their squares

formula: x = (1-b1) g + b1 u', u' of the step before; L = L + x x', R = R + x' x; u = (L + eps I)^-e x (R + eps I)^-e
source: Gupta et al. 2018, algorithm 1: b1 = 0, e = 1/4
claims: odd
tensors: matrices
"""

exponent = setting(0.25, "[0, 1]", "e; 0.5 in ports")
eps = setting(1e-6, "[0, inf)", "what the diagonals of the sums start from")
beta1 = setting(0.0, "[0, 1)", "share of the direction before in what is summed and multiplied")
right_statistics = setting("gradient", "gradient | preconditioned", "what R sums: x, or in ports what L has multiplied")
precondition_frequency = setting(1, "[1, 1000000]", "steps from one inverse root to the next")
first_root = setting("first", "first | frequency", "step of the first root: 1, or in ports the frequency, with u = 0 before")
max_precond_dim = setting(10000, "[1, 1000000]", "longest side with statistics; a longer one is not multiplied")

left = state("rows rows")
right = state("columns columns")
left_root = state("rows rows")
right_root = state("columns columns")
u = state()


def update(g, u, left, right, left_root, right_root, t):
  x = torch.where(t == 1.0, g, torch.lerp(g, u, beta1)) if beta1 > 0.0 else g
  # The host asks for t, since a root in every step may take far longer.
  k = int(t)
  now = k % precondition_frequency == 0 or (k == 1 and first_root == "first")
  if left.dim() == 2:
    left = left + torch.mm(x, x.t())
    if now:
      left_root = inverse_root(left, eps, 0.0, exponent)
  y = torch.mm(left_root, x) if left.dim() == 2 else x
  if right.dim() == 2:
    z = x if right_statistics == "gradient" else y
    right = right + torch.mm(z.t(), z)
    if now:
      right_root = inverse_root(right, eps, 0.0, exponent)
  u = torch.mm(y, right_root) if right.dim() == 2 else y


def direction(g, u):
  return u
