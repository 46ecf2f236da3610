"""Two traces of one model made one: what is the same in both holds for inputs of every size.

An axis of the input is dynamic if the model accepts another size there and does the same operations. Sizes that a model
read from its input ended up as numbers; where they can be said without numbers (as "the size of this axis of the
input", "what is left", "one before the end") they are, and otherwise the axis is not dynamic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...engine.primitive import Primitive
from ...surface.tensor import Tensor
from .tracing import Step, Symbol, Trace


class Axis(NamedTuple):
    """The size that an axis of the model's input will have."""

    number: int


class Repeated(NamedTuple):
    """A constant repeated along the axes whose size depends on the input, as the zeros a script makes for its batch."""

    array: Any
    shape: tuple[Any, ...]  # of integers and Axis


END = int(np.iinfo(np.int64).max)  # as far as there is, where ONNX wants the place behind the last
Shape = tuple[int, ...]
Sizes = Mapping[tuple[int, int], Axis]


class Differs(Exception):
    """The traces are not of the same operations; the message is a clause that says how."""


class AnotherLength(Differs):
    """They have another number of operations, as a loop over the input has."""


def merged(base: Trace, other: Trace) -> list[Step]:
    """The steps of ``base`` in a form that holds for ``other`` too.

    Raises:
        Differs: if there is none.
    """
    if len(base.steps) != len(other.steps):
        raise AnotherLength(f"the model does {len(other.steps)} operations instead of {len(base.steps)}")
    # Which axis of the inputs has these two sizes, of those that have two; they are counted through all inputs.
    shapes = ([n for each in run.inputs for n in _shape(each)] for run in (base, other))
    sizes = {pair: Axis(k) for k, pair in enumerate(zip(*shapes, strict=True))}
    sizes = {pair: axis for pair, axis in sizes.items() if pair[0] != pair[1]}
    numbers: dict[Symbol, int] = {each: k for k, each in enumerate(base.inputs)}
    theirs: dict[Symbol, int] = {each: k for k, each in enumerate(other.inputs)}
    steps = []
    for mine, yours in zip(base.steps, other.steps, strict=True):
        if mine.operation is not yours.operation:
            raise Differs(f"{mine.where} does {_name(yours)} instead of {_name(mine)}")
        if len(mine.inputs) != len(yours.inputs):
            raise Differs(f"{_name(mine)} in {mine.where} has {len(yours.inputs)} inputs instead of {len(mine.inputs)}")
        inputs = []
        for a, b in zip(mine.inputs, yours.inputs, strict=True):
            if not isinstance(a, Symbol) and not isinstance(b, Symbol):
                a = _constant(a, b, mine, sizes)
            # Old ones, kept by the model, have no number.
            elif not isinstance(a, Symbol) or not isinstance(b, Symbol) or numbers.get(a, -1) != theirs.get(b):
                raise Differs(f"{_name(mine)} in {mine.where} is applied to other values")
            inputs.append(a)
        for a, b in zip(mine.outputs, yours.outputs, strict=True):
            numbers[a] = theirs[b] = len(numbers)
        steps.append(Step(mine.operation, tuple(inputs), _kwargs(mine, yours, sizes), mine.outputs, mine.where))
    if [numbers.get(value, -1) for value in base.outputs] != [theirs.get(value) for value in other.outputs]:
        raise Differs("the model returns other values")
    return steps


def _name(step: Step) -> str:
    return step.operation.name if isinstance(step.operation, Primitive) else type(step.operation).__name__


def _shape(value: Any) -> Shape:
    return np.shape(value.array if isinstance(value, Tensor) else value)


def _constant(a: Any, b: Any, step: Step, sizes: Sizes) -> Any:
    if a is b:
        return a
    what = f"{_name(step)} in {step.where} is applied to"
    left, right = (x.array if isinstance(x, Tensor) else x for x in (a, b))
    shapes = tuple(zip(_shape(left), _shape(right), strict=False))
    if np.ndim(left) != np.ndim(right) or any(x != y and (x, y) not in sizes for x, y in shapes):
        raise Differs(f"{what} a constant of shape {_shape(right)} instead of {_shape(left)}")
    for axis, (x, y) in enumerate(shapes):
        if x != y:
            left, right = _once(left, axis), _once(right, axis)
    if left is None or right is None or not np.array_equal(left, right, equal_nan=np.asarray(left).dtype.kind == "f"):
        raise Differs(f"{what} other constants")
    if all(x == y for x, y in shapes):
        return a
    return Repeated(left, tuple(x if x == y else sizes[x, y] for x, y in shapes))


