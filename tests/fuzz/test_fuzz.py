"""Random programs from fixed seeds come out as in PyTorch, and so does everything that was ever found."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from tests.fuzz.accepted import ACCEPTED, Accepted, reason  # noqa: E402
from tests.fuzz.checking import KINDS, check, seeds  # noqa: E402
from tests.fuzz.found import FOUND, lines  # noqa: E402
from tests.fuzz.run import Find, finds, shrunk  # noqa: E402


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1_000, 1_800, 100))
def test_a_hundred_programs_as_in_torch(first: int, compared: Counter[str]) -> None:
    known: Counter[tuple[str, str]] = Counter()
    for kind, seed in seeds("", 100, first):
        for find, program, why in check(KINDS[kind](seed), known):
            assert find.sort != "silent" or why, f"python -m tests.fuzz --seed {seed} --kind {kind}: {find}\n{program}"
    compared["random programs"] += 100


@pytest.mark.parametrize("what", FOUND)
def test_what_was_found_stays_mended(what: str) -> None:
    assert finds(lines(FOUND[what])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_always_makes_the_same_program(kind: str) -> None:
    assert KINDS[kind](7) == KINDS[kind](7)


@pytest.mark.parametrize("row", ACCEPTED, ids=lambda row: row.why)
def test_an_accepted_difference_is_there_and_known(row: Accepted) -> None:
    program = lines(row.shows)
    (find,) = (each for each in finds(program) if each.sort == "silent")
    assert reason(find, program) == row.why
    for odd in ("x90 = T.ones(2) * len(T.__name__)", "with T.no_grad(): x90 = T.ones(2) * len(T.__name__)"):
        assert reason(find, [odd, *program]) == "", "something else would be hidden"


def test_a_difference_is_seen_and_made_small() -> None:
    """Of differences that are there on purpose: in value, in memory, in what is refused."""
    program = ["x0 = T.ones(3)", "x1 = x0 * 2", "x2 = T.tensor(-3.0) % 3", "x3 = x2.atan2(x2 - 1)", "x4 = x1 + 1"]
    (find,) = finds(program)
    assert (find.sort, shrunk(program, find)) == ("silent", program[2:4])
    assert "x3: 3.14" in find.says and reason(find, program[2:4])
    (find,) = finds(["x0 = T.ones(3, 2).t().exp()", "x1 = x0.softmax(0)", "x2 = x1.contiguous()"])
    assert find.says == "x1 and x2 do not share memory, unlike in PyTorch"
    (find,) = finds(["x0 = T.zeros(2, dtype=T.int64)", "x1 = x0.masked_fill(x0 == 0, 0.5)"])
    assert find.sort == "loud" and find.line.startswith("x1") and reason(find, program) == ""
    assert finds(["x0 = T.nothing()"]) == [], "refused by both"
    assert isinstance(find, Find)


@pytest.mark.slow
def test_the_command_says_what_it_found() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--programs", "50", "--first", "1"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=120)
    assert told.returncode == 0 and "50 programs from seed 1: 0 silent differences" in told.stdout, told.stdout
