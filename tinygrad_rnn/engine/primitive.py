"""A primitive operation is data: an array function and one derivative rule per argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MethodType
from typing import Any, Generic, TypeVar, overload

Rule = Callable[..., Any]
T = TypeVar("T")


class Traced(Generic[T]):
    """Marks values that want to know which primitives are applied to them: a tensor, a symbol of a formula.

    ``T`` is what an operation gives: the product of a parameter and a number is a tensor, not a parameter.
    """

    __slots__ = ()

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> T:
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
        forward: ``forward(*arrays, **kwargs)``: arrays are positional, all else (dim, shape, index) is a keyword.
            Returns the result, or ``(result, kept)``: the rules are then given ``kept`` as a keyword.
        rules: one derivative rule per argument, ``rule(g, y, *args, **kwargs)`` with ``g`` = dL/dy and ``y`` the
            result. It returns what this use of the argument adds to dL/d(argument), in any shape that sums to the
            argument's: the backward pass undoes broadcasting. ``None``: not differentiable in that argument.
        template: how the operation is written, ``"{} + {}"``; without one it is written as a call.
        promotes: whether arguments of different dtypes are brought to a common one first.
        view: whether the result can share the memory of the first argument.
        accumulate: ``accumulate(total, g, **kwargs)`` adds in place what the only rule would return, so that many
            readings of one large tensor cost no large array each.

    Rules use operators and other primitives only, so that one rule serves arrays (an ordinary backward pass) and
    tensors (a backward pass that is itself recorded and can be differentiated again).
    """

    #: The operations that this one stands for, if it is a `Fold`.
    formula: Callable[..., Any] | None = None

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
        self.name, self.forward, self.template = name, forward, template
        self.rules: Sequence[Any] | Every = rules[0] if rules and isinstance(rules[0], Every) else rules
        self.differentiable = any(rule is not None for rule in rules)
        self.promotes, self.view, self.accumulate = promotes, view, accumulate

    @overload
    def __call__(self, x: Traced[T], /, *args: Any, **kwargs: Any) -> T: ...
    @overload
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply to arrays and get an array, or to traced values and be recorded by them."""
        for arg in args:
            if isinstance(arg, Traced):
                return arg.record(self, args, kwargs)
        return self.forward(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Callable[..., Any]:
        """A primitive in the body of a class is a method of it, as a function would be."""
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<Primitive {self.name}>"
