"""Adam that divides by the second moment of the step before, then averages

formula: m = b1 m + (1-b1) clip(g / max(sqrt(v), eps), (t-1)^0.25); u = m; v = b2 v + (1-b2) g^2, at t = 1 v = g^2 and u = 0
source: Taniguchi et al. 2024, with the authors' clip
claims: odd
"""

beta1 = setting(0.9, "[0, 1)", "decay of the average direction")
beta2 = setting(0.9999, "[0, 1)", "decay of the average squared gradient")
eps = setting(1e-6, "[0, inf)", "the least that is divided by")

m = state()
v = state()


def update(g, m, v, t):
  limit = torch.pow(t - 1.0, 0.25).to(g.dtype)
  x = ratio(g, torch.clamp(torch.sqrt(v), min=eps), eps)
  m = average(m, torch.minimum(torch.maximum(x, -limit), limit), beta1)
  v = average_from_first(v, g * g, beta2, t)


def direction(g, m):
  return m
