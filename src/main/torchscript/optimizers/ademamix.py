"""AdamW with a second, slow average gradient

formula: m = b1 m + (1-b1) g; n = b3 n + (1-b3) g; v = b2 v + (1-b2) g^2; u = (m/(1-b1^t) + alpha n) / (sqrt(v/(1-b2^t)) + eps)
source: Pagliardini, Ablin & Grangier 2024, algorithm 1
claims: odd
"""

beta1 = setting(0.9, "[0, 1)", "decay of the fast average gradient")
beta2 = setting(0.999, "[0, 1)", "decay of the average squared gradient")
beta3 = setting(0.9999, "[0, 1)", "decay of the slow average gradient")
alpha = setting(5.0, "[0, inf)", "weight of the slow average")
alpha_warmup = setting(0, "[0, 1000000000]", "steps in which alpha grows from 0")
beta3_warmup = setting(0, "[0, 1000000000]", "steps in which beta3 grows from beta1")
eps = setting(1e-8, "[0, inf)", "added to the root")

m = state()
n = state()
v = state()


def update(g, m, n, v, t):
  m = average(m, g, beta1)
  v = average(v, g * g, beta2)
  # 1 - beta3 before it is rounded: of 0.9999 float32 would keep three digits of the 1e-4.
  new = (1.0 - decay_at(beta1, beta3, float(beta3_warmup), t)).to(g.dtype)
  n = torch.lerp(n, g, new)


def direction(g, m, n, v, t):
  # The slow average is not corrected: alpha's warm-up is there for its start.
  share = torch.clamp(t / max(float(alpha_warmup), 1.0), max=1.0) if alpha_warmup > 0 else torch.ones_like(t)
  x = corrected(m, beta1, t) + n * (alpha * share).to(g.dtype)
  return ratio(x, torch.sqrt(corrected(v, beta2, t)).add_(eps), eps)
