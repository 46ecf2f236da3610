"""`tinygrad-rnn train`: begins a run or goes on with one, and leaves what came out."""

import math
import re
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_rnn as tg

from ...utils.files import write
from ..data.files import STANDARD_INPUT, digest, listed
from ..data.table import columns_of
from ..training import Diverged, Log, Training, fit, read_checkpoint, write_checkpoint
from ..training.log import bar, dumps, read_log
from ..training.shared import Shared, is_first, is_shared
from . import recipe, series, text, together
from .console import Console, Done, Place, Refusal, path_shown, picture_place
from .lesson import Lesson, Window, flow_chart, loss_chart
from .options import JSON, OUTPUT, QUIET, Command, Option, Options, whole
from .recipe import CLIP, EPOCHS, EVERY, LR, PATIENCE, WINDOW, use_one_thread, validates
from .run_folder import Config, FlowWatch, RunFolder

# fmt: off
FILE: Option[str | None] = Option("file", "a table with a header, or a text; - is standard input",
    None, str, count="?", remembered=False)
RUN: Option[Path | None] = Option("--run", "keep configuration, log, checkpoint, figures and curves in this new folder",
    None, Path, "FOLDER", OUTPUT, remembered=False)
RESUME: Option[Path | None] = Option("--resume", "go on with a run where it was interrupted, bit for bit",
    None, Path, "FOLDER", OUTPUT, remembered=False)
PICTURE: Option[str | None] = Option("--picture",
    "where to draw one window, or none (default: bptt.svg, of a run in its folder)",
    None, str, "FILE", OUTPUT, remembered=False)
FLOW: Option[int | None] = Option("--flow",
    "record |dL/dh_t| every N steps and show them in the folder of the run, in flow.html (default: do not)",
    None, whole(1), "N", OUTPUT)
OPTIONS: tuple[Option[Any], ...] = (
    FILE, *recipe.NETWORK_OPTIONS, *recipe.OPTIONS, RUN, FLOW, RESUME, PICTURE, QUIET, JSON,
    *series.OPTIONS, *recipe.READING_OPTIONS, *text.OPTIONS,
)
# fmt: on
RESUMABLE = {FILE, EPOCHS, PICTURE, QUIET}  # what may be said of a run that goes on
TABLES = re.compile(r"\.(csv|tsv|psv|tab|jsonl|ndjson|parquet|xlsx?|xlsm|xlsb|ods)(\.(gz|bz2|xz))?$")
MOST_STEPS_BETWEEN = 200  # between two checkpoints


def train(options: Options, console: Console) -> Done:
    """Trains on a file, or goes on with `--resume`."""
    resumed, run, file = options[RESUME], options[RUN], options[FILE]
    together.check(file)
    if resumed is not None:
        return _resume(together.folder_of(resumed), options, console)
    if file is None:
        raise Refusal("say what to train on: train FILE, or go on with train --resume FOLDER")
    folder = None if run is None else together.folder_of(run)
    if folder is not None:
        folder.check_new()
    options = of_its_kind(file, options)
    picture = _picture(options, folder)
    lesson = lesson_of(file, options)
    training = _training(lesson)
    with nullcontext() if folder is None else folder.held():
        if folder is not None:
            folder.check_new()  # another process may have been quicker
            folder.begin(Config.of(lesson))
        return _run(lesson, training, folder, picture, console)


def of_its_kind(file: str, options: Options) -> Options:
    """Decides what the file is; refuses what does not go with it, and what does not go together."""
    named = [each.name for each in series.OPTIONS if each in options]
    if text.LEVEL in options and named:
        raise Refusal(f"{named[0]} is for numbers and --level for text; give one of them")
    is_text = text.LEVEL in options or (not named and not TABLES.search(file.lower()))
    if is_text and text.LEVEL not in options and (found := columns_of(file)):
        raise Refusal(
            f"{path_shown(file)} is taken for a text, by its name, and looks like a table of {listed(found)}; give "
            "--column NAME to learn one of its columns, or --level word to learn it as a text"
        )
    if is_text and recipe.BIDIRECTIONAL in options:
        raise Refusal(
            "--bidirectional does not go with text: a network that reads backwards sees the next token, which it is to "
            "tell; leave it out"
        )
    options = Options(options.known, options.given, "text" if is_text else "series")
    what, cure = ("a text", "--column NAME") if is_text else ("a series of numbers", "--level word")
    why = f"does not go with {what}, which {file} is taken for; leave it out, or give {cure}"
    options.refuse_but(lambda each: each.fits(options.kind), why)
    return options


