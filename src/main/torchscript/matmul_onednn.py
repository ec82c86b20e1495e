# Matrix products in float32 by oneDNN, which uses AVX-512 on processors where MKL does not. Every
# product file defines the same functions. These operators have no gradients of their own.
# x (M, K), w (N, K), g (M, N), all contiguous; s is a factor.


def cast(x: Tensor) -> Tensor:
  # The number format of products.
  return x


def matmul(x: Tensor, w: Tensor) -> Tensor:
  # x w^T, (M, N)
  return ops.mkldnn._linear_pointwise(x, w, None, "none", [], "")


def matmul_bias(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  # x w^T + b, (M, N): b (N)
  return ops.mkldnn._linear_pointwise(x, w, b, "none", [], "")


def matmul_added(r: Tensor, x: Tensor, w: Tensor) -> Tensor:
  # r + x w^T, (M, N)
  return ops.mkldnn._linear_pointwise(x, w, None, "none", [], "").add_(r)


def input_gradient(g: Tensor, w: Tensor) -> Tensor:
  # g w, (M, K)
  return ops.mkldnn._linear_pointwise(g, w.t(), None, "none", [], "")


def add_weight_gradient(dw: Tensor, g: Tensor, x: Tensor, s: float) -> None:
  # dw + s g^T x into dw (N, K), which is empty where the weight is frozen; oneDNN is faster with the shorter
  # side as rows of its first operand
  if dw.numel() == 0:
    return
  if dw.size(0) < dw.size(1):
    dw.add_(ops.mkldnn._linear_pointwise(g.t(), x.t(), None, "none", [], ""), alpha=s)
  else:
    dw.add_(ops.mkldnn._linear_pointwise(x.t(), g.t(), None, "none", [], "").t(), alpha=s)
