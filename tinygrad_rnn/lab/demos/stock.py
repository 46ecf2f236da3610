"""The stock example: five prices through an RNN, every number of it; and real prices, judged honestly."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ...explain.report import prose, significant
from ...viz.chart import Chart, Curve
from .. import data
from ..training.network import Network
from .shown import Shown, says, section
from .trials import descend, spread
from .worked_example import DOLLARS, LABELS, NAMES, TARGET, WorkedExample, percent, steps_of

Array = NDArray[np.float64]


def course(example: WorkedExample | None = None, steps: int = 5, lr: float = 0.1) -> list[tuple[float, float]]:
    """Prediction in dollars and loss, before the first step and after each."""
    example = example or WorkedExample(unit=100.0)
    optimizer = tg.optim.SGD(example.parameters.values(), lr=lr)
    found = []
    for step in range(steps + 1):
        forward = example.forward()
        found.append((example.unit * forward.y.item(), forward.loss.item()))
        if step < steps:
            descend(optimizer, forward.loss)
    return found


def section_of(heading: str, found: Iterable[tuple[int, tuple[float, float]]]) -> str:
    """The table of some of the steps of a course, by their numbers."""
    rows = [[step, f"${answer:.4f}", loss] for step, (answer, loss) in found]
    return section(heading, ["step", "prediction", "loss"], rows, digits=3)


def show_descent() -> Shown:
    """Claim 13."""
    loss = WorkedExample(unit=100.0).forward().loss
    return Shown(
        "Claim 13: weights are adjusted by gradient descent",
        section_of("w <- w - 0.1 dL/dw, for all weights at once", enumerate(course())),
        says(f"""The target is ${TARGET:g}. Five steps are enough for five prices and one target; nothing says that the
            network would do well on other prices. And both hidden units began with equal weights, so their gradients
            are equal and they stay twins for ever: initial values should be random."""),
        picture=tg.draw(loss, title="Before the first step", labels=LABELS),
    )


def gradients(unit: float) -> dict[str, float]:
    """The first entry of dL/d(parameter), for each; all of them are equal for W_xh, b_h and W_hy."""
    example = WorkedExample(unit)
    found = tg.autograd.grad(example.forward().loss, list(example.parameters.values()))
    return {name: float(g.array.flat[0]) for name, g in zip(example.parameters, found, strict=True)}


def trained(unit: float) -> WorkedExample:
    """The example after thirty steps of gradient descent with rate 0.1."""
    example = WorkedExample(unit)
    course(example, steps=30)
    return example


def sensitivity(example: WorkedExample, dollars: Sequence[float] = DOLLARS) -> float:
    """|dy/dx|: how much the answer moves with the prices, all five together."""
    return float(np.linalg.norm(example.sensitivities(dollars)))


def show_dollars() -> Shown:
    """Claim 9."""
    rows, learnt = [], []
    for name, unit in (("dollars", 1.0), ("dollars / 100", 100.0)):
        forward = WorkedExample(unit).forward()
        first = [f"{g:.7f}" for g in list(gradients(unit).values())[:3]]
        rows.append([name, f"{forward.y.item():.6f}", forward.loss.item(), *first])
        after = trained(unit)
        other = after.answer((50, 50, 50, 50, 50))
        learnt.append([name, f"${after.answer():.2f}", f"${other:.2f}", sensitivity(after)])
    first_head = ["x_t", "y", "loss", "dL/dW_xh[1,1]", "dL/dW_hh[1,1]", "dL/db_h[1]"]
    then_head = ["x_t", "answer", "answer to 50, 50, 50, 50, 50", "|dy/dx|"]
    loss = WorkedExample(unit=1.0).forward().loss
    return Shown(
        "Claim 9: the stock prices 100, 102, 104, 106, 108 and what comes next",
        section("The first forward and backward pass", first_head, rows, digits=5),
        section("After 30 steps of gradient descent with rate 0.1", then_head, learnt),
        says("""In raw dollars tanh(50) = 1 exactly, tanh' = 0 exactly, and so are the gradients of W_xh, W_hh and b_h.
            'Training' reaches a loss of 0 through W_hy and b_y alone: the answer is $110 whatever the prices are.
            Divided by 100 there are gradients, and the answer depends on the prices.

            tinygrad-rnn demo bptt and tinygrad-rnn demo stock show every number of both."""),
        picture=tg.draw(loss, title="Raw dollars: every gradient behind tanh is 0", labels=LABELS),
        drawn="the unrolled graph in raw dollars, with its values and gradients",
    )


OTHERS = ((100, 102, 104, 106, 108), (108, 106, 104, 102, 100), (50, 50, 50, 50, 50), (900, 40, 700, 60, 500))


def show_bptt() -> Shown:
    """The worked example in hundreds of dollars: gradients that reach back through time, and shrink on the way."""
    example, loss = WorkedExample(unit=100.0), WorkedExample(unit=100.0).forward().loss
    return Shown(
        "The worked example: five prices through an RNN\n",
        *_passes(example, "x_t = price / 100, so that tanh works where it is not flat."),
        section_of("Five steps of gradient descent with learning rate 0.1", enumerate(course(example))),
        picture=tg.draw(loss, title="Worked example: five prices through an RNN", labels=LABELS),
    )


def show_stock() -> Shown:
    """The worked example in raw dollars: tanh is saturated, and what seems to be learnt is one number."""
    example, loss = WorkedExample(unit=1.0), WorkedExample(unit=1.0).forward().loss
    passes = _passes(
        example,
        "x_t = price. The argument of tanh is 50 and more, and tanh(50) = 1 in floating point. So the derivative "
        "1 - h^2 is 0 exactly, and every gradient behind a tanh is 0 exactly: not small, but gone.",
    )
    steps = list(enumerate(course(example, steps=30)))
    heading = "No loss, and nothing learnt: only W_hy and b_y have moved, and the answer is always the same"
    answers = [
        [", ".join(f"{x:g}" for x in prices), f"${example.answer(prices):.2f}", f"{sensitivity(example, prices):g}"]
        for prices in OTHERS
    ]
    return Shown(
        "The worked example in raw dollars\n",
        *passes,
        section_of("Thirty steps of gradient descent with learning rate 0.1", [*steps[:4], steps[-1]]),
        section(heading, ["prices", "answer", "|dy/dx|"], answers),
        "\nScale the input, and the gradients are there: tinygrad-rnn demo bptt divides by 100.",
        picture=tg.draw(loss, title="Worked example in raw dollars: every gradient behind tanh is 0", labels=LABELS),
    )


def _passes(example: WorkedExample, remark: str) -> list[str]:
    """Forward pass, backward pass and the check of both."""
    forward = example.forward()
    rows = []
    steps = steps_of(forward.loss, forward.hs, example.W_xh)
    for step, price, h in zip(steps, DOLLARS, forward.hs, strict=True):
        state = ", ".join(f"{each:.6f}" for each in h.tolist())
        rows.append([step.time, f"{price / example.unit:g}", state, step.state, percent(step.share)])
    y, loss = forward.y.item(), significant(forward.loss.item(), 5)
    return [
        "  h_t = tanh(W_xh @ x_t + W_hh @ h_(t-1) + b_h),  y = W_hy @ h_5 + b_y,  loss = (y - target)^2",
        "  W_xh = 0.5, W_hh = 0.2 I, b_h = 0, W_hy = 1, b_y = 0; two hidden units; target $110",
        section("Forward and back through time", ["t", "x_t", "h_t", "|dL/dh_t|", "share of dL/dW_xh"], rows),
        f"\n  prediction y = {y:.6f} (${y * example.unit:.2f}), loss = {loss}\n",
        prose(remark),
        _compared(example, forward.loss),
    ]


def _compared(example: WorkedExample, loss: tg.Tensor) -> str:
    found = tg.autograd.grad(loss, list(example.parameters.values()), retain_graph=True)
    exact = {name: gradient.array for name, gradient in zip(NAMES, found, strict=True)}
    heading, head = "Gradients, checked by central finite differences", ["by BPTT", "by differences"]
    return _beside(heading, head, exact, example.finite_differences(), 10)


def _beside(
    heading: str, head: Sequence[str], one: Mapping[str, Array], other: Mapping[str, Array], digits: int
) -> str:
    """The gradients of all parameters, entry by entry, by two ways, and how far they lie apart."""
    rows, largest = [], 0.0
    for name, numbers in other.items():
        for entry, number in np.ndenumerate(numbers):
            exact = float(one[name][entry])
            largest = max(largest, abs(exact - number))
            place = ",".join(str(i + 1) for i in entry)
            figures = [f"{each:.{digits}f}" for each in (exact, number)]
            rows.append([f"dL/d{name}[{place}]", *figures, f"{abs(exact - number):.1e}"])
    return f"{section(heading, ['', *head, 'difference'], rows)}\n\n  largest difference: {largest:.1e}"


def by_hand(example: WorkedExample) -> dict[str, Array]:
    """dL/d(parameter) by the textbook's equations of backpropagation through time."""
    W_xh, W_hh, b_h, W_hy, b_y = (parameter.array for parameter in example.parameters.values())
    xs, hs = [np.array([price / example.unit]) for price in DOLLARS], [np.zeros(2)]
    for x in xs:
        hs.append(np.tanh(W_xh @ x + W_hh @ hs[-1] + b_h))
    dy = 2 * (W_hy @ hs[-1] + b_y - TARGET / example.unit)
    dW_xh, dW_hh, db_h, dh = np.zeros((2, 1)), np.zeros((2, 2)), np.zeros(2), W_hy.T @ dy
    for x, before, h in zip(xs[::-1], hs[-2::-1], hs[:0:-1], strict=True):
        da = dh * (1 - h * h)
        dW_xh, dW_hh, db_h = dW_xh + np.outer(da, x), dW_hh + np.outer(da, before), db_h + da
        dh = W_hh.T @ da
    return dict(zip(NAMES, (dW_xh, dW_hh, db_h, np.outer(dy, hs[-1]), dy), strict=True))


