"""What each primitive is in ONNX: a table from its name to a function that adds the nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...numbers import dtypes
from ...surface.tensor import Tensor
from .building import END, Builder
from .comparing import Repeated
from .indexing import getitem
from .tracing import ExportError, Step, Symbol

Row = Callable[[Builder, Step], str]


def _result(step: Step) -> Any:
    return step.outputs[0].array.dtype


def _rank(step: Step) -> int:
    return int(np.ndim(_array(step.inputs[0])))


def _array(operand: Any) -> Any:
    return operand.array if isinstance(operand, (Tensor, Repeated)) else operand


def same(kind: str) -> Row:
    """One operation of ONNX on operands of the type of the result."""
    return lambda b, step: b.node(kind, *(b.value(x, _result(step)) for x in step.inputs))


def compared(kind: str, negated: bool = False) -> Row:
    """A comparison, of operands of a common type."""

    def row(b: Builder, step: Step) -> str:
        dtype = dtypes.result_type([_array(x) for x in step.inputs])
        found = b.node(kind, *(b.value(x, dtype) for x in step.inputs))
        return b.node("Not", found) if negated else found

    return row


def logical(kind: str) -> Row:
    """An operation on truth values."""

    def row(b: Builder, step: Step) -> str:
        if _result(step) != np.bool_:
            raise ExportError(f"{step.where} combines the bits of integers, which is not exported; use truth values")
        return b.node(kind, *(b.value(x, np.bool_) for x in step.inputs))

    return row


def reduced(kind: str) -> Row:
    """A reduction over axes, or over all."""

    def row(b: Builder, step: Step) -> str:
        dim = step.kwargs["dim"]
        axes = [] if dim is None else [b.integers([dim] if isinstance(dim, int) else dim)]
        return b.node(kind, b.value(step.inputs[0], _result(step)), *axes, keepdims=int(step.kwargs["keepdim"]))

    return row


def along(kind: str) -> Row:
    """An operation with one axis."""
    return lambda b, step: b.node(kind, b.value(step.inputs[0], _result(step)), axis=step.kwargs["dim"])


def located(kind: str) -> Row:
    """argmax and argmin."""

    def row(b: Builder, step: Step) -> str:
        x, dim = b.value(step.inputs[0]), step.kwargs["dim"]
        if dim is None:
            x = b.node("Reshape", x, b.integers([-1]))
        return b.node(kind, x, axis=dim or 0, keepdims=int(step.kwargs["keepdim"] and dim is not None))

    return row


def scaled_log(base: float) -> Row:
    """A logarithm to another base."""

    def row(b: Builder, step: Step) -> str:
        natural = b.node("Log", b.value(step.inputs[0], _result(step)))
        return b.node("Mul", natural, b.constant(1 / math.log(base), _result(step)))

    return row


def expm1(b: Builder, step: Step) -> str:
    """exp(x) - 1, as 2 exp(x/2) sinh(x/2), which does not cancel near 0; below -80 it is -1 to the last bit."""
    dtype = _result(step)
    x = b.node("Clip", b.value(step.inputs[0], dtype), b.constant(-80, dtype))
    half = b.node("Mul", x, b.constant(0.5, dtype))
    return b.node("Mul", b.node("Mul", b.node("Exp", half), b.constant(2, dtype)), b.node("Sinh", half))


def log1p(b: Builder, step: Step) -> str:
    """log(1 + x)."""
    return b.node("Log", b.node("Add", b.value(step.inputs[0], _result(step)), b.constant(1, _result(step))))


def rsqrt(b: Builder, step: Step) -> str:
    """1 / sqrt(x)."""
    return b.node("Reciprocal", b.node("Sqrt", b.value(step.inputs[0], _result(step))))


def trunc(b: Builder, step: Step) -> str:
    """sign(x) floor(|x|)."""
    x = b.value(step.inputs[0], _result(step))
    return b.node("Mul", b.node("Sign", x), b.node("Floor", b.node("Abs", x)))


def rounded(b: Builder, step: Step) -> str:
    """To so many decimals."""
    x, scale = b.value(step.inputs[0], _result(step)), 10.0 ** step.kwargs["decimals"]
    if scale == 1:
        return b.node("Round", x)
    factor = b.constant(scale, _result(step))
    return b.node("Div", b.node("Round", b.node("Mul", x, factor)), factor)


def floor_divide(b: Builder, step: Step) -> str:
    """The floor of the quotient; of integers by way of float64."""
    dtype = np.dtype(np.float64) if _result(step).kind != "f" else _result(step)
    quotient = b.node("Floor", b.node("Div", *(b.value(x, dtype) for x in step.inputs)))
    return quotient if dtype == _result(step) else b.cast(quotient, _result(step))


def remainder(b: Builder, step: Step) -> str:
    """What is left, with the sign of the divisor."""
    x, y = (b.value(operand, _result(step)) for operand in step.inputs)
    if _result(step).kind != "f":
        return b.node("Mod", x, y)
    return b.node("Sub", x, b.node("Mul", b.node("Floor", b.node("Div", x, y)), y))


def where(b: Builder, step: Step) -> str:
    """One or the other."""
    condition, x, y = step.inputs
    return b.node("Where", b.value(condition, np.bool_), b.value(x, _result(step)), b.value(y, _result(step)))


def clamp(b: Builder, step: Step) -> str:
    """Between two numbers, or on one side of one."""
    low, high = (step.kwargs[name] for name in ("min", "max"))
    bounds = ["" if bound is None else b.constant(bound, _result(step)) for bound in (low, high)]
    return b.node("Clip", b.value(step.inputs[0], _result(step)), *bounds)


def linear(b: Builder, step: Step) -> str:
    """x W^T: the weight is stored transposed."""
    x, W = step.inputs[:2]
    if isinstance(W, (Symbol, Repeated)):
        turned = b.node("Transpose", b.value(W), perm=list(range(W.array.ndim))[::-1])
    else:
        name = b.parameters.get(W) if isinstance(W, Tensor) else None
        turned = b.constant(_array(W).T, name=name and f"{name}.T")
    return b.node("MatMul", b.value(x), turned)


def affine(b: Builder, step: Step) -> str:
    """A product, added to something."""
    return b.node("Add", linear(b, step), b.value(step.inputs[2]))


def einsum(b: Builder, step: Step) -> str:
    """A sum of products."""
    return b.node("Einsum", *(b.value(x) for x in step.inputs), equation=step.kwargs["equation"])


def reshape(b: Builder, step: Step) -> str:
    """Another shape."""
    return b.node("Reshape", b.value(step.inputs[0]), b.sizes(step.kwargs["shape"]))


def broadcast_to(b: Builder, step: Step) -> str:
    """Repeated to a shape."""
    return b.node("Expand", b.value(step.inputs[0]), b.sizes(step.kwargs["shape"]))


def unsqueeze(b: Builder, step: Step) -> str:
    """A new axis."""
    return b.node("Unsqueeze", b.value(step.inputs[0]), b.integers([step.kwargs["dim"]]))


def squeeze(b: Builder, step: Step) -> str:
    """Without these axes of size 1."""
    dim = step.kwargs["dim"]
    axes = [dim] if isinstance(dim, int) else list(dim)
    return b.node("Squeeze", b.value(step.inputs[0]), b.integers(axes)) if axes else b.value(step.inputs[0])


def transpose(b: Builder, step: Step) -> str:
    """Two axes exchanged."""
    order = list(range(_rank(step)))
    i, j = step.kwargs["dim0"], step.kwargs["dim1"]
    order[i], order[j] = order[j], order[i]
    return b.node("Transpose", b.value(step.inputs[0]), perm=order)


def permute(b: Builder, step: Step) -> str:
    """The axes in another order."""
    return b.node("Transpose", b.value(step.inputs[0]), perm=[dim % _rank(step) for dim in step.kwargs["dims"]])


def flip(b: Builder, step: Step) -> str:
    """Backwards along these axes."""
    dim = step.kwargs["dims"]
    dims = [dim] if isinstance(dim, int) else list(dim)
    ends = ([-1] * len(dims), [-END] * len(dims), dims, [-1] * len(dims))
    return b.node("Slice", b.value(step.inputs[0]), *map(b.integers, ends))


def pad(b: Builder, step: Step) -> str:
    """Entries added around."""
    before, after = zip(*step.kwargs["widths"], strict=True)
    value = b.constant(step.kwargs["value"], _result(step))
    return b.node("Pad", b.value(step.inputs[0]), b.integers([*before, *after]), value)


def cat(b: Builder, step: Step) -> str:
    """One after the other."""
    return b.node("Concat", *(b.value(x, _result(step)) for x in step.inputs), axis=step.kwargs["dim"])


def stack(b: Builder, step: Step) -> str:
    """Along a new axis."""
    axis = b.integers([step.kwargs["dim"]])
    parts = [b.node("Unsqueeze", b.value(x, _result(step)), axis) for x in step.inputs]
    return b.node("Concat", *parts, axis=step.kwargs["dim"])


def cast(b: Builder, step: Step) -> str:
    """Another type of numbers."""
    return b.cast(b.value(step.inputs[0]), step.kwargs["dtype"])


def cumsum(b: Builder, step: Step) -> str:
    """The running sum."""
    return b.node("CumSum", b.value(step.inputs[0]), b.constant(step.kwargs["dim"], np.int64))


# fmt: off

OPERATIONS: dict[str, Row] = {
    "add": same("Add"), "sub": same("Sub"), "mul": same("Mul"), "div": same("Div"), "pow": same("Pow"),
    "maximum": same("Max"), "minimum": same("Min"), "neg": same("Neg"), "abs": same("Abs"), "sign": same("Sign"),
    "floor": same("Floor"), "ceil": same("Ceil"), "trunc": trunc, "round": rounded,
    "floor_divide": floor_divide, "remainder": remainder, "clamp": clamp, "where": where,
    "exp": same("Exp"), "expm1": expm1, "log": same("Log"), "log1p": log1p, "log2": scaled_log(2),
    "log10": scaled_log(10), "sqrt": same("Sqrt"), "rsqrt": rsqrt, "erf": same("Erf"),
    "sin": same("Sin"), "cos": same("Cos"), "tan": same("Tan"), "sinh": same("Sinh"), "cosh": same("Cosh"),
    "tanh": same("Tanh"), "sigmoid": same("Sigmoid"), "softplus": same("Softplus"), "relu": same("Relu"),
    "eq": compared("Equal"), "ne": compared("Equal", negated=True), "lt": compared("Less"),
    "le": compared("LessOrEqual"), "gt": compared("Greater"), "ge": compared("GreaterOrEqual"),
    "logical_and": logical("And"), "logical_or": logical("Or"), "logical_xor": logical("Xor"),
    "logical_not": logical("Not"), "bitwise_and": logical("And"), "bitwise_or": logical("Or"),
    "bitwise_xor": logical("Xor"), "bitwise_not": logical("Not"),
    "sum": reduced("ReduceSum"), "mean": reduced("ReduceMean"), "prod": reduced("ReduceProd"),
    "amax": reduced("ReduceMax"), "amin": reduced("ReduceMin"), "norm": reduced("ReduceL2"),
    "logsumexp": reduced("ReduceLogSumExp"), "softmax": along("Softmax"), "log_softmax": along("LogSoftmax"),
    "argmax": located("ArgMax"), "argmin": located("ArgMin"), "cumsum": cumsum,
    "matmul": same("MatMul"), "linear": linear, "affine": affine, "einsum": einsum,
    "reshape": reshape, "broadcast_to": broadcast_to, "unsqueeze": unsqueeze, "squeeze": squeeze,
    "transpose": transpose, "permute": permute, "flip": flip, "pad": pad, "cat": cat, "stack": stack,
    "getitem": getitem, "to": cast,
}

# fmt: on
