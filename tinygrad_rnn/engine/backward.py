"""The backward pass: a stream of tensors with their gradients, from the newest to the oldest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from ..ops.shaping import cast, sum_to
from .folding import open_calls, unfold, way
from .graph import NO_KWARGS, Node, arguments, clock
from .primitive import Jointly
from .versions import guarded


def backpropagate(
    roots: Node | Sequence[Node], seeds: Sequence[Any] | None = None, *, create_graph: bool = False,
    shares: bool = False, toward: Collection[int] | None = None, ends: Collection[int] = (), closed: bool = False,
    turns: Mapping[Any, Any] = NO_KWARGS,
) -> Iterator[tuple[Node, Any, tuple[Any, ...]]]:  # fmt: skip
    """Walk back from ``roots`` by the chain rule and yield ``(tensor, gradient, shares)``, newest tensor first.

    The newest tensor that waits is visited next. Every use of it was born later, so all have been visited and its
    gradient is complete. Gradients are dropped as soon as they are passed on: the walk holds only its front. It marks
    nothing and touches no ``.grad``; its readers (lifetime.py, pictures, ledgers) decide what to keep.

    Args:
        roots: the tensor, or the tensors, to differentiate.
        seeds: for each root, dL/d(root) in its shape: arrays; tensors with ``create_graph``. Default: ones.
        create_graph: apply the rules to tensors, so that the gradients are themselves recorded.
        shares: also yield what each of ``arguments(tensor)`` receives from it, or None; otherwise the third is ``()``.
        toward: births of the tensors to visit, the wanted ones and those on the way to them, if not all.
        ends: births of tensors that are treated as leaves: the walk goes on to nothing through them.
        closed: walk through what somebody looked into as it was recorded, so that looking changes no bit.
        turns: of leaves that are not to wait for the end, by birth, and whose turn it is then (readers.py).

    Raises:
        RuntimeError: if a value that a rule needs was changed in place after it was used.
    """
    roots = (roots,) if isinstance(roots, Node) else roots
    # What waits for its turn, by birth: the tensor, its gradient so far, and whether that may be added to in place.
    waiting: dict[int, list[Any]] = {}
    for root, seed in zip(roots, seeds or [np.ones_like(root.array) for root in roots], strict=True):
        waiting[root.birth] = [root, waiting[root.birth][1] + seed if root.birth in waiting else seed, False]
    queue = sorted(-birth for birth in waiting)  # a heap gives its smallest number, and the newest is wanted
    while queue:
        turn = -heappop(queue)
        node, g, _ = waiting.pop(birth := turns.get(turn, turn) if turns else turn)
        if node.hooks:
            for hook in tuple(node.hooks.values()):
                g = hook(g)
        if node.primitive is None or birth in ends:
            yield node, g, ()
            continue
        if create_graph:
            unfold(node)  # a fold becomes, in place, the operations it stands for
        made = way(node) if closed and open_calls else node
        primitive, kwargs = made.primitive, made.kwargs
        args = made.args if clock.last_change < birth else arguments(made)
        values, wanted = [], []
        for arg in args:
            if isinstance(arg, Node):
                values.append(arg if create_graph else arg.array)
                asked = arg.tracked
                if asked and (asked is True or asked < birth) and (toward is None or arg.birth in toward):
                    wanted.append((len(values) - 1, arg))
            else:
                values.append(arg)
        y = node if create_graph else node.array
        # What was overwritten raises if, and only if, a rule computes with it; a view that was taken before a
        # change and used after it, whose history is wrong, raises always.
        if clock.last_change > birth or clock.rewritten:
            y, values = guarded(node, args, y, values)
        rules, accumulate = primitive.rules, primitive.accumulate
        joint = rules.rule(g, y, *values, **kwargs) if type(rules) is Jointly else None
        parts: list[Any] = [None] * len(args) if shares else []
        for position, arg in wanted:
            entry = waiting.get(arg.birth)
            if accumulate is not None and entry is not None and entry[2] and not shares:
                accumulate(entry[1], g, **kwargs)
                continue
            part = joint[position] if joint is not None else None
            if joint is None and (rule := rules[position]) is not None:
                part = rule(g, y, *values, **kwargs) if kwargs else rule(g, y, *values)
            if part is None:  # nothing flows to this argument
                continue
            if part.shape != arg.array.shape:  # broadcasting is undone here, once for all rules
                part = sum_to(part, shape=arg.array.shape)
            if part.dtype is not arg.array.dtype and part.dtype != arg.array.dtype:
                part = cast(part, dtype=arg.array.dtype)
            if entry is None:
                # These rules return an array of their own; others may return g itself, which is not to be written to.
                own = (accumulate is not None or primitive.formula is not None) and not (shares or create_graph)
                waiting[arg.birth] = [arg, part, own]
                heappush(queue, -turns.get(arg.birth, arg.birth) if turns else -arg.birth)
            elif entry[2]:
                entry[1] += part
            else:
                entry[1] = entry[1] + part
                entry[2] = type(entry[1]) is np.ndarray and not create_graph
            if shares:
                parts[position] = part
        yield node, g, tuple(parts) if shares else ()
