"""Recurrent: any cells as a network, stacked in layers, in both directions, over sequences of different lengths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Generic, Protocol, TypeVar, overload

from ..engine.scope import scope, step
from ..ops.shaping import stack
from ..surface.functions import cat
from ..surface.tensor import Tensor
from .functional.layers import check_probability, dropout
from .module import Module
from .packing import PackedSequence, cut, padded_steps, reorder
from .unrolling import Cell, steps_before, unroll

States = TypeVar("States")


class _Calls(Protocol[States]):
    """How recurrent networks are called."""

    @overload
    def __call__(self, input: Tensor, hx: States | None = None, *, lengths: Any = None) -> tuple[Tensor, States]: ...
    @overload
    def __call__(self, input: PackedSequence, hx: States | None = None) -> tuple[PackedSequence, States]: ...


class Recurrent(Module, Generic[States]):
    """A network of recurrent cells: your own get what nn.LSTM has.

    ``network = Recurrent([cell_1, (cell_2, cell_2_back)], dropout=0.2)``, then
    ``outputs, states = network(input, states=None, lengths=None)``. Shapes: input (time, batch, ...), or
    (batch, time, ...) with batch_first=True, or a PackedSequence; outputs (time, batch, features), those of both
    directions side by side, in the order of the input; or packed like it.

    Args:
        cells: a cell, or one entry per layer: a cell, or a pair of cells of which the second runs from the end to the
            start. A cell is what `unroll` drives: ``(x, state) -> state`` or ``(x, state) -> (output, state)``, a
            module or any function. It is the attribute ``l0``, ``l0_reverse``, ``l1``, ...
        batch_first: whether the batch is the first axis of input and outputs.
        dropout: the probability of dropping an output on its way to the next layer, in training.

    ``states`` is a list of one state per layer and direction, (l0, l0_reverse, l1, ...), each as its cell returns it
    (batch first, whatever ``batch_first`` says of the sequences); left out, every cell makes its own first one.
    ``lengths`` holds the number of valid steps of every sequence of a padded batch: outputs are 0 after them, and the
    returned states are those of the last valid steps.
    """

    #: The batch axis of a state, by which packed sequences are sorted.
    _batch_axis = 0

    def __init__(self: Recurrent[list[Any]], cells: Any, *, batch_first: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        layers = [_directions(layer) for layer in (cells if isinstance(cells, (list, tuple)) else [cells])]
        if not layers:
            raise ValueError("Recurrent was given no cells: a network has at least one layer.")
        self.batch_first = batch_first
        self.dropout = check_probability(dropout)
        self._layers = [[f"l{k}", f"l{k}_reverse"][: len(layer)] for k, layer in enumerate(layers)]
        for endings, layer in zip(self._layers, layers, strict=True):
            for ending, cell in zip(endings, layer, strict=True):
                if isinstance(cell, Module) and cell._label is None:
                    cell._relabel(type(cell).__name__)  # the layer is a scope already
                setattr(self, ending, cell)

    def extra_repr(self) -> str:
        return ", ".join(changed(self, {"batch_first": False, "dropout": 0.0}))

    # Said, not defined: the function that calls a module is to be the one that calls this.
    __call__: _Calls[States]  # pyright: ignore[reportIncompatibleMethodOverride]

    def forward(self, input: Any, hx: Any = None, *, lengths: Any = None) -> tuple[Any, Any]:
        if isinstance(input, PackedSequence):
            if lengths is not None:
                raise ValueError("a PackedSequence knows its lengths: lengths= is for padded batches.")
            self._check_input(input.data)
            first = self._states(
                reorder(hx, input.sorted_indices, self._batch_axis), [input.data[: int(input.sizes()[0])]]
            )
            data, states = self._at_once(input.data, first, 0, input.lengths(), input)
            return input._replace(data=data), reorder(states, input.unsorted_indices, self._batch_axis)
        self._check_input(input)
        time = self._time_axis(input)
        steps = input.transpose(0, 1) if time else input
        return self._at_once(steps, self._states(hx, steps), time, lengths)

    def _run(self, steps: Tensor | Sequence[Tensor], states: Any, lengths: Any) -> tuple[Sequence[Tensor], Any]:
        # A tensor is read step by step inside its time step; between layers goes a list, which needs no reading.
        outputs: Any = steps
        final: list[Any] = []
        for k, layer in enumerate(self._layers):
            if k > 0 and self.dropout > 0 and self.training:
                outputs = self._dropped(k, outputs)
            ways = []
            for ending in layer:
                with scope(ending) if len(states) > 1 else nullcontext():
                    cell, xs = self._prepared(ending, outputs)
                    reverse = ending.endswith("_reverse")
                    ways.append(unroll(cell, xs, states[len(final)], lengths=lengths, reverse=reverse))
                final.append(ways[-1][1])
            outputs = ways[0][0]
            if len(ways) == 2:
                outputs = each_step(lambda *both: cat(both, -1), outputs, ways[1][0])
        return outputs, self._final(final)

    # What a subclass may do in its own way

    def _time_axis(self, input: Tensor) -> int:
        """Which axis of the input is time."""
        return 1 if self.batch_first else 0

    def _check_input(self, x: Tensor) -> None:
        """Raise an error for an input that does not fit."""

    def _prepared(self, ending: str, xs: Any) -> tuple[Cell, Any]:
        """The cell of one layer and direction, and the steps it is to read."""
        return vars(self)[ending], xs

    def _dropped(self, k: int, outputs: Sequence[Tensor]) -> list[Tensor]:
        """The outputs of the layer before ``k``, some of their entries dropped."""
        return each_step(lambda x: dropout(x, self.dropout), outputs)

    def _states(self, hx: Any, steps: Any) -> list[Any]:
        """The first state of every layer and direction."""
        names = [ending for layer in self._layers for ending in layer]
        if hx is None:
            return [None] * len(names)
        if not isinstance(hx, (list, tuple)) or len(hx) != len(names):
            given = f"{len(hx)} in a {type(hx).__name__}" if isinstance(hx, (list, tuple)) else type(hx).__name__
            raise ValueError(f"Recurrent expects a list of {len(names)} states, for {', '.join(names)}; got {given}.")
        return list(hx)

    def _at_once(self, x: Tensor, first: Any, time: int, lengths: Any, packed: Any = None) -> tuple[Tensor, Any]:
        """The outputs of all steps as one tensor, packed or along ``time``, and the last states."""
        outputs, states = self._run(x if packed is None else padded_steps(packed._replace(data=x)), first, lengths)
        return (stack(*outputs, dim=time) if packed is None else cut(outputs, packed.sizes().tolist())), states

    def _final(self, states: list[Any]) -> Any:
        """The last states of all layers and directions as they are returned."""
        return states


def changed(module: Module, usual: dict[str, Any]) -> list[str]:
    """The options of a module that are not as usual, for printing."""
    return [f"{name}={getattr(module, name)}" for name, value in usual.items() if getattr(module, name) != value]


def _directions(layer: Any) -> tuple[Cell, ...]:
    cells = tuple(layer) if isinstance(layer, (list, tuple)) else (layer,)
    if len(cells) not in (1, 2) or not all(map(callable, cells)):
        raise TypeError(
            "a layer of Recurrent is a cell, or a pair of cells (forward, backward); "
            f"{[type(cell).__name__ for cell in cells]} was given."
        )
    return cells


def each_step(function: Callable[..., Tensor], *sequences: Sequence[Any]) -> list[Tensor]:
    """Apply a function to the tensors of each time step, recorded in that step."""
    results, before = [], steps_before()
    for t, tensors in enumerate(zip(*sequences, strict=True)):
        with step(before + t + 1):
            results.append(function(*tensors))
    return results
