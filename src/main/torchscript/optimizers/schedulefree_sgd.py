"""Steps at a point between the sequence and its average, which is evaluated

formula: u = g; a = max(a, lr); s = s + t^r a^p; c = t^r a^p / s; z = z - lr (u + decay w), x = (1-c) x + c z, w = b1 x + (1-b1) z, evaluated at x
source: Defazio et al. 2024, with the authors' code's weights of the average; warm-up is the schedule's
claims: odd
"""

beta1 = setting(0.9, "[0.01, 1)", "share of the average in the weights that are trained")
r = setting(0.0, "[0, inf)", "power of the step in the average's weights")
weight_lr_power = setting(2.0, "[0, inf)", "power of the highest rate so far in them")

z = state("weights")
top = state("number")
total = state("number")
c = state("number")


def numbers(t, lr, top, total, c):
  top = torch.clamp(top, min=lr)
  weight = torch.pow(t, r) * torch.pow(top, weight_lr_power)
  total = total + weight
  c = ratio(weight, total, 0.0)


def direction(g):
  return g


def moved(w, u, z, c, lr, decay):
  step = (u + w * decay) * lr
  y = torch.lerp(w, z, c) - step * (1.0 - (1.0 - c) * beta1)
  z = z - step
  return y


def averaged(w, z):
  return (w - z * (1.0 - beta1)) / beta1
