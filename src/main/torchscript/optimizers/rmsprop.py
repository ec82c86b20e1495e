"""Gradient over the root of its average square

formula: v = b2 v + (1-b2) g^2; u = g / (sqrt(v/(1-b2^t)) + eps)
source: AdamW with beta1 = 0; Orvieto & Gower 2025, section 3
"""

beta2 = setting(0.95, "[0, 1)", "decay of the average squared gradient")
eps = setting(1e-8, "[0, inf)", "added to the root")
bias_correction = setting(True, "true | false", "divide the average by 1 - beta2^t")

v = state()


def update(g, v):
  v = average(v, g * g, beta2)


def direction(g, v, t):
  v_hat = corrected(v, beta2, t) if bias_correction else v
  return ratio(g, torch.sqrt(v_hat).add_(eps), eps)


def fused(params, grads, vs, t, gate, lr, decay):
  # AdamW's operator: with beta1 = 0 its average m is the gradient itself, so the gradients stand in
  # for m and come out as they went in.
  if eps > 1e-37 and bias_correction:
    fused_adamw(params, grads, grads, vs, t, gate, lr, 0.0, beta2, eps, decay)
  else:
    loop(params, grads, vs, t, gate, lr, decay)
