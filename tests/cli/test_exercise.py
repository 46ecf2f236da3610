"""`tinygrad-rnn exercise`: a file to write in that is never overwritten, a judge, hints, progress."""

import json
from pathlib import Path

import pytest

from tests.cli.process import Command
from tinygrad_rnn.lab.exercises import check, exercises, judge
from tinygrad_rnn.lab.exercises.trials import defined


def test_a_learner_goes_from_the_hole_to_the_solution(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "01_rnn_step.py"
    status, out, _ = command("exercise", "1")
    assert status == 0 and "01_rnn_step.py is written" in out and "return ...  # what belongs here?" in file.read_text()
    assert command("exercise", "1")[:2] == (
        1,
        "rnn_step: not yet. The ... is still there: write in its place what the function\nreturns.\n\n"
        "A hint: tinygrad-rnn exercise 1 --hint\n",
    )
    written = file.read_text().replace("...  #", "np.tanh(W_xh @ x + W_hh.T @ h + b_h)  #")
    file.write_text(written)
    assert "W_hh is transposed" in command("exercise", "rnn_step")[1] and file.read_text() == written
    assert "Hint 1 of 2" in command("exercise", "1", "--hint")[1]
    assert "Hint 2 of 2" in command("exercise", "1", "--hint")[1]
    assert "return np.tanh(" in command("exercise", "1", "--hint")[1]
    file.write_text(written.replace(".T", ""))
    status, out, _ = command("exercise", "1")
    assert status == 0 and out.startswith("rnn_step: right.\n") and out.endswith("Next: tinygrad-rnn exercise 2\n")
    assert "return np.tanh(" in out and "docs/learn/equations.md" in out
    assert command("exercise")[1].startswith("  1  x  One time step of an RNN" + " " * 33 + "3 tries\n")
    told = json.loads(command("exercise", "--json")[1])["exercises"]
    assert (told[0]["solved"], told[0]["tries"], told[0]["hints"], len(told)) == (1, 3, 3, 13)


def test_lines_fit_into_a_terminal(command: Command, tmp_path: Path) -> None:
    for name, each in exercises().items():
        said = [command("exercise", name)[1]]
        (tmp_path / f"{each.number:02}_{name}.py").write_text(f"import numpy as np\n{each.solution}")
        said += [command("exercise", *more)[1] for more in ([name], [name, "--hint"], [])]
        assert max(len(line) for text in said for line in text.splitlines()) <= 80, name
    assert said[-1].endswith("That was all of them: every exercise is solved.\n")


@pytest.mark.parametrize("damage", ["{", "[1]", "null", '{"rnn_step": {"solved": "x"}}', '{"rnn_step": 1}', "\0"])
def test_damaged_progress_is_told_in_a_line_and_left_alone(command: Command, tmp_path: Path, damage: str) -> None:
    kept = tmp_path / "exercises.json"
    kept.write_text(damage)
    command("exercise", "1")
    for arguments in (("exercise",), ("exercise", "1"), ("exercise", "1", "--hint")):
        _, out, err = command(*arguments)
        assert out and err.count("\n") == 1 and "exercises.json is damaged" in err
        assert kept.read_text() == damage


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def rnn_step(:\n", "Line 1 is no Python"),
        ("import nothing_of_that_name\n", "ModuleNotFoundError in line 1"),
        ("\nx = 1 / 0\n", "ZeroDivisionError in line 2"),
        ("while True:\n    pass\n", "a loop that never ends"),
        ("raise SystemExit\n", "ends the program"),
        ("", "defines no rnn_step"),
        ("rnn_step = 3\n", "no function: it is of type int"),
        ("def rnn_step(x):\n    return x\n", "TypeError: rnn_step() takes 1 positional argument"),
        ("\0", "not yet"),
        ("# -*- coding: nonsense -*-\n", "not yet"),
    ],
)
def test_whatever_the_file_does_is_a_sentence(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, sentence: str
) -> None:
    monkeypatch.setattr(judge, "SECONDS", 0.1 if "loop" in sentence else 60)
    (tmp_path / "01_rnn_step.py").write_text(text)
    status, out, err = command("exercise", "1")
    assert (status, err) == (1, "") and sentence in " ".join(out.split())


def test_a_file_may_print_and_import_its_neighbour(command: Command, tmp_path: Path) -> None:
    (tmp_path / "gates_of_mine.py").write_text("import numpy as np\nf = np.tanh\n")
    (tmp_path / "01_rnn_step.py").write_text(
        "from gates_of_mine import f\n\n\ndef rnn_step(x, h, W_xh, W_hh, b_h):\n    print('here')\n"
        "    return f(W_xh @ x + W_hh @ h + b_h)\n"
    )
    status, out, err = command("exercise", "1", "--json")
    assert (status, json.loads(out)["solved"]) == (0, True) and "here" in err
    assert command("exercise", "1")[1].startswith("here\n")


def test_what_is_tried_in_a_notebook_counts_as_in_the_terminal(command: Command, tmp_path: Path) -> None:
    right, wrong = (defined(code, "softmax") for code in (exercises()["softmax"].solution, "def softmax(s): return s"))
    check(right)
    assert not list(tmp_path.iterdir())  # unless it is told to
    for each in (wrong, right, right, wrong):
        check(each, keep=True)
    told = json.loads(command("exercise", "--json")[1])["exercises"]
    assert [(row["solved"], row["tries"]) for row in told] == [(0, 0), (0, 0), (1, 4), *[(0, 0)] * 10]
    command("exercise", "3", "--hint")
    check(right, keep=True)
    assert json.loads((tmp_path / "exercises.json").read_text())["softmax"] == {"solved": 1, "tries": 5, "hints": 1}
    (tmp_path / "exercises.json").write_text("{")
    with pytest.warns(UserWarning, match="^exercises.json is damaged .*, and no progress is kept; repair it or move"):
        assert check(right, keep=True)
    assert (tmp_path / "exercises.json").read_text() == "{"


def test_notebooks_are_written_once(command: Command, tmp_path: Path) -> None:
    assert command("exercise", "--notebook")[0] == command("exercise", "3", "--notebook")[0] == 0
    whole, one = (json.loads((tmp_path / name).read_text()) for name in ("exercises.ipynb", "03_softmax.ipynb"))
    assert len(whole["cells"]) > len(one["cells"]) == 5
    (tmp_path / "exercises.ipynb").write_text("mine")
    status, _, err = command("exercise", "--notebook")
    assert status == 2 and "exercises.ipynb is there already" in err
    assert (tmp_path / "exercises.ipynb").read_text() == "mine"


@pytest.mark.parametrize("arguments", [["14"], ["0"], ["soft max"], ["--hint"], ["1", "--hint", "--notebook"], ["²"]])
def test_what_makes_no_sense_is_refused(command: Command, tmp_path: Path, arguments: list[str]) -> None:
    status, out, err = command("exercise", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1) and not list(tmp_path.iterdir())
