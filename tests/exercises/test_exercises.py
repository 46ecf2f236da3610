"""The exercises: every right answer passes, however it is written, no wrong one does, and each is told its reason."""

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.exercises.answers import RIGHT, WRONG
from tinygrad_rnn.lab.exercises import Exercise, Judge, check, exercises, judge
from tinygrad_rnn.lab.exercises.judge import file_for, notebook
from tinygrad_rnn.lab.exercises.trials import defined

NAMES = list(exercises())
WRONG_ONES = [(name, code, word) for name, rows in WRONG.items() for code, word in rows]


def answer(name: str, body: str) -> Any:
    """The function of an exercise with that body."""
    return defined(exercises()[name].hole.rpartition("    return ...")[0] + textwrap.indent(body, "    "), name)


def said(name: str, body: str) -> str:
    return Judge(exercises()[name]).sentence(answer(name, body))


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_pass(name: str) -> None:
    assert len(RIGHT[name]) >= 3
    assert {body: said(name, body) for body in RIGHT[name]} == dict.fromkeys(RIGHT[name], "")
    assert Judge(exercises()[name]).sentence(defined(exercises()[name].solution, name)) == ""


@pytest.mark.parametrize("name", NAMES)
def test_wrong_answers_are_told_why(name: str) -> None:
    assert len(WRONG[name]) >= 3
    found = {body: said(name, body) for body, _ in WRONG[name]}
    assert {body: sentence for body, sentence in found.items() if dict(WRONG[name])[body] not in sentence} == {}


@pytest.mark.parametrize("name", NAMES)
def test_every_known_mistake_can_be_made_and_is_recognised(name: str) -> None:
    exercise = exercises()[name]
    body = exercise.solution.split('"""')[2]
    assert [each.part for each in exercise.mistakes if body.count(each.part) != 1] == []
    judged = Judge(exercise)
    assert [each for each in exercise.mistakes if judged.sentence(exercise.by_mistake(each)) != each.says] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole(name: str) -> None:
    exercise: Exercise = exercises()[name]
    assert exercise.hints and exercise.why and exercise.deeper.startswith("docs/learn/")
    assert max(map(len, (file_for(exercise) + exercise.solution).splitlines())) <= 80
    assert [each.says for each in exercise.mistakes if each.says.endswith(".")] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_hole_is_no_answer(name: str) -> None:
    assert "the ... is still there" in Judge(exercises()[name]).sentence(defined(exercises()[name].hole, name))


STRANGE = [
    ("while True:\n    pass", "loop that never ends"),
    ("try:\n    while True:\n        h = h + 0\nexcept Exception:\n    pass", "loop that never ends"),
    ("return rnn_step(x, h, W_xh, W_hh, b_h)", "without an end"),
    ("import sys\nsys.exit(3)", "ends the program"),
    ("raise KeyError('W')", "raises KeyError in line"),
    ("assert False", "raises AssertionError in line"),
    ("return undefined", "raises NameError in line"),
    ("return W_xh @ h", "raises ValueError in line"),
    ("h[:] = 0\nreturn h", "writes into"),
    ("W_xh.fill(0)\nreturn np.tanh(W_hh @ h)", "writes into"),
    ("pass", "returns nothing"),
    ("return 'tanh'", "is a str"),
    ("return {'h': h}", "is a dict"),
    ("return np.tanh", "is a ufunc"),
    ("return [[1], [2, 3]]", "is a list"),
    ("return h * np.nan", "NaN"),
    ("return h / 0", "infinity"),
    ("return np.tanh(W_xh @ x + W_hh @ h + b_h)[:2]", "shape (2,)"),
    ("return 0.5", "shape ()"),
    ("return 1j * h", "no array of real numbers"),
    ("return 2 * np.tanh(W_xh @ x + W_hh @ h + b_h)", "belongs"),
]


@pytest.mark.parametrize(("body", "word"), STRANGE, ids=[word for _, word in STRANGE])
def test_what_code_may_do_becomes_a_sentence(
    body: str, word: str, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setattr(judge, "SECONDS", 0.1 if "loop" in word else 60)
    sentence = said("rnn_step", body)
    assert word in sentence and "\n" not in sentence
    assert not recwarn.list


def test_what_is_no_function_is_told() -> None:
    assert Judge(exercises()["softmax"]).sentence(3.5) == "softmax is no function: it is of type float"


def test_ctrl_c_is_not_a_wrong_answer() -> None:
    with pytest.raises(KeyboardInterrupt):
        said("rnn_step", "raise KeyboardInterrupt")


def test_check_knows_an_exercise_by_its_function() -> None:
    right, wrong = (answer("softmax", body) for body in (RIGHT["softmax"][0], WRONG["softmax"][0][0]))
    assert check(right) and "softmax: right." in repr(check(right)) and "docs/learn/words.md" in repr(check(right))
    assert not check(wrong) and repr(check(wrong)).startswith("softmax: not yet. Large scores overflow")
    with pytest.raises(ValueError, match="there is no exercise 'print'"):
        check(print)


def test_a_notebook_has_every_hole_and_its_check() -> None:
    made = json.loads(notebook(exercises().values()))
    sources = [cell["source"] for cell in made["cells"]]
    assert {each.hole.rstrip() for each in exercises().values()} <= set(sources)
    assert {f"check({name}, keep=True)" for name in NAMES} <= set(sources)
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(made)


@pytest.mark.slow
def test_a_notebook_is_solved_cell_by_cell(tmp_path: Path) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    made = nbformat.reads(notebook(exercises().values()), as_version=4)
    for cell in made.cells:
        if cell["id"] in NAMES:
            cell.source = exercises()[cell["id"]].solution if cell["id"] != "clip" else cell.source
    nbclient.NotebookClient(made, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    told = {
        cell["id"].removesuffix("-check"): cell.outputs[0]["data"]["text/plain"]
        for cell in made.cells if cell["id"].endswith("-check")
    }  # fmt: skip
    assert {name for name, text in told.items() if not text.startswith(f"{name}: right.")} == {"clip"}
    assert "The ... is still there" in " ".join(told["clip"].split())
    kept = json.loads((tmp_path / "exercises.json").read_text())
    assert {name: (each["solved"], each["tries"]) for name, each in kept.items()} == {
        name: (int(name != "clip"), 1) for name in NAMES
    }


def test_the_page_of_the_site_lists_them_all() -> None:
    text = Path("docs/exercises.md").read_text("utf-8")
    rows = [tuple(cell.strip() for cell in line.split("|")[1:4]) for line in text.splitlines() if line.startswith("| ")]
    assert rows[1:] == [(str(each.number), each.title, f"`{each.name}`") for each in exercises().values()]
    for each in exercises().values():
        page = Path(each.deeper).read_text("utf-8")
        assert each.deeper.removeprefix("docs/") in text and "(../exercises.md)" in page, each.name
