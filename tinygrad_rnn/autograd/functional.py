"""Derivatives of functions at a point: vector-Jacobian and Jacobian-vector products, Jacobians, Hessians.

The names and arguments are those of ``torch.autograd.functional``. A function takes tensors and returns a tensor or a
tuple of them; ``inputs`` is a tensor or a tuple of them, and what comes back is nested in the same way: ``J[i][j]`` is
the Jacobian of output i with respect to input j, of shape (*output i, *input j).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.modes import enable_grad
from ..surface.functions import reshape, stack
from ..surface.tensor import Tensor, wrap
from .gradients import grad

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Function = Callable[..., Any]
Tensors = tuple[Tensor, ...]


def vjp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The outputs of ``func``, and v^T J: ``(outputs, products)``, the products in the shapes of the inputs.

    Args:
        func: takes the inputs, returns a tensor or a tuple of tensors.
        inputs: a tensor or a tuple of tensors.
        v: in the form of the outputs; may be left out for a single number.
        create_graph: let the results be differentiated again.
        strict: refuse outputs that do not depend on an input; otherwise their derivative is 0.

    Raises:
        RuntimeError: if ``v`` does not fit the outputs, and as ``strict`` says.
    """
    with enable_grad():
        xs, ys = _apply(func, inputs, create_graph, strict, "vjp")
        products = _pull(ys, xs, _vectors(v, ys, "v", "outputs"), create_graph, strict, "vjp")
        return _result(ys, create_graph), _like(inputs, _result(products, create_graph))


def jvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The outputs of ``func``, and J v: ``(outputs, products)``, the products in the shapes of the outputs.

    Two backward passes: u -> u^T J is linear in u, and its own vector-Jacobian product with v is J v.
    Arguments as ``vjp``; ``v`` has the form of the inputs.
    """
    with enable_grad():
        xs, ys = _apply(func, inputs, create_graph, strict, "jvp")
        vs = _vectors(v, xs, "v", "inputs")
        return _result(ys, create_graph), _result(_push(ys, xs, vs, create_graph, strict, "jvp"), create_graph)


def jacobian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian, one backward pass for each entry of the outputs.

    A tensor of shape (*output, *input) for one input and one output; with several inputs a tuple over the inputs, with
    several outputs a tuple over the outputs of these.

    Args:
        func, inputs, create_graph, strict: as ``vjp``.
        vectorize: makes no difference here; the result is the same.
        strategy: "reverse-mode".

    Raises:
        NotImplementedError: for ``strategy="forward-mode"``.
    """
    _only_reverse("strategy", strategy)
    with enable_grad():
        xs, ys = _apply(func, inputs, create_graph, strict, "jacobian")
        rows = tuple(
            _like(inputs, _result(row, create_graph)) for row in (_rows(y, xs, create_graph, strict) for y in ys.value)
        )
        return rows if ys.many else rows[0]


def hessian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The matrix of second derivatives of a function that returns a single number: the Jacobian of its gradient.

    For one input a tensor of shape (*input, *input), for several a tuple of tuples. Arguments as ``jacobian``.

    Raises:
        RuntimeError: if the function returns anything but a single number.
    """
    _only_reverse("outer_jacobian_strategy", outer_jacobian_strategy)

    def gradient(*xs: Tensor) -> Any:
        y = _single(func(*xs), "hessian")
        return _pull(_Tensors((y,), False), xs, None, True, strict, "hessian")

    many = not isinstance(inputs, Tensor)
    found = jacobian(gradient, tuple(inputs) if many else (inputs,), create_graph, strict)
    return found if many else found[0][0]


def vhp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The output of ``func``, a single number, and v^T H: ``(output, products)``. Arguments as ``vjp``.

    ``v`` has the form of the inputs.
    """
    return _hessian_product(func, inputs, v, create_graph, strict, "vhp")


def hvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The output of ``func``, a single number, and H v: as ``vhp``, for second derivatives are symmetric."""
    return _hessian_product(func, inputs, v, create_graph, strict, "hvp")


def _hessian_product(func: Function, inputs: Any, v: Any, create_graph: bool, strict: bool, name: str) -> Any:
    with enable_grad():
        xs, ys = _apply(func, inputs, create_graph, strict, name)
        y = _single(ys.value[0] if not ys.many else ys.value, name)
        vs = _vectors(v, _Tensors(xs, not isinstance(inputs, Tensor)), "v", "inputs")
        slopes = _pull(_Tensors((y,), False), xs, None, True, strict, name)
        products = _pull(_Tensors(slopes, True), xs, vs, create_graph, strict, name)
        return _result(_Tensors((y,), False), create_graph), _like(inputs, _result(products, create_graph))


# What all of them share


class _Tensors:
    """Tensors, and whether they came as a tuple or as one."""

    def __init__(self, value: Tensors, many: bool) -> None:
        self.value = value
        self.many = many


def _apply(func: Function, inputs: Any, create_graph: bool, strict: bool, name: str) -> tuple[Tensors, _Tensors]:
    """Fresh inputs, and the outputs of ``func`` for them."""
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    for position, x in enumerate(given):
        if not isinstance(x, Tensor):
            raise TypeError(f"input {position} of {name}() is a {type(x).__name__}; it must be a Tensor")
    xs = tuple(fresh(x, create_graph) for x in given)
    result = func(*xs)
    many = isinstance(result, Sequence)
    ys = tuple(result) if many else (result,)
    for position, y in enumerate(ys):
        if not isinstance(y, Tensor):
            raise TypeError(
                f"output {position} of the function given to {name}() is a {type(y).__name__}, not a Tensor"
            )
        if strict and not y.requires_grad:
            raise RuntimeError(
                f"output {position} of the function given to {name}() does not depend on the inputs, so its "
                "derivative is 0; strict=True asks to be told"
            )
    return xs, _Tensors(ys, many)


def fresh(x: Tensor, connected: bool) -> Tensor:
    """The value of ``x`` as a tensor of its own to differentiate with respect to; ``connected``: made from ``x``."""
    if connected and x.requires_grad:
        return reshape(x, tuple(x.shape))
    return x.detach().requires_grad_()


def _vectors(v: Any, fit: _Tensors | Tensors, name: str, what: str) -> Tensors | None:
    tensors = fit.value if isinstance(fit, _Tensors) else fit
    if v is None:
        if len(tensors) != 1 or tensors[0].numel() != 1:
            raise RuntimeError(f"{name} can be left out only for a single number; give it in the form of the {what}")
        return (wrap(np.ones_like(tensors[0].array)),)
    vs = (v,) if isinstance(v, Tensor) else tuple(v)
    shapes, wanted = [tuple(x.shape) for x in vs], [tuple(x.shape) for x in tensors]
    if shapes != wanted:
        raise RuntimeError(f"{name} has the shapes {shapes}, and the {what} have {wanted}; they must be the same")
    return vs


def _pull(ys: _Tensors, xs: Tensors, vs: Tensors | None, create_graph: bool, strict: bool, name: str) -> Tensors:
    """v^T J for every x; 0 where the outputs do not depend on it."""
    picked = [(y, None if vs is None else vs[i]) for i, y in enumerate(ys.value) if y.requires_grad]
    if not picked:
        return tuple(wrap(np.zeros_like(x.array)) for x in xs)
    found = grad(
        [y for y, _ in picked],
        xs,
        None if vs is None else [v for _, v in picked],
        retain_graph=True,
        create_graph=create_graph,
        allow_unused=True,
    )
    if strict and None in [None if g is None else 0 for g in found]:
        raise RuntimeError(
            f"input {[g is None for g in found].index(True)} has no influence on the outputs in {name}(), so the "
            "derivative is 0; strict=True asks to be told"
        )
    return tuple(wrap(np.zeros_like(x.array)) if g is None else g for x, g in zip(xs, found, strict=True))


def _push(ys: _Tensors, xs: Tensors, vs: Tensors | None, create_graph: bool, strict: bool, name: str) -> _Tensors:
    """J v for every y."""
    us = tuple(wrap(np.zeros_like(y.array), requires_grad=True) for y in ys.value)
    rows = _pull(ys, xs, us, True, strict, name)
    return _Tensors(_pull(_Tensors(rows, True), us, vs, create_graph, False, name), ys.many)


def _rows(y: Tensor, xs: Tensors, create_graph: bool, strict: bool) -> Tensors:
    """dy/dx for every x: one backward pass for each entry of ``y``, stacked."""
    rows = []
    for place in range(y.numel()):
        unit = np.zeros(y.numel(), y.dtype)
        unit[place] = 1
        v = (wrap(unit.reshape(y.array.shape)),)
        rows.append(_pull(_Tensors((y,), False), xs, v, create_graph, strict, "jacobian"))
    return tuple(
        reshape(stack([row[i] for row in rows], 0), (*y.shape, *x.shape))
        if rows
        else wrap(np.zeros((*y.shape, *x.shape), x.dtype))
        for i, x in enumerate(xs)
    )


def _single(y: Any, name: str) -> Tensor:
    if isinstance(y, (tuple, list)) and len(y) == 1:
        y = y[0]
    if not isinstance(y, Tensor) or y.numel() != 1:
        kind = f"a tensor of shape {tuple(y.shape)}" if isinstance(y, Tensor) else f"a {type(y).__name__}"
        raise RuntimeError(
            f"{name}() differentiates a function that returns a single number, and this one returned {kind}"
        )
    return y


def _result(tensors: _Tensors | Tensors, connected: bool) -> Any:
    """What is handed out: cut off from the graph unless it is to be differentiated again."""
    value = tensors.value if isinstance(tensors, _Tensors) else tensors
    made = tuple(x if connected else x.detach() for x in value)
    return made if not isinstance(tensors, _Tensors) or tensors.many else made[0]


def _like(inputs: Any, results: Tensors) -> Any:
    return results[0] if isinstance(inputs, Tensor) else results


def _only_reverse(name: str, strategy: str) -> None:
    if strategy != "reverse-mode":
        raise NotImplementedError(f"{name}={strategy!r} is not supported: use 'reverse-mode', the result is the same")
