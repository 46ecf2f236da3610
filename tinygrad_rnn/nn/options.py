"""Modules that are a function with options: an option is written once, with its type and its default."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any, ClassVar, dataclass_transform

from ..surface.tensor import Tensor
from .module import Module


@dataclass_transform(eq_default=False)
class Applied(Module):
    """y = function(inputs, **options): the fields of a class, in order, are the arguments of its constructor.

    class ELU(Activation, function=functional.elu):
        alpha: float = 1.0
        inplace: bool = False
    """

    _function: ClassVar[Callable[..., Tensor]]
    _options: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, function: Callable[..., Tensor] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if function is None:  # a subclass that computes something else, or has a constructor of its own
            return
        fields = vars(cls).get("__annotations__", {})
        cls._function, cls._options = function, {name: vars(cls)[name] for name in fields}
        for name in fields:
            delattr(cls, name)  # a default belongs to the constructor

        def __init__(self: Applied, *args: Any, **kwargs: Any) -> None:
            super().__init__()
            self._keep(self._by_name(args, kwargs))

        kind = Parameter.POSITIONAL_OR_KEYWORD
        arguments = [Parameter(name, kind, default=cls._options[name], annotation=fields[name]) for name in fields]
        signature = Signature([Parameter("self", kind), *arguments], return_annotation=None)
        __init__.__signature__ = signature  # type: ignore[attr-defined]
        cls.__init__ = __init__  # type: ignore[assignment]

    def _by_name(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """All options by name: as the arguments of a call say, else as usual."""
        names = list(self._options)  # of which a subclass may have others
        takes = f"{type(self).__name__} takes " + (f"the arguments ({', '.join(names)})" if names else "no arguments")
        if len(args) > len(names):
            raise TypeError(f"{takes}; {len(args)} were given.")
        given = dict(zip(names, args, strict=False))
        for name in kwargs:
            if name in given or name not in names:
                raise TypeError(f"{takes}: {name} {'was given twice' if name in given else 'is unknown'}.")
        return self._options | given | kwargs

    def _keep(self, options: dict[str, Any]) -> None:
        for name, value in options.items():
            setattr(self, name, value)

    def _apply_to(self, *inputs: Tensor) -> Tensor:
        own = vars(self)
        return type(self)._function(*inputs, **{name: own[name] for name in self._options})
