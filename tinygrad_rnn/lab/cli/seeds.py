"""`tinygrad-rnn train --seeds N`: the same training from several seeds side by side, and how far the results spread."""

import json
import tempfile
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from ...explain.report import alike, table, title
from ...utils.files import write
from ..data.files import STANDARD_INPUT, digest
from ..training.log import bar, dumps, read_log
from ..training.shared import is_shared
from ..training.side_by_side import side_by_side
from . import train as one
from .console import Console, Done, Refusal, path_shown
from .lesson import Lesson
from .options import QUIET, TRAINING, Option, Options, whole
from .recipe import SEED
from .run_folder import RunFolder
from .train import FILE, OPTIONS, PICTURE, RESUME, RUN

SEEDS: Option[int | None] = Option(
    "--seeds",
    "train N networks side by side, a process each, from --seed and the seeds after it; tells mean and spread",
    None, whole(2, 1000), "N", TRAINING, remembered=False,
)  # fmt: skip
PLAN = "seeds.json"


def train(options: Options, console: Console) -> Done:
    """Trains once, or from several seeds; which these are is kept in the folder of the runs."""
    resumed, count, run, file = options[RESUME], options[SEEDS], options[RUN], options[FILE]
    goes_on = resumed is not None and (resumed / PLAN).is_file()
    if (goes_on or count is not None) and is_shared():
        raise Refusal("--seeds starts processes of its own, one for each network: leave out mpiexec, or --seeds")
    if resumed is not None and goes_on:
        options.refuse_but(lambda each: each in (RESUME, QUIET), "was fixed when the runs began; leave it out")
        (folder := RunFolder(resumed)).check_writable()
        with folder.held():
            with folder.undamaged(PLAN):
                plan = json.loads((resumed / PLAN).read_text(encoding="utf-8"))
                kept = {"file": plan["file"], "run": resumed, "quiet": options[QUIET]}
                options = Options.of(OPTIONS, plan["kind"], plan["options"], **kept)
                seeds = range(plan["seed"], plan["seed"] + plan["seeds"])
            if digest(plan["file"]) != plan["sha256"]:
                raise Refusal(f"{path_shown(plan['file'])} is no longer the file that the runs began with; start anew")
            return _train(one.lesson_of(plan["file"], options), seeds, folder, console)
    if count is None or resumed is not None or file is None:
        return one.train(options, console)
    if file == STANDARD_INPUT:
        raise Refusal("--seeds reads the file once for each seed, which standard input does not allow; give a file")
    if options[PICTURE] not in (None, "none"):
        raise Refusal("--picture draws one network, and --seeds trains several; leave it out, and draw one of --run")
    options = one.of_its_kind(file, options)
    seeds = range(options[SEED], options[SEED] + count)
    with ExitStack() as stack:
        if run is not None:
            RunFolder(run).check_new()
        lesson = one.lesson_of(file, options)  # refuses what each of them would refuse
        folder = RunFolder(run or Path(stack.enter_context(tempfile.TemporaryDirectory())))
        stack.enter_context(folder.held())
        folder.check_new()
        path = str(Path(file).absolute())
        plan = {"kind": options.kind, "file": path, "sha256": digest(file), "seed": seeds[0], "seeds": count}
        write(folder.path / PLAN, (dumps(plan | {"options": options.plain()}, indent=1) + "\n").encode())
        console.say(lesson.introduction)
        return _train(lesson, seeds, folder, console)


