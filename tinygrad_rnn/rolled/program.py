"""The program of a loss: its forward and its backward pass as loops in numpy, to be read, kept and run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from textwrap import dedent
from types import CodeType
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..surface.past import as_it_was
from .layout import Layout
from .looped import rolled
from .loops import LoopLayout
from .machine_code import compiled
from .recording import Recording
from .reverse import differentiate
from .values import Refusal, Value
from .wording import IMPORTED


class Program:
    """A computation and its derivatives as a text in numpy, which is what runs.

    ``str(program)`` defines ``plan(parameters...)``, which makes the buffers and returns two functions:
    ``forward(inputs...)`` computes the results, ``backward()`` then the gradients of the parameters. The text needs
    numpy alone.

    Attributes:
        inputs: the names of what ``forward`` is given, in order, with their arrays at the time of recording.
        parameters: the names of what ``plan`` is given, with the arrays themselves.
        wanted: the tensors whose gradients ``backward`` returns, in its order.
        reached: for each of them a bit for every result from which gradients come to it.
        flows: for each result whether gradients flow to it.
        loops: how many steps each loop has.
    """

    def __init__(
        self, recording: Recording, *, once: bool = False, back: bool = True, seeded: bool = False,
        loops: type[LoopLayout] = LoopLayout,
    ) -> None:  # fmt: skip
        whole = rolled(recording, loops.large)
        given, roots = whole.given, whole.roots
        if not all(isinstance(root, Value) for root in roots):
            raise Refusal("a result depends on nothing that is computed")
        inputs = sorted((leaf for leaf in given if leaf.position is not None), key=lambda leaf: int(leaf.position))
        letters = iter([each for each in "xyuv" if each not in {value.name for value in given.values()}])
        for leaf, value in given.items():
            if value.name is None and leaf.position is not None:
                value.name = next(letters, "x")
        sources = [leaf for leaf, value in given.items() if back and leaf.flows and value.dtype.kind == "f"]
        ends = [root for root in roots[: 1 if once else None] if sources and root.dtype.kind == "f"]
        self.seeds: list[Value] = []
        starts = [whole.top.full(root.shape, root.dtype, 1.0) for root in ends]
        if seeded or len(ends) != 1 or ends[0].size != 1:
            starts = self.seeds = [Value("given", y.shape, y.dtype, name=f"d{y.name or 'y'}") for y in ends]
        found = differentiate(whole.top, ends, starts, [given[leaf] for leaf in sources]) if ends else []
        few = len(roots) == 1 and not recording.few and None not in found
        of, asked = defaultdict(lambda: 1) if few else recording.reached(), 1 if once else -1
        reached: list[tuple[Any, Value, int]] = [
            (leaf.node, whole.top.full(given[leaf].shape, given[leaf].dtype) if g is None else g, of[leaf])
            for leaf, g in zip(sources, found, strict=False)
            if of[leaf] & asked
        ]
        gradients = [g for _, g, _ in reached]
        layout = Layout(roots, gradients, [(leaf, given[leaf]) for leaf in inputs], self.seeds, loops)
        self.wanted, self.reached = [node for node, *_ in reached], [each for *_, each in reached]
        self.shapes, self.dtypes = [root.shape for root in roots], [root.dtype for root in roots]
        self.flows = [bool(getattr(root, "flows", False)) for root in recording.roots]
        self.tensors = [leaf for leaf in given if leaf.position is None]  # whose arrays it was made for
        self.loops, self.recorded = whole.loops, recording.operations
        self.parameters, self.inputs = layout.parameters, {n: leaf.array for n, leaf in layout.inputs.items()}
        self.leaves, self.draws = list(layout.inputs.values()), recording.draws
        self.text, self._plan = executed(_lines(layout), "plan", {})
        self.notes = layout.notes
        self._ran = False

    @cached_property
    def _passes(self) -> tuple[Any, Any]:
        """The two functions of the text; their buffers are made when what the program was made from has gone."""
        return self._plan(**self.parameters)  # type: ignore[no-any-return]

    @cached_property
    def plain_forward(self) -> Any:
        """``forward`` without what switches off numpy's warnings, as operations do."""
        return self._passes[0]

    @cached_property
    def plain_backward(self) -> Any:
        """``backward`` without that."""
        return self._passes[1]

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        """What is made once, and below it the two passes side by side."""
        made, rest = self.text.split("    def forward(")
        passes = ("    def forward(" + rest.rpartition("\n\n")[0]).split("\n\n")
        columns = "".join(f'<td style="vertical-align: top"><pre>{escape(dedent(each))}</pre></td>' for each in passes)
        return (
            f"<details><summary>Buffers</summary><pre>{escape(made)}</pre></details><table><tr>{columns}</tr></table>"
        )

    def forward(self, *arrays: Any) -> tuple[Any, ...]:
        """The results, in arrays that the next call overwrites."""
        self._ran = True
        with np.errstate(all="ignore"):
            return self.plain_forward(*arrays)  # type: ignore[no-any-return]

    def backward(self, *seeds: Any) -> tuple[Any, ...]:
        """The gradients of ``wanted``, in arrays that the next call overwrites.

        Raises:
            RuntimeError: before the first ``forward()``, which leaves in the buffers what is read here.
        """
        if not self._ran:
            raise RuntimeError("the backward pass of a program reads what its forward pass left: call forward() first")
        with np.errstate(all="ignore"):
            return self.plain_backward(*seeds)  # type: ignore[no-any-return]