def agreed(near: list[Step], far: list[Step]) -> None:
    """What two sizes have in common may be chance, as the middle of 10 and 11 entries: it must hold for a third.

    Raises:
        Differs: if it does not.
    """
    for mine, yours in zip(near, far, strict=True):
        for key, a in mine.kwargs.items():
            if not _same(a, b := yours.kwargs[key]):
                words = f"has {key}={_short(b)}, where one entry more lets expect {_short(a)}"
                raise Differs(f"{_name(mine)} in {mine.where} {words}")


def _once(array: Any, axis: int) -> Any:
    """The first of the slices along ``axis`` if all are equal, else None."""
    if array is None or not array.shape[axis]:
        return None
    once = np.take(array, [0], axis)
    return once if np.array_equal(np.broadcast_to(once, array.shape), array) else None


def _kwargs(mine: Step, yours: Step, sizes: Sizes) -> dict[str, Any]:
    general = GENERAL.get(_name(mine), {}) if isinstance(mine.operation, Primitive) else {}
    result = {}
    for key, a in mine.kwargs.items():
        b = yours.kwargs[key]
        try:
            if not _same(a, b):
                a = general[key](a, b, _shape(mine.inputs[0]), _shape(yours.inputs[0]), sizes)
        except LookupError:
            raise Differs(f"{_name(mine)} in {mine.where} has {key}={_short(b)} instead of {_short(a)}") from None
        result[key] = a
    return result


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b)
    return type(a) is type(b) and bool(a == b)


def _short(value: Any) -> str:
    return " ".join(str(value).split())[:60]


def _reshape(a: Shape, b: Shape, x: Shape, y: Shape, sizes: Sizes) -> tuple[Any, ...]:
    """ONNX's spelling of a new shape: 0 keeps the size of that axis, one -1 takes what is left."""
    if len(a) != len(b):
        raise LookupError
    kept = [i < min(len(x), len(y)) and (p, q) == (x[i], y[i]) for i, (p, q) in enumerate(zip(a, b, strict=True))]
    shape: list[Any] = [0 if p != q and keep else p for p, q, keep in zip(a, b, kept, strict=True)]
    others = [i for i in range(len(a)) if a[i] != b[i] and not kept[i]]
    for i in others:
        shape[i] = -1 if len(others) == 1 and -1 not in shape else sizes[a[i], b[i]]
    return tuple(shape)


def _expand(a: Shape, b: Shape, x: Shape, y: Shape, sizes: Sizes) -> tuple[Any, ...]:
    """1 keeps the size that is there."""
    if len(a) != len(b):
        raise LookupError
    shape: list[Any] = list(a)
    for i, pair in enumerate(zip(a, b, strict=True)):
        if pair[0] != pair[1]:
            j = i - len(a)
            shape[i] = 1 if -j <= len(x) and pair == (x[j], y[j]) else sizes[pair]
    return tuple(shape)


def _index(a: Any, b: Any, x: Shape, y: Shape, sizes: Sizes) -> Any:
    """Places that lie at the same distance from the end are counted from there."""
    parts, others = whole(a, len(x)), whole(b, len(y))
    if len(parts) != len(others):
        raise LookupError
    axes = zip(x, y, strict=True)
    both = zip(parts, others, strict=True)
    return tuple([p if p is None and q is None else _place(p, q, *next(axes)) for p, q in both])


def whole(index: Any, rank: int) -> list[Any]:
    """The parts of an index with whole slices for ``...`` and for what is left out at the end."""
    parts = list(index) if isinstance(index, tuple) else [index]
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    place = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [*parts[:place], *[slice(None)] * (rank - taken), *parts[place + 1 :]]


def _place(p: Any, q: Any, x: int, y: int) -> Any:
    if _same(p, q):
        return p
    if isinstance(p, slice) and isinstance(q, slice) and p.step == q.step:
        return slice(_bound(p.start, q.start, x, y, END), _bound(p.stop, q.stop, x, y, None), p.step)
    if isinstance(p, int) and isinstance(q, int) and p >= 0 and p - x == q - y:
        return p - x
    raise LookupError


def _bound(p: int | None, q: int | None, x: int, y: int, end: int | None) -> int | None:
    if p == q:
        return p
    if p is None or q is None or p < 0 or p - x != q - y:
        raise LookupError
    return p - x or end


GENERAL: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "reshape": {"shape": _reshape},
    "broadcast_to": {"shape": _expand},
    "getitem": {"index": _index},
}
