"""Derivatives beside finite differences: ``gradcheck`` and ``gradgradcheck``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.modes import enable_grad
from ..surface.tensor import Tensor, wrap
from .differences import Accuracy, GradcheckError, analytical, compare, differences, outputs, weights
from .gradients import grad, listed


def gradcheck(
    func: Callable[..., Any], inputs: Tensor | Sequence[Any], *, eps: float = 1e-6, atol: float = 1e-5,
    rtol: float = 1e-3, raise_exception: bool = True, nondet_tol: float = 0.0, check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False, check_batched_grad: bool = False, check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False, check_backward_ad: bool = True, fast_mode: bool = False, masked: bool = False,
) -> bool:  # fmt: skip
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

    >>> x = tg.tensor([0.5, -1.0], dtype=tg.float64, requires_grad=True)
    >>> tg.autograd.gradcheck(lambda x: x.tanh() * x, x)
    True
    """
    _refuse(locals())
    accuracy = Accuracy(eps, atol, rtol, nondet_tol, check_grad_dtypes, fast_mode)
    return _passes(func, listed(inputs), accuracy, check_undefined_grad, raise_exception)


def gradgradcheck(
    func: Callable[..., Any], inputs: Tensor | Sequence[Any], grad_outputs: Tensor | Sequence[Tensor] | None = None, *,
    eps: float = 1e-6, atol: float = 1e-5, rtol: float = 1e-3, gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True, nondet_tol: float = 0.0, check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False, check_batched_grad: bool = False, check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True, fast_mode: bool = False, masked: bool = False,
) -> bool:  # fmt: skip
    """Compare the second derivatives of ``func`` with finite differences of its first: ``gradcheck`` of its gradient.

    The gradient is v^T J as a function of the inputs and of v = ``grad_outputs`` (random numbers if not given). The
    other arguments are those of ``gradcheck``.
    """
    _refuse(locals())
    given = listed(inputs)
    if grad_outputs is not None:
        vs = [v.detach().requires_grad_() for v in listed(grad_outputs)]
    else:
        draw = np.random.default_rng(0).uniform
        drawn = [draw(0.5, 1.5, y.array.shape).astype(y.dtype) for y in outputs(func, given)]
        apart = [np.stack([v, v], -1)[..., 0] for v in drawn] if gen_non_contig_grad_outputs else drawn
        vs = [wrap(v, requires_grad=True) for v in apart]
    count = len(vs)

    def gradient(*both: Any) -> tuple[Tensor, ...]:
        xs, seeds = both[: len(both) - count], both[len(both) - count :]
        with enable_grad():
            ys = outputs(func, xs)
            if len(ys) != count:
                raise ValueError(f"grad_outputs holds {count} tensors, and {len(ys)} outputs can be differentiated")
            wanted = [x for x in xs if isinstance(x, Tensor) and x.requires_grad]
            return tuple(grad(ys, wanted, seeds, create_graph=True, materialize_grads=True))

    accuracy = Accuracy(eps, atol, rtol, nondet_tol, check_grad_dtypes, fast_mode)
    return _passes(gradient, (*given, *vs), accuracy, check_undefined_grad, raise_exception)


#: Options of both functions for what is not here, and the value that they have.
_FIXED = {"check_backward_ad": True, "check_rev_over_rev": True, "check_batched_grad": False, "masked": False}
_FIXED |= {"check_batched_forward_grad": False, "check_forward_ad": False, "check_fwd_over_rev": False}


def _refuse(options: Mapping[str, Any]) -> None:
    """Refuse whatever is not at its default: the checks of reverse mode, which is all there is, are on."""
    for name in options.keys() & _FIXED.keys():
        if options[name] is not _FIXED[name]:
            raise NotImplementedError(
                f"{name}={options[name]} is not supported: only reverse-mode derivatives of dense tensors are here to "
                "be checked"
            )


@np.errstate(all="ignore")
def _passes(
    func: Callable[..., Any], inputs: tuple[Any, ...], accuracy: Accuracy, unused: bool, raise_exception: bool
) -> bool:
    wanted = {i: x for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad}
    if not wanted:
        raise ValueError("gradcheck() needs an input that requires a gradient: create one with requires_grad=True")
    for i, x in wanted.items():
        if x.dtype != np.float64:
            warnings.warn(
                f"input {i} is {x.dtype}: finite differences of it are mostly rounding errors; use float64 "
                "(x.double())",
                stacklevel=5,
            )
    try:
        ys = outputs(func, inputs)
        for k, y in enumerate(ys):
            for (i, x), slope in zip(wanted.items(), analytical(k, y, wanted, accuracy), strict=True):
                quotients = differences(func, inputs, x, accuracy.eps)[k]
                if accuracy.fast:
                    quotients = quotients @ weights(y.array.size, k)[:, None]
                compare(quotients, slope, accuracy, i, k, (x.array.shape, y.array.shape))
        if unused and len(ys) > 1:
            _check_unused([y for y in ys if y.requires_grad], list(wanted.values()))
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check_unused(ys: list[Tensor], xs: list[Tensor]) -> None:
    """A gradient of 0 for one output must be the same as not using that output."""
    ones = [wrap(np.ones_like(y.array)) for y in ys]
    for n in range(len(ys) if len(ys) > 1 else 0):
        before, after = slice(n), slice(n + 1, None)
        zero = wrap(np.zeros_like(ys[n].array))
        without = grad(
            ys[before] + ys[after], xs, ones[before] + ones[after], retain_graph=True, materialize_grads=True
        )
        with_zero = grad(ys, xs, [*ones[before], zero, *ones[after]], retain_graph=True, materialize_grads=True)
        for a, b in zip(without, with_zero, strict=True):
            if not np.allclose(a.array, b.array, equal_nan=True):
                raise GradcheckError(f"leaving output {n} out gives other gradients than a gradient of 0 for it")
