"""What stands here for a tensor of PyTorch: kept by the node of its graph that made it, as long as that lives."""

from __future__ import annotations

import weakref
from collections.abc import Collection
from functools import cache
from typing import Any

from ...surface.tensor import Tensor
from .library import torch

#: Under which name a node of PyTorch's graph keeps what stands for its results, by their number.
KEY = "tinygrad_rnn"


@cache
def _leaves() -> Any:
    """For leaves of PyTorch, how to get what stood for them, the newest last."""
    return torch().utils.weak.WeakTensorKeyDictionary()


@cache
def unseen() -> Any:
    """What stands for results that were computed where nobody could look."""
    return torch().utils.weak.WeakTensorKeyDictionary()


def maker(tensor: Any) -> Any:
    """The node that made a tensor; None for a leaf, and for a view that lost its history to a change of its base."""
    try:
        return tensor.grad_fn
    except RuntimeError:
        return None


def keep(tensor: Any, own: Tensor) -> None:
    """Let ``own`` stand for a result."""
    node = maker(tensor)
    if node is None:
        _leaves().setdefault(tensor, []).append(lambda: own)
    else:
        node.metadata.setdefault(KEY, {})[tensor.output_nr] = own


def keep_copy(tensor: Any, own: Tensor) -> None:
    """Let ``own`` stand for a leaf, as long as a graph makes use of it."""
    alive = [each for each in _leaves().get(tensor, ()) if each() is not None]
    _leaves()[tensor] = [*alive, weakref.ref(own)]


def made_by(node: Any, number: int) -> Tensor | None:
    """What stands for a result of a node of PyTorch's graph."""
    found: Tensor | None = node.metadata.get(KEY, {}).get(number)
    return found


def standing_for(tensor: Any, among: Collection[int] | None = None) -> Tensor | None:
    """What stands for a tensor, if anything does; of the copies of a leaf the newest, ``among`` these births."""
    node = maker(tensor)
    if node is not None:
        found = made_by(node, tensor.output_nr)
        return unseen().get(tensor) if found is None else found
    for get in reversed(_leaves().get(tensor, ())):
        own: Tensor | None = get()
        if own is not None and (among is None or own.birth in among):
            return own
    return None
