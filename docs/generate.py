"""Write what is generated, two pages and three stubs: python docs/generate.py (with --check: say whether it is as
written).

The pages are made by running the engine: formulas and derivatives are printed by the rules themselves, messages are
caught. The stubs are made from the functions.
"""

from __future__ import annotations

import inspect
import io
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import tinygrad_rnn as tg  # noqa: E402  (from this checkout)
from docs import stubs  # noqa: E402
from tests import contract_cases as contract  # noqa: E402
from tests.fuzz import accepted  # noqa: E402
from tinygrad_rnn.ops import FAMILIES, FAMILY, TABLE  # noqa: E402
from tinygrad_rnn.ops.operation import Operation  # noqa: E402
from tinygrad_rnn.surface.help import told  # noqa: E402


def main(*options: str) -> int:
    """Write the pages, or check them; the number of pages that are not as they should be."""
    wrong = 0
    for name, make in PAGES.items():
        page = ROOT / name
        text = make()
        if "--check" not in options:
            page.write_text(text, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            print(f"{name} is not what docs/generate.py writes; run it again")
            wrong += 1
    return wrong


# docs/operations.md


def operations() -> str:
    """The reference of the primitives."""
    lines = [
        "# Operations",
        "",
        "<!-- Written by docs/generate.py; do not edit. -->",
        "",
        "Every function and method of the package is made of the primitives on this page. Each is an array function "
        "and one",
        "derivative rule per argument; the formulas below were printed by running them on named symbols, so they "
        "cannot differ",
        "from the code. In a rule `g` is dL/dy, the gradient that arrives, and `y` the result. Broadcasting is "
        "undone after the",
        "rule: what it gives is summed to the argument's shape. An argument without a line is not differentiable.",
        "",
        "The shapes are those of one example; axes (`dim`) are counted from the front.",
    ]
    for family in FAMILIES:
        title = (inspect.getdoc(family) or "").split("\n")[0]
        lines += ["", f"## {title.rstrip('.').partition(':')[0]}", ""]
        lines += ["| name | y | derivatives | shapes | PyTorch |", "|---|---|---|---|---|"]
        lines += [_row(each) for each in TABLE.values() if family.__name__.endswith(f".{FAMILY[each.name]}")]
    return "\n".join(lines) + "\n"


def _row(operation: Operation) -> str:
    formula, derivatives, args, result = told(operation)
    rules = [f"dL/d{name} = {rule}" for name, rule in derivatives.items() if rule is not None]
    cells = [
        f"`{operation.name}`",
        _code(formula),
        "<br>".join(map(_code, rules)) or "none",
        f"{', '.join(map(_shape, args))} → {_shape(result)}",
        f"`{operation.torch}`" if operation.torch else "",
    ]
    return f"| {' | '.join(cells)} |"


def _shape(value: Any) -> str:
    return f"({', '.join(map(str, np.shape(value)))})".replace(" ", "&nbsp;")  # a line ends between shapes


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


# docs/contract.md


def contract_page() -> str:
    """What the engine promises."""
    lines = [
        "# What you can rely on",
        "",
        "<!-- Written by docs/generate.py from tests/contract_cases.py and tests/fuzz/accepted.py; do not edit. -->",
        "",
        "Every row and every session on this page is a test.",
        "",
        "```python",
        "import numpy as np",
        "import tinygrad_rnn as tg",
        "```",
        "",
        "## The lifetime of a graph",
    ]
    for kept in contract.KEPT:
        lines += ["", f"### {_plain(kept.title)}", "", *_wrapped(_plain(kept.why)), "", "```python"]
        lines += [*textwrap.dedent(kept.session).strip().splitlines(), "```"]
    lines += ["", "## What is refused, and what is said", ""]
    lines += ["A message says what was given, why it cannot be, and what to do."]
    for refused in contract.REFUSED:
        lines += ["", f"### {_plain(refused.situation)}", "", "```python", *_session(refused), "```"]
    lines += ["", "## Kinks, ties and limits", ""]
    lines += ["The value and the derivative where the textbook leaves a choice.", ""]
    lines += ["| y | x | value | dy/dx | why |", "|---|---|---|---|---|"]
    for kink in contract.KINKS:
        why = kink.why if kink.torch else f"{kink.why} (not as PyTorch)"
        lines.append(f"| `{kink.code}` | {kink.at} | {kink.value} | {kink.slope} | {why} |")
    lines += ["", "## Types of numbers", "", "| expression | dtype | |", "|---|---|---|"]
    lines += [f"| `{typed.code}` | {typed.dtype} | {typed.why} |" for typed in contract.TYPED]
    lines += ["", "## Otherwise than in PyTorch", ""]
    lines += _wrapped("What random programs, run on both, found to differ in a result, and what stays so.")
    for row in accepted.ACCEPTED:
        lines += ["", *_wrapped(_plain(row.why)), "", "```python"]
        code = re.sub(r"\bT\.", "tg.", textwrap.dedent(row.shows).strip()).replace("; ", "\n").replace("'", '"')
        lines += [*re.sub(r"(?m)^(with .*:) ", r"\1\n    ", code).splitlines(), "```"]
    return "\n".join(lines) + "\n"


def _session(refused: contract.Refused) -> Iterator[str]:
    """The code as a Python session that ends in the message."""
    code = textwrap.dedent(refused.code).strip().splitlines()
    for line in code:
        yield f">>> {line}"
        if line.startswith("with "):
            yield "..."
    yield "Traceback (most recent call last):"
    yield "    ..."
    yield from _wrapped(message(refused), "    ")


def message(refused: contract.Refused) -> str:
    """The type and the text of the exception that the code raises."""
    namespace: dict[str, Any] = {"tg": tg, "np": np}
    try:
        with redirect_stdout(io.StringIO()):
            exec(textwrap.dedent(refused.code), namespace)
    except Exception as error:
        text = "".join(traceback.format_exception_only(error)).strip()
        return re.sub(r"<string>:\d+", "...", text)  # whose line it is depends on who runs it
    raise AssertionError(f"nothing was refused: {refused.situation}")


def _wrapped(text: str, indent: str = "") -> list[str]:
    lines = []
    for number, paragraph in enumerate(text.splitlines()):
        lines += textwrap.wrap(
            " ".join(paragraph.split()), 118, initial_indent=indent if number else "", subsequent_indent=indent
        )
    return lines


def _plain(text: str) -> str:
    return text.replace("``", "`")


PAGES: dict[str, Callable[[], str]] = {
    "docs/operations.md": operations,
    "docs/contract.md": contract_page,
    "tinygrad_rnn/surface/functions.pyi": stubs.functions,
    "tinygrad_rnn/surface/methods.pyi": stubs.methods,
    "tinygrad_rnn/nn/applied.pyi": stubs.modules,
}

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
