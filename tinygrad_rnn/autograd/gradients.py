"""Gradients of chosen tensors: ``backward`` fills ``.grad``, ``grad`` returns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.lifetime import chosen, differentiate, handed_out, run_backward, seed_of
from ..surface.tensor import Tensor, wrap


def backward(
    tensors: Tensor | Sequence[Tensor], grad_tensors: Any = None, retain_graph: bool | None = None,
    create_graph: bool = False, grad_variables: Any = None, inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:  # fmt: skip
    """``Tensor.backward`` for several tensors in one pass.

    Args:
        tensors: what to differentiate: the gradients are those of the sum of them.
        grad_tensors: for each tensor dL/d(tensor), in its shape; None for a single number.
        retain_graph: allow another backward pass through the same graph; default: ``create_graph``.
        create_graph: record the backward pass itself, so that the gradients can be differentiated again.
        grad_variables: an older name of ``grad_tensors``.
        inputs: the tensors whose ``.grad`` is wanted, if not all leaves.

    Raises:
        RuntimeError: as ``Tensor.backward``, and if the seeds are not as many as the tensors.
    """
    if grad_variables is not None:
        if grad_tensors is not None:
            raise RuntimeError("grad_tensors was given twice: grad_variables is an older name of it; use grad_tensors")
        grad_tensors = grad_variables
    roots = listed(tensors)
    run_backward(roots, _seeds(roots, grad_tensors, "grad_tensors"), retain_graph, create_graph, inputs)


def grad(
    outputs: Tensor | Sequence[Tensor], inputs: Tensor | Sequence[Tensor], grad_outputs: Any = None,
    retain_graph: bool | None = None, create_graph: bool = False, only_inputs: bool = True,
    allow_unused: bool | None = None, is_grads_batched: bool = False, materialize_grads: bool = False,
) -> tuple[Any, ...]:  # fmt: skip
    """The gradients of ``outputs`` (their sum, weighted by ``grad_outputs``) with respect to each of ``inputs``.

    ``.grad`` is not touched. Only what lies between inputs and outputs is visited, and counts as used.

    Args:
        outputs: what to differentiate.
        inputs: with respect to what; leaves or intermediate values.
        grad_outputs: for each output dL/d(output), in its shape; None for a single number.
        retain_graph: allow another backward pass through the same graph; default: ``create_graph``.
        create_graph: record the backward pass itself, so that the gradients can be differentiated again.
        only_inputs: only True: ``backward()`` also fills ``.grad`` of the leaves.
        allow_unused: give None for inputs the outputs were not computed from, instead of refusing.
        is_grads_batched: only False: there is no batching of backward passes here.
        materialize_grads: give zeros for such inputs instead of None.

    Raises:
        RuntimeError: as ``Tensor.backward``, if an input does not require a gradient, and if one was not used.
        ValueError: for ``materialize_grads`` with ``allow_unused=False``.

    >>> x = tg.tensor(3.0, requires_grad=True)
    >>> tg.autograd.grad(x**2, x)
    (tensor(6.),)
    """
    if not only_inputs:
        raise NotImplementedError(
            "grad() gives the gradients of its inputs only: call backward() to fill .grad of leaves"
        )
    if is_grads_batched:
        raise NotImplementedError("is_grads_batched is not supported: call grad() once for each of grad_outputs")
    if materialize_grads and allow_unused is False:
        raise ValueError("materialize_grads=True gives zeros for unused inputs, and allow_unused=False refuses them")
    roots, wanted = listed(outputs), chosen(inputs, "grad")
    given = _seeds(roots, grad_outputs, "grad_outputs")
    seeds = [seed_of(root, seed, create_graph) for root, seed in zip(roots, given, strict=True)]
    births = {tensor.birth for tensor in wanted}
    walk = differentiate(roots, seeds, retain_graph=retain_graph, create_graph=create_graph, targets=births)
    found = {node.birth: handed_out(node, g) for node, g in walk}
    unused = [position for position, tensor in enumerate(wanted) if tensor.birth not in found]
    if materialize_grads:
        found |= {wanted[position].birth: wrap(np.zeros_like(wanted[position].array)) for position in unused}
    elif unused and not allow_unused:
        which = f"input {unused[0]} was" if len(unused) == 1 else f"inputs {', '.join(map(str, unused))} were"
        raise RuntimeError(
            f"{which} not used to compute the outputs, so there is no gradient; use allow_unused=True to get None "
            "instead, or materialize_grads=True to get zeros"
        )
    return tuple(found.get(tensor.birth) for tensor in wanted)


def listed(given: Any) -> tuple[Any, ...]:
    """One tensor or array, or several one after the other, as a tuple."""
    return (given,) if isinstance(given, Tensor | np.ndarray) else tuple(given)


def _seeds(roots: Sequence[Tensor], seeds: Any, name: str) -> Sequence[Any]:
    given = [None] * len(roots) if seeds is None else listed(seeds)
    if len(given) != len(roots):
        raise RuntimeError(f"{name} holds {len(given)} for {len(roots)} tensors; give one for each, None for a number")
    return given
