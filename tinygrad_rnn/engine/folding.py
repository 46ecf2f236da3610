"""Folds: several operations recorded as one, which unfolds into them as soon as somebody reads the graph."""

from __future__ import annotations

import threading
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from .describing import describe
from .graph import ROOM, Node, arguments, clock
from .primitive import Jointly, Primitive
from .scope import current_place, here
from .versions import was_changed

#: ``forward(*arrays)`` returns the result and what ``backward(g, y, *arrays, kept)`` needs besides.
Forward = Callable[..., tuple[Any, Any]]
Backward = Callable[..., tuple[Any, ...]]

_unfolding = threading.RLock()


class Fold(Primitive):
    """A formula recorded as one operation: one array function computes it, one is the rule of all its arguments.

    Args:
        name: that of the operation that makes the result, the last one of the formula.
        formula: the operations, fewer than ``graph.ROOM``, as a function of tensors.
        forward: computes the same from arrays, and says what to keep for ``backward``.
        backward: computes what the rules of the operations would add to each argument, in new arrays. It uses the
            arguments by operators only (``g * c``), so that one that was changed in place since can refuse.

    A plain backward pass is all that ever sees a fold. Whoever looks into the graph, as pictures, ledgers and second
    derivatives do, calls ``unfold`` first, which puts the formula in its place; while anomalies are looked for the
    formula is recorded to begin with.
    """

    formula: Callable[..., Any]

    def __init__(self, name: str, formula: Callable[..., Any], forward: Forward, backward: Backward) -> None:
        super().__init__(name, forward, Jointly(backward))
        self.formula = formula

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.formula(*args) if here.watch is not None else super().__call__(*args)


def folded(name: str, forward: Forward, backward: Backward) -> Callable[[Callable[..., Any]], Fold]:
    """Decorates a formula that is to be recorded as a `Fold`."""
    return lambda formula: Fold(name, formula, forward, backward)


def history(*roots: Node, folded: bool = False) -> list[Node]:
    """Every node the roots were made from, the roots included, oldest first; ``folded`` leaves folds as they are."""
    seen = {root.birth: root for root in roots}
    waiting = list(seen.values())
    while waiting:
        node = waiting.pop()
        if not folded:
            unfold(node)
        for arg in arguments(node):
            if isinstance(arg, Node) and arg.birth not in seen:
                seen[arg.birth] = arg
                waiting.append(arg)
    return sorted(seen.values(), key=attrgetter("birth"))


def sources(node: Node) -> list[Node]:
    """The values that a value was made from."""
    return [arg for arg in arguments(node) if isinstance(arg, Node)]


def unfold(node: Node) -> None:
    """If ``node`` was recorded as a `Fold`, let it be made by the operations of the formula instead.

    Its value, name and birth stay. The values in between are computed now, and are born just before it.

    Raises:
        RuntimeError: if an argument was changed in place since.
    """
    if node.primitive is None or node.primitive.formula is None:
        return
    with _unfolding:
        _unfold(node)


def _unfold(node: Node) -> None:
    if node.primitive.formula is None:  # by another thread, meanwhile
        return
    args, start = arguments(node), clock.tick()
    for arg in args:
        if isinstance(arg, Node) and was_changed(arg, node.birth):
            raise RuntimeError(
                f"the values from which {describe(node)} was computed are computed again when they are asked for, and "
                f"one of them was changed in place since: {describe(arg)}. Look at the graph before changing it, or "
                "compute a new tensor instead (x = x + 1 rather than x += 1)"
            )
    before, place = (here.recording, here.watch), current_place.set(node.place)
    here.recording, here.watch = True, None
    try:
        made = node.primitive.formula(*args)
    finally:
        here.recording, here.watch = before
        current_place.reset(place)
    between: dict[int, Node] = {}
    waiting = [made]
    while waiting:
        new = {arg.birth: arg for arg in waiting.pop().args if isinstance(arg, Node) and arg.birth > start}
        waiting += new.values()
        between |= new
    assert len(between) < ROOM
    for number, birth in enumerate(sorted(between), start=node.birth - len(between)):
        between[birth].birth, between[birth].used = number, node.used
    # The primitive last, for it says to other threads that the rest is there.
    node.args, node.kwargs, node.primitive = made.args, made.kwargs, made.primitive
