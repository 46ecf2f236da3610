"""``export``: a model and an example of its input in, a file that other programs can run out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from ...engine.primitive import Primitive
from ...nn import Module
from ...surface.tensor import Tensor
from ...utils.files import write
from .building import Builder
from .comparing import AnotherLength, Differs, merged
from .layers import layer
from .operations import OPERATIONS, Call
from .tracing import LAYERS, ExportError, Step, Trace, trace

OPSET = 18
IR_VERSION = 8  # of ONNX 1.10, so that older programs read the file too


def export(
    model: Module,
    args: Any,
    f: Any,
    *,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    dynamic_axes: Mapping[str, Any] | None = None,
) -> dict[int, str]:
    """Write ``model`` as ONNX (opset 18): the operations it does in evaluation mode between its input and its output.

    The model is run on inputs of several sizes. Recurrent layers and lookups become one operation of ONNX each,
    everything else the operations it is made of. A loop over time in the model's own code is unrolled, so that the
    number of its steps cannot change; nn.RNN, LSTM and GRU run any number of steps.

    Args:
        model: the model; called with one tensor, it returns tensors, also in tuples or dictionaries.
        args: an example of its input, for shape and type, and for the range of integers.
        f: a path (the file appears complete or not at all), or a file object.
        input_names: the name of the input in the file; default: ["input"].
        output_names: the names of the outputs; default: ["output"], or ["output_0", "output_1", ...].
        dynamic_axes: as in PyTorch, the axes of the input that may have another size: ``{"input": {0: "batch"}}`` or
            ``{"input": [0, 1]}``. None finds out: those of which the model takes another size and then does the same
            operations.

    Returns:
        The dynamic axes of the input and their names.

    Raises:
        ExportError: for what cannot be written; the message says what, where in the model, and what to do.
        OSError: if the file cannot be written; an old one is then as it was.
        ModuleNotFoundError: without the library onnx.
    """
    onnx = _library()
    if not isinstance(model, Module):
        raise TypeError(f"export writes a Module, and was given {type(model).__name__}")
    if isinstance(args, (tuple, list)) and len(args) == 1:
        args = args[0]
    if not isinstance(args, Tensor):
        given = f"{len(args)} inputs" if isinstance(args, (tuple, list)) else type(args).__name__
        raise TypeError(f"export writes models of one input, and needs an example of it, a tensor; got {given}")
    (input_name,) = _names(input_names, ["input"], "input")
    wanted = None if dynamic_axes is None else _axes(dynamic_axes, input_name, args.ndim)
    base, steps, dynamic, other = _understood(model, args.array, wanted)
    axes = {axis: (wanted or {}).get(axis, f"{input_name}_axis_{axis}") for axis in dynamic}
    usual = ["output"] if len(base.outputs) == 1 else [f"output_{i}" for i in range(len(base.outputs))]
    names = [input_name, *_names(output_names, usual, "output")]
    graph = _graph(onnx, model, base, steps, names, axes, other)
    sets = [onnx.helper.make_opsetid("", OPSET)]
    made = onnx.helper.make_model(graph, producer_name="tinygrad_rnn", opset_imports=sets, ir_version=IR_VERSION)
    onnx.checker.check_model(made, full_check=True)
    write(f, made.SerializeToString())
    return axes


def _library() -> Any:
    try:
        import onnx
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'tinygrad_rnn.onnx.export needs the library onnx: pip install "tinygrad-rnn[onnx]"', name=error.name
        ) from None
    return onnx


def _names(given: Sequence[str] | None, usual: list[str], what: str) -> list[str]:
    names = usual if given is None else list(given)
    if len(names) != len(usual) or len(set(names)) != len(names):
        raise ExportError(f"the model has {len(usual)} {what}(s), which need as many different names; got {names}")
    return names


def _axes(given: Mapping[str, Any], input_name: str, rank: int) -> dict[int, str]:
    """``dynamic_axes`` of the input, counted from the front."""
    for name in given:
        if name != input_name:
            raise ExportError(
                f"dynamic_axes names {name!r}, and the input is {input_name!r}; the axes of outputs follow from it"
            )
    axes = given.get(input_name, {})
    named = dict(axes) if isinstance(axes, Mapping) else {axis: f"{input_name}_axis_{axis % rank}" for axis in axes}
    if any(not -rank <= axis < rank for axis in named):
        raise ExportError(f"dynamic_axes names the axes {list(named)}, and the input has {rank}")
    return {axis % rank: name for axis, name in named.items()}


def _understood(model: Module, array: Any, wanted: Iterable[int] | None) -> tuple[Trace, list[Step], list[int], Trace]:
    """A trace, its steps for inputs of every size, the axes that may have another one, and a trace in which they do."""
    random = np.random.default_rng(0)

    def values(shape: tuple[int, ...]) -> Any:
        """Real numbers are random, integers those of the example, so that they are in their range."""
        if array.dtype.kind == "f":
            return random.standard_normal(shape).astype(array.dtype)
        return np.resize(np.flip(array), shape) if array.size else np.zeros(shape, array.dtype)

    real = array.dtype.kind == "f"
    base = trace(model, values(array.shape) if real else array)
    try:
        # The opposite numbers turn around every question of size; others show what was taken from the values.
        for checked in (-base.input.array if real else values(array.shape), values(array.shape)):
            other = trace(model, checked)
            steps = merged(base, other)
    except Differs as difference:
        raise ExportError(
            f"what the model does depends on the values in its input: {difference}; ONNX export writes the operations "
            "of one run, so use where() and other operations on tensors instead of if, item() and numpy"
        ) from None
    dynamic: list[int] = []
    for axis in range(array.ndim) if wanted is None else wanted:
        sizes: dict[int, int] = {}
        for each in (*dynamic, axis):  # larger, and different from all others, so that none is taken for another
            sizes[each] = next(n for n in count(array.shape[each] + 1) if n not in {*array.shape, *sizes.values()})
        try:
            larger = trace(model, values(tuple((dict(enumerate(array.shape)) | sizes).values())))
            steps = merged(base, larger)
        except Exception as error:  # whatever the model raises at a size it does not take
            if wanted is None:
                continue
            raise ExportError(
                f"axis {axis} of the input cannot be dynamic: with size {sizes[axis]} instead of {array.shape[axis]}, "
                f"{_clause(error)}"
            ) from error
        dynamic.append(axis)
        other = larger
    return base, steps, dynamic, other


def _clause(error: Exception) -> str:
    if isinstance(error, AnotherLength):
        return f"{error} (a loop over this axis is unrolled: nn.RNN, LSTM and GRU run any number of steps)"
    if isinstance(error, Differs):
        return str(error)
    return f"the model raises {type(error).__name__}: {' '.join(str(error).split())}"


def _graph(
    onnx: Any, model: Module, base: Trace, steps: list[Step], names: list[str], axes: dict[int, str], other: Trace
) -> Any:
    helper = onnx.helper
    input_name, *output_names = names
    b = Builder(helper, input_name, {p: name for name, p in (*model.named_buffers(), *model.named_parameters())})
    b.names[base.input] = input_name
    for step in steps:
        if not isinstance(step.operation, Primitive):
            results = layer(b, step)
        elif step.operation.name in OPERATIONS:
            results = [OPERATIONS[step.operation.name](Call(b, step))]
        else:
            layers = ", ".join(kind.__name__ for kind in LAYERS)
            raise ExportError(
                f"{step.where} uses the operation {step.operation.name}, which is not exported; exported are the "
                f"layers {layers} and what is made of {', '.join(sorted(OPERATIONS))}"
            )
        b.names.update(zip(step.outputs, results, strict=True))
    for symbol, name in zip(base.outputs, output_names, strict=True):
        b.made.append(helper.make_node("Identity", [b.names[symbol]], [name], name=name))

    # An output's axis has the name of the input's axis whose size it had in both runs.
    sizes = list(zip(base.input.array.shape, other.input.array.shape, strict=True))

    def described(name: str, mine: Any, theirs: Any) -> Any:
        shape: list[Any] = []
        for i, pair in enumerate(zip(mine.shape, theirs.shape, strict=True)):
            known = [axes[axis] for axis in axes if sizes[axis] == pair]
            shape.append(pair[0] if pair[0] == pair[1] else known[0] if known else f"{name}_axis_{i}")
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(mine.dtype), shape)

    inputs = [described(input_name, base.input.array, other.input.array)]
    both = zip(output_names, base.outputs, other.outputs, strict=True)
    outputs = [described(name, mine.array, theirs.array) for name, mine, theirs in both]
    constants = [onnx.numpy_helper.from_array(array, name) for name, array in b.constants.items()]
    return helper.make_graph(b.made, type(model).__name__, inputs, outputs, constants)
