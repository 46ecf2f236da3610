"""`tinygrad-rnn train`: begins a run or goes on with one, and leaves what came out."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import tinygrad_rnn as tg

from ...interop.files import write
from ..data.files import shown
from ..training import Diverged, Log, Training, fit, read_checkpoint, write_checkpoint
from ..training.log import read_log
from .chart import flow_chart, loss_chart
from .console import Console, Done, dumps
from .flow import FlowWatch
from .lesson import Lesson, Report
from .options import Options, SeriesOptions, TextOptions
from .output import picture_path, save_picture
from .recipe import recipe
from .refusal import Diverged as DivergedRun
from .refusal import Refusal
from .run_folder import Config, RunFolder, digest, why
from .series import SeriesLesson
from .text import TextLesson
from .threads import use_one_thread

RESUMABLE = {"file", "epochs", "picture", "quiet"}  # what may be said of a run that goes on
MOST_STEPS_BETWEEN = 200  # between two checkpoints


def train(given: dict[str, Any], console: Console) -> Done:
    """Trains on a file, or goes on with `--resume`."""
    if "resume" in given:
        return _resume(given, console)
    if "file" not in given:
        raise Refusal("say what to train on: train FILE, or go on with train --resume FOLDER")
    folder = RunFolder(given["run"]) if "run" in given else None
    if folder is not None:
        folder.check_new()
    options = _options(given, folder)
    lesson = _lesson(options)
    training = _training(lesson)
    if folder is not None:
        folder.begin(Config.of(lesson))
    return _run(lesson, training, folder, console)


def _options(given: dict[str, Any], folder: RunFolder | None) -> Options:
    """Decides what the file is; refuses what does not go with it."""
    file = given["file"]
    if given.get("level") and given.get("column") is not None:
        raise Refusal("--column is for numbers and --level for text; give one of them")
    is_text = "level" in given or ("column" not in given and not file.lower().endswith((".csv", ".tsv")))
    kind = TextOptions if is_text else SeriesOptions
    if is_text and given.get("bidirectional"):
        raise Refusal(
            "--bidirectional does not go with text: a network that reads backwards sees the next token, which it is to "
            "tell; leave it out"
        )
    misplaced = sorted(name for name in given if name not in {each.name for each in fields(kind)})
    if misplaced:
        what, cure = ("a text", "--column NAME") if is_text else ("a series of numbers", "--level word")
        raise Refusal(
            f"--{misplaced[0].replace('_', '-')} does not go with {what}, which {file} is taken for; leave it out, or "
            f"give {cure}"
        )
    values = dict(given)
    values["picture"] = _picture(given.get("picture"), folder)
    return kind(**values)


def _picture(asked: str | None, folder: RunFolder | None) -> Path | None:
    """Where the picture goes: where it is asked for, else into the folder of the run, else here."""
    if asked is None and folder is not None:
        return folder.picture
    return picture_path(asked or "bptt.svg")


def _lesson(options: Options) -> Lesson:
    if isinstance(options, TextOptions):
        return TextLesson(options)
    assert isinstance(options, SeriesOptions)
    return SeriesLesson(options)


def _training(lesson: Lesson) -> Training:
    options = lesson.options
    optimizer, schedule = recipe(options, lesson.task.model, lesson.epochs * len(lesson.batches))
    return Training(lesson.task.model, optimizer, lesson.batches, lesson.task.loss, schedule, options.clip)


def _resume(given: dict[str, Any], console: Console) -> Done:
    folder = RunFolder(given.pop("resume"))
    fixed = sorted(name for name in given if name not in RESUMABLE)
    if fixed:
        raise Refusal(
            f"--{fixed[0].replace('_', '-')} was fixed when the run began; start another run with --run, or leave it "
            "out"
        )
    config = folder.config()
    folder.check_writable()
    file = given.get("file") or config.seen_from_here
    if "epochs" in given and given["epochs"] != config.epochs:
        if config.options.get("schedule") not in ("none", "plateau"):
            raise Refusal(
                f"--epochs cannot change: the schedule {config.options.get('schedule')} was made for {config.epochs}; "
                "start another run"
            )
        config = replace(config, epochs=given["epochs"])
    try:
        options = config.restored(
            file=file, picture=_picture(given.get("picture"), folder), run=folder.path, quiet=given.get("quiet", False)
        )
    except (KeyError, TypeError) as error:
        raise Refusal(f"{folder.name}: config.json is damaged ({why(error)}); start a new run") from None
    lesson = _lesson(options)
    if digest(Path(file)) != config.sha256:
        raise Refusal(f"{shown(file, 200)} is no longer the file that the run began with; start a new run")
    training = _training(lesson)
    if folder.checkpoint.exists():
        read_checkpoint(folder.checkpoint, training)
    done = training.progress.step / len(lesson.batches)
    if done > config.epochs:
        raise Refusal(f"--epochs {config.epochs} is less than what is done already, {done:.4g}; give more")
    folder.begin(config)
    planned = config.epochs * len(lesson.batches)
    state = "is finished" if done == config.epochs or training.progress.stopped else "goes on"
    console.say(f"{folder.name} {state}: {training.progress.step} of {planned} steps are done")
    return _run(lesson, training, folder, console)


def _run(lesson: Lesson, training: Training, folder: RunFolder | None, console: Console) -> Done:
    """Trains, judges, draws, prints, and fills the folder."""
    options = lesson.options
    console.say(lesson.introduction())
    use_one_thread(options.hidden)
    watching = folder is not None or options.validates
    flow = None
    if folder is not None and options.flow is not None:
        flow = training.watch = FlowWatch(folder, options.flow, training.progress.step)
    every = options.every or min(len(training.batches), MOST_STEPS_BETWEEN)
    try:
        interrupted = fit(
            training,
            epochs=lesson.epochs,
            every=every,
            evaluate=lesson.evaluate if watching else None,
            patience=options.patience,
            log=None if folder is None else Log(folder.log_file, training.progress.step),
            save=None if folder is None else lambda state: write_checkpoint(folder.checkpoint, state),
            quiet=options.quiet,
        )
    except Diverged as error:
        raise DivergedRun(f"{error}; lower --lr ({options.lr:g}) or --clip") from None
    finally:
        if flow is not None:
            flow.close()
    report = lesson.report(training.progress, interrupted)
    console.say(report.text)
    figures = dict(report.figures)
    if options.picture is not None:
        window = report.window
        save_picture(window.loss, options.picture, window.title, window.labels, console.say)
        figures["picture"] = str(options.picture)
    if folder is not None:
        figures["run"] = str(folder.path)
        _fill(folder, lesson, report, figures)
        console.say(f"Run: {folder.name}, with its log, checkpoint, figures and curves")
    if not interrupted:
        return Done(figures)
    note = "interrupted: the figures and the picture are those so far"
    return Done(figures, 130, note if folder is None else f"{note}; go on with train --resume {folder.name}")


def _fill(folder: RunFolder, lesson: Lesson, report: Report, figures: dict[str, Any]) -> None:
    """Puts what came out beside the configuration, the log and the checkpoint."""
    tg.save(lesson.task.model.state_dict(), folder.model_file)
    write(folder.table_file, f"{lesson.introduction()}\n{report.text}\n".encode())
    write(folder.loss_picture, loss_chart(read_log(folder.log_file), validated=lesson.options.validates).encode())
    write(folder.flow_picture, flow_chart(report.window).encode())
    write(folder.figures_file, (dumps(figures, indent=1) + "\n").encode())
