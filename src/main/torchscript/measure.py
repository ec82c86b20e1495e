# Sums over coordinates for the hooks. Nothing here writes to its arguments, but for the rings of follow.


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


def octaves(square: Tensor, bins: int, low: float, high: float) -> Tensor:
  # Numbers of log2 sqrt(x), x >= 0 (n), in bins of 1/2 over [low, high], what lies outside in the first or
  # last one, (bins) float64. Whole numbers are counted faster than torch.histc finds a bin.
  x = torch.log2(square)
  if x.is_cuda:
    return histogram(torch.clamp(x * 0.5, low, high), bins, low, high)
  bin = torch.floor(x).sub_(2.0 * low).clamp_(0.0, float(bins - 1)).to(torch.int32)
  return torch.bincount(bin, minlength=bins).to(torch.float64)


def turned(m: Tensor, x: Tensor, share: float) -> Tensor:
  # Coordinates (n) whose m had a sign before it took share x, x not 0, and those that have another
  # one since, (2) float64. That is where m / x lies in (0, share); m was 0 where m / x is share but for
  # rounding. 0 / 0 lies nowhere, m / 0 beyond. In place a comparison gives numbers, which is faster.
  r = m / x
  below = torch.sum(r.clone().lt_(share * (1.0 - 1e-6)), dtype=torch.float64)
  through = torch.sum(r.clone().le_(share * (1.0 + 1e-6)), dtype=torch.float64)
  changed = below - torch.sum(r.le_(0.0), dtype=torch.float64)
  return torch.stack([torch.count_nonzero(x) - (through - below), changed])


def moments(
    ms: List[Tensor], vs: List[Tensor], gs: List[Tensor], c1: float, c2: float,
    share: float, signs: bool, equal: bool, bins: int, low: float, high: float) -> Tensor:
  # By tensor, (n, 9 + bins) float64: sums over coordinates of m g, m^4, m^2 g^2, g^4; of d^2
  # and |d| with d = (m / c1) / sqrt(v / c2), 0 where v is 0, and of v / c2 (all 0 without vs); then
  # the coordinates whose m had a sign and took a gradient other than 0 in this step, and those of
  # them whose m changed its sign by share g, or share sign(g) if signs (both 0 if share is 0); then,
  # if equal, a histogram of log2 |m / sigma| with sigma^2 = v / c2 - (m / c1)^2 in bins of 1/2 over
  # [low, high], what lies outside in the first or last bin, coordinates with v = 0 in none. Of a tensor of
  # more than 20,000 coordinates signs and histogram take every fifth, which counts five times: shares are
  # then known to 0.8 % (one standard error) or better, and no two rows of a matrix are hit in the same
  # columns. Pieces stay in the cache and float32 sums short; m and g go in units of the tensor's RMS
  # gradient, whose fourth power no float32 underflows.
  rows: List[Tensor] = []
  for i in range(len(ms)):
    m = ms[i].reshape([-1])
    g = gs[i].reshape([-1])
    size = m.numel()
    sums = torch.zeros([9 + bins], dtype=torch.float64, device=m.device)
    products = sums.narrow(0, 0, 4)
    rms = torch.sqrt(torch.dot(g, g) / size)
    unit = torch.where(rms > 0.0, rms, torch.ones_like(rms))
    one = torch.reciprocal(unit)
    piece = size if m.is_cuda else 1 << 16
    for a in range(0, size, piece):
      b = min(piece, size - a)
      x = m.narrow(0, a, b) * one
      y = g.narrow(0, a, b) * one
      both = torch.dot(x, y)
      x2 = x.mul_(x)
      y2 = y.mul_(y)
      products.add_(torch.stack([both, torch.dot(x2, x2), torch.dot(x2, y2), torch.dot(y2, y2)]))
      if len(vs) > 0:
        v = vs[i].reshape([-1]).narrow(0, a, b)
        d = torch.nan_to_num(torch.rsqrt(v), 0.0, 0.0).mul_(m.narrow(0, a, b)).abs_()
        sums.narrow(0, 4, 3).add_(torch.stack([torch.dot(d, d), torch.sum(d), torch.sum(v)]))
    square = unit.to(torch.float64) * unit.to(torch.float64)
    fourth = square * square
    products.mul_(torch.stack([square, fourth, fourth, fourth]))
    sums[4].mul_(c2 / (c1 * c1))
    sums[5].mul_(c2**0.5 / c1)
    sums[6].div_(c2)
    every = 5 if size > 20000 else 1
    m = torch.slice(m, 0, 0, size, every).contiguous()
    if share > 0.0:
      g = torch.slice(g, 0, 0, size, every).contiguous()
      sums.narrow(0, 7, 2).add_(turned(m, torch.sign(g) if signs else g, share), alpha=every)
    if equal:
      # d^2 = 1 / (1 + sigma^2 / m^2), so (m / sigma)^2 = d^2 / (1 - d^2)
      v = torch.slice(vs[i].reshape([-1]), 0, 0, size, every).contiguous()
      d2 = torch.nan_to_num(torch.square(m).div_(v), 0.0, 0.0).mul_(c2 / (c1 * c1))
      counts = octaves(d2 / torch.clamp(1.0 - d2, min=1e-12), bins, low, high)
      counts[0].sub_(v.numel() - torch.count_nonzero(v))  # whose d is 0 for want of v
      sums.narrow(0, 9, bins).add_(counts, alpha=every)
    rows.append(sums)
  return torch.stack(rows)


