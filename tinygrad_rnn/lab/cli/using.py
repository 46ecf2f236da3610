"""What a trained network is good for: `sample`, `predict`, `evaluate` and `export`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ...explain.report import alike, prose, significant, table
from ...interop.onnx import ExportError, export
from ..data import DataError, Series, characters, read_series, read_text, words
from ..data.files import STANDARD_INPUT, digest, listed, shown
from . import drawing, train
from .console import Console, Done, Refusal, path_shown, why
from .options import JSON, NUMBERS, WORDS, Command, Option, Options, whole
from .recipe import READING_OPTIONS, SEED, WINDOW, reading_of
from .run_folder import Config, RunFolder
from .series import NO_FORECAST, NextValue
from .series import judged as judged_series
from .text import TEMPERATURE, Ids, NextToken, parts_of, prompt_of, sampled
from .text import judged as judged_text

# fmt: off
RUN = Option("run", "a folder that train --run made", "", str, "RUN")
PROMPT: Option[str | None] = Option("--prompt",
    "what it goes on from (default: the last words of the training text)", None, str, "TEXT")
COUNT = Option("--count", "words or characters to write", 200, whole(1, 100_000), "N")
LOOK: Option[str | None] = Option("file", "where to look (default: the file of the run)", None, str, count="?")
BEFORE: Option[str | None] = Option("--prompt",
    "what comes before (default: the last words of the training text)", None, str, "TEXT", WORDS, of="text")
STEPS = Option("--steps", "values to tell, each as if those before it had come true", 1, whole(1, 10_000), "N",
    NUMBERS, of="series")
TOP = Option("--top", "how many tokens to show", 10, whole(1, 1000), "N", WORDS, of="text")
LIKE = Option("file", "a file like the one it was trained on", "", str)
TARGET = Option("file", "where to, a name that ends in .onnx", "", str)
# fmt: on


def _opened(run: str) -> tuple[RunFolder, Config, NextValue | NextToken]:
    folder = RunFolder(Path(run))
    config = folder.config()
    return folder, config, folder.task(config)


def sample(options: Options, console: Console) -> Done:
    """Writes on from a prompt."""
    folder, _, task = _opened(options[RUN])
    if not isinstance(task, NextToken):
        raise Refusal(f"{folder.name} is a run on numbers, and sample is for text; use predict")
    prompt = prompt_of(options[PROMPT], task.vocabulary, task.example)
    temperature, seed = options[TEMPERATURE], options[SEED]
    text, said = sampled(task, prompt, options[COUNT], temperature, seed)
    console.say(said.lstrip("\n"))
    return Done({"run": str(folder.path), "text": text, "temperature": temperature, "seed": seed})


def _series(file: str, task: NextValue, config: Config, options: Options, console: Console) -> Series:
    """The columns of a file that the network reads; what is to know of how they were read is said."""
    series = read_series(file, task.column, reading_of(options, config.options), list(task.inputs))
    for note in series.notes:
        console.say(f"note: {note}")
    return series


def predict(options: Options, console: Console) -> Done:
    """The value after the last of a file, or the tokens that may follow a text."""
    folder, config, task = _opened(options[RUN])
    what = "text" if config.kind == "text" else "numbers"
    options.refuse_but(
        lambda each: each.fits(config.kind), f"does not go with {folder.name}, a run on {what}; leave it out"
    )
    if isinstance(task, NextToken):
        return _predict_token(folder, config, task, options, console)
    file = options[LOOK] or config.seen_from_here
    series = _series(file, task, config, options, console)
    if len(series) < task.window:
        raise Refusal(f"{series.source} has {len(series)} values, and the network reads {task.window}; give more")
    if task.inputs and options[STEPS] > 1:
        raise Refusal(
            f"--steps: {folder.name} also reads {listed(list(task.inputs))}, whose next values nobody knows yet"
        )
    told = task.forecasts(series.table, options[STEPS])
    after, more = shown(series.labels[-1], 20), {"predictions": told} if len(told) > 1 else {}
    console.say(
        f"{series.source}: {shown(task.column)} after {after} by the {task.model.name} of {folder.name}\n\n"
        + "".join(f"  {each}\n" for each in alike(told, 6)[:-1])
        + f"  {alike(told, 6)[-1]}   (the last value is {significant(float(series.values[-1]), 6)})\n\n"
        + prose(NO_FORECAST)
    )
    return Done({"run": str(folder.path), "file": file, "after": series.labels[-1], "prediction": told[0]} | more)


def _predict_token(folder: RunFolder, config: Config, task: NextToken, options: Options, console: Console) -> Done:
    file, prompt, encoding = options[LOOK], options[BEFORE], reading_of(options, config.options).encoding
    if file is not None and prompt is not None:
        raise Refusal("a file and --prompt both say what the text is; give one of them")
    ids = prompt_of(prompt, task.vocabulary, task.example) if file is None else _ids(file, task, encoding)[-1000:]
    p = task.expected(ids)
    likeliest = np.argsort(-p, kind="stable")[: options[TOP]].tolist()
    rows = [[task.label(i), f"{100 * p[i]:.2f} %"] for i in likeliest]
    begun = " ".join(task.label(i) for i in ids[-8:].tolist())
    console.say(f"After {begun!r} the {task.model.name} of {folder.name} expects\n\n" + table([task.unit, "p"], rows))
    found = [{"token": task.vocabulary.tokens[i], "p": float(p[i])} for i in likeliest]
    return Done({"run": str(folder.path), "expected": found})


def _ids(file: str, task: NextToken, encoding: str | None) -> Ids:
    text = read_text(file, encoding)
    return task.vocabulary.encode(words(text) if task.vocabulary.level == "word" else characters(text))


def _baselines(config: Config, ids: Ids) -> dict[str, NDArray[np.float64]]:
    """By counting in the text that a run learnt from; none if its file is not there any more, or has changed."""
    try:
        if config.file == STANDARD_INPUT or digest(config.file) != config.sha256:
            return {}
    except (OSError, DataError):
        return {}
    return parts_of(config.file, Options.of(train.OPTIONS, config.kind, config.options)).baselines(ids)


def evaluate(options: Options, console: Console) -> Done:
    """How good the network is on a file."""
    folder, config, task = _opened(options[RUN])
    file = options[LIKE]
    figures: dict[str, Any] = {"run": str(folder.path), "file": file}
    if isinstance(task, NextToken):
        ids = _ids(file, task, reading_of(options, config.options).encoding)
        if len(ids) < 2:
            raise Refusal(f"{path_shown(file)} has 1 {task.unit}, and the first is only read; give 2 or more")
        size, counted = len(task.vocabulary), _baselines(config, ids)
        guessing = {f"guessing among all {size}": np.full(len(ids) - 1, 1 / size)}
        strange = float((ids == task.vocabulary[task.vocabulary.unknown or ""]).mean())
        heading = f"{path_shown(file)}: {len(ids)} {task.unit}s, {100 * strange:.1f} % of them not in the vocabulary"
        scores, text = judged_text(task, ids, counted | guessing, quiet=False, where=heading)
        figures |= {"tokens": len(ids), "unknown": strange, "scores": scores}
        if not counted:
            text_file = path_shown(config.seen_from_here)
            gone = f"{text_file}, which it learnt from, is not there as it was: counting cannot be compared."
            text += f"\n\n{prose(gone)}"
    else:
        series = _series(file, task, config, options, console)
        if len(series) <= task.window:
            raise Refusal(
                f"{series.source} has {len(series)} values, too few for a window of {task.window} and the value after "
                f"it; give at least {task.window + 1}"
            )
        figures["scores"], text = judged_series(task, series, task.window, quiet=False)
    figures["trained_on_it"] = digest(file) == config.sha256
    if figures["trained_on_it"]:
        text += "\n\nThis is the file the network learnt from: most of it is nothing new to it."
    console.say(text.lstrip("\n"))
    return Done(figures)


def to_onnx(options: Options, console: Console) -> Done:
    """The trained network for other programs."""
    path = Path(options[TARGET])
    if path.suffix.lower() != ".onnx":
        raise Refusal(f"{path_shown(path)} does not end in .onnx, which is what is written; give a name that does")
    folder, config, task = _opened(options[RUN])
    made, window = task.exportable(), str(config.options.get(WINDOW.key, WINDOW.default))
    inputs, notes = [*made.axes], {"window": window, "made by": f"tinygrad-rnn {tg.__version__}"}
    made.module.eval()
    try:
        names: dict[str, Any] = {"input_names": inputs, "output_names": made.outputs, "dynamic_axes": made.axes}
        export(made.module, made.example, path, metadata=notes, **names)
    except (OSError, ExportError, ModuleNotFoundError) as error:
        raise Refusal(f"{path_shown(path)} cannot be written: {why(error)}") from None
    trained = f"trained on windows of {window} steps, which other lengths are not like"
    console.say(f"{path_shown(path)}: the {task.model.name} of {folder.name} as ONNX\n{made.means}\n{trained}")
    sizes = ["any" if axis in made.axes[inputs[0]] else size for axis, size in enumerate(made.example[0].shape)]
    figures = {"run": str(folder.path), "file": str(path), "input": inputs[0], "output": made.outputs[0]}
    return Done(figures | {"shape": sizes, "states": inputs[1:], "window": int(window)})


# fmt: off
COMMANDS = (
    Command("sample", sample, "write on from a prompt with a network trained on text",
        (RUN, PROMPT, COUNT, *(replace(each, group=COUNT.group) for each in (TEMPERATURE, SEED)), JSON),
        '  tinygrad-rnn sample sonnets --prompt "Shall I " --temperature 0.5 --seed 3'),
    Command("predict", predict, "the value after the last one of a file, or the tokens that may follow a text",
        (RUN, LOOK, STEPS, BEFORE, TOP, *READING_OPTIONS, JSON),
        '  tinygrad-rnn predict prices-run new-prices.csv\n  tinygrad-rnn predict sonnets --prompt "Shall I compare "'),
    Command("evaluate", evaluate, "how good a trained network is on a file, beside baselines",
        (RUN, LIKE, *READING_OPTIONS, JSON), "  tinygrad-rnn evaluate prices-run new-prices.csv --json"),
    drawing.COMMAND,
    Command("export", to_onnx, "write a trained network as ONNX (needs the extra onnx)",
        (RUN, TARGET, JSON), "  tinygrad-rnn export prices-run prices.onnx"),
)
# fmt: on
