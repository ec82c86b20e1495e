"""Adam with Nesterov momentum through differences of gradients

formula: e = g - g', at t = 1 0; m = b1 m + (1-b1) g; q = b2 q + (1-b2) e; n = b3 n + (1-b3) (g + b2 e)^2; u = (m/(1-b1^t) + b2 q/(1-b2^t)) / (sqrt(n/(1-b3^t)) + eps)
source: Xie et al. 2022, algorithm 1 without restarts, with the authors' code's corrections; betas are 1 minus the paper's
claims: odd
"""

beta1 = setting(0.98, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.92, "[0, 1)", "decay of the average difference")
beta3 = setting(0.99, "[0, 1)", "decay of the average square")
eps = setting(1e-8, "[0, inf)", "added to the root")

m = state()
q = state()
n = state()
before = state()


def update(g, m, q, n, before, t):
  e = torch.where(t == 1.0, torch.zeros_like(g), g - before)
  x = g + e * beta2
  m = average(m, g, beta1)
  q = average(q, e, beta2)
  n = average(n, x * x, beta3)
  before = g


def direction(g, m, q, n, t):
  x = corrected(m, beta1, t) + corrected(q, beta2, t) * beta2
  return ratio(x, torch.sqrt(corrected(n, beta3, t)).add_(eps), eps)
