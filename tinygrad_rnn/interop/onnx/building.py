"""Building an ONNX graph: nodes one after the other, each with a name for what it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...surface.tensor import Tensor
from .comparing import Axis, Repeated
from .tracing import Symbol


class Builder:
    """The nodes and constants of a graph.

    Attributes:
        input: the name of the graph's input.
        names: what each Symbol is called in the graph.
        parameters: the names of a model's own tensors.
        made: the nodes.
        constants: the arrays by name.
    """

    def __init__(self, helper: Any, inputs: Sequence[str], parameters: Mapping[Tensor, str]) -> None:
        self.helper = helper
        self.inputs = inputs
        self.parameters = parameters
        self.names: dict[Symbol, str] = {}
        self.made: list[Any] = []
        self.constants: dict[str, Any] = {}
        self._known: dict[Any, str] = {}

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation; the name of its result."""
        return self.nodes(1, kind, *inputs, **attributes)[0]

    def nodes(self, results: int, kind: str, *inputs: str, **attributes: Any) -> list[str]:
        """Add an operation with several results; their names."""
        number = len(self.made) + 1
        names = [f"{kind.lower()}_{number}" + (f"_{i}" if results > 1 else "") for i in range(results)]
        self.made.append(self.helper.make_node(kind, list(inputs), names, name=names[0], **attributes))
        return names

    def constant(self, value: Any, dtype: Any = None, name: str | None = None) -> str:
        """The name of an array of the graph; equal ones are stored once."""
        array = np.asarray(value, dtype, order="C")
        key = (array.dtype, array.shape, array.tobytes())
        if key not in self._known:
            free = name or f"constant_{len(self.constants)}"
            while free in self.constants:
                free += "_"
            self._known[key] = free
            self.constants[free] = array
        return self._known[key]

    def integers(self, values: Sequence[int]) -> str:
        """Axes, sizes and the like, as ONNX takes them."""
        return self.constant(list(values), np.int64)

    def value(self, operand: Any, dtype: Any = None) -> str:
        """The name of what an operation is applied to, in ``dtype`` if it has another."""
        if isinstance(operand, Symbol):
            name = self.names[operand]
            if dtype is None or operand.array.dtype == dtype:
                return name
            return self.cast(name, dtype)
        if isinstance(operand, Repeated):
            return self.node("Expand", self.constant(operand.array, dtype), self.sizes(operand.shape))
        array = operand.array if isinstance(operand, Tensor) else operand
        return self.constant(array, dtype, self.parameters.get(operand) if isinstance(operand, Tensor) else None)

    def sizes(self, shape: Sequence[Any]) -> str:
        """A shape of integers and sizes that axes of the input will have."""
        if not any(isinstance(size, Axis) for size in shape):
            return self.integers(shape)
        shapes = [self.node("Shape", name) for name in self.inputs]
        given = shapes[0] if len(shapes) == 1 else self.node("Concat", *shapes, axis=0)
        parts = []
        for size in shape:
            name = self.integers([size.number if isinstance(size, Axis) else size])
            parts.append(self.node("Gather", given, name) if isinstance(size, Axis) else name)
        return self.node("Concat", *parts, axis=0)

    def cast(self, name: str, dtype: Any) -> str:
        """Another type of numbers."""
        return self.node("Cast", name, to=self.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