def _picture(options: Options, folder: RunFolder | None) -> Place | None:
    """Where the picture goes: where it is asked for, else into the folder of the run, else here."""
    if not is_first():
        return None
    asked = options[PICTURE]
    return Place(folder.picture) if asked is None and folder is not None else picture_place(asked, "bptt.svg")


def lesson_of(file: str, options: Options) -> Lesson:
    """Reads the file; refuses what does not go together."""
    if options[FLOW] is not None:
        if options[RUN] is None:
            raise Refusal("--flow keeps its record in the folder of a run; give it one with --run FOLDER")
        if options[WINDOW] == 1:
            raise Refusal("--flow shows the way back through time, and --window 1 has none; give a longer window")
    recipe.chosen(options)  # refuses before the file is read
    return (text.text_lesson if options.kind == "text" else series.series_lesson)(file, options)


def _training(lesson: Lesson) -> Training:
    model, steps = lesson.task.model, lesson.epochs * len(lesson.batches)
    optimizer, schedule = recipe.recipe(lesson.options, model, steps)
    kind: type[Training] = Shared if is_shared() else Training
    return kind(model, optimizer, lesson.batches, lesson.task.loss, schedule, lesson.options[CLIP])


def _resume(folder: RunFolder, options: Options, console: Console) -> Done:
    why = "was fixed when the run began; start another run with --run, or leave it out"
    options.refuse_but(lambda each: each in RESUMABLE or each is RESUME, why)
    folder.config()  # what is no run gets no lock
    folder.check_writable()
    with folder.held():
        return _go_on(folder, options, console)


def _go_on(folder: RunFolder, options: Options, console: Console) -> Done:
    config = folder.config()
    file = options[FILE] or config.seen_from_here
    if file == STANDARD_INPUT and options[FILE] is None:
        raise Refusal(f"{folder.name} began with standard input; give it again: train - --resume {folder.name}")
    epochs, schedule = options[EPOCHS], config.options.get("schedule")
    if epochs is not None and epochs != config.epochs:
        if schedule not in ("none", "plateau"):
            raise Refusal(
                f"--epochs cannot change: the schedule {schedule} was made for {config.epochs}; start another run"
            )
        config = replace(config, epochs=epochs)
    picture = _picture(options, folder)
    lesson, training = _from_the_start(folder, config, file, options[QUIET])
    if folder.checkpoint.exists():
        read_checkpoint(folder.checkpoint, training)
    done = training.progress.step / len(lesson.batches)
    if done > config.epochs:
        raise Refusal(f"--epochs {config.epochs} is less than what is done already, {done:.4g}; give more")
    finished = done == config.epochs or training.progress.stopped
    folder.begin(replace(config, options=lesson.options.plain()), finished)
    planned, state = config.epochs * len(lesson.batches), "is finished" if finished else "goes on"
    console.say(f"{folder.name} {state}: {training.progress.step} of {planned} steps are done")
    return _run(lesson, training, folder, picture, console)


def _from_the_start(folder: RunFolder, config: Config, file: str, quiet: bool = False) -> tuple[Lesson, Training]:
    """A run that is there as it was before its first step."""
    with folder.undamaged():
        plain = config.options | {EPOCHS.key: config.epochs}
        options = Options.of(OPTIONS, config.kind, plain, run=folder.path, quiet=quiet)
    lesson = lesson_of(file, options)
    if digest(file) != config.sha256:
        raise Refusal(f"{path_shown(file)} is no longer the file that the run began with; start a new run")
    return lesson, _training(lesson)


def window_after(step: int, folder: RunFolder, config: Config) -> Window:
    """The window as it was after so many steps, which are done again and come out the same to the last bit."""
    if config.file == STANDARD_INPUT or config.options.get("schedule") == "plateau":
        what = "the schedule plateau" if config.file != STANDARD_INPUT else "standard input"
        raise Refusal(f"--step does the steps of {folder.name} again, which {what} does not allow; leave it out")
    lesson, training = _from_the_start(folder, config, config.seen_from_here)
    planned = config.epochs * len(lesson.batches)
    if step > planned:
        raise Refusal(f"--step {step} is beyond the {planned} steps of {folder.name}; give one of them")
    use_one_thread(lesson.options[recipe.HIDDEN])
    try:
        with bar(step, "training") as shown, np.errstate(all="ignore"):
            while training.progress.step < step:
                training.step()
                shown.update()
    except Diverged as error:
        raise Refusal(f"{error}; give --step a smaller one", status=1) from None
    window = lesson.task.through_time()
    return replace(window, title=f"{window.title}, after {step} of {planned} steps")


