"""Muon as published: orthogonalised average gradient of the layers' matrices

formula: m = b1 m + (1-b1) g; u = sqrt(max(1, rows/cols)) O(b1 m + (1-b1) g)
source: Jordan et al. 2024; match_rms_adamw, Liu et al. 2025; convergent, modded-nanogpt 2025
tensors: matrices
"""

beta1 = setting(0.95, "[0, 1)", "decay of the average gradient")
nesterov = setting(True, "true | false", "mix the gradient into the average once more")
ns_steps = setting(5, "[1, 1000]", "steps of the Newton-Schulz iteration")
ns_eps = setting(1e-7, "[0, inf)", "added to the norm before them")
iteration = setting("fast", "fast | convergent", "singular values near 1 in 5 steps, or at 1 in 12")
scale = setting("original", "original | match_rms_adamw", "sqrt(max(1, rows/columns)), or 0.2 sqrt(max(rows, columns))")

m = state()


def update(g, m):
  m = average(m, g, beta1)


def direction(g, m):
  x = torch.lerp(g, m, beta1) if nesterov else m
  return orthogonal(x, ns_steps, ns_eps, iteration == "convergent").mul_(update_scale(x, scale))
