"""Unrolling gives a deep feed-forward network: five untied layers with equal weights, and one layer used five times."""

import numpy as np

import tinygrad_rnn as tg

from .shown import Shown, says, section
from .worked_example import DOLLARS, LABELS, TARGET, WorkedExample

WEIGHTS = ("W_xh", "W_hh", "b_h")


def deep() -> tuple[tg.Tensor, dict[str, list[tg.Tensor]]]:
    """The worked example as a feed-forward network of five layers, each with weights of its own: loss and weights."""
    example = WorkedExample(unit=100.0)
    layers: dict[str, list[tg.Tensor]] = {name: [] for name in WEIGHTS}
    h = tg.zeros(2, dtype=tg.float64)
    for number, price in enumerate(DOLLARS, start=1):
        for name in WEIGHTS:
            copy = example.parameters[name].detach().clone().requires_grad_()
            copy.name = f"{name}({number})"
            layers[name].append(copy)
        W_xh, W_hh, b_h = (layers[name][-1] for name in WEIGHTS)
        with tg.step(number):
            h = tg.tanh(W_xh @ tg.tensor([price / 100], dtype=tg.float64) + W_hh @ h + b_h)
            h.name = "h"
    loss = ((example.W_hy @ h + example.b_y - TARGET / 100) ** 2).sum()
    loss.name = "L"
    return loss, layers


def differences() -> dict[str, tuple[list[float], float, float]]:
    """For each weight: the first entry of every layer's gradient, that of the tied one, the largest difference."""
    loss, layers = deep()
    example = WorkedExample(unit=100.0)
    tied = tg.autograd.grad(example.forward().loss, [example.parameters[name] for name in WEIGHTS])
    found = {}
    for (name, copies), shared in zip(layers.items(), tied, strict=True):
        assert shared is not None
        each = [g.array for g in tg.autograd.grad(loss, copies, retain_graph=True) if g is not None]
        gap = np.abs(np.sum(each, axis=0) - shared.array).max()
        found[name] = [float(g.flat[0]) for g in each], float(shared.array.flat[0]), float(gap)
    return found


def show() -> Shown:
    """Claim 11."""
    rows = [
        [name, *(f"{g:.7f}" for g in each), f"{sum(each):.7f}", f"{tied:.7f}", f"{gap:.0e}"]
        for name, (each, tied, gap) in differences().items()
    ]
    head = ["first entry of dL/d", *(f"layer {k}" for k in range(1, 6)), "sum", "tied", "difference"]
    return Shown(
        "Claim 11: unrolled, a recurrent network is a deep feed-forward network",
        section("Five layers of their own with equal values, and one layer used five times", head, rows),
        says("""The two networks compute the same, and the untied gradients sum to the tied one. So BPTT is
            backpropagation in the unrolled network and a sum at the end."""),
        picture=tg.draw(deep()[0], title="Five untied layers", labels=LABELS),
    )
