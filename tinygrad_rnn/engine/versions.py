"""Memory that is written to: when that was, and what a backward pass does about values that changed since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ops.operation import Operation
from .describing import describe
from .graph import Node, arguments, as_of, clock
from .modes import IN_PLACE, following
from .operators import Operators
from .primitive import Primitive

#: Parameters of up to so many bytes remember what they were before the last step of an optimiser.
SMALL = 1 << 20


class Memory:
    """What tensors that share memory but no history have in common: birth of the first that has one, and last write.

    They must not know each other: a state cut off from the chunk before would keep that whole chunk alive. ``reshaped``
    is when a tensor came to this memory from one of another shape.
    """

    __slots__ = ("first", "last_change", "reshaped")

    def __init__(self, last_change: int, first: float) -> None:
        self.last_change, self.first, self.reshaped = last_change, first, 0


def touch(node: Node) -> None:
    """Note that the memory of ``node`` was written to: rules refuse to use values changed since they were used."""
    if following.told is not None:
        following.told(IN_PLACE, node)
    memory, now = node.memory, clock.tick()
    if isinstance(memory.changed, Memory):
        memory.changed.last_change = now
    else:
        memory.changed = now
    clock.last_change = now


class Past:
    """The numbers of a leaf from one change to the next, ``until`` which they were those of ``array``."""

    __slots__ = ("array", "since", "until")

    def __init__(self, array: Any, since: int, until: int) -> None:
        self.array, self.since, self.until = array, since, until


def keep(leaf: Node) -> None:
    """Note that a leaf is about to be written to; a small one keeps what it was, for who looks at a graph later."""
    since = last_change(leaf.memory)
    touch(leaf)
    small = leaf.tracked and leaf.array.nbytes <= SMALL
    leaf.earlier = Past(leaf.array.copy(), since, clock.last_change) if small else None


def past(arg: Node, birth: int) -> Past | None:
    """What a leaf was when it was used by what has this ``birth``; None if it is that still, or was not kept."""
    kept = arg.earlier
    return kept if type(kept) is Past and kept.since < birth < kept.until == last_change(arg.memory) else None


def shared_memory(node: Node) -> Memory:
    """The note on when the memory of ``node`` was written, to be shared with those who do not know ``node``."""
    memory = node.memory
    if not isinstance(memory.changed, Memory):
        memory.changed = Memory(memory.changed, node.birth if node.tracked else float("inf"))
    elif node.tracked:
        memory.changed.first = min(memory.changed.first, node.birth)
    return memory.changed


def is_shared(node: Node) -> bool:
    """Whether others may have the memory of ``node`` that do not know it, such as what it was detached from."""
    return isinstance(node.memory.changed, Memory)


def last_change(node: Node) -> int:
    """When ``node`` was last written in place; 0 for never."""
    changed: int = node.changed.last_change if isinstance(node.changed, Memory) else node.changed
    return changed


def was_changed(arg: Node, birth: int) -> bool:
    """Whether the memory of ``arg`` was written in place after ``birth``."""
    changed = arg.memory.changed  # the backward pass asks this of every value as soon as anything was written to
    return bool((changed if type(changed) is int else changed.last_change) > birth)


def shares(view: Any, array: Any) -> bool:
    """Whether two arrays lie in the same memory; asking numpy takes four times as long as to see the same owner."""
    base = view.base
    return (
        base is array or view is array or (base is not None and base is array.base) or np.may_share_memory(view, array)
    )


def renewed(values: Sequence[Any]) -> Sequence[Any]:
    """``values``, of which the views whose tensor got a new history since were read again: theirs goes on from it."""
    for view in values:
        if not isinstance(view, Node) or view.owner is None or view.owner.birth < view.birth:
            continue
        if view.owner.tracked and (view.primitive is not None or not view.tracked):
            view.renew()  # type: ignore[attr-defined]  # of the tensors that can be written to
    return values


def guarded(node: Node, args: Sequence[Any], y: Any, values: list[Any]) -> tuple[Any, list[Any]]:
    """The result and the arguments of ``node``, those that were changed since replaced by values that refuse use.

    Raises:
        RuntimeError: for a view taken before a recorded in-place change of what it shows, and used by ``node`` after
            it: its value is then the new one, but its history that of the old. ``node`` may itself be the change
            (x[0] = view): only changes before it count. And for what was given data of another shape since.
    """
    birth = node.birth
    if (node.changed or node.owner is not None) and was_changed(node, birth):
        y = _changed(node, node, "the result")
    for position, arg in enumerate(args):
        if not isinstance(arg, Node) or not (arg.changed or arg.owner is not None):
            continue
        if arg.owner is not None and as_of(arg.owner, birth - 1).birth > arg.birth:
            raise RuntimeError(
                f"{describe(node)} used a view of a tensor that had been changed in place since the view was "
                f"taken ({describe(arg)}); take the view again after the change, or change a copy (x = x * 3)"
            )
        if was_changed(arg, birth):
            if isinstance(arg.changed, Memory) and arg.changed.reshaped > birth:
                raise RuntimeError(
                    f"{describe(arg)} was given data of another shape after {describe(node)} was computed from it, and "
                    "a gradient in the shape of before fits it no more; call backward() before that"
                )
            values[position] = _changed(arg, node, f"argument {position}")
    return y, values


def _changed(value: Node, node: Node, role: str) -> _Gone:
    return _Gone(
        value,
        f"a value needed for the gradient was changed in place after it was used: {role} of {describe(node)}, "
        f"which is {describe(value)}. Call backward() before changing it, or compute a new tensor instead "
        f"(x = x + 1 rather than x += 1)",
    )


def refuse_used(node: Node, g: Any) -> None:
    """Refuse a second backward pass over ``node``, to which came ``g``, if a rule computes with what it was made from.

    PyTorch frees that in the first pass. What is no row of the table keeps it where this cannot be seen.

    Raises:
        RuntimeError: if so.
    """
    again = _Gone(
        node,
        f"backward() came a second time to {describe(node)}: this part of the graph was already used. The usual cause "
        "is a hidden state carried over from the previous chunk: cut it there with h = h.detach(). Use "
        "backward(retain_graph=True) only to differentiate the same loss twice",
    )
    args, rules = arguments(node), node.primitive.rules
    try:
        if not isinstance(node.primitive, Operation):
            again.record(node.primitive, (), {})
        values = [_Gone(arg, again.message) if isinstance(arg, Node) else arg for arg in args]
        for position, arg in enumerate(args):
            if isinstance(arg, Node) and arg.tracked and rules[position] is not None:
                rules[position](g, again, *values, **node.kwargs)
    except Exception:  # whatever a rule does with what has no numbers
        raise RuntimeError(again.message) from None


class _Gone(Operators[Any]):
    """Stands in a derivative rule for a value that is no longer there: it has a shape, but no numbers."""

    __slots__ = ("dtype", "message", "ndim", "shape")

    tracked = False  # nothing depends on it any more

    def __init__(self, value: Node, message: str) -> None:
        self.shape, self.ndim, self.dtype = value.array.shape, value.array.ndim, value.array.dtype
        self.message = message

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Any) -> Any:
        raise RuntimeError(self.message)
