"""One operation of every step as one operation on all steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .building import Builder
from .indexing import put_at, take
from .values import ENTRYWISE, Value


class Inseparable(Exception):
    """This operation has to be done step by step."""


def over_time(top: Builder, value: Value, whole: Callable[[Value], Value | None], steps: int) -> Value:
    """``value`` of a loop at all steps; ``whole`` gives its arguments at all steps, None for what stays the same.

    Raises:
        Inseparable: if that is not one operation.
    """
    name, kwargs = value.op, value.kwargs
    wholes = [whole(arg) if isinstance(arg, Value) else None for arg in value.args]
    args = [arg if all_ is None else all_ for all_, arg in zip(wholes, value.args, strict=True)]

    def aligned(x: Value, ndim: int) -> Value:
        each = x.shape[1:]
        return x if len(each) == ndim else top("reshape", [x], {"shape": (steps, *(1,) * (ndim - len(each)), *each)})

    def made(**changed: Any) -> Value:
        return top(value.primitive, args, changed or kwargs, value.name)

    if name in ENTRYWISE:
        args = [aligned(x, value.ndim) if all_ is not None else x for all_, x in zip(wholes, args, strict=True)]
        return made()
    if name == "linear" and wholes[1] is None:
        return made()
    if name == "matmul":
        return _product(top, value, wholes, args)
    if value.primitive is take and wholes[0] is None and all(each is not None for each in wholes[1:]):
        pattern = kwargs["pattern"]
        if all(isinstance(part, tuple) for part in pattern):
            return made()
    if any(each is None for each in wholes) or value.primitive in (take, put_at):
        raise Inseparable(name)
    if name in ("getitem", "put"):
        index = kwargs["index"] if isinstance(kwargs["index"], tuple) else (kwargs["index"],)
        if not all(isinstance(part, int | slice) or part is None or part is Ellipsis for part in index):
            raise Inseparable(name)
        shape = {"shape": (steps, *kwargs["shape"])} if name == "put" else {}
        return made(index=(slice(None), *index), **shape)
    if name == "reshape":
        return made(shape=(steps, *kwargs["shape"]))
    if name == "broadcast_to":
        args = [aligned(args[0], len(kwargs["shape"]))]
        return made(shape=(steps, *kwargs["shape"]))
    if name == "sum_to":
        extra = value.args[0].ndim - len(kwargs["shape"])
        if extra < 0:
            raise Inseparable(name)
        axes = {"dim": tuple(range(1, extra + 1)), "keepdim": False}
        return top("sum_to", [top("sum", args, axes) if extra else args[0]], {"shape": (steps, *kwargs["shape"])})
    if name == "transpose":
        return made(**{word: dim % value.ndim + 1 for word, dim in kwargs.items()})
    if name == "permute":
        return made(dims=(0, *(dim + 1 for dim in kwargs["dims"])))
    if name in ("unsqueeze", "squeeze", "softmax", "log_softmax", "cumsum", "cumprod", "prod", "cat", "stack") and (
        isinstance(kwargs["dim"], int)
    ):
        dim = kwargs["dim"]
        ndim = value.args[0].ndim + (name in ("unsqueeze", "stack"))
        return made(**{**kwargs, "dim": dim % ndim + 1})
    if name in ("sum", "mean", "amax", "amin", "norm", "logsumexp"):
        dims = range(value.args[0].ndim) if kwargs["dim"] is None else kwargs["dim"]
        return made(dim=tuple(dim + 1 for dim in dims), keepdim=kwargs["keepdim"])
    if name in ("to", "detach"):
        return made()
    raise Inseparable(name)


def _product(top: Builder, value: Value, wholes: list[Value | None], args: list[Any]) -> Value:
    a, b = value.args
    if wholes[1] is None and b.ndim <= 2:
        if b.ndim == 2:  # one product with a matrix for all steps
            turned = top("transpose", [b], {"dim0": 0, "dim1": 1})
            return top("linear", [args[0], turned], name=value.name)
        return top("matmul", args, name=value.name)
    if wholes[0] is None and a.ndim == 2 and b.ndim == 1:
        return top("linear", [args[1], a], name=value.name)
    if a.ndim >= 2 and b.ndim >= 2 and (wholes[0] is None or wholes[1] is None or a.ndim == b.ndim):
        return top("matmul", args, name=value.name)
    if a.ndim == b.ndim == 1:
        return top("sum", [top("mul", args)], {"dim": (1,), "keepdim": False}, value.name)
    raise Inseparable("matmul")
