"""Exercises as their pages have them, what each is tried on, and how the library tells whether it is right."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ...explain.contributions import contributions
from ...explain.flow import gradient_flow
from ...explain.report import number

Function = Callable[..., Any]
TEXTS = files(str(__package__)) / "texts"
_MISTAKE = re.compile(r"`(?P<part>[^`]+)` -> (?:`(?P<instead>[^`]+)`|nothing): (?P<says>.+)")


class Mistake(NamedTuple):
    """What is computed if `instead` stands in the solution where `part` belongs; says: what is wrong then."""

    part: str
    instead: str
    says: str


@dataclass(frozen=True)
class Exercise:
    """A function to be written.

    name: of the function; title: what it is; deeper: the page of the site that goes on; solution: as Python; why: what
    there is to see in it; hints: one after the other; mistakes: recognised by what they compute.
    """

    number: int
    name: str
    title: str
    deeper: str
    solution: str
    why: str
    hints: tuple[str, ...]
    mistakes: tuple[Mistake, ...]

    @property
    def hole(self) -> str:
        """What the learner is given: the function up to the end of its docstring."""
        head, text, _ = self.solution.split('"""', 2)
        return f'{head}"""{text}"""\n    return ...  # what belongs here?\n'

    def by_mistake(self, mistake: Mistake) -> Function:
        """The function of those who make a mistake."""
        head, text, body = self.solution.split('"""', 2)
        return defined('"""'.join([head, text, body.replace(mistake.part, mistake.instead)]), self.name)


@cache
def defined(source: str, name: str) -> Function:
    """The function of that name in a piece of Python that may use numpy and the library."""
    names: dict[str, Any] = {"np": np, "tg": tg}
    exec(source, names)
    found: Function = names[name]
    return found


def _read(file_name: str, text: str) -> Exercise:
    number, name = file_name.removesuffix(".md").split("_", 1)
    task, hints, mistakes = re.split(r"\n## .+\n", text + "\n")
    title, deeper, before = task.split("\n\n", 2)
    _, solution, why = re.split(r"```(?:python\n)?", before)
    rows = [_MISTAKE.fullmatch(each) for each in _listed(mistakes)]
    return Exercise(
        int(number),
        name,
        title.removeprefix("# "),
        deeper.removeprefix("Deeper: "),
        solution.strip() + "\n",
        " ".join(why.split()),
        tuple(_listed(hints)),
        tuple(Mistake(row["part"], row["instead"] or "", row["says"]) for row in rows if row),
    )


def _listed(text: str) -> list[str]:
    """The points of a list, each in a line."""
    return [" ".join(each.split()) for each in re.split(r"^- ", text, flags=re.MULTILINE)[1:]]


@cache
def exercises() -> dict[str, Exercise]:
    """All of them in order, by the names of their functions."""
    found = [
        _read(each.name, each.read_text(encoding="utf-8")) for each in TEXTS.iterdir() if each.name.endswith(".md")
    ]
    return {each.name: each for each in sorted(found, key=lambda each: each.number)}


Array = NDArray[Any]
Draw = Callable[..., Array]  # draw(2, 3): an array of that shape


class Wrong(Exception):
    """What is wrong with an answer, in a sentence; raised: whether it is an exception of the answer's own."""

    def __init__(self, sentence: str, raised: bool = False) -> None:
        super().__init__(sentence)
        self.raised = raised


@dataclass(frozen=True)
class Trials:
    """The calls that an answer is judged by.

    gives: the names of the results; calls: the arguments, made with `draw`, as arrays; truth: the results as the
    library has them, from the arguments as tensors, or None where several are right; clue: what can be said of results
    that are wrong, from the arguments and them, or ""; observed: the results, from the answer and the arguments.
    """

    gives: tuple[str, ...]
    calls: Callable[[Draw], Sequence[tuple[Any, ...]]]
    truth: Function | None
    clue: Callable[[tuple[Any, ...], list[Array]], str] = lambda arguments, results: ""
    observed: Function = lambda answer, *arguments: answer(*arguments)


def near(found: Any, wanted: Any) -> bool:
    """Whether two arrays are the same but for rounding, also that of float32."""
    size = np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0)
    return found.shape == wanted.shape and np.allclose(found, wanted, 1e-5, 1e-6 * size, equal_nan=True)


def in_tensors(value: Any) -> Any:
    """The same arguments with new tensors for arrays and tensors."""
    if isinstance(value, (np.ndarray, tg.Tensor)):
        return tg.tensor(getattr(value, "array", value))
    return type(value)(map(in_tensors, value)) if isinstance(value, (list, tuple)) else value


def _gradient(by: Function, at: int) -> Function:
    """dL/d(argument `at`), where g, the first or none, is the gradient of what `by` computes from the others."""

    def truth(*arguments: tg.Tensor) -> Any:
        arguments[at].requires_grad_()
        result = by(*arguments[1 if at else 0 :])
        result.backward(arguments[0] if at else None)
        return arguments[at].grad

    return truth


