"""What a recurrence is: order, a loop, the same weights at every step; as Python, and as a deep network."""

import inspect
from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

import numpy as np

import tinygrad_rnn as tg

from ... import nn
from ...engine.graph import Node, arguments
from ...viz.chart import Chart, Curve
from .shown import Diagram, Shown, says, section, under
from .worked_example import DOLLARS, LABELS, TARGET, WorkedExample

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
        '  rankdir=BT; nodesep=0.5; fontname="Helvetica"; node [shape=circle, fontname="Helvetica"];',
        '  edge [fontname="Helvetica"];',
        '  subgraph cluster_rolled { margin=40; label="rolled: one loop";',  # a frame makes no room for words
        '    x -> h [label="  W_xh "]; h -> h [label="  W_hh "]; h -> y [label="  W_hy "]; }',
        '  subgraph cluster_unrolled { margin=40; label="unrolled: five steps, the same weights, no loop";',
        "    { rank=same; " + " -> ".join(f"h{t}" for t in range(6)) + ' [label="W_hh"]; }',
        *(f'    x{t} -> h{t} [label="  W_xh "];' for t in range(1, 6)),
        '    h5 -> y5 [label="  W_hy "]; }',
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


T = tg.Tensor


def network(xs: Sequence[T], h: T, W_xh: T, W_hh: T, b_h: T, W_hy: T, b_y: T) -> tuple[list[T], T]:
    """Every hidden state, and the answer."""
    hs = []
    for x in xs:
        h = tg.tanh(W_xh @ x + W_hh @ h + b_h)
        hs.append(h)
    y = W_hy @ h + b_y
    return hs, y


def run() -> tuple[list[tg.Tensor], tg.Tensor]:
    """The five prices in hundreds of dollars through it: hidden states and answer."""
    given = WorkedExample(unit=100.0).parameters
    xs = [tg.tensor([price / 100], dtype=tg.float64) for price in DOLLARS]
    return network(xs, tg.zeros(2, dtype=tg.float64), **given)


def show_formula() -> Shown:
    """Claim 4."""
    hs, y = run()
    rows = [
        [str(t), f"{price / 100:.2f}", ", ".join(f"{each:.6f}" for each in h.tolist())]
        for t, (price, h) in enumerate(zip(DOLLARS, hs, strict=True), start=1)
    ]
    body = inspect.getsource(network).partition('answer."""\n')[2].rstrip()
    loss = WorkedExample(unit=100.0).forward().loss
    return Shown(
        "Claim 4: h_t = f(W_xh x_t + W_hh h_(t-1) + b_h) and y_t = g(W_hy h_t + b_y)",
        under("The network", body),
        section("Its states for W_xh = 0.5, W_hh = 0.2 I, W_hy = 1, no biases", ["t", "x_t", "h_t"], rows),
        says(f"""y = {y.item():.6f}. By hand: h_1 = tanh(0.5 * 1.00 + 0.2 * 0) = tanh(0.5) = 0.462117."""),
        says("""The formula is the program: nothing is written but what the textbook writes, with f = tanh and g the
            identity."""),
        picture=tg.draw(loss, title="The formula, unrolled", labels=LABELS),
    )


def values_and_slopes(name: str, xs: Sequence[float]) -> tuple[list[float], list[float]]:
    """f(x) and f'(x) of "tanh" or "relu", the latter by autograd."""
    x = tg.tensor(list(xs), dtype=tg.float64, requires_grad=True)
    y = {"tanh": tg.tanh, "relu": tg.relu}[name](x)
    (slopes,) = tg.autograd.grad(y.sum(), x)
    return y.tolist(), slopes.tolist()


def softmax_as_written(logits: T) -> T:
    """exp(z_i) / sum of exp(z_j); the framework's subtracts the largest logit first, so that nothing overflows."""
    with np.errstate(all="ignore"):
        powers = tg.exp(logits)
        return powers / powers.sum()