def executed(text: str, arrays: Mapping[str, Array]) -> tuple[Array, ...]:
    """What a program gives whose text is executed as any other: the gradients, in its order."""
    space: dict[str, Any] = {}
    exec(text, space)
    forward, backward = space["plan"](**arrays)
    forward()
    return tuple(backward())


def show_program() -> Shown:
    """The worked example as the program that its graph is, executed from its text."""
    example = WorkedExample(unit=100.0)
    loss = example.forward().loss
    program = tg.program(loss)
    found = executed(str(program), program.parameters)
    names, head = [str(each.name) for each in program.wanted], ["by the program", "by hand"]
    heading = "Executed from this text, and by the textbook's equations"
    return Shown(
        "The worked example as a program: forward and backward pass\n",
        str(program).rstrip("\n"),
        _beside(heading, head, dict(zip(names, found, strict=True)), by_hand(example), 16),
        says("""Nobody wrote these loops: they are the recorded operations and the derivative rules of each, rolled up
            where all steps do the same. The text needs numpy alone, and it is what tg.compile runs."""),
        picture=tg.draw(loss, title="The graph of this program", labels=LABELS),
    )


WINDOW, HELD_OUT, SEEDS = 5, 100, 8
FILE = Path(__file__).with_name("closes.csv")


def walks(epochs: int = 15, seed: int = 0) -> tuple[Array, dict[str, Array]]:
    """The last hundred days; and what an RNN on windows of five days and the baselines said of each the day before."""
    tg.manual_seed(seed)
    values = data.read_series(FILE, "close").values
    start = len(values) - HELD_OUT
    inputs, targets = data.windows(values[:start], WINDOW)
    means = inputs.mean(axis=1)
    unit = float((targets - means).std())
    model = Network("rnn", 1, 8, 1)
    optimizer = tg.optim.Adam(model.parameters(), lr=0.01)

    def predict(windows: Array) -> tg.Tensor:
        x = (windows - windows.mean(axis=1, keepdims=True)) / unit
        return model.last(tg.tensor(x.T[:, :, None], dtype=tg.float32)).squeeze(-1)

    def network(past: Array) -> float:
        with tg.no_grad():
            return float(past[-WINDOW:].mean() + unit * predict(past[None, -WINDOW:]).item())

    order = np.random.default_rng(seed)
    for _ in range(epochs):
        for rows in np.array_split(order.permutation(len(inputs)), 13):
            wanted = tg.tensor((targets[rows] - means[rows]) / unit, dtype=tg.float32)
            loss = nn.functional.mse_loss(predict(inputs[rows]), wanted)
            descend(optimizer, loss)
    told = {"RNN": network, **data.BASELINES}
    return values[start:], {name: data.walk_forward(values, start, each) for name, each in told.items()}


