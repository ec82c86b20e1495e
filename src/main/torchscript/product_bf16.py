# Matrix products in bfloat16 (dtype code 15). Every product file defines the same functions.
# x (M, K), g (M, N) and w (N, K), which `compute` has made of a float32 weight; all contiguous; s is a
# factor.


def compute(x: Tensor) -> Tensor:
  # The number format of products.
  return x.to(15)


def product(x: Tensor, w: Tensor) -> Tensor:
  # x w^T, (M, N) bfloat16
  return torch.linear(x, w)


def product_added(r: Tensor, x: Tensor, w: Tensor) -> Tensor:
  # r + x w^T, (M, N) float32
  return r + torch.linear(x, w)


def input_gradient(g: Tensor, w: Tensor) -> Tensor:
  # g w, (M, K) bfloat16
  return torch.mm(g, w)


def add_weight_gradient(dw: Tensor, g: Tensor, x: Tensor, s: float) -> None:
  # dw + s g^T x into dw (N, K) float32
  dw.add_(torch.mm(g.t(), x), alpha=s)
