"""Operations as instructions on plain arrays, which web/core/tape.js runs again on other numbers.

Whatever is done to a `Slot` is written down in its `Code`, so that what runs on slots becomes a program: derivative
rules too, as formulas are written by running them on symbols. All that only moves entries becomes a map of places, and
what an operation is made of (`_MADE_OF`) leaves some forty instructions.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from ...engine.operators import Operators
from ...engine.primitive import Primitive
from ...nn.functional.losses import bce
from ...numbers.dtypes import promote, quiet
from ...ops import FAMILY, TABLE
from ...ops.shaping import cast

#: So many numbers a page computes with at the most, all values and gradients together.
MOST = 1_000_000
#: And it carries up to so many instructions, about a megabyte.
LONGEST = 30_000

#: How the interpreter keeps numbers, by what numpy calls them; whole numbers are exact in a double up to 2**53.
_KINDS = {"f8": "d", "f4": "f", "i8": "i", "i4": "i", "i2": "i", "i1": "i", "u1": "i", "b1": "b"}

#: Of whole matrices, which LAPACK computes.
_OF_LAPACK = {"inv", "solve", "det", "logabsdet", "cholesky"}

#: Of whole numbers they are Python's or C's, and no page's.
_NOT_OF_WHOLE = {f"bitwise_{each}" for each in ("and", "or", "xor", "left_shift", "right_shift")} | {"floor_divide"}


class Refused(Exception):
    """Why a graph cannot be run again on a page, as the second half of a sentence."""


class Slot(Operators["Slot"]):
    """A value of a program: an array of its shape and type, and the number of the place that holds its entries."""

    __slots__ = ("array", "code", "dtype", "ndim", "number", "shape")

    tracked = False

    def __init__(self, code: Code, number: int, array: Any) -> None:
        self.code, self.number, self.array = code, number, array
        self.shape: tuple[int, ...] = array.shape
        self.ndim, self.dtype = array.ndim, array.dtype

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Any = None) -> Slot:
        return self.code.apply(primitive, args, kwargs or {})


class Code:
    """Instructions in the order in which they are to be run, and the places of what they compute."""

    def __init__(self) -> None:
        self.written: list[tuple[str, int, list[int], Any]] = []
        self.leaves: dict[int, Any] = {}
        self._total = 0
        self._sizes: list[int] = []
        self._kinds: list[str] = []
        self._known: dict[Any, int] = {}
        self._constants: dict[Any, tuple[Any, Slot]] = {}

    # Values

    def _value(self, array: Any) -> Slot:
        if array.dtype.str[1:] not in _KINDS:
            raise Refused(f"a page does not compute with numbers of {array.dtype}")
        self._sizes.append(array.size)
        self._kinds.append(_KINDS[array.dtype.str[1:]])
        self._total += array.size
        if self._total > MOST:
            raise Refused(f"a page computes with at most {MOST:,} numbers")
        return Slot(self, len(self._sizes) - 1, array)

    def leaf(self, array: Any) -> Slot:
        """A place whose numbers are given."""
        slot = self._value(array)
        self.leaves[slot.number] = array
        return slot

    def of(self, arg: Any) -> Any:
        """An argument as rules see it: arrays are slots, and numbers are numbers."""
        return self._kept(id(arg), arg) if isinstance(arg, np.ndarray) else arg

    def _single(self, number: Any, dtype: Any) -> Slot:
        return self._kept((dtype.str, repr(number)), np.asarray(number, dtype))

    def _kept(self, key: Any, array: Any) -> Slot:
        if key not in self._constants:
            self._constants[key] = array, self.leaf(array)
        return self._constants[key][1]

    # Instructions

    def apply(self, primitive: Primitive, args: Sequence[Any], kwargs: Any) -> Slot:
        """Write down an operation on slots, arrays and numbers, and compute what it gives now."""
        name = primitive.name
        # By identity: an operation of somebody else's may have a name of ours.
        if TABLE.get(name) is not primitive and primitive is not bce:
            raise Refused(f"{name} is no operation of the table: only Python can compute it")
        if name in _OF_LAPACK:
            raise Refused(f"a page does not compute {name} of a matrix")
        args = [self.of(arg) for arg in args]
        arrays = [arg.array if isinstance(arg, Slot) else arg for arg in args]
        if primitive.promotes:
            arrays = promote(arrays, primitive.promotes)
        array = np.asarray(quiet.call(primitive.forward, *arrays, **kwargs))
        if array.size == 0 or all(isinstance(arg, Slot) and arg.array.size == 0 for arg in args):
            return self.leaf(array)  # there is nothing to compute, or to compute it from
        if name in _MADE_OF:
            return _MADE_OF[name](*args, **kwargs)
        if FAMILY[name] == "shaping" and primitive is not cast:
            return self._moved(primitive, args, kwargs, array)
        return self._entrywise(name, args, arrays, kwargs, array)

    def add(self, instruction: str, args: Sequence[Slot], array: Any, options: Any = None) -> Slot:
        """Write down one instruction, unless its result is there already."""
        numbers, array = [arg.number for arg in args], np.asarray(array)
        key = instruction, *numbers, array.dtype.str, array.size, json.dumps(options)
        if key not in self._known:
            slot = self._value(array)
            self._known[key] = slot.number
            self.written.append((instruction, slot.number, numbers, options))
            if len(self.written) > LONGEST:
                raise Refused(f"it takes more than {LONGEST:,} instructions, and a page carries no more")
        return Slot(self, self._known[key], array)

    def _entrywise(self, name: str, args: Sequence[Any], arrays: Sequence[Any], kwargs: Any, array: Any) -> Slot:
        if array.dtype.kind in "iu" and name in _NOT_OF_WHOLE:
            raise Refused("a page does not compute bits and quotients of whole numbers")
        slots, given = [], [each for each in arrays if isinstance(each, np.ndarray)]
        for arg, value in zip(args, arrays, strict=True):
            if not isinstance(arg, Slot):
                arg = self._single(arg, np.result_type(value, *given))
            slots.append(arg if arg.array.size in (1, array.size) else TABLE["broadcast_to"](arg, shape=array.shape))
        return self.add(name, slots, array, kwargs.get("decimals") or None)

    def _moved(self, primitive: Primitive, args: Sequence[Any], kwargs: Any, array: Any) -> Slot:
        slots = [arg if isinstance(arg, Slot) else self._single(arg, array.dtype) for arg in args]
        starts = np.cumsum([0, *(slot.array.size for slot in slots)]).tolist()
        ids = [np.arange(a, b).reshape(s.shape) for a, b, s in zip(starts, starts[1:], slots, strict=False)]
        if primitive.name != "pad":
            return self.take(slots, np.asarray(primitive.forward(*ids, **kwargs)), array)
        fill = self._single(kwargs["value"], array.dtype)
        return self.take([*slots, fill], np.asarray(primitive.forward(*ids, **kwargs | {"value": starts[-1]})), array)

    def take(self, slots: Sequence[Slot], places: Any, array: Any) -> Slot:
        """Entries of the slots, one after the other, by their numbers in ``places``."""
        if len(slots) == 1 and np.array_equal(places.ravel(), np.arange(slots[0].array.size)):
            return Slot(self, slots[0].number, array)  # the same entries in the same order, in another shape
        return self.add("take", slots, array, _map(places))

    def spread_sum(self, slot: Slot, places: Any, array: Any) -> Slot:
        """Zeros to which every entry is added at its place."""
        return self.add("sum", [slot], array, _map(np.broadcast_to(places, slot.shape)))

    def plain(self) -> dict[str, Any]:
        """All of it as types of JSON: instructions by number, sizes and kinds of all values, the numbers of leaves."""
        names = list(dict.fromkeys(name for name, *_ in self.written))
        return {
            "names": names,
            "sizes": self._sizes,
            "kinds": "".join(self._kinds),
            "code": [
                [names.index(name), result, args, *([] if options is None else [options])]
                for name, result, args, options in self.written
            ],
            "leaves": {number: _packed(array) for number, array in self.leaves.items()},
        }


# What the operations of the table that are no instructions are made of.

_op = TABLE


def _beside(name: str, x: Slot, number: Any) -> Slot:
    """An operation that users apply to two tensors, on one and a number."""
    return x.record(TABLE[name], (x, number), {})


def _dims(x: Slot, dim: Any) -> tuple[int, ...]:
    axes = range(x.ndim) if dim is None else (dim,) if isinstance(dim, int) else dim
    return tuple(axis % x.ndim for axis in axes)


def _in_rows(x: Slot, dims: Sequence[int]) -> tuple[Slot, tuple[int, ...]]:
    """With the axes ``dims`` at the end, and the order that does it."""
    order = (*(axis for axis in range(x.ndim) if axis not in dims), *dims)
    return _op["permute"](x, dims=order), order


def _reducing(name: str) -> Callable[..., Slot]:
    """An instruction that makes one number of every row."""

    def reduced(x: Slot, *, dim: Any, keepdim: bool) -> Slot:
        dims = _dims(x, dim)
        array = _op[name].forward(x.array, dim=dim, keepdim=keepdim)
        return x.code.add(name, [_in_rows(x, dims)[0]], array, math.prod(x.shape[axis] for axis in dims))

    return reduced


def _scanning(name: str) -> Callable[..., Slot]:
    """An instruction that makes a row of every row."""

    def scanned(*xs: Slot, dim: int, **kwargs: Any) -> Slot:
        dim = _dims(xs[-1], dim)[0]
        rows, orders = zip(*(_in_rows(x, [dim]) for x in xs), strict=True)
        array = _op[name].forward(*(x.array for x in rows), dim=xs[-1].ndim - 1, **kwargs)
        made = xs[-1].code.add(name, rows, array, [xs[-1].shape[dim], *map(int, kwargs.values())])
        return _op["permute"](made, dims=tuple(np.argsort(orders[-1]).tolist()))

    return scanned


def _adding(name: str) -> Callable[..., Slot]:
    """Sums of entries: the derivative rule hands on to every entry what it is given for the sum, here its place."""

    def summed(x: Slot, **options: Any) -> Slot:
        x = cast(x, dtype=np.dtype(np.int64)) if x.dtype.kind == "b" else x
        array = np.asarray(_op[name].forward(x.array, **options))
        places = _op[name].rules[0](np.arange(array.size).reshape(array.shape), array, x.array, **options)
        return x.code.spread_sum(x, places, array)

    return summed


def _norm(x: Slot, *, dim: Any, keepdim: bool) -> Slot:
    wide = cast(x, dtype=np.dtype(np.float64))
    return cast(_op["sqrt"](_sum(wide * wide, dim=dim, keepdim=keepdim)), dtype=x.dtype)


def _logsumexp(x: Slot, *, dim: Any, keepdim: bool) -> Slot:
    top = _amax(x, dim=dim, keepdim=True)
    top = _op["where"](_op["isfinite"](top), top, 0.0)
    total = _op["log"](_sum(_op["exp"](x - top), dim=dim, keepdim=True)) + top
    return total if keepdim else _op["squeeze"](total, dim=_dims(x, dim))


def _log_softmax(x: Slot, *, dim: int) -> Slot:
    z = x - _amax(x, dim=(dim,), keepdim=True)
    return z - _op["log"](_sum(_op["exp"](z), dim=(dim,), keepdim=True))


def _cumprod(x: Slot, *, dim: int) -> Slot:
    places = np.arange(x.shape[dim]).reshape([-1 if axis == dim % x.ndim else 1 for axis in range(x.ndim)])
    return _recurrence(x, _op["where"](np.broadcast_to(places == 0, x.shape).copy(), x, 0.0), dim=dim)


def _prod(x: Slot, *, dim: int, keepdim: bool) -> Slot:
    last = slice(-1, None) if keepdim else -1
    return _op["getitem"](_cumprod(x, dim=dim), index=(slice(None),) * (dim % x.ndim) + (last,))


def _matmul(a: Slot, b: Slot) -> Slot:
    if b.ndim == 1:
        return _op["squeeze"](_matmul(a, _op["unsqueeze"](b, dim=1)), dim=-1)
    if a.ndim == 1:
        return _op["squeeze"](_matmul(_op["unsqueeze"](a, dim=0), b), dim=-2)
    (m, k), n = a.shape[-2:], b.shape[-1]
    if a.ndim > 2 and b.ndim == 2:  # one product for all leading axes
        rows = _op["reshape"](a, shape=(math.prod(a.shape[:-1]), k))
        return _op["reshape"](_matmul(rows, b), shape=(*a.shape[:-1], n))
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = (_op["broadcast_to"](each, shape=(*lead, *each.shape[-2:])) for each in (a, b))
    return a.code.add("matmul", [a, b], np.matmul(a.array, b.array), [m, k, n])


def _einsum(*xs: Slot, equation: str) -> Slot:
    """The product of all, spread over all letters, summed over those that the result has not."""
    terms, result = equation.split("->")
    letters = result + "".join(sorted(set(terms) - {*result, ","}))
    product: Any = 1.0
    for x, term in zip(xs, terms.split(","), strict=True):
        sizes = dict(zip(term, x.shape, strict=True))
        x = _op["permute"](x, dims=tuple(sorted(range(x.ndim), key=lambda axis: letters.index(term[axis]))))
        product = product * _op["reshape"](x, shape=tuple(sizes.get(letter, 1) for letter in letters))
    return _sum(product, dim=tuple(range(len(result), len(letters))), keepdim=False)


def _clamp(x: Slot, *, min: Any, max: Any) -> Slot:
    x = x if min is None else _beside("maximum", x, min)
    return x if max is None else _beside("minimum", x, max)


def _bce(p: Slot, t: Slot) -> Slot:
    near = [_beside("maximum", each, -100.0) for each in (_op["log"](p), _op["log1p"](-p))]
    return -(t * near[0] + (1 - t) * near[1])


_sum, _amax, _argmax = _adding("sum"), _reducing("amax"), _reducing("argmax")
_recurrence = _scanning("recurrence")

_MADE_OF: dict[str, Callable[..., Slot]] = {
    "sum": _sum,
    "sum_to": _adding("sum_to"),
    "put": _adding("put"),
    "fold": _adding("fold"),
    "mean": lambda x, dim, keepdim: _sum(x, dim=dim, keepdim=keepdim) / math.prod(x.shape[k] for k in _dims(x, dim)),
    "norm": _norm,
    "power_norm": lambda x, p, **where: _sum(_op["abs"](x) ** p, **where) ** (1 / p),
    "logsumexp": _logsumexp,
    "softmax": lambda x, dim: _op["exp"](_log_softmax(x, dim=dim)),
    "log_softmax": _log_softmax,
    "amax": _amax,
    "amin": lambda x, **where: -_amax(-x, **where),
    "argmax": _argmax,
    "argmin": lambda x, **where: _argmax(-x, **where),
    "any": lambda x, **where: _amax(x != 0, **where),
    "all": lambda x, **where: _op["logical_not"](_amax(x == 0, **where)),
    "argsort": _scanning("argsort"),
    "recurrence": _recurrence,
    "cumsum": lambda x, dim: _recurrence(np.ones_like(x.array) + 0 * x, x, dim=dim),
    "cumprod": _cumprod,
    "prod": _prod,
    "relu": lambda x: _beside("maximum", x, 0),
    "clamp": _clamp,
    "rsqrt": lambda x: 1 / _op["sqrt"](x),
    "matmul": _matmul,
    "linear": lambda x, W: x @ W.mT,
    "affine": lambda x, W, b: x @ W.mT + b,
    "einsum": _einsum,
    "binary_cross_entropy": _bce,
}


def _map(places: Any) -> Any:
    """Numbers of entries: the first, and size and step of every axis where they count regularly; or one by one."""
    if places.size == 0:
        return []
    first = int(places.flat[0])
    wide = [axis for axis, size in enumerate(places.shape) if size > 1]
    axes = [[places.shape[axis], int(places.take(1, axis).flat[0]) - first] for axis in wide]
    regular = reduce(np.add.outer, (np.arange(size) * step for size, step in axes), np.asarray(first))
    if (regular.ravel() == places.ravel()).all():
        return {"first": first, "axes": axes}
    return places.ravel().tolist()


def _packed(array: Any) -> Any:
    """The numbers of an array: written out where they are few or whole, else the bytes of doubles or floats."""
    if array.dtype.kind in "iub":
        return [int(x) for x in array.ravel().tolist()]
    flat = np.ascontiguousarray(array, "<f4" if array.dtype.itemsize == 4 else "<f8").ravel()
    return flat.tolist() if flat.size <= 8 and np.isfinite(flat).all() else base64.b64encode(flat.tobytes()).decode()
