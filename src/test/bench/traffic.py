"""Counts the bytes that the GPU's passes move, and those of the same model in eager PyTorch.

What a pass over memory costs on a GPU is bytes over bandwidth, and bytes can be counted on any machine:
each operator reads its tensors once and writes its results once. Products and attention, which arithmetic
bounds, and the embedding are left out. The sources of gpt_gpu.py are loaded as they are; only fused attention is taken
out of both sides. Needs PyTorch 1.13 or later, no GPU.

    python3 src/test/bench/traffic.py --batch 4 --context 2048
"""
import argparse
import collections
import io
import pathlib
import re
import zipfile

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

import torch_gpt

SOURCES = pathlib.Path(__file__).resolve().parents[3] / "src" / "main" / "torchscript"
FREE = "view _unsafe_view transpose permute select narrow slice t unsqueeze expand detach alias empty empty_like".split()
FREE += "chunk split unbind squeeze _reshape_alias as_strided reshape empty_strided set_ requires_grad_".split()
APART = ("mm", "addmm", "linear", "embedding", "embedding_dense_backward")


def bytes_of(x):
    """Of a tensor; dimensions that are broadcast are read once."""
    size = x.element_size()
    for length, stride in zip(x.shape, x.stride()):
        size *= length if stride else 1
    return size


