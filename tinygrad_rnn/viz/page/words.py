"""What a page needs of a picture: words, the rule of every edge and the model as a formula, and what is drawn."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...engine.formula import Symbol, rules_applied
from ...engine.graph import arguments
from ..numbers import Array
from ..scene import BADGES, REST, Node, Scene, base

#: A page shows up to this many steps at once: more would keep a browser busy for seconds.
MOST_STEPS = 200
#: Longer formulas are written with the names of their intermediate results, or not at all.
LONGEST = 84


def rules_of(scene: Scene) -> Mapping[tuple[int, int], str]:
    """What an edge adds to the gradient of its source, "dL/dh3 * (1 - h3 * h3)", by target and position."""
    uses: dict[int, dict[int, Array]] = defaultdict(dict)
    for edge in scene.edges:
        if edge.share is not None and scene.nodes[edge.target].symbol != REST:
            uses[edge.target][edge.position] = edge.share
    return {
        (target, position): summed(simpler(rule.text), rule.array.shape, share.shape)
        for target, shares in uses.items()
        for (position, share), rule in zip(shares.items(), _applied(scene, target, list(shares)), strict=True)
        if rule is not None
    }


@dataclass(frozen=True)
class Run:
    """One graph on a page: a page of several lets its reader go from one to the other."""

    scene: Scene
    svg: str  #: graphviz's picture of it, drawn in the theme ``MARKERS`` without title and subtitle
    model: Sequence[str]  #: its formulas, see ``model_of``
    name: str = ""  #: what tells it from the other runs
    subtitle: str = ""  #: what it is, for those who cannot see the picture
    labels: Mapping[int, str] = field(default_factory=dict)  #: a word or two for the steps, by step number


def _applied(scene: Scene, target: int, positions: Sequence[int]) -> list[Symbol | None]:
    value, name = scene.made[target], scene.nodes[target].name
    names = scene.arguments(target)
    try:
        return rules_applied(value, positions, np.ones_like(value.array), name, names, scene.called + name)
    except Exception:
        # A rule a user wrote may call what a symbol does not know (numpy's functions). Then there is no formula for
        # it, and the picture is as good without.
        return [None] if len(positions) == 1 else [each for at in positions for each in _applied(scene, target, [at])]


def summed(text: str, have: tuple[int, ...], want: tuple[int, ...]) -> str:
    """``text`` with the sum that undoes broadcasting from the shape ``want`` to ``have``."""
    if have == want:
        return text
    extra = len(have) - len(want)
    axes = [*range(extra), *(n + extra for n, size in enumerate(want) if size != have[n + extra])]
    keep = "" if extra else ", keepdim=True"
    return f"sum({text}, dim={axes[0] if len(axes) == 1 else tuple(axes)}{keep})"


_X = r"([^(),]+)"
_SHAPE = r"shape=(?:\d+|\([\d, ]*\))"
#: What rules do to shapes is exact but no help to a reader; the right-hand sides say the same in textbook words.
_SIMPLER = [
    (rf"reshape\({_X}, shape=\(1, \d+\)\)\.mT @ reshape\({_X}, shape=\(1, \d+\)\)", r"outer(\1, \2)"),
    (rf"unsqueeze\({_X}, dim=-1\) \* unsqueeze\({_X}, dim=-2\)", r"outer(\1, \2)"),
    (rf"^unsqueeze\({_X}, dim=-1\) \* {_X}$", r"outer(\1, \2)"),
    (rf"squeeze\({_X} @ unsqueeze\({_X}, dim=-1\), dim=-1\)", r"\1 @ \2"),
    (rf"broadcast_to\({_X}, {_SHAPE}\)", r"\1"),
    (rf"reshape\({_X}, {_SHAPE}\)", r"\1"),
    (rf"broadcast_to\({_X}, {_SHAPE}\)", r"\1"),
    (r" / 1$", ""),
    (rf"put\({_X}, index=\(([^()]*)\), {_SHAPE}\)", r"\1 at [\2], 0 elsewhere"),
    (rf"setitem\({_X}, 0, index=\(?([^()]*)\)?\)", r"\1, but 0 at [\2]"),
    (rf"where\(1, {_X}, 0\)", r"\1"),
    (rf"permute\({_X}, dims=\(1, 0\)\)|\.mT\b", r"\1^T"),
]


def simpler(text: str) -> str:
    """A rule's formula without the juggling of shapes: an outer product for two reshaped vectors, and so on."""
    for pattern, instead in _SIMPLER:
        text = re.sub(pattern, instead, text)
    return text


