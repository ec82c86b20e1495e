"""Records the float64 trajectories of torch's optimizers that TorchParityTest matches.

Usage: python3 src/test/python/record_trajectories.py src/test/resources/torch

For each case a CSV: comment lines with the torch version, the case's type and settings as Adamant
names them, learning rate and weight decay; then one row of initial weights, then for each of the
steps one row of gradients and one row of weights after the step. Numbers are printed so that
reading them gives the same double. Gradients are drawn once, independently of the weights, so that
an error in the weights cannot feed back and hide.
"""

import pathlib
import sys

import torch

STEPS = 20
SIZE = 6

CASES = {
    "adamw": (
        "type=adamw beta1=0.9 beta2=0.95 eps=1e-8",
        0.01,
        0.1,
        lambda p, lr, wd: torch.optim.AdamW(
            p, lr=lr, betas=(0.9, 0.95), eps=1e-8, weight_decay=wd
        ),
    ),
    "adamw-large-eps": (
        "type=adamw beta1=0.95 beta2=0.999 eps=0.01",
        0.02,
        0.0,
        lambda p, lr, wd: torch.optim.AdamW(
            p, lr=lr, betas=(0.95, 0.999), eps=0.01, weight_decay=wd
        ),
    ),
    "rmsprop-as-adamw": (
        "type=rmsprop beta2=0.95 eps=1e-8",
        0.005,
        0.2,
        lambda p, lr, wd: torch.optim.AdamW(
            p, lr=lr, betas=(0.0, 0.95), eps=1e-8, weight_decay=wd
        ),
    ),
    "sgdm-dampening-0": (
        "type=sgdm beta1=0.9 dampening=0.0",
        0.01,
        0.0,
        lambda p, lr, wd: torch.optim.SGD(p, lr=lr, momentum=0.9, dampening=0.0),
    ),
    "sgdm-dampening-0.9": (
        "type=sgdm beta1=0.9 dampening=0.9",
        0.1,
        0.0,
        lambda p, lr, wd: torch.optim.SGD(p, lr=lr, momentum=0.9, dampening=0.9),
    ),
    "sgd": (
        "type=sgd",
        0.05,
        0.0,
        lambda p, lr, wd: torch.optim.SGD(p, lr=lr),
    ),
}


def row(values):
    return ",".join(repr(x) for x in values.tolist())


def record(name, out):
    settings, lr, weight_decay, make = CASES[name]
    random = torch.Generator().manual_seed(20240611)
    # Coordinates on scales from 1e-3 to 1e2, so that eps matters in some and not in others.
    scales = torch.logspace(-3, 2, SIZE, dtype=torch.float64)
    w = torch.randn(SIZE, generator=random, dtype=torch.float64).requires_grad_()
    optimizer = make([w], lr, weight_decay)
    lines = [
        f"# torch {torch.__version__}, float64",
        f"# {settings}",
        f"# lr={lr} weight_decay={weight_decay}",
        row(w.detach()),
    ]
    for _ in range(STEPS):
        g = scales * torch.randn(SIZE, generator=random, dtype=torch.float64)
        w.grad = g.clone()
        optimizer.step()
        lines += [row(g), row(w.detach())]
    (out / f"{name}.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        record(case, directory)
