"""Practising: what is said of an answer, the file to write in, and the notebook, in which `check` is the judge."""

import json
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .exercise import Exercise, exercises
from .judge import Judge

FILE = """\
# Exercise {number} of {count}: {title}.
#
# Write what the function returns in place of the dots. numpy, loops, the
# library: whatever gives the right numbers is right. Then type, in this folder,
#
#     tinygrad-rnn exercise {number}
#
# which says what is wrong, or explains the solution. --hint gives a hint.

import numpy as np

import tinygrad_rnn as tg


{hole}"""
INTRODUCTION = """\
# Exercises

Each is a function with a hole. Write what it returns in place of the dots, run the cell, and then the one below it:
`check` says what is wrong, or that it is right, and explains."""
IMPORTS = """\
import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn.lab.exercises import check"""


def filled(text: str) -> str:
    """Broken into lines for a terminal of 80 columns."""
    return textwrap.fill(text, 79, break_long_words=False, break_on_hyphens=False)


@dataclass(frozen=True, repr=False)
class Verdict:
    """Of an answer; wrong: what is wrong with it, in a sentence, or "" if it is right. It prints as text."""

    exercise: Exercise
    wrong: str

    def __bool__(self) -> bool:
        return not self.wrong

    def __repr__(self) -> str:
        if self.wrong:
            return filled(f"{self.exercise.name}: not yet. {self.wrong[0].upper()}{self.wrong[1:]}.")
        return f"{self.exercise.name}: right.\n\n{explained(self.exercise)}"


def explained(exercise: Exercise) -> str:
    """The solution, what there is to see in it, and the page that goes on."""
    return f"{exercise.solution}\n{filled(exercise.why)}\nIt goes on in {exercise.deeper} of the site."


def check(answer: Any) -> Verdict:
    """Judges the function of an exercise, which it is known by the name of.

    Raises:
        ValueError: there is no exercise of that name.
    """
    name = getattr(answer, "__name__", "")
    if name not in exercises():
        raise ValueError(
            f"there is no exercise {name!r}: give a function with one of the names {', '.join(exercises())}"
        )
    return Verdict(exercises()[name], Judge(exercises()[name]).sentence(answer))


def file_for(exercise: Exercise) -> str:
    """The file to write the function in."""
    facts = vars(exercise) | {"count": len(exercises()), "hole": exercise.hole}
    return FILE.format(**facts)


def notebook(chosen: Iterable[Exercise]) -> str:
    """The exercises as a notebook."""
    cells = [("markdown", "introduction", INTRODUCTION), ("code", "imports", IMPORTS)]
    for each in chosen:
        hints = "\n\n".join(f"<details><summary>A hint</summary>{hint}</details>" for hint in each.hints)
        cells += [
            ("markdown", f"{each.name}-text", f"## {each.number} {each.title}\n\n{hints}"),
            ("code", each.name, each.hole.rstrip()),
            ("code", f"{each.name}-check", f"check({each.name})"),
        ]
    code: dict[str, Any] = {"execution_count": None, "outputs": []}
    made = [
        {"cell_type": kind, "id": name, "metadata": {}, "source": text} | (code if kind == "code" else {})
        for kind, name, text in cells
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"
