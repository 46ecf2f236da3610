"""The backward pass one operation at a time: what arrives, the rule as a formula, what each argument receives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.backward import backpropagate
from ..engine.formula import forward, rules_applied
from ..engine.graph import Node, arguments
from ..engine.lifetime import seed_of
from ..engine.scope import Place
from ..surface.past import as_it_was
from ..surface.tensor import Tensor
from .excerpt import excerpt_of
from .naming import Names
from .report import value


@dataclass(frozen=True)
class Received:
    """What one argument of an operation receives in the backward pass.

    Attributes:
        name: what the argument is called, "z3".
        node: the argument.
        rule: the derivative rule as a formula in the names of the graph, "dL/dh3 * (1 - h3 * h3)".
        gradient: what the rule gives, in the argument's shape.
        summed: the shape the rule gave, if it was summed to the argument's to undo broadcasting; else None.
        total: dL/d(argument) so far, this included.
        first: whether this is the first that it receives.
    """

    name: str
    node: Node
    rule: str
    gradient: Any
    summed: tuple[int, ...] | None
    total: Any
    first: bool

    def __str__(self) -> str:
        text = f"dL/d{self.name} {'=' if self.first else '+='} {self.rule} = {value(self.gradient)}"
        if self.summed is not None:
            shape = self.gradient.shape
            text += f"\n  summed from shape {self.summed} to {shape}: {self.name} was broadcast, used many times over"
        if not self.first:
            text += f"\n  so far dL/d{self.name} = {value(self.total)}"
        return text


@dataclass(frozen=True)
class BackwardStep:
    """One operation's turn in the backward pass.

    Attributes:
        number, count: which turn it is, of how many.
        name: what the operation's result is called, "h3".
        node: the result.
        place: where it was computed.
        formula: how it was computed, "tanh(z3)".
        gradient: dL/d(result), complete: everything computed from it has had its turn.
        received: what its arguments receive, those that need no gradient left out.
    """

    number: int
    count: int
    name: str
    node: Node
    place: Place
    formula: str
    gradient: Any
    received: tuple[Received, ...]

    @property
    def time(self) -> int | None:
        """The time step; None outside every step."""
        return self.place.time

    def __str__(self) -> str:
        where = f"   in {self.place}" if self.place.parent is not None else ""
        lines = [f"{self.number}/{self.count}  {self.name} = {self.formula}{where}"]
        lines.append(f"dL/d{self.name} = {value(self.gradient)}")
        lines += [line for each in self.received for line in str(each).split("\n")]
        return "\n    ".join(lines)

    __repr__ = __str__


def backward_steps(loss: Tensor) -> Iterator[BackwardStep]:
    """Explain the backward pass from ``loss``, one operation at a time, newest first.

        for step in backward_steps(loss):
            print(step)

    Values go by the names they have in the pictures of the loss. ``.grad`` is not touched and the graph is not used
    up.

    Raises:
        RuntimeError: if ``loss`` does not require a gradient or is not a single number.

    >>> x = tg.tensor(3.0, requires_grad=True)
    >>> print(next(iter(tg.backward_steps(x * x))))
    1/1  L = x * x
        dL/dL = 1
        dL/dx = dL/dL * x = 3
        dL/dx += dL/dL * x = 3
          so far dL/dx = 6
    """
    return _steps(as_it_was(loss), np.asarray(seed_of(loss)))


def _steps(loss: Tensor, seed: Any) -> Iterator[BackwardStep]:
    excerpt = excerpt_of(loss)
    names = Names(excerpt)
    count = sum(value.primitive is not None for value in excerpt.values)
    number = 0
    totals: dict[int, Any] = {}
    walk = backpropagate(loss, [seed], shares=True)
    while True:
        with np.errstate(all="ignore"):
            node, g, shares = next(walk, (None, None, ()))
        if node is None:
            return
        if node.primitive is None:
            continue
        number += 1
        name, args, called = names[node], arguments(node), names.of_arguments(node)
        reached = [position for position, share in enumerate(shares) if share is not None]
        received = []
        for position, rule in zip(reached, rules_applied(node, reached, g, name, called, f"dL/d{name}"), strict=True):
            assert rule is not None  # there is a share, so there was a rule
            arg, share = args[position], np.array(shares[position])
            before = totals.get(arg.birth)
            with np.errstate(all="ignore"):
                totals[arg.birth] = total = share if before is None else before + share
            summed = None if rule.shape == share.shape else rule.shape
            received.append(Received(called[position], arg, rule.text, share, summed, total, before is None))
        yield BackwardStep(
            number, count, name, node, excerpt.places[node], forward(node, called), np.array(g), tuple(received)
        )
