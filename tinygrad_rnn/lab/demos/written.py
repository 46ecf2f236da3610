"""The worked example as the program that its graph is, beside backpropagation through time written by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import tinygrad_rnn as tg

from .shown import Shown, says, section
from .worked_example import DOLLARS, LABELS, TARGET, WorkedExample

Arrays = dict[str, Any]


def by_hand(xs: Sequence[float], target: float, W: Arrays) -> tuple[float, Arrays]:
    """The loss and its gradients, by the equations of the textbook."""
    hs = [np.zeros(2)]
    for x in xs:
        hs.append(np.tanh(W["W_xh"] @ [x] + W["W_hh"] @ hs[-1] + W["b_h"]))
    error = W["W_hy"] @ hs[-1] + W["b_y"] - target
    d = {name: np.zeros_like(array) for name, array in W.items()}
    dy = 2 * error
    d["W_hy"], d["b_y"] = np.outer(dy, hs[-1]), dy
    dh = W["W_hy"].T @ dy
    for x, before, h in reversed(list(zip(xs, hs, hs[1:], strict=False))):
        da = dh * (1 - h * h)
        d["W_xh"] += np.outer(da, [x])
        d["W_hh"] += np.outer(da, before)
        d["b_h"] += da
        dh = W["W_hh"].T @ da
    return float(error[0] ** 2), d


def executed() -> tuple[str, float, Arrays]:
    """The text of the program, and what it gives when it is executed as any other text in Python."""
    program = tg.program(WorkedExample(unit=100.0).forward().loss)
    text, space = str(program), dict[str, Any]()
    exec(text, space)
    forward, backward = space["plan"](**program.parameters)
    loss = float(forward()[0][0])
    return text, loss, dict(zip([each.name for each in program.wanted], backward(), strict=True))


def show_program() -> Shown:
    """The program, what it gives, and what the equations give."""
    example = WorkedExample(unit=100.0)
    arrays = {name: parameter.array for name, parameter in example.parameters.items()}
    loss, wanted = by_hand([price / 100 for price in DOLLARS], TARGET / 100, arrays)
    text, found_loss, found = executed()
    rows = [["L", f"{found_loss:.16f}", f"{loss:.16f}", f"{abs(found_loss - loss):.1e}"]]
    for name, array in wanted.items():
        for entry, number in np.ndenumerate(array):
            place, other = ",".join(str(i + 1) for i in entry), float(found[name][entry])
            rows.append([f"dL/d{name}[{place}]", f"{other:.16f}", f"{number:.16f}", f"{abs(other - number):.1e}"])
    head = ["", "by the program", "by hand", "difference"]
    return Shown(
        "The worked example as a program: what tg.program makes of its graph\n",
        text.rstrip("\n"),
        section("Executed from this text, beside BPTT written by hand", head, rows),
        says("""Nobody wrote these loops: they are the recorded operations, rolled up where the steps do the same, and
            the engine's own derivative rules. What is printed needs numpy alone, and is what tg.compile runs."""),
        picture=tg.draw(example.forward().loss, title="The graph of this program", labels=LABELS),
    )
