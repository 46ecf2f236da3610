"""Sheets: an order for a picture becomes the DOT text of one view, with its title and what it says below."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple

from ..engine.folding import unfolding
from ..explain.naming import clean
from ..interop.following.doors import RESULTS
from ..surface.tensor import Tensor
from .cells import cells_dot, scale_around
from .chain import chain_of
from .chain_picture import chain_dot, chain_scale
from .collecting import scene_of
from .dot import grid_dot, scale_of
from .layered import is_compact, layered_dot
from .modules import boxes_of, depth_for, modules_dot, opened
from .numbers import Array, number, size
from .rolled import rolled_dot, rolled_of
from .scene import Scene, grouped
from .style import Scale, Setting, Show, Theme
from .tracks import Parameter, tracks_of

#: Labels are cut at so many characters; there is never room for more.
LABEL = 80
#: What the cards show, in words.
_SHOWN = {"both": "a value and dL/d(value)", "values": "a value", "gradients": "dL/d(value)"}


@dataclass
class Order:
    """What ``draw()`` was asked for."""

    loss: Tensor
    theme: Theme
    title: str | None = None
    subtitle: str | None = None
    note: str = ""  #: what the picture has to say about itself
    labels: Mapping[int, str] | Sequence[str] | None = None
    steps: tuple[int, int] | None = None
    state: str | Sequence[str] | None = None
    parameter: Parameter | None = None
    scale: Scale | None = None
    show: Show = "both"
    depth: int | None = None
    open: str | Collection[str] = ()
    run: bool = False  #: whether draw() ran a model to get the loss
    direction: str = ""

    @cached_property
    def scene(self) -> Scene:
        """What there is to draw, collected when a view first asks for it."""
        return scene_of(self.loss, self.steps)

    def slower(self, depth: int) -> Callable[[], Sheet]:
        """Makes boxes closed to this depth, for when a program takes too long for more."""
        words = f"graphviz took too long for more detail: boxes are closed to depth {depth}"
        return partial(modules_sheet, replace(self, note=words, open=(), depth=depth))

    def words(self, steps: Iterable[int]) -> dict[int, str]:
        """The labels by step number."""
        given = self.labels or {}
        pairs = given.items() if isinstance(given, Mapping) else zip(dict.fromkeys(steps), given, strict=False)
        return {step: str(words)[:LABEL] for step, words in pairs}

    def setting(self, title: str, subtitle: str, scale: Callable[[], Scale], steps: Iterable[int] = ()) -> Setting:
        """How it is drawn: as was asked for, else with these words and this scale."""
        title = title if self.title is None else self.title
        subtitle = subtitle if self.subtitle is None else self.subtitle
        labels = self.words(steps)
        return Setting(self.theme, self.scale or scale(), title, subtitle, self.note, labels, self.show, self.direction)


class Sheet(NamedTuple):
    """One view, written down."""

    dot: str
    placed: bool  #: whether the text says where everything is; else graphviz's ``dot`` lays it out
    setting: Setting
    what: str  #: what it shows, in a few words
    coarser: Callable[[], Sheet] | None = None  #: makes the next coarser view, when a program takes too long for this


def full_sheet(order: Order) -> Sheet:
    """Every operation as a card: in columns of time, or by ``dot`` if there is no time."""
    scene = order.scene
    steps = len(set(scene.frames))
    if scene.window is None:
        heading = f"Backpropagation through time, T = {steps}" if steps else "The graph and its gradients"
        about = f"{_counts(scene)}; every card shows {_SHOWN[order.show]}"
    else:
        heading = f"Backpropagation through time, t = {scene.window[0]} to {scene.window[1]}"
        about = "gradients are those of the whole sequence; the line back to a weight sums the steps shown"
    if is_compact(scene) and order.show == "both":
        about = "on every card a value and its gradient, on every arrow back what the gradient is multiplied by"
    setting = order.setting(heading, f"{_loss(order)}; {about}", partial(scale_of, scene), scene.frames)
    text = (grid_dot if steps else layered_dot)(scene, setting)
    many = [_many(steps, "time step")] * bool(steps) + [_many(scene.operations, "operation")]
    foldable = not steps and any(node.place for node in scene.nodes)
    coarser = order.slower(depth_for(scene)) if foldable else None
    return Sheet(text, bool(steps), setting, _name(scene) + ", ".join(many), coarser)


def chain_sheet(order: Order) -> Sheet:
    """The backward pass with its local derivatives."""
    scene = order.scene
    chain = chain_of(scene)
    heading = "The chain rule, from the loss back to every time step" if scene.frames else "The chain rule"
    about = (
        f"{_loss(order)}; start at the loss and follow the arrows: each multiplies the gradient by what stands "
        "on it, where arrows meet they add up"
    )
    setting = order.setting(heading, about, partial(chain_scale, chain), scene.frames)
    what = f"{_name(scene)}the chain rule, {_many(len(chain.links), 'local derivative')}"
    return Sheet(chain_dot(chain, setting), bool(scene.frames), setting, what)


def modules_sheet(order: Order) -> Sheet:
    """Nested boxes by scope."""
    scene, depth = order.scene, order.depth
    boxes = boxes_of(scene, depth, opened(scene, order.open) if order.open else ())
    closed = f"{_many(len(boxes.boxes), 'closed box', 'es')}, " if boxes.boxes else ""
    closed += _many(len(boxes.cards), "card")
    about = f"{_loss(order)}; {_counts(scene)}; {closed}"
    setting = order.setting("The model and its gradients", about, partial(scale_of, scene))
    less = (depth_for(scene) if depth is None else depth) - 1
    text = modules_dot(scene, boxes, setting)
    return Sheet(text, False, setting, _name(scene) + closed, order.slower(less) if less else None)


def rolled_sheet(order: Order) -> Sheet:
    """One step with its loop."""
    scene = order.scene
    loop = rolled_of(scene)
    verdicts = _several([f"{flow.name} {_becomes(flow.sentence)}" for flow in loop.flows.values()], 3, ", ")
    verdicts = verdicts.replace(" a step", f" a {loop.called}")
    turns = [len({*steps}) for steps in loop.steps.values()] if scene.frames else [max(loop.steps[0])]
    what = ("loop: one step" if len(turns) == 1 else "loops: one step of each") if scene.frames else "layers: one block"
    often = " and ".join(f"{each:,}" for each in turns)
    heading = f"The {what}, {often} time{'s' * (turns != [1])}"
    kind = scene.alike.get(scene.loss)
    last = (value.node.name for value in loop.values if scene.alike.get(value.node.id, -1) == kind)  # made in the loop
    about = "".join([_loss(order), *(f", the last {name}" for name in last)])
    about += f"; what is carried back by {verdicts}" if verdicts else ""
    setting = order.setting(heading, about, partial(scale_of, scene))
    return Sheet(rolled_dot(loop, setting), False, setting, f"{_name(scene)}one {loop.called} of {often}")


def cells_sheet(order: Order) -> Sheet:
    """One cell for every time step."""
    loss = order.loss
    with unfolding:  # states and shared weights lie outside of folds
        tracks = tracks_of(loss, order.state, order.parameter)
    called = clean(loss.name or "") or "L"
    first = tracks[0]
    steps = sorted({point.step for track in tracks for point in track.points})
    # The gradient goes from the last computed step to the first, which is t = T for those that run backwards.
    # Where the loss reads every step, the bars show more than what is judged.
    judged = "what is carried of " if any(track.flow.enters is not None for track in tracks) else ""
    way = f"going back from t = {first.flow.times[-1]} to t = {first.flow.times[0]} {judged}the gradient of {called}"
    verdict = f"{way} with respect to {first.name} {_becomes(first.flow.told)}"
    if len(tracks) > 1:
        verdicts = _several([f"{track.name} {_becomes(track.flow.verdict)}" for track in tracks], 4, "; ")
        verdict = f"{judged}{called}'s gradient on its way back through the steps: {verdicts}"
    for start, cut in grouped((track.flow.times[0], track.name) for track in tracks if track.cut).items():
        verdict += f"; {' and '.join(cut)} {'is' if len(cut) == 1 else 'are'} detached before t = {start:,}"
    verdict += ": no gradient goes there" * any(track.cut for track in tracks)
    span = f"T = {len(steps):,}" if steps[0] < 2 else f"t = {steps[0]:,} to {steps[-1]:,}"
    heading = f"The gradient at every time step, {span}"
    setting = order.setting(heading, verdict, partial(scale_around, tracks), steps)
    text = cells_dot(tracks, called, _amount(loss.array), setting)
    return Sheet(text, True, setting, f"{called}: {_many(len(steps), 'time step')}, one cell each")


def _several(words: Sequence[str], most: int, between: str) -> str:
    """The first ``most`` of them, or all if that leaves out one alone, and how many more there are."""
    shown = words[:most] if len(words) > most + 1 else words
    return between.join(shown) + f" and {len(words) - len(shown)} more" * (len(shown) < len(words))


#: The views by name; each makes its sheet of an order, and "auto" chooses one of them.
VIEWS: Mapping[str, Callable[[Order], Sheet]] = {
    "full": full_sheet,
    "cells": cells_sheet,
    "chain": chain_sheet,
    "modules": modules_sheet,
    "rolled": rolled_sheet,
}


def _becomes(words: str) -> str:
    """What becomes of a gradient, with a verb."""
    return f"is {words}" if words.startswith(("broken", "exactly")) else words


def _name(scene: Scene) -> str:
    return f"{scene.nodes[scene.loss].name}: "


def _loss(order: Order) -> str:
    """The loss and its value; what is broken comes first, with what it was made from."""
    scene = order.scene
    loss = scene.nodes[scene.loss]
    name, amount = loss.name, _amount(loss.value)
    if order.run and name == RESULTS:
        words = f"the sum of all numbers of the model's several results ({amount})"
    elif order.run:
        words = f"the model's output {name} ({amount}); gradients of the sum of its numbers"
    else:
        words = f"loss {name} = {amount}" if scene.scalar else f"gradients of the sum of {name} ({amount})"
    return f"{scene.broken.words}; {words}" if scene.broken else words


def _amount(array: Array) -> str:
    """A single number, or the size of several."""
    return number(array.item()) if array.size == 1 else f"size {number(size(array))}"


def _counts(scene: Scene) -> str:
    return f"{_many(scene.operations, 'operation')}, {_many(scene.parameters, 'parameter')}"


def _many(count: int, noun: str, plural: str = "s") -> str:
    return f"{count:,} {noun}{'' if count == 1 else plural}"
