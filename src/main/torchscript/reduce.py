# Sums of gradients over parts of a batch and over ranks.


def add(into: List[Tensor], other: List[Tensor]) -> None:
  torch._foreach_add_(into, other)


def keep(into: List[Tensor], other: List[Tensor]) -> None:
  for i in range(len(into)):
    into[i].copy_(other[i])


def zero(arrays: List[Tensor]) -> None:
  torch._foreach_zero_(arrays)


def add_part(into: Tensor, begin: int, other: Tensor, length: int) -> None:
  # Adds the first `length` numbers of `other` to those of `into` from `begin` on, counted along its
  # memory.
  into.view(-1).narrow(0, begin, length).add_(other.narrow(0, 0, length))


def pack(bucket: Tensor, arrays: List[Tensor]) -> None:
  # Lays the arrays one behind the other into `bucket`, a vector.
  begin = 0
  for a in arrays:
    bucket.narrow(0, begin, a.numel()).copy_(a.view(-1))
    begin += a.numel()


def unpack(arrays: List[Tensor], bucket: Tensor) -> None:
  begin = 0
  for a in arrays:
    a.view(-1).copy_(bucket.narrow(0, begin, a.numel()))
    begin += a.numel()
