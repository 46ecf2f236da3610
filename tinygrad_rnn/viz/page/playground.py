"""The playground: a page on which one sees, by changing it, how far back a gradient reaches.

A network reads T symbols and must then name the first one. The page computes with the library's own steps: for every
cell one time step is recorded and written down as a tape, forward and back, and a tape for the head with its loss. BPTT
is then what the page does with them: it runs the step forward along time, and back.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ... import nn
from ...engine.tensor import Recorder
from ...nn.steps import gru_state, lstm_gated
from ...surface.functions import linear, relu, stack, tanh
from ...surface.tensor import Tensor
from .tape import Tape

#: Sequences at once, symbols (the first `CLASSES` are to be remembered, the others are noise), units.
BATCH, SYMBOLS, CLASSES, HIDDEN = 32, 8, 4, 16
#: How many blocks of rows the weights of a cell have: its gates.
GATES = {"tanh": 1, "relu": 1, "lstm": 4, "gru": 3}


def leaf(*shape: int, requires_grad: bool = True) -> Tensor:
    """A value that the page fills."""
    return Recorder.fresh(np.full(shape, 0.5), requires_grad)


def written(result: Tensor, inner: dict[str, Tensor] | None = None, **leaves: Tensor) -> dict[str, Any]:
    """A tape, with the places of what it is given, of gradients, of inner values, of the result and its seed."""
    tape = Tape(result)
    plain = tape.plain()
    places = {name: tape.values[leaf.birth] for name, leaf in leaves.items()}
    for place in (*places.values(), tape.gradients[result.birth]):  # the page fills them
        del plain["leaves"][place]
    gradients = {name: tape.gradients[leaf.birth] for name, leaf in leaves.items() if leaf.birth in tape.gradients}
    return {
        "tape": plain, "given": places, "gradients": gradients,
        "inner": {name: tape.gradients[value.birth] for name, value in (inner or {}).items()},
        "values": {name: tape.values[value.birth] for name, value in (inner or {}).items()},
        "result": tape.values[result.birth], "seed": tape.gradients[result.birth],
    }  # fmt: skip


def step_of(cell: str, norm: bool) -> dict[str, Any]:
    """One time step: from x and the state, (1, batch, hidden) h or (2, batch, hidden) h and c, to the state after it.

    With ``norm`` both products are normalised over all units before they are added (Ba et al. 2016, section 3.1).
    """
    rows = GATES[cell] * HIDDEN
    x, state = leaf(BATCH, SYMBOLS, requires_grad=False), leaf(2 if cell == "lstm" else 1, BATCH, HIDDEN)
    W_xh, W_hh, b = leaf(rows, SYMBOLS), leaf(rows, HIDDEN), leaf(rows)
    from_x, from_h = linear(x, W_xh), linear(state[0], W_hh)
    if norm:
        from_x, from_h = (nn.functional.layer_norm(each, (rows,)) for each in (from_x, from_h))
    after = state_after(cell, from_x + b, from_h, state)
    inner = {"c": after[1]} if cell == "lstm" else {}
    return written(stack(after, 0), inner, x=x, state=state, W_xh=W_xh, W_hh=W_hh, b=b)


def state_after(cell: str, from_x: Tensor, from_h: Tensor, state: Tensor) -> list[Tensor]:
    """What a cell makes of what x and h bring, and of the state, h or h and c."""
    if cell == "lstm":
        return list(lstm_gated(from_x + from_h, state[1]))
    if cell == "gru":
        return [gru_state(from_x, from_h, state[0])]
    return [{"tanh": tanh, "relu": relu}[cell](from_x + from_h)]


def reading() -> dict[str, Any]:
    """The cross entropy of what is read off h: from h and the right classes, each as a row with a single 1."""
    h, y = leaf(BATCH, HIDDEN), leaf(BATCH, CLASSES, requires_grad=False)
    W_hy, b_y = leaf(CLASSES, HIDDEN), leaf(CLASSES)
    logs = nn.functional.log_softmax(linear(h, W_hy) + b_y, dim=-1)
    return written(-(y * logs).sum() / BATCH, h=h, y=y, W_hy=W_hy, b_y=b_y)


@cache
def content() -> dict[str, Any]:
    """What the page computes with."""
    return {
        "sizes": {"batch": BATCH, "symbols": SYMBOLS, "classes": CLASSES, "hidden": HIDDEN},
        "gates": GATES,
        "steps": {cell: [step_of(cell, norm) for norm in (False, True)] for cell in GATES},
        "head": reading(),
    }
