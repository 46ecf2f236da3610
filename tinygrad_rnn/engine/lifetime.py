"""What a backward pass may be asked for, and which parts of the graph it uses up."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np

from ..ops.shaping import cast
from .backward import backpropagate
from .describing import describe
from .folding import history, unfolding
from .graph import ROOM, Node, arguments, clock
from .modes import goes_by_data
from .readers import read, readers, turns
from .scope import here
from .versions import refuse_used, renewed, touch


def differentiate(
    roots: Sequence[Node], seeds: Sequence[Any], *, retain_graph: bool | None, create_graph: bool,
    targets: Collection[int] | None = None, reading: bool = False,
) -> list[tuple[Any, Any]]:  # fmt: skip
    """Use the graph below ``roots``, add to ``.grad`` of tensors that retain it, and return the gradients of leaves.

    With ``targets``, births of tensors, only what lies between them and the roots is visited and used, and theirs are
    the gradients that are returned. With ``reading`` they pass through the ``readers`` on their way.

    Raises:
        RuntimeError: if part of the graph was used before; nothing is marked or changed then.
    """
    # What lies between is looked up first, or what is walked over unfolds.
    with unfolding if targets is not None or create_graph else nullcontext():
        return _differentiated(roots, seeds, retain_graph, create_graph, targets, reading and bool(readers))


def _differentiated(
    roots: Sequence[Node], seeds: Sequence[Any], retain_graph: bool | None, create_graph: bool,
    targets: Collection[int] | None, reading: bool,
) -> list[tuple[Any, Any]]:  # fmt: skip
    between = None if targets is None else _between(roots, targets, closed=not create_graph and here.watch is None)
    visited: list[Node] = []
    found: list[tuple[Any, Any]] = []
    retained: list[tuple[Any, Any]] = []
    closed = not create_graph and targets is None
    walk = partial(backpropagate, closed=closed) if here.watch is None else here.watch.backpropagate
    if reading and closed and here.watch is None:
        walk = partial(walk, turns=turns(roots))
    recording = here.recording
    # As in PyTorch, the rules (and hooks) are recorded if the backward pass is to be differentiated, and not else.
    here.recording = create_graph and (here.watch or True)
    try:
        with np.errstate(all="ignore"):
            toward = None if between is None else between.union(targets or ())
            stream = walk(roots, seeds, create_graph=create_graph, toward=toward)
            for node, g, _ in read(stream) if reading else stream:
                if node.primitive is not None and (between is None or node.birth in between):
                    if node.used:
                        refuse_used(node, g)
                    visited.append(node)
                if node.primitive is None if targets is None else node.birth in targets:
                    found.append((node, g))
                if node.retains_grad:
                    retained.append((node, g))
    finally:
        here.recording = recording
    if not (create_graph if retain_graph is None else retain_graph):
        for node in visited:
            node.used = True
    for node, g in retained:
        fill(node, g)
    return found


def _between(roots: Sequence[Node], targets: Collection[int], closed: bool) -> set[int]:
    """The births of what was made from the tensors with births ``targets`` on the way to ``roots``."""
    found: set[int] = set()
    for node in history(*roots, closed=closed):
        if any(isinstance(arg, Node) and (arg.birth in targets or arg.birth in found) for arg in arguments(node)):
            found.add(node.birth)
    return found


def seed_of(root: Any, seed: Any = None, create_graph: bool = False) -> Any:
    """dL/d(root) to start from, a tensor with ``create_graph``: 1 for a single number, else what is given, checked.

    Raises:
        RuntimeError: if ``root`` has no gradient, holds several numbers without a seed, or the shapes differ.
    """
    renewed((root,))
    if not root.tracked:
        raise RuntimeError(
            f"nothing to differentiate: {describe(root)} was made from values of which none requires a gradient. "
            "Create the parameters with requires_grad=True, and look for detach(), no_grad() or item() on the way"
        )
    array, shape = root.array, root.array.shape
    if seed is None:
        if array.size != 1:
            raise RuntimeError(
                f"backward() starts from a single number, and this tensor has shape {shape}; use .sum() or .mean() "
                "first, or say what to start from: backward(gradient=...)"
            )
        seed = np.ones_like(array)
    start = seed.array if isinstance(seed, Node) else np.asarray(seed, array.dtype)
    if start.shape != shape:
        raise RuntimeError(f"the gradient to start from has shape {tuple(start.shape)}, the tensor {shape}")
    if not create_graph:
        return start.astype(array.dtype, copy=False)
    seed = seed if isinstance(seed, Node) else root.fresh(start)
    return seed if start.dtype == array.dtype else cast(seed, dtype=array.dtype)


def chosen(inputs: Any, asker: str) -> tuple[Any, ...]:
    """The tensors whose gradients are asked for: one, or a sequence of them.

    Raises:
        RuntimeError: if there is none, or if one of them does not require a gradient.
    """
    tensors = (inputs,) if isinstance(inputs, Node) else tuple(inputs)
    if not tensors:
        raise RuntimeError(f"{asker}() was given no inputs to differentiate with respect to: inputs is empty")
    for position, each in enumerate(renewed(tensors)):
        if not each.tracked:
            raise RuntimeError(
                f"input {position} does not require a gradient: {describe(each)}; create it with requires_grad=True, "
                "and before what is to be differentiated is computed from it"
            )
    return tensors


def run_backward(
    roots: Sequence[Any], seeds: Sequence[Any], retain_graph: bool | None, create_graph: bool, inputs: Any = None
) -> None:
    """Add to ``.grad`` of the leaves below ``roots``, or of ``inputs``; see ``Tensor.backward``."""
    for root in roots:  # what is added to .grad is no result of a program
        goes_by_data("backward()", root)
    with np.errstate(all="ignore"):
        targets = None if inputs is None else {each.birth for each in chosen(inputs, "backward")}
        starts = [seed_of(root, seed, create_graph) for root, seed in zip(roots, seeds, strict=True)]
        for leaf, g in differentiate(
            roots, starts, retain_graph=retain_graph, create_graph=create_graph, targets=targets, reading=True
        ):
            if not leaf.retains_grad:
                fill(leaf, g)


def fill(node: Any, g: Any) -> None:
    """Add ``g`` to ``.grad`` of a tensor."""
    if node._grad is None:
        node._grad = handed_out(node, g)
    elif isinstance(g, Node):
        node._grad = node._grad + g
    elif node.retains_grad:  # as in PyTorch another tensor, which knows no graph
        node._grad = handed_out(node, node._grad.array + g)
    else:
        node._grad.array += g
        touch(node._grad)


def handed_out(node: Any, gradient: Any) -> Any:
    """A gradient of ``node`` as a tensor in memory of its own, with its history if it was recorded."""
    if not isinstance(gradient, Node):
        return node.fresh(np.array(gradient))
    if gradient.primitive is None and gradient.tracked:
        return cast(gradient, dtype=gradient.array.dtype)  # a seed that was passed on
    made = node.fresh(np.array(gradient.array), gradient.tracked)
    made.primitive, made.args, made.kwargs = gradient.primitive, gradient.args, gradient.kwargs
    made.place, made.name = gradient.place, gradient.name
    made._code, made._instruction = gradient._code, gradient._instruction
    return made


class Asked:
    """Whether a leaf asks for a gradient, when that was switched: what was recorded before keeps what held then.

    In ``tracked`` it is true while a gradient is asked for, and less than the births of operations for which it was.
    """

    __slots__ = ("switched",)

    def __init__(self, *switched: int) -> None:
        self.switched = switched  # on at the first of these births, off at the second, and so on

    def __bool__(self) -> bool:
        return len(self.switched) % 2 == 1

    def __lt__(self, birth: int) -> bool:
        return bisect(self.switched, birth) % 2 == 1


def ask(leaf: Node, requires_grad: bool) -> None:
    """Start, or stop, asking for the gradient of a leaf, in what is recorded from now on.

    As in PyTorch, a leaf that has stopped receives nothing, from what was recorded before either.
    """
    if bool(leaf.tracked) == requires_grad:
        return
    now, before = clock.tick(), leaf.tracked
    if now == leaf.birth + ROOM:  # nothing can have been made from it
        leaf.tracked = requires_grad
        return
    switched = before.switched if isinstance(before, Asked) else (0,) if before else ()
    leaf.tracked = Asked(*switched, now)
