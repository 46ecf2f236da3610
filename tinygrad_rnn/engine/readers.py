"""Who reads the gradients of leaves while a backward pass still runs, before they are added to ``.grad``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Protocol
from weakref import WeakValueDictionary

from .folding import Opened, history
from .graph import Node, arguments

Stream = Iterator[tuple[Node, Any, Any]]  # of tensors, leaves among them, with their gradients


class Reader(Protocol):
    """It may hold the gradients of its leaves back until the stream ends, and pass others on instead."""

    @property
    def leaves(self) -> Collection[Node]:
        """Those that it waits for."""

    def read(self, stream: Stream) -> Stream:
        """The stream as it goes on to ``.grad``."""


#: In the order in which they came, which is the same in every process of a program; forgotten with their owners.
readers: WeakValueDictionary[int, Reader] = WeakValueDictionary()
_numbers = count()


def add(reader: Reader) -> None:
    """From now on it reads every backward pass that adds to ``.grad``."""
    readers[next(_numbers)] = reader


def read(stream: Stream) -> Stream:
    """What the readers make of a stream."""
    for reader in list(readers.values()) if readers else ():
        stream = reader.read(stream)
    return stream


def turns(roots: Sequence[Node]) -> Mapping[float, float]:
    """When the readers' leaves have their turn in the walk, by birth, and whose turn it is then.

    A leaf was born before all that is made from it, and would come at the end; its gradient is complete as soon as the
    oldest operation that uses it has been visited.
    """
    found: dict[float, float] = {}
    wanted = {id(leaf) for reader in readers.values() for leaf in reader.leaves}.difference(map(id, roots))
    nodes = history(*roots, closed=True) if wanted else []
    if any(type(node.kwargs) is Opened for node in nodes):  # what somebody has opened is not what is walked through
        return found
    for node in nodes:
        for arg in arguments(node):
            if id(arg) in wanted and arg.birth not in found:
                turn = node.birth - 1 + 1 / (2 + len(found))  # between two births, and nobody else's
                found[arg.birth], found[turn] = turn, arg.birth
    return found
