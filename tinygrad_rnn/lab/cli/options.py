"""Options of the command line: each is declared once, beside what it is for, and read as `options[OPTION]`."""

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from ..data.files import shown
from .console import Console, Done, Refusal

T = TypeVar("T")
NETWORK, TRAINING, OUTPUT, NUMBERS, WORDS = "network", "training", "output", "for numbers", "for text"


@dataclass(frozen=True, eq=False)
class Option(Generic[T]):
    """One option, or an argument that is known by its place.

    name: "--hidden", or "file" of one by its place; meaning: for the help; default: if nothing is given, and for_text
    that of a run on text where it is another; convert: from what was typed, or raises Refusal, and `bool` of
    an option without a value; count: as argparse's nargs; of: "series" or "text" if it is for runs of one kind alone;
    short: a second name, as "-o"; remembered: whether the folder of a run keeps it; a run that was made before there
    was the option has the default.
    """

    name: str
    meaning: str
    default: T
    convert: Callable[[str], T]
    metavar: str | None = None
    group: str = "options"
    count: str | None = None
    for_text: T | None = None
    of: str | None = None
    short: str = ""
    remembered: bool = True

    @property
    def key(self) -> str:
        """Its name in a program."""
        return self.name.lstrip("-").replace("-", "_")

    @property
    def help(self) -> str:
        """The meaning, and the default if that is a value."""
        if self.default in (None, "") or self.convert is bool:
            return self.meaning
        both = "" if self.for_text is None else f" for numbers, {self.for_text} for text"
        return f"{self.meaning} (default: {self.default}{both})"

    def fits(self, kind: str) -> bool:
        """Whether runs of this kind have it."""
        return self.of in (None, kind)


class Options:
    """What was chosen of the options that are known; what was not has its default."""

    def __init__(self, known: Sequence[Option[Any]], given: Mapping[str, Any], kind: str = "series") -> None:
        self.known, self.given, self.kind = known, given, kind

    def __getitem__(self, option: Option[T]) -> T:
        usual = option.for_text if self.kind == "text" and option.for_text is not None else option.default
        value: T = self.given.get(option.key, usual)
        return value

    def __contains__(self, option: Option[Any]) -> bool:
        return option.key in self.given

    def refuse_but(self, fitting: Callable[[Option[Any]], bool], why: str) -> None:
        """Refuses the first in the alphabet of those that were given and do not fit."""
        if misplaced := [each.name for each in self.known if each in self and not fitting(each)]:
            raise Refusal(f"{min(misplaced)} {why}")

    def plain(self) -> dict[str, Any]:
        """What the folder of a run remembers."""
        return {each.key: self[each] for each in self.known if each.remembered and each.fits(self.kind)}

    @classmethod
    def of(cls, known: Sequence[Option[Any]], kind: str, plain: Mapping[str, Any], **outside: Any) -> Self:
        """From `plain()`, perhaps that of an older version, and what lies outside the run."""
        kept = {each.key: each for each in known if each.remembered and each.fits(kind)}
        if plain.keys() - kept.keys():
            raise KeyError(*(plain.keys() - kept.keys()))
        # A null where there is a number by default was infinity, which JSON does not have.
        given = {key: math.inf if x is None and kept[key].default is not None else x for key, x in plain.items()}
        return cls(known, given | outside, kind)


@dataclass(frozen=True)
class Command:
    """One command: what runs it, how it is explained, what it takes."""

    name: str
    run: Callable[[Options, Console], Done]
    help: str
    options: Sequence[Option[Any]]
    examples: str
    description: str = ""


def one_of(*names: str) -> Callable[[str], str]:
    """One of a few words."""

    def convert(text: str) -> str:
        if text not in names:
            raise Refusal(f"{shown(text)!r} is not known; use {', '.join(names[:-1])} or {names[-1]}")
        return text

    return convert


def _fitting(kind: Callable[[str], T], otherwise: str, fits: Callable[[T], bool]) -> Callable[[str], T]:
    """Numbers of a kind that fit; of others it is said that they are ... ."""

    def convert(text: str) -> T:
        with contextlib.suppress(ValueError):
            value = kind(text)
            if fits(value):
                return value
        raise Refusal(f"{shown(text)!r} is {otherwise}")

    return convert


def whole(least: int, most: int = 1_000_000) -> Callable[[str], int]:
    """Whole numbers in a range."""
    return _fitting(int, f"no whole number from {least} to {most}", lambda value: least <= value <= most)


number = _fitting(float, "no finite number", math.isfinite)
positive = _fitting(float, "no number above 0", lambda value: 0 < value < math.inf)
zero_or_more = _fitting(float, "no number from 0 upwards", lambda value: 0 <= value < math.inf)
share = _fitting(float, "no number from 0 up to, not including, 1", lambda value: 0 <= value < 1)
_limit = _fitting(float, "neither a number above 0 nor none", lambda value: 0 < value < math.inf)


def positive_or_none(text: str) -> float:
    """Finite numbers above 0, or the word none for no limit: infinity."""
    return math.inf if text == "none" else _limit(text)


# fmt: off
JSON = Option("--json", "the result as one JSON object on standard output, and no text",
    False, bool, group=OUTPUT, remembered=False)
QUIET = Option("--quiet", "no progress bar", False, bool, group=OUTPUT, remembered=False)
# fmt: on
