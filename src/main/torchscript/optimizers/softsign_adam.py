"""Adam with eps inside the root

formula: m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; u = (m/(1-b1^t)) / sqrt(v/(1-b2^t) + eps^2)
source: Su, kexue.fm 10563, eq 1, with Adam's averages
momentum: m
"""

beta1 = setting(0.95, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.95, "[0, 1)", "decay of the average squared gradient")
eps = setting(1e-8, "[0, inf)", "squared and added under the root, or added to the root")
bias_correction = setting(True, "true | false", "divide the averages by 1 - beta^t")
denominator = setting("inside", "inside | outside", "position of eps: sqrt(v+eps^2) or sqrt(v)+eps")

m = state()
v = state()


def update(g, m, v):
  m = average(m, g, beta1)
  v = average(v, g * g, beta2)


def direction(g, m, v, t):
  m_hat = corrected(m, beta1, t) if bias_correction else m
  v_hat = corrected(v, beta2, t) if bias_correction else v
  if denominator == "inside":
    return ratio(m_hat, torch.add(v_hat, eps * eps).sqrt_(), eps * eps)
  return ratio(m_hat, torch.sqrt(v_hat).add_(eps), eps)
