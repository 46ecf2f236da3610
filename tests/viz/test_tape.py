"""The page's interpreter beside the engine: values, gradients and shares of every graph after its leaves moved."""

import json
import shutil
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import TABLE, Node, Sample, arguments, backpropagate, is_answer, origin
from tests.nn.cases import CASES, run
from tests.ops.cases_of_shape import CASES as FUNCTIONS
from tests.ops.compare import _weighted as weighted
from tests.ops.record import sample
from tests.viz.inside import Refused, Tape
from tests.viz.many import GRAPHS

RUNNER = Path(__file__).parents[2] / "web" / "check" / "tapes.js"
NODE = shutil.which("node")
TRIALS = 3


def of_sample(name: str, tried: Sample) -> Any:
    """A loss that reads every entry of what an operation makes of tensors, each with another factor."""
    args = [
        tg.tensor(arg, requires_grad=arg.dtype.kind == "f") if isinstance(arg, np.ndarray) else arg
        for arg in tried.args
    ]
    y = TABLE[name](*args, **tried.kwargs)
    if not y.requires_grad:
        return None
    return (y * tg.arange(1.0, y.numel() + 1, dtype=y.dtype).reshape(y.shape)).sum()


def again(loss: Any, moves: Any) -> tuple[Any, list[Any]]:
    """The same operations on leaves whose numbers were moved: the loss, and what stands for each tensor."""
    made: dict[int, Any] = {}
    for node in tg.history(loss):
        if node.primitive is None:
            asked = answered(node, made)
            array = moves(node) if node.tracked else node.array
            made[node.birth] = tg.tensor(array, requires_grad=bool(node.tracked)) if asked is None else asked
        else:
            args = [made[arg.birth] if hasattr(arg, "birth") else arg for arg in arguments(node)]
            made[node.birth] = (
                args[0].record(node.primitive, tuple(args), node.kwargs)
                if hasattr(args[0], "record")
                else node.primitive(*args, **node.kwargs)
            )
    return made[loss.birth], list(made.values())


def answered(node: Any, made: dict[int, Any]) -> Any:
    """A mask and its like of the numbers as they are now; None if it is of what is no part of the graph."""
    asked, args = origin(node), []
    if asked is None:
        return None
    for arg in asked.args:
        if not isinstance(arg, Node) or arg.birth in made:
            args.append(made[arg.birth] if isinstance(arg, Node) else arg)
        elif arg.primitive is not None or (is_answer(arg) and answered(arg, made) is None):
            return None
        else:
            args.append(answered(arg, made) if is_answer(arg) else tg.from_numpy(arg.array))
    return asked.primitive(*args, **asked.kwargs)


def moved(array: Any, rng: Any) -> Any:
    """Other numbers, some of them on the other side of a threshold; positive ones stay positive."""
    if array.dtype.kind != "f":
        return array
    scale = np.where(rng.random(array.shape) < 0.5, 0.1, 1.5)
    near = np.abs(array) * rng.uniform(0.6, 1.5, array.shape)
    away = array + scale * rng.normal(size=array.shape)
    return np.asarray(near if array.size and array.min() > 0 else away, array.dtype)


def trial(tape: Tape, loss: Any, rng: Any) -> tuple[dict[int, Any], list[tuple[str, int, Any]]]:
    """New numbers for the leaves, by their places, and the truth: (what, place, numbers)."""

    new, tensors = again(loss, lambda node: moved(node.array, rng))
    births = [node.birth for node in tg.history(loss)]
    old = {tensor.birth: birth for birth, tensor in zip(births, tensors, strict=True)}
    given = {
        tape.values[birth]: tensor.array
        for birth, tensor in zip(births, tensors, strict=True)
        if tensor.primitive is None and tensor.tracked
    }
    truth = [("value", tape.values[birth], tensor.array) for birth, tensor in zip(births, tensors, strict=True)]
    with np.errstate(all="ignore"):
        for node, g, shares in backpropagate(new, shares=True):
            truth.append(("gradient", tape.gradients[old[node.birth]], g))
            truth += [
                ("share", tape.shares[old[node.birth], k][1].number, share)
                for k, share in enumerate(shares)
                if share is not None
            ]
    return given, truth


