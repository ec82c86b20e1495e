"""Sign of the average gradient

formula: m = b1 m + (1-b1) g; u = sign(m), or m / (|m| + mollifier)
source: Bernstein et al. 2018; Orvieto & Gower 2025, section 3
momentum: m
"""

beta1 = setting(0.95, "[0, 1)", "decay of the average gradient")
mollifier = setting(0.0, "[0, inf)", "added to |m| in m / (|m| + mollifier); 0 takes the sign")
init = setting("zero", "zero | gradient", "value of the average at step 1")

m = state()


def update(g, m, t):
  if init == "gradient":
    m = average_from_first(m, g, beta1, t)
  else:
    m = average(m, g, beta1)


def direction(g, m):
  if mollifier > 0.0:
    return ratio(m, torch.abs(m).add_(mollifier), mollifier)
  return torch.sign(m)