def _run(lesson: Lesson, training: Training, folder: RunFolder | None, place: Place | None, console: Console) -> Done:
    """Trains, judges, prints, fills the folder, and draws last of all: what came out is kept if that fails."""
    options = lesson.options
    console.say(lesson.introduction)
    use_one_thread(options[recipe.HIDDEN])
    flow, between = None, options[FLOW]
    kept, folder = folder is not None, folder if is_first() else None
    if folder is not None and between is not None:
        flow = training.watch = FlowWatch(folder, between, training.progress.step)

    def save(training: Training) -> None:
        if folder is not None:
            write_checkpoint(folder.checkpoint, training)
        else:
            training.state_dict()  # to which each process gives its part

    again = f"go on with train --resume {folder.name}" if folder is not None else "train again, with --run to keep more"
    try:
        with together.told_if_killed(again):
            interrupted = fit(
                training,
                epochs=lesson.epochs,
                every=options[EVERY] or min(len(training.batches), MOST_STEPS_BETWEEN),
                evaluate=(lambda: training.evaluated(lesson.task.loss_of, lesson.watched))
                if kept or validates(options)
                else None,
                patience=options[PATIENCE],
                log=None if folder is None else Log(folder.log_file, training.progress.step),
                save=save if kept else None,
                quiet=options[QUIET],
            )
    except Diverged as error:
        norm, most = training.progress.norm, options[CLIP]
        seen = f" (the gradient's norm was {norm.value:.2g})" if norm.count else ""
        clip = "clip the gradient with --clip 1" if math.isinf(most) else f"lower --clip ({most:g})"
        raise Refusal(f"{error}{seen}; lower --lr ({options[LR]:g}) or {clip}, and see demo clipping", 1) from None
    finally:
        if flow is not None:
            flow.close()
    if not is_first():
        return Done()
    if folder is not None:
        tg.save(lesson.task.model.state_dict(), folder.model_file)
    try:
        figures, said, window = lesson.report(training.progress, interrupted)
    except KeyboardInterrupt:
        has = f"; {folder.name} has the network, go on with train --resume {folder.name}" if folder is not None else ""
        raise Refusal(f"interrupted while it was judged{has}", status=130) from None
    console.say(said)
    if folder is not None:
        figures["run"] = str(folder.path)
        write(folder.figures_file, (dumps(figures, indent=1) + "\n").encode())
        write(folder.table_file, f"{lesson.introduction}\n{said}\n".encode())
        write(folder.loss_picture, loss_chart(read_log(folder.log_file), validates(options)).encode())
        write(folder.flow_picture, flow_chart(window).encode())
    if place is not None:
        figures["picture"] = console.draw(window.picture, place)
    if folder is not None:
        write(folder.figures_file, (dumps(figures, indent=1) + "\n").encode())
        console.say(f"Run: {folder.name}, with its log, checkpoint, figures and curves")
    if not interrupted:
        return Done(figures)
    note = "interrupted: the figures and the picture are those so far"
    return Done(figures, 130, note if folder is None else f"{note}; go on with train --resume {folder.name}")


COMMAND = Command(
    "train",
    train,
    "train on a CSV file of numbers or on a text, compare with baselines, draw one window",
    OPTIONS,
    """\
  tinygrad-rnn train prices.csv                  next value of a column of numbers
  tinygrad-rnn train prices.csv --column open --cell lstm --window 8
  tinygrad-rnn train words.txt                   next word of a text
  tinygrad-rnn train words.txt --level char --prompt "Shall I " --sample 300
  tinygrad-rnn train words.txt --level char --cell lstm --layers 2 --run sonnets
  tinygrad-rnn train --resume sonnets            goes on after Ctrl-C, or whatever ended it

A file is a series of numbers if --column is given or its name ends as that of a table (.csv, .tsv, .jsonl, .parquet,
.xlsx ..., perhaps with .gz), and a text if --level is given or its name ends otherwise.""",
    "Train a recurrent network by backpropagation through time on a CSV file of numbers or on a text.",
)
