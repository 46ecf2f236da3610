"""``export``: a model and an example of its input in, a file that other programs can run out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from ...engine.primitive import Primitive
from ...nn import Module
from ...surface.tensor import Tensor
from ...utils.files import write
from .building import Builder
from .comparing import AnotherLength, Differs, agreed, merged
from .layers import layer
from .operations import OPERATIONS, Call
from .tracing import LAYERS, ExportError, Step, Trace, trace

Place = tuple[int, int]  # an input, and one of its axes
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
    metadata: Mapping[str, str] | None = None,
) -> dict[int, str]:
    """Write ``model`` as ONNX (opset 18): the operations it does in evaluation mode between its input and its output.

    The model is run on inputs of several sizes. Recurrent layers and lookups become one operation of ONNX each,
    everything else the operations it is made of. A loop over time in the model's own code is unrolled, so that the
    number of its steps cannot change; nn.RNN, LSTM and GRU run any number of steps.

    Args:
        model: the model; called with a tensor or several, it returns tensors, also in tuples or dictionaries.
        args: an example of its input, for shape and type, and for the range of integers; a tuple for several inputs.
        f: a path (the file appears complete or not at all), or a file object.
        input_names: the name of the input in the file; default: ["input"], or ["input_0", "input_1", ...].
        output_names: the names of the outputs; default: ["output"], or ["output_0", "output_1", ...].
        dynamic_axes: as in PyTorch, the axes of the input that may have another size: ``{"input": {0: "batch"}}`` or
            ``{"input": [0, 1]}``; axes of one name have one size. None finds out: those of which the model takes
            another size and then does the same operations.
        metadata: what the file says of itself, words by name.

    Returns:
        The dynamic axes of the first input and their names.

    Raises:
        ExportError: for what cannot be written; the message says what, where in the model, and what to do.
        OSError: if the file cannot be written; an old one is then as it was.
        ModuleNotFoundError: without the library onnx.
    """
    onnx = _library()
    if not isinstance(model, Module):
        raise TypeError(f"export writes a Module, and was given {type(model).__name__}")
    given = list(args) if isinstance(args, (tuple, list)) else [args]
    if not given or not all(isinstance(each, Tensor) for each in given):
        kinds = ", ".join(type(each).__name__ for each in given) or "nothing"
        raise TypeError(f"export needs an example of every input, a tensor or a tuple of tensors; got {kinds}")
    inputs = _names(input_names, _numbered("input", len(given)), "input")
    wanted = None if dynamic_axes is None else _axes(dynamic_axes, inputs, [each.ndim for each in given])
    base, steps, dynamic, other = _understood(model, [each.array for each in given], wanted)
    axes = {(i, axis): (wanted or {}).get((i, axis), f"{inputs[i]}_axis_{axis}") for i, axis in dynamic}
    outputs = _names(output_names, _numbered("output", len(base.outputs)), "output")
    graph = _graph(onnx, model, base, steps, inputs, outputs, axes, other)
    sets = [onnx.helper.make_opsetid("", OPSET)]
    made = onnx.helper.make_model(graph, producer_name="tinygrad_rnn", opset_imports=sets, ir_version=IR_VERSION)
    onnx.helper.set_model_props(made, dict(metadata or {}))
    onnx.checker.check_model(made, full_check=True)
    write(f, made.SerializeToString())
    return {axis: name for (i, axis), name in axes.items() if i == 0}


def _library() -> Any:
    try:
        import onnx
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'tinygrad_rnn.onnx.export needs the library onnx: pip install "tinygrad-rnn[onnx]"', name=error.name
        ) from None
    return onnx


def _numbered(what: str, number: int) -> list[str]:
    return [what] if number == 1 else [f"{what}_{i}" for i in range(number)]


def _names(given: Sequence[str] | None, usual: list[str], what: str) -> list[str]:
    names = usual if given is None else list(given)
    if len(names) != len(usual) or len(set(names)) != len(names):
        raise ExportError(f"the model has {len(usual)} {what}(s), which need as many different names; got {names}")
    return names


def _axes(given: Mapping[str, Any], inputs: Sequence[str], ranks: Sequence[int]) -> dict[Place, str]:
    """``dynamic_axes`` of the inputs, counted from the front."""
    named = {}
    for name, axes in given.items():
        if name not in inputs:
            known = f"the input is {inputs[0]!r}" if len(inputs) == 1 else f"the inputs are {', '.join(inputs)}"
            raise ExportError(f"dynamic_axes names {name!r}, and {known}; the axes of outputs follow from it")
        i = list(inputs).index(name)
        if any(not -ranks[i] <= axis < ranks[i] for axis in axes):
            raise ExportError(f"dynamic_axes names the axes {list(axes)}, and the input has {ranks[i]}")
        for axis in axes:
            place = i, axis % ranks[i]
            named[place] = axes[axis] if isinstance(axes, Mapping) else f"{name}_axis_{place[1]}"
    return named


def _understood(
    model: Module, arrays: list[Any], wanted: Mapping[Place, str] | None
) -> tuple[Trace, list[Step], list[Place], Trace]:
    """A trace, its steps for inputs of every size, the axes that may have another one, and a trace in which they do."""
    random = np.random.default_rng(0)

    def values(sizes: Mapping[Place, int]) -> list[Any]:
        """Real numbers are random, integers those of the example, so that they are in their range."""
        made = []
        for i, array in enumerate(arrays):
            shape = tuple(sizes.get((i, axis), size) for axis, size in enumerate(array.shape))
            if array.dtype.kind == "f":
                made.append(random.standard_normal(shape).astype(array.dtype))
            else:
                made.append(np.resize(np.flip(array), shape) if array.size else np.zeros(shape, array.dtype))
        return made

    first, second = values({}), values({})
    real = [array.dtype.kind == "f" for array in arrays]
    base = trace(model, [x if is_real else array for x, is_real, array in zip(first, real, arrays, strict=True)])
    try:
        # The opposite numbers turn around every question of size; others show what was taken from the values.
        for checked in ([-x if is_real else x for x, is_real in zip(first, real, strict=True)], second):
            other = trace(model, checked)
            steps = merged(base, other)
    except Differs as difference:
        raise ExportError(
            f"what the model does depends on the values in its input: {difference}; ONNX export writes the operations "
            "of one run, so use where() and other operations on tensors instead of if, item() and numpy"
        ) from None
    together: dict[Any, list[Place]] = {}  # axes of one name have one size
    for place in [(i, axis) for i, array in enumerate(arrays) for axis in range(array.ndim)]:
        if wanted is None or place in wanted:
            together.setdefault(place if wanted is None else wanted[place], []).append(place)
    sizes: dict[Place, int] = {}
    before = {size for array in arrays for size in array.shape}

    def fresh(least: int) -> int:
        """A size different from all others, so that none is taken for another."""
        return next(n for n in count(least) if n not in {*before, *sizes.values()})

    for places in together.values():
        i, axis = places[0]
        size, found = int(arrays[i].shape[axis]), []
        try:
            for least in (size + 1, 2 * size + 2):  # far off, what is rounded differs too
                size = fresh(least)
                larger: dict[Place, int] = sizes | dict.fromkeys(places, size)
                run = trace(model, values(larger))
                found.append(merged(base, run))
            agreed(*found)
        except Exception as error:  # whatever the model raises at a size it does not take
            if wanted is None:
                continue
            raise ExportError(
                f"axis {axis} of the input cannot be dynamic: with size {size} instead of {arrays[i].shape[axis]}, "
                f"{_clause(error)}"
            ) from error
        sizes, other, steps = larger, run, found[0]
    return base, steps, list(sizes), other


def _clause(error: Exception) -> str:
    if isinstance(error, AnotherLength):
        return f"{error} (a loop over this axis is unrolled: nn.RNN, LSTM and GRU run any number of steps)"
    if isinstance(error, Differs):
        return str(error)
    return f"the model raises {type(error).__name__}: {' '.join(str(error).split())}"


def _graph(
    onnx: Any,
    model: Module,
    base: Trace,
    steps: list[Step],
    input_names: list[str],
    output_names: list[str],
    axes: dict[Place, str],
    other: Trace,
) -> Any:
    helper = onnx.helper
    b = Builder(helper, input_names, {p: name for name, p in (*model.named_buffers(), *model.named_parameters())})
    b.names.update(zip(base.inputs, input_names, strict=True))
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
    pairs = list(zip(base.inputs, other.inputs, strict=True))
    sizes = {(i, axis): (a.array.shape[axis], b.array.shape[axis]) for (i, axis) in axes for a, b in [pairs[i]]}

    def described(name: str, mine: Any, theirs: Any) -> Any:
        shape: list[Any] = []
        for i, pair in enumerate(zip(mine.shape, theirs.shape, strict=True)):
            known = [axes[place] for place in axes if sizes[place] == pair]
            shape.append(pair[0] if pair[0] == pair[1] else known[0] if known else f"{name}_axis_{i}")
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(mine.dtype), shape)

    inputs = [described(name, a.array, b.array) for name, (a, b) in zip(input_names, pairs, strict=True)]
    both = zip(output_names, base.outputs, other.outputs, strict=True)
    outputs = [described(name, mine.array, theirs.array) for name, mine, theirs in both]
    constants = [onnx.numpy_helper.from_array(array, name) for name, array in b.constants.items()]
    return helper.make_graph(b.made, type(model).__name__, inputs, outputs, constants)
