"""The past: a graph with the numbers it was computed from, also when an optimiser has changed its leaves since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..engine.folding import Call, history
from ..engine.graph import Node, arguments
from ..engine.versions import Past, past, was_changed
from .overwriting import same


def as_it_was(loss: Node) -> Any:
    """``loss`` itself, or a copy of its graph in which leaves that changed since have the numbers that were used.

    Small leaves keep them for one change, by ``optimizer.step()`` or by ``w -= lr * w.grad`` under no_grad
    (``versions.keep``); where they are not known any more, the graph stays as it is and its readers refuse.
    """
    nodes = history(loss, folded=True, closed=True)
    then: dict[int, Any] = {}  # what stands for a value, by its birth
    for leaf, kept in _pasts(nodes):
        then[leaf.birth] = copied = same(leaf)
        copied.array, copied.owner, copied.earlier, copied.changed = kept.array, None, None, 0
    for node in nodes if then else ():
        args = arguments(node)
        used = tuple([then.get(arg.birth, arg) if isinstance(arg, Node) else arg for arg in args])
        if all(one is other for one, other in zip(used, args, strict=True)):
            continue
        then[node.birth] = copied = same(node)
        copied.args, copied.owner, copied.changed = used, None, 0
        if isinstance(call := node.kwargs.get("call"), Call):
            copied.kwargs = {"call": call.anew()}
        if node.owner is not None and was_changed(node, node.birth):  # a view of what changed
            values = [arg.array if isinstance(arg, Node) else arg for arg in used]
            copied.array = node.primitive.forward(*values, **node.kwargs)
    return then.get(loss.birth, loss)


def _pasts(nodes: Iterable[Node]) -> list[tuple[Node, Past]]:
    """The leaves that all who read them knew with other numbers, and these."""
    found: dict[int, tuple[Node, Past | None]] = {}
    for node in nodes:
        for arg in arguments(node):
            if isinstance(arg, Node) and type(arg.earlier) is Past:
                kept = past(arg, node.birth)
                found[arg.birth] = arg, kept if found.get(arg.birth, (arg, kept))[1] is kept else None
    return [(leaf, kept) for leaf, kept in found.values() if kept is not None]