def text(array: Any) -> list[Any]:
    return [
        x if np.isfinite(x) else str(x).replace("inf", "Infinity").replace("nan", "NaN") for x in array.ravel().tolist()
    ]


def differences(cases: list[tuple[str, Any]], folder: Path) -> list[str]:
    rng = np.random.default_rng(0)
    rows, truths, told = [], [], []
    for name, loss in cases:
        try:
            tape = Tape(loss)
        except Refused as reason:
            told.append(f"{name}: refused, {reason}")
            continue
        trials = [trial(tape, loss, rng) for _ in range(TRIALS)]
        rows.append({"tape": tape.plain(), "trials": [{k: text(v) for k, v in given.items()} for given, _ in trials]})
        truths.append((name, [truth for _, truth in trials]))
    for (name, wanted), found in zip(truths, computed(rows, folder), strict=True):
        wrong = (wrong_in(truth, values) for truth, values in zip(wanted, found, strict=True))
        told += [f"{name}: {each}" for each in wrong if each][:1]
    return told


def computed(rows: list[Any], folder: Path) -> Any:
    """What the interpreter makes of tapes: all values of every trial."""
    (folder / "tapes.json").write_text(json.dumps(rows))
    assert NODE is not None
    done = subprocess.run([NODE, RUNNER, folder / "tapes.json"], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def wrong_in(truth: list[tuple[str, int, Any]], values: list[Any]) -> str:
    """The first that is not as it should be, in words."""
    for what, number, array in truth:
        given = np.array(values[number], float).reshape(array.size)
        near = 2e-4 if array.dtype == np.float32 else 1e-11
        array = array.ravel()
        if (given == array).all():
            continue
        size = np.abs(array[np.isfinite(array)]).max(initial=0.1) if array.dtype.kind == "f" else 1
        same = (given == array) | ((given != given) & (array != array))
        with np.errstate(invalid="ignore"):  # infinite numbers are the same or wrong
            if not (same | (np.abs(given - array) <= near * size)).all():
                return f"{what} {array[:4]} is {given[:4]}"
    return ""


def samples() -> Iterator[tuple[str, Any]]:
    for name, operation in TABLE.items():
        for tried in operation.tried_on():
            if (loss := of_sample(name, tried)) is not None:
                yield f"{name}({tried})", loss


pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


@pytest.mark.slow
def test_operations_are_computed_as_the_engine_does(tmp_path: Path) -> None:
    found = differences(list(samples()), tmp_path)
    assert [each for each in found if "refused, a page does not compute" not in each] == []
    assert {each.partition("(")[0] for each in found} == {"inv", "solve", "det", "logabsdet", "cholesky"}


def functions() -> Iterator[tuple[str, Any]]:
    """Every function in three samples, and where it has second derivatives, what its derivatives are made of."""
    for case in FUNCTIONS:
        for number in range(3):
            arrays, options = sample(case, number)
            tensors = [
                tg.from_numpy(array.astype(np.float64) if array.dtype.kind == "f" else array) for array in arrays
            ]
            leaves = [tensor.requires_grad_() for tensor in tensors if tensor.is_floating_point()]
            y = case.call(tg, *tensors, **options)
            outputs = [each for each in (y if isinstance(y, (list, tuple)) else [y]) if each.requires_grad]
            for order in range(1, case.derivatives + 1):
                total = weighted(tg, outputs, order)
                if total is None or not total.requires_grad or (order > 1 and not np.isfinite(total.item())):
                    break
                yield f"{case.name} {number}, order {order}", total
                found = tg.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
                outputs = [g for g in found if g is not None and g.requires_grad]


@pytest.mark.slow
def test_functions_are_computed_as_the_engine_does(tmp_path: Path) -> None:
    found = differences(list(functions()), tmp_path)
    # Constants that were written through their views: what was computed from them before is not there any more.
    # What linalg computes is refused in words.
    said = ("writing through views of constants", "of a matrix")
    assert [each for each in found if not any(part in each for part in said)] == []


@pytest.mark.slow
def test_modules_are_computed_as_the_engine_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses: list[Any] = []
    monkeypatch.setattr(tg.Tensor, "backward", lambda loss: losses.append(loss))
    for case in CASES:
        run(tg, case)
    assert differences([(case.name, loss) for case, loss in zip(CASES, losses, strict=True)], tmp_path) == []


@pytest.mark.slow
def test_graphs_are_computed_as_the_engine_does(tmp_path: Path) -> None:
    found = differences(list(graphs()), tmp_path)
    assert [name.partition(":")[0] for name in found] == ["custom", "hidden 512", "T 5000", "kept slots"], found


def leaves(loss: Any) -> list[Any]:
    return [node for node in tg.history(loss) if node.primitive is None and node.tracked]


def silent(cases: Iterable[tuple[str, Any, Any]], folder: Path) -> list[str]:
    """Programs run again by Python on other numbers, of whose other results the page of the first run says nothing."""
    rows, truths, told = [], [], []
    for name, before, after in cases:
        try:
            tape = Tape(before)
        except Refused:
            continue
        pairs = list(zip(leaves(before), leaves(after), strict=False))
        if tape.fixed:
            continue
        if [(one.shape, len(pairs)) for one in leaves(before)] != [
            (other.shape, len(pairs)) for other in leaves(after)
        ]:
            told.append(f"{name}: other leaves")
            continue
        with np.errstate(all="ignore"):
            gradients = {node.birth: g for node, g, _ in backpropagate(after)}
        truth = [("loss", tape.values[before.birth], after.array)]
        truth += [("gradient", tape.gradients[one.birth], gradients[other.birth]) for one, other in pairs]
        rows.append({"tape": tape.plain(), "trials": [{tape.values[a.birth]: text(b.array) for a, b in pairs}]})
        truths.append((name, truth))
    results = zip(truths, computed(rows, folder), strict=True)
    return told + [f"{name}: {wrong}" for (name, truth), (values,) in results if (wrong := wrong_in(truth, values))]


def called_anew(samples: int) -> Iterator[tuple[str, Any, Any]]:
    rng = np.random.default_rng(0)
    for case, number in product(FUNCTIONS, range(samples)):
        arrays, options = sample(case, number)
        arrays, losses = [np.asarray(each, np.float64 if each.dtype.kind == "f" else None) for each in arrays], []
        for given in (arrays, [moved(array, rng) for array in arrays]):
            tg.manual_seed(0)
            tensors = [tg.tensor(array, requires_grad=array.dtype.kind == "f") for array in given]
            y = case.call(tg, *tensors, **options)
            outputs = [each for each in (y if isinstance(y, (list, tuple)) else [y]) if each.requires_grad]
            losses.append(weighted(tg, outputs, 1))
        if all(loss is not None for loss in losses):
            yield case.name, *losses


@pytest.mark.slow
def test_functions_called_anew_give_what_the_page_gives_or_it_says_so(tmp_path: Path) -> None:
    # softplus looks whether any number is beyond its threshold before it asks which: an if of Python's.
    assert {each.partition(":")[0] for each in silent(called_anew(2), tmp_path)} == {"softplus with options"}


@pytest.mark.slow
def test_modules_called_anew_give_what_the_page_gives_or_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, losses = np.random.default_rng(3), list[Any]()
    monkeypatch.setattr(tg.Tensor, "backward", lambda loss: losses.append(loss))
    cases = [case for case in CASES if not case.name.startswith("BCELoss")]  # which takes numbers from 0 to 1 alone
    for case in cases:
        weights, results = run(tg, case)
        tg.manual_seed(zlib.crc32(case.name.encode()))  # dropout draws the same
        parameters = {name: moved(array, rng) for name, array in weights.items() if f"d/d{name}" in results}
        inputs = {name: moved(array, rng) for name, array in case.inputs().items()}
        run(tg, replace(case, shapes=inputs), weights | parameters)
    named = zip((case.name for case in cases), losses[::2], losses[1::2], strict=True)
    assert silent(named, tmp_path) == []


def graphs() -> Iterator[tuple[str, Any]]:
    tg.set_default_dtype(tg.float64)
    for name, make in GRAPHS.items():
        tg.manual_seed(0)
        loss = make()
        yield name, loss[0] if isinstance(loss, list) else loss
    tg.set_default_dtype(tg.float32)
