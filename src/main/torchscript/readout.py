# The running average of the weights that a run trains. Nothing here writes to the weights.


def copy(means: List[Tensor], weights: List[Tensor]) -> None:
  for i in range(len(means)):
    means[i].copy_(weights[i])


def average(
    means: List[Tensor], weights: List[Tensor], count: Tensor, gate: Tensor, decay: float,
    uniform: bool) -> None:
  # mean <- mean + gate (1 - a_t) (weight - mean), where t, () float64, counts the open gates: a_t is
  # min(decay, (1 + t) / (10 + t)) or, where the mean is uniform, 1 - 1 / t. `gate`, () float64, is 1
  # or 0.
  count.add_(gate)
  if uniform:
    share = 1.0 / torch.clamp(count, min=1.0)
  else:
    share = torch.clamp(9.0 / (10.0 + count), min=1.0 - decay)
  if gate.is_cuda:
    share = (gate * share).to(means[0].dtype)
    for i in range(len(means)):
      means[i].lerp_(weights[i], share)
  elif float(gate) != 0.0:
    for i in range(len(means)):
      means[i].lerp_(weights[i], float(share))


def restore(count: Tensor, value: float) -> None:
  count.fill_(value)
