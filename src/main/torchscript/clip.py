# Clipping and the guard of a step, on the device. float64 is dtype 7.


def close_step(
    losses: List[Tensor], grads: List[Tensor], max_norm: float, ring: Tensor, slot: int) -> Tensor:
  # Mean loss of the micro-batches and global norm of the gradients; a finite pair opens the gate.
  # Scales the gradients in place by min(1, max_norm / norm) (max_norm 0: not at all), or sets them
  # to zero when the gate is shut. Writes (loss, norm, gate) to row `slot` of the ring, (n, 3)
  # float64, and returns the gate: () float64, 1 or 0.
  loss = torch.mean(torch.stack(losses).to(7))
  squares: List[Tensor] = []
  for g in grads:
    squares.append(torch.linalg_vector_norm(g).to(7))
  norm = torch.linalg_vector_norm(torch.stack(squares))
  gate = torch.isfinite(loss).logical_and(torch.isfinite(norm)).to(7)
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
  ring.select(0, slot).copy_(torch.stack([loss, norm, gate]))
  return gate
