"""Lion without the coordinates that go against the gradient

formula: c = sign(b1 m + (1-b1) g); k = (c g > 0); u = c k n / (sum k + 1); m = b2 m + (1-b2) g
source: Liang et al. 2024; n is the tensor's size, sum k its aligned coordinates
claims: odd
tensors: whole
"""

beta1 = setting(0.9, "[0, 1)", "decay within the sign")
beta2 = setting(0.99, "[0.5, 1)", "decay of the stored average")
scale = setting("count", "count | mean", "n / (sum k + 1), or n / max(sum k, 0.00001 n)")

m = state()


def update(g, m):
  m = average(m, g, beta2)


def direction(g, m):
  # With the new m this is beta2 times the formula's argument, as in lion.py.
  c = torch.sign((m * beta1).add_(g * (beta2 - beta1)))
  keep = torch.gt(c * g, 0.0)
  u = torch.where(keep, c, torch.zeros_like(c))
  if scale == "count":
    return u * (float(g.numel()) / (torch.sum(keep.to(g.dtype)) + 1.0))
  return u / torch.clamp(torch.mean(keep.to(g.dtype)), min=1e-5)
