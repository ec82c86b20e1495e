# Sums over coordinates for the hooks. Nothing here writes to its arguments. float64 is dtype 7.


def copies(tensors: List[Tensor]) -> List[Tensor]:
  result: List[Tensor] = []
  for x in tensors:
    result.append(x.clone())
  return result


def gram(vectors: List[Tensor], count: int, cumulative: bool) -> Tensor:
  # `count` gradients of n tensors each, one gradient after the other in the list -> inner products
  # by tensor, (n, count, count) float64. If cumulative, gradient k stands as the sum of the first
  # k + 1 and is recovered by subtraction. Works on pieces: float32 sums stay short.
  n = len(vectors) // count
  piece = 1 << 17
  rows: List[Tensor] = []
  for i in range(n):
    size = vectors[i].numel()
    products = torch.zeros([count, count], dtype=7, device=vectors[i].device)
    for a in range(0, size, piece):
      b = min(piece, size - a)
      parts: List[Tensor] = []
      for k in range(count):
        parts.append(vectors[k * n + i].reshape([-1]).narrow(0, a, b))
      x = torch.stack(parts)  # (count, b)
      if cumulative and count > 1:
        x = torch.cat([x.narrow(0, 0, 1), x.narrow(0, 1, count - 1) - x.narrow(0, 0, count - 1)])
      products.add_(torch.mm(x, x.t()).to(7))
    rows.append(products)
  return torch.stack(rows)


def products(left: List[Tensor], right: List[Tensor], count: int) -> Tensor:
  # `count` vectors of n tensors each on the left, one on the right -> inner products by tensor,
  # (n, count) float64
  n = len(right)
  rows: List[Tensor] = []
  for i in range(n):
    y = right[i].reshape([-1])
    cells: List[Tensor] = []
    for k in range(count):
      x = left[k * n + i].reshape([-1])
      total = torch.zeros([], dtype=7, device=x.device)
      for a in range(0, x.numel(), 1 << 17):
        b = min(1 << 17, x.numel() - a)
        total.add_(torch.dot(x.narrow(0, a, b), y.narrow(0, a, b)).to(7))
      cells.append(total)
    rows.append(torch.stack(cells))
  return torch.stack(rows)


def moments(
    ms: List[Tensor], vs: List[Tensor], gs: List[Tensor], c1: float, c2: float,
    equal: bool, bins: int, low: float, high: float) -> Tensor:
  # By tensor, (n, 7 + bins) float64: sums over coordinates of m g, m^4, m^2 g^2, g^4; of d^2
  # and |d| with d = (m / c1) / sqrt(v / c2), 0 where v is 0, and of v / c2 (all 0 without vs); then,
  # if equal, a histogram of log2 |m / sigma| with sigma^2 = v / c2 - (m / c1)^2 over [low, high], what lies
  # outside in the first or last bin, coordinates with v = 0 in none.
  rows: List[Tensor] = []
  for i in range(len(ms)):
    size = ms[i].numel()
    sums = torch.zeros([7 + bins], dtype=7, device=ms[i].device)
    piece = size if ms[i].is_cuda else 1 << 15
    for a in range(0, size, piece):
      b = min(piece, size - a)
      m = ms[i].reshape([-1]).narrow(0, a, b).to(7)
      g = gs[i].reshape([-1]).narrow(0, a, b).to(7)
      m2 = m * m
      g2 = g * g
      parts = [torch.dot(m, g), torch.dot(m2, m2), torch.dot(m2, g2), torch.dot(g2, g2)]
      if len(vs) > 0:
        v = vs[i].reshape([-1]).narrow(0, a, b).to(7) / c2
        d2 = torch.where(v > 0.0, m2 / (c1 * c1) / v, torch.zeros_like(v))
        parts.append(torch.sum(d2))
        parts.append(torch.sum(torch.sqrt(d2)))
        parts.append(torch.sum(v))
        if equal:
          # d^2 = 1 / (1 + sigma^2 / m^2), so (m / sigma)^2 = d^2 / (1 - d^2)
          ratio = torch.log2(d2 / torch.clamp(1.0 - d2, min=1e-12)) * 0.5
          ratio = torch.clamp(ratio, low, high)
          counts = torch.histc(torch.masked_select(ratio, v > 0.0), bins, low, high)
          sums.narrow(0, 7, bins).add_(counts)
      else:
        for j in range(3):
          parts.append(torch.zeros_like(parts[0]))
      sums.narrow(0, 0, 7).add_(torch.stack(parts))
    rows.append(sums)
  return torch.stack(rows)
