"""Writing into a tensor's memory: the history goes on with the new value, and keeps the older self."""

from __future__ import annotations

import sys
from operator import attrgetter
from typing import Any, Self

import numpy as np

from ..engine.describing import describe
from ..engine.graph import Node, clock
from ..engine.modes import enable_grad
from ..engine.primitive import T
from ..engine.refusing import shown, spoken
from ..engine.scope import here
from ..engine.versions import keep, last_change, renewed, shared_memory, touch
from ..numbers import dtypes
from ..numbers.random import Generator, numpy_generator
from ..ops import shaping
from .indices import raw
from .methods import Methods

#: Kinds of numbers, each of which can be written into the later ones.
_KINDS = "buif"

#: What a tensor remembers.
_SLOTS = [slot for slot in Node.__slots__ if slot != "__weakref__"]
_remembered = attrgetter(*_SLOTS)

#: How many operations are looked at for circles when a tensor is written to.
FAR = 30


class Overwriting(Methods[T]):
    """``x[i]``, ``x[i] = y``, and what all in-place methods come down to: ``overwrite`` and ``become``.

    A tensor that is written to keeps its older self in the graph (``Node.earlier``), so that what was computed from
    it before keeps its meaning; its own history goes on with the new value.
    """

    __slots__ = ()

    def touch(self) -> None:
        """Note that the memory was written to: backward passes refuse to use values changed since they were used."""
        touch(self)

    def overwrite(self, value: Any) -> Self:
        """Take over ``value``, computed from this tensor and of its shape, in this tensor's memory.

        Raises:
            RuntimeError: for a leaf that requires a gradient, if the shapes differ, if real numbers were to go into
                a tensor of integers, and for a detached view of a recorded tensor.
        """
        if value.shape != self.array.shape:
            raise RuntimeError(
                f"a result of shape {tuple(value.shape)} cannot be written into a tensor of shape {self.array.shape}"
            )
        if not np.can_cast(value.array.dtype, self.array.dtype, "same_kind") and (
            _KINDS.index(value.array.dtype.kind) > _KINDS.index(self.array.dtype.kind)
        ):
            raise RuntimeError(
                f"a result of type {value.array.dtype} cannot be written into a tensor of {self.array.dtype}; compute "
                "a new tensor instead, or convert this one first, x.float()"
            )
        if self._is_watched() and not value.tracked:
            value = shaping.setitem(self, value, index=...)  # gradients do not flow any further
        if not value.tracked:
            (keep if self.primitive is None and self.owner is None else touch)(self)
            np.copyto(self.array, value.array, casting="unsafe")
            return self
        self._refuse_leaf()
        before = same(self)
        before.owner = None
        if value.primitive is shaping.setitem and self.owner is None:
            # Its rules need no entry of what it writes into: filling a buffer step by step keeps no copies of it.
            before.changed = shared_memory(self)
        else:
            before.array = self.array.copy()
        if self._shows_its_owner():
            # A view: what it shows is written into the tensor whose memory it is, and then read from there anew.
            base: Any = self.owner
            _pass_by(before, base)
            _leave(self, before, value)
            base.overwrite(shaping.setitem(base, value, index=positions(self.array, base.array)))
            value = seen(self.array, base)
        else:
            self.touch()
            np.copyto(self.array, value.array, casting="unsafe")
        return self._follow(value, before)

    def detach_(self) -> Self:
        """Forget how this tensor was made and become a leaf without gradient; what was computed before keeps both.

        Raises:
            RuntimeError: for a view.
        """
        if self.owner is not None:
            raise RuntimeError(f"a view cannot be detached in place ({describe(self)}): use x = x.detach()")
        if self.primitive is not None:
            before = same(self)
            before.array = self.array.copy()
            recorded: Any = self
            self._follow(recorded.detach(), before)
        self.tracked = False
        return self

    def become(self, value: Any) -> Self:
        """Take over ``value``, which has the entries of this tensor in another arrangement.

        Raises:
            RuntimeError: for a leaf that requires a gradient.
        """
        if value.tracked:
            self._refuse_leaf()
            self._follow(value, same(self))
        self.array = value.array
        return self

    def _follow(self, value: Any, before: Any) -> Self:
        """Go on with the history of ``value``; ``before`` is what this tensor was until now."""
        _leave(self, before, value)
        self.earlier, self.birth = before, clock.tick()
        clock.last_change, clock.rewritten = self.birth, True  # arguments are looked up as they were
        self.hooks, before.retains_grad = None, False  # hooks belong to the value they were put on
        self.primitive, self.args, self.kwargs, self.place = value.primitive, value.args, value.kwargs, value.place
        self._code, self._instruction = value._code, value._instruction
        self.tracked, self.used = True, False
        return self

    def renew(self) -> None:
        """Be read anew from the tensor whose memory this is, which was written to since."""
        if self._shows_its_owner():
            with enable_grad():
                self._follow(seen(self.array, self.owner), same(self))

    def _shows_its_owner(self) -> bool:
        """Whether this is a view, and still one: what it was taken from may have been given other data since."""
        if self.owner is not None and self.array.size and not np.may_share_memory(self.array, self.owner.array):
            self.owner = None
        return self.owner is not None

    def _is_watched(self) -> bool:
        """Whether what is written here takes part in a gradient; RuntimeError if nothing may be written."""
        if not self.array.flags.writeable:
            raise RuntimeError(
                "this memory cannot be written to: it is an expanded view, in which one number stands for many, or a "
                "read-only array; use x.clone() first"
            )
        if not here.recording:
            return False
        if self.owner is not None and renewed((self,)) and self.owner.tracked and not self.tracked:
            raise RuntimeError(
                f"something was about to be written through a view taken inside no_grad() ({describe(self)}), of which "
                f"{describe(self.memory)} would not know; take the view again, or write inside no_grad() too"
            )
        return bool(self.tracked)

    def _refuse_leaf(self) -> None:
        if self.primitive is None and self.tracked:
            raise RuntimeError(
                f"a leaf that requires a gradient was about to be changed in place ({describe(self)}); do it inside "
                "no_grad(), or compute a new tensor instead"
            )

    # By index

    def __getitem__(self, index: Any) -> T:
        place = index if type(index) is int else raw(index, self.array.shape)
        try:
            return self.record(shaping.getitem, (self,), {"index": place})
        except IndexError as error:
            raise self._unfit(error) from None

    def __setitem__(self, index: Any, value: Any) -> None:
        place: Any = index if type(index) is int or index is ... else raw(index, self.array.shape)
        numbers, tracked = (value.array, value.tracked) if isinstance(value, Node) else (value, False)
        try:
            if numbers is value:
                listed = np.asarray(value) if isinstance(value, (list, tuple)) else value
                value = numbers = dtypes.fitting(listed, self.array.dtype)
            if self._is_watched() or (tracked and here.recording):
                self.overwrite(shaping.setitem(self, value, index=place))
                self._instruction = (frame := sys._getframe(1)).f_code, frame.f_lasti  # who asked for it
                return
            try:
                dtypes.quiet.call(shaping.assign, self.array, place, numbers)
            except RuntimeError:  # inside the function of an operation, where it is quiet already
                shaping.assign(self.array, place, numbers)
            touch(self)
        except IndexError as error:
            raise self._unfit(error) from None
        except (TypeError, ValueError):
            there = shown(self.array[place])
            raise RuntimeError(
                f"a value that does not fit the place it was to be written to: {shown(value)} in {there}"
            ) from None

    def _unfit(self, error: IndexError) -> IndexError:
        return IndexError(
            f"the index does not fit a tensor of shape {self.array.shape}: {error}".replace("array", "it")
        )

    # Filling

    def zero_(self) -> Self:
        """All entries 0."""
        self[...] = 0
        return self

    @spoken
    def fill_(self, value: Any) -> Self:
        """All entries ``value``, a single number."""
        if isinstance(value, Node) and value.array.ndim:
            raise RuntimeError(f"fill_ takes a single number, got a tensor of shape {value.array.shape}; use copy_")
        self[...] = value
        return self

    @spoken
    def copy_(self, source: Any, non_blocking: bool = False) -> Self:
        """The entries of ``source``, broadcast to this shape; nothing blocks, with one device."""
        self[...] = source
        return self

    @spoken
    def uniform_(self, low: float = 0.0, high: float = 1.0, *, generator: Generator | None = None) -> Self:
        """Uniform numbers in [low, high)."""
        possible = self.array.dtype.kind == "f" and -(most := np.finfo(self.array.dtype).max) <= low <= high <= most
        self._refuse_odds(possible, f"uniform_ needs finite bounds in order, got {low} and {high}")
        return self.copy_(numpy_generator(generator).uniform(low, high, self.array.shape))

    @spoken
    def exponential_(self, lambd: float = 1.0, *, generator: Generator | None = None) -> Self:
        """Times of waiting for what happens ``lambd`` times in one unit of time."""
        self._refuse_odds(self.array.dtype.kind == "f" and lambd > 0, f"exponential_ needs a rate above 0, got {lambd}")
        return self.copy_(numpy_generator(generator).exponential(1 / lambd, self.array.shape))

    @spoken
    def random_(self, *bounds: int, generator: Generator | None = None) -> Self:
        """Whole numbers from the first bound, or 0, to below the last; without bounds, all that its type has."""
        least, most = _whole_numbers(self.array.dtype)
        low, high = (0, *(bounds or (most + 1,)))[-2:]
        possible = len(bounds) < 3 and least <= low < high <= most + 1
        self._refuse_odds(
            possible, f"random_ needs at most two bounds, in order and from {least} to {most}, got {bounds}"
        )
        return self.copy_(numpy_generator(generator).integers(low, high, self.array.shape))

    @spoken
    def normal_(self, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Self:
        """Normal numbers with this mean and standard deviation."""
        possible = self.array.dtype.kind == "f" and std >= 0
        self._refuse_odds(possible, f"normal_ needs a standard deviation of at least 0, got {std}")
        return self.copy_(numpy_generator(generator).normal(mean, std, self.array.shape))

    @spoken
    def bernoulli_(self, p: float = 0.5, *, generator: Generator | None = None) -> Self:
        """1 with probability ``p``, else 0."""
        chance = np.asarray(getattr(p, "array", p))
        self._refuse_odds(((chance >= 0) & (chance <= 1)).all(), f"bernoulli_ needs chances from 0 to 1, got {p}")
        return self.copy_(numpy_generator(generator).random(self.array.shape) < chance)

    def _refuse_odds(self, possible: Any, needs: str) -> None:
        if not possible:
            raise RuntimeError(f"{needs}, for {describe(self)}; integers are drawn by bernoulli_ alone")


def _whole_numbers(dtype: Any) -> tuple[int, int]:
    """The least and the largest of the whole numbers that are all exact in this type."""
    if dtype.kind == "f":
        most = 2 ** (np.finfo(dtype).nmant + 1)
        return -most, most
    return (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))


