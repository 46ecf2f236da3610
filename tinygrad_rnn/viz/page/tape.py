"""A recorded graph and its backward pass as a program that a page runs again on other numbers.

The derivative rules are run on slots (instructions.py). Nothing is recorded and no ``.grad`` is touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ...engine.answers import is_answer, origin
from ...engine.backward import backpropagate
from ...engine.folding import history
from ...engine.graph import Node, arguments
from ...explain.excerpt import made_from
from ...explain.lines import code_of
from ...ops import TABLE
from ...ops.shaping import cast
from .instructions import Code, Refused, Slot

#: Gradients by births; and by (birth of the result, position) which of them the use adds to, and what.
Pass = tuple[dict[int, Slot], dict[tuple[int, int], tuple[int, Slot]]]


class Tape:
    """The values of a graph, their gradients, and the places on the page where they are.

    Args:
        loss: of which the values and the backward pass are written down; of a tensor with several entries, their sum.
        nodes: its history, oldest first, if that is known.
        origins: for leaves that have the numbers of another tensor without its history, that one; by births.

    Raises:
        Refused: if the graph needs Python (a hook, a rule that is no formula), another kind of numbers or too many, or
            if the recorded numbers are no longer those it was computed from.
    """

    def __init__(
        self, loss: Node, nodes: Sequence[Node] | None = None, origins: Mapping[int, int] | None = None
    ) -> None:
        self.code = Code()
        self.nodes = history(loss) if nodes is None else nodes
        #: The graph with slots for arrays, by births: its rules write down what they do.
        self._twins: dict[int, Node] = {}
        self._origins = origins or {}
        #: Answers, such as masks, that are computed anew; by births.
        self.followed: set[int] = set()
        #: What was computed before and stays as it is, by the birth of what reads it, in a word.
        self.fixed: dict[int, str] = {}
        with np.errstate(all="ignore"):
            self._forward()
            self.values = {birth: twin.array.number for birth, twin in self._twins.items()}
            if not _alike(self._twins[loss.birth].array.array, loss.array):
                raise Refused("a number that it was computed from was changed since")
            self.forward = len(self.code.written)
            self.seed = {loss.birth: self.code.leaf(np.ones_like(loss.array))}
            gradients, self.shares = self.back(self.seed)
        self.gradients = {birth: slot.number for birth, slot in gradients.items()}

    def _forward(self) -> None:
        for node in self.nodes:
            if node.hooks:
                raise Refused("a hook, which is a function in Python, changes a gradient on its way")
            if node.primitive is None:
                self._leaf(node)
            else:
                if word := _fixed(node, self.followed):
                    self.fixed[node.birth] = word
                args = self._given(arguments(node))
                self._put(node, self.code.apply(node.primitive, _slots(args), node.kwargs), args)

    def back(
        self, seeds: Mapping[int, Slot], toward: Collection[int] | None = None, ends: Collection[int] = ()
    ) -> Pass:
        """Write down the chain rule from values with these gradients.

        Args:
            seeds: by births.
            toward: births of the values to visit, if not all.
            ends: births of those whose gradient goes no further.
        """
        gradients, shares, roots = {}, {}, [self._twins[birth] for birth in seeds]
        try:
            for node, g, parts in backpropagate(roots, [*seeds.values()], shares=True, toward=toward, ends=ends):
                gradients[node.birth] = self.code.of(g)
                for k, part in enumerate(parts):
                    if part is not None:
                        shares[node.birth, k] = node.args[k].birth, self.code.of(part)
        except (TypeError, AttributeError, ValueError) as error:
            raise Refused("a derivative is no formula of operations") from error
        return gradients, shares

    def carried(self, births: Sequence[int]) -> dict[str, list[int | None]]:
        """Write down what enters at the values of a state, and what is carried from the last: as explain/flow.py.

        Returns:
            Their places; nothing if all enters at the last step.
        """
        toward, last = made_from({*births}, self.nodes), births[-1]
        with np.errstate(all="ignore"):
            enters, _ = self.back(self.seed, toward, births)
            if last not in enters or len(enters.keys() & births) < 2:
                return {}
            # Of size 1, so that what is small already is not lost on its way.
            g = enters[last]
            seed = cast(g / TABLE["norm"](g, dim=None, keepdim=False), dtype=g.dtype)
            left, _ = self.back({last: seed}, toward)
        return {"enters": _numbers(enters, births), "carried": _numbers(left, births)}

    def _put(self, node: Node, slot: Slot, args: tuple[Any, ...] = ()) -> None:
        twin = Node.__new__(Node)._start(slot, node.tracked, None, node.primitive if args else None, args, node.kwargs)
        twin.birth, self._twins[node.birth] = node.birth, twin

    def _given(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """Arguments as the walk sees them: what has slots for arrays, and numbers."""
        for arg in args:
            if isinstance(arg, Node) and arg.birth not in self._twins:
                self._leaf(arg)
        return tuple(self._twins[arg.birth] if isinstance(arg, Node) else self.code.of(arg) for arg in args)

    def _leaf(self, node: Node) -> None:
        """A place for numbers that are given; those of what was detached, and answers such as x > 0, follow."""
        source, slot = self._origins.get(node.birth), self._answer(node)
        if slot is not None:
            self.followed.add(node.birth)
        elif source is not None:
            slot = self._twins[source].array
        self._put(node, self.code.leaf(node.array) if slot is None else slot)

    def _answer(self, node: Node) -> Slot | None:
        """An answer computed anew; None if it is none, of what is no part of the graph, or Python's alone."""
        asked = origin(node)
        if asked is None:
            return None
        for arg in asked.args:
            if isinstance(arg, Node) and arg.birth not in self._twins:
                if arg.primitive is not None:
                    return None
                self._leaf(arg)
            if is_answer(arg) and arg.birth not in self.followed:
                return None
        with suppress(Refused):
            slot = self.code.apply(asked.primitive, _slots(self._given(asked.args)), asked.kwargs)
            return slot if np.array_equal(slot.array, node.array) else None
        return None

    def plain(self) -> dict[str, Any]:
        """The program as types of JSON; its first ``forward`` instructions give the values without the gradients."""
        return {**self.code.plain(), "forward": self.forward}


