"""The curves of a run: what the loss did in training, and what the gradient does on its way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tinygrad_rnn as tg

from ...viz.chart import Chart, Curve
from .window import Window


def loss_chart(log: Sequence[Mapping[str, Any]], validated: bool) -> str:
    """The loss over the steps, in training and on the data that training does not see, as SVG."""
    curves = []
    for name, key in (("training", "loss"), ("validation" if validated else "held out", "held_out_loss")):
        rows = [row for row in log if row.get(key) is not None]
        curves.append(Curve(name, [float(row["step"]) for row in rows], [float(row[key]) for row in rows]))
    return Chart("Loss", "step", "loss", curves).svg


def flow_chart(window: Window) -> str:
    """The size of the gradient of every state over the time steps of a window, on a logarithmic axis, as SVG."""
    if len(window.steps) == 1:
        only = window.steps[0]
        return Chart(
            "Gradient flow", "time step", "size of dL/d(state)", [Curve("h", [only.time], [only.state])], True
        ).svg
    flows = tg.gradient_flow(window.loss)
    curves = [Curve(" of ".join(reversed(each.name.split("/"))), each.times, each.sizes) for each in flows]
    return Chart(f"Gradient flow: {flows.sentence}", "time step", "size of dL/d(state)", curves, logarithmic=True).svg