def show_activations() -> Shown:
    """Claim 5."""
    points = (-3.0, -1.0, 0.0, 1.0, 3.0)
    columns = {name: values_and_slopes(name, points) for name in ("tanh", "relu")}
    rows = [[f"{x:g}", *(f"{each[i]:.4f}" for pair in columns.values() for each in pair)] for i, x in enumerate(points)]
    logits = tg.tensor([1000.0, 1001.0, 1002.0])
    probabilities = [
        ["exp(z) / sum exp(z), as written", *(f"{each:.4f}" for each in softmax_as_written(logits).tolist())],
        ["tg.softmax", *(f"{each:.4f}" for each in tg.softmax(logits, dim=-1).tolist())],
    ]
    xs = np.linspace(-3, 3, 121).tolist()
    curves = []
    for name in columns:
        values, slopes = values_and_slopes(name, xs)
        curves += [Curve(name, xs, values), Curve(f"{name}'", xs, slopes)]
    return Shown(
        "Claim 5: f is tanh or ReLU, g for instance softmax",
        section("Two choices of f", ["x", "tanh", "tanh'", "ReLU", "ReLU'"], rows),
        section("g turns logits 1000, 1001, 1002 into probabilities", ["", "p1", "p2", "p3"], probabilities),
        says("""tanh' is at most 1 and nearly 0 where tanh is flat. ReLU' is 0 or 1 and never more: what grows in a ReLU
            network is h itself. And exp(1000) overflows, so that softmax as it is written gives nan."""),
        picture=Chart("f and its derivative", "x", "f, f'", curves),
        drawn="tanh, ReLU and their derivatives",
    )


WEIGHTS = ("W_xh", "W_hh", "b_h")


def deep() -> tuple[tg.Tensor, dict[str, list[tg.Tensor]]]:
    """The worked example as a feed-forward network of five layers, each with weights of its own: loss and weights."""
    example = WorkedExample(unit=100.0)
    layers: dict[str, list[tg.Tensor]] = {name: [] for name in WEIGHTS}
    h = tg.zeros(2, dtype=tg.float64)
    h.name = "h0"
    for number, price in enumerate(DOLLARS, start=1):
        for name in WEIGHTS:
            layers[name].append(nn.Parameter(example.parameters[name].detach().clone(), name=f"{name}{number}"))
        W_xh, W_hh, b_h = (layers[name][-1] for name in WEIGHTS)
        with tg.scope(f"layer {number}"):
            x = tg.tensor([price / 100], dtype=tg.float64)
            h = tg.tanh(W_xh @ x + W_hh @ h + b_h)
            x.name, h.name = f"x{number}", f"h{number}"
    loss = ((example.W_hy @ h + example.b_y - TARGET / 100) ** 2).sum()
    loss.name = "L"
    return loss, layers


def differences() -> dict[str, tuple[list[float], float, float]]:
    """For each weight: the first entry of every layer's gradient, that of the tied one, the largest difference."""
    loss, layers = deep()
    example = WorkedExample(unit=100.0)
    tied = tg.autograd.grad(example.forward().loss, [example.parameters[name] for name in WEIGHTS])
    found = {}
    for (name, copies), shared in zip(layers.items(), tied, strict=True):
        each = [g.array for g in tg.autograd.grad(loss, copies, retain_graph=True)]
        gap = np.abs(np.sum(each, axis=0) - shared.array).max()
        found[name] = [float(g.flat[0]) for g in each], float(shared.array.flat[0]), float(gap)
    return found


def show_untied() -> Shown:
    """Claim 11."""
    rows = [
        [name, *(f"{g:.7f}" for g in each), f"{sum(each):.7f}", f"{tied:.7f}", f"{gap:.0e}"]
        for name, (each, tied, gap) in differences().items()
    ]
    head = ["first entry of dL/d", *(f"layer {k}" for k in range(1, 6)), "sum", "tied", "difference"]
    return Shown(
        "Claim 11: unrolled, a recurrent network is a deep feed-forward network",
        section("Five layers of their own with equal values, and one layer used five times", head, rows),
        says("""The two networks compute the same, and the untied gradients sum to the tied one. So BPTT is
            backpropagation in the unrolled network and a sum at the end."""),
        picture=tg.draw(deep()[0], view="full", title="Five layers with weights of their own"),
    )
