"""Array functions, forward and back, written from the operations of a formula and their rules.

A formula is a function of tensors. What is written of it is the text of a function of arrays that gives the results and
the function back; every call makes its own arrays, so that any number of them may be alive at once.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.folding import Call, Fold, Formula, recorded
from ..engine.modes import following
from ..engine.scope import Place, here
from ..numbers.dtypes import quiet
from ..surface.tensor import Tensor
from .columns import runs
from .gates import joined
from .layout import Layout
from .looped import Rolled
from .loops import LoopLayout
from .program import commented, executed
from .recording import FEW, Leaf, Recording
from .reverse import differentiate
from .split import CACHE
from .values import Refusal, Value, order
from .wording import VIEWS

MOST = 256  # forms of the arguments of one formula


class Written:
    """The functions of a formula for arguments like the ``given`` tensors, back to the ``wanted`` ones of them.

    All are tracked, so that whatever is made of them is recorded.

    ``function(*arrays)`` gives the results, in arrays that nobody else has, and the function back; that is given
    dL/d(result) for each and gives dL/d(argument) for each that is wanted, in new arrays.

    Attributes:
        text: what runs.
        reads: the positions of the arguments whose numbers the way back needs; -1 is the (first) result.
        operations: how many the formula records.
    """

    def __init__(
        self, formula: Formula, given: Sequence[Any], wanted: Sequence[bool], large: bool | None = None
    ) -> None:
        with recorded(Place(None, ""), watch=True):
            results = formula(*given)
        self.one = not isinstance(results, tuple)
        recording = Recording(
            (results,) if self.one else results,
            [Leaf(each.array, each, position=k) for k, each in enumerate(given)],
        )
        self.operations = len(recording.entries)
        rolled = Rolled(recording, [] if self.one else runs(recording), large=large, exact=large is not None)
        leaves = [rolled.value(leaf) for leaf in recording.given]
        sources = [leaf for leaf, asked in zip(leaves, wanted, strict=True) if asked]
        count, roots = len(rolled.roots), rolled.roots
        seeds = [Value("given", y.shape, y.dtype, name=f"d{y.name or 'y'}") for y in roots] if sources else []
        found = differentiate(rolled.top, roots, seeds, sources) if sources else []
        zeros = [
            rolled.top.full(leaf.shape, leaf.dtype) if g is None else g for leaf, g in zip(sources, found, strict=True)
        ]
        asked = [*roots, *zeros]
        if self.one:
            values = order([*leaves, *asked])
            new = dict(zip(values, joined(rolled.top, values), strict=True))
            asked = [new[each] for each in asked]
        inputs = list(zip(recording.given, leaves, strict=True))
        layout = Layout(asked[:count], asked[count:], inputs, seeds, LoopLayout, fresh=True)
        read = [layout.arrays[each] for each in layout.read if each not in seeds]
        looked_at = [*enumerate(leaves), *([(-1, asked[0])] if self.one else [])]
        self.reads = [
            k for k, value in looked_at if any(np.may_share_memory(layout.arrays[value], array) for array in read)
        ]
        back: list[str] = []
        for value, name in zip(asked[count:], layout.gradients, strict=True):
            own = value.kind == "op" and value.op not in VIEWS and value not in layout.before and name not in back
            back.append(name if own else f"{name}.copy()")
        results = layout.results if self.one else [f"{name}.copy()" for name in layout.results]
        self.lines = [
            *(line for line, _ in layout.setup),
            f"def function({', '.join(layout.inputs)}):",
            *(commented(*line, 4) for line in layout.forward),
            f"    def backward({', '.join(layout.seeds)}):",
            *(commented(*line, 8) for line in layout.backward),
            f"        return {''.join(f'{name}, ' for name in back) or 'None'}",
            f"    return {results[0] if self.one else '(' + ', '.join(results) + ',)'}, backward",
        ]
        self.parameters = layout.parameters

    def execute(self) -> Written:
        self.text, self.function = executed(self.lines, "function", self.parameters)
        return self


def _for_any_length(one: str, two: str) -> str:
    """A line that was written for ``FEW`` steps and for one more, for T: numbers that differ grow with it."""
    if one == two:
        return one
    parts = []
    for a, b in zip(re.split(r"(\d+)", one), re.split(r"(\d+)", two), strict=True):
        if a != b:
            slope = int(b) - int(a)
            rest = int(a) - slope * FEW
            a = "T" if slope == 1 else f"{slope} * T"
            a = f"({a} {'-' if rest < 0 else '+'} {abs(rest)})" if rest else a
        parts.append(a)
    return "".join(parts)


class OverTime:
    """A formula of several results, written for any number of steps.

    Its first argument has a row for each step, and so has what ``rows`` are like, which it is given after the others.
    """

    def __init__(
        self, formula: Formula, args: Sequence[Any], rows: Sequence[Any], wanted: Sequence[bool], large: bool
    ) -> None:
        one, two = (Written(formula, _alike(args, rows, FEW + more), wanted, large) for more in (0, 1))
        self.reads, self._operations, self._growing = one.reads, one.operations, two.operations - one.operations
        one.lines = list(map(_for_any_length, one.lines, two.lines))
        begin = next(k for k, line in enumerate(one.lines) if line.startswith("def "))
        one.lines.insert(begin + 1, f"    T = len({one.lines[begin].partition('(')[2].partition(',')[0]})")
        self.text, self.function = one.execute().text, one.function

    def operations(self, steps: int) -> int:
        """How many operations the formula records."""
        return self._operations + self._growing * (steps - FEW)


def _alike(args: Sequence[Any], rows: Sequence[Any], steps: int) -> list[Any]:
    """Tensors of so many steps like the arguments of a layer and what it has for each step besides."""
    made = []
    for k, like in enumerate([*args, *rows]):
        shape = like.array.shape if 0 < k < len(args) else (steps, *like.array.shape[1:])
        array = np.ones(shape, like.array.dtype)
        array[::2] = like.array.dtype.kind != "b"  # a mask that is the same everywhere would be a constant
        made.append(like.fresh(array, True))
        made[-1].name = like.name
    return made


#: The forms of layers that have been written.
OVER_TIME: dict[Any, OverTime | None] = {}


def at_once(
    form: Any, formula: Formula, args: tuple[Any, ...], general: Formula, rows: Sequence[Any] = (), valid: Any = None,
    time: int = 0,
) -> Sequence[Any]:  # fmt: skip
    """The results of a formula of ``args`` over the rows of the first of them, recorded as one operation.

    Args:
        form: says which formula it is, but for what the arguments say.
        general: the same of the arguments and what ``rows`` holds besides for each step, as it can be written; what
            the formula itself may leave out at a step (where all sequences go on) it does with these.
        valid: (steps, batch); if it is given, the first argument and the first result hold the valid entries only.
        time: the axis of the steps in the first result.
    """
    arrays = [each.array for each in args]
    x, dtype = arrays[0], arrays[0].dtype
    if dtype.char not in "fd" or not x.size or any(each.dtype != dtype for each in arrays):
        return formula(*args)  # type: ignore[no-any-return]

    def padded(entries: Any) -> Any:
        if valid is None:
            return entries
        whole = np.zeros((*valid.shape, *entries.shape[1:]), dtype)
        whole[valid] = entries
        return whole

    def packed(whole: Any) -> Any:
        return whole if valid is None else whole[valid]

    arrays[0] = x = padded(x)
    wanted = [bool(each.tracked and here.recording) for each in args]
    large = len(x) * arrays[1].nbytes > CACHE
    shapes = (*(each.shape for each in arrays[1:]), *(each.shape[1:] for each in rows))
    key = (form, dtype, x.shape[1:], *shapes, *wanted, large)
    if key not in OVER_TIME:
        if len(OVER_TIME) >= MOST:
            OVER_TIME.clear()
        likes = [args[0].fresh(each) for each in (x, *rows)]
        likes[0].name = args[0].name
        try:
            asked = [*wanted, *(False for _ in rows)]
            OVER_TIME[key] = OverTime(general, [likes[0], *args[1:]], likes[1:], asked, large)
        except Refusal:
            OVER_TIME[key] = None
    written = OVER_TIME[key]
    if written is None:
        return formula(*args)  # type: ignore[no-any-return]
    steps, others = len(x), (*arrays[1:], *rows)
    count = steps if following.layers is None or not following.any_numbers else min(FEW, steps)
    results, back = quiet.call(written.function, x[:count], *others)
    if count < steps:  # a few steps again and again, but no two the same
        again = np.take(results[0], np.arange(steps) % count, time)
        fading = np.linspace(1, 0.5, steps, dtype=dtype).reshape(-1, *(1,) * (again.ndim - 1 - time))
        results = (again * fading, *results[1:])
    shown = [packed(results[0]), *results[1:]]
    if not any(wanted):
        return [args[0].fresh(each) for each in shown]

    def share(of: dict[int, Any], *values: Any) -> list[Any]:
        refuse_changed([k for k in written.reads if k < len(values)], values)
        seeds = [of[k] if k in of else np.zeros(each.shape, dtype) for k, each in enumerate(shown)]
        made = back if count == steps else quiet.call(written.function, x, *others)[1]
        found = iter(made(padded(seeds[0]), *seeds[1:]))
        shares = [next(found) if asked else None for asked in wanted]
        return [packed(shares[0]) if wanted[0] else None, *shares[1:]]

    def short() -> tuple[list[Any], Any]:
        likes = _alike(args, (), FEW)
        return likes, general(*likes)

    call = Call(formula, share, written.operations(steps) + (valid is not None) * 5 * steps)
    made = call.results(shown, args)
    if following.layers is not None:
        call.short = short
        following.layers += made
    return made


class WrittenFold(Fold):
    """A `Fold` that needs nothing but its formula."""

    def __init__(self, name: str, formula: Formula) -> None:
        super().__init__(name, formula, self._forward, self._backward)
        self._known: dict[Any, Written] = {}

    def written(self, *arrays: Any) -> Written:
        """The functions for arguments of this form."""
        real = [array.dtype.kind == "f" for array in arrays]  # whole numbers are places, of which there are two or more
        given = [Tensor.fresh(np.ones(each.shape, each.dtype), of) for each, of in zip(arrays, real, strict=True)]
        for tensor, name in zip(
            given, inspect.signature(self.formula).parameters, strict=False
        ):  # some may be left out
            tensor.name = name
        made = Written(self.formula, given, real)
        assert all(of or k in made.reads for k, of in enumerate(real)), "places were taken for a constant"
        return made.execute()

    def _forward(self, *arrays: Any) -> tuple[Any, Any]:
        form = tuple([(array.shape, array.dtype) for array in arrays])
        written = self._known.get(form)
        if written is None:
            if len(self._known) >= MOST:
                self._known.clear()
            written = self._known[form] = self.written(*arrays)
        y, back = written.function(*arrays)
        return y, (written.reads, back)

    def _backward(self, g: Any, y: Any, *arrays: Any, kept: Any) -> tuple[Any, ...]:
        reads, back = kept
        refuse_changed(reads, (*arrays, y))
        shares = iter(back(g))
        return tuple([next(shares) if array.dtype.kind == "f" else None for array in arrays])


def refuse_changed(reads: Sequence[int], values: Sequence[Any]) -> None:
    """Refuse a backward pass that reads what was changed since; then a stand-in is in its place."""
    for k in reads:
        if type(values[k]) is not np.ndarray:
            _ = values[k] + 0


def folded(name: str) -> Callable[[Formula], Fold]:
    """Decorates a formula that is to be recorded as one operation called ``name``."""
    return lambda formula: WrittenFold(name, formula)
