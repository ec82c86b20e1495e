# Matrix products in bfloat16. Every matmul file defines the same functions.
# x (M, K), g (M, N) and w (N, K), a float32 weight after `cast`; all contiguous; s is a factor.


def cast(x: Tensor) -> Tensor:
  # The number format of products.
  return x.to(torch.bfloat16)


def matmul(x: Tensor, w: Tensor) -> Tensor:
  # x w^T, (M, N) bfloat16
  return torch.linear(x, w)


def matmul_bias(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  # x w^T + b, (M, N) bfloat16: b (N) float32
  return torch.linear(x, w, cast(b))


def matmul_added(r: Tensor, x: Tensor, w: Tensor) -> Tensor:
  # r + x w^T, (M, N) float32
  return r + torch.linear(x, w)


def input_gradient(g: Tensor, w: Tensor) -> Tensor:
  # g w, (M, K) bfloat16
  return torch.mm(g, w)


def add_weight_gradient(dw: Tensor, g: Tensor, x: Tensor, s: float) -> None:
  # dw + s g^T x into dw (N, K) float32, which is empty where the weight is frozen
  if dw.numel() > 0:
    dw.add_(torch.mm(g.t(), x), alpha=s)
