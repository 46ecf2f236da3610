"""The loop as a loop: the operations of one time step, once, with an edge back for every state they hand on."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..engine.formula import forward
from ..explain.flow import Flow
from .card import ROW, WIDTH, WORDS, card_of, card_over_time, sizes_of
from .depth import by_depth
from .label import stacked, text_width, worded
from .layered import Layered, within
from .numbers import Array, number, size
from .page.words import entry, indexed
from .scene import Edge, Node, Path, Scene, grouped
from .style import Setting, Theme


@dataclass(eq=False)
class Value:
    """One value of the loop: the node of the step that stands for all, and |dL/d(value)| at every step."""

    node: Node
    sizes: tuple[float | None, ...]
    loop: int  #: the number of the one it is part of, if they follow each other


#: A value, and how many steps before its reader.
Read = tuple[int, int]


@dataclass(eq=False)
class Loop:
    """A rolled up scene."""

    values: Sequence[Value]  #: what every step computes and reads; the names say [t]
    outside: Sequence[Node]  #: what is computed before and after, and the parameters
    edges: Sequence[Edge]  #: by ids, all that go forward
    back: Sequence[tuple[Edge, int]]  #: from a state to what reads it in another step, and so many steps on that is
    entering: Mapping[tuple[int, Read], Edge]  #: from a state of another loop to what starts with it
    flows: Mapping[int, Flow]  #: what becomes of the gradient of every state
    turns: Sequence[Sequence[int]]  #: the states of every loop, in the order in which these are run through
    starts: Mapping[int, int]  #: for what is outside and stands in for a state before the first step, that state
    steps: Mapping[int, Sequence[int]]  #: the numbers of the steps, by the numbers of loops that follow each other
    names: Mapping[int, str]  #: what these are called, see ``Scene.passes``
    #: How much of its gradient comes back to a state from another step, at the step with the most: lines may cancel.
    arrives: Mapping[Read, float]
    index: str = "t"  #: what they count, see ``Scene``
    #: The steps in which a state is read detached.
    cuts: Mapping[Read, Mapping[int, None]] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """What one turn is."""
        return "step" if self.index == "t" else "block"


def rolled_of(scene: Scene) -> Loop:
    """Roll up ``scene``.

    Raises:
        ValueError: it has no time steps.
    """
    deep = scene if scene.frames else by_depth(scene)
    if deep is None:
        raise ValueError(
            "view='rolled' shows a loop over time, and this graph has no time steps (nor three equal blocks "
            "in a row): record them with `with step(t):`"
        )
    scene = deep
    key = scene.alike
    groups = grouped((key[node.id], node) for node in scene.nodes if node.id in key)
    many = Counter(node.frame for node in scene.nodes)
    stands = {name: _usual(several, many) for name, several in groups.items()}
    of = {node.id: stands[key[node.id]].id if node.id in key else node.id for node in scene.nodes}
    edges: dict[tuple[int, int, int], Edge] = {}
    entering: dict[tuple[int, Read], Edge] = {}
    cuts: dict[Read, dict[int, None]] = defaultdict(dict)
    shares: dict[Read, Array] = {}
    instead = _usual_reads(scene, of)
    for edge in scene.edges:
        on = _steps_on(edge, scene)
        rolled = replace(edge, source=of[edge.source], target=of[edge.target])
        if edge.cut and on:
            cuts[rolled.source, on][scene.nodes[edge.target].step or 0] = None
        if (usually := instead(edge)) is not None:
            steps = [{node.frame for node in groups[key[id]]} for id in (edge.source, edge.target)]
            first = scene.nodes[edge.target].frame == min(steps[1], key=lambda frame: frame or 0)
            if usually[1] and (first or steps[0].isdisjoint(steps[1])):
                entering[rolled.source, usually] = rolled
            continue
        if on and edge.share is not None:
            shares[edge.source, on] = shares.get((edge.source, on), 0.0) + edge.share
        before = edges.get((rolled.source, rolled.target, on))
        if before is None or amount_of(rolled) > amount_of(before):
            edges[rolled.source, rolled.target, on] = rolled
    arrives: dict[Read, float] = defaultdict(float)
    for (source, on), share in shares.items():
        arrives[of[source], on] = max(arrives[of[source], on], size(share))
    values, flows = [], {}
    carried = {of[id] for states in scene.states for id in states}
    for name, node in stands.items():
        sizes = sizes_of(groups[name], scene)
        values.append(Value(renamed(node, scene, groups[name]), sizes, scene.segment[node.frame or 0]))
        if node.id in carried:
            flow = scene.flow(values[-1].node.name, (other.id for other in groups[name]))
            if flow is not None:
                flows[node.id] = flow
    loops = grouped((t.loop, of[scene.ids[birth]]) for t in scene.tracks for birth in t.births if birth in scene.ids)
    starts = [node for node in scene.nodes if node.frame is None and node.slot is not None and node.slot in stands]
    outside = {id for edge in scene.edges for id in (edge.source, edge.target) if id not in key}
    apart = [scene.nodes[id] for id in sorted(outside)]
    once = {node.id: f"{node.formula}; {scene.index} = {node.step}" for node in apart if node.step is not None}
    return Loop(
        values,
        [replace(node, formula=once.get(node.id, node.formula)) for node in apart],
        [edge for (*_, on), edge in edges.items() if not on],
        [(edge, on) for (*_, on), edge in edges.items() if on],
        entering,
        dict(sorted(flows.items(), key=lambda item: item[1].name.startswith("c"))),
        [sorted({*states}) for _, states in sorted(loops.items())],
        {node.id: stands[node.slot].id for node in starts},
        grouped(zip(scene.segment, scene.frames, strict=True)),
        dict(zip(scene.segment, scene.passes, strict=True)),
        arrives,
        scene.index,
        cuts,
    )


def _steps_on(edge: Edge, scene: Scene) -> int:
    """By how many steps the reader comes later; against time it is a negative number."""
    before, after = (scene.nodes[id].frame if id in scene.alike else None for id in (edge.source, edge.target))
    return 0 if before is None or after is None else after - before


def _usual_reads(scene: Scene, of: Mapping[int, int]) -> Callable[[Edge], Read | None]:
    """Tells of an edge what all steps but one read instead, if that one step is no example of the others.

    The first one may go on with another loop's last state, and the first addition of a sum has two new numbers to add.
    """
    read: dict[tuple[int, int], Counter[Read]] = defaultdict(Counter)
    latest: dict[tuple[int, int], Read] = {}

    def known(edge: Edge) -> tuple[tuple[int, int], Read]:
        return (of[edge.target], edge.position), (of[edge.source], _steps_on(edge, scene))

    for edge in scene.edges:
        if edge.source in scene.alike and edge.target in scene.alike:
            place, what = known(edge)
            read[place][what] += 1
            latest[place] = what  # of two steps the last

    def instead(edge: Edge) -> Read | None:
        place, what = known(edge)
        return latest[place] if read[place][what] == 1 and latest[place] != what else None

    return instead


def renamed(node: Node, scene: Scene, alike: Sequence[Node]) -> Node:
    """A value in the names that all steps have in common.

    Of numbers that differ, or of values that are others in every step, these are the first and the last, and of values
    that are read in turns all that several steps read.
    """
    formula = node.formula
    if node.symbol:
        names = _names_in(node, scene)
        numbers = zip(*(scene.arguments(each.id, lambda _: "") for each in alike), strict=False)
        read = zip(*(_names_in(each, scene) for each in alike), strict=False)
        for n, (given, called) in enumerate(zip(numbers, read, strict=False)):
            known = Counter(name for name, number in zip(called, given, strict=True) if not number)
            often = [name for name, count in known.items() if count > 1]
            if all(given) and len({*given}) > 1:
                names[n] = f"({given[0]} \u2192 {given[-1]})"
            elif not any(given) and len(often) > 1:
                names[n] = f"({' or '.join(often)})"
            elif not any(given) and len(known) > 1 and not any("[" in name for name in known):  # no step makes them
                names[n] = f"({called[0]} \u2192 {called[-1]})"
            elif known and names[n] not in (often or known):  # a sum begins with a number, other steps with another
                (names[n], _), *_ = known.most_common(1)
        parts, first, last = (
            re.split(r"(\d+)", forward(scene.made[each.id], names)) for each in (node, alike[0], alike[-1])
        )
        if len(parts) == len(first) == len(last):  # an index may be another one in every step
            parts = [a if a == b else f"({a} \u2192 {b})" for a, b in zip(first, last, strict=True)]
        formula = (entry(scene, node.id) or "".join(parts)) + _times(scene, alike)
    return replace(node, name=indexed(node, node.frame or 0, scene), formula=formula)


def _times(scene: Scene, alike: Sequence[Node]) -> str:
    """The steps of a value, if the loop has others before or after them: a sum begins with its second addend."""
    frames = {each.frame or 0 for each in alike}
    loop = scene.turns(alike)
    if frames >= {loop[0], loop[-1]}:
        return ""
    steps = sorted(scene.frames[frame] for frame in frames)
    ends = dict.fromkeys((steps[0], steps[-1]))
    if steps[-1] - steps[0] < len(steps):
        return f"; {scene.index} = {' to '.join(map(str, ends))}"
    told = steps if len(steps) < 4 else [*steps[:2], "..", steps[-1]]
    return f"; {scene.index} = {', '.join(map(str, told))}"


def _names_in(node: Node, scene: Scene) -> list[str]:
    """What is read in the step of ``node``, as it is called there."""

    def called(read: Node) -> str:
        alone = read.frame is None and len(scene.frames) == 1  # there is no step before it
        return read.name if alone else indexed(read, node.frame or 0, scene)

    return scene.arguments(node.id, called)


def amount_of(edge: Edge) -> float:
    """How much flows back, -1 for nothing; of all steps the one with the most stands for the edge."""
    return -1.0 if edge.size is None else edge.size


def _usual(several: Sequence[Node], many: Counter[int | None]) -> Node:
    """The one in the step with the most values; of several the one in the middle, which has steps on both sides.

    The loss, which has its own name, stands for others only if it is alone.
    """
    several = [node for node in several if node.kind != "loss"] or several
    most = max(many[node.frame] for node in several)
    best = [node for node in several if many[node.frame] == most]
    return best[len(best) // 2]


def rolled_dot(loop: Loop, setting: Setting) -> str:
    """The picture of a loop."""
    theme = setting.theme
    writer = Layered(setting)
    # Where they have no names, they differ in what is not seen.
    called = {n: f"every {loop.called}{f' of {loop.names[n]}' * bool(loop.names[n])}{' ' * n}" for n in loop.steps}
    every: dict[int, Path] = {n: (words,) for n, words in called.items()}
    home = {value.node.id: value.loop for value in loop.values}
    nodes = {node.id: node for node in [*(value.node for value in loop.values), *loop.outside]}
    readers = {node.id: [edge for edge in loop.edges if edge.source == node.id] for node in loop.outside}
    inside = within(nodes.values(), readers)
    hidden = {parameter.id for several in inside.values() for parameter in several}
    makers = grouped((edge.target, edge.source) for edge in loop.edges)
    panels = _panels(loop, every, makers)
    part = {id: every[n] for id, n in home.items()} | panels
    for value in loop.values:
        card = card_over_time(value.node, value.sizes, setting, inside.pop(value.node.id, ()))
        writer.put(writer.statement(card), part[value.node.id])
    states = dict.fromkeys((edge.source, on) for edge, on in loop.back)
    delays = {state: f"d{n}" for n, state in enumerate(states)}
    # A state may also be read by what makes none of its own later values.
    ways = grouped({(edge.source, on) for edge, on in loop.back if edge.target in _before(edge.source, makers)})
    begins = {read: nodes[id].name for id, read in loop.entering if home[id] == home[read[0]]}
    turns = {n: dict.fromkeys((min(steps), max(steps))) for n, steps in loop.steps.items()}
    kinds = {path: f"{loop.index} = {' to '.join(map(str, turns[home[id]]))}" for id, path in part.items()}
    in_turn, top = {state for turn in loop.turns for state in turn}, dict[Path, str]()
    carries = False
    for (state, on), delay in delays.items():
        words, steps = list[str](), loop.steps[home[state]]
        first, last = (steps[0], steps[-1])[:: 1 if on > 0 else -1]
        kinds[part[state]] = f"{loop.index} = {first} to {last}"
        if (state, on) in begins:  # at the first step, which has no other before it
            words.append("begins as " + begins[state, on].replace(f"[{loop.index}]", f"[{first}]"))
        flow = loop.flows.get(state)
        factor = flow.factor if flow and len(flow.sizes) > 1 and on in ways.get(state, ()) else math.nan
        if factor > 0 and setting.show != "values":  # 0 if the gradient is too small for a number on the way
            carry = "carries" if len(ways[state]) == 1 else "all ways carry"
            words.append(f"{carry} x {number(factor)} a {loop.called}")
            carries = True
        if cuts := loop.cuts.get((state, on)):
            words.append(_cut_at(cuts, loop))
        label = _delay(nodes[state].name, on, loop, words, theme)
        statement = f"{delay} [id={delay} class=delay label=<{label}>]"
        left = top.setdefault(part[state], delay) if state in in_turn else delay
        if left != delay:  # they come in side by side
            statement += f"\nsubgraph top_{delay} {{\ngraph [rank=same]\n{left} -> {delay} [style=invis weight=0]\n}}"
        writer.put(statement, part[state])
    for node in loop.outside:
        if node.id not in hidden:
            writer.put(writer.statement(card_of(node, setting, inside.get(node.id, ()))))

    nearest = {state: delay for (state, _), delay in reversed(delays.items())}
    starts = {id: state for id, state in loop.starts.items() if state in nearest}
    far = {(edge.source, edge.target): delays[edge.source, on] for edge, on in reversed(loop.back)}
    most: dict[tuple[int, str], Edge] = {}
    for edge in loop.edges:
        if edge.source in starts:
            state = starts[edge.source]
            into = edge.source, far.get((state, edge.target), nearest[state])
            most[into] = max(edge, most.get(into, edge), key=amount_of)
        elif edge.source not in hidden:
            writer.use(edge, nodes)
    for (id, delay), edge in most.items():
        writer.edge((f"n{id}", delay), f"{nodes[id].name}: the start", theme.forward, edge.size)
    for (id, read), edge in loop.entering.items():
        own = home[id] == home[read[0]]  # as a state, it stands below where it enters
        ends, which = ((delays[read], f"n{id}"), "first") if own else ((f"n{id}", delays[read]), "last")
        writer.edge(ends, f"{nodes[id].name}, the {which} one: the start", theme.forward, edge.size, back=own)
    for edge, on in loop.back:
        writer.use(edge, nodes, (delays[edge.source, on], f"n{edge.target}"), theme.text)
    for (state, on), delay in delays.items():
        amount, name = loop.arrives.get((state, on)), nodes[state].name
        writer.edge((delay, f"n{state}"), f"back to {name}", theme.text, amount, cut=amount is None, back=True)
    for edge in loop.edges:  # what comes into a panel stands above it
        path, rows = panels.get(edge.target), 1 + (edge.source in part)
        if path and edge.source not in hidden and part.get(edge.source) != path:
            below = ((f"n{edge.source}", delay) for (state, _), delay in delays.items() if part[state] == path)
            writer.above |= dict.fromkeys(below, rows)
    words = [f"carries: of the last {loop.called}'s gradient alone"] * carries
    several = any(len(steps) > 1 for steps in loop.steps.values())
    words += [f"lines back: the largest gradient of all {loop.called}s"] * (several and bool(words or setting.words))
    return writer.whole(kinds, words)


def _panels(loop: Loop, every: Mapping[int, Path], makers: Mapping[int, Sequence[int]]) -> dict[int, Path]:
    """Where layers and directions stand that run in the same steps: each with what it alone is made of."""
    found: dict[int, list[Path]] = defaultdict(list)
    values = {value.node.id: value for value in loop.values}
    for far, turn in enumerate(loop.turns, len(every)):
        (words,) = every[values[turn[0]].loop]
        beside = {s for states in loop.turns for s in states if values[s].loop == values[turn[0]].loop} - {*turn}
        path = (f"{words}: {', '.join(values[state].node.name for state in turn)}",)
        for id in set().union(*(_before(state, makers, beside) for state in turn)) & values.keys() if beside else ():
            found[id].append((f"{words}{' ' * far}",) if found[id] else path)
    return {id: paths[-1] for id, paths in found.items()}


def _before(id: int, makers: Mapping[int, Sequence[int]], without: Collection[int] = ()) -> set[int]:
    """All of a step that a value is made of, and itself."""
    found, waiting = {id}, [id]
    while waiting:
        new = set(makers.get(waiting.pop(), ())) - found - {*without}
        found |= new
        waiting += new
    return found


def _delay(name: str, on: int, loop: Loop, words: Sequence[str], theme: Theme) -> str:
    """What a state is so many steps on: the place where the loop closes."""
    wide, when = int(WIDTH) - 4, "before" if on > 0 else "after"
    of = f"the {loop.called} {when}" if abs(on) == 1 else f"{abs(on)} {loop.called}s {when}"
    then = name.replace(f"[{loop.index}]", f"[{loop.index}{-on:+d}]")
    lines = [
        worded(then, wide, ROW, theme.text, 10, bold=True),
        worded(f"{name} of {of}", wide, ROW, theme.muted, WORDS),
        *(worded(each, wide, ROW, theme.text, WORDS) for each in words),
    ]
    return stacked([(each, ROW) for each in lines], WIDTH, 2, theme.text, theme.panel, padding=1, dashed=True)[0]


def _cut_at(steps: Collection[int], loop: Loop) -> str:
    words = f"cut (detached) at {loop.index} = {', '.join(map(str, steps))}"
    return words if text_width(words, WORDS) < WIDTH - 4 else f"cut (detached) at {len(steps)} {loop.called}s"