def show_honest() -> Shown:
    """Claim 10."""
    walked = [walks(seed=seed) for seed in range(SEEDS)]
    real, found = walked[0]
    rows = []
    for name in found:
        scores = [data.score(of_seed[name], real) for _, of_seed in walked]
        figures = zip(*((each.rmse, each.mae, each.worst) for each in scores), strict=True)
        rows.append([name, *(spread(each, "{:.2f}".format) for each in figures)])
    heading = f"S&P 500, 2017-2018: the last {HELD_OUT} days, each from the days before it; {SEEDS} seeds"
    last = slice(-40, None)
    days = range(HELD_OUT - 39, HELD_OUT + 1)
    curves = [Curve("what came", days, real[last].tolist()), Curve("RNN", days, found["RNN"][last].tolist())]
    return Shown(
        "Claim 10: ... and the honest evaluation of the stock example",
        section(heading, ["", "RMSE", "MAE", "worst"], rows),
        says("""What a network says about prices has to stand beside 'tomorrow = today', which is very hard to beat, and
            it is an exercise, never a forecast: with one seed the network is a percent better and with another a
            percent worse, which is luck. The units of the input were fitted on the training part.

            Source: daily closes from Yahoo Finance, as bundled by the Python package arch 8.0.0. tinygrad-rnn train
            FILE does the same for any CSV file."""),
        picture=Chart("The RNN follows a day behind", "day", "S&P 500", curves),
        drawn="the last forty days and what the RNN said about each the day before",
    )
