"""AdamW without the coordinates that go against the gradient

formula: m, v as AdamW; k = (m g > 0); u = k / max(mean k, 0.001) (m/(1-b1^t)) / (sqrt(v/(1-b2^t)) + eps)
source: Liang et al. 2024, algorithm 2; mean k is that of a tensor
claims: odd
tensors: whole
momentum: m
"""

beta1 = setting(0.9, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.999, "[0, 1)", "decay of the average squared gradient")
eps = setting(1e-6, "[0, inf)", "added to the root")
correction = setting("root", "root | rate", "of v: before the root and eps, or after them, as part of the rate")

m = state()
v = state()


def update(g, m, v):
  m = average(m, g, beta1)
  v = average(v, g * g, beta2)


def direction(g, m, v, t):
  keep = torch.gt(m * g, 0.0)
  scale = 1.0 / torch.clamp(torch.mean(keep.to(g.dtype)), min=1e-3)
  x = torch.where(keep, corrected(m, beta1, t) * scale, torch.zeros_like(m))
  if correction == "root":
    return ratio(x, torch.sqrt(corrected(v, beta2, t)).add_(eps), eps)
  later = torch.sqrt(1.0 - torch.pow(beta2, t)).to(g.dtype)
  return ratio(x, torch.sqrt(v).add_(eps), eps) * later
