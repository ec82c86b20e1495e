# Clipping and the guard of a step, on the device.


def clip_and_guard(
    losses: List[Tensor], grads: List[Tensor], max_norm: float, limit: float,
    max_skipped: float, skipped: Tensor, ring: Tensor, slot: int) -> Tensor:
  # Mean loss of the micro-batches and global norm of the gradients; a finite pair opens the gate.
  # Scales the gradients in place by min(1, max_norm / norm) (max_norm 0: not at all), then limits
  # each coordinate to [-limit, limit] (limit 0: not at all), or sets them to zero when the gate is
  # shut. Writes (loss, norm, gate, scale, share of limited coordinates, first tensor whose norm is
  # not finite or -1, and -1 for `record_momentum_clipping` to replace) to row `slot` of the ring,
  # (n, 7) float64, and returns the gate: () float64, 1 or 0. `skipped`, () float64, counts the
  # steps skipped in a row; once it exceeds `max_skipped`, the gate stays shut and the count as it is.
  loss = torch.mean(torch.stack(losses).to(torch.float64))
  squares: List[Tensor] = []
  for g in grads:
    squares.append(torch.linalg_vector_norm(g).to(torch.float64))
  norms = torch.stack(squares)
  norm = torch.linalg_vector_norm(norms)
  bad = torch.logical_not(torch.isfinite(norms)).to(torch.float64)
  # argmax finds the first of equal values
  first = torch.where(torch.sum(bad) > 0.0, torch.argmax(bad).to(torch.float64), torch.full_like(norm, -1.0))
  waiting = skipped <= max_skipped
  gate = torch.isfinite(loss).logical_and(torch.isfinite(norm)).logical_and(waiting).to(torch.float64)
  skipped.copy_(torch.where(waiting, (skipped + 1.0) * (1.0 - gate), skipped))
  scale = gate
  if max_norm > 0.0:
    # 0 / 0 is no scale: a norm of zero leaves zero gradients as they are.
    scale = gate * torch.clamp(max_norm / torch.clamp(norm, min=1e-300), max=1.0)
  scale = torch.where(gate == 0.0, gate, scale)
  if gate.is_cuda:
    for g in grads:
      g.copy_(torch.where(gate == 0.0, torch.zeros_like(g), g * scale.to(g.dtype)))
  elif float(gate) == 0.0:
    torch._foreach_zero_(grads)
  elif float(scale) != 1.0:
    torch._foreach_mul_(grads, float(scale))
  limited = torch.zeros_like(loss)
  if limit > 0.0:
    count = 0
    for g in grads:
      limited.add_(torch.sum(torch.abs(g) > limit).to(torch.float64))
      g.clamp_(-limit, limit)
      count += g.numel()
    limited.div_(float(count))
  none = torch.full_like(loss, -1.0)
  ring.select(0, slot).copy_(torch.stack([loss, norm, gate, scale, limited, first, none]))
  return gate


def record_momentum_clipping(
    counts: List[Tensor], size: float, gate: Tensor, ring: Tensor, slot: int) -> None:
  # Share of `size` coordinates that optimizers cut after averaging; of a step left out, 0.
  ring.select(0, slot).select(0, 6).copy_(torch.sum(torch.stack(counts)) * gate / size)


def restore(skipped: Tensor, count: float) -> None:
  # The count of steps left out in a row, as a checkpoint has it.
  skipped.fill_(count)


def zero(grads: List[Tensor]) -> None:
  torch._foreach_zero_(grads)
