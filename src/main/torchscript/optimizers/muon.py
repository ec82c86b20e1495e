"""Orthogonalised average gradient of matrices, AdamW elsewhere

formula: m = b1 m + (1-b1) g; u = rms_scale sqrt(max(rows, cols)) O(b1 m + (1-b1) g); AdamW where not a matrix
source: Jordan et al. 2024; Liu et al. 2025
tensors: whole
"""

beta1 = setting(0.95, "[0, 1)", "decay of a matrix's average gradient")
nesterov = setting(True, "true | false", "mix the gradient into the average once more")
ns_steps = setting(5, "[1, 1000]", "steps of the Newton-Schulz iteration")
rms_scale = setting(0.2, "[0, inf)", "RMS of the direction of a matrix")
adam_beta1 = setting(0.95, "[0, 1)", "beta1 of what is not a matrix")
adam_beta2 = setting(0.95, "[0, 1)", "beta2 of what is not a matrix")
adam_eps = setting(1e-8, "[0, inf)", "eps of what is not a matrix")

m = state()
v = state("vectors")


def update(g, m, v):
  if g.dim() == 2:
    m = average(m, g, beta1)
  else:
    m = average(m, g, adam_beta1)
    v = average(v, g * g, adam_beta2)


def direction(g, m, v, t):
  if g.dim() == 2:
    x = torch.lerp(g, m, beta1) if nesterov else m
    return orthogonal(x, ns_steps).mul_(rms_scale * float(max(g.size(0), g.size(1))) ** 0.5)
  root = torch.sqrt(corrected(v, adam_beta2, t))
  return ratio(corrected(m, adam_beta1, t), root.add_(adam_eps), adam_eps)
