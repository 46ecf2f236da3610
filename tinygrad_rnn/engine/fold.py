"""A fold: several operations recorded as one, which unfolds into them as soon as somebody reads the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .primitive import Jointly, Primitive
from .scope import here

if TYPE_CHECKING:
    from ..surface.tensor import Tensor

#: ``forward(*arrays)`` returns the result and what ``backward(g, y, *arrays, kept)`` needs besides.
Forward = Callable[..., tuple[Any, Any]]
Backward = Callable[..., tuple[Any, ...]]


class Fold(Primitive):
    """A formula recorded as one operation: one array function computes it, one is the rule of all its arguments.

    Args:
        name: that of the operation that makes the result, the last one of the formula.
        formula: the operations, fewer than ``graph.ROOM``, as a function of tensors.
        forward: computes the same from arrays, and says what to keep for ``backward``.
        backward: computes what the rules of the operations would add to each argument, in new arrays. It uses the
            arguments by operators only (``g * c``), so that one that was changed in place since can refuse.

    A plain backward pass is all that ever sees a fold. Whoever looks into the graph, as pictures, ledgers and second
    derivatives do, calls ``graph.unfold`` first, which puts the formula in its place; while anomalies are looked for
    the formula is recorded to begin with.
    """

    __slots__ = ("formula",)

    formula: Callable[..., Tensor]

    def __init__(self, name: str, formula: Callable[..., Tensor], forward: Forward, backward: Backward) -> None:
        super().__init__(name, forward, Jointly(backward))
        self.formula = formula

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        return self.formula(*args) if here.watch is not None else super().__call__(*args)


def folded(name: str, forward: Forward, backward: Backward) -> Callable[[Callable[..., Tensor]], Fold]:
    """Decorates a formula that is to be recorded as a `Fold`."""
    return lambda formula: Fold(name, formula, forward, backward)
