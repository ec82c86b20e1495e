"""Average of the gradients' signs

formula: m = b1 m + (1-b1) sign(g); u = m
source: Orvieto & Gower 2025, section 3
momentum: m
"""

beta1 = setting(0.95, "[0, 1)", "decay of the average sign")

m = state()


def update(g, m):
  m = average(m, torch.sign(g), beta1)


def direction(g, m):
  return m
