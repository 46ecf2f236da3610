"""One program of a compiled function as one operation of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..engine.primitive import Jointly, Primitive
from ..ops.shaping import getitem, reshape
from .arguments import mapped
from .program import Program
from .recording import Leaf


class Plan:
    """One program of a function: for one form of its arguments, its modes and the tensors it reads."""

    def __init__(self, program: Program, result: Any, tensors: Sequence[Leaf]) -> None:
        self.program, self.result = program, result
        self.held = [(leaf.node, leaf.array, bool(leaf.node.tracked)) for leaf in tensors if leaf.node is not None]
        self.parameters = [node for node in program.wanted if not any(leaf.node is node for leaf in program.leaves)]
        self.positions = [leaf.position for leaf in program.leaves]
        where = {id(leaf.node): leaf.position for leaf in program.leaves}
        # Where the gradient of each wanted value goes: to an argument, or to a parameter.
        self.wanted = [where.get(id(node)) for node in program.wanted]
        self.inputs = [k for k in self.wanted if k is not None]
        self.shapes = program.shapes
        self.serial = 0
        self.primitive = Primitive("program", self._forward, Jointly(self._backward))

    def holds(self) -> bool:
        """Whether the tensors it reads are still those arrays."""
        return all(node.array is array and bool(node.tracked) is tracked for node, array, tracked in self.held)

    def _forward(self, *arrays: Any, call: list[int]) -> Any:
        self.serial = call[0] = self.serial + 1
        results = self.program.plain_forward(*arrays[: len(self.positions)])
        if len(results) == 1:
            return np.array(results[0])
        return np.concatenate([each.reshape(-1) for each in results])

    def _backward(self, g: Any, y: Any, *arrays: Any, call: list[int]) -> list[Any]:
        if isinstance(g, Node):
            raise RuntimeError(
                "a compiled function keeps no graph of its own, so that its gradient cannot be differentiated again; "
                "call the function itself where create_graph=True is needed (`fast.eager(...)`)"
            )
        for array in arrays:
            if type(array) is not np.ndarray:
                _ = array + 0  # was changed since, and says so
        if call[0] != self.serial:  # another call has used the buffers since
            self._forward(*arrays, call=call)
        if not self.program.seeds:
            found = self.program.plain_backward()
            found = tuple(np.array(each) if g == 1 else each * g for each in found)
        elif len(self.shapes) == 1:
            found = tuple(map(np.array, self.program.plain_backward(g)))
        else:
            seeds, start = [], 0
            for shape in self.shapes:
                stop = start + int(np.prod(shape))
                seeds.append(g[start:stop].reshape(shape))
                start = stop
            found = tuple(map(np.array, self.program.plain_backward(*seeds)))
        by_argument = {
            position: each for position, each in zip(self.wanted, found, strict=True) if position is not None
        }
        ours = [each for position, each in zip(self.wanted, found, strict=True) if position is None]
        return [by_argument.get(position) for position in self.positions] + ours

    def run(self, tensors: Sequence[Any]) -> Any:
        """The results with their history."""
        made = self.primitive(*[tensors[k] for k in self.positions], *self.parameters, call=[0])
        if len(self.shapes) == 1:
            return mapped(self.result, iter([made]))
        parts, start = [], 0
        for shape in self.shapes:
            stop = start + int(np.prod(shape))
            parts.append(reshape(getitem(made, index=slice(start, stop)), shape=shape))
            start = stop
        return mapped(self.result, iter(parts))
