"""One program of a compiled function as one operation of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..engine.primitive import Jointly, Primitive
from ..ops.shaping import cast, getitem, reshape
from ..surface.tensor import Tensor
from .arguments import mapped
from .formulas import refuse_changed
from .program import Program


class Plan:
    """One program of a function: for one form of its arguments, its modes and the tensors it reads.

    Attributes:
        serial: the number of the call to which its buffers belong.
        one: whether its (first) result is a single number through which gradients flow.
        gradients: for each of its tensors (see `tensors`) which of the program's gradients is its own, or None.
    """

    def __init__(self, program: Program, result: Any) -> None:
        self.program, self.result, self.serial = program, result, 0
        self._held = [
            (leaf.node, leaf.array, bool(leaf.node.tracked)) for leaf in program.tensors if leaf.node is not None
        ]
        self.one = bool(program.wanted) and program.flows[0] and not program.seeds
        known = {id(leaf.node) for leaf in program.leaves}
        self.parameters = [node for node, *_ in self._held if id(node) not in known]
        at = {id(node): k for k, node in enumerate(program.wanted)}
        nodes = [*(leaf.node for leaf in program.leaves), *self.parameters]
        self.gradients = [at.get(id(node)) for node in nodes]
        sizes = [int(np.prod(shape)) for shape in program.shapes]
        self._ends = [sum(sizes[:k]) for k in range(1, len(sizes) + 1)]
        #: Of the type of all results together, which is otherwise that of the arguments.
        self._like = np.empty(0, np.result_type(*program.dtypes))
        self._primitive = Primitive("program", self._forward, Jointly(self._backward))

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
        if isinstance(g, Node):
            raise RuntimeError(
                "a compiled function keeps no graph of its own, so that its gradient cannot be differentiated again; "
                "call the function itself where create_graph=True is needed (`fast.eager(...)`)"
            )
        refuse_changed(range(len(arrays)), arrays)
        if call[0] != self.serial:  # another call has used the buffers since
            self._forward(*arrays, call=call)
        forms = zip(np.split(g.reshape(-1), self._ends[:-1]), self.program.shapes, self.program.dtypes, strict=True)
        seeds = [part.reshape(shape).astype(dtype, copy=False) for part, shape, dtype in forms]
        found = list(map(np.array, self.program.plain_backward(*seeds)))
        return [None if k is None else found[k] for k in self.gradients]

    def run(self, given: Sequence[Any]) -> Any:
        """The results with their history."""
        made = self._primitive(*self.tensors(given), self._like, call=[0])
        whole = made if isinstance(made, Node) else Tensor.fresh(made)  # an array, if it is given no tensor
        parts: list[Any] = [whole]
        if len(self._ends) > 1:
            spans = zip([0, *self._ends], self._ends, self.program.shapes, strict=False)
            parts = [reshape(getitem(whole, index=slice(start, end)), shape=shape) for start, end, shape in spans]
        typed = zip(parts, self.program.dtypes, strict=True)
        parts = [part if part.dtype == dtype else cast(part, dtype=dtype) for part, dtype in typed]
        results = [each if flows else each.detach() for each, flows in zip(parts, self.program.flows, strict=True)]
        return mapped(self.result, iter(results))
