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

    def start(self: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        super(Activation, self).__init__()
        for name, value in by_name(self, self.options, args, kwargs).items():  # which a subclass may have others of
            setattr(self, name, value)

    def declare(cls: type[AnyActivation]) -> type[AnyActivation]:
        cls.function, cls.options = function, constructor(cls, start)  # read from the class, which binds nothing
        return cls

    return declare


def constructor(cls: Any, start: Callable[[Any, tuple[Any, ...], dict[str, Any]], None]) -> dict[str, Any]:
    """Give a class a constructor that calls ``start``, with the fields of the class as arguments; their defaults."""
    fields = cls.__annotations__
    options = {name: vars(cls)[name] for name in fields}
    for name in options:
        delattr(cls, name)  # a default belongs to the constructor

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        start(self, args, kwargs)

    kind = Parameter.POSITIONAL_OR_KEYWORD
    arguments = [Parameter(name, kind, default=options[name], annotation=fields[name]) for name in fields]
    signature = Signature([Parameter("self", kind), *arguments], return_annotation=None)
    __init__.__signature__ = signature  # type: ignore[attr-defined]
    cls.__init__ = __init__
    return options


def by_name(module: Any, usual: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """All options by name: as the arguments of a call say, else as usual."""
    names = list(usual)
    takes = f"{type(module).__name__} takes " + (f"the arguments ({', '.join(names)})" if names else "no arguments")
    if len(args) > len(names):
        raise TypeError(f"{takes}; {len(args)} were given.")
    given = dict(zip(names, args, strict=False))
    for name in kwargs:
        if name in given or name not in names:
            raise TypeError(f"{takes}: {name} {'was given twice' if name in given else 'is unknown'}.")
    return usual | given | kwargs
