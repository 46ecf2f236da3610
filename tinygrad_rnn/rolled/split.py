"""A loop in three parts: what needs no state before it, for all steps at once, the loop, and what follows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress

from .building import Builder
from .stacked import Inseparable, over_time
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
    """

    def __init__(self, top: Builder, raw: Loop, values: Sequence[Value] = (), read: Collection[Value] = ()) -> None:
        self.top, self.raw, self.values = top, raw, values
        self.loop, self._build = Loop(raw.steps, raw.back), Builder()
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
        if value.kind == "carry" or any(arg in self._stateful for arg in value.args):
            self._stateful.add(value)

    def _find_sums(self, asked: Sequence[Value], read: Collection[Value]) -> None:
        """total = total + x, which nobody reads inside, is a sum after the loop."""
        uses = Counter(new for *_, new in self.raw.carries)
        for value in order(asked, self.raw):
            uses.update(arg for arg in value.args if isinstance(arg, Value))
        for each in list(self.raw.carries):
            carry, first, new = each
            if new.op == "add" and new not in read and uses[new] == uses[carry] == 1 and carry in new.args:
                x = new.args[1] if new.args[0] is carry else new.args[0]
                if isinstance(x, Value):
                    self.sums[carry] = first, x
                    self.raw.carries.remove(each)

    def inside(self, value: Value) -> Value:
        """``value`` as the loop computes it, or reads a row of it."""
        if value.loop is not self.raw:
            return value
        for each in order([value], self.raw):
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
        return value.op not in ENTRYWISE or value.size * value.dtype.itemsize * self.raw.steps <= CACHE

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
        for each in order([value], self.raw):
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
                made = over_time(self.top, value, self._known, self.raw.steps)
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
                return over_time(self.top, value, self._known, self.raw.steps)
        return self.loop.after("before" if made.kind == "carry" else "stacked", made)

    def _known(self, value: Value) -> Value | None:
        return self._whole.get(value)

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
