"""Average gradient over an estimate of the Hessian's diagonal, clipped

formula: h = b2 h + (1-b2) s^2 at t = 1, k+1, 2k+1, ... where s^2 estimates the diagonal of the Gauss-Newton matrix; m = b1 m + (1-b1) g; u = sign(m) min(1, |m| / max(rho h, eps))
source: Liu et al. 2023, Sophia-G with Gauss-Newton-Bartlett; denominator: sum and first_estimate: interval are the authors' code
claims: odd, |u| <= 1
"""

beta1 = setting(0.965, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.99, "[0, 1)", "decay of the average estimate")
rho = setting(0.04, "[0, inf)", "factor on the estimate; the smaller, the more coordinates are clipped")
eps = setting(1e-12, "[0, inf)", "least denominator")
hessian_interval = setting(10, "[1, 1000000]", "steps from one estimate to the next")
denominator = setting("max", "max | sum", "max(rho h, eps) or rho h + eps")
first_estimate = setting("start", "start | interval", "at t = 1, or at t = k+1, with signs before")

m = state()
h = state()
sampled_gradient = state("sampled gradient")
fresh = state("fresh")


def update(g, m, h, sampled_gradient, fresh, t):
  m = average(m, g, beta1)
  s = sampled_gradient
  now = (fresh > 0.0).logical_and(t > (0.0 if first_estimate == "start" else 1.0))
  h = torch.where(now, h * beta2 + s * s * (1.0 - beta2), h)


def direction(m, h):
  d = h * rho + eps if denominator == "sum" else torch.clamp(h * rho, min=eps)
  return torch.clamp(ratio(m, d, eps), -1.0, 1.0)
