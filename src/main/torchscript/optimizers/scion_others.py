"""Scion for embeddings, head and vectors

formula: m = b1 m + (1-b1) g; u = radius sign(m)/cols of a matrix, radius m/(rms(m) + eps) of a vector
source: Pethick et al. 2025, arXiv 2502.07529
tensors: whole
"""

beta1 = setting(0.9, "[0, 1)", "decay of the average gradient")
radius = setting(3000.0, "[0, inf)", "of a matrix's ball")
vector_radius = setting(1.0, "[0, inf)", "of a vector's")
norm = setting("sign", "sign | column_norm | row_norm", "whose ball a matrix has")
eps = setting(1e-8, "[0, inf)", "added to the norm of a vector, column or row")

m = state()


def update(g, m):
  m = average(m, g, beta1)


def direction(g, m):
  if g.dim() == 2:
    return steepest(m, norm, eps).mul_(radius)
  return ratio(m, torch.sqrt(torch.mean(m * m)).add_(eps), eps).mul_(vector_radius)
