"""Containers: modules and parameters in lists, dictionaries and pipelines, where a Module can find them."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar, overload

from ..surface.tensor import Tensor
from .module import Module
from .parameter import Parameter

__all__ = ["Identity", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]

Item = TypeVar("Item")


class Identity(Module):
    """y = x, whatever it was built with: a placeholder where a model has a choice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input


class _Items(Module, Generic[Item]):
    """Numbered or named items kept as attributes, so that Module finds, names and saves them."""

    _holds: type[Any] = Module

    def _held(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if isinstance(value, self._holds)}

    def _put(self, key: str, item: Any) -> None:
        if self._holds is Parameter and isinstance(item, Tensor) and not isinstance(item, Parameter):
            item = Parameter(item)
        if not isinstance(item, self._holds):
            raise TypeError(
                f"{type(self).__name__} takes {self._holds.__name__}s; item {key!r} is {type(item).__name__}."
            )
        if not key or "." in key or hasattr(type(self), key):
            raise KeyError(f"{key!r} cannot name an item of {type(self).__name__}: choose another name without dots.")
        setattr(self, key, item)

    def __len__(self) -> int:
        return len(self._held())

    # A list or dictionary is never called, so it has no scope of its own: its parts carry its name ("layers.0").

    def _label_of_part(self, name: str) -> str:
        return f"{self._label}.{name}" if self._label else name

    def _relabel(self, label: str) -> None:
        lent = [(key, child) for key, child in self.named_children() if child._label == self._label_of_part(key)]
        super()._relabel(label)
        for key, child in lent:
            child._relabel(self._label_of_part(key))


class _List(_Items[Item]):
    def __init__(self, items: Iterable[Item] = ()) -> None:
        super().__init__()
        self.extend(items)

    def _values(self) -> list[Item]:
        return list(self._held().values())

    def append(self, item: Item) -> Self:
        """Add at the end."""
        self._put(str(len(self)), item)
        return self

    def extend(self, items: Iterable[Item]) -> Self:
        """Add all at the end."""
        for item in list(items):
            self.append(item)
        return self

    def insert(self, index: int, item: Item) -> None:
        """Add before the item that is at `index` now."""
        values = self._values()
        if not -len(values) <= index <= len(values):
            raise IndexError(f"{type(self).__name__} has {len(values)} items: there is no place {index} to insert one.")
        values.insert(index, item)
        self._renumber(values)

    def pop(self, key: int | slice) -> Any:
        """Take out what stands at `key`."""
        item = self[key]
        del self[key]
        return item

    def _renumber(self, values: list[Any]) -> None:
        for key in self._held():
            delattr(self, key)
        self.extend(values)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._held().values())

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Item | Self:
        if isinstance(index, slice):
            part = type(self).__new__(type(self))
            part.extend(self._values()[index])
            return part
        return self._values()[self._place(index)]

    def _place(self, index: int) -> int:
        if not -len(self) <= operator.index(index) < len(self):
            raise IndexError(f"a {type(self).__name__} of length {len(self)} has no item {index}.")
        return index

    def __setitem__(self, index: int, item: Item) -> None:
        self._put(list(self._held())[self._place(index)], item)

    def __delitem__(self, index: int | slice) -> None:
        values = self._values()
        del values[index if isinstance(index, slice) else self._place(index)]
        self._renumber(values)

    def __iadd__(self, other: Iterable[Item]) -> Self:
        return self.extend(other)

    def __add__(self, other: Iterable[Item]) -> Self:
        both = self[:]
        both.extend(other)
        return both


class _Dict(_Items[Item]):
    def __init__(self, items: Mapping[str, Item] | Iterable[tuple[str, Item]] = ()) -> None:
        super().__init__()
        self.update(items)

    def update(self, items: Mapping[str, Item] | Iterable[tuple[str, Item]]) -> None:
        """Add or replace items by name."""
        for key, item in dict(items).items():
            self[key] = item

    def keys(self) -> Iterable[str]:
        """The names, in the order they were added."""
        return list(self._held())

    def values(self) -> Iterable[Item]:
        """The items, in the order they were added."""
        return list(self._held().values())

    def items(self) -> Iterable[tuple[str, Item]]:
        """(name, item), in the order they were added."""
        return list(self._held().items())

    def pop(self, key: str) -> Item:
        """Take an item out."""
        item = self[key]
        del self[key]
        return item

    def clear(self) -> None:
        """Take everything out."""
        for key in self._held():
            delattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def __contains__(self, key: object) -> bool:
        return key in self._held()

    def __getitem__(self, key: str) -> Item:
        if key not in self:
            raise KeyError(f"{type(self).__name__} has no {key!r}; it has {', '.join(self._held()) or 'nothing'}.")
        item: Item = vars(self)[key]
        return item

    def __setitem__(self, key: str, item: Item) -> None:
        self._put(key, item)

    def __delitem__(self, key: str) -> None:
        self[key]
        delattr(self, key)


class ModuleList(_List[Module]):
    """Modules in a list: they are parts of the model; call them yourself in `forward`."""


class ModuleDict(_Dict[Module]):
    """Modules by name: they are parts of the model; call them yourself in `forward`."""


class ParameterList(_List[Parameter]):
    """Parameters in a list; a plain tensor becomes a Parameter."""

    _holds = Parameter


class ParameterDict(_Dict[Parameter]):
    """Parameters by name; a plain tensor becomes a Parameter. Those of a plain dictionary are sorted by name."""

    _holds = Parameter

    def update(self, items: Mapping[str, Parameter] | Iterable[tuple[str, Parameter]]) -> None:
        super().update(sorted(items.items()) if type(items) is dict else items)


class Sequential(_List[Module]):
    """Modules one after the other: y = last(...second(first(x))). Takes modules, or one dictionary of named modules.

    >>> net = tg.nn.Sequential(tg.nn.Linear(2, 8), tg.nn.Tanh(), tg.nn.Linear(8, 1))
    >>> net(tg.ones(5, 2)).shape
    Size([5, 1])
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        Module.__init__(self)
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self._put(name, module)
        else:
            items: Any = modules  # _put refuses a mapping among them
            self.extend(items)

    # Unlike a list, a pipeline is called and so has a scope of its own.

    def _label_of_part(self, name: str) -> str:
        return name

    def _relabel(self, label: str) -> None:
        Module._relabel(self, label)

    def __mul__(self, times: int) -> Sequential:
        """The same modules so many times one after the other."""
        if not isinstance(times, int):
            return NotImplemented
        if times < 1:
            raise ValueError(f"Sequential is repeated at least once; {times} was given.")
        return Sequential(*self._values() * times)

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend((self * times)._values()[len(self) :])

    def forward(self, input: Any) -> Tensor:
        output: Tensor = input
        for module in self._held().values():
            output = module(output)
        return output
