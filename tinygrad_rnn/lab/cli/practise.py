"""`exercise`: lists the exercises, writes one to be solved, judges it, and keeps the progress in a file beside it."""

import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_rnn as tg

from ..exercises.judge import Judge, Verdict, explained, file_for, filled, guarded, notebook
from ..exercises.progress import Progress
from ..exercises.trials import Exercise, Wrong, exercises
from .console import Console, Done, Refusal
from .options import JSON, Command, Option, Options


def _named(text: str) -> str:
    names = [*exercises()]
    if text.isdecimal() and 1 <= int(text) <= len(names):
        return names[int(text) - 1]
    if text not in names:
        raise Refusal(f"{text!r} is no exercise; give 1 to {len(names)}, or a name: {', '.join(names)}")
    return text


WHICH: Option[str | None] = Option("which", "its number or name (default: list them)", None, _named, "N", count="?")
HINT = Option("--hint", "one hint more; after the last one the solution", False, bool)
NOTEBOOK = Option("--notebook", "write it, or without N all of them, as a notebook", False, bool)


def _new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refusal(f"{path} is there already, perhaps with work of yours: open it, or move it away") from None


def _judged(exercise: Exercise, path: Path) -> Verdict:
    """What is wrong with the function in a file, or with the file."""
    names: dict[str, Any] = {"__name__": exercise.name, "__file__": str(path), "np": np, "tg": tg}
    source = path.read_bytes()
    sys.path.append("")  # a file may import its neighbours
    try:
        guarded(lambda: exec(compile(source, str(path), "exec"), names), str(path), times=12)  # imports take time
        if exercise.name not in names:
            return Verdict(exercise, f"the file defines no {exercise.name}: keep the name of the function")
        return Verdict(exercise, Judge(exercise).sentence(names[exercise.name]))
    except Wrong as wrong:
        return Verdict(exercise, str(wrong))
    finally:
        sys.path.remove("")


def _listed(progress: Progress, console: Console) -> Done:
    figures = [
        {"number": each.number, "title": each.title, **progress.done[name]} for name, each in exercises().items()
    ]
    for row in figures:
        tries = f"{row['tries']} {'try' if row['tries'] == 1 else 'tries'}" if row["tries"] else ""
        console.say(f"{row['number']:3}  {'x' if row['solved'] else ' '}  {row['title']:54}  {tries}".rstrip())
    console.say(f"\n{progress.next}")
    return Done({"exercises": figures}, note=progress.note)


def _hinted(exercise: Exercise, progress: Progress, console: Console) -> Done:
    progress.add(exercise.name, hints=1)
    count, hints = progress.done[exercise.name]["hints"], exercise.hints
    for number, each in enumerate(hints[:count], start=1):
        console.say(filled(f"Hint {number} of {len(hints)}: {each}"))
    more = "Once more gives the next hint, or the solution."
    console.say(f"\n{explained(exercise) if count > len(hints) else more}")
    return Done({"exercise": exercise.name, "hints": hints[:count]}, note=progress.note)


def exercise(options: Options, console: Console) -> Done:
    """Lists, writes, judges or helps."""
    name, progress = options[WHICH], Progress()
    if options[HINT] and (name is None or options[NOTEBOOK]):
        raise Refusal("--hint is for one exercise; give its number, and no --notebook")
    chosen = [*exercises().values()] if name is None else [exercises()[name]]
    path = Path("exercises.ipynb" if name is None else f"{chosen[0].number:02}_{name}.py")
    if options[NOTEBOOK]:
        path = path.with_suffix(".ipynb")
        _new(path, notebook(chosen))
        console.say(f"{path} is written: open it with Jupyter, or in an editor that shows notebooks.")
        return Done({"file": str(path)}, note=progress.note)
    if name is None:
        return _listed(progress, console)
    each = chosen[0]
    if options[HINT]:
        return _hinted(each, progress, console)
    if not path.exists():
        _new(path, file_for(each))
        again = f"type tinygrad-rnn exercise {each.number} again: it says what is wrong, or that it is right."
        text = filled(f"{path} is written. Fill in what is missing there, and {again}")
        console.say(f"Exercise {each.number}: {each.title}.\n\n{text}")
        return Done({"exercise": name, "file": str(path)}, note=progress.note)
    with redirect_stdout(sys.stderr) if console.json else nullcontext():  # what the learner prints
        verdict = _judged(each, path)
    progress.tried(name, bool(verdict))
    console.say(f"{verdict}\n\n{progress.next if verdict else f'A hint: tinygrad-rnn exercise {each.number} --hint'}")
    figures = {"exercise": name, "file": str(path), "solved": bool(verdict), "wrong": verdict.wrong}
    return Done(figures, 0 if verdict else 1, progress.note)


# fmt: off
COMMAND = Command("exercise", exercise, "practise: functions with a hole, and a judge that says what is wrong",
    (WHICH, HINT, NOTEBOOK, JSON),
    "  tinygrad-rnn exercise                          what there is, and what is done\n"
    "  tinygrad-rnn exercise 1                        writes it here; again: judges it",
    "Thirteen exercises in the textbook's order. The first call writes a file with a hole into this folder, every "
    "further one judges it; the progress is kept in exercises.json.")
# fmt: on
