"""AdamW, Lion or Muon on gradients whose variance is reduced by the step before

formula: c = g + gamma b1/(1-b1) (g - g'); c = c / max(|c|, 1); m = b1 m + (1-b1) c; v = b2 v + (1-b2) c^2; u as AdamW's, or sign(m), or sqrt(max(1, rows/cols)) O(m); AdamW where not a matrix
source: Yuan et al. 2024; g' is the gradient of the step before, at first 0, or, exact, that of the same batch at the weights of the step before
claims: odd
tensors: whole
"""

beta1 = setting(0.95, "[0, 1)", "decay of the average gradient")
beta2 = setting(0.99, "[0, 1)", "decay of the average squared gradient")
gamma = setting(0.025, "[0, inf)", "strength of the reduction")
eps = setting(1e-8, "[0, inf)", "added to the root")
form = setting("adamw", "adamw | lion | shampoo", "what is done with the averages of a matrix; shampoo is Newton-Schulz")
vectors = setting("adamw", "adamw | mars", "how everything that is not a matrix goes")
adam_beta1 = setting(0.9, "[0, 1)", "beta1 of what goes by AdamW")
adam_beta2 = setting(0.95, "[0, 1)", "beta2 of what goes by AdamW")
adam_rate = setting(1.0, "[0, inf)", "rate of what goes by AdamW, in units of the run's")
difference = setting("approximate", "approximate | exact", "from the gradient of the step before, or that of the same batch at the weights before, which doubles the time of a step", later)

m = state()
v = state()
before = state("", "difference: approximate")
earlier_weights = state("weights", "difference: exact")
earlier_gradient = state("earlier gradient", "difference: exact")


def update(w, g, m, v, before, earlier_weights, earlier_gradient):
  if g.dim() >= 2 or vectors == "mars":
    c = g + (g - (earlier_gradient if difference == "exact" else before)) * (gamma * beta1 / (1.0 - beta1))
    c = c / torch.clamp(torch.linalg_vector_norm(c), min=1.0)
    m = average(m, c, beta1)
    v = average(v, c * c, beta2)
  else:
    m = average(m, g, adam_beta1)
    v = average(v, g * g, adam_beta2)
  before = g
  earlier_weights = w


def direction(g, m, v, t):
  if g.dim() >= 2 or vectors == "mars":
    if form == "lion":
      return torch.sign(m)
    if form == "shampoo" and g.dim() == 2:
      return orthogonal(m, 5, eps * (1.0 - beta1)).mul_(update_scale(m, "original"))
    return ratio(corrected(m, beta1, t), torch.sqrt(corrected(v, beta2, t)).add_(eps), eps)
  root = torch.sqrt(corrected(v, adam_beta2, t))
  return ratio(corrected(m, adam_beta1, t), root.add_(eps), eps) * adam_rate
