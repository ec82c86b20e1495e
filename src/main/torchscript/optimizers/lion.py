"""Sign of a doubly averaged gradient

formula: u = sign(b1 m + (1-b1) g); m = b2 m + (1-b2) g
source: Chen et al. 2023, algorithm 2
"""

beta1 = setting(0.9, "[0, 1)", "decay within the sign")
beta2 = setting(0.99, "[0.5, 1)", "decay of the stored average")

m = state()


def update(g, m):
  m = average(m, g, beta2)


def direction(g, m):
  # With the new m this is beta2 times the formula's argument, which has the m of the step before.
  return torch.sign((m * beta1).add_(g * (beta2 - beta1)))
