"""What is told of an operation of the table: its formula and its rules, printed by running them, and an example."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..engine.formula import Symbol
from ..engine.modes import enable_grad
from ..ops.operation import Operation
from ..ops.samples import limits, shown
from .tensor import Tensor, tensor


class Told(NamedTuple):
    """An operation, written down with names for its arguments."""

    formula: str
    #: By argument what its rule adds to dL/d(argument); None where it is not differentiable.
    derivatives: dict[str, str | None]
    #: The arrays it was run on, and what came out.
    args: tuple[Any, ...]
    result: Any


def told(operation: Operation) -> Told:
    """The operation and its rules, run on names: ``g`` is dL/dy and ``y`` the result."""
    sample = shown(operation.tried_on())
    names = operation.letters(len(sample.args))
    args = [Symbol(name, np.asarray(arg)) for name, arg in zip(names, sample.args, strict=True)]
    with np.errstate(all="ignore"):
        y = args[0].record(operation, tuple(args), sample.kwargs)
        g, named = Symbol("g", np.ones_like(y.array, dtype=np.float64)), Symbol("y", y.array)
        rules = [operation.rules[place] if operation.differentiable else None for place in range(len(args))]
        found = [None if rule is None else rule(g, named, *args, **sample.kwargs) for rule in rules]
    texts = [None if each is None else each.text if isinstance(each, Symbol) else str(each) for each in found]
    return Told(y.text, dict(zip(names, texts, strict=True)), sample.args, y.array)


def help_text(operation: Operation) -> str:
    """The text of ``help(tanh)``: what it computes, its formula and derivatives, and an example that was run."""
    formula, derivatives, *_ = told(operation)
    rules = [f"    dL/d{name} = {rule}" for name, rule in derivatives.items() if rule is not None]
    lines = [operation.about, "", f"    y = {formula}", *rules, ""]
    if rules:
        lines += ["g is dL/dy, the gradient that arrives; broadcasting is undone after the rule.", ""]
    return "\n".join([*lines, "For example:", "", *_example(operation, list(derivatives))])


def _example(operation: Operation, names: list[str]) -> list[str]:
    """A session with a few numbers of its domain."""
    kind = shown(operation.tried_on()).args[0].dtype.kind
    lines, args = [], []
    for place, name in enumerate(names):
        inside = np.linspace(*limits(operation.domain, place), 5)[1:4]
        numbers: Any = ([1, 2, 3] if kind == "i" else np.round(inside, 2).tolist())[:: -1 if place else 1]
        numbers = [place == 0, True, False] if kind == "b" else numbers
        args.append(tensor(numbers, requires_grad=operation.differentiable))
        wanted = ", requires_grad=True" if operation.differentiable else ""
        lines.append(f">>> {name} = tg.tensor({numbers}{wanted})")
    with enable_grad():
        y: Tensor = operation(*args)
        lines += [f">>> y = tg.{operation.name}({', '.join(names)})", ">>> y", repr(y)]
        if operation.differentiable:
            y.sum().backward()
            lines.append(">>> y.sum().backward()")
            for name, arg in zip(names, args, strict=True):
                lines += [f">>> {name}.grad", repr(arg.grad)]
    return [f"    {line}" for each in lines for line in each.splitlines()]
