# What optimizer kernels share. An optimizer's own arithmetic stands in its Java file.


def square_sum(x: Tensor) -> Tensor:
  # Sum of squares as float64, (); the dot product of a short piece keeps float32 accurate.
  y = x.reshape([-1])
  return torch.dot(y, y).to(7)


def ratio(x: Tensor, d: Tensor, eps: float) -> Tensor:
  # x / d where d > 0; without an eps, or with one that float32 rounds to 0, 0 / 0 can occur and
  # counts as 0.
  y = x / d
  if eps > 1e-37:
    return y
  return torch.where(d == 0.0, torch.zeros_like(y), y)
