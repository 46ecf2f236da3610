"""The playground computes what the library computes: losses, gradients, what is carried and what enters, training."""

import itertools
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz.inside import BATCH, HIDDEN, SYMBOLS, content
from tests.viz.page.walker import Walker
from tinygrad_rnn import nn
from tinygrad_rnn.viz import Playground

RUNNER = Path(__file__).parents[3] / "web" / "check" / "recall.js"
NODE = shutil.which("node")
F: Any = nn.functional
Walk = Callable[..., Walker]

USUAL = {"seed": 0, "rate": -2}
LENGTHS = itertools.cycle([(1, 0.9, 0.0), (12, 1.0, 3.0), (50, 0.7, -1.0)])
SETTINGS: list[dict[str, Any]] = [
    {"cell": cell, "norm": norm, "every": every, "clip": every, "T": T, "radius": radius, "forget": forget} | USUAL
    for cell, norm, every, factor in itertools.product(
        ("tanh", "relu", "lstm", "gru"), (False, True), (False, True), (0.5, 1.0, 1.3, 1.7)
    )
    for T, usual, forget in [next(LENGTHS)]
    for radius in [factor * usual]
]


def states(o: dict[str, Any], p: dict[str, Any], xs: Any) -> tuple[list[Any], list[Any]]:
    """h and, of an LSTM, c of every step, by the equations."""
    h, c = tg.zeros(BATCH, HIDDEN, dtype=tg.float64), tg.zeros(BATCH, HIDDEN, dtype=tg.float64)
    hs, cs = [], []
    for x in xs:
        from_x, from_h = x @ p["W_xh"].T, h @ p["W_hh"].T
        if o["norm"]:
            from_x, from_h = (F.layer_norm(each, each.shape[1:]) for each in (from_x, from_h))
        if o["cell"] == "lstm":
            i, f, g, out = (from_x + from_h + p["b"]).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = out.sigmoid() * c.tanh()
            cs.append(c)
        elif o["cell"] == "gru":
            (x_r, x_z, x_n), (h_r, h_z, h_n) = (from_x + p["b"]).chunk(3, 1), from_h.chunk(3, 1)
            z, n = (x_z + h_z).sigmoid(), (x_n + (x_r + h_r).sigmoid() * h_n).tanh()
            h = (1 - z) * n + z * h
        else:
            a = from_x + from_h + p["b"]
            h = a.tanh() if o["cell"] == "tanh" else a.relu()
        hs.append(h)
    return hs, cs


def loss_of(o: dict[str, Any], p: dict[str, Any], hs: list[Any], y: Any) -> Any:
    read = hs if o["every"] else hs[-1:]
    return sum(F.cross_entropy(h @ p["W_hy"].T + p["b_y"], y) for h in read) / len(read)


def inputs(o: dict[str, Any], batch: dict[str, Any]) -> tuple[Any, Any]:
    return tg.tensor(np.eye(SYMBOLS)[np.reshape(batch["x"], (o["T"], BATCH))]), tg.tensor(batch["y"])


def parameters(o: dict[str, Any], given: dict[str, list[float]]) -> dict[str, Any]:
    columns = {"W_xh": SYMBOLS, "W_hh": HIDDEN, "W_hy": HIDDEN}
    arrays = {name: np.reshape(np.array(values, float), (-1, columns[name]) if name in columns else -1)
              for name, values in given.items()}  # fmt: skip
    return {name: tg.tensor(array, requires_grad=True) for name, array in arrays.items()}


