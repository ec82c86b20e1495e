"""Adam that estimates the distance to a solution and takes it as its rate

formula: a = d, or d sqrt(1-b2^t)/(1-b1^t); m = b1 m + (1-b1) d g; v = b2 v + (1-b2) d^2 g^2; s = b3 s + (d/d0) lr a g; n = b3 n + (d/d0) lr a <g, w0-w>; d = max(d, d_coef n/|s|_1); u = a m / (sqrt(v) + d eps); w = (1 - lr decay a) w - lr u
source: Mishchenko & Defazio 2023, as the authors' code has it; <,> and |s|_1 over all parameters; lr is a schedule around 1
claims: odd
"""

beta1 = setting(0.9, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.999, "[0, 1)", "decay of the average squared gradient")
beta3 = setting("root", "root | [0, 1]", "decay of s and n; root for that of beta2")
eps = setting(1e-8, "[0, inf)", "added to the root, times d")
d0 = setting(1e-6, "[1e-12, 1e3)", "first estimate of the distance")
d_coef = setting(1.0, "[0, inf)", "factor on the estimate")
growth_rate = setting(0.0, "[0, inf)", "largest factor of d in a step; 0 for none")
bias_correction = setting(False, "true | false", "multiply the rate by sqrt(1 - beta2^t) / (1 - beta1^t)")
safeguard_warmup = setting(False, "true | false", "leave the schedule out of s, for long warm-ups")

m = state()
v = state()
s = state()
start = state("weights")
d = state("number")
d_max = state("number")
n = state("number")
scale = state("number")


def update(g, m, v, s, d, t, lr):
  x = g * torch.clamp(d, min=d0)
  m = average(m, x, beta1)
  v = average(v, x * x, beta2)
  rate = torch.clamp(d, min=d0) if safeguard_warmup else scaled(d, t, d0, beta1, beta2, bias_correction) * lr
  s = s * (beta2 ** 0.5 if beta3_is_root else beta3) + x * (rate / d0)


def sums(w, g, s, start, lr):
  return torch.stack([torch.sum(g * (start - w)) * lr, torch.sum(torch.abs(s))])


def numbers(sums, t, d, d_max, n, scale):
  x = torch.clamp(d, min=d0)
  scale = scaled(d, t, d0, beta1, beta2, bias_correction)
  n = n * (beta2 ** 0.5 if beta3_is_root else beta3) + x * scale * (sums[0] / d0)
  h = ratio(n * d_coef, sums[1], 0.0)
  d_max = torch.maximum(torch.clamp(d_max, min=d0), h)
  first = torch.where(x <= d0, torch.maximum(x, h), x)
  d = torch.minimum(d_max, first * growth_rate) if growth_rate > 0.0 else d_max


def direction(m, v, d, scale):
  return ratio(m * scale, torch.sqrt(v) + d * eps, eps)


def moved(w, u, scale, lr, decay):
  return w * (1.0 - scale * (lr * decay)) - u * lr


def scaled(d: Tensor, t: Tensor, d0: float, beta1: float, beta2: float, correct: bool) -> Tensor:
  x = torch.clamp(d, min=d0)
  return x * (torch.sqrt(1.0 - torch.pow(beta2, t)) / (1.0 - torch.pow(beta1, t))).to(d.dtype) if correct else x
