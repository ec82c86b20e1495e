"""SGD with momentum, a normalised moving average

formula: m = b1 m + (1-b1) g; u = m, or clip(m, -c, c)
source: Orvieto & Gower 2025, section 2
momentum: m
"""

beta1 = setting(0.9, "[0, 1)", "decay of the average gradient")
dampening = setting("ema", "ema | [0, 1]", "share of g kept out of m; ema: beta1, and m starts at 0")
coordinate_clip = setting(0.0, "[0, inf)", "largest |u| of a coordinate; 0 does not clip")

m = state()


def update(g, m, t):
  if dampening_is_ema:
    m = average(m, g, beta1)
  else:
    m = accumulate(m, g, beta1, dampening, t)


def direction(g, m):
  return torch.clamp(m, -coordinate_clip, coordinate_clip) if coordinate_clip > 0.0 else m


def clipped(g, m):
  return torch.abs(m) > coordinate_clip
