"""Write docs/operations.md and docs/contract.md: python docs/generate.py (with --check: say whether they are as
written).

The pages are made by running the engine: formulas and derivatives are printed by the rules themselves, messages are
caught.
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
from tests import contract_cases as contract  # noqa: E402
from tests.ops.samples import SAMPLES, Sample  # noqa: E402
from tinygrad_rnn.engine import formula  # noqa: E402
from tinygrad_rnn.engine.primitive import Every, Primitive  # noqa: E402
from tinygrad_rnn.ops import FAMILIES, TABLE  # noqa: E402

#: PyTorch's counterpart where it is not torch.<name>.
COUNTERPARTS = {
    "affine": "torch.nn.functional.linear",
    "broadcast_to": "torch.broadcast_to",
    "cast": "torch.Tensor.to",
    "getitem": "torch.Tensor.__getitem__",
    "linear": "torch.nn.functional.linear",
    "norm": "torch.linalg.vector_norm",
    "pad": "torch.nn.functional.pad",
    "put": "torch.Tensor.index_put",
    "recurrence": "",
    "setitem": "torch.Tensor.__setitem__",
    "softplus": "torch.nn.functional.softplus",
    "sum_to": "torch.Tensor.sum_to_size",
    "to": "torch.Tensor.to",
}


def main(*options: str) -> int:
    """Write the pages, or check them; the number of pages that are not as they should be."""
    wrong = 0
    for name, make in PAGES.items():
        page = ROOT / "docs" / name
        text = make()
        if "--check" not in options:
            page.write_text(text, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            print(f"docs/{name} is not what docs/generate.py writes; run it again")
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
        source = inspect.getsource(family)  # a family may also hold primitives of another one, which its rules use
        table = [primitive for name, primitive in TABLE.items() if f'Primitive("{name}"' in source]
        lines += ["| name | y | derivatives | shapes | PyTorch |", "|---|---|---|---|---|"]
        lines += [row for primitive in table for row in _rows(primitive)]
    return "\n".join(lines) + "\n"


def _rows(primitive: Primitive) -> Iterator[str]:
    sample = _sample(primitive.name)
    node, names = _node(primitive, sample), _names(primitive, sample)
    derivatives = [
        f"dL/d{name} = {text}"
        for position, name in enumerate(names)
        if primitive.differentiable and (text := formula.derivative(node, position, "y", names)) is not None
    ]
    shapes = f"{', '.join(_shape(arg) for arg in sample.args)} -> {_shape(node.array)}"
    counterpart = COUNTERPARTS.get(primitive.name, f"torch.{primitive.name}")
    cells = [
        f"`{primitive.name}`",
        _code(formula.forward(node, names)),
        "<br>".join(map(_code, derivatives)) or "none",
        shapes,
        f"`{counterpart}`" if counterpart else "",
    ]
    yield f"| {' | '.join(cells)} |"


def _sample(name: str) -> Sample:
    """The example that reads best: matrices, as many as there are arguments."""

    def rank(sample: Sample) -> tuple[bool, int, int]:
        arrays = [arg for arg in sample.args if isinstance(arg, np.ndarray)]
        empty = any(arg.size == 0 for arg in arrays)
        unlike = sum(abs(arg.ndim - 2) for arg in arrays) + 3 * (len(sample.args) - len(arrays))
        plain = sum(isinstance(value, np.ndarray) for value in sample.kwargs.values())
        return empty, unlike, plain

    return min(SAMPLES[name], key=rank)


def _node(primitive: Primitive, sample: Sample) -> Any:
    args = tuple(tg.tensor(arg) if isinstance(arg, np.ndarray) else arg for arg in sample.args)
    node = tg.tensor(np.asarray(primitive.forward(*sample.args, **sample.kwargs)))
    node.primitive, node.args, node.kwargs = primitive, args, sample.kwargs
    return node


def _names(primitive: Primitive, sample: Sample) -> list[str]:
    """The names the rules give to the arguments."""
    count = len(sample.args)
    if isinstance(primitive.rules, Every):
        return [f"x{i}" for i in range(1, count + 1)]
    for rule in primitive.rules:
        if rule is not None:
            names = [p.name for p in inspect.signature(rule).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
            if len(names) == count + 2:
                return names[2:]
    return ["x"] if count == 1 else ["a", "b", "c"][:count]


def _shape(value: Any) -> str:
    return f"({', '.join(map(str, np.shape(value)))})"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


# docs/contract.md


def contract_page() -> str:
    """What the engine promises."""
    lines = [
        "# What you can rely on",
        "",
        "<!-- Written by docs/generate.py from tests/contract_cases.py; do not edit. -->",
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


PAGES: dict[str, Callable[[], str]] = {"operations.md": operations, "contract.md": contract_page}

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
