"""`tinygrad-rnn demo`: five prices through a recurrent network written from primitives, every number of it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

import tinygrad_rnn as tg

from ...explain.report import prose, significant, table, title
from ..demos import DEMONSTRATIONS, Demonstration
from ..demos.stock import sensitivity
from ..demos.worked_example import DOLLARS as DOLLARS
from ..demos.worked_example import LABELS
from ..demos.worked_example import TARGET as TARGET
from ..demos.worked_example import WorkedExample as WorkedExample
from .output import save_drawing, save_picture
from .through_time import percent, steps_of


def demo_bptt(picture: Path | None) -> None:
    """The worked example in hundreds of dollars: gradients that reach back through time, and shrink on the way."""
    example = WorkedExample(unit=100.0)
    print("The worked example: five prices through an RNN\n")
    _show(example, "x_t = price / 100, so that tanh works where it is not flat.")
    print(title("Five steps of gradient descent with learning rate 0.1"))
    print(table(["step", "prediction", "loss"], _course(example, steps=5, lr=0.1)))
    _draw(WorkedExample(unit=100.0), picture, "Worked example: five prices through an RNN")


def demo_stock(picture: Path | None) -> None:
    """The worked example in raw dollars: tanh is saturated, and what seems to be learnt is one number."""
    example = WorkedExample(unit=1.0)
    print("The worked example in raw dollars\n")
    _show(
        example,
        "x_t = price. The argument of tanh is 50 and more, and tanh(50) = 1 in floating point. So the derivative "
        "1 - h^2 is 0 exactly, and every gradient behind a tanh is 0 exactly: not small, but gone.",
    )
    print(title("Thirty steps of gradient descent with learning rate 0.1"))
    course = _course(example, steps=30, lr=0.1)
    print(table(["step", "prediction", "loss"], [*course[:4], course[-1]]))
    print(title("No loss, and nothing learnt: only W_hy and b_y have moved, and the answer is always the same"))
    answers = [
        [", ".join(f"{x:g}" for x in prices), f"${example.answer(prices):.2f}", f"{sensitivity(example, prices):g}"]
        for prices in OTHERS
    ]
    print(table(["prices", "answer", "|dy/dx|"], answers))
    print("\nScale the input, and the gradients are there: tinygrad-rnn demo bptt divides by 100.")
    _draw(WorkedExample(unit=1.0), picture, "Worked example in raw dollars: every gradient behind tanh is 0")


def _draw(example: WorkedExample, picture: Path | None, name: str) -> None:
    save_picture(example.forward().loss, picture, name, LABELS)


OTHERS = ((100, 102, 104, 106, 108), (108, 106, 104, 102, 100), (50, 50, 50, 50, 50), (900, 40, 700, 60, 500))


# show(picture, quick): where the picture goes, or None; whether a demonstration that takes long does less.
Demo = Callable[..., None]


def _shows(demonstration: Demonstration) -> Demo:
    def demo(picture: Path | None, quick: bool = False) -> None:
        shown = demonstration.show(quick=True) if quick else demonstration.show()
        print(shown.text)
        if shown.picture is not None:
            save_drawing(shown.picture, picture, shown.drawn)

    return demo


DEMOS: dict[str, Demo] = {
    "bptt": demo_bptt,
    "stock": demo_stock,
    **{name: _shows(demonstration) for name, demonstration in DEMONSTRATIONS.items()},
}
QUICK = tuple(name for name, demonstration in DEMONSTRATIONS.items() if demonstration.quick)


def listing() -> str:
    """All demonstrations by name, for the help."""
    rows = [
        "  bptt          the worked example, every number of it",
        "  stock         the same in raw dollars: why nothing is learnt",
        "",
        "The claims of the textbook in its order (docs/textbook.md):",
        *(f"  {name:12}  {each.claim:2}  {each.about}" for name, each in DEMONSTRATIONS.items()),
    ]
    return "\n".join(rows)


def _show(example: WorkedExample, remark: str) -> None:
    """Prints forward pass, backward pass and the check of both."""
    forward = example.forward()
    steps = steps_of(forward.loss, forward.hs, example.W_xh)
    rows = [
        [
            str(step.time),
            f"{price / example.unit:g}",
            ", ".join(f"{each:.6f}" for each in h.tolist()),
            significant(step.state),
            percent(step.share),
        ]
        for step, price, h in zip(steps, DOLLARS, forward.hs, strict=True)
    ]
    dollars = forward.y.item() * example.unit
    print("  h_t = tanh(W_xh @ x_t + W_hh @ h_(t-1) + b_h),  y = W_hy @ h_5 + b_y,  loss = (y - target)^2")
    print("  W_xh = 0.5, W_hh = 0.2 I, b_h = 0, W_hy = 1, b_y = 0; two hidden units; target $110")
    print(title("Forward and back through time"))
    print(table(["t", "x_t", "h_t", "|dL/dh_t|", "share of dL/dW_xh"], rows))
    print(f"\n  prediction y = {forward.y.item():.6f} (${dollars:.2f}), loss = {significant(forward.loss.item(), 5)}\n")
    print(prose(remark))
    print(title("Gradients, checked by central finite differences"))
    _compare(example, forward.loss)


def _compare(example: WorkedExample, loss: tg.Tensor) -> None:
    gradients = tg.autograd.grad(loss, list(example.parameters.values()), retain_graph=True)
    measured = example.finite_differences()
    rows, largest = [], 0.0
    for (name, numbers), gradient in zip(measured.items(), gradients, strict=True):
        assert gradient is not None
        for entry, number in np.ndenumerate(numbers):
            exact = float(gradient.array[entry])
            largest = max(largest, abs(exact - number))
            place = ",".join(str(i + 1) for i in entry)
            rows.append([f"dL/d{name}[{place}]", f"{exact:.10f}", f"{number:.10f}", f"{abs(exact - number):.1e}"])
    print(table(["", "by BPTT", "by differences", "difference"], rows))
    print(f"\n  largest difference: {largest:.1e}")


def _course(example: WorkedExample, steps: int, lr: float) -> list[list[str]]:
    """Prediction and loss before the first step and after each."""
    rows = []
    for step in range(steps + 1):
        answer = example.answer()
        loss = example.descend(lr) if step < steps else float(example.forward().loss.item())
        rows.append([str(step), f"${answer:.4f}", significant(loss, 3)])
    return rows
