# What optimizer kernels share. An optimizer's own arithmetic stands in its Java file.


def square_sum(x: Tensor) -> Tensor:
  # Sum of squares as float64, (); the dot product of a short piece keeps float32 accurate.
  y = x.reshape([-1])
  return torch.dot(y, y).to(torch.float64)


def ratio(x: Tensor, d: Tensor, eps: float) -> Tensor:
  # x / d where d > 0; without an eps, or with one that float32 rounds to 0, 0 / 0 can occur and
  # counts as 0.
  y = x / d
  if eps > 1e-37:
    return y
  return torch.where(d == 0.0, torch.zeros_like(y), y)


def corrected(x: Tensor, c: Tensor) -> Tensor:
  # x / c, c being the sum of an average's weights. Once that has rounded to 1, x itself, a pass over
  # memory less: to be read only. On a GPU the host does not know c.
  if not c.is_cuda and float(c) == 1.0:
    return x
  return x / c