def _slots(args: Sequence[Any]) -> list[Any]:
    """Arguments as operations see them: slots and numbers."""
    return [arg.array if isinstance(arg, Node) else arg for arg in args]


def _numbers(slots: Mapping[int, Slot], births: Sequence[int]) -> list[int | None]:
    return [slots[birth].number if birth in slots else None for birth in births]


#: What of ours multiplies with numbers that it drew.
_DRAWING = ("drop", "_at_once.", "layers.")


def _fixed(node: Node, followed: Collection[int]) -> str:
    """What an operation reads that was computed before the graph, in a word; "" if nothing."""
    index = node.kwargs.get("index")
    parts = index if isinstance(index, tuple) else (index,)
    given = [arg for arg in arguments(node) if not isinstance(arg, Node) or arg.birth not in followed]
    untracked = [arg.array if isinstance(arg, Node) and not arg.tracked else arg for arg in given]
    kinds = [(isinstance(part, np.ndarray) and part.dtype.kind) for part in (*parts, *untracked)]
    if "b" in kinds or any(map(is_answer, given)):
        return "mask"
    asker = getattr(node._code, "co_qualname", "") if code_of(node) is None else ""
    named = any(isinstance(arg, Node) and arg.name == "dropout" for arg in given)  # so following calls PyTorch's masks
    is_drawn = "f" in kinds and (named or any(name in asker for name in _DRAWING))
    return "random numbers" if is_drawn else "places" if any(kinds[: len(parts)]) else ""


def _alike(one: Any, two: Any) -> bool:
    near = 1e-3 if two.dtype.itemsize < 8 else 1e-8
    return bool(np.allclose(one, two, near, near, equal_nan=True))
