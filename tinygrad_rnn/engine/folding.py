"""Folds: several operations recorded as one, which unfolds into them as soon as somebody reads the graph."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import attrgetter
from typing import Any
from weakref import finalize

from .describing import describe
from .graph import ROOM, Node, arguments, clock
from .modes import following
from .primitive import Jointly, Primitive
from .scope import Place, current_place, here
from .versions import past, was_changed

#: The operations, as a function of tensors.
Formula = Callable[..., Any]
#: ``forward(*arrays)`` returns the result and what ``backward(g, y, *arrays, kept)`` needs besides.
Forward = Callable[..., tuple[Any, Any]]
Backward = Callable[..., tuple[Any, ...]]

#: Held while a graph is unfolded, and by those who look twice at one that is to stay folded meanwhile.
unfolding = threading.RLock()


class Fold(Primitive):
    """A formula recorded as one operation: one array function computes it, one is the rule of all its arguments.

    Args:
        name: that of the operation that makes the result, the last one of the formula.
        formula: the operations, fewer than ``graph.ROOM``, as a function of tensors.
        forward: computes the same from arrays, and says what to keep for ``backward``.
        backward: computes what the rules of the operations would add to each argument, in new arrays. It uses the
            arguments by operators only (``g * c``), so that one that was changed in place since can refuse.

    A plain backward pass is all that ever sees a fold. Whoever looks into the graph, as pictures, ledgers and second
    derivatives do, calls ``unfold`` first, which puts the formula in its place; while anomalies are looked for, or what
    is computed is followed to become a program, the formula is recorded to begin with.
    """

    formula: Formula

    def __init__(self, name: str, formula: Formula, forward: Forward, backward: Backward) -> None:
        super().__init__(name, forward, Jointly(backward))
        self.formula = formula

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        looked_at = here.watch is not None or following.told is not None
        return self.formula(*args) if looked_at else super().__call__(*args)


@contextmanager
def recorded(place: Place, watch: Any = None) -> Iterator[None]:
    """What is computed inside is recorded, as being computed there; nothing is folded if somebody is to ``watch``."""
    before, token = (here.recording, here.watch), current_place.set(place)
    here.recording, here.watch = True, watch
    try:
        yield
    finally:
        here.recording, here.watch = before
        current_place.reset(token)


def history(*roots: Node, folded: bool = False, closed: bool | Callable[[Node], bool] = False) -> list[Node]:
    """Every node the roots were made from, the roots included, oldest first.

    ``folded`` leaves folds as they are, ``closed`` also what has several results, or what it says.
    """
    seen = {root.birth: root for root in roots}
    waiting = list(seen.values())
    with unfolding:  # as a whole: half unfolded, the steps of a loop are not alike
        while waiting:
            node = waiting.pop()
            stays = closed if isinstance(closed, bool) else closed(node)
            if not (stays or (folded and node.primitive is not PART)):
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
    with unfolding:
        _unfold(node)


def _unfold(node: Node) -> None:
    if node.primitive.formula is None:  # by another thread, meanwhile
        return
    if node.primitive is PART:
        core: Any = node.args[0]
        call: Call = core.kwargs["call"]
        made = call.opened(core)[node.kwargs["position"]]
        closed = Node()._start(node.array, True, None, PART, node.args, node.kwargs)
        closed.birth = node.birth
        node.name, node._code, node._instruction = node.name or made.name, made._code, made._instruction
        kwargs: Any = Opened(made.kwargs, closed)
    else:
        made, _ = _recorded_again(node, node.primitive.formula, arguments(node), 1)
        kwargs = made.kwargs
    # The primitive last, for it says to other threads that the rest is there.
    node.args, node.kwargs, node.primitive = made.args, kwargs, made.primitive


def _recorded_again(node: Node, formula: Formula, args: Sequence[Any], apart: int) -> tuple[Any, list[Node]]:
    """What a formula makes of ``args``, and what on the way, born just before ``node`` and so far ``apart``."""
    given, instead = list[Any](), dict[int, Node]()
    for arg in args:
        if isinstance(arg, Node) and was_changed(arg, node.birth):
            if kept := past(arg, node.birth):
                given.append(args[0].fresh(kept.array, True))
                instead[id(given[-1])] = arg
                continue
            raise RuntimeError(
                f"the values from which {describe(node)} was computed are computed again when they are asked for, and "
                f"one of them was changed in place since: {describe(arg)}. Look at the graph before changing it, or "
                "compute a new tensor instead (x = x + 1 rather than x += 1)"
            )
        given.append(arg)
    start = clock.tick()
    with recorded(node.place):
        made = formula(*given)
    between: dict[int, Node] = {}
    waiting = list(made) if isinstance(made, tuple) else [made]
    results = {each.birth for each in waiting}
    while waiting:
        new = {arg.birth: arg for arg in waiting.pop().args if isinstance(arg, Node) and arg.birth > start}
        waiting += [each for birth, each in new.items() if birth not in between]
        between |= new
    for each in (*between.values(), *(made if isinstance(made, tuple) else [made])) if instead else ():
        each.args = tuple(instead.get(id(arg), arg) for arg in each.args)
    inner = [between[birth] for birth in sorted(between) if birth not in results]
    assert apart > 1 or len(inner) < ROOM
    for number, each in enumerate(reversed(inner), start=1):
        each.birth, each.used = node.birth - number * apart, node.used
    return made, inner


# Several results


class Shares:
    """dL/d(result) for some results of an operation, by position: the gradient of what stands for all of them."""

    __slots__ = ("dtype", "of", "shape")

    def __init__(self, core: Any, of: dict[int, Any]) -> None:
        self.shape, self.dtype, self.of = core.shape, core.dtype, of

    def __add__(self, other: Shares) -> Shares:
        both = {k: self.of[k] + other.of[k] for k in self.of.keys() & other.of.keys()}
        return Shares(self, {**self.of, **other.of, **both})


class Call:
    """One application of a formula with several results, recorded as one operation.

    Args:
        formula: the operations, as a function of tensors that returns a tuple.
        back: from {position: dL/d(result)} and the arguments what each argument receives.
        operations: for how many of them there shall be room in the order of births.
    """

    def __init__(self, formula: Formula, back: Callable[..., Sequence[Any]], operations: int) -> None:
        self._formula, self.back, self.operations = formula, back, operations
        self._made: tuple[Node, ...] | None = None
        self._inner: list[Node] = []
        self.short: Callable[[], Any] | None = None  # few steps on other tensors, as (arguments, results)

    def results(self, arrays: Sequence[Any], args: tuple[Any, ...]) -> list[Any]:
        """The results with these values as tensors, of which the first is born last."""
        fresh = args[0].fresh
        deque(islice(clock.births, self.operations), 0)  # room for them
        core = fresh(arrays[0])._start(arrays[0], True, None, CORE, args, {"call": self})
        order = [*range(1, len(arrays)), 0]
        made = [fresh(arrays[k])._start(arrays[k], True, None, PART, (core,), {"position": k}) for k in order]
        return [made[-1], *made[:-1]]

    def opened(self, core: Node) -> tuple[Node, ...]:
        """The results as the formula makes them."""
        if self._made is None:
            self._made, self._inner = _recorded_again(core, self._formula, arguments(core), ROOM)
            open_calls.add(id(self))
            finalize(self, open_calls.discard, id(self))
        return self._made

    def anew(self) -> Call:
        """The same on other arguments, which nobody has looked into."""
        return Call(self._formula, self.back, self.operations)

    def is_touched(self) -> bool:
        """Whether the way back through what was opened does more than to pass on gradients."""
        return any(each.hooks or each.retains_grad for each in self._inner)


CORE = Primitive("core", lambda *_: None, Jointly(lambda g, y, *args, call: call.back(g.of, *args)))
PART = Primitive("stack", lambda *_: None, lambda g, y, core, position: Shares(core, {position: g}))
PART.formula = history
#: The ids of those that somebody has looked into; the walk asks at every value whether there are any.
open_calls: set[int] = set()


class Opened(dict[str, Any]):
    """The keywords of a result that was opened, and the result as it was ``closed``."""

    def __init__(self, kwargs: Mapping[str, Any], closed: Node) -> None:
        super().__init__(kwargs)
        self.closed = closed


def way(node: Node) -> Node:
    """Through what a plain backward pass goes on from ``node``: as it was recorded, so that looking changes no bit."""
    kwargs = node.kwargs
    part = kwargs.closed if type(kwargs) is Opened and kwargs.closed.birth == node.birth else node
    if part.primitive is PART and part.args[0].kwargs["call"].is_touched():
        unfold(node)
        return node
    return part
