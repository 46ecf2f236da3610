"""A loop that persists information: the rolled picture beside the unrolled one, and the same network without it."""

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

import numpy as np

import tinygrad_rnn as tg

from ...engine.graph import Node, arguments
from .shown import Diagram, Shown, says, section
from .worked_example import DOLLARS, LABELS, WorkedExample

Edges = set[tuple[str, str]]


def sensitivities(recurrence: bool) -> list[float]:
    """|dy/dx_t| of the worked example, t = 1 ... 5, with W_hh as it is or 0."""
    example = WorkedExample(unit=100.0)
    if not recurrence:
        example.W_hh.array[...] = 0
    h = tg.zeros(2, dtype=tg.float64)
    xs = [tg.tensor([price / example.unit], dtype=tg.float64, requires_grad=True) for price in DOLLARS]
    for x in xs:
        h = tg.tanh(example.W_xh @ x + example.W_hh @ h + example.b_h)
    gradients = tg.autograd.grad(example.W_hy @ h + example.b_y, xs)
    return [float(np.linalg.norm(gradient.array)) for gradient in gradients if gradient is not None]


def unrolled(loss: tg.Tensor) -> Edges:
    """The edges of the recorded graph that lead from one time step to another, or out of the last one."""
    edges = set()
    for node in tg.history(loss):
        for arg in arguments(node):
            if isinstance(arg, Node) and arg.place.time is not None and arg.place.time != node.place.time:
                edges.add((f"t={arg.place.time}", f"t={node.place.time}" if node.place.time else "loss"))
    return edges


def rolled(edges: Edges) -> Edges:
    """The same edges when all time steps are drawn as one."""
    return {(*("step" if each.startswith("t=") else each for each in edge),) for edge in edges}  # type: ignore[misc]


def has_a_cycle(edges: Iterable[tuple[str, str]]) -> bool:
    """Whether following the edges can lead back to where one was."""
    sorter = TopologicalSorter[str]()
    for source, target in edges:
        sorter.add(target, source)
    try:
        sorter.prepare()
    except CycleError:
        return True
    return any(source == target for source, target in edges)


def show() -> Shown:
    """Claim 2."""
    edges = unrolled(WorkedExample(unit=100.0).forward().loss)
    graphs = [
        [name, len(each), ", ".join(f"{a} -> {b}" for a, b in sorted(each)), "yes" if has_a_cycle(each) else "no"]
        for name, each in {"rolled": rolled(edges), "unrolled": edges}.items()
    ]
    rows = zip(range(1, 6), LABELS, sensitivities(True), sensitivities(False), strict=True)
    return Shown(
        "Claim 2: the network has a loop, through which information persists",
        section("One loop, or five steps in a row", ["graph", "edges", "", "cycle"], graphs),
        section("What the answer feels of every input, |dy/dx_t|", ["t", "x_t", "as it is", "W_hh = 0"], rows),
        says("""The rolled picture has one edge that leads back; unrolled over time there is no cycle, so
            backpropagation works as in any network. Without the loop, W_hh = 0, every derivative but the last is 0
            exactly: the first four prices cannot matter."""),
        picture=Diagram(_dot()),
        drawn="the loop rolled up, and unrolled over five steps",
    )


def _dot() -> str:
    """Both pictures side by side."""
    lines = [
        "digraph {",
        '  rankdir=BT; fontname="Helvetica"; node [shape=circle, fontname="Helvetica"]; edge [fontname="Helvetica"];',
        '  subgraph cluster_rolled { label="rolled: one loop"; x -> h [label="W_xh"]; h -> h [label="W_hh"];',
        '    h -> y [label="W_hy"]; }',
        '  subgraph cluster_unrolled { label="unrolled: five steps, the same weights, no loop";',
        "    { rank=same; " + " -> ".join(f"h{t}" for t in range(6)) + ' [label="W_hh"]; }',
        *(f'    x{t} -> h{t} [label="W_xh"];' for t in range(1, 6)),
        '    h5 -> y5 [label="W_hy"]; }',
        "}",
    ]
    return "\n".join(lines) + "\n"
