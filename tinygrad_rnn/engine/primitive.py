"""A primitive operation is data: an array function and one derivative rule per argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MethodType
from typing import Any, Generic, TypeVar, overload

Rule = Callable[..., Any]
T = TypeVar("T")


class Traced(Generic[T]):
    """Marks values that want to know which primitives are applied to them: tensors, and the names in a formula.

    ``T`` is the type of an operation's result, which may be another one: a parameter times 2 is a tensor.
    """

    __slots__ = ()

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> T:
        """Apply ``primitive`` to ``args``, of which this value is the first traced one, and remember it."""
        raise NotImplementedError


class Every:
    """One rule for any number of arguments, asked once for each and told its ``position``."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __getitem__(self, position: int) -> Rule:
        return partial(self.rule, position=position)


class Jointly(Every):
    """One rule for any number of arguments, asked once: it returns what each receives, as a list."""

    def __getitem__(self, position: int) -> Rule:
        return lambda *args, **kwargs: self.rule(*args, **kwargs)[position]


class Primitive:
    """An operation the engine can differentiate.

    Args:
        name: PyTorch's name of it where PyTorch has one.
        forward: ``forward(*arrays, **kwargs)``: arrays are positional, all else (dim, shape, index) is a keyword.
        rules: one derivative rule per argument, ``rule(g, y, *args, **kwargs)`` with ``g`` = dL/dy and ``y`` the
            result. It returns what this use of the argument adds to dL/d(argument), in any dtype and any shape that
            sums to the argument's: the backward pass undoes broadcasting. ``None``: not differentiable in it.
        template: how pictures and messages write it, ``"{} + {}"``; without one it is written as a call.
        promotes: whether arguments of different dtypes are brought to a common one first.
        view: whether the result can share the memory of the first argument.
        accumulate: ``accumulate(total, g, **kwargs)`` adds in place what the rule of the only argument would return,
            so that many uses of one large tensor (x[0], x[1], ...) cost no large array each.

    Rules use operators and other primitives only, so that one rule serves arrays (an ordinary backward pass) and
    tensors (a backward pass that is itself recorded and can be differentiated again).
    """

    #: If this is a `Fold` (folding.py), recorded as one operation to save time: the operations it stands for.
    formula: Callable[..., Any] | None = None

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        *rules: Rule | Every | None,
        template: str | None = None,
        promotes: bool | str = False,
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
