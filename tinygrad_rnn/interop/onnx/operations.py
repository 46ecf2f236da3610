"""What each primitive is in ONNX: a table from its name to a function that adds the nodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ...numbers import dtypes
from ...surface.tensor import Tensor
from .building import Builder
from .comparing import END, Repeated, whole
from .tracing import ExportError, Step, Symbol


class Call:
    """One step on its way into the graph; ``call("Exp", ...)`` adds a node and gives the name of its result."""

    def __init__(self, b: Builder, step: Step) -> None:
        self.b, self.step, self.inputs, self.kwargs = b, step, step.inputs, step.kwargs
        self.dtype = step.outputs[0].array.dtype

    def __call__(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self.b.node(kind, *inputs, **attributes)

    @cached_property
    def x(self) -> str:
        """The first input, in the type of the result."""
        return self.b.value(self.inputs[0], self.dtype)

    @cached_property
    def raw(self) -> str:
        """The first input, in its own type."""
        return self.b.value(self.inputs[0])

    @property
    def rank(self) -> int:
        """How many axes the first input has."""
        return int(np.ndim(_array(self.inputs[0])))

    def all(self, dtype: Any = None) -> list[str]:
        """All inputs, in a type."""
        return [self.b.value(x, dtype) for x in self.inputs]

    def number(self, value: Any) -> str:
        """A constant in the type of the result."""
        return self.b.constant(value, self.dtype)

    def axes(self, name: str) -> str:
        """An argument that is one axis or several, a size or sizes, as ONNX takes them."""
        return self.b.integers(_listed(self.kwargs[name]))


Row = Callable[[Call], str]


def _array(operand: Any) -> Any:
    return operand.array if isinstance(operand, (Tensor, Repeated)) else operand


def _listed(dims: int | Sequence[int]) -> list[int]:
    return [dims] if isinstance(dims, int) else list(dims)


def same(kind: str) -> Row:
    """One operation of ONNX on operands of the type of the result."""
    return lambda c: c(kind, *c.all(c.dtype))


def compared(kind: str) -> Row:
    """A comparison, of operands of a common type."""
    return lambda c: c(kind, *c.all(dtypes.result_type([_array(x) for x in c.inputs])))


def logical(kind: str) -> Row:
    """An operation on truth values."""

    def row(c: Call) -> str:
        if c.dtype != np.bool_:
            raise ExportError(f"{c.step.where} combines the bits of integers, which is not exported; use truth values")
        return c(kind, *c.all(np.bool_))

    return row


def _reduced(c: Call, kind: str, x: str) -> str:
    axes = [] if c.kwargs["dim"] is None else [c.axes("dim")]
    return c(kind, x, *axes, keepdims=int(c.kwargs["keepdim"]))


def reduced(kind: str) -> Row:
    """A reduction over axes, or over all."""
    return lambda c: _reduced(c, kind, c.x)


def power_norm(c: Call) -> str:
    """The root of a sum of powers."""
    powers = c("Pow", c("Abs", c.x), c.number(c.kwargs["p"]))
    return c("Pow", _reduced(c, "ReduceSum", powers), c.number(1 / c.kwargs["p"]))


def along(kind: str) -> Row:
    """An operation with one axis."""
    return lambda c: c(kind, c.x, axis=c.kwargs["dim"])


def located(kind: str) -> Row:
    """argmax and argmin."""

    def row(c: Call) -> str:
        dim = c.kwargs["dim"]
        x = c("Reshape", c.raw, c.b.integers([-1])) if dim is None else c.raw
        return c(kind, x, axis=dim or 0, keepdims=int(c.kwargs["keepdim"] and dim is not None))

    return row


def scaled_log(base: float) -> Row:
    """A logarithm to another base."""
    return lambda c: c("Mul", c("Log", c.x), c.number(1 / math.log(base)))


def expm1(c: Call) -> str:
    """exp(x) - 1, as 2 exp(x/2) sinh(x/2), which does not cancel near 0; below -80 it is -1 to the last bit."""
    half = c("Mul", c("Clip", c.x, c.number(-80)), c.number(0.5))
    return c("Mul", c("Mul", c("Exp", half), c.number(2)), c("Sinh", half))


def rounded(c: Call) -> str:
    """To so many decimals."""
    scale = 10.0 ** c.kwargs["decimals"]
    if scale == 1:
        return c("Round", c.x)
    return c("Div", c("Round", c("Mul", c.x, c.number(scale))), c.number(scale))


def floor_divide(c: Call) -> str:
    """The floor of the quotient; of integers by way of float64."""
    dtype = c.dtype if c.dtype.kind == "f" else np.dtype(np.float64)
    quotient = c("Floor", c("Div", *c.all(dtype)))
    return quotient if dtype == c.dtype else c.b.cast(quotient, c.dtype)


def remainder(c: Call) -> str:
    """What is left, with the sign of the divisor."""
    x, y = c.all(c.dtype)
    return c("Sub", x, c("Mul", c("Floor", c("Div", x, y)), y)) if c.dtype.kind == "f" else c("Mod", x, y)


def clamp(c: Call) -> str:
    """Between two numbers, or on one side of one."""
    bounds = [c.kwargs["min"], c.kwargs["max"]]
    low, high = ("" if bound is None else c.number(bound) for bound in bounds)
    return c("Clip", c.x, low, high)


def linear(c: Call) -> str:
    """x W^T: the weight is stored transposed."""
    W = c.inputs[1]
    if isinstance(W, (Symbol, Repeated)):
        turned = c("Transpose", c.b.value(W), perm=list(range(W.array.ndim))[::-1])
    else:
        name = c.b.parameters.get(W) if isinstance(W, Tensor) else None
        turned = c.b.constant(_array(W).T, name=name and f"{name}.T")
    return c("MatMul", c.raw, turned)


def transpose(c: Call) -> str:
    """Two axes exchanged."""
    order = list(range(c.rank))
    i, j = c.kwargs["dim0"], c.kwargs["dim1"]
    order[i], order[j] = order[j], order[i]
    return c("Transpose", c.raw, perm=order)


def flip(c: Call) -> str:
    """Backwards along these axes."""
    dims = _listed(c.kwargs["dims"])
    ends = ([-1] * len(dims), [-END] * len(dims), dims, [-1] * len(dims))
    return c("Slice", c.raw, *map(c.b.integers, ends))


def unfold(c: Call) -> str:
    """Windows of any number: the first entries of all of them, then the second ones, ..., beside each other."""
    dim, size, step, dilation = (c.kwargs[name] for name in ("dim", "size", "step", "dilation"))
    places = range(0, size * dilation, dilation)
    ends = [place - places[-1] or END for place in places]
    slices = ([[place], [end], [dim], [step]] for place, end in zip(places, ends, strict=True))
    entries = (c("Slice", c.raw, *map(c.b.integers, each)) for each in slices)
    return c("Concat", *(c("Unsqueeze", entry, c.b.integers([-1])) for entry in entries), axis=-1)


def fold(c: Call) -> str:
    """Windows (batch, channels, windows, size) added up where they lie: a transposed convolution by ones."""
    (_, channels, windows, size), step, dilation = c.inputs[0].array.shape, c.kwargs["step"], c.kwargs["dilation"]
    beyond = c.kwargs["length"] - (step * (windows - 1) + dilation * (size - 1) + 1)
    places = c("Reshape", c("Transpose", c.x, perm=[0, 1, 3, 2]), c.b.integers([0, channels * size, -1]))
    ones = c.number(np.tile(np.eye(size)[:, None], (channels, 1, 1)))
    options = {"strides": [step], "dilations": [dilation], "output_padding": [beyond]}
    return c("ConvTranspose", places, ones, group=channels, **options)


def pad(c: Call) -> str:
    """Entries added around."""
    before, after = zip(*c.kwargs["widths"], strict=True)
    value = c.number(c.kwargs["value"])
    return c("Pad", c.raw, c.b.integers([*before, *after]), value)


def stack(c: Call) -> str:
    """Along a new axis."""
    axis = c.axes("dim")
    return c("Concat", *(c("Unsqueeze", x, axis) for x in c.all(c.dtype)), axis=c.kwargs["dim"])


def getitem(c: Call) -> str:
    """x[index] of integers, slices, None and ``...``, or arrays of integers: slices, then places, then new axes."""
    parts, b, x, where = whole(c.kwargs["index"], c.rank), c.b, c.raw, c.step.where
    axes = [part for part in parts if part is not None]
    arrays = [axis for axis, part in enumerate(axes) if isinstance(part, np.ndarray)]
    for part in parts:
        if not _is_known(part) or (arrays and not isinstance(part, np.ndarray) and part != slice(None)):
            raise ExportError(
                f"{where} reads entries by {_words(part)}; only integers and slices, or arrays of integers "
                "alone, are exported"
            )
    if len(arrays) > 1:
        if arrays[-1] >= len(arrays):
            raise ExportError(
                f"{where} reads entries by {len(arrays)} arrays, which are exported for the first axes only"
            )
        places = np.stack(np.broadcast_arrays(*axes[: len(arrays)]), -1)
        return c("GatherND", x, b.constant(places, np.int64))
    slices = [(axis, *_bounds(part)) for axis, part in enumerate(axes) if isinstance(part, slice)]
    slices = [one for one in slices if one[1:] != (0, END, 1)]
    if slices:
        along, starts, stops, steps = zip(*slices, strict=True)
        x = c("Slice", x, *map(b.integers, (starts, stops, along, steps)))
    for axis, part in reversed(list(enumerate(axes))):
        if not isinstance(part, slice):
            x = c("Gather", x, b.constant(part, np.int64), axis=axis)
    left = [part for part in parts if part is None or isinstance(part, slice)]
    new = [place for place, part in enumerate(left) if part is None]
    return c("Unsqueeze", x, b.integers(new)) if new else x


def _is_known(part: Any) -> bool:
    if isinstance(part, np.ndarray):
        return part.dtype.kind in "iu"
    return not isinstance(part, bool) and isinstance(part, (slice, int, np.integer, type(None)))


def _bounds(part: slice) -> tuple[int, int, int]:
    step = 1 if part.step is None else int(part.step)
    first, last = (0, END) if step > 0 else (END, -END)
    return (first if part.start is None else int(part.start), last if part.stop is None else int(part.stop), step)


def _words(part: Any) -> str:
    if isinstance(part, np.ndarray):
        return "an array of integers" if part.dtype.kind in "iu" else f"an array of {part.dtype}"
    return "a new axis beside an array" if part is None else f"{part!r}"


# fmt: off

OPERATIONS: dict[str, Row] = {
    "add": same("Add"), "sub": same("Sub"), "mul": same("Mul"), "div": same("Div"), "pow": same("Pow"),
    "maximum": same("Max"), "minimum": same("Min"), "neg": same("Neg"), "abs": same("Abs"), "sign": same("Sign"),
    "floor": same("Floor"), "ceil": same("Ceil"), "round": rounded,
    "trunc": lambda c: c("Mul", c("Sign", c.x), c("Floor", c("Abs", c.x))),
    "floor_divide": floor_divide, "remainder": remainder, "clamp": clamp,
    "where": lambda c: c("Where", c.b.value(c.inputs[0], np.bool_), *(c.b.value(x, c.dtype) for x in c.inputs[1:])),
    "exp": same("Exp"), "expm1": expm1, "log": same("Log"), "log2": scaled_log(2), "log10": scaled_log(10),
    "log1p": lambda c: c("Log", c("Add", c.x, c.number(1))),
    "sqrt": same("Sqrt"), "rsqrt": lambda c: c("Reciprocal", c("Sqrt", c.x)), "erf": same("Erf"),
    "sin": same("Sin"), "cos": same("Cos"), "tan": same("Tan"), "sinh": same("Sinh"), "cosh": same("Cosh"),
    "tanh": same("Tanh"), "sigmoid": same("Sigmoid"), "softplus": same("Softplus"), "relu": same("Relu"),
    "eq": compared("Equal"), "ne": lambda c: c("Not", compared("Equal")(c)), "lt": compared("Less"),
    "le": compared("LessOrEqual"), "gt": compared("Greater"), "ge": compared("GreaterOrEqual"),
    "logical_and": logical("And"), "logical_or": logical("Or"), "logical_xor": logical("Xor"),
    "logical_not": logical("Not"), "bitwise_and": logical("And"), "bitwise_or": logical("Or"),
    "bitwise_xor": logical("Xor"), "bitwise_not": logical("Not"),
    "sum": reduced("ReduceSum"), "mean": reduced("ReduceMean"), "prod": reduced("ReduceProd"),
    "amax": reduced("ReduceMax"), "amin": reduced("ReduceMin"), "norm": reduced("ReduceL2"),
    "power_norm": power_norm,
    "logsumexp": reduced("ReduceLogSumExp"), "softmax": along("Softmax"), "log_softmax": along("LogSoftmax"),
    "argmax": located("ArgMax"), "argmin": located("ArgMin"),
    "cumsum": lambda c: c("CumSum", c.raw, c.b.constant(c.kwargs["dim"], np.int64)),
    "matmul": same("MatMul"), "linear": linear, "affine": lambda c: c("Add", linear(c), c.b.value(c.inputs[2])),
    "einsum": lambda c: c("Einsum", *c.all(), equation=c.kwargs["equation"]),
    "reshape": lambda c: c("Reshape", c.raw, c.b.sizes(c.kwargs["shape"])),
    "broadcast_to": lambda c: c("Expand", c.raw, c.b.sizes(c.kwargs["shape"])),
    "unsqueeze": lambda c: c("Unsqueeze", c.raw, c.axes("dim")),
    "squeeze": lambda c: c("Squeeze", c.raw, c.axes("dim")) if _listed(c.kwargs["dim"]) else c.raw,
    "transpose": transpose, "flip": flip, "pad": pad, "stack": stack,
    "permute": lambda c: c("Transpose", c.raw, perm=[dim % c.rank for dim in c.kwargs["dims"]]),
    "unfold": unfold, "fold": fold, "gather": lambda c: c("GatherElements", *c.all(), axis=c.kwargs["dim"]),
    "cat": lambda c: c("Concat", *c.all(c.dtype), axis=c.kwargs["dim"]),
    "getitem": getitem, "to": lambda c: c.b.cast(c.raw, c.kwargs["dtype"]),
}

# fmt: on
