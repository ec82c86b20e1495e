"""Adam with Nesterov momentum whose coefficient grows, as torch's NAdam

formula: k = b1 (1 - 0.96^(t psi)/2), p its product to t; m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; u = ((1-k) g/(1-p) + k' m/(1-p k')) / (sqrt(v/(1-b2^t)) + eps), k' of t+1
source: Dozat 2016; torch.optim.NAdam
claims: odd
"""

beta1 = setting(0.9, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.999, "[0, 1)", "decay of the average squared gradient")
eps = setting(1e-8, "[0, inf)", "added to the root")
momentum_decay = setting(0.004, "[0, inf)", "psi, how soon the coefficient grows from beta1 / 2 to beta1")
product = setting("next", "next | torch_1_13", "torch 1.13 has k once more in the last product, a slip")

m = state()
v = state()


def update(g, m, v):
  m = average(m, g, beta1)
  v = average(v, g * g, beta2)


def direction(g, m, v, t):
  now = coefficient(beta1, momentum_decay, t)
  later = coefficient(beta1, momentum_decay, t + 1.0)
  p = coefficients(beta1, momentum_decay, t)
  ahead = p * later if product == "next" else p * now * later
  x = g * ((1.0 - now) / (1.0 - p)).to(g.dtype) + m * (later / (1.0 - ahead)).to(g.dtype)
  return ratio(x, torch.sqrt(corrected(v, beta2, t)).add_(eps), eps)


def coefficient(beta: float, psi: float, t: Tensor) -> Tensor:
  return (1.0 - 0.5 * torch.pow(torch.full_like(t, 0.96), t * psi)) * beta


def coefficients(beta: float, psi: float, t: Tensor) -> Tensor:
  # The product to t, without a state or a loop: with x = 0.96^psi the logarithm of (1 - x^i/2) is
  # -sum_j (x^i/2)^j / j, whose sum over i is geometric; 60 terms leave 1e-19.
  j = torch.arange(1, 61, dtype=t.dtype, device=t.device)
  rate = j * (psi * torch.log(torch.full_like(t, 0.96)))
  powers = torch.exp(rate) * torch.expm1(rate * t) / torch.expm1(rate) if psi > 0.0 else torch.ones_like(j) * t
  log = -torch.sum(torch.pow(torch.full_like(j, 0.5), j) / j * powers)
  return torch.exp(log) * torch.pow(torch.full_like(t, beta), t)
