"""Loops compiled by numba: the same results and gradients, what stays in numpy, and where machine code is kept."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import machine_code
from tinygrad_rnn import nn

from .networks import COMPILED, H, N, T
from .test_compile import close, eager, gradients

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="could not import 'numba'")
posix = pytest.mark.skipif(os.name != "posix", reason="modes of folders are POSIX's")
#: Each has a kind of line of its own: products of rows and columns, parts side by side, sums, softmax, comparisons,
#: states several steps back, a first step without state, lengths, single numbers, and what stays in numpy.
CHOSEN = [
    "RNN lengths",
    "LSTM",
    "GRU of 5 steps",
    "LSTM with a projection",
    "an own cell",
    "two steps back",
    "layer norm",
]
CHOSEN += ["a first step without state", "chosen by comparison", "vectors", "states that are numbers"]
CHOSEN += ["operations named like others", "embedding and loss in each step", "a state joined from its own parts"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine_code, "_cache", lambda: tmp_path)
    return tmp_path / "tinygrad_rnn" / "programs"


def assert_equal_to_eager(network: Any, dtype: Any, tolerance: float) -> Any:
    fast = tg.compile(network.f, backend="numba")
    for seed in range(3):
        batch = network.batch(seed, dtype)
        for p in network.parameters:
            p.detach().numpy()[...] *= 0.9
        loss, wanted = gradients(network.parameters, partial(eager, network.f, batch))
        for run in (partial(eager, fast, batch), partial(fast.forward_backward, *batch)):
            found, given = gradients(network.parameters, run)
            assert found == pytest.approx(loss, rel=tolerance)
            assert all(close(a, b, tolerance) for a, b in zip(given, wanted, strict=True))
    return fast


@needs_numba
@pytest.mark.slow
@pytest.mark.parametrize("name", CHOSEN)
def test_equal_to_eager(name: str) -> None:
    """Every call has other data and other weights."""
    tg.manual_seed(0)
    fast = assert_equal_to_eager(COMPILED[name](), np.float32, 1e-5)
    assert "a program in numba" in fast.explain()
    left = fast.explain().partition("stays in numpy, for it holds ")[2]
    wanted = {"operations named like others": "own_relu", "embedding and loss in each step": "take of int64"}
    assert left.startswith(wanted[name]) if name in wanted else not left, left


@needs_numba
@pytest.mark.slow
def test_double_precision_and_products_by_blas() -> None:
    tg.set_default_dtype(tg.float64)
    try:
        assert_equal_to_eager(COMPILED["LSTM"](), np.float64, 1e-10)
        m = nn.GRU(N, 64)
        x, y = tg.randn(T, 16, N), tg.randn(T, 16, 64)
        fast = tg.compile(lambda x, y: ((m(x)[0] - y) ** 2).mean(), backend="numba")
        loss, wanted = gradients(list(m.parameters()), partial(eager, fast.eager, [x, y]))
        fast(x, y)
        found, given = gradients(list(m.parameters()), lambda: fast.forward_backward(x, y))
        assert "dot(all_h[t], W_hh.T, " in str(fast.program(x, y)) and found == pytest.approx(loss, rel=1e-12)
        assert all(close(a, b, 1e-10) for a, b in zip(given, wanted, strict=True))
    finally:
        tg.set_default_dtype(tg.float32)


@needs_numba
@pytest.mark.slow
def test_closed_gates_and_numbers_at_the_ends() -> None:
    """exp and tanh of float32 are written out: beside numpy's in float64, at closed gates, and where they end."""

    def f(x: Any, zero: Any) -> Any:
        gates, states, exponentials = [], [], []
        for t in range(len(x)):
            zero = zero * 0.5
            gates.append((x[t] + zero).sigmoid())
            states.append((x[t] + zero).tanh())
            exponentials.append((x[t] + zero).exp())
        return tg.stack([tg.stack(gates), tg.stack(states), tg.stack(exponentials)], 1)

    numbers = np.linspace(-87, 88, 4001).tolist() + [s * 10.0**e for s in (1, -1) for e in range(-30, 1)]
    x = np.array([numbers] * 6, np.float32)
    fast = tg.compile(f, backend="numba")
    with tg.no_grad():
        fast(tg.tensor(x), tg.zeros(len(numbers)))
        found = fast(tg.tensor(x), tg.zeros(len(numbers))).numpy()[1].astype(float)
        wide = x[1].astype(float)
        for ours, true in zip(found, (1 / (1 + np.exp(-wide)), np.tanh(wide), np.exp(wide)), strict=True):
            np.testing.assert_allclose(ours, true, rtol=2e-7)
        x[1, :8] = [np.nan, np.inf, -np.inf, 200, -200, 1e30, -1e30, 0]
        sigmoid, tanh, exp = fast(tg.tensor(x), tg.zeros(len(numbers))).numpy()[1, :, :8]
    assert fast.explain().endswith("steps")
    np.testing.assert_array_equal(sigmoid, [np.nan, 1, 0, 1, 0, 1, 0, 0.5])
    np.testing.assert_array_equal(tanh, [np.nan, 1, -1, 1, -1, 1, -1, 0])
    np.testing.assert_array_equal(exp, [np.nan, np.inf, 0, np.inf, 0, np.inf, 0, 1])


