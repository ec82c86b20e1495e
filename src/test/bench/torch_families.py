"""Models in the layout of Hugging Face in plain PyTorch, to compare Adamant's import and export with.

    python3 src/test/bench/torch_families.py loss FOLDER < ids.json
    python3 src/test/bench/torch_families.py make FOLDER

loss: reads config.json and safetensors of a folder and prints the mean cross-entropy of rows of ids,
each predicting its next, in float64. make: writes small random models with logits, losses and
gradient norms, as src/test/resources/huggingface has them.

Written from the published definitions, by itself: it imports neither transformers nor safetensors,
and shares no code with Adamant. Needs PyTorch (Debian: python3-torch).
"""

import json
import math
import os
import struct
import sys

import torch

TYPES = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16}


def read_tensors(folder):
    index = os.path.join(folder, "model.safetensors.index.json")
    names = ["model.safetensors"]
    if os.path.exists(index):
        with open(index) as file:
            names = sorted(set(json.load(file)["weight_map"].values()))
    tensors = {}
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
            data = bytearray(file.read())
        for key, about in header.items():
            if key != "__metadata__":
                start, end = about["data_offsets"]
                flat = torch.frombuffer(data[start:end], dtype=TYPES[about["dtype"]])
                tensors[key] = flat.reshape(about["shape"]).double()
    return tensors


def write_tensors(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * 4
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.float().contiguous().numpy().tobytes())


# The parts of which models are made.


def linear(x, w, name):
    y = x @ w[name + ".weight"].T
    return y + w[name + ".bias"] if name + ".bias" in w else y


def conv1d(x, w, name):
    return x @ w[name + ".weight"] + w[name + ".bias"]


def rms_norm(x, gain, eps):
    return gain * x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps)


def layer_norm(x, w, name, eps):
    centered = x - x.mean(-1, keepdim=True)
    variance = (centered * centered).mean(-1, keepdim=True)
    return w[name + ".weight"] * centered / torch.sqrt(variance + eps) + w[name + ".bias"]


def silu(x):
    return x / (1 + torch.exp(-x))


