"""A page after changes says what a page says that Python draws anew from the changed numbers: text by text."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import Node, arguments
from tests.viz.many import GRAPHS
from tinygrad_rnn import viz
from tinygrad_rnn.viz.dot import scale_of
from tinygrad_rnn.viz.numbers import gradient_lines, value_lines
from tinygrad_rnn.viz.page.page import page_of

RUNNER = Path(__file__).parents[3] / "web" / "check" / "live.js"
NODE = shutil.which("node")
NOT_LIVE = {"custom", "hidden 512", "T 200", "T 5000"}  # Python's own operation, and too many numbers or steps
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def content_of(picture: Any, scale: Any) -> Any:
    page = page_of([picture.run(scale)], scale)
    found = re.search(r'id="data">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])[0]


def recomputed(loss: Any) -> None:
    """The same graph with the numbers that follow from its leaves as they are now."""
    for node in tg.history(loss):
        if node.primitive is not None:
            args = [arg.array if isinstance(arg, Node) else arg for arg in arguments(node)]
            with np.errstate(all="ignore"):
                node.array = np.asarray(node.primitive.forward(*args, **node.kwargs), node.array.dtype)


def moved(loss: Any, leaves: list[int], rng: Any) -> list[dict[str, Any]]:
    """Change a number of every leaf that has a gradient, and all that follows from it."""
    nodes, changes = tg.history(loss), []
    for id in leaves:
        if id < len(nodes) and nodes[id].tracked and nodes[id].array.size:
            array = nodes[id].array = np.array(nodes[id].array)
            at = int(rng.integers(array.size))
            array.reshape(-1)[at] += rng.normal()
            changes.append({"id": id, "at": at, "is": float(array.reshape(-1)[at])})
    recomputed(loss)
    return changes


def test_a_changed_page_is_the_page_of_the_changed_numbers(tmp_path: Path) -> None:
    tg.set_default_dtype(tg.float64)
    rng, asked, wanted = np.random.default_rng(1), [], {}
    for name in GRAPHS.keys() - NOT_LIVE:
        tg.manual_seed(0)
        loss = GRAPHS[name]()
        if isinstance(loss, list) or name == "in place":
            continue
        before = viz.draw(loss)
        scale = scale_of(before.scene)
        run = content_of(before, scale)
        assert "not" not in run["live"], f"{name}: {run['live']}"
        asked.append({"run": run, "changes": moved(loss, run["live"]["leaves"], rng)})
        after = viz.draw(loss)
        wanted[name] = after.scene, content_of(after, scale)
    tg.set_default_dtype(tg.float32)
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    assert NODE is not None
    done = subprocess.run([NODE, RUNNER, tmp_path / "asked.json"], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    assert len(wanted) > 60
    wrong = []
    for (name, (scene, page)), told in zip(wanted.items(), json.loads(done.stdout), strict=True):
        for part in ("nodes", "edges", "uses", "series"):
            for n, (one, other) in enumerate(zip(listed(told["run"][part]), listed(page[part]), strict=True)):
                if not same(one, other) and not (part == "series" and "does not follow" in one["verdict"]):
                    wrong.append(f"{name}: {part} {n}: {one} instead of {other}"[:1500])
        for node, card in zip(scene.nodes, told["cards"], strict=True):
            lines = [list(line) for line in value_lines(node.value)]
            gradient = None if node.gradient is None else [list(line) for line in gradient_lines(node.gradient)]
            if card != {"value": lines, "gradient": gradient} and not tiny(node):
                wrong.append(f"{name}: card {node.name}: {card} instead of {lines}, {gradient}"[:1500])
    assert wrong == []


def listed(part: Any) -> list[Any]:
    return [list(each) for each in sorted(part.items())] if isinstance(part, dict) else part


def tiny(node: Any) -> bool:
    """Whether its gradient is what rounding left of 0."""
    return node.gradient is not None and bool(np.max(np.abs(node.gradient), initial=0) < 1e-12)


def same(one: Any, other: Any) -> bool:
    """Alike but for the last digits of numbers, and for what is 0 but for rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        rounding = all(isinstance(each.get("size"), float | int) and each["size"] < 1e-12 for each in (one, other))
        keys = (one.keys() | other.keys()) - {"box"}  # other numbers may take another line
        return all(same(one.get(key), other.get(key)) or (rounding and key in ("css", "lines")) for key in keys)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) <= 2e-5 * max(abs(one), abs(other)) + 1e-12
    return bool(one == other)
