# Matrix products in float32 by torch's own BLAS. Every matmul file defines the same functions.
# x (M, K), w (N, K), g (M, N), all contiguous; s is a factor.


def cast(x: Tensor) -> Tensor:
  # The number format of products.
  return x


def matmul(x: Tensor, w: Tensor) -> Tensor:
  # x w^T, (M, N)
  return torch.linear(x, w)


def matmul_bias(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  # x w^T + b, (M, N): b (N)
  return torch.linear(x, w, b)


def matmul_added(r: Tensor, x: Tensor, w: Tensor) -> Tensor:
  # r + x w^T, (M, N) float32
  return torch.addmm(r, x, w.t())


def input_gradient(g: Tensor, w: Tensor) -> Tensor:
  # g w, (M, K)
  return torch.mm(g, w)


def add_weight_gradient(dw: Tensor, g: Tensor, x: Tensor, s: float) -> None:
  # dw + s g^T x into dw (N, K) float32, which is empty where the weight is frozen
  if dw.numel() > 0:
    dw.addmm_(g.t(), x, beta=1, alpha=s)
