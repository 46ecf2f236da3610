"""The command `draw`: a window through a trained network, or a value of a script, as text and as a picture."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tinygrad_rnn as tg

from ...explain.places import variables
from ...viz.drawing import VIEWS
from ..data.files import shown
from . import train
from .console import Console, Done, Place, Refusal, path_shown, picture_place
from .lesson import Window
from .options import JSON, Command, Option, Options, one_of, whole
from .run_folder import RunFolder
from .script import Script, expression
from .text import NextToken


def _first_and_last(text: str) -> tuple[int, int]:
    first, comma, last = text.partition(",")
    if not (comma and first.strip().isdecimal() and last.strip().isdecimal()):
        raise Refusal(f"{shown(text)!r} are no two steps; give the first and the last, as 1,8")
    return int(first), int(last)


# fmt: off
RUN = Option("run", "a folder that train --run made, or a script of PyTorch or of this package, NAME.py: it is run up "
    "to the backward pass that is drawn, with its own arguments if they follow at the end after --", "", str, "RUN")
ARGUMENTS = Option[Sequence[str]]("arguments", "those of the script", (), lambda text: [text])
LOSS: Option[str | None] = Option("--loss", "the value of the script, as it is called there (default: what it calls "
    "backward() of)", None, expression, "NAME")
STEP: Option[int | None] = Option("--step", "as it was after N steps of training, which are done again (default: as it "
    "is; of a script: 0)", None, whole(0), "N")
BESIDE: Option[str | None] = Option("--beside", "another run, to be drawn on one page with it", None, str, "RUN")
LIVE = Option("--live", "of a run on text a page, and no table: one types, and sees what every prediction depends on",
    False, bool)
PROGRAM = Option("--program", "forward and backward pass as a program in numpy, and no table; a picture only with "
    "--picture", False, bool)
PICTURE: Option[str | None] = Option("--picture", "where to, or none (default: bptt.svg, of two runs beside.html, of a "
    "script NAME.svg, with --live live.html)", None, str, "FILE", short="-o")
HOW = "how it is drawn"
LOOKS: tuple[Option[Any], ...] = (
    Option("--view", f"{', '.join(VIEWS[:-1])} or {VIEWS[-1]} (default: auto)", None, one_of(*VIEWS), "VIEW", HOW),
    Option("--steps", "the first and the last time step to show, in full detail", None, _first_and_last, "A,B", HOW),
    Option("--depth", "modules from this depth on are closed", None, whole(1), "N", HOW),
    Option("--theme", "light, dark or auto (default: light)", None, one_of("light", "dark", "auto"), "THEME", HOW),
    Option("--force", "also what is too large to be read", False, bool, group=HOW),
)
# fmt: on


def for_script(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The words of a command line, and those that it gives to a script: what follows -- after the script's name."""
    if words[:1] == ["draw"] and "--" in words:
        place = words.index("--")
        if any(word.endswith(".py") for word in words[:place]):
            return words[:place], words[place + 1 :]
    return words, ()


def _drawn(draw: Callable[..., tg.viz.Picture], *args: Any, options: Options) -> tg.viz.Picture:
    try:
        return draw(*args, **{each.key: options[each] for each in LOOKS if each in options})
    except (ValueError, RuntimeError) as error:
        raise Refusal(f"it cannot be drawn so: {error}") from None


def _program(loss: tg.Tensor, console: Console) -> str:
    try:
        text = str(tg.program(loss))
    except RuntimeError as error:
        raise Refusal(f"{error}; leave out --program") from None
    console.say(text.rstrip("\n"))
    return text


def _window(run: str, step: int | None) -> Window:
    folder = RunFolder(Path(run))
    config = folder.config()
    return folder.task(config).through_time() if step is None else train.window_after(step, folder, config)


def _of_script(options: Options, console: Console, place: Place | None) -> Done:
    """The value of a script in its backward pass."""
    path, figures = Path(options[RUN]), dict[str, Any]()

    def look(loss: tg.Tensor, where: str) -> None:
        console.say(f"{'# ' if options[PROGRAM] else ''}{path_shown(path)}, {where}")
        if options[PROGRAM]:
            leaves = {id(node): node for node in tg.history(loss) if node.primitive is None and not node.name}
            for key, name in variables(leaves).items():
                leaves[key].name = name
            figures["program"] = _program(loss, console)
        figures["picture"] = console.draw(lambda: _drawn(tg.draw, loss, options=options), place)

    Script(path, options[ARGUMENTS], options[LOSS], options[STEP] or 0, look).run(aside=console.json)
    return Done({"script": str(path), **figures})