class Traffic(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.bytes = collections.Counter()

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = operator._schema.name.split("::")[1]
        if name == "addcmul_" and args[0].dtype != args[2].dtype:
            result = args[0]  # PyTorch 1.13 cannot mix number formats there on a CPU; the count stays
        else:
            result = operator(*args, **kwargs)
        if name in FREE:
            return result
        tensors = lambda tree: [x for x in tree_flatten(tree)[0] if isinstance(x, torch.Tensor)]
        written = tensors(result)
        outputs = [x for key, x in kwargs.items() if key in ("out", "grad_input")]
        read = [x for x in tensors((args, kwargs)) if not any(x is y for y in outputs)]
        if name.startswith(("zero", "ones", "fill", "full", "new_zeros")):
            read = []
        elif name == "copy_":
            read = [args[1]]
        elif name in ("gather", "nll_loss_forward"):
            read = written
        elif name.startswith("scatter"):
            read, written = [args[3]], [args[3]]
        self.bytes[name] += sum(map(bytes_of, read)) + sum(map(bytes_of, written))
        return result

    def passes(self):
        return sum(n for name, n in self.bytes.items() if name not in APART)


class Attention(torch.autograd.Function):
    """In the place of fused attention: its shapes and strides, no traffic."""

    @staticmethod
    def forward(context, q, k, v):
        return torch.empty_like(q.transpose(1, 2), memory_format=torch.contiguous_format).transpose(1, 2)

    @staticmethod
    def backward(context, dy):
        return torch.empty_like(dy), torch.empty_like(dy), torch.empty_like(dy)


def eager(args, layers):
    torch_gpt.Layer.attend = lambda self, q, k, v: Attention.apply(q, k, v)
    model = torch_gpt.Gpt(args.vocab, args.width, layers, args.heads, args.hidden, args.context)
    data = torch.randint(args.vocab, (args.batch, args.context + 1))
    traffic = Traffic()
    with traffic:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model(data[:, :-1].contiguous(), data[:, 1:].contiguous())
        loss.backward()
    return traffic


def kernels():
    """gpt_gpu.py as a module with its functions as methods."""
    source = "".join((SOURCES / name).read_text() for name in ("matmul_bf16.py", "gpt_parts.py", "gpt_gpu.py"))
    source = source.replace("torch.scaled_dot_product_attention(q, k, v, None, 0.0, True)", "torch.empty_like(v)")
    source = re.sub(r"d = torch\.grad\(.*", "d = [torch.empty_like(dy), torch.empty_like(dy), torch.empty_like(dy)]", source)
    source = re.sub(r"unchecked_cast\(Tensor, (d\[.\])\)", r"\1", source)
    # A serialized program calls functions by their whole names and has numbers for dtypes.
    functions = "|".join(re.findall(r"^def (\w+)\(", source, re.M))
    source = re.sub(rf"(?<![\w.])(?<!def )({functions})\(", r"__torch__.\1(", source)
    for word, code in {"torch.bfloat16": 15, "torch.float64": 7, "torch.float32": 6, "torch.contiguous_format": 0}.items():
        source = source.replace(word, str(code))
    module = "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
    for name, parameters, result in re.findall(r"^def (\w+)\((.*?)\) -> (.*?):$", source, re.S | re.M):
        parameters = " ".join(parameters.split())
        names = ", ".join(re.findall(r"(\w+):", parameters))
        module += f"  def {name}(self: __torch__.M, {parameters}) -> {result}:\n"
        module += f"    {'' if result == 'None' else 'return '}__torch__.{name}({names})\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        file.writestr("m/data.pkl", b"\x80\x02c__torch__\nM\n)\x81}(X\x08\x00\x00\x00training\x88ub.")
        file.writestr("m/constants.pkl", b"\x80\x02).")
        file.writestr("m/version", b"10\n")
        file.writestr("m/code/__torch__.py", source + "\n\n" + module)
    archive.seek(0)
    return torch.jit.load(archive)


@torch.no_grad()
def ours(args):
    """Traffic of a layer and of the head, both with their gradients."""
    c, f, v, t, eps = args.width, args.hidden, args.vocab, args.context, 1e-6
    rows = args.batch * t
    k = kernels()
    cos, sin, mask = torch.rand(t, c // args.heads // 2), torch.rand(t, c // args.heads // 2), torch.zeros(1, 1)
    weights = [torch.ones(c), torch.randn(3 * c, c), torch.randn(c, c), torch.ones(c), torch.randn(2 * f, c), torch.randn(c, f)]
    gradients = [torch.zeros_like(w) for w in weights]
    x, dout = torch.randn(rows, c), torch.randn(rows, c)
    layer, head = Traffic(), Traffic()
    with layer:
        w = k.product_weights(weights)
        before = k.to_attention(x, w, t, args.heads, eps)
        attended = k.attention(before[0], cos, sin, mask, True)
        after = k.from_attention(x, attended[0], w, eps)
        dy = k.from_attention_gradient(dout, w, gradients, after[1:], t, args.heads)
        dqkv = k.attention_gradient(dy, attended, cos, sin, True)
        k.to_attention_gradient(dout, dqkv, w, gradients, before[1], before[2])
    w, dw, targets = torch.randn(v, c), [torch.zeros(c), torch.zeros(v, c)], torch.randint(v, (rows,))
    with head:
        k.head_loss(x, torch.ones(c), w, targets, dw, 1.0, eps, max(256, 2**27 // v))
    return layer, head


def main():
    parser = argparse.ArgumentParser()
    for name, default in dict(vocab=50304, width=768, heads=12, hidden=2048, context=2048, batch=4).items():
        parser.add_argument("--" + name, type=int, default=default)
    args = parser.parse_args()
    rows = args.batch * args.context
    one, two = eager(args, 1).passes(), eager(args, 2).passes()
    layer, head = ours(args)
    print(f"bytes a row of {args.width}, bf16, products, attention and embedding left out, {rows:,} rows a micro-batch")
    print(f"{'':34}{'eager PyTorch':>14}{'Adamant':>14}")
    for name, theirs, mine in (("layer", two - one, layer.passes()), ("head and loss", 2 * one - two, head.passes())):
        print(f"{name:34}{theirs / rows:14,.0f}{mine / rows:14,.0f}")
    print(f"{'12 layers, head and loss':34}{(12 * (two - one) + 2 * one - two) / rows:14,.0f}{(12 * layer.passes() + head.passes()) / rows:14,.0f}")


if __name__ == "__main__":
    main()
