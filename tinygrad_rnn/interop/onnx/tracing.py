"""Tracing: running a model once and noting every operation between its input and its output.

The input is a Symbol, a tensor that notes which primitives are applied to it; whatever comes out is a Symbol again.
Layers that loop over time, and lookups, are noted as one operation each, because ONNX has an operation for them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Self
from weakref import proxy

import numpy as np

from ...engine.graph import NO_KWARGS
from ...engine.modes import no_grad
from ...engine.primitive import Primitive
from ...engine.scope import current_place, here
from ...nn import GRU, LSTM, RNN, Embedding, Module
from ...nn.packing import PackedSequence
from ...rolled.arguments import leaves, mapped
from ...surface.arguments import axis
from ...surface.tensor import Tensor, wrap

LAYERS = (Embedding, RNN, LSTM, GRU)


class ExportError(ValueError):
    """A model cannot be written as ONNX; the message says what stands in the way, where, and what to do."""


@dataclass
class Step:
    """One operation: a primitive or a layer, what it was applied to, what came out, in which part of the model."""

    operation: Any  # a Primitive or a Module; declared so, type checkers would take a Primitive for a method
    inputs: tuple[Any, ...]  # Symbols, other tensors, arrays, numbers, None
    kwargs: Mapping[str, Any]
    outputs: tuple[Symbol, ...]
    where: str


#: Entries picked along an axis by a tensor of places, which may have been computed, as by ``max``.
GATHER = Primitive("gather", lambda x, places, *, dim: wrap(x).gather(dim, wrap(places)).array)


class Symbol(Tensor):
    """A tensor whose operations are noted in a trace."""

    __slots__ = ("journal",)

    journal: Trace

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any] = NO_KWARGS) -> Tensor:
        """Apply and note."""
        with no_grad():
            made = Tensor.record(self, primitive, args, kwargs)
        return self.journal.note(primitive, args, kwargs, made.array)

    def detach(self) -> Tensor:
        """Itself: there are no gradients here."""
        return self

    def gather(self, dim: int, index: Any) -> Tensor:
        """The places are an operand, as they may depend on the input."""
        if not isinstance(index, Tensor):
            return Tensor.gather(self, dim, index)
        return self.record(GATHER, (self, index), {"dim": axis(dim, self.ndim)})

    def overwrite(self, value: Tensor) -> Self:
        raise ExportError(
            f"{self.journal.where()} changes a value in place, and ONNX has no such operation; "
            "write x = x + y for x += y"
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise ExportError(
            f"{self.journal.where()} hands a value to numpy, where it would become a constant; use the functions of "
            "tinygrad_rnn"
        )


class Trace:
    """The operations of one run of a model, in order.

    Attributes:
        inputs: the Symbols the model was given.
        outputs: the Symbols it returned, in order, taken out of tuples, lists and dictionaries.
        steps: the operations that lead from one to the other.
    """

    def __init__(self, model: Module, arrays: Sequence[Any]) -> None:
        self.modules = dict(model.named_modules())
        self.steps: list[Step] = []
        self.inputs = [self.symbol(np.array(array)) for array in arrays]
        self.outputs: list[Symbol] = []

    def symbol(self, array: Any) -> Symbol:
        """A new value of this trace."""
        made: Symbol = Symbol.__new__(Symbol)
        # Asking for a gradient makes operations between a parameter and a symbol be recorded, and so be noted.
        made._start(array, tracked=array.dtype.kind == "f")
        made.journal = proxy(self)  # which holds its symbols
        return made

    def where(self) -> str:
        """The part of the model that is running, for messages: ``decoder.norm (LayerNorm)``."""
        name = ".".join(name for name in current_place.get().path[1:] if "=" not in name)
        module = self.modules.get(name)
        kind = type(module or self.modules[""]).__name__
        return f"{name} ({kind})" if name and module is not None else name or f"the model ({kind})"

    def note(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any], array: Any) -> Symbol:
        """Remember that ``primitive`` gave ``array``."""
        made = self.symbol(array)
        self.steps.append(Step(primitive, args, kwargs, (made,), self.where()))
        return made

    def watch(self, made: Tensor) -> Tensor:
        """Called by the engine with what it records: operations whose first tensor is no symbol, as W @ x."""
        if any(isinstance(arg, Symbol) for arg in made.args):
            return self.note(made.primitive, made.args, made.kwargs, made.array)
        return made

    def call(self, layer: Module, forward: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a layer of LAYERS as one operation."""
        bound = inspect.signature(forward).bind(*args, **kwargs).arguments
        values = tensors_in(bound)
        if isinstance(bound["input"], PackedSequence):
            raise ExportError(
                f"{self.where()} is given a packed sequence, which ONNX does not have; export a model that takes "
                "padded sequences"
            )
        if not any(isinstance(value, Symbol) for value in values):
            return forward(*args, **kwargs)
        plain = (wrap(value.array) if isinstance(value, Tensor) else value for value in leaves(bound))
        with no_grad():
            result = forward(**mapped(dict(bound), plain))
        outputs = tuple([self.symbol(value.array) for value in leaves(result)])
        # States of zeros, which scripts make for the batch at hand, are what a layer starts from anyway.
        states = [value if isinstance(value, Symbol) or value.array.any() else None for value in values[1:]]
        self.steps.append(Step(layer, (values[0], *states), {}, outputs, self.where()))
        return mapped(result, iter(outputs))


def trace(model: Module, arrays: Sequence[Any]) -> Trace:
    """Run ``model`` on ``arrays`` in evaluation mode.

    Raises:
        ExportError: if the model does what cannot be traced, or an output does not depend on the input.
    """
    run = Trace(model, arrays)
    with _noting(model, run), np.errstate(all="ignore"):
        result = model(*run.inputs)
    for value in tensors_in(result):
        if not isinstance(value, Symbol):
            raise ExportError(
                f"output {len(run.outputs)} of the model does not depend on its input, as far as operations on tensors "
                "show; return what is computed from the input"
            )
        run.outputs.append(value)
    if not run.outputs:
        raise ExportError(f"the model returned {type(result).__name__}, and not tensors")
    needed: set[Any] = set(run.outputs)
    kept = []
    for step in reversed(run.steps):  # without those no output depends on
        if not needed.isdisjoint(step.outputs):
            needed.update(value for value in step.inputs if isinstance(value, Symbol))
            kept.append(step)
    run.steps = kept[::-1]
    return run


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors in nested tuples, lists and dictionaries, in order."""
    return [each for each in leaves(value) if isinstance(each, Tensor)]


@contextmanager
def _noting(model: Module, run: Trace) -> Iterator[None]:
    """While this lasts the model is in evaluation mode, the engine shows what it records, layers are one operation.

    That is, calling one of LAYERS is; a subclass, which may do anything, is gone into.
    """
    modes = [(module, module.training) for module in model.modules()]
    layers = [module for module in run.modules.values() if type(module) in LAYERS]
    before = here.recording, here.watch
    model.eval()
    for layer in layers:
        vars(layer)["forward"] = partial(run.call, layer, layer.forward)
    here.recording = here.watch = run.watch
    try:
        yield
    finally:
        here.recording, here.watch = before
        for layer in layers:
            del vars(layer)["forward"]
        for module, training in modes:
            module.training = training
