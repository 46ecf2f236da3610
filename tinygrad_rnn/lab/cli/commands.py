"""What can be asked for: every command with its arguments and examples, a table from which the parser is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import using, values
from .arguments import JSON, PROMPT, RUN, SEED, TRAIN, WORDS, Argument, one_of, whole
from .console import Console, Done
from .demo import DEMOS, QUICK, listing
from .doctor import doctor
from .operations import ops
from .output import picture_path
from .refusal import Refusal
from .train import train


@dataclass(frozen=True)
class Command:
    """One command: what runs it, what it takes, and how it is explained."""

    name: str
    run: Callable[[dict[str, Any], Console], Done]
    help: str
    arguments: Sequence[Argument]
    examples: str
    description: str = ""


WHAT_IT_IS = """\
A file is a series of numbers if --column is given or its name ends in .csv or .tsv, and a text if --level is given
or its name ends otherwise."""


def _demo(given: dict[str, Any], console: Console) -> Done:
    name, options = given["name"], {}
    if given.get("quick"):
        if name not in QUICK:
            raise Refusal(f"demo {name} takes no --quick: it is quick already; {', '.join(QUICK)} do")
        options["quick"] = True
    DEMOS[name](picture_path(given.get("picture", f"{name}.svg")), **options)
    return Done()


COMMANDS = (
    Command(
        "train",
        train,
        "train on a CSV file of numbers or on a text, compare with baselines, draw one window",
        TRAIN,
        f"""\
  tinygrad-rnn train prices.csv                  next value of a column of numbers
  tinygrad-rnn train prices.csv --column open --cell lstm --window 8 --picture open.svg
  tinygrad-rnn train words.txt                   next word of a text
  tinygrad-rnn train words.txt --level char --prompt "Shall I " --sample 300
  tinygrad-rnn train words.txt --level char --cell lstm --layers 2 --dropout 0.2 --patience 5 --run sonnets
  tinygrad-rnn train --resume sonnets            goes on after Ctrl-C, or whatever ended it

{WHAT_IT_IS}""",
        "Train a recurrent network by backpropagation through time on a CSV file of numbers or on a text.",
    ),
    Command(
        "sample",
        using.sample,
        "write on from a prompt with a network trained on text",
        [
            RUN,
            Argument("--prompt", PROMPT, str, "TEXT"),
            Argument("--count", "words or characters to write (default: 200)", whole(1, 100_000), "N"),
            Argument("--temperature", "0: always the likeliest (default: 0.7)", values.zero_or_more, "X"),
            Argument("--seed", SEED, whole(0, 2**32 - 1), "N"),
            JSON,
        ],
        '  tinygrad-rnn sample sonnets --prompt "Shall I " --temperature 0.5 --seed 3',
    ),
    Command(
        "predict",
        using.predict,
        "the value after the last one of a file, or the tokens that may follow a text",
        [
            RUN,
            Argument("file", "where to look (default: the file of the run)", count="?"),
            Argument("--prompt", PROMPT.replace("it goes on from", "comes before"), str, "TEXT", WORDS),
            Argument("--top", "how many tokens to show (default: 10)", whole(1, 1000), "N", WORDS),
            JSON,
        ],
        '  tinygrad-rnn predict prices-run new-prices.csv\n  tinygrad-rnn predict sonnets --prompt "Shall I compare "',
    ),
    Command(
        "evaluate",
        using.evaluate,
        "how good a trained network is on a file, beside baselines",
        [RUN, Argument("file", "a file like the one it was trained on"), JSON],
        "  tinygrad-rnn evaluate prices-run new-prices.csv --json",
    ),
    Command(
        "draw",
        using.draw,
        "one window through a trained network, as a table and as a picture",
        [
            RUN,
            Argument("--beside", "another run, to be drawn on one page with it", str, "RUN"),
            Argument("--picture", "where to, or none (default: bptt.svg, of two runs beside.html)", str, "FILE"),
            JSON,
        ],
        "  tinygrad-rnn draw sonnets --picture trained.svg\n  tinygrad-rnn draw rnn --beside lstm --picture both.html",
    ),
    Command(
        "export",
        using.to_onnx,
        "write a trained network as ONNX (needs the extra onnx)",
        [RUN, Argument("file", "where to, a name that ends in .onnx"), JSON],
        "  tinygrad-rnn export prices-run prices.onnx",
    ),
    Command(
        "demo",
        _demo,
        "a claim of the textbook as numbers and a picture, or a worked example; needs no file",
        [
            Argument("name", "which, see below", one_of(*DEMOS), "NAME"),
            Argument("--picture", "where to draw it, or none (default: NAME.svg)", str, "FILE"),
            Argument("--quick", f"a smaller one; for those that take long: {', '.join(QUICK)}", flag=True),
        ],
        f"""\
  tinygrad-rnn demo bptt                         a worked example, every number of it
  tinygrad-rnn demo stock                        the same in raw dollars: why nothing is learnt
  tinygrad-rnn demo vanishing                    a claim of the textbook: gradients vanish over many steps

{listing()}""",
        "Worked examples and the claims of the textbook, each as tables, what they prove, and a picture.",
    ),
    Command(
        "ops",
        ops,
        "the table of operations: formulas, and the derivative rules as they write themselves",
        [Argument("names", "the operations (default: all)", metavar="NAME", count="*"), JSON],
        "  tinygrad-rnn ops tanh matmul softmax",
    ),
    Command(
        "doctor",
        doctor,
        "whether everything is there that the program needs",
        [JSON],
        "  tinygrad-rnn doctor",
        "Looks for versions, the program that draws, fonts, write permissions and BLAS threads. The exit status is 1 "
        "if something essential is missing.",
    ),
)
