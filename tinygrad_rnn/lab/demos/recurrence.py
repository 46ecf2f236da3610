"""What a recurrence is: a network in which order matters, with a loop, and with the same weights at every step."""

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

import numpy as np

import tinygrad_rnn as tg

from ... import nn
from ...engine.graph import Node, arguments
from ...viz.chart import Chart, Curve
from .shown import Diagram, Shown, says, section
from .worked_example import LABELS, WorkedExample

ORDERS = {"forwards": (1, 2, 3, 4, 5), "backwards": (5, 4, 3, 2, 1), "shuffled": (3, 1, 5, 2, 4)}


def answers(numbers: Sequence[float]) -> tuple[list[float], float]:
    """y = W_hy h_t of an RNN of two units after every number; and y = W_hy tanh(W_xh (x_1 + ... + x_5)) of a bag."""
    W_xh = tg.tensor([[0.1], [-0.2]], dtype=tg.float64)
    W_hh = tg.tensor([[0.5, 0.3], [-0.4, 0.6]], dtype=tg.float64)
    W_hy = tg.tensor([[1.0, 1.0]], dtype=tg.float64)
    h, total, along = tg.zeros(2, dtype=tg.float64), tg.zeros(1, dtype=tg.float64), [0.0]
    for number in numbers:
        x = tg.tensor([number], dtype=tg.float64)
        h = tg.tanh(W_xh @ x + W_hh @ h)
        total = total + x
        along.append((W_hy @ h).item())
    return along, (W_hy @ tg.tanh(W_xh @ total)).item()


def show_order() -> Shown:
    """Claim 1."""
    found = {name: answers(numbers) for name, numbers in ORDERS.items()}
    rows = [
        [name, " ".join(map(str, ORDERS[name])), f"{along[-1]:.6f}", f"{bag:.6f}"]
        for name, (along, bag) in found.items()
    ]
    curves = [Curve(f"RNN, {name}", range(6), along) for name, (along, _) in found.items()]
    curves.append(Curve("bag", range(6), [found["forwards"][1]] * 6))
    return Shown(
        "Claim 1: recurrent networks are for sequences, where order matters",
        section("The same five numbers in three orders", ["order", "x_t", "RNN", "bag"], rows, left=2),
        says("""The bag adds the inputs up before anything else: its answer is the same number to the last bit. The
            RNN's answers differ, so it can learn what depends on order, and the bag cannot."""),
        picture=Chart("Order matters", "t", "W_hy h_t", curves),
        drawn="what the RNN says after every number, and what the bag says",
    )


Edges = set[tuple[str, str]]


def sensitivities(recurrence: bool) -> list[float]:
    """|dy/dx_t| of the worked example, with W_hh as it is or 0."""
    example = WorkedExample(unit=100.0)
    if not recurrence:
        example.W_hh.array[...] = 0
    return example.sensitivities()


def unrolled(loss: tg.Tensor) -> Edges:
    """The edges of the recorded graph that lead from one time step to another, or out of the last one."""
    edges = [(arg, node) for node in tg.history(loss) for arg in arguments(node) if isinstance(arg, Node)]
    times = {(arg.place.time, node.place.time) for arg, node in edges}
    return {(f"t={a}", f"t={b}" if b else "loss") for a, b in times if a is not None and a != b}


def rolled(edges: Edges) -> Edges:
    """The same edges when all time steps are drawn as one."""
    return {("step", target if target == "loss" else "step") for _, target in edges}


def has_a_cycle(edges: Iterable[tuple[str, str]]) -> bool:
    """Whether following the edges can lead back to where one was."""
    sorter = TopologicalSorter[str]()
    for source, target in edges:
        sorter.add(target, source)
    try:
        sorter.prepare()
    except CycleError:
        return True
    return False


def show_loop() -> Shown:
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


def sharing(steps: int, seed: int = 0) -> tuple[int, int, float]:
    """An RNN over so many steps: its parameters, the uses of W_hh, and the largest of |dL/dW_hh - sum over uses|."""
    tg.manual_seed(seed)
    rnn = nn.RNN(3, 4, dtype=tg.float64)
    states, _ = rnn(tg.randn(steps, 3, dtype=tg.float64))
    loss = (states * states).sum()
    terms = tg.autograd.contributions(loss, rnn.weight_hh_l0)
    (whole,) = tg.autograd.grad(loss, rnn.weight_hh_l0)
    total = sum((term.gradient for term in terms), np.zeros(whole.shape))
    count = sum(parameter.numel() for parameter in rnn.parameters())
    return count, len(terms), float(np.abs(whole.array - total).max())


def show_sharing() -> Shown:
    """Claim 3."""
    rows = []
    for steps in (5, 50, 500):
        parameters, uses, difference = sharing(steps)
        rows.append([steps, parameters, uses, f"{difference:.0e}"])
    example = WorkedExample(unit=100.0)
    loss = example.forward().loss
    terms = tg.autograd.contributions(loss, example.W_hh)
    ledger = [[str(term.time), term.operation, term.size, f"{term.gradient[0, 0]:.7f}"] for term in terms]
    total = sum(term.gradient[0, 0] for term in terms)
    ledger.append(["sum", "", "", f"{total:.7f}"])
    head = ["T", "parameters", "uses of W_hh", "|dL/dW_hh - sum over t|"]
    use = ["t", "use", "size", "added to dL/dW_hh[1,1]"]
    return Shown(
        "Claim 3: the same weights are used at every step",
        section("nn.RNN(3, 4) over short and long sequences", head, rows),
        section("The worked example: what every use of W_hh adds to its gradient", use, ledger, left=2),
        says("""The number of parameters does not depend on the number of steps, and the gradient of a shared weight is
            the sum of what all its uses add. The textbook leaves that sentence out, and it is all that BPTT adds to
            backpropagation."""),
        picture=tg.draw(loss, title="The same weights at every step", labels=LABELS),
        drawn="the unrolled graph; what all steps share lies on the rail, and its gradient is the sum over the steps",
    )
