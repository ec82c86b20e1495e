# Sums over coordinates for the hooks. Nothing here writes to its arguments.


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
    products = torch.zeros([count, count], dtype=torch.float64, device=vectors[i].device)
    for a in range(0, size, piece):
      b = min(piece, size - a)
      parts: List[Tensor] = []
      for k in range(count):
        parts.append(vectors[k * n + i].reshape([-1]).narrow(0, a, b))
      x = torch.stack(parts)  # (count, b)
      if cumulative and count > 1:
        x = torch.cat([x.narrow(0, 0, 1), x.narrow(0, 1, count - 1) - x.narrow(0, 0, count - 1)])
      products.add_(torch.mm(x, x.t()).to(torch.float64))
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
      total = torch.zeros([], dtype=torch.float64, device=x.device)
      for a in range(0, x.numel(), 1 << 17):
        b = min(1 << 17, x.numel() - a)
        total.add_(torch.dot(x.narrow(0, a, b), y.narrow(0, a, b)).to(torch.float64))
      cells.append(total)
    rows.append(torch.stack(cells))
  return torch.stack(rows)


def histogram(x: Tensor, bins: int, low: float, high: float) -> Tensor:
  # Numbers of x (n) in equal bins over [low, high], both ends included, (bins) float64; others are in none.
  # torch.histc does the same, but on a GPU it fails where deterministic kernels are asked for.
  ordered = torch.sort(x)[0]
  edges = torch.linspace(low, high, bins + 1, dtype=x.dtype, device=x.device)
  below = torch.searchsorted(ordered, edges)  # numbers before each edge
  through = torch.searchsorted(ordered, edges.narrow(0, bins, 1), right=True)
  upper = torch.cat([below.narrow(0, 1, bins - 1), through])
  return (upper - below.narrow(0, 0, bins)).to(torch.float64)


def turned(m: Tensor, x: Tensor, share: float, piece: int) -> Tensor:
  # Coordinates (n) whose m had a sign before it took share x, x not 0, and those that have another
  # one since, (2) float64. That is where m / x lies in (0, share); m was 0 where m / x is share but for
  # rounding. 0 / 0 lies nowhere, m / 0 beyond.
  start = share * (1.0 - 1e-6)
  end = share * (1.0 + 1e-6)
  counts = torch.zeros([2], dtype=torch.int64, device=m.device)
  for a in range(0, m.numel(), piece):
    b = min(piece, m.numel() - a)
    y = x.narrow(0, a, b)
    r = m.narrow(0, a, b) / y
    changed = torch.count_nonzero(torch.logical_and(r > 0.0, r < start))
    fresh = torch.count_nonzero(torch.logical_and(r >= start, r <= end))
    counts.add_(torch.stack([torch.count_nonzero(y) - fresh, changed]))
  return counts.to(torch.float64)


def moments(
    ms: List[Tensor], vs: List[Tensor], gs: List[Tensor], c1: float, c2: float,
    share: float, signs: bool, equal: bool, bins: int, low: float, high: float) -> Tensor:
  # By tensor, (n, 9 + bins) float64: sums over coordinates of m g, m^4, m^2 g^2, g^4; of d^2
  # and |d| with d = (m / c1) / sqrt(v / c2), 0 where v is 0, and of v / c2 (all 0 without vs); then
  # the coordinates whose m had a sign and took a gradient other than 0 in this step, and those of
  # them whose m changed its sign by share g, or share sign(g) if signs (both 0 if share is 0); then,
  # if equal, a histogram of log2 |m / sigma| with sigma^2 = v / c2 - (m / c1)^2 over [low, high], what lies
  # outside in the first or last bin, coordinates with v = 0 in none. Of a tensor of more than 20,000
  # coordinates signs and histogram take every fifth, which counts five times: shares are then known to
  # 0.8 % (one standard error) or better, and no two rows of a matrix are hit in the same columns.
  # Pieces stay in the cache and float32 sums short; m and g go in units of the piece's RMS gradient,
  # whose fourth power no float32 underflows.
  rows: List[Tensor] = []
  for i in range(len(ms)):
    size = ms[i].numel()
    sums = torch.zeros([9 + bins], dtype=torch.float64, device=ms[i].device)
    piece = size if ms[i].is_cuda else 1 << 15
    every = 5 if size > 20000 else 1
    for a in range(0, size, piece):
      b = min(piece, size - a)
      m = ms[i].reshape([-1]).narrow(0, a, b)
      g = gs[i].reshape([-1]).narrow(0, a, b)
      rms = torch.sqrt(torch.dot(g, g) / b)
      unit = torch.where(rms > 0.0, rms, torch.ones_like(rms))
      x = m / unit
      y = g / unit
      x2 = x * x
      y2 = y * y
      square = unit.to(torch.float64) * unit.to(torch.float64)
      products = torch.stack([torch.dot(x2, x2), torch.dot(x2, y2), torch.dot(y2, y2)]).to(torch.float64)
      sums.narrow(0, 0, 1).add_(torch.dot(x, y).to(torch.float64) * square)
      sums.narrow(0, 1, 3).add_(products * (square * square))
      if len(vs) > 0:
        v = vs[i].reshape([-1]).narrow(0, a, b)
        d = torch.abs(m) * torch.rsqrt(v)
        d = torch.where(v > 0.0, d, torch.zeros_like(d)) * (c2**0.5 / c1)
        d2 = d * d
        parts = torch.stack([torch.sum(d2), torch.sum(d), torch.sum(v) / c2])
        sums.narrow(0, 4, 3).add_(parts.to(torch.float64))
        if equal:
          # d^2 = 1 / (1 + sigma^2 / m^2), so (m / sigma)^2 = d^2 / (1 - d^2)
          few = torch.slice(d2, 0, 0, b, every)
          ratio = torch.log2(few / torch.clamp(1.0 - few, min=1e-12)) * 0.5
          seen = torch.slice(v, 0, 0, b, every) > 0.0
          ratio = torch.where(seen, torch.clamp(ratio, low, high), torch.full_like(ratio, high + 1.0))
          if ratio.is_cuda:
            counts = histogram(ratio, bins, low, high)
          else:
            counts = torch.histc(ratio, bins, low, high).to(torch.float64)
          sums.narrow(0, 9, bins).add_(counts, alpha=every)
    if share > 0.0:
      m = torch.slice(ms[i].reshape([-1]), 0, 0, size, every)
      g = torch.slice(gs[i].reshape([-1]), 0, 0, size, every)
      sums.narrow(0, 7, 2).add_(turned(m, torch.sign(g) if signs else g, share, piece), alpha=every)
    rows.append(sums)
  return torch.stack(rows)
