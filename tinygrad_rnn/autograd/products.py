"""Products with Jacobians by backward passes: the core of ``func`` and ``autograd.functional``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..surface.functions import reshape, stack
from ..surface.tensor import Tensor, wrap
from .gradients import grad

Tensors = tuple[Tensor, ...]


def fresh(x: Tensor, connected: bool) -> Tensor:
    """The value of ``x`` as a tensor of its own to differentiate with respect to; ``connected``: made from ``x``."""
    if connected and x.requires_grad:
        return reshape(x, tuple(x.shape))
    return x.detach().requires_grad_()


def pull(
    ys: Sequence[Tensor], xs: Sequence[Tensor], vs: Sequence[Tensor] | None, create_graph: bool, strict: str = ""
) -> Tensors:
    """v^T J for every x; 0 where the outputs do not depend on it, unless ``strict`` names the function to refuse it."""
    picked = [i for i, y in enumerate(ys) if y.requires_grad]
    if not picked:
        return tuple(wrap(np.zeros_like(x.array)) for x in xs)
    seeds = None if vs is None else [vs[i] for i in picked]
    found = grad([ys[i] for i in picked], xs, seeds, retain_graph=True, create_graph=create_graph, allow_unused=True)
    unused = [i for i, g in enumerate(found) if g is None]
    if strict and unused:
        raise RuntimeError(
            f"input {unused[0]} has no influence on the outputs in {strict}(), so the derivative is 0; strict=True "
            "asks to be told"
        )
    return tuple(wrap(np.zeros_like(x.array)) if g is None else g for x, g in zip(xs, found, strict=True))


def transposed(ys: Sequence[Tensor], xs: Sequence[Tensor], strict: str = "") -> tuple[Tensors, Tensors]:
    """``(us, rows)``, the rows being u^T J: linear in u, so that their own v^T J is the Jacobian-vector product J v."""
    us = tuple(wrap(np.zeros_like(y.array), requires_grad=True) for y in ys)
    return us, pull(ys, xs, us, True, strict)


def jacobians(y: Tensor, xs: Sequence[Tensor], product: Callable[[Tensor], Tensors]) -> Tensors:
    """dy/dx for every x, of shape (*y, *x): one ``product`` v -> v^T J for each entry of ``y``, stacked."""
    rows = []
    for place in range(y.numel()):
        unit = np.zeros_like(y.array)
        unit.flat[place] = 1
        rows.append(product(wrap(unit)))
    if not rows:
        return tuple(wrap(np.zeros((*y.shape, *x.shape), x.dtype)) for x in xs)
    columns = zip(xs, zip(*rows, strict=True), strict=True)
    return tuple(reshape(stack(column, 0), (*y.shape, *x.shape)) for x, column in columns)


def check_shapes(given: str, vs: Sequence[Tensor], wanted: str, tensors: Sequence[Tensor]) -> None:
    """Raise RuntimeError unless the vectors have the shapes of the tensors they are multiplied with."""
    shapes, expected = [tuple(v.shape) for v in vs], [tuple(x.shape) for x in tensors]
    if shapes != expected:
        raise RuntimeError(f"{given} the shapes {shapes}, and the {wanted} have {expected}; they must be the same")


def kind_of(value: Any) -> str:
    """What a function returned in place of a single number."""
    return f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
