"""The judge: runs a learner's function and says what is wrong; and the file and the notebook to practise in."""

import copy
import json
import sys
import textwrap
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import tinygrad_rnn as tg

from .progress import Progress
from .trials import TEXTS, TRIALS, Array, Exercise, Function, Wrong, exercises, in_tensors, near

SECONDS = 5.0  # for one call
# Where no line is looked at, since all loops there end: this package, Python's modules, and what is installed.
_LIBRARIES = tuple(str(Path(str(module.__file__)).parents[up]) for module, up in ((tg, 0), (copy, 0), (np, 1)))


class _TooLong(BaseException):
    """Raised in the learner's code; no Exception, so that it is not caught there."""


def _look(end: float, frame: FrameType, event: str, argument: Any) -> Any:
    if time.monotonic() > end:
        raise _TooLong
    return None if frame.f_code.co_filename.startswith(_LIBRARIES) else lambda *event: _look(end, *event)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Ends Python code that takes longer, on every system and in every thread."""
    before, end = sys.gettrace(), time.monotonic() + seconds
    sys.settrace(lambda *event: _look(end, *event))
    try:
        yield
    finally:
        sys.settrace(before)


def guarded(run: Callable[[], Any], file: str, times: int = 1) -> Any:
    """What a call of the learner's code in that file gives, which may take so many times as long as others.

    It is Wrong if it raises something, ends the program, or does not end; only Ctrl-C is passed on as it is.
    """
    try:
        with limited(times * SECONDS), np.errstate(all="ignore"):
            return run()
    except (Wrong, KeyboardInterrupt):
        raise
    except _TooLong:
        raise Wrong(
            f"it is not done after {times * SECONDS:g} seconds: there seems to be a loop that never ends"
        ) from None
    except RecursionError:
        raise Wrong("it calls itself without an end") from None
    except SystemExit:
        raise Wrong("it ends the program; end it with return, and without exit()") from None
    except SyntaxError as error:
        raise Wrong(f"line {error.lineno} is no Python: {error.msg}") from None
    except BaseException as error:
        lines = [each for each in traceback.extract_tb(error.__traceback__) if each.filename == file]
        where = f" in line {lines[-1].lineno}" if lines else ""
        what = " ".join(str(error).split())
        raise Wrong(f"it raises {type(error).__name__}{where}{f': {what}' if what else ''}", raised=True) from None


def several(result: Any, names: Sequence[str]) -> list[Array]:
    """What a function returned as arrays, one for each name."""
    if len(names) == 1:
        return [_numbers(result, names[0])]
    try:
        values = [result] if isinstance(result, (str, dict)) else [*result]
    except TypeError:  # a number, None, the dots of the hole
        values = [result]
    if len(values) != len(names):
        _numbers(values[0] if values else None, names[0])
        raise Wrong(f"it returns {len(values)} of {len(names)} values: return {', '.join(names)}")
    return [_numbers(each, name) for each, name in zip(values, names, strict=True)]


def _numbers(value: Any, name: str) -> Array:
    if value is None:
        raise Wrong("it returns nothing: end it with return and what was computed")
    if value is Ellipsis:
        raise Wrong("the ... is still there: write in its place what the function returns")
    try:
        found: Array = np.asarray(getattr(value, "array", value))
    except ValueError:  # rows of different lengths
        found = np.array(None)
    if found.dtype.kind not in "biuf":
        raise Wrong(f"{name} is a {type(value).__name__} that is no array of real numbers")
    return found.astype(np.float64)


class Judge:
    """Of one exercise: the calls that an answer is tried on."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise, self.trials = exercise, TRIALS[exercise.name]
        random = np.random.default_rng(len(exercise.name))
        self.calls = list(self.trials.calls(lambda *shape: 0.7 * random.standard_normal(shape)))

    def sentence(self, answer: Any) -> str:
        """What is wrong with an answer, and nothing if it is right."""
        if not callable(answer):
            return f"{self.exercise.name} is no function: it is of type {type(answer).__name__}"
        try:
            return self._wrong(self._results(answer))
        except Wrong as wrong:
            return str(wrong)

    def _results(self, answer: Function) -> list[list[Array]]:
        """Those of all calls: with arrays, or with tensors if the answer does not take arrays."""
        try:
            return [self._run(answer, call) for call in self.calls]
        except Wrong as wrong:
            if not wrong.raised:
                raise
            try:
                return [self._run(answer, in_tensors(call)) for call in self.calls]
            except Wrong:
                raise wrong from None

    def _run(self, answer: Function, call: tuple[Any, ...]) -> list[Array]:
        given = copy.deepcopy(call)
        file = getattr(getattr(answer, "__code__", None), "co_filename", "")
        observed = guarded(lambda: self.trials.observed(answer, *given), file)
        if any(not np.array_equal(*pair) for pair in zip(_arrays(call), _arrays(given), strict=True)):
            raise Wrong(
                "it writes into what it was given, which whoever called it still needs: make a new array, "
                "a = a - b instead of a -= b, or begin with a copy"
            )
        return several(observed, self.trials.gives)

    def _wrong(self, results: list[list[Array]]) -> str:
        truth, clue = self.trials.truth, self.trials.clue
        if truth is None:
            return next(filter(None, map(clue, self.calls, results)), "")
        right = [several(truth(*in_tensors(call)), self.trials.gives) for call in self.calls]
        at = next((n for n, pair in enumerate(zip(results, right, strict=True)) if not all(map(near, *pair))), None)
        if at is None:
            return ""
        call, found = self.calls[at], results[at]
        for mistake in self.exercise.mistakes:
            with suppress(Wrong):  # it cannot be computed at all of these shapes
                if all(map(near, self._run(self.exercise.by_mistake(mistake), call), found)):
                    return mistake.says
        if len(found) == 1 and any(each.size > 1 and near(found[0], each) for each in _arrays(call)):
            return f"{self.trials.gives[0]} is what the function was given, unchanged"
        return clue(call, found) or self._difference(found, right[at])

    def _difference(self, found: list[Array], wanted: list[Array]) -> str:
        """The first of the results that is not what it should be."""
        name, is_, should = next(
            each for each in zip(self.trials.gives, found, wanted, strict=True) if not near(each[1], each[2])
        )
        if is_.shape != should.shape:
            return f"{name} has the shape {is_.shape}, and {should.shape} is asked for"
        if not np.isfinite(is_).all():
            return f"{name} has {'NaN' if np.isnan(is_).any() else 'infinity'} in it, where every number is finite"
        at = np.unravel_index(np.argmax(np.abs(is_ - should)), is_.shape)
        index = f"[{', '.join(map(str, at))}]" if at else ""
        return f"{name}{index} is {is_[at]:.6g} where {should[at]:.6g} belongs"


def _arrays(values: Any) -> Iterator[Array]:
    """All arrays in some arguments."""
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _arrays(value)
        elif isinstance(getattr(value, "array", value), np.ndarray):
            yield getattr(value, "array", value)


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


def check(answer: Any, keep: bool = False) -> Verdict:
    """Judges the function of an exercise, which it is known by the name of.

    ``keep`` counts it in exercises.json, as `tinygrad-rnn exercise` does, and warns where that cannot be.

    Raises:
        ValueError: there is no exercise of that name.
    """
    name = getattr(answer, "__name__", "")
    if name not in exercises():
        raise ValueError(
            f"there is no exercise {name!r}: give a function with one of the names {', '.join(exercises())}"
        )
    verdict = Verdict(exercises()[name], Judge(exercises()[name]).sentence(answer))
    if keep:
        progress = Progress()
        progress.tried(name, bool(verdict))
        if progress.note:
            warnings.warn(progress.note, stacklevel=2)
    return verdict


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
            code | {"id": f"{each.name}-check", "source": f"check({each.name}, keep=True)"},
        ]
    return json.dumps(made, indent=1) + "\n"