def _lines(layout: Layout) -> list[str]:
    """The lines of a program."""
    return [
        *layout.functions,
        f"def plan({', '.join(layout.parameters)}):",
        "    # Buffers and views, made once.",
        *(commented(*line, 4) for line in layout.setup),
        "",
        f"    def forward({', '.join(f'given_{name}' for name in layout.inputs)}):",
        *(commented(*line, 8) for line in layout.forward),
        f"        return {', '.join(layout.results)},",
        "",
        f"    def backward({', '.join(f'given_{name}' for name in layout.seeds)}):",
        *(commented(*line, 8) for line in layout.backward),
        f"        return ({''.join(f'{name}, ' for name in layout.gradients).rstrip()})",
        "",
        "    return forward, backward",
    ]


def executed(lines: Sequence[str], name: str, given: Mapping[str, Any]) -> tuple[str, Any]:
    """The text of these lines with what they import, and what they call ``name``; ``given`` is what else they know."""
    body = "\n".join(lines) + "\n"
    code = compile(f"\n\n\n{body}", "<program>", "exec")  # names and numbers in it come from `wording` alone
    used = sorted(_names(code) & IMPORTED)
    space = {"__name__": __name__, **given, **{each: getattr(np, each) for each in used}}
    imports = f"from numpy import {', '.join(used)}\n"
    if "njit" in code.co_names:
        imports += "from numba import njit\n"
        code, space["njit"] = compiled(body, f"{imports}\n{body}")
    else:
        imports += "\n"
    text = f"{imports}\n{body}"
    exec(code, space)
    return text, space[name]


def _names(code: CodeType) -> set[str]:
    """What code and the functions in it read from outside."""
    # The syntax tree would say it too, but threads cannot make one at once (python/cpython#106905).
    return set(code.co_names).union(*(_names(each) for each in code.co_consts if isinstance(each, CodeType)))


def commented(line: str, about: str, indent: int) -> str:
    """A line of the text, with a comment beside it."""
    text, about = " " * indent + line, " ".join(about.split())
    return f"{text:<64}  # {about}" if about else text


def program(loss: Node) -> Program:
    """The forward and the backward pass of ``loss`` as a program: loops over time in numpy, with your letters.

    Raises:
        RuntimeError: if it cannot be one, with the reason.

    >>> w = tg.tensor(2.0, requires_grad=True)
    >>> program = tg.program((w * 3 - 1) ** 2)
    >>> program.forward(), program.backward()
    ((array(25., dtype=float32),), (array(30., dtype=float32),))
    """
    try:
        return Program(Recording([as_it_was(loss)]))
    except Refusal as reason:
        raise RuntimeError(f"this loss cannot be written as a program: {reason}") from None
