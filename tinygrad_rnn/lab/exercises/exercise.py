"""An exercise as it is read from its page in `texts`: a function with a hole, and the known ways to get it wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

import tinygrad_rnn as tg

Function = Callable[..., Any]
TEXTS = files(str(__package__)) / "texts"
_MISTAKE = re.compile(r"`(?P<part>[^`]+)` -> (?:`(?P<instead>[^`]+)`|nothing): (?P<says>.+)")


class Mistake(NamedTuple):
    """What is computed if `instead` stands in the solution where `part` belongs; says: what is wrong then."""

    part: str
    instead: str
    says: str


@dataclass(frozen=True)
class Exercise:
    """A function to be written.

    name: of the function; title: what it is; deeper: the page of the site that goes on; solution: as Python; why: what
    there is to see in it; hints: one after the other; mistakes: recognised by what they compute.
    """

    number: int
    name: str
    title: str
    deeper: str
    solution: str
    why: str
    hints: tuple[str, ...]
    mistakes: tuple[Mistake, ...]

    @property
    def hole(self) -> str:
        """What the learner is given: the function up to the end of its docstring."""
        head, text, _ = self.solution.split('"""', 2)
        return f'{head}"""{text}"""\n    return ...  # what belongs here?\n'

    def by_mistake(self, mistake: Mistake) -> Function:
        """The function of those who make a mistake."""
        head, text, body = self.solution.split('"""', 2)
        return defined('"""'.join([head, text, body.replace(mistake.part, mistake.instead)]), self.name)


@cache
def defined(source: str, name: str) -> Function:
    """The function of that name in a piece of Python that may use numpy and the library."""
    names: dict[str, Any] = {"np": np, "tg": tg}
    exec(source, names)
    found: Function = names[name]
    return found


def _read(file_name: str, text: str) -> Exercise:
    number, name = file_name.removesuffix(".md").split("_", 1)
    task, hints, mistakes = re.split(r"\n## .+\n", text + "\n")
    title, deeper, before = task.split("\n\n", 2)
    _, solution, why = re.split(r"```(?:python\n)?", before)
    rows = [_MISTAKE.fullmatch(each) for each in _listed(mistakes)]
    return Exercise(
        int(number),
        name,
        title.removeprefix("# "),
        deeper.removeprefix("Deeper: "),
        solution.strip() + "\n",
        " ".join(why.split()),
        tuple(_listed(hints)),
        tuple(Mistake(row["part"], row["instead"] or "", row["says"]) for row in rows if row),
    )


def _listed(text: str) -> list[str]:
    """The points of a list, each in a line."""
    return [" ".join(each.split()) for each in re.split(r"^- ", text, flags=re.MULTILINE)[1:]]


@cache
def exercises() -> dict[str, Exercise]:
    """All of them in order, by the names of their functions."""
    found = [
        _read(each.name, each.read_text(encoding="utf-8")) for each in TEXTS.iterdir() if each.name.endswith(".md")
    ]
    return {each.name: each for each in sorted(found, key=lambda each: each.number)}
