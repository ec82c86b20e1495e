"""AdamW with Nesterov momentum

formula: m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; u = ((b1 m + (1-b1) g)/(1-b1^t)) / (sqrt(v/(1-b2^t)) + eps)
source: Dozat 2016, in the form of AlgoPerf (Dahl et al. 2023), whose first correction is that of t and not of t+1
claims: odd
"""

beta1 = setting(0.9, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.999, "[0, 1)", "decay of the average squared gradient")
eps = setting(1e-8, "[0, inf)", "added to the root")

m = state()
v = state()


def update(g, m, v):
  m = average(m, g, beta1)
  v = average(v, g * g, beta2)


def direction(g, m, v, t):
  x = corrected(torch.lerp(g, m, beta1), beta1, t)
  return ratio(x, torch.sqrt(corrected(v, beta2, t)).add_(eps), eps)
