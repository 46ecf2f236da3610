"""One program of a compiled function as one operation of the graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate, repeat
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..engine.primitive import Jointly, Primitive, Traced
from ..ops.shaping import cast
from ..surface.tensor import Tensor
from .arguments import mapped
from .formulas import refuse_changed
from .program import Program


class _Together(np.ndarray[Any, Any]):
    """dL/d(all results together): ``of`` has a bit for each result that a gradient has come to."""

    of = -1  # all of them, whatever numpy makes of it

    def __add__(self, other: Any) -> Any:
        both: Any = super().__add__(other)
        both.of = self.of | other.of
        return both


class Plan:
    """One program of a function: for one form of its arguments, its modes and the tensors it reads.

    Attributes:
        serial: the number of the call to which its buffers belong.
        one: whether its (first) result is a single number through which gradients flow.
        gradients: for each of its tensors (see `tensors`) which of the program's gradients is its own, or None, and
            which results it may come from.
    """

    def __init__(self, program: Program, result: Any) -> None:
        self.program, self.serial = program, 0
        self.result = mapped(result, repeat(None))  # how results are nested, without those of the first call
        self._held = [
            (leaf.node, leaf.array, bool(leaf.node.tracked)) for leaf in program.tensors if leaf.node is not None
        ]
        self.one = bool(program.wanted) and program.flows[0] and not program.seeds
        known = {id(leaf.node) for leaf in program.leaves}
        self.parameters = [node for node, *_ in self._held if id(node) not in known]
        at = {id(node): k for k, node in enumerate(program.wanted)}
        nodes = [*(leaf.node for leaf in program.leaves), *self.parameters]
        self.gradients = [(at[id(node)], program.reached[at[id(node)]]) if id(node) in at else None for node in nodes]
        self._ends = list(accumulate(map(math.prod, program.shapes)))
        #: Of the type of all results together, which is otherwise that of the arguments.
        self._like = np.empty(0, np.result_type(*program.dtypes))
        self._primitive = Primitive("program", self._forward, Jointly(self._backward))
        self._part = Primitive("result", self._read, self._given)

    def holds(self) -> bool:
        """Whether the tensors it reads are still those arrays."""
        return all(node.array is array and bool(node.tracked) is tracked for node, array, tracked in self._held)

    def tensors(self, given: Sequence[Any]) -> list[Any]:
        """The arguments it uses, the random ones drawn as the function would, and then its parameters."""
        every = [*given, *(Tensor.fresh(draw(*args)) for draw, *args in self.program.draws)]
        used = [
            Tensor.fresh(np.stack([every[k].array for k in leaf.rows])) if leaf.rows else every[leaf.position]
            for leaf in self.program.leaves
        ]
        return used + self.parameters

    def _forward(self, *arrays: Any, call: list[int]) -> Any:
        self.serial = call[0] = self.serial + 1
        results = self.program.plain_forward(*arrays[: len(self.program.leaves)])
        return np.array(results[0]) if len(results) == 1 else np.concatenate([each.reshape(-1) for each in results])

    def _backward(self, g: Any, y: Any, *arrays: Any, call: list[int]) -> list[Any]:
        if isinstance(g, Traced):
            plain = [getattr(each, "array", each) for each in arrays]
            rules = [lambda g, k=k: self._backward(g, None, *plain, call=call)[k] for k in range(len(arrays))]
            asked = zip(self.gradients, rules, strict=False)
            return [None if each is None else _named("program_backward", rule, g) for each, rule in asked]
        refuse_changed(range(len(arrays)), arrays)
        if call[0] != self.serial:  # another call has used the buffers since
            self._forward(*arrays, call=call)
        forms = zip(np.split(g.reshape(-1), self._ends[:-1]), self.program.shapes, self.program.dtypes, strict=True)
        seeds = [np.asarray(part).reshape(shape).astype(dtype, copy=False) for part, shape, dtype in forms]
        found, of = list(map(np.array, self.program.plain_backward(*seeds))), getattr(g, "of", -1)
        return [found[each[0]] if each and each[1] & of else None for each in self.gradients]

    def _read(self, whole: Any, k: int) -> Any:
        """Result number ``k`` of all of them."""
        part = whole.reshape(-1)[self._ends[k] - math.prod(self.program.shapes[k]) : self._ends[k]]
        return np.array(part.reshape(self.program.shapes[k]))

    def _given(self, g: Any, y: Any, whole: Any, k: int) -> Any:
        """What its gradient is of all of them: what only others read receives nothing, rather than zeros."""
        if isinstance(g, Traced):
            return _named("result_backward", lambda array: self._given(array, None, whole.array, k), g)
        made = np.zeros(whole.shape, whole.dtype).view(_Together)
        made.reshape(-1)[self._ends[k] - g.size : self._ends[k]] = g.reshape(-1)
        made.of = 1 << k
        return made

    def run(self, given: Sequence[Any]) -> Any:
        """The results with their history."""
        made = self._primitive(*self.tensors(given), self._like, call=[0])
        whole = made if isinstance(made, Node) else Tensor.fresh(made)  # an array, if it is given no tensor
        parts: list[Any] = [whole]
        if len(self._ends) > 1:
            parts = [self._part(whole, k=k) for k in range(len(self._ends))]
        typed = zip(parts, self.program.dtypes, strict=True)
        parts = [part if part.dtype == dtype else cast(part, dtype=dtype) for part, dtype in typed]
        results = [each if flows else each.detach() for each, flows in zip(parts, self.program.flows, strict=True)]
        return mapped(self.result, iter(results))


def _named(name: str, rule: Callable[[Any], Any], g: Any) -> Any:
    """A rule where formulas are printed, which has no formula but this name."""
    if isinstance(g, Node):
        raise RuntimeError(
            "a compiled function keeps no graph of its own, so that its gradient cannot be differentiated again; "
            "call the function itself where create_graph=True is needed (`fast.eager(...)`)"
        )
    return g.record(Primitive(name, rule), (g,), {})
