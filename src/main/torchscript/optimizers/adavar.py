"""Average gradient over the root of its square and variance

formula: d = tau d + (1-tau)(m-g)^2; m = b1 m + (1-b1) g; u = m / (sqrt(m^2 + gamma d) + eps)
source: Orvieto & Gower 2025, section 4
momentum: m
"""

beta1 = setting(0.95, "[0, 1)", "decay of the average gradient")
gamma = setting(0.95, "[0, inf)", "weight of the variance")
tau = setting(0.95, "[0, 1)", "decay of the variance")
eps = setting(1e-8, "[0, inf)", "added to the root")

m = state()
d = state()


def update(g, m, d):
  e = m - g
  d = average(d, e * e, tau)
  m = average(m, g, beta1)


def direction(g, m, d):
  return ratio(m, (m * m).add_(d * gamma).sqrt_().add_(eps), eps)