def _train(lesson: Lesson, seeds: range, folder: RunFolder, console: Console) -> Done:
    """Begins each run or goes on with it; of those that are finished, takes what came out."""
    options, folders = lesson.options, {seed: RunFolder(folder.path / f"seed-{seed}") for seed in seeds}
    found: dict[int, Any] = {}
    for seed, each in folders.items():
        if each.figures_file.exists():
            with each.undamaged(each.figures_file.name):
                figures = json.loads(each.figures_file.read_text(encoding="utf-8"))
                found |= {} if figures["interrupted"] else {seed: figures}
    given = {key: value for key, value in options.given.items() if key != SEEDS.key} | {FILE.key: lesson.file}
    jobs = {seed: (given | {SEED.key: seed}, options.kind, folders[seed].path) for seed in seeds if seed not in found}
    steps = lesson.epochs * len(lesson.batches)

    def done(ended: Collection[int]) -> int:
        logs = [read_log(folders[seed].log_file) for seed in jobs if seed not in ended]
        return steps * (len(seeds) - len(logs)) + sum(int(log[-1]["step"]) for log in logs if log)

    with bar(steps * len(seeds), f"{len(seeds)} seeds", options[QUIET], done([])) as shown:
        fresh = side_by_side(_one, jobs, lambda ended: shown.disable or shown.update(done(ended) - shown.n))
    found |= {seed: answer for seed, answer in fresh.items() if isinstance(answer, dict)}
    finished = {seed: found[seed] for seed in seeds if seed in found and not found[seed]["interrupted"]}
    failed = {
        seed: error
        for seed, error in sorted(fresh.items())
        if isinstance(error, Exception) and getattr(error, "status", 2) != 130
    }
    figures, said = _summary(finished)
    said = "\n".join([said, *(f"seed {seed}: {error}" for seed, error in failed.items())])
    console.say(said)
    kept = options[RUN] is not None
    if kept:
        figures["run"] = str(folder.path)
        write(folder.figures_file, (dumps(figures, indent=1) + "\n").encode())
        write(folder.table_file, f"{said}\n".encode())
        console.say(f"Runs: {', '.join(each.name for each in folders.values())}")
    if missing := len(seeds) - len(finished) - len(failed):
        note = f"interrupted: {missing} of {len(seeds)} seeds are not done"
        return Done(figures, 130, f"{note}; go on with train --resume {folder.name}" if kept else note)
    return Done(figures, max((getattr(error, "status", 2) for error in failed.values()), default=0))


def _one(given: Mapping[str, Any], kind: str, path: Path) -> dict[str, Any]:
    """One of the runs, begun or gone on with."""
    given = {RESUME.key: path} if (path / "config.json").exists() else {**given, RUN.key: path}
    return one.train(Options(OPTIONS, given | {PICTURE.key: "none", QUIET.key: True}, kind), Console(json=True)).figures


def _summary(finished: Mapping[int, Mapping[str, Any]]) -> tuple[dict[str, Any], str]:
    """The scores of all networks with their mean and standard deviation, and those of the baselines, as a table."""
    figures: dict[str, Any] = {"seeds": {str(seed): each for seed, each in finished.items()}}
    if not finished:
        return figures, "no training came to its end"
    names, *_ = (list(each["held_out"]) for each in finished.values())
    beside = next(iter(finished.values()))["held_out"]
    keys = [key for key in beside[names[0]] if key not in ("count", "worst")]
    scores = {key: [each["held_out"][names[0]][key] for each in finished.values()] for key in keys}
    figures["mean"] = {key: fmean(values) for key, values in scores.items()}
    rows = [f"{names[0]}, seed {seed}" for seed in finished] + ["mean"]
    spreads = [figures["mean"]]
    if len(finished) > 1:
        figures["deviation"] = {key: stdev(values) for key, values in scores.items()}
        rows, spreads = [*rows, "standard deviation"], [*spreads, figures["deviation"]]
    rows += names[1:]
    columns = [
        alike([*scores[key], *(each[key] for each in spreads), *(beside[name][key] for name in names[1:])])
        for key in keys
    ]
    head = ["", *(key.replace("_", " ") for key in keys)]
    return figures, "\n".join([title("From several seeds"), table(head, zip(rows, *columns, strict=True)), ""])


COMMAND = replace(
    one.COMMAND,
    run=train,
    options=(*OPTIONS, SEEDS),
    examples=one.COMMAND.examples.replace(
        "\n\n",
        "\n  tinygrad-rnn train prices.csv --seeds 8        mean and spread of eight runs, side by side\n\n",
    ),
)
