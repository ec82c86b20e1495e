"""What `train --plan` says beside what then happens: peak memory and training time of ten small runs.

    python3 src/test/bench/plan.py [NAME ...]

Linux only (VmHWM). Nothing else should run meanwhile: a plan times steps of its own.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HOME = pathlib.Path(__file__).resolve().parents[3]
SMALL = "layers: 4, width: 128, heads: 4, context: 128"
LARGE = "layers: 6, width: 256, heads: 8, context: 256, mlp_hidden: 768"
RUNS = {
    "quickstart_fp32": (4096, SMALL, "steps: 100, batch: 16"),
    "quickstart_bf16": (4096, SMALL, "steps: 100, batch: 16, precision: bf16"),
    "large_fp32": (4096, LARGE, "steps: 30, batch: 8"),
    "large_bf16": (4096, LARGE, "steps: 30, batch: 8, precision: bf16"),
    "accumulated": (4096, "layers: 4, width: 256, heads: 4, context: 128", "steps: 30, batch: 16, micro_batch: 4"),
    "recomputed": (4096, LARGE, "steps: 30, batch: 8, checkpoint_activations: true"),
    "vocabulary_50k": (50257, "layers: 2, width: 64, heads: 2, context: 64", "steps: 30, batch: 16"),
    "gpt2": (4096, "preset: gpt2, layers: 6, width: 256, heads: 8, context: 256, mlp_hidden: 1024", "steps: 30, batch: 8"),
    "grouped": (4096, LARGE + ", kv_heads: 2, tied: true", "steps: 30, batch: 8"),
    "wide": (16384, "layers: 2, width: 384, heads: 6, context: 256", "steps: 30, batch: 16, micro_batch: 4"),
}
RUN = """
data: {{corpus: wordnet, tokenizer: gpt2, vocab: {}, validation_fraction: 0.005}}
optimizer: {{type: adamw, lr: 1.0e-3}}
model: {{{}}}
training: {{{}, eval_every: 0, eval_tokens: 2048, checkpoint_every: 30, threads: 2}}
"""


def high_water(process):
    """MiB of resident memory at most, while the process lives."""
    most = 0
    while process.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            most = max(most, int(re.search(r"VmHWM:\s+(\d+)", status).group(1)))
        except (OSError, AttributeError):
            pass
        time.sleep(0.1)
    return most / 1024


print("| run | memory planned, MiB | actual | ratio | time planned, s | actual |\n|---|---|---|---|---|---|")
for name in sys.argv[1:] or RUNS:
    with tempfile.TemporaryDirectory() as folder:
        yaml = pathlib.Path(folder, name + ".yaml")
        yaml.write_text(RUN.format(*RUNS[name]))
        train = [HOME / "adamant", "train", yaml]
        plan = subprocess.run(train + ["--plan"], capture_output=True, text=True, check=True).stdout
        memory = float(re.search(r"peak memory +([\d.,]+) MiB", plan).group(1).replace(",", ""))
        minutes, seconds = re.search(r"^time +(\d+):(\d+)", plan, re.M).groups()
        run = subprocess.Popen(train + ["--results", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        actual = high_water(run)
        summary = json.loads(next(pathlib.Path(folder).rglob("summary.json")).read_text())
        print(f"| {name} | {memory:.0f} | {actual:.0f} | {memory / actual:.2f} "
              f"| {int(minutes) * 60 + int(seconds)} | {summary['seconds']:.1f} |", flush=True)
