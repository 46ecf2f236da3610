"""Functions of functions: ``grad(f)`` is the function that computes the gradient of ``f``, and so on.

The names and arguments are those of ``torch.func``. They may be nested: ``grad(grad(f))`` is the second derivative.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .autograd.functional import fresh
from .autograd.gradients import grad as gradients
from .engine.folding import history
from .engine.modes import enable_grad
from .engine.scope import here
from .surface.functions import reshape, stack
from .surface.tensor import Tensor, wrap

__all__ = ["grad", "grad_and_value", "hessian", "jacrev", "jvp", "vjp"]

Function = Callable[..., Any]


def grad(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """The function that computes the gradient of ``func`` with respect to its arguments ``argnums``.

    Args:
        func: returns a single number; with ``has_aux`` a pair of that and anything else.
        argnums: one position gives one gradient, a tuple of positions a tuple of gradients.
        has_aux: the new function returns (gradient, aux).
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        slopes, value = both(*args, **kwargs)
        return (slopes, value[1]) if has_aux else slopes

    return gradient


def grad_and_value(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """As ``grad``, but the new function returns (gradient, value); with ``has_aux`` (gradient, (value, aux))."""

    @functools.wraps(func)
    def both(*args: Any, **kwargs: Any) -> Any:
        outer = here.recording
        with enable_grad():
            own, xs = _differentiable(args, argnums, bool(outer))
            result = func(*own, **kwargs)
            value, aux = result if has_aux else (result, None)
            _check_number(value)
            slopes = _pull((value,), xs, None, bool(outer))
            kept = _kept(value, xs, bool(outer))
            wanted = slopes[0] if isinstance(argnums, int) else slopes
            return wanted, ((kept, _cut(aux, xs, bool(outer))) if has_aux else kept)

    return both


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """``(output, function)``: the output for ``primals``, and the function that maps v to v^T J, a tuple.

    ``output`` may be a tensor, or a tuple, list or dictionary of tensors; v has the same form. The function may be
    called any number of times. With ``has_aux``, ``func`` returns (output, aux), and so does ``vjp``: (output,
    function, aux).
    """
    outer = bool(here.recording)
    with enable_grad():
        args, xs = _differentiable(primals, tuple(range(len(primals))), outer)
        result = func(*args)
    output, aux = result if has_aux else (result, None)
    ys = _flat(output)

    def pull(cotangents: Any) -> tuple[Tensor, ...]:
        vs = _flat(cotangents)
        _check_shapes("the vectors", vs, "outputs", ys)
        with enable_grad():
            return _pull(ys, xs, vs, outer or any(v.requires_grad for v in vs))

    kept = _map(output, lambda y: _kept(y, xs, outer))
    return (kept, pull, _cut(aux, xs, outer)) if has_aux else (kept, pull)


def jvp(
    func: Function,
    primals: Sequence[Tensor],
    tangents: Sequence[Tensor],
    *,
    strict: bool = False,
    has_aux: bool = False,
) -> Any:
    """``(output, J v)`` for v = ``tangents``, one for each of ``primals``; with ``has_aux`` (output, J v, aux).

    Two backward passes: u -> u^T J is linear in u, and its own vector-Jacobian product with v is J v.

    Raises:
        RuntimeError: if the tangents do not fit, and with ``strict`` if an output does not depend on the primals.
    """
    _check_shapes("the tangents", tuple(tangents), "primals", tuple(primals))
    outer = bool(here.recording)
    with enable_grad():
        args, xs = _differentiable(primals, tuple(range(len(primals))), outer)
        result = func(*args)
        output, aux = result if has_aux else (result, None)
        ys = _flat(output)
        if strict and not all(y.requires_grad for y in ys):
            raise RuntimeError("an output does not depend on the primals, so J v is 0; strict=True asks to be told")
        us = tuple(wrap(np.zeros_like(y.array), requires_grad=True) for y in ys)
        rows = _differentiate(ys, xs, us, create_graph=True)
        products = iter(_pull(rows, us, tuple(tangents), outer, (*xs, *us)))
        pushed = _map(output, lambda _: next(products))
    kept = _map(output, lambda y: _kept(y, xs, outer))
    return (kept, pushed, _cut(aux, xs, outer)) if has_aux else (kept, pushed)


def jacrev(func: Function, argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False) -> Function:
    """The function that computes the Jacobian of ``func``, one backward pass for each entry of the output.

    For one output and one argument a tensor of shape (*output, *argument); a tuple ``argnums`` gives a tuple of these,
    and several outputs (a tuple, list or dictionary) the same structure of them. With ``has_aux``, ``func`` returns
    (output, aux), and the new function (Jacobian, aux).
    """

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        outer = bool(here.recording)
        with enable_grad():
            own, xs = _differentiable(args, argnums, outer)
            result = func(*own, **kwargs)
            output, aux = result if has_aux else (result, None)

            def rows(y: Tensor) -> Any:
                units = np.eye(y.numel(), dtype=y.dtype).reshape(-1, *y.array.shape)
                found = [_pull((y,), xs, (wrap(unit),), outer) for unit in units]
                each = tuple(
                    reshape(stack([row[i] for row in found], 0), (*y.shape, *x.shape))
                    if found
                    else wrap(np.zeros((*y.shape, *x.shape), x.dtype))
                    for i, x in enumerate(xs)
                )
                return each[0] if isinstance(argnums, int) else each

            jacobians = _map(output, rows)
            return (jacobians, _cut(aux, xs, outer)) if has_aux else jacobians

    return jacobian


def hessian(func: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """The function that computes the second derivatives of ``func``: the Jacobian of its Jacobian."""
    return jacrev(jacrev(func, argnums), argnums)


# What all of them share


def _differentiable(
    args: Sequence[Any], argnums: int | tuple[int, ...], outer: bool
) -> tuple[list[Any], tuple[Tensor, ...]]:
    """The arguments, the chosen ones replaced by tensors of their own, and these."""
    found: list[Any] = list(args)
    chosen = (argnums,) if isinstance(argnums, int) else argnums
    for position in chosen:
        if not -len(found) <= position < len(found):
            raise RuntimeError(f"argnums={argnums} names argument {position}, and the function was given {len(found)}")
        if not isinstance(found[position], Tensor):
            kind = type(found[position]).__name__
            raise TypeError(f"argument {position} is to be differentiated and is a {kind}; it must be a Tensor")
        found[position] = fresh(found[position], outer)
    return found, tuple(found[position] for position in chosen)


def _others(y: Tensor, own: Sequence[Tensor]) -> bool:
    """Whether ``y`` depends on anything that requires a gradient besides our own tensors."""
    births = {x.birth for x in own if x.primitive is None}
    return any(node.primitive is None and node.tracked and node.birth not in births for node in history(y, folded=True))


def _kept(y: Tensor, own: Sequence[Tensor], outer: bool) -> Tensor:
    """``y`` for whoever is outside: with its graph only if it depends on something out there."""
    return y if y.requires_grad and outer and _others(y, own) else y.detach()


def _differentiate(
    ys: Sequence[Tensor], xs: Sequence[Tensor], vs: Sequence[Tensor] | None, create_graph: bool
) -> tuple[Tensor, ...]:
    picked = [i for i, y in enumerate(ys) if y.requires_grad]
    if not picked:
        return tuple(wrap(np.zeros_like(x.array)) for x in xs)
    seeds = None if vs is None else [vs[i] for i in picked]
    return gradients(
        [ys[i] for i in picked], xs, seeds, retain_graph=True, create_graph=create_graph, materialize_grads=True
    )


def _pull(
    ys: Sequence[Tensor],
    xs: Sequence[Tensor],
    vs: Sequence[Tensor] | None,
    outer: bool,
    own: Sequence[Tensor] | None = None,
) -> tuple[Tensor, ...]:
    """v^T J for every x, differentiable again with respect to what is outside."""
    own = xs if own is None else own
    again = outer and any(_others(y, own) for y in (*ys, *(vs or ())) if y.requires_grad)
    return tuple(_kept(g, own, outer) for g in _differentiate(ys, xs, vs, again))


def _check_number(value: Any) -> None:
    if not isinstance(value, Tensor) or value.array.ndim != 0:
        kind = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
        raise RuntimeError(
            "grad() differentiates a function that returns a single number, a tensor without axes; this one "
            f"returned {kind}"
        )


def _check_shapes(what: str, given: Sequence[Tensor], name: str, wanted: Sequence[Tensor]) -> None:
    shapes, expected = [tuple(x.shape) for x in given], [tuple(x.shape) for x in wanted]
    if shapes != expected:
        raise RuntimeError(f"{what} have the shapes {shapes}, and the {name} have {expected}; they must be the same")


def _map(nested: Any, function: Callable[[Tensor], Any]) -> Any:
    """``function`` of every tensor in tuples, lists and dictionaries, in the same structure."""
    if isinstance(nested, Tensor):
        return function(nested)
    if isinstance(nested, dict):
        return {key: _map(value, function) for key, value in nested.items()}
    if isinstance(nested, (tuple, list)):
        return type(nested)([_map(value, function) for value in nested])
    raise TypeError(f"a function to be differentiated returns tensors, and this one returned a {type(nested).__name__}")


def _flat(nested: Any) -> tuple[Tensor, ...]:
    found: list[Tensor] = []
    _map(nested, found.append)
    return tuple(found)


def _cut(aux: Any, own: Sequence[Tensor], outer: bool) -> Any:
    """What a function returned on the side, its tensors as ``_kept``."""
    if isinstance(aux, Tensor):
        return _kept(aux, own, outer)
    if isinstance(aux, (tuple, list)) and type(aux) in (tuple, list):
        return type(aux)(_cut(value, own, outer) for value in aux)
    return {key: _cut(value, own, outer) for key, value in aux.items()} if type(aux) is dict else aux