FRESH = """
import sys
import numpy as np
space = {}
exec(open(sys.argv[1], encoding="utf-8").read(), space)
arrays = np.load(sys.argv[2])
forward, backward = space["plan"](*(arrays[f"plan_{k}"] for k in range(4)))
np.savez(sys.argv[2], *forward(arrays["x"], arrays["y"]), *backward())
assert not any(name.startswith("tinygrad") for name in sys.modules)
"""


@needs_numba
@pytest.mark.slow
def test_the_text_runs_without_the_package_and_machine_code_is_kept(tmp_path: Path, cache: Path) -> None:
    tg.manual_seed(0)
    m = nn.RNN(N, H)
    x, y = tg.randn(T, 3, N), tg.randn(T, 3, H)
    fast = tg.compile(lambda x, y: ((m(x)[0] - y) ** 2).mean(), backend="numba")
    program = fast.program(x, y)
    wanted = [*program.forward(x.numpy(), y.numpy()), *program.backward()]
    (tmp_path / "program.txt").write_text(str(program), encoding="utf-8")
    arrays = {f"plan_{k}": each for k, each in enumerate(program.parameters.values())}
    np.savez(tmp_path / "data.npz", allow_pickle=False, x=x.numpy(), y=y.numpy(), **arrays)
    command = [sys.executable, "-c", FRESH, str(tmp_path / "program.txt"), str(tmp_path / "data.npz")]
    subprocess.run(command, cwd=tmp_path, check=True)
    found = np.load(tmp_path / "data.npz")
    assert all(np.array_equal(found[f"arr_{k}"], each) for k, each in enumerate(wanted))
    (file,) = cache.glob("*.py")
    assert file.read_text(encoding="utf-8") == str(program) and cache.stat().st_mode & 0o777 == 0o700
    assert len(list((cache / "__pycache__").glob(f"{file.stem}.*.nbc"))) == 4  # two loops, exp and tanh
    again = tg.compile(fast.eager, backend="numba").program(x, y)
    assert np.array_equal(again.forward(x.numpy(), y.numpy())[0], wanted[0])
    assert sum(again.plain_forward.__globals__["forward_loop"].stats.cache_hits.values()) == 1


@posix
def test_machine_code_is_kept_only_where_nobody_else_can_write(cache: Path, tmp_path: Path) -> None:
    kept = machine_code.kept("first")
    assert kept == machine_code.kept("first") and kept is not None and kept.read_text() == "first"
    cache.chmod(0o770)
    assert machine_code.kept("second") is None
    cache.chmod(0o700)
    cache.rename(tmp_path / "elsewhere")
    cache.symlink_to(tmp_path / "elsewhere")
    assert machine_code.kept("second") is None
    cache.unlink()
    cache.write_text("a file where the folder should be", encoding="utf-8")
    assert machine_code.kept("second") is None


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(machine_code, "_cache", homeless)
    assert machine_code.kept("first") is None


def test_old_programs_are_forgotten(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "MOST", 3)
    files = []
    for k, text in enumerate("abcde"):
        files.append(machine_code.kept(text))
        assert files[-1] is not None
        (cache / "__pycache__").mkdir(exist_ok=True)
        (cache / "__pycache__" / f"{files[-1].stem}.f-1.nbi").write_text("")
        os.utime(files[-1], (k, k))
    assert sorted(cache.glob("*.py")) == sorted(filter(None, files[2:]))
    assert len(list((cache / "__pycache__").iterdir())) == 3


@needs_numba
@pytest.mark.slow
def test_threads_compile_and_train_at_once() -> None:
    def trained(seed: int) -> list[float]:
        rng = np.random.default_rng(seed)
        w = tg.tensor(rng.standard_normal((H, H)) * 0.3, dtype=tg.float32, requires_grad=True)

        def f(x: Any) -> Any:
            h, loss = tg.zeros(2, H), tg.zeros(())
            for t in range(len(x)):
                h = tg.tanh(x[t] + h @ w)
                loss = loss + (h * h).sum()
            return loss

        fast, found = tg.compile(f, backend="numba"), []
        for _ in range(20):
            loss = fast(tg.tensor(rng.standard_normal((5, 2, H)), dtype=tg.float32))
            loss.backward()
            found.append(loss.item())
        return [*found, *np.asarray(w.grad).ravel().tolist()]

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(trained, (1, 2)))
    assert together == [trained(1), trained(2)] and together[0] != together[1]


def test_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinygrad_rnn.rolled.compiling.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'tinygrad-rnn\[fast\]'"):
        tg.compile(lambda x: x, backend="numba")
