"""Looks at one program after the other and sorts what was found."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from tests.fuzz.accepted import reason
from tests.fuzz.models import model
from tests.fuzz.programs import program
from tests.fuzz.run import Find, finds, shrunk

#: What a seed is made into.
KINDS: dict[str, Callable[[int], list[str]]] = {"tensor": program, "model": model}


class Result(NamedTuple):
    """Something that was found: its minimal program, and why it is accepted ("" if it is not)."""

    find: Find
    program: list[str]
    why: str


def sort_of(find: Find) -> tuple[str, str]:
    """What a refusal is counted under: who refuses, and the message without its values."""
    return find.sort, re.sub(r"[\d.]+|\[.*?\]|\(.*?\)|float\d*|u?int\d*|bool", "_", find.says)[:60]


def check(lines: list[str], known: Counter[tuple[str, str]]) -> list[Result]:
    """All that is found in a program, refusals of a sort that is known only being counted."""
    results: list[Result] = []
    left = list(lines)
    while True:
        silent = ""
        for find in finds(left):
            if find.sort == "silent":
                minimal = shrunk(left, find)
                (find,) = (each for each in finds(minimal) if each.sort == "silent")
                results.append(Result(find, minimal, reason(find, minimal)))
                silent = minimal[-1]
            elif sort_of(find) not in known and not silent:
                minimal = shrunk(left, find)
                results.append(Result(find, minimal, reason(find, minimal)))
            if find.sort != "silent":
                known[sort_of(find)] += 1
        if not silent or not results[-1].why:
            return results
        left.remove(silent)  # what else is in the program, apart from what is accepted


def seeds(kind: str, count: int, first: int) -> list[tuple[str, int]]:
    """The programs of a run; of both kinds three of tensors to one of models."""
    draw = random.Random(first)
    kinds = [kind or draw.choice(("tensor", "tensor", "tensor", "model")) for _ in range(count)]
    return [(each, first + number) for number, each in enumerate(kinds)]
