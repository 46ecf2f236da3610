"""The command line: the parser made from the table of commands, and with which status the command ends."""

import argparse
import difflib
import errno
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import tinygrad_rnn as tg

from ...explain.report import prose, terminal_width
from ...utils.files import SavedFileError
from ..data import DataError
from ..data.files import shown
from ..starting import done_starting
from ..training import CheckpointError
from ..training.log import dumps
from . import doctor, drawing, practise, seeds, showing, together, train, using
from .console import Console, Done, Refusal
from .options import JSON, Options

COMMANDS = (seeds.COMMAND, *using.COMMANDS, *showing.COMMANDS, practise.COMMAND, doctor.COMMAND)
STATUS = (
    "exit status: 0 done, 1 training diverged, doctor misses something, an exercise is not solved yet or a drawn "
    "script failed, 2 something was wrong with the options or the files (one line on stderr says what), 130 ended by "
    "Ctrl-C (training stops, and the figures and the picture are those so far)"
)
EXAMPLES = "\n".join(["examples:", *(command.examples.partition("\n\n")[0] for command in COMMANDS)])
WHAT_IT_IS = train.COMMAND.examples.partition("\n\n")[2]


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and that of a command those of its own options; known: their names."""

    known: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            name = unknown[0].partition("=")[0]
            near = difflib.get_close_matches(name, self.known, 1, 0.75) if name.startswith("--") else []
            hint = f"; did you mean {near[0]}?" if near else ""
            self.error(f"unrecognized arguments: {shown(' '.join(unknown), 200)}{hint}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        raise Refusal(f"{message}; see {self.prog} --help")


class Once(argparse.Action):
    """Takes the value of an option, and refuses a second one."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        if option_string and getattr(namespace, self.dest) is not None:
            raise argparse.ArgumentError(self, "is there twice; give it once")
        if option_string and values == [] and self.nargs != 0:  # so argparse reads --hidden=--
            raise argparse.ArgumentError(self, "'--' is no value")
        setattr(namespace, self.dest, True if self.nargs == 0 else values)


def _checked(convert: Callable[[str], Any]) -> Callable[[str], Any]:
    """A conversion whose refusals argparse shows as they are."""

    def converted(text: str) -> Any:
        try:
            return convert(text)
        except Refusal as refusal:
            raise argparse.ArgumentTypeError(str(refusal)) from None

    return converted


def _fitted(text: str) -> str:
    """Sentences broken anew, and examples with what stands behind a command below it, where a terminal has no room."""
    width, fitted = terminal_width(1000), list[str]()
    for each in text.split("\n\n"):
        lines = each.splitlines()
        if not any(line.startswith((" ", "examples:")) for line in lines):
            lines = [prose(" ".join(lines), 88)]
        fitted.append("\n".join(re.sub(r"(?<=\S) {3,}", "\n      ", x) if len(x) > width else x for x in lines))
    return "\n\n".join(fitted)


def _parser(words: Sequence[str]) -> Parser:
    """The parser for these arguments, in which commands that are not among them have no options: it is made faster."""
    shared: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
    parser = Parser(
        prog="tinygrad-rnn",
        description=_fitted(
            "Train a small recurrent network and see backpropagation through time: tables and pictures."
        ),
        epilog=_fitted(f"{EXAMPLES}\n\n{WHAT_IT_IS}\n\n{STATUS}"),
        **shared,
    )
    parser.add_argument("--version", action="version", version=f"tinygrad-rnn {tg.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in COMMANDS:
        each = commands.add_parser(command.name, help=command.help, **shared)
        if command.name not in words:
            continue
        each.description = _fitted(command.description or f"{command.help[0].upper()}{command.help[1:]}.")
        each.epilog = _fitted(f"examples:\n{command.examples}\n\n{STATUS}")
        each.known = [option.name for option in command.options]
        groups: dict[str, Any] = {"options": each}
        for option in command.options:
            if option.group not in groups:
                groups[option.group] = each.add_argument_group(option.group)
            settings: dict[str, Any] = {"type": _checked(option.convert), "nargs": option.count}
            if option.convert is bool:
                settings = {"nargs": 0}
            names, about = filter(None, (option.short, option.name)), option.help.replace("%", "%%")
            groups[option.group].add_argument(*names, action=Once, help=about, metavar=option.metavar, **settings)
    return parser


def _run(arguments: Sequence[str] | None) -> Done:
    words, of_script = drawing.for_script(list(sys.argv[1:] if arguments is None else arguments))
    parser = _parser(words)
    for each in (*words, *of_script):
        try:
            fits = b"\0" not in os.fsencode(each)
        except UnicodeEncodeError:
            fits = False
        if not fits:
            parser.error(f"'{shown(each)}' has a character that no file and no text here can have; leave it out")
    given = {name: value for name, value in vars(parser.parse_args(words)).items() if value is not None}
    given |= {drawing.ARGUMENTS.key: of_script} if of_script else {}
    name = given.pop("command", None)
    if name is None:
        parser.error(f"say what to do: {', '.join(command.name for command in COMMANDS)}")
    console = Console(json=given.pop(JSON.key, False))
    command = next(each for each in COMMANDS if each.name == name)
    done = command.run(Options(command.options, given), console)
    if console.json:
        print(dumps(done.figures), flush=True)
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command with these arguments (default: those of the process); returns its exit status."""
    status = _main(arguments)
    together.leave(status)
    return status


def _tell(message: str) -> None:
    together.give_way()
    sys.stderr.write(f"tinygrad-rnn: {' '.join(message.split())}\n")


def _main(arguments: Sequence[str] | None) -> int:
    started_here = False
    try:
        started_here = done_starting()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a console that cannot show a letter shows "?"
        together.join()
        done = _run(arguments)
        sys.stdout.flush()
    except (Refusal, DataError, CheckpointError, SavedFileError) as refusal:
        _tell(str(refusal))
        return refusal.status if isinstance(refusal, Refusal) else 2
    except MemoryError:
        _tell("not enough memory; lower --hidden, --batch or --window, or give a smaller file")
        return 2
    except OSError as error:
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            # Whoever read the output has seen enough; as for other tools that a pipe ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141
        # A full disk, a folder that was taken away.
        name = f" {error.filename!r}" if error.filename else ""
        denied = isinstance(error, PermissionError)
        cure = "give a place that can be written to" if denied else "make room, or give another place"
        _tell(f"the disk refused{name}: {error.strerror or error}; {cure}")
        return 2
    except KeyboardInterrupt:
        _tell("interrupted")
        return 130
    finally:
        if started_here:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process ends now
    if done.note:
        _tell(done.note)
    return done.status