def denominators(v: Tensor, steps: Tensor, beta2: float, eps: float, inside: float) -> Tensor:
  # What an update divides by, with v / (1 - beta2^steps) where beta2 is above 0; 0 where v is 0 and eps too
  whole = 1.0 - torch.pow(torch.full_like(steps, beta2), steps)
  corrected = v / whole.to(v.dtype)
  if inside > 0.0:
    return torch.sqrt(corrected + eps * eps)
  return torch.sqrt(corrected) + eps


def over(x: Tensor, y: Tensor) -> Tensor:
  # x / y, 0 where y is 0
  return torch.where(y > 0.0, x / torch.where(y > 0.0, y, torch.ones_like(y)), torch.zeros_like(x))


def follow(
    gs: List[Tensor], vs: List[Tensor], index: List[Tensor], raw: List[Tensor], scaled: List[Tensor],
    beta2: List[float], eps: List[float], inside: List[float], steps: Tensor, last: Tensor,
    filled: Tensor) -> List[Tensor]:
  # Writes the gradients of some coordinates of each tensor, and the same over what the update divides by,
  # into row (steps mod K) of the rings (K, n); nothing where no step was taken since the last call.
  # An empty v: all coordinates count alike.
  taken = steps > last
  for i in range(len(gs)):
    g = gs[i].reshape([-1]).index_select(0, index[i])
    x = g
    if vs[i].numel() > 0:
      v = vs[i].reshape([-1]).index_select(0, index[i])
      x = over(g, denominators(v, steps, beta2[i], eps[i], inside[i]))
    row = torch.remainder(steps, raw[i].size(0)).to(torch.int64).reshape([1])
    raw[i].index_copy_(0, row, torch.where(taken, g.unsqueeze(0), raw[i].index_select(0, row)))
    scaled[i].index_copy_(0, row, torch.where(taken, x.unsqueeze(0), scaled[i].index_select(0, row)))
  filled.add_(taken.to(filled.dtype))
  last.copy_(steps)
  empty: List[Tensor] = []
  return empty


def memory(
    ms: List[Tensor], vs: List[Tensor], index: List[Tensor], raw: List[Tensor], scaled: List[Tensor],
    beta2: List[float], eps: List[float], inside: List[float], steps: Tensor,
    kernels: List[float], blocks: int) -> Tensor:
  # Of the rings (K, n) of some tensors together, whose coordinates are dealt to blocks in turn, float64 in
  # one row: inner products (blocks, K, K) of the gradients over what the update divided them by at
  # their own step, the newest first; then by block (blocks, 3 + kernels) the number of coordinates,
  # the sums of squares of m and of m without eps over what the update divides by now, and those of each
  # exponential average of squares, sum over j of ((1 - beta) beta^j g_j)^2, without eps.
  # An empty m is the newest gradient.
  length = raw[0].size(0)
  device = raw[0].device
  ages = torch.arange(length, dtype=torch.float64, device=device)
  order = torch.remainder(steps - ages, length).to(torch.int64)
  weights: List[Tensor] = []
  for beta in kernels:
    decay = torch.pow(torch.full_like(ages, beta * beta), ages) * ((1.0 - beta) * (1.0 - beta))
    weights.append(decay.to(torch.float32))
  kernel = torch.stack(weights)
  xs: List[Tensor] = []
  us: List[Tensor] = []
  bares: List[Tensor] = []
  squares: List[Tensor] = []
  for i in range(len(raw)):
    gradients = raw[i].index_select(0, order)
    xs.append(scaled[i].index_select(0, order))
    m = gradients[0]
    if ms[i].numel() > 0:
      m = ms[i].reshape([-1]).index_select(0, index[i])
    if vs[i].numel() > 0:
      v = vs[i].reshape([-1]).index_select(0, index[i])
      bare = denominators(v, steps, beta2[i], 0.0, 0.0)
      us.append(over(m, denominators(v, steps, beta2[i], eps[i], inside[i])))
      bares.append(over(m, bare))
      y = over(gradients, bare.unsqueeze(0).expand_as(gradients))
      squares.append(torch.mm(kernel, y * y))
    else:
      us.append(m)
      bares.append(m)
      squares.append(torch.mm(kernel, gradients * gradients))
  x = torch.cat(xs, 1)
  u = torch.cat(us)
  bare = torch.cat(bares)
  square = torch.cat(squares, 1)
  n = x.size(1)
  grams: List[Tensor] = []
  sums: List[Tensor] = []
  for b in range(blocks):
    part = torch.slice(x, 1, b, n, blocks)
    grams.append(torch.mm(part, part.t()).to(torch.float64).reshape([-1]))
    ub = torch.slice(u, 0, b, n, blocks).to(torch.float64)
    bb = torch.slice(bare, 0, b, n, blocks).to(torch.float64)
    count = torch.full([1], float(part.size(1)), dtype=torch.float64, device=device)
    sums.append(torch.cat([count, torch.sum(ub * ub).reshape([1]), torch.sum(bb * bb).reshape([1]),
                           torch.sum(torch.slice(square, 1, b, n, blocks).to(torch.float64), 1)]))
  return torch.cat([torch.cat(grams), torch.cat(sums)])
