"""The backward pass: a stream of tensors with their gradients, from the newest to the oldest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from ..ops.shaping import cast, sum_to
from .graph import Node, arguments, clock, describe, history, outdated, unfold, was_changed
from .operators import Operators
from .primitive import Jointly, Primitive
from .scope import here


def backpropagate(
    roots: Node | Sequence[Node],
    seeds: Sequence[Any] | None = None,
    *,
    create_graph: bool = False,
    shares: bool = False,
    folded: bool = False,
    toward: Collection[int] | None = None,
) -> Iterator[tuple[Node, Any, tuple[Any, ...]]]:
    """Walk back from ``roots`` by the chain rule and yield ``(tensor, gradient, shares)``, newest tensor first.

    Because every value is born after its arguments, a tensor's gradient is complete when its turn comes: all uses
    of it have been visited. Gradients are dropped as soon as they are passed on, so the walk holds only its front.
    The walk marks nothing and touches no ``.grad``; whoever reads the stream decides what to keep.

    Args:
        roots: the tensor, or the tensors, to differentiate.
        seeds: for each root, dL/d(root) in its shape: arrays, or tensors with ``create_graph``. Default: ones.
        create_graph: apply the rules to tensors, so that the gradients are themselves recorded.
        shares: also yield what each argument of the tensor receives from it, aligned with ``arguments(tensor)``;
            None for arguments that need no gradient. Otherwise the third item is always ``()``.
        folded: leave folds as they are, although shares are asked for.
        toward: births of the tensors worth visiting, if not all.

    Raises:
        RuntimeError: if a value that a rule needs was changed in place after it was used.
    """
    roots = (roots,) if isinstance(roots, Node) else roots
    # What is waiting for its turn, by birth: the tensor, its gradient so far, and whether that is an array made here,
    # which may be added to in place.
    waiting: dict[int, list[Any]] = {}
    for root, seed in zip(roots, seeds or [np.ones_like(root.array) for root in roots], strict=True):
        waiting[root.birth] = [root, waiting[root.birth][1] + seed if root.birth in waiting else seed, False]
    queue = [-birth for birth in waiting]
    heapify(queue)
    while queue:
        birth = -heappop(queue)
        node, g, _ = waiting.pop(birth)
        if node.hooks:
            for hook in tuple(node.hooks.values()):
                g = hook(g)
        primitive = node.primitive
        if primitive is None:
            yield node, g, ()
            continue
        if primitive.formula is not None and (create_graph or (shares and not folded)):
            unfold(node)
            primitive = node.primitive
        args = node.args if clock.last_change < birth else arguments(node)
        values: list[Any] = []
        wanted = []
        for position, arg in enumerate(args):
            if isinstance(arg, Node):
                values.append(arg if create_graph else arg.array)
                if arg.owner is not None and arg.owner.earlier is not None and outdated(arg, birth):
                    raise RuntimeError(
                        f"{describe(node)} used a view of a tensor that had been changed in place since the view was "
                        f"taken ({describe(arg)}); take the view again after the change, or change a copy (x = x * 3)"
                    )
                if arg.tracked and (toward is None or arg.birth in toward):
                    wanted.append((position, arg))
            else:
                values.append(arg)
        y = node if create_graph else node.array
        if clock.last_change > birth:
            y, values = _guarded(node, args, y, values)
        rules, kwargs, accumulate = primitive.rules, node.kwargs, primitive.accumulate
        joint = rules.rule(g, y, *values, **kwargs) if type(rules) is Jointly else None
        parts: list[Any] = [None] * len(args) if shares else []
        for position, arg in wanted:
            entry = waiting.get(arg.birth)
            if accumulate is not None and entry is not None and entry[2] and not shares:
                accumulate(entry[1], g, **kwargs)
                continue
            if joint is not None:
                part = joint[position]
            elif (rule := rules[position]) is not None:
                part = rule(g, y, *values, **kwargs) if kwargs else rule(g, y, *values)
            else:
                continue
            if part.shape != arg.array.shape or part.dtype is not arg.array.dtype:
                part = _fitted(part, arg)
            if entry is None:
                own = (accumulate is not None or primitive.formula is not None) and not (shares or create_graph)
                waiting[arg.birth] = [arg, part, own]
                heappush(queue, -arg.birth)
            elif entry[2]:
                entry[1] += part
            else:
                entry[1] = entry[1] + part
                entry[2] = type(entry[1]) is np.ndarray
            if shares:
                parts[position] = part
        yield node, g, tuple(parts)


def _fitted(part: Any, arg: Node) -> Any:
    """What a rule returned, in the shape and the type of the argument."""
    array = arg.array
    if part.shape != array.shape:
        part = sum_to(part, shape=array.shape)
    if part.dtype is not array.dtype and part.dtype != array.dtype:
        part = cast(part, dtype=array.dtype)
    return part


def differentiate(
    roots: Sequence[Node],
    seeds: Sequence[Any],
    *,
    retain_graph: bool | None,
    create_graph: bool,
    targets: Collection[int] | None = None,
) -> list[tuple[Any, Any]]:
    """Use the graph below ``roots`` and return the gradients of its leaves, and of the tensors that retain theirs.

    With ``targets``, births of tensors, only what lies between them and the roots is visited and used, and theirs are
    the gradients that are returned.

    Raises:
        RuntimeError: if part of the graph was used before; nothing is marked or changed then.
    """
    between = None if targets is None else _between(roots, targets, folded=not create_graph and here.watch is None)
    visited: list[Node] = []
    found: list[tuple[Any, Any]] = []
    walk = backpropagate if here.watch is None else here.watch.backpropagate
    recording = here.recording
    # As in PyTorch, the rules (and hooks) are recorded if the backward pass is to be differentiated, and not else.
    here.recording = create_graph and (here.watch or True)
    try:
        with np.errstate(all="ignore"):
            toward = None if between is None else between.union(targets or ())
            for node, g, _ in walk(roots, seeds, create_graph=create_graph, toward=toward):
                if node.primitive is not None and (between is None or node.birth in between):
                    if node.used:
                        raise RuntimeError(
                            f"backward() came a second time to {describe(node)}: this part of the graph was already "
                            "used. The usual cause is a hidden state carried over from the previous chunk: cut it "
                            "there with h = h.detach(). Use backward(retain_graph=True) only to differentiate the "
                            "same loss twice"
                        )
                    visited.append(node)
                if (node.primitive is None or node.retains_grad) if targets is None else node.birth in targets:
                    found.append((node, g))
    finally:
        here.recording = recording
    if not (create_graph if retain_graph is None else retain_graph):
        for node in visited:
            node.used = True
    return found


def _between(roots: Sequence[Node], targets: Collection[int], folded: bool) -> set[int]:
    """The births of what was made from the tensors with births ``targets`` on the way to ``roots``."""
    found: set[int] = set()
    for node in history(*roots, folded=folded):
        if any(isinstance(arg, Node) and (arg.birth in targets or arg.birth in found) for arg in arguments(node)):
            found.add(node.birth)
    return found


def seed_of(root: Node, seed: Any = None) -> Any:
    """dL/d(root) to start from: 1 for a single number, else what is given, checked.

    Raises:
        RuntimeError: if ``root`` has no gradient, holds several numbers without a seed, or the shapes differ.
    """
    if not root.requires_grad:
        raise RuntimeError(
            f"nothing to differentiate: {describe(root)} was made from values of which none requires a gradient. "
            "Create the parameters with requires_grad=True, and look for detach(), no_grad() or item() on the way"
        )
    shape = root.array.shape
    if seed is None:
        if root.array.size != 1:
            raise RuntimeError(
                f"backward() starts from a single number, and this tensor has shape {shape}; use .sum() or .mean() "
                "first, or say what to start from: backward(gradient=...)"
            )
        return np.ones_like(root.array)
    if not isinstance(seed, Node):
        seed = np.asarray(seed, root.array.dtype)
    if seed.shape != shape:
        raise RuntimeError(f"the gradient to start from has shape {tuple(seed.shape)}, the tensor {shape}")
    return seed


def _guarded(node: Node, args: Sequence[Any], y: Any, values: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The result and the arguments of ``node``, those that were changed since replaced by values that refuse use."""
    if was_changed(node, node.birth):
        y = _Changed(node, node, "the result")
    return y, [
        _Changed(arg, node, f"argument {position}") if isinstance(arg, Node) and was_changed(arg, node.birth) else value
        for position, (arg, value) in enumerate(zip(args, values, strict=True))
    ]


class _Changed(Operators):
    """Stands in a derivative rule for a value that is no longer what it was: it has a shape, but no numbers."""

    __slots__ = ("dtype", "message", "ndim", "shape")

    def __init__(self, value: Node, node: Node, role: str) -> None:
        self.shape, self.ndim, self.dtype = value.array.shape, value.array.ndim, value.array.dtype
        self.message = (
            f"a value needed for the gradient was changed in place after it was used: {role} of {describe(node)}, "
            f"which is {describe(value)}. Call backward() before changing it, or compute a new tensor instead "
            f"(x = x + 1 rather than x += 1)"
        )

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Any) -> Any:
        raise RuntimeError(self.message)
