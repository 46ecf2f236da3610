"""The textbook's two formulas: as Python, with the functions f and g, and unrolled as a deep network."""

import inspect
from collections.abc import Sequence

import numpy as np

import tinygrad_rnn as tg

from ...viz.chart import Chart, Curve
from .shown import Shown, says, section, under
from .worked_example import DOLLARS, LABELS, TARGET, WorkedExample

T = tg.Tensor


def network(xs: Sequence[T], h: T, W_xh: T, W_hh: T, b_h: T, W_hy: T, b_y: T) -> tuple[list[T], T]:
    """Every hidden state, and the answer."""
    hs = []
    for x in xs:
        h = tg.tanh(W_xh @ x + W_hh @ h + b_h)
        hs.append(h)
    y = W_hy @ h + b_y
    return hs, y


def run() -> tuple[list[tg.Tensor], tg.Tensor]:
    """The five prices in hundreds of dollars through it: hidden states and answer."""
    given = WorkedExample(unit=100.0).parameters
    xs = [tg.tensor([price / 100], dtype=tg.float64) for price in DOLLARS]
    return network(xs, tg.zeros(2, dtype=tg.float64), **given)


def show_formula() -> Shown:
    """Claim 4."""
    hs, y = run()
    rows = [
        [str(t), f"{price / 100:.2f}", ", ".join(f"{each:.6f}" for each in h.tolist())]
        for t, (price, h) in enumerate(zip(DOLLARS, hs, strict=True), start=1)
    ]
    body = inspect.getsource(network).partition('answer."""\n')[2].rstrip()
    loss = WorkedExample(unit=100.0).forward().loss
    return Shown(
        "Claim 4: h_t = f(W_xh x_t + W_hh h_(t-1) + b_h) and y_t = g(W_hy h_t + b_y)",
        under("The network", body),
        section("Its states for W_xh = 0.5, W_hh = 0.2 I, W_hy = 1, no biases", ["t", "x_t", "h_t"], rows),
        says(f"""y = {y.item():.6f}. By hand: h_1 = tanh(0.5 * 1.00 + 0.2 * 0) = tanh(0.5) = 0.462117."""),
        says("""The formula is the program: nothing is written but what the textbook writes, and f = tanh, g = 1."""),
        picture=tg.draw(loss, title="The formula, unrolled", labels=LABELS),
    )


def values_and_slopes(name: str, xs: Sequence[float]) -> tuple[list[float], list[float]]:
    """f(x) and f'(x) of "tanh" or "relu", the latter by autograd."""
    x = tg.tensor(list(xs), dtype=tg.float64, requires_grad=True)
    y = {"tanh": tg.tanh, "relu": tg.relu}[name](x)
    (slopes,) = tg.autograd.grad(y.sum(), x)
    return y.tolist(), slopes.tolist()


def softmax_as_written(logits: T) -> T:
    """exp(z_i) / sum of exp(z_j); the framework's subtracts the largest logit first, so that nothing overflows."""
    with np.errstate(all="ignore"):
        powers = tg.exp(logits)
        return powers / powers.sum()


def show_activations() -> Shown:
    """Claim 5."""
    points = (-3.0, -1.0, 0.0, 1.0, 3.0)
    columns = {name: values_and_slopes(name, points) for name in ("tanh", "relu")}
    rows = [[f"{x:g}", *(f"{each[i]:.4f}" for pair in columns.values() for each in pair)] for i, x in enumerate(points)]
    logits = tg.tensor([1000.0, 1001.0, 1002.0])
    probabilities = [
        ["exp(z) / sum exp(z), as written", *(f"{each:.4f}" for each in softmax_as_written(logits).tolist())],
        ["tg.softmax", *(f"{each:.4f}" for each in tg.softmax(logits, dim=-1).tolist())],
    ]
    xs = np.linspace(-4, 4, 161).tolist()
    curves = []
    for name in columns:
        values, slopes = values_and_slopes(name, xs)
        curves += [Curve(name, xs, [min(value, 2.0) for value in values]), Curve(f"{name}'", xs, slopes)]
    return Shown(
        "Claim 5: f is tanh or ReLU, g for instance softmax",
        section("Two choices of f", ["x", "tanh", "tanh'", "ReLU", "ReLU'"], rows),
        section("g turns logits 1000, 1001, 1002 into probabilities", ["", "p1", "p2", "p3"], probabilities),
        says("""tanh' is at most 1 and nearly 0 where tanh is flat. ReLU' is 0 or 1 and never more: what grows in a ReLU
            network is h itself. And exp(1000) overflows, so that softmax as it is written gives nan."""),
        picture=Chart("f and its derivative", "x", "f, f'", curves),
        drawn="tanh, ReLU (cut off at 2) and their derivatives",
    )


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
        each = [g.array for g in tg.autograd.grad(loss, copies, retain_graph=True)]
        gap = np.abs(np.sum(each, axis=0) - shared.array).max()
        found[name] = [float(g.flat[0]) for g in each], float(shared.array.flat[0]), float(gap)
    return found


def show_untied() -> Shown:
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
