"""Adamant's model in plain PyTorch, to compare training throughput with.

Pre-norm, RMSNorm, rotary positions, SwiGLU, no biases, untied head; AdamW, global-norm clipping. --family
gpt2 has LayerNorm, learned positions, GELU and all biases, --family grouped a quarter as many key heads as
query heads; both share the embedding's weights with the head. Needs PyTorch alone (1.13 or later). Prints one JSON line with the median tokens a second. With --bf16
products are autocast and weights stay fp32, as in Adamant; --compile compiles the model.

    OMP_NUM_THREADS=2 python3 torch_gpt.py --width 128 --layers 4 --heads 4 --context 128 --batch 16
"""
import argparse
import json
import math
import time

import torch
import torch.nn.functional as F


class Norm(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.gain


class Layer(torch.nn.Module):
    def __init__(self, width, heads, hidden, context):
        super().__init__()
        self.heads, self.head = heads, width // heads
        self.norm1, self.norm2 = Norm(width), Norm(width)
        self.qkv = torch.nn.Linear(width, 3 * width, bias=False)
        self.out = torch.nn.Linear(width, width, bias=False)
        self.up = torch.nn.Linear(width, 2 * hidden, bias=False)
        self.down = torch.nn.Linear(hidden, width, bias=False)
        half = self.head // 2
        angle = torch.arange(context)[:, None] * 500000.0 ** (-torch.arange(half) / half)
        self.register_buffer("cos", angle.cos())
        self.register_buffer("sin", angle.sin())
        self.register_buffer("mask", torch.full((context, context), -math.inf).triu(1))

    def rotate(self, x):
        a, b = x.chunk(2, -1)
        return torch.cat([a * self.cos - b * self.sin, b * self.cos + a * self.sin], -1)

    def attend(self, q, k, v):
        if hasattr(F, "scaled_dot_product_attention"):
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)
        b, h, t, d = q.shape
        scores = torch.baddbmm(self.mask, q.reshape(b * h, t, d), k.reshape(b * h, t, d).transpose(1, 2), alpha=d**-0.5)
        return torch.bmm(scores.softmax(-1), v.reshape(b * h, t, d)).view(b, h, t, d)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, self.head).permute(2, 0, 3, 1, 4)
        y = self.attend(self.rotate(q), self.rotate(k), v)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, c))
        gate, up = self.up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Gpt2Layer(Layer):
    def __init__(self, width, heads, hidden, context):
        super().__init__(width, heads, hidden, context)
        self.norm1, self.norm2 = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.qkv = torch.nn.Linear(width, 3 * width)
        self.out = torch.nn.Linear(width, width)
        self.up = torch.nn.Linear(width, hidden)
        self.down = torch.nn.Linear(hidden, width)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, self.head).permute(2, 0, 3, 1, 4)
        x = x + self.out(self.attend(q, k, v).transpose(1, 2).reshape(b, t, c))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class GroupedLayer(Layer):
    def __init__(self, width, heads, hidden, context):
        super().__init__(width, heads, hidden, context)
        self.keys = heads // 4
        self.qkv = torch.nn.Linear(width, (heads + 2 * self.keys) * self.head, bias=False)

    def forward(self, x):
        b, t, c = x.shape
        qkv = self.qkv(self.norm1(x)).view(b, t, self.heads + 2 * self.keys, self.head).transpose(1, 2)
        q, k, v = qkv.split([self.heads, self.keys, self.keys], 1)
        k, v = self.rotate(k).repeat_interleave(4, 1), v.repeat_interleave(4, 1)
        x = x + self.out(self.attend(self.rotate(q), k, v).transpose(1, 2).reshape(b, t, c))
        gate, up = self.up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


LAYERS = {"default": Layer, "gpt2": Gpt2Layer, "grouped": GroupedLayer}


class Gpt(torch.nn.Module):
    def __init__(self, vocab, width, layers, heads, hidden, context, family="default"):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocab, width)
        self.positions = torch.nn.Embedding(context, width) if family == "gpt2" else None
        self.layers = torch.nn.ModuleList(LAYERS[family](width, heads, hidden, context) for _ in range(layers))
        self.norm = torch.nn.LayerNorm(width) if family == "gpt2" else Norm(width)
        self.head = torch.nn.Linear(width, vocab, bias=False)
        if family != "default":
            self.head.weight = self.embedding.weight
        for p in self.parameters():
            if p.dim() > 1:
                torch.nn.init.normal_(p, std=0.02)

    def forward(self, tokens, targets):
        x = self.embedding(tokens)
        if self.positions is not None:
            x = x + self.positions.weight[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        return F.cross_entropy(self.head(self.norm(x)).flatten(0, 1), targets.flatten())


def main():
    parser = argparse.ArgumentParser()
    for name, default in dict(vocab=4096, width=128, layers=4, heads=4, hidden=344, context=128, batch=16, steps=40, warmup=5, threads=2).items():
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--family", choices=LAYERS, default="default")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    model = Gpt(args.vocab, args.width, args.layers, args.heads, args.hidden, args.context, args.family)
    model = model.to(args.device)
    forward = torch.compile(model) if args.compile else model
    cuda = args.device.startswith("cuda")
    wait = torch.cuda.synchronize if cuda else lambda: None
    decayed = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=4e-3, betas=(0.95, 0.95), weight_decay=0.1, **({"fused": True} if cuda else {}))
    seconds = []
    for step in range(args.warmup + args.steps):
        data = torch.randint(args.vocab, (args.batch, args.context + 1))
        wait()
        start = time.perf_counter()
        data = data.to(args.device)
        with torch.autocast(args.device.split(":")[0], dtype=torch.bfloat16, enabled=args.bf16):
            loss = forward(data[:, :-1].contiguous(), data[:, 1:].contiguous())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        wait()
        if step >= args.warmup:
            seconds.append(time.perf_counter() - start)
    seconds.sort()
    median = seconds[len(seconds) // 2]
    print(json.dumps({
        "torch": torch.__version__,
        "parameters": sum(p.numel() for p in model.parameters()),
        "ms_per_step": 1e3 * median,
        "tokens_per_s": args.batch * args.context / median,
        "loss": loss.item(),
        "peak_memory_bytes": torch.cuda.max_memory_reserved() if cuda else None,
    }))


if __name__ == "__main__":
    main()
