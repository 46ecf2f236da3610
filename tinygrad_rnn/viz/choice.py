"""Choice: which view shows a graph of this size in one readable picture, and the words that say it is a coarser one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..engine.folding import history
from ..engine.graph import Node as Value
from ..explain.excerpt import excerpt_of
from ..explain.places import Places
from ..explain.states import states
from ..surface.tensor import Tensor
from .boxes import count_at
from .collecting import scene_of
from .depth import MANY, MOST, blocks_of

#: What fits into one picture in full detail: time steps; operations without steps; values of any kind.
MOST_STEPS = 8
MOST_OPERATIONS = 150
MOST_NODES = 5000
#: So many operations are closed to two levels of scopes, more to one; and so many cards are too many for ``dot``.
MOST_CLOSED = 600
MOST_CARDS = 400
#: ``steps=(a, b)`` shows up to this many.
WINDOW = 24


@dataclass(frozen=True)
class Choice:
    """A view, the depth to which scopes are open in it, and a sentence if it is coarser than all there is."""

    view: str
    depth: int | None = None
    note: str = ""


def choose(loss: Tensor) -> Choice:
    """The view for the graph of ``loss``: all of it if that can be read, else the next coarser one.

    Raises:
        ValueError: no view makes it small enough.
    """
    excerpt = excerpt_of(loss)
    places = excerpt.places
    operations, steps = _counted(excerpt.values, places)
    where = f"in {steps:,} time steps" if steps else "and no time steps"
    many = f"{operations:,} operations {where} are too many to be drawn one by one"
    if steps:
        if steps <= MOST_STEPS and len(excerpt.values) <= MOST_NODES:
            return Choice("full")
        if states(excerpt):
            last = max(places[node].time or 0 for node in excerpt.values)
            some = f"steps=({max(1, last + 1 - MOST_STEPS)}, {last})"
            return Choice("cells", note=f"{many}; some: {some}, all: view='full', force=True")
    elif MANY <= operations <= MOST and (times := blocks_of(scene_of(loss))):
        every = "" if operations <= MOST_OPERATIONS else ", force=True"
        return Choice("rolled", note=f"{times} equal blocks are drawn as one; all: view='full'{every}")
    elif operations <= MOST_OPERATIONS:
        return Choice("full")
    paths = [places[node].path for node in excerpt.values if node.primitive is not None]
    for depth in (2, 1) if operations <= MOST_CLOSED else (1,):
        if count_at(paths, depth) <= min(MOST_CARDS, operations - 1):
            return Choice("modules", depth, f"{many}; some: depth= and open=, all: view='full', force=True")
    raise ValueError(
        f"{many} (up to {MOST_OPERATIONS}), and there are no scopes to fold them into. Draw a "
        f"smaller part, name its parts with `with scope(name):` or its time steps with `with step(t):`, or pass "
        f"view='full', force=True"
    )


def refuse_too_large(loss: Tensor, view: str) -> None:
    """Raise ValueError for a graph that this view, with a card for every value, would not show readably."""
    nodes = history(loss)
    operations, steps = _counted(nodes, Places(nodes))
    if steps and (steps > MOST_STEPS or len(nodes) > MOST_NODES):
        raise ValueError(
            f"this graph has {operations:,} operations in {steps:,} time steps; the {view} view shows up to "
            f"{MOST_STEPS} steps and {MOST_NODES:,} values. view='cells' shows all steps, steps=(a, b) some of them in "
            f"detail, force=True everything"
        )
    if not steps and operations > MOST_OPERATIONS:
        raise ValueError(
            f"this graph has {operations:,} operations and no time steps; the {view} view shows up to "
            f"{MOST_OPERATIONS} operations without steps. view='modules' folds scopes into boxes, force=True draws all"
        )


def is_large(loss: Tensor) -> bool:
    """Whether the graph of ``loss`` has more values than a picture keeps."""
    return len(history(loss, folded=True)) > MOST_NODES or len(history(loss)) > MOST_NODES


def _counted(nodes: Iterable[Value], places: Places) -> tuple[int, int]:
    """How many operations and how many time steps there are."""
    times = [places[node].time for node in nodes if node.primitive is not None]
    return len(times), len(set(times) - {None})
