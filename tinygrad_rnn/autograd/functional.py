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
from ..surface.tensor import Tensor, wrap
from .gradients import listed
from .products import Tensors, check_shapes, fresh, jacobians, kind_of, pull, transposed

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Function = Callable[..., Any]


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
        at = _Point(func, inputs, create_graph, strict, "vjp")
        products = pull(at.ys, at.xs, _vectors(v, at.ys, "outputs"), create_graph, at.strict)
        return at.handed(at.ys, at.many), at.handed(products, at.several)


def jvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The outputs of ``func``, and J v: ``(outputs, products)``, the products in the shapes of the outputs.

    Two backward passes: u -> u^T J is linear in u, and its own vector-Jacobian product with v is J v.
    Arguments as ``vjp``; ``v`` has the form of the inputs.
    """
    with enable_grad():
        at = _Point(func, inputs, create_graph, strict, "jvp")
        vs = _vectors(v, at.xs, "inputs")
        us, rows = transposed(at.ys, at.xs, at.strict)
        return at.handed(at.ys, at.many), at.handed(pull(rows, us, vs, create_graph), at.many)


def jacobian(
    func: Function, inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The Jacobian, one backward pass for each entry of the outputs.

    A tensor of shape (*output, *input) for one input and one output; with several inputs a tuple over the inputs, with
    several outputs a tuple over the outputs of these.

    Args:
        func, inputs, create_graph, strict: as ``vjp``.
        vectorize: makes no difference here; the result is the same.
        strategy: "reverse-mode".

    Raises:
        NotImplementedError: for ``strategy="forward-mode"``.

    >>> tg.autograd.functional.jacobian(lambda x: x * x, tg.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    _only_reverse("strategy", strategy)
    with enable_grad():
        at = _Point(func, inputs, create_graph, strict, "jacobian")

        def rows(y: Tensor) -> Any:
            found = jacobians(y, at.xs, lambda v: pull((y,), at.xs, (v,), create_graph, at.strict))
            return at.handed(found, at.several)

        return tuple(map(rows, at.ys)) if at.many else rows(at.ys[0])


def hessian(
    func: Function, inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The matrix of second derivatives of a function that returns a single number: the Jacobian of its gradient.

    For one input a tensor of shape (*input, *input), for several a tuple of tuples. Arguments as ``jacobian``.

    Raises:
        RuntimeError: if the function returns anything but a single number.
    """
    _only_reverse("outer_jacobian_strategy", outer_jacobian_strategy)

    def gradient(*xs: Tensor) -> Any:
        return pull((_single(func(*xs), "hessian"),), xs, None, True, "hessian" if strict else "")

    found = jacobian(gradient, listed(inputs), create_graph, strict)
    return found[0][0] if isinstance(inputs, Tensor) else found


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
        at = _Point(func, inputs, create_graph, strict, name)
        y = _single(at.ys if at.many else at.ys[0], name)
        vs = _vectors(v, at.xs, "inputs")
        slopes = pull((y,), at.xs, None, True, at.strict)
        return at.handed((y,), False), at.handed(pull(slopes, at.xs, vs, create_graph, at.strict), at.several)


class _Point:
    """A function at a point: tensors of our own for its inputs, its outputs for them, and how they are handed out.

    Results are cut off from the graph unless they are to be differentiated again.
    """

    def __init__(self, func: Function, inputs: Any, create_graph: bool, strict: bool, name: str) -> None:
        self.create_graph, self.strict = create_graph, name if strict else ""
        self.several = not isinstance(inputs, Tensor)
        given = listed(inputs)
        for position, x in enumerate(given):
            if not isinstance(x, Tensor):
                raise TypeError(f"input {position} of {name}() is a {type(x).__name__}; it must be a Tensor")
        self.xs = tuple(fresh(x, create_graph) for x in given)
        result = func(*self.xs)
        self.many = isinstance(result, Sequence)
        self.ys: Tensors = tuple(result) if self.many else (result,)
        for position, y in enumerate(self.ys):
            output = f"output {position} of the function given to {name}()"
            if not isinstance(y, Tensor):
                raise TypeError(f"{output} is a {type(y).__name__}, not a Tensor")
            if strict and not y.requires_grad:
                raise RuntimeError(
                    f"{output} does not depend on the inputs, so its derivative is 0; strict=True asks to be told"
                )

    def handed(self, found: Tensors, many: bool) -> Any:
        """What is to be handed out, one tensor or ``many``."""
        made = found if self.create_graph else tuple(each.detach() for each in found)
        return made if many else made[0]


def _vectors(v: Any, fit: Tensors, what: str) -> Tensors:
    if v is None:
        if len(fit) != 1 or fit[0].numel() != 1:
            raise RuntimeError(f"v can be left out only for a single number; give it in the form of the {what}")
        return (wrap(np.ones_like(fit[0].array)),)
    vs = listed(v)
    check_shapes("v has", vs, what, fit)
    return vs


def _single(y: Any, name: str) -> Tensor:
    if isinstance(y, (tuple, list)) and len(y) == 1:
        y = y[0]
    if not isinstance(y, Tensor) or y.numel() != 1:
        raise RuntimeError(
            f"{name}() differentiates a function that returns a single number, and this one returned {kind_of(y)}"
        )
    return y


def _only_reverse(name: str, strategy: str) -> None:
    if strategy != "reverse-mode":
        raise NotImplementedError(f"{name}={strategy!r} is not supported: use 'reverse-mode', the result is the same")
