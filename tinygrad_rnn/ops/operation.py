"""A row of the table of operations: a primitive, and what people are told about it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, overload

from numpy import ndarray

from ..engine.out import into
from ..engine.primitive import Every, Primitive, Rule, T, Traced
from ..engine.refusing import needed, refuse, refuse_foreign, refuse_options
from .samples import Domain, Sample, Samples, binary, filled, unary

_NUMBERS = {bool, int, float}


class _Told:
    """The text of a class on the class, and on its operations what they tell of themselves."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def __get__(self, operation: Operation | None, owner: type) -> str | None:
        return self.text if operation is None else operation.explained(operation)


def _widened(forward: Callable[..., Any]) -> Callable[..., Any]:
    def widened(x: Any, *args: Any, **options: Any) -> Any:
        if x.dtype.char != "e":
            return forward(x, *args, **options)
        return forward(x.astype("float32"), *args, **options).astype("float16")

    return widened


class Operation(Primitive):
    """A primitive of the table.

    Args:
        name, forward, rules, options: as of a `Primitive`.
        about: a sentence that says what it computes. With it the operation, as it stands, is a function and a method
            of tensors; without it, a function of another form, or a rule, makes use of it.
        aliases: other names of the function and the method.
        inplace: whether there is also a method that writes the result into the tensor, ``x.tanh_()``.
        domain: between which numbers the entries of its arguments are, ``(low, high)``, or such a pair for each.
        samples: what its rules are tried on, see `samples.py`; without them, one or two arguments of every shape.
        torch: PyTorch's counterpart, if it is not ``torch.<name>``.
        wide: whether it adds up, so that float16, which ends at 65504, is computed in float32.
        strict: whether it takes no Python numbers, as in PyTorch.
    """

    #: Writes the help text; what knows tensors and formulas does it better and says so.
    explained: Callable[[Operation], str] = staticmethod(lambda operation: operation.about)

    def __init__(
        self, name: str, forward: Callable[..., Any], *rules: Rule | Every | None, about: str = "",
        aliases: Sequence[str] = (), inplace: bool = False, domain: Domain = (-2.0, 2.0),
        samples: Samples | None = None, torch: str | None = None, wide: bool = False, strict: bool = False,
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, _widened(forward) if wide else forward, *rules, **options)
        self.about, self.aliases, self.inplace = about, aliases, inplace
        self.count, self.domain, self.samples, self.strict = len(rules), domain, samples, strict
        self.torch = f"torch.{name}" if torch is None else torch

    @overload
    def __call__(self, x: Traced[T], /, *args: Any, **kwargs: Any) -> T: ...
    @overload
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (kwargs or len(args) != self.count) and self.about:
            if kwargs.get("out") is not None:
                return into(kwargs.pop("out"), self.name, partial(self, *args, **kwargs))
            args, kwargs = self._arranged(args, kwargs), {}
        for arg in args:
            if isinstance(arg, Traced):
                if self.strict and any(type(each) in _NUMBERS for each in args):
                    raise TypeError(
                        f"{self.name}() takes two tensors, and one is a number: give tensor(number), or use clamp() "
                        "for a bound and where() for a choice"
                    )
                return arg.record(self, args, kwargs)
        if type(args[0]) is not ndarray:
            refuse_foreign(self.name, args)
        try:
            return self.forward(*args, **kwargs)
        except Exception as error:
            refuse(error, self.name, self.forward, args, kwargs)
            raise

    def _arranged(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """All arguments in their places; what numpy's function would take besides, such as ``out``, is refused."""
        names = [*self.__signature__.parameters]
        given = needed(kwargs)
        refuse_options(self.name, given)
        if sorted(given) != sorted(names[len(args) :]) or len(args) > len(names):
            besides = f", {', '.join(f'{name}=' for name in given)}" if given else ""
            raise TypeError(f"{self.name}() takes {' and '.join(names)}, and got {len(args)} by position{besides}")
        return (*args, *(given[name] for name in names[len(args) :]))

    def tried_on(self) -> list[Sample]:
        """Its samples, with arrays in them."""
        usual = unary() if self.count == 1 else binary(() if self.strict else (1.7,))
        return filled(self.samples or usual, self.domain)

    def letters(self, count: int) -> list[str]:
        """What the rules call their ``count`` arguments."""
        if isinstance(self.rules, Every):
            return [f"x{i}" for i in range(1, count + 1)]
        for rule in filter(None, self.rules):
            parameters = inspect.signature(rule).parameters.values()
            names = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
            if len(names) == count + 2:
                return names[2:]
        return ["x"] if count == 1 else ["a", "b", "c"][:count]

    # What help() and inspect.signature() ask for

    @property
    def __name__(self) -> str:
        return self.name

    @property
    def __signature__(self) -> inspect.Signature:
        names = ("input", "exponent" if self.name == "pow" else "other")[: self.count]
        return inspect.Signature([inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names])


type.__setattr__(Operation, "__doc__", _Told(Operation.__doc__))
