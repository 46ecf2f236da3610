"""What a trained network is good for: `sample`, `predict`, `evaluate`, `draw` and `export`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_rnn as tg

from ...explain.report import prose, significant, table
from ...interop.onnx import ExportError, export
from ..data import characters, read_series, read_text, words
from ..data.files import shown
from .console import Console, Done
from .lesson import Task
from .next_token import Ids, NextToken
from .next_value import NextValue
from .output import picture_path, save_drawing, save_picture
from .refusal import Refusal
from .run_folder import Config, RunFolder, digest, why
from .sampling import prompt_of
from .series import NO_FORECAST
from .series import judged as judged_series
from .text import judged as judged_text
from .text import sampled, scores_of


def _opened(given: dict[str, Any]) -> tuple[RunFolder, Config, Task]:
    folder = RunFolder(Path(given["run"]))
    config = folder.config()
    return folder, config, folder.task(config)


def sample(given: dict[str, Any], console: Console) -> Done:
    """Writes on from a prompt."""
    folder, _, task = _opened(given)
    if not isinstance(task, NextToken):
        raise Refusal(f"{folder.name} is a run on numbers, and sample is for text; use predict")
    prompt = prompt_of(given.get("prompt"), task.vocabulary, task.example)
    count, temperature, seed = given.get("count", 200), given.get("temperature", 0.7), given.get("seed", 0)
    text, said = sampled(task, prompt, count, temperature, seed)
    console.say(said.lstrip("\n"))
    return Done({"run": str(folder.path), "text": text, "temperature": temperature, "seed": seed})


def predict(given: dict[str, Any], console: Console) -> Done:
    """The value after the last of a file, or the tokens that may follow a text."""
    folder, config, task = _opened(given)
    file = given.get("file", config.seen_from_here)
    if isinstance(task, NextToken):
        return _predict_token(folder, task, given, console)
    misplaced = sorted({"prompt", "top"} & given.keys())
    if misplaced:
        raise Refusal(f"--{misplaced[0]} does not go with {folder.name}, a run on numbers; leave it out")
    series = read_series(file, task.column)
    if len(series) < task.window:
        raise Refusal(f"{series.source} has {len(series)} values, and the network reads {task.window}; give more")
    value = task.forecast(series.values)
    after = shown(series.labels[-1], 20)
    console.say(
        f"{series.source}: {shown(task.column)} after {after} by the {task.model.name} of {folder.name}\n\n"
        f"  {significant(value, 6)}   (the last value is {significant(float(series.values[-1]), 6)})\n\n"
        + prose(NO_FORECAST)
    )
    return Done({"run": str(folder.path), "file": str(file), "after": series.labels[-1], "prediction": value})


def _predict_token(folder: RunFolder, task: NextToken, given: dict[str, Any], console: Console) -> Done:
    if "file" in given and "prompt" in given:
        raise Refusal("a file and --prompt both say what the text is; give one of them")
    if "file" in given:
        ids = _ids(given["file"], task)[-1000:]
    else:
        ids = prompt_of(given.get("prompt"), task.vocabulary, task.example)
    p = task.expected(ids)
    likeliest = np.argsort(-p, kind="stable")[: given.get("top", 10)].tolist()
    rows = [[task.label(i), f"{100 * p[i]:.2f} %"] for i in likeliest]
    begun = " ".join(task.label(i) for i in ids[-8:].tolist())
    console.say(f"After {begun!r} the {task.model.name} of {folder.name} expects\n\n" + table([task.unit, "p"], rows))
    found = [{"token": task.vocabulary.tokens[i], "p": float(p[i])} for i in likeliest]
    return Done({"run": str(folder.path), "expected": found})


def _ids(file: str, task: NextToken) -> Ids:
    text = read_text(file)
    return task.vocabulary.encode(words(text) if task.vocabulary.level == "word" else characters(text))


def evaluate(given: dict[str, Any], console: Console) -> Done:
    """How good the network is on a file."""
    folder, config, task = _opened(given)
    file = given["file"]
    figures: dict[str, Any] = {"run": str(folder.path), "file": file}
    if isinstance(task, NextToken):
        ids = _ids(file, task)
        if len(ids) < 2:
            raise Refusal(f"{shown(file, 200)} has 1 {task.unit}, and the first is only read; give 2 or more")
        size = len(task.vocabulary)
        probabilities = {
            task.model.name: task.probabilities(ids),
            f"guessing among all {size}": np.full(len(ids) - 1, 1 / size),
        }
        strange = float((ids == task.vocabulary[task.vocabulary.unknown or ""]).mean())
        figures |= {"tokens": len(ids), "unknown": strange, "scores": scores_of(probabilities)}
        heading = f"{shown(file, 200)}: {len(ids)} {task.unit}s, {100 * strange:.1f} % of them not in the vocabulary"
        text = judged_text(probabilities, task.unit, heading)
    else:
        series = read_series(file, task.column)
        if len(series) <= task.window:
            raise Refusal(
                f"{series.source} has {len(series)} values, too few for a window of {task.window} and the value after "
                f"it; give at least {task.window + 1}"
            )
        scores = task.scores(series.values, task.window)
        figures["scores"] = {name: asdict(each) for name, each in scores.items()}
        text = judged_series(scores, series, task.window)
    figures["trained_on_it"] = digest(Path(file)) == config.sha256
    if figures["trained_on_it"]:
        text += "\n\nThis is the file the network learnt from: most of it is nothing new to it."
    console.say(text.lstrip("\n"))
    return Done(figures)


def draw(given: dict[str, Any], console: Console) -> Done:
    """One window through the trained network, as a table and as a picture."""
    if "beside" in given:
        return _draw_beside(given, console)
    path = picture_path(given.get("picture", "bptt.svg"))
    _, _, task = _opened(given)
    window = task.through_time()
    console.say(window.text.lstrip("\n"))
    save_picture(window.loss, path, window.title, window.labels, console.say)
    steps = [step._asdict() for step in window.steps]
    return Done({"run": given["run"], "picture": None if path is None else str(path), "through_time": steps})


def _draw_beside(given: dict[str, Any], console: Console) -> Done:
    """One window through each of two trained networks, as tables and as one page."""
    names = [given["run"], given["beside"]]
    if Path(names[0]).resolve() == Path(names[1]).resolve():
        raise Refusal(f"{shown(names[1], 200)} is the run it is to stand beside; give another one with --beside")
    path = picture_path(given.get("picture", "beside.html"))
    if path is not None and path.suffix.lower() not in (".html", ".htm"):
        raise Refusal(f"--beside draws a page, and {shown(path, 200)} does not end in .html; give a name that does")
    windows = {shown(name, 200): _opened({"run": name})[2].through_time() for name in names}
    pictures: dict[str, tg.viz.Picture] = {}
    for name, window in windows.items():
        console.say(window.text.lstrip("\n") if not pictures else f"\n{window.text}")
        pictures[name] = tg.draw(window.loss, title=window.title, labels=window.labels)
    save_drawing(tg.compare(pictures), path, "both on one page and one scale", console.say)
    steps = {name: [step._asdict() for step in window.steps] for name, window in windows.items()}
    return Done({"runs": names, "picture": None if path is None else str(path), "through_time": steps})


def to_onnx(given: dict[str, Any], console: Console) -> Done:
    """The trained network for other programs."""
    path = Path(given["file"])
    if path.suffix.lower() != ".onnx":
        raise Refusal(f"{shown(path, 200)} does not end in .onnx, which is what is written; give a name that does")
    folder, _, task = _opened(given)
    module, example = task.exportable()
    module.eval()
    inputs, output = (["ids"], "logits") if isinstance(task, NextToken) else (["values"], "prediction")
    try:
        axes = export(module, example, path, input_names=inputs, output_names=[output])
    except (OSError, ExportError, ModuleNotFoundError) as error:
        raise Refusal(f"{shown(path, 200)} cannot be written: {why(error)}") from None
    if isinstance(task, NextValue):
        what = f"values (batch, {task.window}) in the units of the file -> prediction (batch)"
    else:
        what = f"ids (time, batch) -> logits (time, batch, {len(task.vocabulary)}); config.json has the tokens in order"
    console.say(f"{shown(path, 200)}: the {task.model.name} of {folder.name} as ONNX\n{what}")
    sizes = ["any" if axis in axes else size for axis, size in enumerate(example.shape)]
    return Done({"run": str(folder.path), "file": str(path), "input": inputs[0], "output": output, "shape": sizes})
