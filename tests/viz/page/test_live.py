"""A page after changes says what a page says that Python draws anew from the changed numbers: text by text."""

import json
import re
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import Node, arguments
from tests.viz import models
from tests.viz.inside import gradient_lines, page_of, scale_of, value_lines
from tests.viz.many import GRAPHS
from tinygrad_rnn import viz

RUNNER = Path(__file__).parents[3] / "web" / "check" / "live.js"
NODE = shutil.which("node")
#: An operation of one's own, too many numbers or steps, what was written over since.
NOT_LIVE = {"custom", "hidden 512", "T 200", "T 5000", "in place", "kept slots"}
#: Read at more than their last step.
READ_WITHIN = ("models.per step", "seq2seq attention", "models.bidirectional")
#: Some of the time steps: what was computed before them follows, and what comes after them adds to the way back.
WINDOWS: dict[str, tuple[Callable[[], Any], tuple[int, int]]] = {
    "beginning": (lambda: models.rnn(6), (1, 3)),
    "middle": (lambda: models.lstm(steps=7), (3, 5)),
    "end": (lambda: models.gru(), (2, 9)),
    "read at every step": (lambda: GRAPHS["models.per step"](), (2, 3)),
    "detached": (lambda: truncated(), (3, 4)),
}


def content_of(picture: Any, scale: Any) -> Any:
    page = page_of([picture.run(scale)], scale)
    found = re.search(r'id="data">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])[0]


def recomputed(loss: Any) -> None:
    """The same graph with the numbers that follow from its leaves as they are now."""
    nodes = tg.history(loss)
    used = {arg.birth: arg for node in nodes for arg in arguments(node) if isinstance(arg, Node)}
    leaves = [arg for arg in used.values() if arg.primitive is None]
    detached = {node: [leaf for leaf in leaves if leaf.array is node.array] for node in nodes if node.primitive}
    for node in nodes:
        if node.primitive is not None:
            args = [arg.array if isinstance(arg, Node) else arg for arg in arguments(node)]
            with np.errstate(all="ignore"):
                node.array = np.asarray(node.primitive.forward(*args, **node.kwargs), node.array.dtype)
            for leaf in detached[node]:
                leaf.array = node.array


def moved(loss: Any, scene: Any, leaves: list[int], rng: Any) -> list[dict[str, Any]]:
    """Change a number of every leaf that has a gradient, and all that follows from it."""
    nodes, changes = {node.birth: node for node in tg.history(loss)}, []
    for id in leaves:
        node = nodes[scene.made[id].birth] if id < len(scene.made) else None
        if node is not None and node.tracked and node.array.size:
            array = node.array = np.array(node.array)
            at = int(rng.integers(array.size))
            array.reshape(-1)[at] += rng.normal()
            changes.append({"id": id, "at": at, "is": float(array.reshape(-1)[at])})
    recomputed(loss)
    return changes


def wrong_in(names: Collection[str], folder: Path) -> list[str]:
    """What changed pages say otherwise than Python of the changed numbers, text by text."""
    tg.set_default_dtype(tg.float64)
    rng, asked, wanted = np.random.default_rng(1), [], {}
    for name in names:
        tg.manual_seed(0)
        make, steps = WINDOWS.get(name, (GRAPHS.get(name), None))
        assert make is not None
        loss = make()
        if isinstance(loss, list):
            continue
        before = viz.draw(loss, steps=steps)
        scale = scale_of(before.scene)
        run = content_of(before, scale)
        assert "not" not in run["live"], f"{name}: {run['live']}"
        asked.append({"run": run, "changes": moved(loss, before.scene, run["live"]["leaves"], rng)})
        after = viz.draw(loss, steps=steps)
        wanted[name] = after.scene, content_of(after, scale)
    tg.set_default_dtype(tg.float32)
    (folder / "asked.json").write_text(json.dumps(asked))
    assert NODE is not None
    done = subprocess.run([NODE, RUNNER, folder / "asked.json"], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    assert names is WINDOWS or any(told["python"] for told in json.loads(done.stdout))
    wrong, programs = [], run_anew([told["python"] for told in json.loads(done.stdout)], folder)
    for (name, _), told, (loss, sizes) in zip(wanted.items(), json.loads(done.stdout), programs, strict=True):
        nodes = told["run"]["nodes"]
        said = {f"d{nodes[told['run']['loss']]['name']}/d{each['name']}": each["gradient"] for each in nodes}
        here = [np.nan if told["loss"] is None else told["loss"], *(said[each]["size"] for each in sizes)]
        if told["python"] and not np.allclose(here, [loss, *sizes.values()], 2e-5, 1e-12, equal_nan=True):
            wrong.append(f"{name}: as Python {loss}, {sizes} instead of {here}")
    for (name, (scene, page)), told in zip(wanted.items(), json.loads(done.stdout), strict=True):
        for part in ("nodes", "edges", "uses", "series"):
            for n, (one, other) in enumerate(zip(listed(told["run"][part]), listed(page[part]), strict=True)):
                if not same(one, other):
                    wrong.append(f"{name}: {part} {n}: {one} instead of {other}"[:1500])
        for node, card in zip(scene.nodes, told["cards"], strict=True):
            lines = [list(line) for line in value_lines(node.value)]
            gradient = None if node.gradient is None else [list(line) for line in gradient_lines(node.gradient)]
            if card != {"value": lines, "gradient": gradient} and not tiny(node):
                wrong.append(f"{name}: card {node.name}: {card} instead of {lines}, {gradient}"[:1500])
    return wrong


ANEW = """
import contextlib, io, json, sys
import numpy as np
told = []
for text in json.load(open(sys.argv[1])):
    names = {"results": [], "gradients": {}}
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        exec(text or "", names)
    loss = float(np.sum(names["results"])) if text else None
    told.append([loss, {name: float(np.linalg.norm(g)) for name, g in names["gradients"].items()}])
print(json.dumps(told))
"""


def run_anew(texts: list[str], folder: Path) -> Any:
    """What a process that knows numpy alone gets from the programs that pages hand out: loss and sizes of gradients."""
    (folder / "texts.json").write_text(json.dumps(texts))
    done = subprocess.run(
        [sys.executable, "-c", ANEW, folder / "texts.json"], capture_output=True, text=True, check=False, cwd=folder
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_a_changed_page_is_the_page_of_the_changed_numbers(tmp_path: Path) -> None:
    assert wrong_in(GRAPHS.keys() - NOT_LIVE - {*READ_WITHIN}, tmp_path) == []


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_verdicts_on_what_is_carried_follow(tmp_path: Path) -> None:
    """Where the loss reads several steps, they are of what goes from state to state alone."""
    for name in READ_WITHIN:
        loss = GRAPHS[name]()
        assert live(loss[0] if isinstance(loss, list) else loss)["states"]
    assert wrong_in(READ_WITHIN, tmp_path) == []


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_a_page_of_some_steps_follows(tmp_path: Path) -> None:
    assert wrong_in(WINDOWS, tmp_path) == []


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_data_that_has_two_cards_is_changed_on_both(tmp_path: Path) -> None:
    picture = viz.draw(GRAPHS["docs.both-directions"]())
    run = content_of(picture, scale_of(picture.scene))
    ids = [n for n, node in enumerate(run["nodes"]) if node["name"] == "x1"]
    (tmp_path / "asked.json").write_text(json.dumps([{"run": run, "changes": [{"id": ids[1], "at": 0, "is": 3.0}]}]))
    done = subprocess.run([NODE, RUNNER, tmp_path / "asked.json"], capture_output=True, text=True, check=True)  # type: ignore[list-item]
    (told,) = json.loads(done.stdout)
    assert [told["run"]["nodes"][id]["value"]["rows"] for id in ids] == [[[3]], [[3]]]


def truncated() -> Any:
    """A recurrence whose state is detached before every step with an odd number."""
    w, xs = tg.randn(3, 3, requires_grad=True), tg.randn(6, 3)
    h, loss = tg.randn(3, requires_grad=True), tg.zeros(())
    for t in range(6):
        with tg.step(t + 1):
            h = tg.tanh(w @ (h.detach() if t % 2 else h) + xs[t])
            loss = loss + h.pow(2).sum()
    return loss


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


def scalar() -> Any:
    a, b = tg.tensor(2.0, requires_grad=True), tg.tensor(-3.0, requires_grad=True)
    a.name, b.name = "a", "b"
    return (a * b + 1.0) ** 2


def texts(walker: Any, name: str) -> list[str]:
    """The numbers on the card of that name."""
    script = """
        const name = (card) => [...card.querySelectorAll("text")].slice(0, 2).map((text) => text.textContent);
        const card = [...document.querySelectorAll(".card")].find((each) => name(each).includes(arguments[0]));
        const numbers = (part) => [...card.querySelectorAll(part + " text:not(.ghost)")].slice(1);
        return [...numbers(".value"), ...numbers(".gradient")].map((text) => text.textContent);
    """
    found: list[str] = walker.driver.execute_script(script, name)
    return found


def test_numbers_are_typed_and_dragged_in_the_browser(walk: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    walker = walk(viz.draw(scalar()).html)
    driver = walker.driver
    assert texts(walker, "a") == ["2", "30"]  # 2 (ab + 1) b
    driver.execute_script(
        "document.querySelector('.card.leaf').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    field = driver.find_element(By.CSS_SELECTOR, "#panel .fields input")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("4", Keys.ENTER)
    assert texts(walker, "a") == ["4", "66"]
    assert texts(walker, "b") == ["-3", "-88"]
    assert "was 25" in driver.find_element(By.ID, "live-told").text
    ghosts = walker.run("return [...document.querySelectorAll('.card .ghost')].map((each) => each.textContent)")
    assert sorted(ghosts) == ["was -10", "was -10", "was -20", "was -5", "was -6", "was 2", "was 25", "was 30"]
    driver.find_element(By.CSS_SELECTOR, "[data-key=nudge]").click()
    assert any("the chain rule says 66" in each.text for each in driver.find_elements(By.CSS_SELECTOR, "#panel .facts"))
    number = driver.find_element(By.CSS_SELECTOR, ".card.leaf text.dragged")
    ActionChains(driver).move_to_element(number).click_and_hold().move_by_offset(40, 0).release().perform()
    assert float(texts(walker, "a")[0]) > 4
    driver.find_element(By.ID, "undo").click()
    assert texts(walker, "a") == ["2", "30"]
    assert walker.count(".card .ghost") == 0
    driver.find_element(By.ID, "descend").click()
    assert texts(walker, "a") == ["-1", "-4"]  # a is 2 - 0.1 * 30, b is -3 + 0.1 * 20, and dL/da is 2 (ab + 1) b


def test_an_address_brings_the_changes_back(walk: Any) -> None:
    walker = walk(viz.draw(scalar()).html, "#set=0.0=4_7.0=1_nonsense")
    assert texts(walker, "a") == ["4", "66"]


def test_what_python_alone_can_do_is_said(walk: Any) -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda g: 2 * g)
    walker = walk(viz.draw((x * x).sum()).html)
    assert "hook" in walker.driver.find_element("id", "live-told").text


def live(loss: Any) -> Any:
    picture = viz.draw(loss)
    return content_of(picture, scale_of(picture.scene))["live"]


@pytest.mark.slow
def test_what_stays_as_it_was_is_said() -> None:
    """Masks of what is in the graph follow. Others, and places, have no history: a page says so, and no other does."""
    x, w = tg.randn(3, 4, requires_grad=True), tg.randn(4, requires_grad=True)
    written, turned = x > 0, x > 0
    written[0] = True
    turned.logical_not_()
    stay = {
        "places": [
            x.max(dim=1).values,
            x.sort(dim=1).values * w,
            x[[0, 2, 2]].pow(2),
            tg.nn.Embedding(5, 3)(tg.tensor([1, 2])).pow(2),
        ],
        "mask": [
            x[x > 0],
            tg.where(x.abs() > 1, x * w, x),  # of what is nobody's any more
            tg.where((x.abs() > 1) & (x < w), x * w, x),
            (x.abs() > 1).float() * x,
            tg.where(x.detach() > 0, x * w, x),
            tg.where(tg.tensor([True, False, True, False]), x * w, x),
            tg.where(written, x * w, x),
            tg.where(turned, x * w, x),
            tg.where(tg.from_numpy(x.array > 0), x * w, x),
        ],
        "random numbers": [tg.nn.functional.dropout(x * w)],
    }
    for word, losses in stay.items():
        assert [[what for _, what in live(loss.sum())["fixed"]] for loss in losses] == [[word]] * len(losses)
    follow = [(x * w).tanh(), x.relu(), x.amax(1), x[1], x.cumprod(0)]
    masks = (x > 0, x > w, ~(x > 1), (x > 0) & (x < w), (x > 0)[0], (x > 0).any(1, keepdim=True), (x > 0).clone())
    follow += [each for mask in masks for each in (tg.where(mask, x * w, x), mask * x)]
    follow += [x.masked_fill(x > 1, 0.0).pow(2), (x > 0).float() * x, (~(x > 0)).to(tg.float64) * w]
    assert [live(loss.sum())["fixed"] for loss in follow] == [[]] * len(follow)


@pytest.mark.slow
def test_what_dropout_drew_in_pytorch_is_named() -> None:
    torch = pytest.importorskip("torch")
    layer, x = torch.nn.Linear(3, 4), torch.randn(2, 3)
    lstm = torch.nn.LSTM(3, 4, 2, dropout=0.5)
    attend = partial(torch.nn.functional.scaled_dot_product_attention, dropout_p=0.5)
    with tg.following():
        results = torch.dropout(layer(x), 0.5, True), attend(layer(x), layer(x), layer(x)), lstm(x)[0]
        losses = [each.square().sum() for each in results]
    for loss in losses:
        assert {what for _, what in live(loss)["fixed"]} == {"random numbers"}


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_masks_follow_across_their_thresholds(tmp_path: Path) -> None:
    tg.set_default_dtype(tg.float64)
    rng, asked, wanted = np.random.default_rng(0), [], []

    def losses(x: Any, w: Any) -> list[Any]:
        mask = (x > 0) & (x < w)
        return [tg.where(mask, x * w, x).sum(), ((~mask).float() * x * w).sum(), (x.masked_fill(x > w, 0.5) * w).sum()]

    x, w = tg.randn(3, 4, requires_grad=True), tg.randn(4, requires_grad=True)
    other = [tg.tensor(each.array + rng.normal(size=each.array.shape), requires_grad=True) for each in (x, w)]
    for before, after in zip(losses(x, w), losses(*other), strict=True):
        picture = viz.draw(before)
        run = content_of(picture, scale_of(picture.scene))
        births = {x.birth: other[0], w.birth: other[1]}
        ids = {n: births[each.birth] for n, each in enumerate(picture.scene.made) if each.birth in births}
        changes = [
            {"id": id, "at": at, "is": is_}
            for id, leaf in ids.items()
            for at, is_ in enumerate(leaf.array.ravel().tolist())
        ]
        asked.append({"run": run, "changes": changes})
        wanted.append(
            (
                after.item(),
                {id: tg.autograd.grad(after, leaf, retain_graph=True)[0].norm().item() for id, leaf in ids.items()},
            )
        )
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    done = subprocess.run([str(NODE), RUNNER, tmp_path / "asked.json"], capture_output=True, text=True, check=True)
    for told, (loss, sizes) in zip(json.loads(done.stdout), wanted, strict=True):
        np.testing.assert_allclose(told["loss"], loss, 1e-11)
        for id, size in sizes.items():
            np.testing.assert_allclose(told["run"]["nodes"][id]["gradient"]["size"], size, 1e-11)
    tg.set_default_dtype(tg.float32)


def test_a_mask_keeps_no_graph_alive() -> None:
    x = tg.ones(3, requires_grad=True)
    doubled = x * 2
    known, mask = weakref.ref(doubled), doubled > 0
    del doubled
    assert known() is None and mask.all()


def test_what_stays_is_named_where_numbers_are_changed(walk: Any) -> None:
    x, w = tg.tensor([1.0, -2.0], requires_grad=True), tg.tensor([3.0, 4.0], requires_grad=True)
    x.name, w.name, y = "x", "w", tg.where(x.abs() > 5, x, x * w)
    y.name = "y"
    walker = walk(viz.draw(y.sum()).html, "#sel=x&set=0.0=-1")
    assert "Stays as it was: the mask of y; what Python decided by an if" in walker.text("#panel")
    assert "the mask of y stays as before" in walker.text("#live-told")
    walker.click("#panel [data-key=fixed0]")
    assert walker.chosen == "y"
    assert "its mask stays as before" in walker.text("#panel")


def test_what_dropout_drew_is_data() -> None:
    """What it multiplied with is an array that is no tensor, and stays unless it is changed itself."""
    x = tg.ones(50, requires_grad=True)
    told = live(tg.nn.functional.dropout(x, 0.5).sum())
    assert len(told["leaves"]) == 2 and told["gradients"][told["leaves"][1]] is None


def test_what_was_detached_follows() -> None:
    """Its numbers are those of its source, so that it is no leaf of the page but the same place on the tape."""
    x = tg.tensor([0.5, -1.0], requires_grad=True)
    h = (x * 2.0).tanh()
    told = live((h * h.detach() + x).sum())
    assert len(told["leaves"]) == 1
    code = told["tape"]["code"][: told["tape"]["forward"]]
    products = [args for name, _, args, *_ in code if told["tape"]["names"][name] == "mul"]
    assert any(one == other for one, other in products)  # h times h
