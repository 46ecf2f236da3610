"""A piece of a computation recorded as one operation, whose derivatives a function of its own computes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..engine.modes import no_grad
from ..engine.primitive import Every, Primitive, Traced
from ..ops.shaping import cast
from .shaping import reshape
from .tensor import Tensor, wrap

#: Given dL/d(output) for every output and the outputs themselves, as tensors: dL/d(input) for every input, or None.
Pullback = Callable[[Sequence[Any], Sequence[Tensor]], Sequence[Tensor | None]]


def recorded(
    name: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor], pull: Pullback, *, materialize: bool = True,
    template: str | None = None,
) -> list[Tensor]:  # fmt: skip
    """``outputs``, computed from ``inputs`` without being recorded, as results of one recorded operation ``name``.

    An operation has one result; several outputs are parts of one long array. ``pull`` is called once in a backward
    pass, with everything recorded if the pass is to be differentiated again (``create_graph=True``), and not otherwise.
    It is given zeros for outputs that no gradient came to, or None with ``materialize=False``.
    """
    single = len(outputs) == 1
    rule = _Rule(name, inputs, outputs, pull)
    primitive = Primitive(
        name, lambda *_: outputs[0].array if single else np.concatenate([y.array.ravel() for y in outputs]),
        Every(rule), template=template,
    )  # fmt: skip
    whole: Tensor = inputs[0].record(primitive, tuple(inputs))
    if single:
        shared = outputs[0].owner is not None or any(outputs[0] is x for x in inputs)
        whole.owner = outputs[0].memory if shared else None  # pyright: ignore[reportAttributeAccessIssue]
        return [whole]
    parts = rule.parts(whole)
    if not materialize:
        for i, part in enumerate(parts):
            part.register_hook(partial(rule.note, i))
    return parts


class _Rule:
    """The derivative rule of all arguments: computes them together when the first is asked for, and hands them out."""

    def __init__(self, name: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor], pull: Pullback) -> None:
        self.name = name
        self.asked = [i for i, x in enumerate(inputs) if x.requires_grad]
        self.kinds = [(y.array.shape, y.array.dtype) for y in outputs]
        self.pull = pull
        self.reached: set[int] = set()
        self.upstream: Any = None
        self.found: Sequence[Tensor | None] = ()

    def note(self, part: int, _: Tensor) -> None:
        """A gradient came to this part of the outputs."""
        self.reached.add(part)

    def parts(self, whole: Tensor) -> list[Tensor]:
        """The outputs a long array is made of, each in its shape and type."""
        if len(self.kinds) == 1:
            return [whole]
        found, start = [], 0
        for shape, dtype in self.kinds:
            end = start + math.prod(shape)
            part = reshape(whole[start:end], shape)
            found.append(part if part.dtype == dtype else cast(part, dtype=dtype))
            start = end
        return found

    def __call__(self, g: Any, y: Any, *args: Any, position: int) -> Any:
        if isinstance(g, Traced) and not isinstance(g, Tensor):  # a symbol: there is no formula, only a name
            rule = Primitive(f"{self.name}_backward", lambda array: self(array, y.array, *args, position=position))
            return g.record(rule, (g,), {})
        if self.upstream is not g:
            self.found = self._compute(g, y)
            self.upstream = g
        part = self.found[position]
        if position == self.asked[-1]:
            self.upstream, self.found = None, ()
        return part if part is None or isinstance(g, Tensor) else part.array

    def _compute(self, g: Any, y: Any) -> Sequence[Tensor | None]:
        if isinstance(g, Tensor):
            return self.pull(self._gradients(g), self.parts(y))
        with no_grad():
            # Something that is no array stands for a result that was changed since, and refuses to be used.
            results = self.parts(wrap(y)) if isinstance(y, np.ndarray) else [y] * len(self.kinds)
            return self.pull(self._gradients(wrap(np.asarray(g))), results)

    def _gradients(self, g: Tensor) -> list[Tensor | None]:
        reached, self.reached = self.reached, set()
        return [part if i in reached or not reached else None for i, part in enumerate(self.parts(g))]
