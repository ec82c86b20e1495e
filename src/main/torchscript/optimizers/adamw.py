"""Adam with decoupled weight decay

formula: m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; u = (m/(1-b1^t)) / (sqrt(v/(1-b2^t)) + eps)
source: Loshchilov & Hutter 2019; Orvieto & Gower 2025, section 2
momentum: m
"""

beta1 = setting(0.95, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.95, "[0, 1)", "decay of the average squared gradient")
eps = setting(1e-8, "[0, inf)", "added to the root")
bias_correction = setting(True, "true | false", "divide the averages by 1 - beta^t")
init = setting("zero", "zero | gradient", "value of the averages at step 1")
correction = setting("root", "root | rate", "of v: before the root and eps, or after them, as part of the rate", later)
eps_root = setting(0.0, "[0, inf)", "added under the root", later)
implies("init: gradient", "bias_correction: false", "which leaves no bias to correct")

m = state()
v = state()


def update(g, m, v, t):
  if init == "gradient":
    m = average_from_first(m, g, beta1, t)
    v = average_from_first(v, g * g, beta2, t)
  else:
    m = average(m, g, beta1)
    v = average(v, g * g, beta2)


def direction(g, m, v, t):
  m_hat = corrected(m, beta1, t) if bias_correction else m
  late = bias_correction and correction == "rate"
  v_hat = corrected(v, beta2, t) if bias_correction and not late else v
  if eps_root > 0.0:
    v_hat = v_hat + eps_root
  u = ratio(m_hat, torch.sqrt(v_hat).add_(eps), eps)
  return u * torch.sqrt(1.0 - torch.pow(beta2, t)).to(g.dtype) if late else u


def fused(params, grads, ms, vs, t, gate, lr, decay):
  # All of it in one operator of libtorch, where the settings are the ones it knows.
  if eps > 1e-37 and bias_correction and correction == "root" and eps_root == 0.0:
    fused_adamw(params, grads, ms, vs, t, gate, lr, beta1, beta2, eps, decay)
  else:
    loop(params, grads, ms, vs, t, gate, lr, decay)
