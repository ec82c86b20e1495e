"""Smooth sign of the gradient

formula: u = g / sqrt(g^2 + eps^2), or g / (|g| + eps)
source: Su, kexue.fm 10563, eq 1
"""

eps = setting(1e-3, "[0, inf)", "scale below which the direction is proportional to g")
denominator = setting("inside", "inside | outside", "where eps stands: sqrt(g^2+eps^2) or |g|+eps")


def direction(g):
  if denominator == "inside":
    # hypot squares nothing that could under- or overflow.
    return ratio(g, torch.hypot(g, torch.full([], eps, dtype=g.dtype, device=g.device)), eps)
  return ratio(g, torch.abs(g).add_(eps), eps)
