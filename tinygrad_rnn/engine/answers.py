"""Answers: truth values such as ``x > 0``, which have no gradient, and yet are known to follow from what has one."""

from __future__ import annotations

from typing import Any, NamedTuple
from weakref import ref

from .graph import Node, as_of
from .primitive import Primitive
from .scope import here
from .versions import shares, was_changed


class Origin(NamedTuple):
    """What an answer was computed from."""

    primitive: Any  #: the operation
    args: tuple[Any, ...]
    kwargs: Any


def answer(asked: Any, array: Any, values: list[Any], primitive: Primitive, args: Any, kwargs: Any) -> Any:
    """The result of ``asked.record(...)`` that holds no real numbers, and so has no gradient."""
    made = object.__new__(asked._results)
    made._start(array, False, asked.memory if primitive.view and shares(array, values[0]) else None)
    return remember(made, primitive, args, kwargs) if array.dtype.kind == "b" else made


def remember(made: Any, primitive: Primitive, args: Any, kwargs: Any) -> Any:
    """``made``, which knows from now on what it was computed from, without keeping alive what has a gradient."""
    nodes = [arg for arg in args if isinstance(arg, Node)]
    if here.recording and any(arg.tracked or is_answer(arg) for arg in nodes):
        kept = tuple(ref(arg) if isinstance(arg, Node) and arg.tracked else arg for arg in args)
        made._instruction = Origin(primitive, kept, kwargs)
    return made


def origin(node: Node) -> Origin | None:
    """What an answer was computed from, as it was then; None if that is gone in part, or the answer was changed."""
    found = node._instruction
    if not isinstance(found, Origin) or was_changed(node, node.birth):
        return None
    args = [arg() if isinstance(arg, ref) else arg for arg in found.args]
    known = all(arg is not None and not (is_answer(arg) and origin(arg) is None) for arg in args)
    args = [as_of(arg, node.birth) if isinstance(arg, Node) else arg for arg in args]
    return found._replace(args=tuple(args)) if known else None


def is_answer(value: Any) -> bool:
    """Whether it was once known what this was computed from."""
    return isinstance(value, Node) and isinstance(value._instruction, Origin)