def gelu(x, kind):
    if kind == "gelu":
        return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def frequencies(dims, base, scaling):
    """Of rotation, for each pair of dimensions; Llama 3 slows low ones down."""
    result = []
    for i in range(dims // 2):
        f = base ** (-2 * i / dims)
        if scaling is not None:
            wave = 2 * math.pi / f
            trained = scaling["original_max_position_embeddings"]
            low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
            if wave > trained / low:
                f = f / scaling["factor"]
            elif wave >= trained / high:
                smooth = (trained / wave - low) / (high - low)
                f = (1 - smooth) * f / scaling["factor"] + smooth * f
        result.append(f)
    return torch.tensor(result, dtype=torch.float64)


def rotated(x, freq):
    """x: (B, H, T, D); the first dims of each head turn, in halves."""
    half = len(freq)
    angle = torch.arange(x.shape[2], dtype=torch.float64)[:, None] * freq
    a, b, rest = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    cos, sin = torch.cos(angle), torch.sin(angle)
    return torch.cat((a * cos - b * sin, b * cos + a * sin, rest), -1)


def heads(x, count):
    batch, time, width = x.shape
    return x.reshape(batch, time, count, width // count).transpose(1, 2)


def attention(q, k, v):
    """(B, H, T, D) and (B, K, T, D) to (B, T, H D)."""
    share = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(share, 1), v.repeat_interleave(share, 1)
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
    time = q.shape[2]
    future = torch.triu(torch.ones(time, time, dtype=torch.bool), 1)
    y = torch.softmax(scores.masked_fill(future, float("-inf")), -1) @ v
    return y.transpose(1, 2).reshape(q.shape[0], time, -1)


# Whole models: ids (B, T) to logits (B, T, V).


def llama(config, w, ids):
    """Llama, Mistral, Qwen2 and Qwen3."""
    eps = config["rms_norm_eps"]
    count = config["num_attention_heads"]
    keys = config.get("num_key_value_heads", count)
    dims = config.get("head_dim") or config["hidden_size"] // count
    rope = config.get("rope_parameters") or {}
    scaling = config.get("rope_scaling") or (rope if rope.get("rope_type") == "llama3" else None)
    base = rope.get("rope_theta", config.get("rope_theta", 10000.0))
    freq = frequencies(dims, base, scaling)
    x = w["model.embed_tokens.weight"][ids]
    for i in range(config["num_hidden_layers"]):
        p = f"model.layers.{i}."
        h = rms_norm(x, w[p + "input_layernorm.weight"], eps)
        q = heads(linear(h, w, p + "self_attn.q_proj"), count)
        k = heads(linear(h, w, p + "self_attn.k_proj"), keys)
        v = heads(linear(h, w, p + "self_attn.v_proj"), keys)
        if p + "self_attn.q_norm.weight" in w:
            q = rms_norm(q, w[p + "self_attn.q_norm.weight"], eps)
            k = rms_norm(k, w[p + "self_attn.k_norm.weight"], eps)
        y = attention(rotated(q, freq), rotated(k, freq), v)
        x = x + linear(y, w, p + "self_attn.o_proj")
        h = rms_norm(x, w[p + "post_attention_layernorm.weight"], eps)
        inner = silu(linear(h, w, p + "mlp.gate_proj")) * linear(h, w, p + "mlp.up_proj")
        x = x + linear(inner, w, p + "mlp.down_proj")
    x = rms_norm(x, w["model.norm.weight"], eps)
    tied = config.get("tie_word_embeddings", False)
    return x @ w["model.embed_tokens.weight" if tied else "lm_head.weight"].T


def gpt2(config, w, ids):
    eps, count = config["layer_norm_epsilon"], config["n_head"]
    x = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][: ids.shape[1]]
    for i in range(config["n_layer"]):
        p = f"transformer.h.{i}."
        h = layer_norm(x, w, p + "ln_1", eps)
        q, k, v = (heads(part, count) for part in conv1d(h, w, p + "attn.c_attn").chunk(3, -1))
        x = x + conv1d(attention(q, k, v), w, p + "attn.c_proj")
        h = conv1d(layer_norm(x, w, p + "ln_2", eps), w, p + "mlp.c_fc")
        x = x + conv1d(gelu(h, config["activation_function"]), w, p + "mlp.c_proj")
    x = layer_norm(x, w, "transformer.ln_f", eps)
    tied = config.get("tie_word_embeddings", True)
    return x @ w["transformer.wte.weight" if tied else "lm_head.weight"].T


def neox(config, w, ids):
    eps, count = config["layer_norm_eps"], config["num_attention_heads"]
    dims = config["hidden_size"] // count
    freq = frequencies(int(dims * config["rotary_pct"]), config["rotary_emb_base"], None)
    x = w["gpt_neox.embed_in.weight"][ids]
    for i in range(config["num_hidden_layers"]):
        p = f"gpt_neox.layers.{i}."
        h = linear(layer_norm(x, w, p + "input_layernorm", eps), w, p + "attention.query_key_value")
        batch, time, _ = h.shape
        # Query, key and value of the first head, then those of the second.
        parts = h.reshape(batch, time, count, 3, dims).permute(3, 0, 2, 1, 4)
        y = attention(rotated(parts[0], freq), rotated(parts[1], freq), parts[2])
        y = linear(y, w, p + "attention.dense")
        before = x if config["use_parallel_residual"] else x + y
        h = layer_norm(before, w, p + "post_attention_layernorm", eps)
        h = gelu(linear(h, w, p + "mlp.dense_h_to_4h"), config["hidden_act"])
        x = x + y + linear(h, w, p + "mlp.dense_4h_to_h")
    x = layer_norm(x, w, "gpt_neox.final_layer_norm", eps)
    tied = config.get("tie_word_embeddings", False)
    return x @ w["gpt_neox.embed_in.weight" if tied else "embed_out.weight"].T


MODELS = {
    "LlamaForCausalLM": llama,
    "MistralForCausalLM": llama,
    "Qwen2ForCausalLM": llama,
    "Qwen3ForCausalLM": llama,
    "GPT2LMHeadModel": gpt2,
    "GPTNeoXForCausalLM": neox,
}


def logits(config, w, ids):
    return MODELS[config["architectures"][0]](config, w, ids)


def loss(config, w, rows):
    y = torch.log_softmax(logits(config, w, rows[:, :-1]), -1)
    return -y.gather(2, rows[:, 1:, None]).mean()


# Small random models.

SHAPE = {
    "vocab_size": 80,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "max_position_embeddings": 64,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
LLAMA = {**SHAPE, "hidden_act": "silu", "rms_norm_eps": 1e-5, "num_key_value_heads": 2}
NEOX = {
    **SHAPE,
    "architectures": ["GPTNeoXForCausalLM"],
    "model_type": "gpt_neox",
    "layer_norm_eps": 1e-5,
    "hidden_act": "gelu",
    "rotary_pct": 0.7,
    "rotary_emb_base": 10000,
    "use_parallel_residual": True,
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
}
CONFIGS = {
    "mistral": {
        **LLAMA,
        "architectures": ["MistralForCausalLM"],
        "model_type": "mistral",
        "head_dim": 8,
        "sliding_window": 64,
        "rope_theta": 1e6,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
    },
    "qwen3": {  # as transformers 5 writes it
        **LLAMA,
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "head_dim": 10,
        "attention_bias": False,
        "layer_types": ["full_attention", "full_attention"],
        "max_window_layers": 28,
        "rope_parameters": {"rope_theta": 1e6, "rope_type": "default"},
        "sliding_window": None,
        "use_sliding_window": False,
        "tie_word_embeddings": True,
        "dtype": "float32",
        "transformers_version": "5.0.0",
    },
    "llama3": {
        **LLAMA,
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": True,
        "mlp_bias": True,
        "rope_theta": 100.0,
        "rope_scaling": {
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
            "rope_type": "llama3",
        },
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
    },
    "qwen2": {
        **LLAMA,
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "tie_word_embeddings": False,
        "rope_theta": 1e6,
        "use_sliding_window": False,
        "torch_dtype": "bfloat16",
    },
    "gpt2": {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": 80,
        "n_embd": 24,
        "n_layer": 2,
        "n_head": 4,
        "n_inner": 40,
        "n_positions": 64,
        "layer_norm_epsilon": 1e-5,
        "activation_function": "gelu_new",
        "torch_dtype": "float32",
    },
    "neox": NEOX,
    "neox-sequential": {**NEOX, "use_parallel_residual": False, "hidden_act": "gelu_new"},
}


def shapes(config):
    """Of the tensors of a model, by name; vectors are gains or biases."""
    if config["model_type"] == "gpt2":
        return gpt2_shapes(config)
    c, f = config["hidden_size"], config["intermediate_size"]
    v, n = config["vocab_size"], config["num_attention_heads"]
    result = {}

    def put(name, out, into, bias):
        result[name + ".weight"] = (out, into)
        if bias:
            result[name + ".bias"] = (out,)

    neo = config["model_type"] == "gpt_neox"
    result["gpt_neox.embed_in.weight" if neo else "model.embed_tokens.weight"] = (v, c)
    for i in range(config["num_hidden_layers"]):
        p = f"gpt_neox.layers.{i}." if neo else f"model.layers.{i}."
        for norm in ("input_layernorm", "post_attention_layernorm"):
            result[p + norm + ".weight"] = (c,)
            if neo:
                result[p + norm + ".bias"] = (c,)
        if neo:
            put(p + "attention.query_key_value", 3 * c, c, True)
            put(p + "attention.dense", c, c, True)
            put(p + "mlp.dense_h_to_4h", f, c, True)
            put(p + "mlp.dense_4h_to_h", c, f, True)
        else:
            d, k = config.get("head_dim", c // n), config["num_key_value_heads"]
            bias = config.get("attention_bias", False)
            qkv = bias or config["model_type"] == "qwen2"
            put(p + "self_attn.q_proj", n * d, c, qkv)
            put(p + "self_attn.k_proj", k * d, c, qkv)
            put(p + "self_attn.v_proj", k * d, c, qkv)
            put(p + "self_attn.o_proj", c, n * d, bias)
            if config["model_type"] == "qwen3":
                result[p + "self_attn.q_norm.weight"] = (d,)
                result[p + "self_attn.k_norm.weight"] = (d,)
            bias = config.get("mlp_bias", False)
            put(p + "mlp.gate_proj", f, c, bias)
            put(p + "mlp.up_proj", f, c, bias)
            put(p + "mlp.down_proj", c, f, bias)
    final = "gpt_neox.final_layer_norm" if neo else "model.norm"
    result[final + ".weight"] = (c,)
    if neo:
        result[final + ".bias"] = (c,)
    if not config["tie_word_embeddings"]:
        result["embed_out.weight" if neo else "lm_head.weight"] = (v, c)
    return result


def gpt2_shapes(config):
    c, f = config["n_embd"], config["n_inner"]
    result = {
        "transformer.wte.weight": (config["vocab_size"], c),
        "transformer.wpe.weight": (config["n_positions"], c),
    }
    for i in range(config["n_layer"]):
        p = f"transformer.h.{i}."
        for name, into, out in (
            ("attn.c_attn", c, 3 * c),
            ("attn.c_proj", c, c),
            ("mlp.c_fc", c, f),
            ("mlp.c_proj", f, c),
        ):
            result[p + name + ".weight"] = (into, out)
            result[p + name + ".bias"] = (out,)
        for name in ("ln_1", "ln_2"):
            result[p + name + ".weight"] = result[p + name + ".bias"] = (c,)
    result["transformer.ln_f.weight"] = result["transformer.ln_f.bias"] = (c,)
    return result


def make(root):
    for seed, (name, config) in enumerate(CONFIGS.items()):
        torch.manual_seed(seed)
        w = {}
        for key, shape in shapes(config).items():
            gain = len(shape) == 1 and key.endswith("weight")
            w[key] = (torch.randn(shape) * 0.3 + gain).float().double().requires_grad_()
        folder = os.path.join(root, name)
        os.makedirs(folder, exist_ok=True)
        write_tensors(os.path.join(folder, "model.safetensors"), {k: t.detach() for k, t in w.items()})
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(config, file, indent=2)
            file.write("\n")
        rows = torch.randint(0, config["vocab_size"], (2, 33))
        value = loss(config, w, rows)
        value.backward()
        norms = {key: tensor.grad.norm().item() for key, tensor in w.items()}
        prompt = rows[1:, :32]
        with torch.no_grad():
            y = logits(config, w, prompt)[0]
        positions = [0, 9, 31]
        expected = {
            "prompts": [
                {
                    "ids": prompt[0].tolist(),
                    "positions": positions,
                    "argmax": [int(y[i].argmax()) for i in positions],
                    "logits_first32_f64": [y[i][:32].tolist() for i in positions],
                    "logsumexp_f64": [torch.logsumexp(y[i], 0).item() for i in positions],
                }
            ],
            "batch": {
                "rows": rows.tolist(),
                "mean_cross_entropy_f64": value.item(),
                "grad_norm_f64": math.sqrt(sum(norm * norm for norm in norms.values())),
                "grad_norm_by_tensor_f64": norms,
            },
        }
        with open(os.path.join(folder, "expected.json"), "w") as file:
            json.dump(expected, file)
            file.write("\n")


if __name__ == "__main__":
    command, path = sys.argv[1:]
    if command == "make":
        make(path)
    else:
        with open(os.path.join(path, "config.json")) as file:
            about = json.load(file)
        print(loss(about, read_tensors(path), torch.tensor(json.load(sys.stdin))).item())