def asked(folder: Path, settings: list[dict[str, Any]], steps: int) -> Any:
    if NODE is None:
        pytest.skip("node is not installed")
    (folder / "asked.json").write_text(json.dumps({"data": content(), "settings": settings, "steps": steps}))
    done = subprocess.run([NODE, RUNNER, folder / "asked.json"], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return asked(tmp_path_factory.mktemp("play"), SETTINGS, 1)


def near(found: Any, wanted: Any, relative: float) -> bool:
    wanted = np.asarray(wanted, float)
    size = np.max(np.abs(wanted), initial=0)
    return bool(np.max(np.abs(np.reshape(found, wanted.shape) - wanted), initial=0) <= relative * max(size, 1e-300))


@pytest.mark.parametrize("number", range(len(SETTINGS)))
def test_a_pass_is_the_librarys(told: Any, number: int) -> None:
    o, answer = SETTINGS[number], told[number]
    p, (xs, y) = parameters(o, answer["before"]), inputs(o, answer["batches"][0])
    hs, cs = states(o, p, xs)
    for state in (*hs, *cs):
        state.retain_grad()
    loss, first = loss_of(o, p, hs, y), answer["first"]
    loss.backward(retain_graph=True)
    assert near(first["loss"], loss.item(), 1e-12)
    for name, parameter in p.items():
        assert near(first["gradients"][name], parameter.grad.numpy(), 1e-10), name
    assert near(first["h"], [np.linalg.norm(h.grad.numpy()) for h in hs], 1e-10)
    if cs:
        assert near(first["c"], [np.linalg.norm(c.grad.numpy()) for c in cs], 1e-10)
    last = F.cross_entropy(hs[-1] @ p["W_hy"].T + p["b_y"], y) / (o["T"] if o["every"] else 1)
    carried = tg.autograd.grad(last, cs or hs, retain_graph=True)
    assert near(first["carried"], [np.linalg.norm(g.numpy()) for g in carried], 1e-10)
    assert near(sum(first["terms"]), 1.0, 1e-10) or not p["W_hh"].grad.numpy().any()


@pytest.mark.slow
def test_training_is_the_librarys(tmp_path: Path) -> None:
    settings = SETTINGS[::3]
    for o, answer in zip(settings, asked(tmp_path, settings, 20), strict=True):
        p = parameters(o, answer["before"])
        optimizer = tg.optim.Adam(list(p.values()), lr=10 ** o["rate"])
        for batch in answer["batches"]:
            xs, y = inputs(o, batch)
            optimizer.zero_grad()
            loss_of(o, p, states(o, p, xs)[0], y).backward()
            if o["clip"]:
                nn.utils.clip_grad_norm_(list(p.values()), 1.0)
            optimizer.step()
        for name, parameter in p.items():
            assert near(answer["after"][name], parameter.detach().numpy(), 1e-6), (o, name)


@pytest.mark.slow
def test_pictures_that_are_changed_are_those_drawn_from_nothing(walk: Walk) -> None:
    walker = walk(Playground().html, "#cell=lstm&norm=1&every=1&T=9")
    seen = "return ['net', 'ledger', 'curve'].map((id) => document.getElementById(id).innerHTML)"
    for _ in range(7):
        walker.click("#once")
    changed = walker.run(seen)
    anew = "['net', 'ledger', 'curve'].forEach((id) => document.getElementById(id).replaceChildren());"
    walker.run(anew)
    for _ in range(2):
        walker.click("#theme")
    assert walker.run(seen) == changed
    opaque = "const c = document.getElementById('heat'); const all = c.getContext('2d').getImageData(0, 0, 3, c.height)"
    heat = walker.run(f"{opaque}; return [c.height, [...all.data].filter((_, n) => n % 4 === 3)]")
    assert heat == [9, [255, 255, 0] * 9]  # looked at after the first and the sixth step


@pytest.mark.slow
def test_pictures_are_as_wide_as_their_place_also_when_the_window_stays(walk: Walk) -> None:
    walker = walk(Playground().html)
    wide = "return [...document.querySelectorAll('svg')].map((svg) => [svg.clientWidth, svg.viewBox.baseVal.width])"
    for width in ("800px", "auto"):
        walker.run(f"document.querySelector('main').style.width = '{width}'")
        walker.wait(lambda: all(abs(shown - drawn) <= 1 for shown, drawn in walker.run(wide)), "pictures of that width")
