"""Drawing: the one call that makes every picture, ``draw()``, and which view shows a graph of this size."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal

from ..engine.folding import history
from ..engine.graph import Node as Value
from ..explain.excerpt import excerpt_of
from ..explain.places import Places
from ..explain.states import states
from ..interop.following.doors import note, standing
from ..surface.tensor import Tensor
from .collecting import loss_of, scene_of
from .depth import MANY, MOST, blocks_of
from .modules import count_at
from .page.parts import MARKERS
from .picture import Picture
from .render import Engine, render, size_of
from .scene import Scene
from .sheets import VIEWS as SHEETS
from .sheets import Order, Sheet
from .style import WIDEST, Scale, Show, Theme, refuse_unknown, theme_of
from .tracks import Parameter

#: Steps are read at a glance in a picture that is not higher than so many times what a notebook's cell is wide.
HIGHEST = 2.1
#: A picture that graphviz lays out is up to so many times wider or higher than is thought before.
UNSURE = 3
#: What fits into one picture in full detail: time steps; operations without steps; values of any kind.
MOST_STEPS = 8
MOST_OPERATIONS = 150
MOST_NODES = 5000
#: So many operations are closed to two levels of scopes, more to one; and so many cards are too many for ``dot``.
MOST_CLOSED = 600
MOST_CARDS = 400
#: ``steps=(a, b)`` shows up to this many.
WINDOW = 24


def choose(loss: Tensor) -> tuple[str, int | None, str]:
    """The view for the graph of ``loss``, the depth to which scopes are open in it, and a sentence if it is not all.

    Raises:
        ValueError: no view makes it small enough.
    """
    excerpt = excerpt_of(loss)
    places = excerpt.places
    operations, steps = _counted(excerpt.values, places)
    where = f"in {steps:,} time steps" if steps else "and no time steps"
    what = f"{steps:,} time steps" if steps > MOST_STEPS else f"{operations:,} operations {where}"
    many = f"{what} are too many to be drawn one by one"
    if steps:
        if steps <= MOST_STEPS and len(excerpt.values) <= MOST_NODES:
            return "full", None, ""
        if states(excerpt):
            last = max(places[node].time or 0 for node in excerpt.values)
            some = f"steps=({max(1, last + 1 - MOST_STEPS)}, {last})"
            return "cells", None, f"{many}; some: {some}, all: view='full', force=True"
    elif MANY <= operations <= MOST and (times := blocks_of(scene_of(loss))):
        every = "" if operations <= MOST_OPERATIONS else ", force=True"
        return "rolled", None, f"{times} equal blocks are drawn as one; all: view='full'{every}"
    elif operations <= MOST_OPERATIONS:
        return "full", None, ""
    paths = [places[node].path for node in excerpt.values if node.primitive is not None]
    for depth in (2, 1) if operations <= MOST_CLOSED else (1,):
        if count_at(paths, depth) <= min(MOST_CARDS, operations - 1):
            return "modules", depth, f"{many}; some: depth= and open=, all: view='full', force=True"
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


def _counted(nodes: Iterable[Value], places: Places) -> tuple[int, int]:
    """How many operations and how many time steps there are."""
    times = [places[node].time for node in nodes if node.primitive is not None]
    return len(times), len(set(times) - {None})


#: What can be asked for.
VIEWS = ("auto", *SHEETS)


def draw(
    graph: Tensor | Sequence[Tensor] | Mapping[str, Tensor] | Callable[..., Any] | None = None,
    /,
    *inputs: Any,
    loss: Tensor | Sequence[Tensor] | Mapping[str, Tensor] | Callable[..., Any] | None = None,
    view: str = "auto",
    theme: str | Theme = "light",
    title: str | None = None,
    subtitle: str | None = None,
    labels: Mapping[int, str] | Sequence[str] | None = None,
    steps: tuple[int, int] | None = None,
    show: Show = "both",
    state: str | Sequence[str] | None = None,
    parameter: Parameter | None = None,
    depth: int | None = None,
    open: str | Collection[str] = (),
    direction: Literal["", "right", "down"] = "",
    scale: Scale | None = None,
    engine: Engine = None,
    force: bool = False,
) -> Picture:
    """Draw the graph that a loss was computed by, with its values and gradients.

    Time runs from left to right, in lines that fit a notebook. Works before and after ``loss.backward()`` and touches
    no ``.grad``; after ``optimizer.step()`` it shows the numbers from before it.

    Views:
        "full": every operation as a card with its value and its gradient, one column a time step; inside a step the
            data goes upwards. What all steps share lies on a rail, and the line back along it shows the sum of what
            the steps add to the gradient. Up to 8 steps.
        "cells": one cell a time step: the size of dL/dh_t as colour and bar, what the step adds to the gradient of
            the recurrent weight below it, and a verdict: vanishes, keeps its size, explodes. For 9 to many thousand
            steps; beyond 200 a cell is several, and one is all those before which no gradient arrives any more.
        "chain": the backward pass alone: every arrow carries the local derivative it multiplies with, as formula and
            number; the gradient of every shared weight is written out as the sum of what the steps add. Up to 8 steps.
        "modules": nested boxes, one for every ``scope``; closed ones show what goes in, what comes out, its gradient
            and their parameters. The time steps of a layer are one, with the gradients of its states. For any model.
        "rolled": the loop as a loop: the operations of one step, with an edge back for every state, and on every card
            the size of its gradient at all steps.
        "auto": "full" if it can be read in a notebook's cell, else the next coarser one, which the picture says.

    Args:
        graph: the end of the graph, usually a single number; several of them in a list or a dict, of which the sum of
            all numbers is differentiated; or a model, which is then run on the ``inputs``, and the sum of the numbers
            of its (first) output is differentiated, of a model of PyTorch that of all its results.
        inputs: what to run the model on: ``draw(model, x)``.
        loss: what to differentiate instead, a function of all that the model gives:
            ``draw(model, x, loss=lambda y: criterion(y, target))``. Without a model it is the graph.
        view: see above.
        theme: "light", "dark", or "auto": in SVG whatever the reader's system prefers, else light.
        title: the first line; a plain one is made up.
        subtitle: the line below it.
        labels: a word or two for the steps, by step number or in their order: ``{1: "price 100"}``.
        steps: draw only the time steps from the first to the last of these, at most 24, in full detail; the gradients
            are those of the whole sequence.
        show: "both" values and gradients, or only "values", or only "gradients".
        state: for "cells": the names of the states to show, "h" or ["h", "c"]; all of them unless given.
        parameter: for "cells": the parameter, or its name, of whose gradient the steps' parts are shown.
        depth: for "modules": scopes from this depth on are closed, 1 being the outermost.
        open: for "modules": scopes to open all the same, by their path "rnn/t=3" or its end.
        direction: where graphs without time steps go, "right" or "down"; unless given, where they can be read better.
        scale: a scale of gradients to share with another picture, its ``picture.scale``.
        engine: the program that draws; else ``$TINYGRAD_RNN_DOT``, ``dot`` or ``graphviz-pure``.
        force: draw graphs that are too large to be read, too.

    Raises:
        ValueError: nothing to draw, too much of it, or an unknown view or theme.
        RuntimeError: values were changed in place since the loss was computed, and what they were is not known: after
            a second step, or of a parameter of more than a megabyte.

    >>> w = tg.tensor(2.0, requires_grad=True)
    >>> tg.draw((w * 3 - 1) ** 2, title="A square").save("square.svg").name
    'square.svg'
    """
    refuse_unknown("view", view, VIEWS)
    # Of another name, so that only pages have the marks that a page's script looks for.
    colours = MARKERS._replace(name="auto") if theme == "auto" else theme_of(theme)
    graph, criterion = (loss, None) if graph is None else (graph, loss)
    (given,) = standing(graph)
    loss = loss_of(given, inputs, criterion)
    run = callable(given) and criterion is None
    refuse_unknown("show", show, ("both", "values", "gradients"))
    if direction:
        refuse_unknown("direction", direction, ("right", "down"))
    if depth is not None and depth < 1:
        raise ValueError(f"depth={depth} is not possible; 1 closes the outermost scopes, larger numbers show more")
    if steps is not None:
        steps = _window(steps, force)
        view = "full" if view == "auto" else view
    chosen, closed, why = "full" if view == "auto" else view, depth, ""
    if view == "auto" and not force:
        chosen, closed, why = choose(loss)
    elif view in ("full", "chain") and not force and steps is None:
        refuse_too_large(loss, view)
    words = "; ".join(filter(None, (why, note(loss))))
    order = Order(
        loss, colours, title, subtitle, words, labels, steps, state, parameter, scale, show,
        depth or closed, open, run, direction,
    )  # fmt: skip
    with _as_it_was("draw before optimizer.step(), or compute the loss anew"):
        # Cells of a graph that is too large to keep need no scene; a picture of any other view has one.
        large = len(history(loss, folded=True)) > MOST_NODES or len(history(loss)) > MOST_NODES
        scene = None if chosen == "cells" and large else order.scene
        sheet = SHEETS[chosen](order)
        if view == "auto" and not force and chosen in ("full", "rolled"):
            order.note = note(loss)
            sheet = _readable(order, chosen, sheet, engine)
    labels = order.words(scene.frames) if scene else sheet.setting.labels

    def collect() -> Scene:
        with _as_it_was("a picture of so many values keeps what it shows; save its page before optimizer.step()"):
            return order.scene

    return Picture(sheet, scene, collect, engine, labels)


@contextmanager
def _as_it_was(advice: str) -> Iterator[None]:
    """Put advice before an error that says that values were changed since."""
    try:
        yield
    except RuntimeError as error:
        if "changed in place" not in str(error):
            raise
        raise RuntimeError(f"{advice}: {error}") from error


def _readable(order: Order, chosen: str, sheet: Sheet, engine: Engine) -> Sheet:
    """The ``chosen`` view, or, if it is too large to be read, the first coarser one that is not."""
    (wide, high), readable = _size(sheet, engine)
    if readable:
        return sheet
    what = "full" if chosen == "full" else "one block"
    size = f"in {what} it is {wide:,.0f} points wide and {high:,.0f} high, too much to be read in a notebook"
    order.note = "; ".join(filter(None, (f"{size}: view={chosen!r}", order.note)))
    for view in ("rolled", "modules", "cells"):
        try:
            coarser = SHEETS[view](order)
        except ValueError:  # there are no states to show, or no scopes
            continue
        if view != chosen and _size(coarser, engine)[1]:
            return coarser
    return sheet


def _size(sheet: Sheet, engine: Engine) -> tuple[tuple[float, float], bool]:
    """Width and height of a picture in points, and whether one can read it in a notebook."""
    most, size = (WIDEST, HIGHEST * WIDEST), (sheet.setting.width, sheet.setting.height)
    if not sheet.placed and any(UNSURE * about > side for about, side in zip(size, most, strict=True)):
        with suppress(RuntimeError, TimeoutError):  # nobody to ask, or no answer in time
            size = size_of(render(sheet.dot, "svg", placed=False, engine=engine))
    return size, all(side <= limit for side, limit in zip(size, most, strict=True))


def _window(steps: tuple[int, int], force: bool) -> tuple[int, int]:
    try:
        first, last = map(int, steps)
    except (TypeError, ValueError):
        raise ValueError(f"steps={steps!r} has to be the first and the last step to show, as in steps=(1, 8)") from None
    if not first <= last:
        raise ValueError(f"steps=({first}, {last}) is empty: the first step comes first")
    if last - first >= WINDOW and not force:
        raise ValueError(
            f"steps=({first}, {last}) are {last - first + 1} steps; up to {WINDOW} can be read in full detail. "
            f"view='cells' shows all, force=True draws these"
        )
    return first, last
