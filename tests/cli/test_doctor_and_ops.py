"""`tinygrad-rnn doctor` and `tinygrad-rnn ops`."""

import json
import tempfile
from pathlib import Path

import pytest
from threadpoolctl import ThreadpoolController

import tinygrad_rnn as tg
from tests.cli.process import Run
from tests.engine import TABLE
from tinygrad_rnn.lab.cli import doctor, recipe
from tinygrad_rnn.lab.cli.showing import row_of


def test_doctor_is_content(here: Run) -> None:
    done = here("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 120
    found = json.loads(here("doctor", "--json").stdout)
    assert found["missing"] == []
    names = [each["what"] for each in found["findings"]]
    for name in ("Python", "numpy", "safetensors", "graphviz engine", "pictures as SVG", "fonts", "BLAS threads"):
        assert name in names and name in done.stdout


def test_doctor_misses_what_is_essential(here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYGRAD_RNN_DOT", "/no/such/dot")
    done = here("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    assert "missing graphviz engine" in done.stdout and "/no/such/dot" in done.stdout
    assert done.stdout.endswith("\nmissing: graphviz engine\n")


def test_doctor_tells_of_a_folder_that_cannot_be_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    findings = list(doctor._writing())
    assert [each.state for each in findings] == ["missing", "missing"]
    assert all(each.found.endswith("cannot be written to: Permission denied") for each in findings)


def threads() -> int:
    """How many numpy's BLAS uses, 0 if it does not say."""
    return max((pool["num_threads"] for pool in ThreadpoolController().select(user_api="blas").info()), default=0)


def test_one_thread_for_small_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in recipe.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    used = threads()
    if not used:
        pytest.skip("numpy came without its own OpenBLAS")
    try:
        recipe.use_one_thread(64)
        assert threads() == 1
    finally:
        tg.set_num_threads(used)
    recipe.use_one_thread(recipe.LARGE)
    assert threads() == used
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    recipe.use_one_thread(64)
    assert threads() == used


@pytest.mark.parametrize("name", TABLE)
def test_every_operation_has_a_row(name: str) -> None:
    row = row_of(TABLE[name])
    assert row["name"] == name and row["formula"]
    ruled = [rule for rule in row["derivatives"].values() if rule is not None]
    assert bool(ruled) is TABLE[name].differentiable


@pytest.mark.parametrize(
    ("name", "formula", "derivatives"),
    [
        ("tanh", "tanh(x)", {"x": "g * (1 - y * y)"}),
        ("mul", "a * b", {"a": "g * b", "b": "g * a"}),
        ("matmul", "a @ b", {"a": "g @ b.mT", "b": "a.mT @ g"}),
        ("linear", "x @ W.mT", {"x": "g @ W", "W": "g.mT @ x"}),
        ("relu", "relu(x)", {"x": "where(x <= 0, 0, g)"}),
        ("argmax", "argmax(x, dim=1)", {"x": None}),
    ],
)
def test_rules_as_a_textbook_has_them(name: str, formula: str, derivatives: dict[str, str | None]) -> None:
    row = row_of(TABLE[name])
    assert (row["formula"], row["derivatives"]) == (formula, derivatives)


def test_the_table(here: Run, tmp_path: Path) -> None:
    done = here("ops")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"  {name} " in done.stdout for name in TABLE)
    assert here("ops", "tanh").stdout.count("\n") == 5
