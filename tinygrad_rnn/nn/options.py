"""Constructors that follow from annotated fields: an argument is written once, with its type and its default."""

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import Parameter, Signature
from typing import Any, ClassVar, TypeVar, dataclass_transform

from ..surface.tensor import Tensor
from .module import Module

AnyModule = TypeVar("AnyModule", bound=Module)
AppliedClass = TypeVar("AppliedClass", bound="type[Applied]")


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def built_from_fields(cls: type[AnyModule]) -> type[AnyModule]:
    """Decorates a module that is a dataclass in its constructor, and in nothing else.

    ``device`` and ``dtype`` are not kept but passed to ``__post_init__``, which makes the parameters.
    """
    made = dataclass(eq=False, repr=False)(cls)
    arguments = made.__init__.__annotations__
    arguments |= {name: "Any" for name in ("device", "dtype") if name in arguments}
    for name in vars(made).keys() & arguments.keys():
        delattr(made, name)  # a default belongs to the constructor
    return made


class Applied(Module):
    """A module that calls ``function`` with the options it was built with; `applies` says which they are."""

    function: ClassVar[Callable[..., Tensor]]
    options: ClassVar[dict[str, Any]] = {}

    def __post_init__(self) -> None:
        """What is left to do once the options are attributes."""

    def _apply(self, *inputs: Tensor) -> Tensor:
        return type(self).function(*inputs, **{name: getattr(self, name) for name in self.options})

    def extra_repr(self) -> str:
        shown = [name for name in self.options if name != "inplace" or getattr(self, name)]
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)


@dataclass_transform(eq_default=False)
def applies(function: Callable[..., Tensor]) -> Callable[[AppliedClass], AppliedClass]:
    """Decorates a class that calls ``function``: its fields, in order, are the arguments of its constructor.

    @applies(functional.elu)
    class ELU(Activation):
        alpha: float = 1.0
        inplace: bool = False
    """

    def declare(cls: AppliedClass) -> AppliedClass:
        fields = cls.__annotations__
        options = {name: vars(cls)[name] for name in fields}
        for name in options:
            delattr(cls, name)  # a default belongs to the constructor

        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            super(Applied, self).__init__()
            for name, value in (options | _named(type(self).__name__, list(options), args, kwargs)).items():
                setattr(self, name, value)
            self.__post_init__()

        kind = Parameter.POSITIONAL_OR_KEYWORD
        arguments = [Parameter(name, kind, default=options[name], annotation=fields[name]) for name in fields]
        signature = Signature([Parameter("self", kind), *arguments], return_annotation=None)
        __init__.__signature__ = signature  # type: ignore[attr-defined]
        cls.function, cls.options = staticmethod(function), options
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
