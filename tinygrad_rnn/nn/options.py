"""Modules that are a function with options: an option is written once, with its type and its default."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any, ClassVar, TypeVar, dataclass_transform

from ..surface.tensor import Tensor
from .module import Module

AnyActivation = TypeVar("AnyActivation", bound="Activation")


class Activation(Module):
    """y = function(x, **options); `applies` says which function, and the options with their defaults, in order."""

    function: ClassVar[Callable[..., Tensor]]
    options: ClassVar[dict[str, Any]] = {}

    def forward(self, input: Tensor) -> Tensor:
        own = vars(self)
        return type(self).function(input, **{name: own[name] for name in self.options})

    def extra_repr(self) -> str:
        shown = [name for name in self.options if name != "inplace" or getattr(self, name)]
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)


@dataclass_transform(eq_default=False)
def applies(function: Callable[..., Tensor]) -> Callable[[type[AnyActivation]], type[AnyActivation]]:
    """Decorates a class that calls ``function``: its fields, in order, are the arguments of its constructor.

    @applies(functional.elu)
    class ELU(Activation):
        alpha: float = 1.0
        inplace: bool = False
    """

    def declare(cls: type[AnyActivation]) -> type[AnyActivation]:
        fields = cls.__annotations__
        options = {name: vars(cls)[name] for name in fields}
        for name in options:
            delattr(cls, name)  # a default belongs to the constructor

        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            super(Activation, self).__init__()
            given = _named(type(self).__name__, list(self.options), args, kwargs)
            for name, usual in self.options.items():  # which a subclass may have others of
                setattr(self, name, given.get(name, usual))

        kind = Parameter.POSITIONAL_OR_KEYWORD
        arguments = [Parameter(name, kind, default=options[name], annotation=fields[name]) for name in fields]
        signature = Signature([Parameter("self", kind), *arguments], return_annotation=None)
        __init__.__signature__ = signature  # type: ignore[attr-defined]
        cls.function, cls.options = function, options  # read from the class, which binds nothing
        cls.__init__ = __init__  # type: ignore[method-assign]
        return cls

    return declare


def _named(kind: str, names: list[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name."""
    takes = f"{kind} takes " + (f"the arguments ({', '.join(names)})" if names else "no arguments")
    if len(args) > len(names):
        raise TypeError(f"{takes}; {len(args)} were given.")
    given = dict(zip(names, args, strict=False))
    for name in kwargs:
        if name in given or name not in names:
            raise TypeError(f"{takes}: {name} {'was given twice' if name in given else 'is unknown'}.")
    return given | kwargs
