"""The graph: values that remember how they were made, and the walk over what they remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from operator import attrgetter
from typing import Any

from .primitive import Traced
from .scope import Place, here

#: Shared by all nodes whose operation took no keywords.
NO_KWARGS: Mapping[str, Any] = {}

#: How far births are apart: a `Fold` unfolds into fewer operations than this.
ROOM = 32


class Clock:
    """Counts births and in-place changes: one sequence for the whole process, so that any two can be ordered."""

    __slots__ = ("last_change", "tick")

    def __init__(self) -> None:
        self.tick: Callable[[], int] = count(ROOM, ROOM).__next__
        self.last_change = 0


clock = Clock()


class Memory:
    """What tensors that share memory but no history have in common: when it was last written in place.

    They must not know each other: a state cut off from the chunk before would keep that whole chunk alive.
    """

    __slots__ = ("last_change",)

    def __init__(self, last_change: int) -> None:
        self.last_change = last_change


class Node(Traced):
    """An array and how it was made.

    Attributes:
        array: the value, a numpy array.
        tracked: whether gradients flow to it; PyTorch's ``requires_grad``, which checks what it is given.
        primitive: the operation that made it; None for a leaf.
        args: what the operation was applied to: nodes, arrays, numbers. ``arguments(node)`` reads them safely.
        kwargs: the operation's keywords.
        birth: its number in the order of creation. An operation's result is always born after its arguments, so
            the order of births is a topological order and no walk needs recursion. Births are ``ROOM`` apart: between
            two of them there is room for what a `Fold` unfolds into.
        place: the part of the model and the time step it was computed in.
        name: what to call it in pictures.
        changed: when its memory was last written in place; 0 for never. A ``Memory`` that says so once tensors without
            its history share the memory.
        owner: the older node whose memory it shares, if it is a view.
        earlier: what it was before its last recorded in-place change.
        hooks: functions its gradient passes through in the backward pass.
        retains_grad: whether a backward pass leaves its gradient although it is not a leaf.
        used: whether a backward pass has consumed this part of the graph.
        line: the user's line that made it, if it was recorded while anomalies are looked for.
    """

    __slots__ = (
        "__weakref__",
        "args",
        "array",
        "birth",
        "changed",
        "earlier",
        "hooks",
        "kwargs",
        "line",
        "name",
        "owner",
        "place",
        "primitive",
        "retains_grad",
        "tracked",
        "used",
    )

    array: Any
    tracked: bool
    primitive: Any  # Primitive | None: declared so, mypy would take it for a method, since primitives can be bound
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    birth: int
    place: Place
    name: str | None
    changed: int | Memory
    owner: Node | None
    earlier: Node | None
    used: bool
    line: Any
    retains_grad: bool
    hooks: dict[int, Callable[[Any], Any]] | None

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to it."""
        return self.tracked

    @property
    def memory(self) -> Node:
        """The node that stands for the memory of this one: itself, or the one it is a view of."""
        return self if self.owner is None else self.owner


def arguments(node: Node) -> tuple[Any, ...]:
    """What ``node`` was made from, as it was then.

    A recorded in-place change gives a tensor a new birth and keeps what it was in ``earlier``: an argument born
    after the value that used it was changed since, and its earlier self is the one that was used.
    """
    birth = node.birth
    for arg in node.args:
        if isinstance(arg, Node) and arg.birth > birth:
            return tuple(_as_of(arg, birth) if isinstance(arg, Node) else arg for arg in node.args)
    return node.args


def _as_of(node: Node, birth: int) -> Node:
    while node.birth > birth and node.earlier is not None:
        node = node.earlier
    return node


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


def unfold(node: Node) -> None:
    """If ``node`` was recorded as a `Fold`, let it be made by the operations of the formula instead.

    Its value, name and birth stay. The values in between are computed now, and are born just before it.

    Raises:
        RuntimeError: if an argument was changed in place since.
    """
    if node.primitive is None or node.primitive.formula is None:
        return
    args, start = arguments(node), clock.tick()
    for arg in args:
        if isinstance(arg, Node) and was_changed(arg, node.birth):
            raise RuntimeError(
                f"the values from which {describe(node)} was computed are computed again when they are asked for, and "
                f"one of them was changed in place since: {describe(arg)}. Look at the graph before changing it, or "
                "compute a new tensor instead (x = x + 1 rather than x += 1)"
            )
    before = here.place, here.recording, here.watch
    here.place, here.recording, here.watch = node.place, True, None
    try:
        made = node.primitive.formula(*args)
    finally:
        here.place, here.recording, here.watch = before
    between: dict[int, Node] = {}
    waiting = [made]
    while waiting:
        new = {arg.birth: arg for arg in waiting.pop().args if isinstance(arg, Node) and arg.birth > start}
        waiting += new.values()
        between |= new
    assert len(between) < ROOM
    for number, birth in enumerate(sorted(between), start=node.birth - len(between)):
        between[birth].birth, between[birth].used = number, node.used
    node.primitive, node.args, node.kwargs = made.primitive, made.args, made.kwargs


def outdated(arg: Node, birth: int) -> bool:
    """Whether ``arg`` is a view taken before a recorded in-place change of what it shows, and used after it.

    Its value is then the new one, but its history that of the old. What was made at ``birth`` may itself be the change
    (x[0] = view): only changes before it count.
    """
    return arg.owner is not None and _as_of(arg.owner, birth - 1).birth > arg.birth


def was_changed(arg: Node, birth: int) -> bool:
    """Whether the memory of ``arg`` was written in place after ``birth``."""
    return last_change(arg.memory) > birth


def last_change(node: Node) -> int:
    """When ``node`` was last written in place; 0 for never."""
    return node.changed if isinstance(node.changed, int) else node.changed.last_change


def describe(node: Node) -> str:
    """One line that says what a node is and where it came from: ``h: float32[8,16] = tanh(...) in rnn/t=3``."""
    kind = f"{node.array.dtype}[{','.join(map(str, node.array.shape))}]"
    label = f"{node.name}: {kind}" if node.name else kind
    made = f" = {node.primitive.name}(...)" if node.primitive is not None else ""
    where = f" in {node.place}" if node.place.parent is not None else ""
    return label + made + where
