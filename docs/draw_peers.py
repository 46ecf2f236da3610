"""Draw one small RNN with other tools, for docs/side-by-side.md.

    python docs/draw_peers.py [TOOL [STEPS]]

draws five steps with every tool that is here, or so many with one; the pictures of five are kept. The tools are the
optional group "peers" of pyproject.toml; those that need PyTorch take the one that is installed (`pip install
--no-deps torchviz torchview torchlens`). Every tool runs in a process of its own, so that one that fails does not stop
the others, and prints how long its second drawing took and how many boxes it has.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
FOLDER = DOCS / "pictures" / "peers"
sys.path.insert(0, str(DOCS.parent))

T = int(sys.argv[2]) if len(sys.argv) > 2 else 5
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
    return str(tg.draw(loss, title=f"{T} days", labels=[f"price {price:.2f}" for price in PRICES]).svg)


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


def torchviz() -> str:
    """make_dot(loss)."""
    from torchviz import make_dot

    network, _, loss = in_torch()
    return str(make_dot(loss, params=dict(network.named_parameters())).pipe("svg").decode())


def torchview() -> str:
    """draw_graph(module, inputs)."""
    from torchview import draw_graph

    network, prices, _ = in_torch()
    drawn = draw_graph(network, input_data=prices, hide_module_functions=False, hide_inner_tensors=False)
    return str(drawn.visual_graph.pipe("svg").decode())


def torchlens() -> str:
    """trace(module, inputs).draw()."""
    import tempfile

    import torchlens as lens

    network, prices, _ = in_torch()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "graph"
        lens.trace(network, prices).draw(vis_outpath=str(where), vis_fileformat="svg", vis_save_only=True)
        return next(Path(folder).glob("*.svg")).read_text(encoding="utf-8")


def mygrad() -> str:
    """build_graph(loss)."""
    import mygrad as mg
    from mygrad.computational_graph import build_graph

    W_xh, W_hh, b_h = (mg.tensor(each) for each in (W_XH, W_HH, B_H))
    h = mg.zeros(2)
    for price in PRICES:
        h = mg.tanh(W_xh @ mg.tensor([price]) + W_hh @ h + b_h)
    loss = (h.sum() - TARGET) ** 2
    named = {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h, "loss": loss}
    return str(build_graph(loss, names=named).pipe("svg").decode())


def dezero() -> str:
    """get_dot_graph(loss)."""
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


TOOLS: dict[str, Callable[[], str]] = {
    "tinygrad_rnn": ours,
    "torchviz": torchviz,
    "torchview": torchview,
    "torchlens": torchlens,
    "mygrad": mygrad,
    "dezero": dezero,
}


def main() -> None:
    """Draw with the tool that is named, or with every one in a process of its own."""
    FOLDER.mkdir(exist_ok=True)
    if len(sys.argv) > 1:
        name = sys.argv[1]
        TOOLS[name]()  # the first time a tool is loaded and warms up
        began = time.perf_counter()
        svg = TOOLS[name]()
        seconds = time.perf_counter() - began
        if T == 5:
            (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
        boxes = len(re.findall(r'<g [^>]*class="node', svg))
        print(f"{name:13} {seconds:6.2f} s  {boxes:4} boxes  {len(svg) / 1000:6.1f} kB")
        return
    for name in TOOLS:
        done = subprocess.run([sys.executable, __file__, name], capture_output=True, encoding="utf-8")
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        print(done.stdout.strip() if done.returncode == 0 else f"{name:13} cannot: {last}")


if __name__ == "__main__":
    main()
