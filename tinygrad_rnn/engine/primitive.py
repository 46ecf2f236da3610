"""A primitive operation is data: an array function and one derivative rule per argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..surface.tensor import Tensor

Rule = Callable[..., Any]


class Traced:
    """Marks values that want to know which primitives are applied to them (a Tensor, a symbol of a formula)."""

    __slots__ = ()

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Tensor:
        """Apply ``primitive`` to ``args``, of which this value is the first traced one, and remember it."""
        raise NotImplementedError


class Every:
    """One rule for all arguments of an operation that takes any number of them; it is told the ``position``."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __getitem__(self, position: int) -> Rule:
        return partial(self.rule, position=position)


class Jointly(Every):
    """One rule that returns what every argument receives, as a list."""

    def __getitem__(self, position: int) -> Rule:
        return lambda *args, **kwargs: self.rule(*args, **kwargs)[position]


class Primitive:
    """An operation the engine can differentiate.

    Args:
        name: PyTorch's name of it where PyTorch has one.
        forward: computes the result from numpy arrays, ``forward(*arrays, **kwargs)``: arrays are positional,
            everything else (dim, shape, index) is a keyword.
        rules: one derivative rule per argument, ``rule(g, y, *args, **kwargs)`` with ``g`` = dL/dy and ``y`` the
            result. A rule returns what this use of the argument adds to dL/d(argument), in any shape that sums
            to the argument's: the backward pass undoes broadcasting. ``None`` states that the operation is not
            differentiable in that argument. A single ``Every(rule)`` or ``Jointly(rule)`` serves any number of them.
        template: how the operation is written, ``"{} + {}"``; without one it is written as a call.
        promotes: whether arguments of different dtypes are brought to a common one first.
        view: whether the result can share the memory of the first argument.
        accumulate: ``accumulate(total, g, **kwargs)`` adds what the rule of the only argument would return into the
            array ``total`` in place: many readings of one large tensor then cost no large array each.

    Rules use operators and other primitives only, so that one rule serves numpy arrays (an ordinary backward
    pass) and tensors (a backward pass that is itself recorded and can be differentiated again).
    """

    __slots__ = ("accumulate", "differentiable", "forward", "name", "promotes", "rules", "template", "view")

    #: What a `Fold` stands for; None for all others.
    formula: Callable[..., Tensor] | None = None

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        *rules: Rule | Every | None,
        template: str | None = None,
        promotes: bool = False,
        view: bool = False,
        accumulate: Callable[..., None] | None = None,
    ) -> None:
        self.name = name
        self.forward = forward
        self.rules: Sequence[Any] | Every = rules[0] if rules and isinstance(rules[0], Every) else rules
        self.differentiable = any(rule is not None for rule in rules)
        self.template = template
        self.promotes = promotes
        self.view = view
        self.accumulate = accumulate

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """Apply to arrays and get an array, or to traced values and be recorded by them."""
        for arg in args:
            if isinstance(arg, Traced):
                return arg.record(self, args, kwargs)
        return self.forward(*args, **kwargs)  # type: ignore[no-any-return]  # an array, as all arguments are

    def __get__(self, instance: Any, owner: type | None = None) -> Callable[..., Tensor]:
        """A primitive in the body of a class is a method of it, as a function would be."""
        return self if instance is None else partial(self, instance)

    def __repr__(self) -> str:
        return f"<Primitive {self.name}>"
