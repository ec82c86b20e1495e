"""Schedule-free Adam whose rate follows from the loss, Polyak's way

formula: f = loss + sum of w b g (z-x), over all parameters; e = p e + (1-p) sqrt(pi/2) |g|_1; a = lr max(0, f) / (e/(1-p^t)); c = t^r top^2 / sum of them, top the largest a so far, 1 in the first c_warmup steps; z = z - a^2 decay w - a Adam(g), x = (1-c) x + c z, w = b x + (1-b) z, evaluated at x; 1-b goes from 1-beta1 to 1-beta1_end as a geometric sequence
source: Schedule-Free+, as the authors' code has it; correction: stored is theirs
claims: odd
"""

beta1 = setting(0.9, "[0.01, 1)", "share of the average in the weights that are trained, at first")
beta1_end = setting(0.965, "[0.01, 1)", "the same after beta1_steps")
beta1_steps = setting(0, "[0, 1000000000]", "steps from beta1 to beta1_end; 0 to stay")
inner_momentum = setting(0.9, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.95, "[0, 1)", "decay of the average squared gradient")
eps = setting(1e-8, "[0, inf)", "added to the root")
polyak_beta = setting(0.3, "[0, 1)", "decay of the average size of gradients")
r = setting(0.0, "[0, inf)", "power of the step in the average's weights")
c_warmup = setting(0, "[0, 1000000000]", "steps in which the average is the newest z")
correction = setting("once", "once | stored", "whether the average size is stored without its correction or with it")

m = state()
v = state()
z = state("weights")
loss = state("loss")
size = state("number")
rate = state("number")
top = state("number")
total = state("number")
c = state("number")
b = state("number")
b_before = state("number")


def update(g, m, v):
  m = average(m, g, inner_momentum)
  v = average(v, g * g, beta2)


def sums(w, g, z):
  return torch.stack([torch.sum(g * (z - w)), torch.sum(torch.abs(g))])


def numbers(sums, t, lr, loss, size, rate, top, total, c, b, b_before):
  now = share(t, beta1, beta1_end, beta1_steps).to(b.dtype) + torch.zeros_like(b)
  b_before = torch.where(b > 0.0, b, now)
  b = now
  f = loss + sums[0] * (b / b_before)
  averaged = size * polyak_beta + sums[1] * ((1.0 - polyak_beta) * 1.2533141373155003)
  e = averaged / (1.0 - torch.pow(polyak_beta, t)).to(b.dtype)
  size = e if correction == "stored" else averaged
  rate = torch.where(e > 0.0, torch.clamp(f, min=0.0) * lr / e, torch.zeros_like(e))
  counts = (t > float(c_warmup)).to(b.dtype)
  top = torch.maximum(top, torch.clamp(rate, min=1e-8) * counts)
  weight = torch.pow(t, r).to(b.dtype) * top * top
  total = total + weight
  c = torch.where(counts > 0.0, ratio(weight, total, 0.0), torch.ones_like(c))


def direction(m, v, t):
  root = torch.sqrt(corrected(v, beta2, t)).add_(eps)
  return ratio(corrected(m, inner_momentum, t), root, eps)


def moved(w, u, z, c, b, b_before, rate, decay):
  x = evaluated(w, z, b_before)
  z = z - (u + w * (rate * decay)) * rate
  return torch.lerp(z, torch.lerp(x, z, c), b)


def averaged(w, z, b):
  return torch.where(b > 0.0, evaluated(w, z, b), w)


def evaluated(w: Tensor, z: Tensor, b: Tensor) -> Tensor:
  # x of w = b x + (1-b) z, exact where all three are one.
  return w + (w - z) * ((1.0 - b) / b)


def share(t: Tensor, low: float, high: float, steps: int) -> Tensor:
  # 1 - (1-low)^(1-p) (1-high)^p with p from 0 to 1.
  if steps == 0:
    return torch.full_like(t, low)
  p = torch.clamp((t - 1.0) / float(steps), max=1.0)
  return 1.0 - torch.pow(torch.full_like(t, 1.0 - low), 1.0 - p) * torch.pow(torch.full_like(t, 1.0 - high), p)
