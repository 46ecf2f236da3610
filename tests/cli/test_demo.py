"""`tinygrad-rnn demo`: the worked example prints the numbers that were computed independently."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.process import Run
from tinygrad_rnn.lab.demos.worked_example import DOLLARS, TARGET, WorkedExample

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "stock_example.json").read_text())["cases"]


def case(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in REFERENCE if each["name"] == name)
    return found


def table(output: str, heading: str) -> list[list[str]]:
    """The rows of the table under a heading, split at runs of two blanks."""
    below = output.partition(heading)[2].partition("\n")[2]
    lines = below.lstrip("\n").splitlines()[2:]
    rows = []
    for line in lines:
        if not line.strip():
            break
        rows.append(re.split(r" {2,}", line.strip()))
    return rows


@pytest.mark.parametrize(("unit", "name"), [(100.0, "canonical"), (1.0, "raw_Wy1")])
def test_the_example_is_the_reference(unit: float, name: str) -> None:
    wanted, example = case(name), WorkedExample(unit)
    assert [price / unit for price in DOLLARS] == wanted["inputs"] and TARGET / unit == wanted["target"]
    forward = example.forward()
    assert forward.y.item() == pytest.approx(wanted["prediction"], abs=1e-12)
    assert forward.loss.item() == pytest.approx(wanted["loss_squared_error"], rel=1e-12)
    assert np.array([h.tolist() for h in forward.hs]) == pytest.approx(np.array(wanted["hidden"]), abs=1e-12)
    for parameter, measured in example.finite_differences().items():
        assert measured == pytest.approx(np.array(wanted["gradients"][parameter]), abs=1e-8)


def test_bptt(tmp_path: Path, here: Run) -> None:
    done = here("demo", "bptt")
    assert (done.returncode, done.stderr) == (0, "")
    assert "prediction y = 1.147583 ($114.76), loss = 0.0022641" in done.stdout
    steps = table(done.stdout, "Forward and back through time")
    assert [row[0] for row in steps] == ["1", "2", "3", "4", "5"]
    assert [row[-1] for row in steps] == ["0.03 %", "0.22 %", "1.57 %", "11.56 %", "86.62 %"]
    reference = case("canonical")
    for row, wanted in zip(steps, reference["per_step"], strict=True):
        assert float(row[3]) == pytest.approx(np.linalg.norm(wanted["dL_dh"]), rel=5e-4)
    gradients = table(done.stdout, "Gradients, checked by central finite differences")
    assert len(gradients) == 11
    assert all(float(row[-1]) < 1e-9 for row in gradients)
    assert gradients[0][1] == f"{reference['gradients']['W_xh'][0][0]:.10f}"
    largest = float(done.stdout.partition("largest difference: ")[2].split()[0])
    assert largest == max(float(row[-1]) for row in gradients)
    course = [row[1] for row in table(done.stdout, "Five steps of gradient descent")]
    assert course[:3] == ["$114.7583", "$109.9594", "$110.0006"]
    assert [path.name for path in tmp_path.iterdir()] == ["bptt.svg"]
    picture = (tmp_path / "bptt.svg").read_text()
    assert all(text in picture for text in ("t = 5", "$108", "h5", "W_hh", "tanh"))
    assert done.stdout.isascii() and max(map(len, done.stdout.splitlines())) <= 100


def test_stock(tmp_path: Path, here: Run) -> None:
    done = here("demo", "stock")
    assert (done.returncode, done.stderr) == (0, "")
    assert "tanh(50) = 1 in floating point" in done.stdout
    for name, exact, measured, _ in table(done.stdout, "Gradients, checked by central finite differences"):
        behind_tanh = name.startswith(("dL/dW_xh", "dL/dW_hh", "dL/db_h"))
        assert (float(exact) == 0 and float(measured) == 0) is behind_tanh
    course = table(done.stdout, "Thirty steps of gradient descent")
    assert course[0][1:] == ["$2.0000", "11664"]
    assert course[-1][1] == "$110.0000" and float(course[-1][2]) < 1e-15
    answers = table(done.stdout, "the answer is always the same")
    assert len(answers) == 4
    assert all(row[1:] == ["$110.00", "0"] for row in answers)
    assert [path.name for path in tmp_path.iterdir()] == ["stock.svg"]


def test_program(here: Run) -> None:
    done = here("demo", "program", "--picture", "none")
    assert (done.returncode, done.stderr) == (0, "")
    rows = table(done.stdout, "Executed from this text, and by the textbook's equations")
    assert len(rows) == 11 and all(float(row[-1]) < 1e-15 for row in rows)
    space: dict[str, Any] = {}
    exec(done.stdout[done.stdout.index("from numpy") : done.stdout.index("Executed from")], space)
    arrays = {name: parameter.array for name, parameter in WorkedExample(100.0).parameters.items()}
    forward, backward = space["plan"](**arrays)
    reference = case("canonical")
    assert forward()[0] == pytest.approx(reference["loss_squared_error"], rel=1e-14)
    for name, gradient in zip(("W_hy", "W_xh", "W_hh", "b_h", "b_y"), backward(), strict=True):
        assert gradient == pytest.approx(np.array(reference["gradients"][name]), rel=1e-14)


def test_no_picture_is_drawn_if_none_is_wanted(tmp_path: Path, here: Run) -> None:
    assert "Picture" not in here("demo", "bptt", "--picture", "none").stdout
    assert not list(tmp_path.iterdir())
