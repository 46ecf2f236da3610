"""Draw the same graphs with other tools, for docs/side-by-side.md.

    python docs/draw_peers.py [TOOL [STEPS]]
    python docs/draw_peers.py --all FOLDER

draws five steps of a small RNN with every tool that is here, or so many with one; the pictures of five are kept. With
--all it draws a scalar expression, an MLP, an RNN of five steps, an LSTM of twenty and attention, with every tool that
can, into a folder. The tools are the optional group "peers" of pyproject.toml; those that need PyTorch take the one
that is installed (`pip install --no-deps torchviz torchview torchlens`). Every tool runs in a process of its own, so
that one that fails does not stop the others, and prints how long its second drawing took and how many boxes it has.
Without the system's graphviz they draw with the one that pip installs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
FOLDER = DOCS / "pictures" / "peers"
sys.path.insert(0, str(DOCS.parent))

T = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 5
PRICES, TARGET = [1 + 0.02 * t for t in range(T)], 1.10
W_XH, W_HH, B_H = [[0.5], [0.4]], [[0.2, 0.1], [-0.1, 0.3]], [0.0, 0.1]


def ours() -> str:
    """This package."""
    import tinygrad_rnn as tg

    W_xh, W_hh, b_h = (tg.tensor(each, requires_grad=True) for each in (W_XH, W_HH, B_H))
    W_xh.name, W_hh.name, b_h.name = "W_xh", "W_hh", "b_h"
    h = tg.zeros(2)
    for t, price in enumerate(PRICES, start=1):
        with tg.step(t):
            h = tg.tanh(tg.linear(tg.tensor([price]), W_xh) + tg.linear(h, W_hh) + b_h)
    loss = (h.sum() - TARGET) ** 2
    labels = [f"price {price:.2f}" for price in PRICES]
    return str(tg.draw(loss, title=f"{T} days", labels=labels, theme="auto").svg)


def in_torch() -> tuple[Any, Any, Any]:
    """The network as a module of PyTorch, its inputs and its loss."""
    import torch

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.W_xh, self.W_hh, self.b_h = (torch.nn.Parameter(torch.tensor(each)) for each in (W_XH, W_HH, B_H))

        def forward(self, prices: Any) -> Any:
            h = torch.zeros(2)
            for t in range(T):
                h = torch.tanh(self.W_xh @ prices[t : t + 1] + self.W_hh @ h + self.b_h)
            return (h.sum() - TARGET) ** 2

    network, prices = Network(), torch.tensor(PRICES)
    return network, prices, network(prices)


def scalar(library: Any) -> tuple[Any, tuple[Any, ...], Any]:
    """tanh(x1 w1 + x2 w2 + b), a module of no inputs."""

    class Neuron(library.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            numbers = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 6.88}
            for name, number in numbers.items():
                setattr(self, name, library.nn.Parameter(library.tensor(number)))

        def forward(self, one: Any) -> Any:
            return library.tanh(self.x1 * self.w1 + self.x2 * self.w2 + self.b) * one

    return Neuron(), (library.tensor(1.0),), lambda out: out


def mlp(library: Any) -> tuple[Any, tuple[Any, ...], Any]:
    """Three layers."""
    nn = library.nn
    layers = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2))
    return layers, (library.randn(4, 8),), lambda out: (out**2).mean()


def rnn(library: Any) -> tuple[Any, tuple[Any, ...], Any]:
    """A layer over five steps."""
    return library.nn.RNN(3, 4), (library.randn(5, 3),), lambda out: (out[0][-1] ** 2).sum()


def lstm(library: Any) -> tuple[Any, tuple[Any, ...], Any]:
    """A layer over twenty steps."""
    return library.nn.LSTM(3, 4), (library.randn(20, 3),), lambda out: (out[0][-1] ** 2).sum()


def attention(library: Any) -> tuple[Any, tuple[Any, ...], Any]:
    """One head, written out."""
    nn = library.nn

    class Attention(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.q, self.k, self.v, self.o = (nn.Linear(8, 8) for _ in range(4))

        def forward(self, x: Any) -> Any:
            weights = (self.q(x) @ self.k(x).transpose(-1, -2) / 8**0.5).softmax(-1)
            return self.o(weights @ self.v(x))

    return Attention(), (library.randn(4, 8),), lambda out: (out**2).sum()


GRAPHS: dict[str, Callable[[Any], tuple[Any, tuple[Any, ...], Any]]] = {
    each.__name__: each for each in (scalar, mlp, rnn, lstm, attention)
}


def from_torch(graph: str) -> tuple[Any, tuple[Any, ...], Any]:
    """A graph as a module of PyTorch, its inputs and its loss; "" for the small network."""
    import torch

    if not graph:
        network, prices, loss = in_torch()
        return network, (prices,), loss
    torch.manual_seed(1)
    module, inputs, loss_of = GRAPHS[graph](torch)
    return module, inputs, loss_of(module(*inputs))


def ours_of(graph: str) -> str:
    """This package."""
    import tinygrad_rnn as tg

    if not graph:
        return ours()
    tg.manual_seed(1)
    module, inputs, loss_of = GRAPHS[graph](tg)
    return str(tg.draw(loss_of(module(*inputs))).svg)


def torchviz(graph: str = "") -> str:
    """make_dot(loss)."""
    from torchviz import make_dot

    network, _, loss = from_torch(graph)
    return str(make_dot(loss, params=dict(network.named_parameters())).pipe("svg").decode())


def torchview(graph: str = "") -> str:
    """draw_graph(module, inputs)."""
    from torchview import draw_graph

    network, inputs, _ = from_torch(graph)
    drawn = draw_graph(network, input_data=inputs, hide_module_functions=False, hide_inner_tensors=False)
    drawn.visual_graph.attr(size="")  # which it asks for and which cuts off the last box
    return str(drawn.visual_graph.pipe("svg").decode())


def torchlens(graph: str = "") -> str:
    """trace(module, inputs).draw()."""
    import torchlens as lens

    network, inputs, _ = from_torch(graph)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "graph"
        given = inputs[0] if len(inputs) == 1 else inputs
        lens.trace(network, given).draw(vis_outpath=str(where), vis_fileformat="svg", vis_save_only=True)
        return next(Path(folder).glob("*.svg")).read_text(encoding="utf-8")


def micrograd(graph: str = "") -> str:
    """The picture of its notebook, which the package does not have: a box for every number, and the operations."""
    import graphviz
    from micrograd.engine import Value

    if graph != "scalar":
        raise ValueError("it computes with single numbers only")
    x1, x2, w1, w2, b = map(Value, (2.0, 0.0, -3.0, 1.0, 6.88))
    end = (x1 * w1 + x2 * w2 + b).relu()
    end.backward()
    drawn = graphviz.Digraph(graph_attr={"rankdir": "LR"})
    waiting, seen = [end], set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        drawn.node(str(id(value)), f"{{ data {value.data:.4f} | grad {value.grad:.4f} }}", shape="record")
        if value._op:
            drawn.node(f"{id(value)}{value._op}", value._op)
            drawn.edge(f"{id(value)}{value._op}", str(id(value)))
        for part in value._prev:
            drawn.edge(str(id(part)), f"{id(value)}{value._op}")
            waiting.append(part)
    return str(drawn.pipe("svg").decode())


def mygrad(graph: str = "") -> str:
    """build_graph(loss)."""
    if graph:
        raise ValueError("its layers are other ones")
    import mygrad as mg
    from mygrad.computational_graph import build_graph

    W_xh, W_hh, b_h = (mg.tensor(each) for each in (W_XH, W_HH, B_H))
    h = mg.zeros(2)
    for price in PRICES:
        h = mg.tanh(W_xh @ mg.tensor([price]) + W_hh @ h + b_h)
    loss = (h.sum() - TARGET) ** 2
    named = {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h, "loss": loss}
    return str(build_graph(loss, names=named).pipe("svg").decode())


def dezero(graph: str = "") -> str:
    """get_dot_graph(loss)."""
    if graph:
        raise ValueError("its layers are other ones")
    import numpy as np

    np.int = int  # type: ignore[attr-defined]  # which DeZero 0.0.13 still asks for, and numpy dropped in 1.24
    import dezero as dz
    import graphviz

    named = (("W_xh", W_XH), ("W_hh", W_HH), ("b_h", B_H))
    W_xh, W_hh, b_h = (dz.Variable(np.array(each), name=name) for name, each in named)
    F, h = dz.functions, dz.Variable(np.zeros((1, 2)))
    for price in PRICES:
        x = dz.Variable(np.array([[price]]))
        h = F.tanh(F.matmul(x, W_xh.T) + F.matmul(h, W_hh.T) + b_h)
    loss = (F.sum(h) - TARGET) ** 2
    return str(graphviz.Source(dz.utils.get_dot_graph(loss, verbose=True)).pipe("svg").decode())


TOOLS: dict[str, Callable[[str], str]] = {
    "tinygrad_rnn": ours_of,
    "torchviz": torchviz,
    "torchview": torchview,
    "torchlens": torchlens,
    "micrograd": micrograd,
    "mygrad": mygrad,
    "dezero": dezero,
}
#: A tool that is not done with a graph after so many seconds is stopped.
LIMIT = 120


def drawn(name: str, graph: str, target: Path | None) -> None:
    """Draw twice, keep the picture, and say how long the second time took."""
    TOOLS[name](graph)  # the first time a tool is loaded and warms up
    began = time.perf_counter()
    svg = TOOLS[name](graph)
    seconds = time.perf_counter() - began
    if target is not None:
        target.write_text(svg, encoding="utf-8")
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    points = f"{float(size[1]):.0f} x {float(size[2]):.0f} points" if size else ""
    boxes = len(re.findall(r'<g [^>]*class="node', svg))
    print(f"{name:13} {graph:10} {seconds:6.2f} s  {boxes:4} boxes  {len(svg) / 1000:6.1f} kB  {points}")


def apart(*options: str) -> None:
    """Draw in a process of its own."""
    try:
        done = subprocess.run(
            [sys.executable, __file__, *options], capture_output=True, encoding="utf-8", timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        print(f"{' '.join(options[:3:2]):24} stopped after {LIMIT} s")
        return
    last = (done.stderr.strip().splitlines() or ["no output"])[-1]
    print(done.stdout.strip() if done.returncode == 0 else f"{' '.join(options[:3:2]):24} cannot: {last}", flush=True)


def main() -> None:
    """Draw with the tool that is named, or with every one in a process of its own."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pure = shutil.which("graphviz-pure", path=os.path.dirname(sys.executable))
        if shutil.which("dot") is None and pure:
            (Path(folder) / "dot").symlink_to(pure)
            os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
        match sys.argv[1:]:
            case ["--all", where]:
                Path(where).mkdir(parents=True, exist_ok=True)
                for graph in GRAPHS:
                    for name in list(TOOLS)[:5]:
                        apart(name, where, graph)
            case [name, where, graph]:
                drawn(name, graph, Path(where) / f"{graph}-{name}.svg")
            case [name, *_]:
                drawn(name, "", FOLDER / f"{name}.svg" if T == 5 else None)
            case _:
                for name in TOOLS:
                    apart(name)


if __name__ == "__main__":
    main()
