"""A piece of a computation recorded as one operation, whose derivatives a function of its own computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..functions import reshape
from ..primitive import Every, Primitive, Traced
from ..recording import no_grad
from ..tensor import Tensor, wrap

#: Given dL/d(output) for every output and the outputs themselves, as tensors: dL/d(input) for every input, or None.
Pullback = Callable[[Sequence[Tensor], Sequence[Tensor]], Sequence[Tensor | None]]


def recorded(name: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor], pull: Pullback) -> list[Tensor]:
    """``outputs``, computed from ``inputs`` without being recorded, as results of one recorded operation ``name``.

    An operation has one result; several outputs are parts of one long array. ``pull`` is called once in a backward
    pass, with everything recorded if the pass is to be differentiated again (``create_graph=True``), and not otherwise.
    """
    single = len(outputs) == 1
    primitive = Primitive(
        name,
        lambda *_: outputs[0].array if single else np.concatenate([y.array.ravel() for y in outputs]),
        Every(_Rule(name, inputs, [y.array.shape for y in outputs], pull)),
    )
    whole: Tensor = inputs[0].record(primitive, tuple(inputs))
    if single:
        shared = outputs[0].owner is not None or any(outputs[0] is x for x in inputs)
        whole.owner = outputs[0].memory if shared else None
        return [whole]
    return _parts(whole, [y.array.shape for y in outputs])


def _parts(whole: Tensor, shapes: Sequence[tuple[int, ...]]) -> list[Tensor]:
    """The parts of a long array, each in its shape."""
    if len(shapes) == 1:
        return [whole]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes]).tolist()
    return [reshape(whole[end - int(np.prod(shape)) : end], shape) for end, shape in zip(ends, shapes, strict=True)]


class _Rule:
    """The derivative rule of all arguments: computes them together when the first is asked for, and hands them out."""

    def __init__(self, name: str, inputs: Sequence[Tensor], shapes: Sequence[tuple[int, ...]], pull: Pullback) -> None:
        self.name = name
        self.asked = [i for i, x in enumerate(inputs) if x.requires_grad]
        self.shapes = shapes
        self.pull = pull
        self.upstream: Any = None
        self.found: Sequence[Tensor | None] = ()

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
        x = args[position]
        if part is None:  # nothing flows here
            part = wrap(np.zeros(x.shape, x.dtype))
        return part if isinstance(g, Tensor) else part.array

    def _compute(self, g: Any, y: Any) -> Sequence[Tensor | None]:
        if isinstance(g, Tensor):
            return self.pull(_parts(g, self.shapes), _parts(y, self.shapes))
        with no_grad():
            # Something that is no array stands for a result that was changed since, and refuses to be used.
            results = _parts(wrap(y), self.shapes) if isinstance(y, np.ndarray) else [y] * len(self.shapes)
            return self.pull(_parts(wrap(np.asarray(g)), self.shapes), results)
