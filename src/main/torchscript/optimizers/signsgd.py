"""Sign of the gradient

formula: u = sign(g)
source: Bernstein et al. 2018; Su, kexue.fm 11280
"""


def direction(g):
  return torch.sign(g)