def model_of(scene: Scene) -> list[str]:
    """The recurrence and the loss, "h[t] = tanh(W @ h[t-1])", as far as they are short enough to be read."""
    # A step in the middle shows the usual case; with one step only, its start state is h[t-1].
    frame = len(scene.frames) // 2
    states = [scene.nodes[id] for id in reversed(scene.states[frame])] if scene.states else []
    found = []
    for end in [*states, scene.nodes[scene.loss]]:
        if end.symbol != REST:
            inside = end.id != scene.loss and end.frame is not None
            shown = {node.id: indexed(node, frame, scene) if inside else node.name for node in scene.nodes}
            text = _expanded(end.id, scene, shown)
            found += [] if text is None else [f"{shown[end.id]} = {text}"]
    return found if sum(map(len, found)) <= 2 * LONGEST else found[:1]


def _expanded(id: int, scene: Scene, shown: Mapping[int, str]) -> str | None:
    """The formula of a value with its intermediate results put in; without them if that is too long."""
    for depth in (12, 4, 3, 2, 1, 0):
        try:
            text = simpler(_symbol(id, depth, scene, shown).text)
        except Exception:  # as in _applied
            return None
        if len(text) <= LONGEST:
            return text
    return None


def _symbol(at: int, depth: int, scene: Scene, shown: Mapping[int, str]) -> Any:
    nodes, made, args = scene.nodes, scene.made[at], []
    for position, arg in enumerate(arguments(made)):
        source = scene.sources.get((at, position))
        if source is None:
            args.append(arg)
        elif (
            depth
            and nodes[source].symbol
            and not entry(scene, source)
            and nodes[source].frame == nodes[at].frame
            and not any(source in column for column in scene.states)
            and len(scene.readers[source]) == 1
        ):
            args.append(_symbol(source, depth - 1, scene, shown))
        else:
            args.append(Symbol(shown[source], nodes[source].value))
    return Symbol.record(Symbol("", made.array), made.primitive, tuple(args), made.kwargs)


def entry(scene: Scene, id: int) -> str:
    """What a step reads of a value of all steps, where every step reads another part: "entry t-1 of a"; else ""."""
    node, source = scene.nodes[id], scene.sources.get((id, 0))
    if node.symbol != BADGES["getitem"] or node.frame is None or source is None or node.kind == "loss":
        return ""
    alike = [scene.nodes[edge.target] for edge in scene.readers[source]]
    alike = [other for other in alike if other.frame is not None and other.symbol == node.symbol]
    picked = [(other.step or 0, _whole(scene.made[other.id].kwargs)) for other in alike]
    if scene.nodes[source].frame is not None or len({numbers for _, numbers in picked}) < 2:
        return ""
    places = range(min(len(numbers) for _, numbers in picked))
    forth = ({numbers[n] - step for step, numbers in picked} for n in places)
    back = ({numbers[n] + step for step, numbers in picked} for n in places)
    found = [f"t{one:+d}" if one else "t" for one, *others in forth if not others]
    found += [f"{one}-t" for one, *others in back if not others]
    return f"entry {found[0] if found else '[..]'} of {scene.nodes[source].name}"


def _whole(kwargs: Mapping[str, Any]) -> tuple[int, ...]:
    """The whole numbers of an index."""
    index = kwargs["index"]
    parts = index if isinstance(index, tuple) else (index,)
    return tuple(int(part) for part in parts if isinstance(part, (int, np.integer)))


def indexed(node: Node, frame: int, scene: Scene) -> str:
    """The name of a value seen from the step in column ``frame``: h5 is h[t] there, h4 is h[t-1]."""
    if node.frame is None:
        letter = base(node.name, 0)
        starts = node.kind == "state" and not node.symbol and letter != node.name
        return f"{letter}[{scene.index}{-scene.frames[frame]:+d}]" if starts else node.name
    far = node.frame - frame
    return f"{base(node.name, scene.frames[node.frame])}[{scene.index}{f'{far:+d}' if far else ''}]"