def _only_pages(option: str, place: Place | None) -> None:
    if place is not None and place.path.suffix.lower() not in (".html", ".htm"):
        raise Refusal(
            f"{option} draws a page, and {path_shown(place.path)} does not end in .html; give a name that does"
        )


def _live(options: Options, console: Console) -> Done:
    """The page of a network for text."""
    why = "does not go with --live, which takes the network of one run as it is; leave it out"
    options.refuse_but(lambda each: each in (RUN, LIVE, PICTURE), why)
    place = picture_place(options[PICTURE], "live.html")
    _only_pages("--live", place)
    folder = RunFolder(Path(options[RUN]))
    task = folder.task(folder.config())
    if not isinstance(task, NextToken):
        raise Refusal(f"{folder.name} is a run on numbers, and --live is for text; leave it out")
    try:
        page = task.page(f"What does the {task.model.name} of {folder.path.name} depend on?")
    except ValueError as error:
        raise Refusal(f"--live: {error}; draw it without") from None
    path = console.draw(lambda: page, place, "a page to type on, which needs no network")
    return Done({"run": options[RUN], "picture": path})


def _of_two(options: Options, console: Console, place: Place | None, beside: str) -> Done:
    """The windows of two runs on one page."""
    run, step = options[RUN], options[STEP]
    if Path(run).resolve() == Path(beside).resolve():
        raise Refusal(f"{path_shown(beside)} is the run it is to stand beside; give another one with --beside")
    _only_pages("--beside", place)
    windows = {path_shown(name): _window(name, step) for name in (run, beside)}
    console.say("\n\n".join(f"{name}\n{window.text}" for name, window in windows.items()))
    pictures = {name: _drawn(window.picture, options=options) for name, window in windows.items()}
    drawn = console.draw(lambda: tg.compare(pictures), place, "both on one page and one scale")
    steps = {name: [step._asdict() for step in window.steps] for name, window in windows.items()}
    return Done({"runs": [run, beside], "picture": drawn, "through_time": steps})


def draw(options: Options, console: Console) -> Done:
    """One window through the trained network, or through two, or a value of a script."""
    if options[LIVE]:
        return _live(options, console)
    run, beside = options[RUN], options[BESIDE]
    is_script = run.endswith(".py") and not Path(run).is_dir()
    what = "a script" if is_script else "a run" if beside is None else "two runs"
    for option in {"a script": (BESIDE,), "a run": (LOSS, ARGUMENTS)}.get(what, (LOSS, ARGUMENTS, PROGRAM)):
        if option in options:
            raise Refusal(f"{option.name} does not go with {what}, as {path_shown(run)}; leave it out")
    asked = options[PICTURE] or ("none" if options[PROGRAM] else None)
    usual = f"{Path(run).stem}.svg" if is_script else "bptt.svg" if beside is None else "beside.html"
    place = picture_place(asked, usual)
    if is_script:
        return _of_script(options, console, place)
    if beside is not None:
        return _of_two(options, console, place, beside)
    window = _window(run, options[STEP])
    figures = {"run": run}
    if options[PROGRAM]:
        figures["program"] = _program(window.loss, console)
    else:
        console.say(window.text.lstrip("\n"))
    picture = console.draw(lambda: _drawn(window.picture, options=options), place)
    return Done({**figures, "picture": picture, "through_time": [step._asdict() for step in window.steps]})


COMMAND = Command(
    "draw",
    draw,
    "one window through a trained network, or the loss of a script, as a picture",
    (RUN, LOSS, STEP, BESIDE, LIVE, PROGRAM, PICTURE, *LOOKS, JSON),
    "  tinygrad-rnn draw sonnets --picture trained.svg\n"
    "  tinygrad-rnn draw train.py --loss loss -- --epochs 1   a script, in PyTorch too\n"
    "  tinygrad-rnn draw sonnets --step 0             before anything was learnt\n"
    "  tinygrad-rnn draw sonnets --program            BPTT as loops in numpy\n"
    "  tinygrad-rnn draw rnn --beside lstm --picture both.html\n"
    "  tinygrad-rnn draw sonnets --live               a page: what every prediction depends on",
)