def _embedding(g: tg.Tensor, ids: tg.Tensor, count: int) -> Any:
    table = tg.zeros(count, g.shape[1], dtype=tg.float64)
    return _gradient(lambda table: nn.functional.embedding(ids, table), 1)(g, table)


def _row_sums(arguments: tuple[Any, ...], results: list[Array]) -> str:
    if results[0].ndim == 2 and not np.allclose(results[0].sum(axis=1), 0, atol=1e-6):
        return "the rows do not add up to 0, as they must: probabilities add up to 1, and a single 1 is subtracted"
    return ""


def _shift_and_stretch(arguments: tuple[Any, ...], results: list[Array]) -> str:
    x, found = np.asarray(arguments[1]), results[0]
    for change, along, way in (("adding a constant to", 1, "mean"), ("stretching", x, "deviation")):
        if found.shape == x.shape and not np.allclose((found * along).sum(axis=1), 0, atol=1e-3):
            return (
                f"{change} a row of x changes nothing, so its gradient has no share in that direction, and this one "
                f"has: the way through the {way} is missing or wrong"
            )
    return ""


def _unrolled(xs: Any, h: Any, W_xh: Any, W_hh: Any, loss: Function) -> tuple[tg.Tensor, list[Array]]:
    """The last state of a tanh RNN, and the ledger of W_hh: what every step adds to its gradient."""
    W_hh.requires_grad_()
    for t, x in enumerate(xs, start=1):
        with tg.step(t):
            h = tg.tanh(W_xh @ x + W_hh @ h)
    return h, [each.gradient for each in contributions(loss(h), W_hh)]


def _ledger(xs: Any, h: Any, target: Any, W_xh: Any, W_hh: Any) -> list[Array]:
    return _unrolled(xs, h, W_xh, W_hh, lambda h: 0.5 * ((h - target) ** 2).sum())[1]


def _whole(xs: Any, h: Any, W_xh: Any, W_hh: Any, k: int) -> tuple[tg.Tensor, list[Array]]:
    return _unrolled(xs, h, W_xh, W_hh, tg.Tensor.sum)


