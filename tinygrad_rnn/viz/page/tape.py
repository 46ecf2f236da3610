"""A recorded graph and its backward pass as a program that a page runs again on other numbers.

The derivative rules are run on slots (instructions.py). Nothing is recorded and no ``.grad`` is touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import reduce
from typing import Any

import numpy as np

from ...engine.answers import is_answer, origin
from ...engine.folding import history
from ...engine.graph import Node, arguments
from ...engine.primitive import Jointly
from ...explain.excerpt import made_from
from ...explain.lines import code_of
from ...ops import TABLE
from ...ops.shaping import cast, sum_to
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
        self._slots: dict[int, Slot] = {}
        self._origins = origins or {}
        #: Answers, such as masks, that are computed anew; by births.
        self.followed: set[int] = set()
        #: What was computed before and stays as it is, by the birth of what reads it, in a word.
        self.fixed: dict[int, str] = {}
        with np.errstate(all="ignore"):
            self._forward()
            self.values = {birth: slot.number for birth, slot in self._slots.items()}
            if not _alike(self._slots[loss.birth].array, loss.array):
                raise Refused("a number that it was computed from was changed since")
            self.forward = len(self.code.written)
            self.seed = {loss.birth: self.code.leaf(np.ones_like(loss.array))}
            gradients, self.shares = self.back(self.seed)
        self.gradients = {birth: slot.number for birth, slot in gradients.items()}

    def _forward(self) -> None:
        slots = self._slots
        for node in self.nodes:
            if node.hooks:
                raise Refused("a hook, which is a function in Python, changes a gradient on its way")
            if node.primitive is None:
                self._leaf(node)
            else:
                if word := _fixed(node, self.followed):
                    self.fixed[node.birth] = word
                slots[node.birth] = self.code.apply(node.primitive, self._given(node), node.kwargs)

    def back(
        self, seeds: Mapping[int, Slot], toward: Collection[int] | None = None, ends: Collection[int] = ()
    ) -> Pass:
        """Write down the chain rule, as engine/backward.py has it, from values with these gradients.

        Args:
            seeds: by births.
            toward: births of the values to visit, if not all.
            ends: births of those whose gradient goes no further.
        """
        gradients, shares = dict(seeds), {}
        for node in reversed(self.nodes):
            g, primitive, args = gradients.get(node.birth), node.primitive, arguments(node)
            if g is None or primitive is None or node.birth in ends:
                continue
            rules, given = primitive.rules, self._given(node)
            nodes = [(k, arg) for k, arg in enumerate(args) if isinstance(arg, Node) and arg.tracked]
            asked = [k for k, arg in nodes if toward is None or arg.birth in toward]
            y = self._slots[node.birth]
            try:
                if type(rules) is Jointly:
                    parts = rules.rule(g, y, *given, **node.kwargs)
                else:
                    parts = {k: rules[k](g, y, *given, **node.kwargs) for k in asked if rules[k]}
            except (TypeError, AttributeError, ValueError) as error:
                raise Refused(f"the derivative of {primitive.name} is no formula of operations") from error
            for k in asked:
                part, arg = parts[k] if type(rules) is Jointly else parts.get(k), args[k]
                if part is None:
                    continue
                if not isinstance(part, Slot):
                    part = self.code.of(np.asarray(part))
                if part.shape != arg.array.shape:
                    part = sum_to(part, shape=arg.array.shape)
                if part.dtype != arg.array.dtype:
                    part = cast(part, dtype=arg.array.dtype)
                before = gradients.get(arg.birth)
                gradients[arg.birth] = part if before is None else before + part
                shares[node.birth, k] = arg.birth, part
        return gradients, shares

    def carried(self, states: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
        """Write down what enters at states of a loop, and what is carried from its last step: as explain/flow.py.

        Args:
            states: their values by births, the last step last.

        Returns:
            The places for every state; nothing if all enters at the last step.
        """
        births, lasts = {birth for each in states for birth in each}, {each[-1] for each in states}
        toward = made_from(births, self.nodes)
        with np.errstate(all="ignore"):
            enters, _ = self.back(self.seed, toward, births)
            ends = {birth: enters[birth] for birth in lasts if birth in enters}
            if not ends or not enters.keys() & births - lasts:
                return []
            # Of size 1, so that what is small already is not lost on its way.
            top = reduce(TABLE["maximum"], (TABLE["norm"](g, dim=None, keepdim=False) for g in ends.values()))
            left, _ = self.back({birth: cast(g / top, dtype=g.dtype) for birth, g in ends.items()}, toward)
        parts = {"enters": enters, "carried": left}
        return [{name: _numbers(part, each) for name, part in parts.items()} for each in states]

    def _given(self, node: Node) -> list[Any]:
        """Its arguments as rules see them: slots and numbers."""
        for arg in arguments(node):
            if isinstance(arg, Node) and arg.birth not in self._slots:
                self._leaf(arg)
        return [self._slots[arg.birth] if isinstance(arg, Node) else self.code.of(arg) for arg in arguments(node)]

    def _leaf(self, node: Node) -> None:
        """A place for numbers that are given; those of what was detached, and answers such as x > 0, follow."""
        source, slot = self._origins.get(node.birth), self._answer(node)
        if slot is not None:
            self.followed.add(node.birth)
        elif source is not None:
            slot = self._slots[source]
        self._slots[node.birth] = self.code.leaf(node.array) if slot is None else slot

    def _answer(self, node: Node) -> Slot | None:
        """An answer computed anew; None if it is none, of what is no part of the graph, or Python's alone."""
        asked = origin(node)
        if asked is None:
            return None
        for arg in asked.args:
            if isinstance(arg, Node) and arg.birth not in self._slots:
                if arg.primitive is not None:
                    return None
                self._leaf(arg)
            if is_answer(arg) and arg.birth not in self.followed:
                return None
        args = [self._slots[arg.birth] if isinstance(arg, Node) else self.code.of(arg) for arg in asked.args]
        with suppress(Refused):
            slot = self.code.apply(asked.primitive, args, asked.kwargs)
            return slot if np.array_equal(slot.array, node.array) else None
        return None

    def plain(self) -> dict[str, Any]:
        """The program as types of JSON; its first ``forward`` instructions give the values without the gradients."""
        return {**self.code.plain(), "forward": self.forward}


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
