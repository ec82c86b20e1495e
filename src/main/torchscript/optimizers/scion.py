"""Scion: the step in a norm's unit ball that the average gradient asks for, by the kind of tensor

formula: m = b1 m + (1-b1) g; u = radius L(m); L = sqrt(rows/cols) O(m) of a layer's matrix, sign(m)/cols of embeddings and head, m/rms(m) of a vector
source: Pethick et al. 2025, arXiv 2502.07529; weight_decay 1 is the constrained form, 0 the other
tensors: matrices
others: scion_others
"""

beta1 = setting(0.9, "[0, 1)", "decay of the average gradient")
radius = setting(50.0, "[0, inf)", "of the norm's ball")
norm = setting("spectral", "spectral | spectral_max | sign | column_norm | row_norm", "whose ball; spectral_max has the factor at 1 or above")
ns_steps = setting(5, "[1, 1000]", "steps of the Newton-Schulz iteration")
ns_eps = setting(1e-7, "[0, inf)", "added to the norm before them")
eps = setting(1e-8, "[0, inf)", "added to the norm of a column or row")

m = state()


def update(g, m):
  m = average(m, g, beta1)


def direction(g, m):
  if norm == "spectral" or norm == "spectral_max":
    kind = "ratio" if norm == "spectral" else "original"
    return orthogonal(m, ns_steps, ns_eps).mul_(radius * update_scale(m, kind))
  return steepest(m, norm, eps).mul_(radius)
