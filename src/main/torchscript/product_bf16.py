# Matrix products in bfloat16 (dtype code 15) of float32 weights. Every product file defines the same
# functions. x (M, K) and g (M, N) bfloat16, w (N, K) float32, all contiguous; s is a factor.


def compute(x: Tensor) -> Tensor:
  # The number format of products.
  return x.to(15)


def product(x: Tensor, w: Tensor) -> Tensor:
  # x w^T, (M, N) bfloat16
  return torch.linear(x, w.to(15))


def product_added(r: Tensor, x: Tensor, w: Tensor) -> Tensor:
  # r + x w^T, (M, N) float32
  return r + torch.linear(x, w.to(15))


def input_gradient(g: Tensor, w: Tensor) -> Tensor:
  # g w, (M, K) bfloat16
  return torch.mm(g, w.to(15))


def add_weight_gradient(dw: Tensor, g: Tensor, x: Tensor, s: float) -> None:
  # dw + s g^T x into dw (N, K) float32
  dw.add_(torch.mm(g.t(), x), alpha=s)