def _truncated(*arguments: Any) -> Any:
    h, terms = _whole(*arguments)
    k = arguments[-1]
    return h, sum(terms[(len(terms) - 1) // k * k :])


def _cut(answer: Function, xs: Any, h: Any, W_xh: Any, W_hh: Any, k: int) -> Any:
    """The last state and dL/dW_hh, L being the sum of its numbers."""
    xs, h, W_xh, W_hh = in_tensors((xs, h, W_xh, W_hh))
    last = answer(xs, h, W_xh, W_hh.requires_grad_(), k)
    if last is None or last is Ellipsis:
        return last
    if not isinstance(last, tg.Tensor) or not last.requires_grad:
        raise Wrong("nothing arrives at W_hh: the state is cut after the last step too, or was made of plain numbers")
    last.sum().backward()
    return last, W_hh.grad


def _which_steps(terms: Sequence[Array], found: Array) -> str:
    """If a gradient is what some of the steps add, which ones."""
    for t, term in enumerate(terms, start=1):
        if near(found, term):
            return f"this is what step {t} alone adds to dL/dW_hh"
    for count in range(2, len(terms)):
        for which, some in (("last", terms[-count:]), ("first", terms[:count])):
            if near(found, np.sum(some, axis=0)):
                return f"only the {which} {count} of the {len(terms)} steps arrive"
    return ""


def _fate(arguments: tuple[Any, ...], results: list[Array]) -> str:
    """What is wrong with a W_hh, by what becomes of a gradient in 50 steps."""
    hidden, (W_hh,), random = arguments[0], results, np.random.default_rng(1)
    if W_hh.shape != (hidden, hidden):
        return f"W_hh has the shape {W_hh.shape}, and (hidden, hidden) = {(hidden, hidden)} is asked for"
    if not np.isfinite(W_hh).all():
        return "W_hh has NaN or infinity in it"
    if W_hh.any() and len(np.unique(W_hh.round(9), axis=0)) < hidden:
        return "some rows of W_hh are equal: units that begin equal get equal gradients and stay so for ever"
    h: tg.Tensor = tg.tensor(0.01 * random.standard_normal(hidden), requires_grad=True)
    for t in range(1, 51):
        with tg.step(t):
            h = tg.tanh(tg.tensor(W_hh) @ h)
    flow = gradient_flow((tg.tensor(random.standard_normal(hidden)) * h).sum())
    radius = number(float(np.abs(np.linalg.eigvals(W_hh)).max()))
    lives = flow.verdict.startswith("keeps")
    return "" if lives else f"over 50 steps the gradient {flow.sentence}; the spectral radius of this W_hh is {radius}"


def _clipped(gradients: list[tg.Tensor], most: float) -> Any:
    parameters = [tg.zeros(each.shape, dtype=tg.float64, requires_grad=True) for each in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    nn.utils.clip_grad_norm_(parameters, most)
    return [parameter.grad for parameter in parameters]


def _descended(answer: Function, p: Any, gradients: Any, lr: float) -> Any:
    """Where the parameter is after the first step, and after the last."""
    m, v, places = 0 * p, 0 * p, []
    for t, g in enumerate(gradients, start=1):
        moved = answer(p, g, m, v, t, lr)
        if moved is None or moved is Ellipsis:
            return moved
        if not isinstance(moved, (tuple, list)) or len(moved) != 3:
            raise Wrong("three values are asked for: return p, m, v")
        p, m, v = moved
        places.append(p)
    return [places[0], places[-1]]


def _adam(p: tg.Tensor, gradients: tg.Tensor, lr: float) -> list[tg.Tensor]:
    optimizer, places = tg.optim.Adam([p.requires_grad_()], lr=lr), []
    for g in gradients:
        p.grad = g
        optimizer.step()
        places.append(p.detach().clone())
    return [places[0], places[-1]]


def _differentiated(operation: Function, x: tg.Tensor, w: tg.Tensor) -> Any:
    """y of an operation, d(w y)/dx, and the derivative of the sum of that."""
    y = operation(x.requires_grad_())
    (first,) = tg.autograd.grad(y, x, w, create_graph=True)
    if not first.requires_grad:
        raise Wrong("the rule leaves no history: write it with operators and tg.abs, and without float() or .numpy()")
    return y, first, tg.autograd.grad(first.sum(), x)[0]


def _operated(answer: Function, x: Any, w: Any) -> Any:
    operation = answer()
    if isinstance(operation, tg.Primitive):
        return _differentiated(operation, *in_tensors((x, w)))
    if operation is None or operation is Ellipsis:
        return operation
    raise Wrong(f"it returns a {type(operation).__name__}: return tg.Primitive(name, function, rule)")


_FAR = np.array([[1000.0, 1001.0, 1002.0], [0.0, 1.0, 3000.0], [-2000.0, -2001.0, -2002.0]])
# fmt: off
TRIALS = {
    "rnn_step": Trials(("h'",),
        lambda draw: [(draw(3), draw(4), draw(4, 3), draw(4, 4), draw(4)) for _ in range(2)], nn.rnn_step),
    "embedding_gradient": Trials(("dL/dE",),
        lambda draw: [(draw(5, 2), np.array([2, 0, 2, 3, 2]), 5), (draw(4, 3), np.array([1, 1, 5, 0]), 7)],
        _embedding),
    "softmax": Trials(("the probabilities",), lambda draw: [(draw(3, 4),), (_FAR,)], lambda s: tg.softmax(s, dim=1)),
    "cross_entropy_gradient": Trials(("dL/ds",),
        lambda draw: [(draw(3, 4), np.array([2, 0, 3])), (_FAR, np.array([0, 2, 1]))],
        _gradient(nn.functional.cross_entropy, 0), _row_sums),
    "bptt": Trials(("dL/dW_hh",),
        lambda draw: [(draw(6, 2), draw(3), draw(3), draw(3, 2), draw(3, 3)) for _ in range(2)],
        lambda *arguments: sum(_ledger(*arguments)),
        lambda arguments, results: _which_steps(_ledger(*in_tensors(arguments)), results[0])),
    "start": Trials(("W_hh",), lambda draw: [(16, np.random.default_rng(seed)) for seed in range(2)], None, _fate),
    "lstm_step": Trials(("h'", "c'"),
        lambda draw: [(draw(2), draw(3), draw(3), draw(12, 2), draw(12, 3), draw(12)) for _ in range(2)], nn.lstm_step),
    "gru_step": Trials(("h'",),
        lambda draw: [(draw(2), draw(3), draw(9, 2), draw(9, 3), draw(9), draw(9)) for _ in range(2)], nn.gru_step),
    "clip": Trials(("the first gradient", "the second gradient"),
        lambda draw: [([size * draw(2, 3), 10 * size * draw(4)], 1.0) for size in (3, 0.03, 0)], _clipped),
    "layer_norm_gradient": Trials(("dL/dx",),
        lambda draw: [(draw(3, 5), 1 + 3 * draw(3, 5)), (draw(2, 4), draw(2, 4))],
        _gradient(lambda x: nn.functional.layer_norm(x, x.shape[1:]), 1), _shift_and_stretch),
    "truncated": Trials(("the last state", "dL/dW_hh"),
        lambda draw: [(draw(count, 2), draw(3), draw(3, 2), draw(3, 3), 5) for count in (13, 10)], _truncated,
        lambda arguments, results: _which_steps(_whole(*in_tensors(arguments))[1], results[1]), _cut),
    "adam": Trials(("p after the first step", "p after the fifth step"),
        lambda draw: [(draw(3), draw(5, 3) * np.array([1, 1, 1e-8]), 0.1)], _adam, observed=_descended),
    "softsign": Trials(("y", "dL/dx", "the second derivative"), lambda draw: [(3 * draw(6), draw(6))],
        lambda x, w: _differentiated(lambda x: x / (1 + x.abs()), x, w), observed=_operated),
}
# fmt: on