def same(node: Any) -> Any:
    """Another tensor of the same kind that remembers the same."""
    twin = object.__new__(type(node))
    for slot, value in zip(_SLOTS, _remembered(node), strict=True):
        setattr(twin, slot, value)
    for slot in type(node).__slots__:
        setattr(twin, slot, getattr(node, slot))
    twin.changed = last_change(node)  # from now on they may be written to separately
    return twin


def seen(view: Any, base: Any) -> Any:
    """What ``view``, an array on the memory of ``base``, shows, read from there."""
    read = shaping.getitem(base, index=positions(view, base.array))
    return read if read.shape == view.shape else shaping.broadcast_to(read, shape=view.shape)


def _pass_by(view: Any, base: Any) -> None:
    """Let gradients of ``view`` as it was come to ``base`` past the views in between, which show other numbers now."""
    while view.args and isinstance(view.args[0], Node) and view.args[0].owner is base:
        between = same(view.args[0])
        between.hooks, between.retains_grad = None, False
        view.args = (between, *view.args[1:])
        view = between


def _leave(tensor: Any, before: Node, value: Node) -> None:
    """Let what ``value`` was made from know the earlier self ``before`` of ``tensor``, which is to follow ``value``.

    A tensor that is reached from its own history is a circle, which only the garbage collector finds, and that knows
    nothing of the size of arrays. Views that stand there give way to twins that do not know whose memory they show.
    What is more than `FAR` operations away stays as it is.
    """
    waiting, seen, given, birth = [value], {id(value)}, {id(tensor): before}, tensor.birth
    for user in waiting:
        leaves = False
        for arg in user.args:
            if isinstance(arg, Node) and arg.birth > birth and (this := id(arg)) not in seen and len(seen) < FAR:
                seen.add(this)
                waiting.append(arg)
                if arg.owner is tensor and not arg.retains_grad:
                    waiting[-1] = given[this] = twin = same(arg)
                    twin.owner, twin.changed = None, shared_memory(arg)
            leaves = leaves or id(arg) in given
        if leaves:
            user.args = tuple([given.get(id(arg), arg) for arg in user.args])


def positions(view: Any, base: Any) -> tuple[Any, ...]:
    """The index that reads from ``base`` what ``view``, an array on the same memory, shows, if there is one."""
    known, wanted = _addresses(base).ravel(), _addresses(view)
    if base.flags.c_contiguous:
        found = (wanted - base.__array_interface__["data"][0]) // base.itemsize
    else:
        order = np.argsort(known)
        found = order[np.searchsorted(known, wanted, sorter=order) % max(len(known), 1)]
    if view.dtype != base.dtype or (wanted.size and not np.array_equal(known.take(found, mode="clip"), wanted)):
        raise RuntimeError("a view that shows other memory than its tensor's cannot be changed in place; use x.clone()")
    return np.unravel_index(found, base.shape) if base.ndim else (None,) * view.ndim


def _addresses(array: Any) -> Any:
    """Where each entry lies in memory."""
    lines = np.indices(array.shape, sparse=True)
    start = array.__array_interface__["data"][0]
    return np.broadcast_to(sum((i * step for i, step in zip(lines, array.strides, strict=True)), start), array.shape)
