"""Practising: what is said of an answer, the file to write in, and the notebook, in which `check` is the judge."""

import json
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .exercise import TEXTS, Exercise, exercises
from .judge import Judge


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
    return TEXTS.joinpath("file.txt").read_text(encoding="utf-8").format(**facts)


def notebook(chosen: Iterable[Exercise]) -> str:
    """The exercises as a notebook: for each its hints, the hole, and a cell that asks the judge."""
    made = json.loads(TEXTS.joinpath("notebook.json").read_text(encoding="utf-8"))
    text, code = ({key: value for key, value in cell.items() if key != "source"} for cell in made["cells"])
    for each in chosen:
        hints = "\n\n".join(f"<details><summary>A hint</summary>{hint}</details>" for hint in each.hints)
        made["cells"] += [
            text | {"id": f"{each.name}-text", "source": f"## {each.number} {each.title}\n\n{hints}"},
            code | {"id": each.name, "source": each.hole.rstrip()},
            code | {"id": f"{each.name}-check", "source": f"check({each.name})"},
        ]
    return json.dumps(made, indent=1) + "\n"
