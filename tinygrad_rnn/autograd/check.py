"""Derivatives beside finite differences: ``gradcheck`` and ``gradgradcheck``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.modes import enable_grad
from ..surface.tensor import Tensor, wrap
from .differences import GradcheckError, analytical, compare, differences, outputs, project
from .gradients import grad


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Compare the derivatives of ``func`` with central differences (f(x + eps) - f(x - eps)) / (2 eps), entry by entry.

    Args:
        func: takes the inputs, returns a tensor or a tuple of tensors; those that need no gradient are not looked at.
            It may use the inputs without taking them, as a module does with its parameters.
        inputs: tensors, and whatever else ``func`` takes; those that require a gradient are moved by ``eps`` one
            number at a time. float64, or the differences are mostly rounding errors (a warning says so).
        eps, atol, rtol: the step, and what |numerical - analytical| <= atol + rtol |numerical| allows.
        raise_exception: raise, or return False.
        nondet_tol: how far two backward passes over the same graph may differ.
        check_undefined_grad: also check that outputs that are not used change nothing, when there are several.
        check_grad_dtypes: also check that gradients have the types of their inputs.
        fast_mode: compare one random projection of the Jacobian instead of all of it.

    The others are for what is not here (forward-mode and batched differentiation, sparse tensors) and must be False.

    Raises:
        GradcheckError: with the entry that differs most and both Jacobians. If numerical and analytical differ by the
            same factor everywhere, it says so: "off by 1/5: mean or sum?".
        ValueError: if no input requires a gradient.
        NotImplementedError: for the options named above.
    """
    _refuse(
        check_batched_grad=check_batched_grad,
        check_batched_forward_grad=check_batched_forward_grad,
        check_forward_ad=check_forward_ad,
        check_backward_ad=not check_backward_ad,
        masked=masked,
    )
    try:
        _check(func, _listed(inputs), eps, atol, rtol, nondet_tol, check_undefined_grad, check_grad_dtypes, fast_mode)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Compare the second derivatives of ``func`` with finite differences of its first: ``gradcheck`` of its gradient.

    The gradient is v^T J as a function of the inputs and of v = ``grad_outputs`` (random numbers if not given). The
    other arguments are those of ``gradcheck``.
    """
    _refuse(
        check_batched_grad=check_batched_grad,
        check_fwd_over_rev=check_fwd_over_rev,
        check_rev_over_rev=not check_rev_over_rev,
        masked=masked,
    )
    given = _listed(inputs)
    if grad_outputs is None:
        draw = np.random.default_rng(0).uniform
        vs = []
        with enable_grad():
            for y in outputs(func, given):
                v = draw(0.5, 1.5, y.array.shape).astype(y.dtype)
                if gen_non_contig_grad_outputs:
                    v = np.stack([v, v], -1)[..., 0]
                vs.append(wrap(v, requires_grad=True))
    else:
        vs = [
            v.detach().requires_grad_() for v in ((grad_outputs,) if isinstance(grad_outputs, Tensor) else grad_outputs)
        ]
    count = len(vs)

    def gradient(*both: Any) -> tuple[Tensor, ...]:
        xs, seeds = both[: len(both) - count], both[len(both) - count :]
        with enable_grad():
            ys = outputs(func, xs)
            if len(ys) != count:
                raise ValueError(f"grad_outputs holds {count} tensors, and {len(ys)} outputs can be differentiated")
            wanted = [x for x in xs if isinstance(x, Tensor) and x.requires_grad]
            return tuple(grad(ys, wanted, seeds, create_graph=True, materialize_grads=True))

    return gradcheck(
        gradient,
        (*given, *vs),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        fast_mode=fast_mode,
    )


def _check(
    func: Callable[..., Any],
    inputs: tuple[Any, ...],
    eps: float,
    atol: float,
    rtol: float,
    nondet_tol: float,
    undefined: bool,
    dtypes: bool,
    fast: bool,
) -> None:
    wanted = [(i, x) for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if not wanted:
        raise ValueError("gradcheck() needs an input that requires a gradient: create one with requires_grad=True")
    for i, x in wanted:
        if x.dtype != np.float64:
            warnings.warn(
                f"input {i} is {x.dtype}: finite differences of it are mostly rounding errors; use float64 "
                "(x.double())",
                stacklevel=4,
            )
    with enable_grad():
        ys = outputs(func, inputs)
    xs = [x for _, x in wanted]
    for k, y in enumerate(ys):
        slopes = analytical(y, xs, nondet_tol, dtypes, fast, (k, wanted))
        for (i, x), slope in zip(wanted, slopes, strict=True):
            quotients = differences(func, inputs, x, eps)[k]
            if fast:
                quotients = project(quotients, y.array.size, k)
            compare(quotients, slope, atol, rtol, i, k, (x.array.shape, y.array.shape), fast)
    if undefined and len(ys) > 1:
        _check_unused(ys, xs)


def _check_unused(ys: list[Tensor], xs: list[Tensor]) -> None:
    """A gradient of 0 for one output must be the same as not using that output."""
    live = [y for y in ys if y.requires_grad]
    ones = [wrap(np.ones_like(y.array)) for y in live]
    for left_out in range(len(live)):
        rest = [i for i in range(len(live)) if i != left_out]
        if not rest:
            return
        without = grad([live[i] for i in rest], xs, [ones[i] for i in rest], retain_graph=True, allow_unused=True)
        zeros = [wrap(np.zeros_like(y.array)) if i == left_out else ones[i] for i, y in enumerate(live)]
        with_zero = grad(live, xs, zeros, retain_graph=True, allow_unused=True)
        for a, b, x in zip(without, with_zero, xs, strict=True):
            first, second = (np.zeros_like(x.array) if g is None else g.array for g in (a, b))
            if not np.allclose(first, second, equal_nan=True):
                raise GradcheckError(f"leaving output {left_out} out gives other gradients than a gradient of 0 for it")


def _listed(inputs: Tensor | Sequence[Any]) -> tuple[Any, ...]:
    return (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)


def _refuse(**options: bool) -> None:
    for name, given in options.items():
        if given:
            value = not given if name in ("check_backward_ad", "check_rev_over_rev") else given
            raise NotImplementedError(
                f"{name}={value} is not supported: only reverse-mode derivatives of dense tensors are here to be "
                "checked"
            )
