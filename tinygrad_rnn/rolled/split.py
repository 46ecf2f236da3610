"""A loop in three parts: what needs no state before it, for all steps at once, the loop, and what follows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any

from .building import Builder
from .values import ENTRYWISE, Loop, Value, order
from .wording import VIEWS

#: Above so many bytes reading an array again from memory costs more than computing its rows when they are needed.
CACHE = 256 * 1024


class Parted:
    """The split of the loop ``raw``; ``loop`` is what is left of it.

    Args:
        top: builds what is outside.
        raw: the loop as it was recorded.
        values: those of its body, in the order of its operations.
        read: those of them that are read after it, besides carries.
        exact: what is no function of single entries stays, since done for all steps at once it may round otherwise.
    """

    def __init__(
        self, top: Builder, raw: Loop, values: Sequence[Value] = (), read: Collection[Value] = (),
        exact: bool = False,
    ) -> None:  # fmt: skip
        self.top, self.raw, self.values, self._exact = top, raw, values, exact
        self.loop, self._build = Loop(raw.steps, raw.back, raw.large), Builder()
        self.sums: dict[Value, tuple[Value, Value]] = {}
        asked = [*raw.roots(), *(value for value in read if value.loop is raw)]
        self._find_sums(asked, read)
        self._needed = set(order(raw.roots(), raw))
        self._stateful: set[Value] = set()
        for each in order(asked, raw):
            self._note(each)
        self._whole: dict[Value, Value] = {}
        self._inside = {carry: self.loop.carry(first, carry.name) for carry, first, _ in raw.carries}
        for mine, (_, _, new) in zip(self.loop.carries, raw.carries, strict=True):
            mine[2] = self.inside(new)

    def _note(self, value: Value) -> None:
        stays = self._exact and value.kind == "op" and value.op not in ENTRYWISE | VIEWS.keys() | {"cat"}
        if stays or value.kind == "carry" or any(arg in self._stateful for arg in value.args):
            self._stateful.add(value)

    def _find_sums(self, asked: Sequence[Value], read: Collection[Value]) -> None:
        """total = total + x, which nobody reads inside, is a sum after the loop."""
        uses = Counter(new for *_, new in self.raw.carries)
        for value in order(asked, self.raw):
            uses.update(value.operands)
        for each in list(self.raw.carries):
            carry, first, new = each
            if (
                new.op == "add"
                and new not in read
                and carry not in read
                and uses[new] == uses[carry] == 1
                and carry in new.args
            ):
                x = new.args[1] if new.args[0] is carry else new.args[0]
                if isinstance(x, Value):
                    self.sums[carry] = first, x
                    self.raw.carries.remove(each)

    def inside(self, value: Value) -> Value:
        """``value`` as the loop computes it, or reads a row of it."""
        if value.loop is not self.raw:
            return value
        for each in () if value in self._inside else order([value], self.raw):
            if each in self._inside:
                continue
            self._note(each)
            if each.kind == "row":
                self._inside[each] = self.loop.row(each.source)
            elif each in self._stateful or not self._worth_hoisting(each) or not self._hoisted(each):
                args = [self.inside(arg) if isinstance(arg, Value) else arg for arg in each.args]
                self._inside[each] = self._build(each.primitive, args, each.kwargs, each.name)
        return self._inside[value]

    def _worth_hoisting(self, value: Value) -> bool:
        if value.op not in ENTRYWISE:
            return True
        large = self.raw.large
        return not (value.size * value.dtype.itemsize * self.raw.steps > CACHE if large is None else large)

    def _hoisted(self, value: Value) -> bool:
        """Whether the loop reads rows of what is computed before it."""
        try:
            self._inside[value] = self.loop.row(self.whole(value, only=True))
        except Inseparable:
            self._needed.add(value)
            self._stateful.add(value)
        return value in self._inside

    def whole(self, value: Value, only: bool = False) -> Value:
        """``value`` at all steps, in the order of time.

        Raises:
            Inseparable: with ``only``, if the loop would have to compute it.
        """
        if value.loop is not self.raw:
            raise Inseparable("the same at every step")
        for each in () if value in self._whole else order([value], self.raw):
            if each not in self._whole:
                self._note(each)
                self._whole[each] = self._at_all_steps(each, only)
        return self._whole[value]

    def _at_all_steps(self, value: Value, only: bool) -> Value:
        if value.kind == "row":
            return value.source  # type: ignore[no-any-return]
        if value.kind == "carry":
            return self.loop.after("before", self.inside(value))
        if value not in self._needed or value not in self._stateful:
            try:
                made = over_time(self.top, value, self._whole.get, self.raw.steps)
                made.note = made.note or f"all {self.raw.steps} steps at once"
                return made
            except Inseparable:
                if only:
                    raise
                self._needed.add(value)
                self._stateful.add(value)
        made = self.inside(value)
        if made.kind == "row":
            return made.source  # type: ignore[no-any-return]
        if made.op in VIEWS and isinstance(value.args[0], Value) and value.args[0].loop is self.raw:
            self.whole(value.args[0])  # what a view shows is kept, and shown after the loop
            with suppress(Inseparable):
                return over_time(self.top, value, self._whole.get, self.raw.steps)
        return self.loop.after("before" if made.kind == "carry" else "stacked", made)

    def carry_of(self, new: Value) -> Value | None:
        """The carry that this is the next value of."""
        for carry, _, each in self.raw.carries:
            if each is new:
                return carry  # type: ignore[no-any-return]
        return next((c for c, (_, x) in self.sums.items() if new.op == "add" and c in new.args and x in new.args), None)

    def final(self, carry: Value) -> Value:
        """What the last step leaves."""
        if carry not in self.sums:
            return self.loop.after("final", self._inside[carry])
        first, x = self.sums[carry]
        if x.loop is not self.raw:
            total = self.top("mul", [x, float(self.raw.steps)])
        else:
            total = self.top("sum", [self.whole(x)], {"dim": (0,), "keepdim": False}, carry.name)
        return total if first.number_everywhere == 0 and total.shape == first.shape else self.top("add", [first, total])


class Inseparable(Exception):
    """This operation has to be done step by step."""


#: Operations that do the same with one axis more in front, if their keywords say so; the first reduce some axes or all.
_REDUCING = {"sum", "mean", "amax", "amin", "norm", "power_norm", "logsumexp"}
_ALONG = {*VIEWS, *_REDUCING, "put", "softmax", "log_softmax", "cumsum", "cumprod", "prod", "cat", "stack", "to"}


def over_time(top: Builder, value: Value, whole: Callable[[Value], Value | None], steps: int) -> Value:
    """``value`` of a loop at all steps; ``whole`` gives its arguments at all steps, None for what stays the same.

    Raises:
        Inseparable: if that is not one operation.
    """
    name, kwargs = value.op, value.kwargs
    wholes = [whole(arg) if isinstance(arg, Value) else None for arg in value.args]
    args = [arg if all_ is None else all_ for all_, arg in zip(wholes, value.args, strict=True)]
    places = name == "take" and wholes[0] is None and all(isinstance(part, tuple) for part in kwargs["pattern"])

    def aligned(x: Value, ndim: int) -> Value:
        each = x.shape[1:]
        return top("reshape", [x], {"shape": (steps, *(1,) * (ndim - len(each)), *each)})

    if name == "cat":  # with zeros where there is nothing
        filled = [x.number_everywhere if isinstance(x, Value) else None for x in value.args]
        for k, number in enumerate(filled):
            if number is not None:
                wholes[k] = args[k] = top.full((steps, *value.args[k].shape), value.dtype, number)
    if name == "matmul":
        return _product(top, value, wholes, args)
    if name in ENTRYWISE:
        args = [arg if all_ is None else aligned(all_, value.ndim) for all_, arg in zip(wholes, args, strict=True)]
    elif name == "sum_to" and wholes[0] is not None and value.args[0].ndim >= value.ndim:
        extra = value.args[0].ndim - value.ndim
        if extra:
            args = [top("sum", args, {"dim": tuple(range(1, extra + 1)), "keepdim": False})]
        kwargs = {"shape": (steps, *value.shape)}
    elif not (name == "linear" and wholes[1] is None) and not (places and None not in wholes[1:]):
        if None in wholes or name not in _ALONG:
            raise Inseparable(name)
        kwargs = _shifted(value, steps)
        if name == "broadcast_to":
            args = [aligned(args[0], value.ndim)]
    return top(value.primitive, args, kwargs, value.name)


def _shifted(value: Value, steps: int) -> dict[str, Any]:
    """The keywords of an operation if there is one axis more in front."""
    ndim = value.args[0].ndim + (value.op in ("unsqueeze", "stack"))
    found = dict(value.kwargs)
    for word, given in value.kwargs.items():
        match word:
            case "shape":
                found[word] = (steps, *given)
            case "dims":
                found[word] = (0, *(dim + 1 for dim in given))
            case "dim" if value.op in _REDUCING:
                found[word] = tuple(dim + 1 for dim in (range(ndim) if given is None else given))
            case "dim" | "dim0" | "dim1" if isinstance(given, int):
                found[word] = given % ndim + 1
            case "index":
                parts = given if isinstance(given, tuple) else (given,)
                if not all(isinstance(part, int | slice) or part is None or part is Ellipsis for part in parts):
                    raise Inseparable(value.op)
                found[word] = (slice(None), *parts)
            case "dim":
                raise Inseparable(value.op)
    return found


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
