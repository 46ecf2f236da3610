"""What is shown without a run: `demo`, a worked example or a claim, `play`, the playground, and `ops`, the table."""

import sys
import textwrap
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...explain.report import table, terminal_width
from ...ops import FAMILY, TABLE
from ...ops.operation import Operation
from ...surface.help import told
from ...viz import Playground
from ..demos import DEMONSTRATIONS, WORKED_EXAMPLES
from ..training.log import NAME as NAME_SHOWN
from .console import Console, Done, Refusal, picture_place
from .options import JSON, Command, Option, Options, one_of

DEMOS = {**WORKED_EXAMPLES, **DEMONSTRATIONS}
_WITH_QUICK = ", ".join(name for name, each in DEMOS.items() if each.full)

NAME = Option("name", "which, see below", "", one_of(*DEMOS), "NAME")
PICTURE: Option[str | None] = Option("--picture", "where to draw it, or none (default: NAME.svg)", None, str, "FILE")
FULL = Option("--full", f"all of docs/textbook.md, of many seeds; for those that train: {_WITH_QUICK}", False, bool)
QUICK = Option("--quick", "a smaller one, as without --full; for the same", False, bool)
PAGE: Option[str | None] = Option("--page", "where to write it (default: playground.html)", None, str, "FILE")
CLOSED = Option("--closed", "write it only; else the browser opens it, if this is a terminal", False, bool)
NAMES: Option[Any] = Option("names", "the operations (default: all)", None, str, "NAME", count="*")


def demo(options: Options, console: Console) -> Done:
    """Shows one."""
    name = options[NAME]
    demonstration = DEMOS[name]
    for option in (QUICK, FULL):
        if options[option] and not demonstration.full:
            raise Refusal(f"demo {name} takes no {option.name}: it is quick and full already; {_WITH_QUICK} do")
    if options[QUICK] and options[FULL]:
        raise Refusal("--quick and --full ask for two sizes; give one of them")
    picture = picture_place(options[PICTURE], f"{name}.svg")
    NAME_SHOWN.set(name)
    shown = demonstration.show(quick=True) if demonstration.full and not options[FULL] else demonstration.show()
    console.say(shown.text)
    drawing = shown.picture
    if drawing is not None:
        console.draw(lambda: drawing, picture, shown.drawn)
    return Done()


def row_of(operation: Operation) -> dict[str, Any]:
    """Name, family, formula, and every argument's derivative rule as it writes itself; None where there is none."""
    formula, derivatives, *_ = told(operation)
    return {"name": operation.name, "family": FAMILY[operation.name], "formula": formula, "derivatives": derivatives}


def ops(options: Options, console: Console) -> Done:
    """All operations, or those named."""
    wanted = options[NAMES] or list(TABLE)
    unknown = [name for name in wanted if name not in TABLE]
    if unknown:
        raise Refusal(f"there is no operation {unknown[0]!r}; tinygrad-rnn ops lists them all")
    rows = [row_of(TABLE[name]) for name in wanted]
    cells = []
    for row in rows:
        pairs = list(row["derivatives"].items())
        for number, (name, rule) in enumerate(pairs if any(rule for _, rule in pairs) else pairs[:1]):
            first = ["", ""] if number else [row["name"], f"y = {row['formula']}"]
            cells.append([*first, f"d{name}: {rule or '-'}"])
    console.say("g is dL/dy, y the result; what stands after d is added to the gradient of that argument.\n")
    text, width = table(["name", "formula", "derivative rule"], cells, left=3), terminal_width(10_000)
    if max(map(len, text.splitlines())) > width:
        text = "\n".join(_wrapped(cells, width))
    console.say(text)
    return Done({"operations": rows})


def _wrapped(cells: list[list[str]], width: int) -> Iterator[str]:
    """The same table for a terminal that is too narrow for it."""
    for name, formula, rule in cells:
        if name:
            yield textwrap.fill(f"{name}: {formula}", width, initial_indent="  ", subsequent_indent=" " * 6)
        yield textwrap.fill(rule, width, initial_indent=" " * 6, subsequent_indent=" " * 10)


def play(options: Options, console: Console) -> Done:
    """Writes the playground and opens it."""
    place = picture_place(options[PAGE], "playground.html")
    if place is None:
        raise Refusal("--page none leaves nothing to play with; give the name of a file, or leave it out")
    path = console.draw(Playground, place, "a page to play with: how far back does the gradient reach?")
    if not options[CLOSED] and sys.stdout.isatty():
        webbrowser.open(Path(str(path)).absolute().as_uri())
    return Done({"page": path})


EXAMPLES = """\
  tinygrad-rnn demo bptt                         a worked example, every number of it
  tinygrad-rnn demo stock                        the same in raw dollars: why nothing is learnt
  tinygrad-rnn demo vanishing                    a claim of the textbook: gradients vanish over many steps
"""
_LISTING = [
    *(f"  {name:12}  {each.about}" for name, each in WORKED_EXAMPLES.items()),
    "\nThe claims of the textbook in its order (docs/textbook.md), each in 2 s or less:",
    *(
        f"  {name:12}  {each.claim:2}  {each.about}" + (f" (--full: {each.full} s)" if each.full else "")
        for name, each in DEMONSTRATIONS.items()
    ),
]
# fmt: off
COMMANDS = (
    Command("demo", demo, "a claim of the textbook as numbers and a picture, or a worked example; needs no file",
        (NAME, PICTURE, FULL, QUICK), "\n".join([EXAMPLES, *_LISTING]),
        "Worked examples and the claims of the textbook, each as tables, what they prove, and a picture."),
    Command("play", play, "a page on which one sees, by changing it, how far back a gradient reaches",
        (PAGE, CLOSED, JSON), "  tinygrad-rnn play"),
    Command("ops", ops, "the table of operations: formulas, and the derivative rules as they write themselves",
        (NAMES, JSON), "  tinygrad-rnn ops tanh matmul softmax"),
)
# fmt: on
