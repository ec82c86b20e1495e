"""NorMuon: Muon with its rows brought to one size

formula: m = b1 m + (1-b1) g; o = O(b1 m + (1-b1) g); r = b2 r + (1-b2) mean over columns of o^2; n = o / (sqrt(r) + eps); u = sqrt(max(1, rows/cols)) n |o| / (|n| + eps)
source: Li et al. 2025, arXiv 2510.05491; longer_side, modded-nanogpt 2026
tensors: matrices
"""

beta1 = setting(0.95, "[0, 1)", "decay of the average gradient")
nesterov = setting(True, "true | false", "mix the gradient into the average once more")
beta2 = setting(0.95, "[0, 1)", "decay of the mean squares")
eps = setting(1e-10, "[0, inf)", "added to their root and to the norm")
means = setting("rows", "rows | longer_side", "mean squares by row, or, of a wide matrix, by column")
ns_steps = setting(5, "[1, 1000]", "steps of the Newton-Schulz iteration")
ns_eps = setting(1e-7, "[0, inf)", "added to the norm before them")
iteration = setting("fast", "fast | convergent", "singular values near 1 in 5 steps, or at 1 in 12")
scale = setting("original", "original | match_rms_adamw", "sqrt(max(1, rows/columns)), or 0.2 sqrt(max(rows, columns))")

m = state()
o = state()
r = state("rows")
c = state("columns")


def update(g, m, o, r, c):
  # o is kept, or each step would iterate twice.
  m = average(m, g, beta1)
  x = torch.lerp(g, m, beta1) if nesterov else m
  o = orthogonal(x, ns_steps, ns_eps, iteration == "convergent")
  if means == "rows" or g.size(0) >= g.size(1):
    r = average(r, torch.mean(o * o, [1], True), beta2)
  else:
    c = average(c, torch.mean(o * o, [0], True), beta2)


def direction(g, o, r, c):
  by_row = means == "rows" or g.size(0) >= g.size(1)
  n = ratio(o, torch.sqrt(r if by_row else c).add_(eps), eps)
  size = ratio(torch.linalg_vector_norm(o), torch.linalg_vector_norm(n) + eps, eps)
  return n.mul_(size * update_scale(g, scale))
