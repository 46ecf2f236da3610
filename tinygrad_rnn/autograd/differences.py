"""Jacobians by backward passes and by finite differences, and what is said when they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.modes import enable_grad
from ..surface.tensor import Tensor, wrap
from .gradients import grad

Array = Any


class GradcheckError(RuntimeError):
    """Raised by ``gradcheck`` and ``gradgradcheck``: the derivatives are not what finite differences say."""

    __module__ = "tinygrad_rnn.autograd"  # where it is to be had, as tracebacks show it


class Accuracy(NamedTuple):
    """How closely derivatives are looked at: the options of ``gradcheck`` that both functions hand on."""

    eps: float
    atol: float
    rtol: float
    nondet_tol: float
    dtypes: bool
    fast: bool


def outputs(func: Callable[..., Any], inputs: Sequence[Any]) -> list[Tensor]:
    """The outputs that can be differentiated, recorded also inside ``no_grad``."""
    with enable_grad():
        result = func(*inputs)
    found = tuple(result) if isinstance(result, (tuple, list)) else (result,)
    return [y for y in found if isinstance(y, Tensor) and y.array.dtype.kind == "f"]


def analytical(k: int, y: Tensor, wanted: Mapping[int, Tensor], accuracy: Accuracy) -> list[Array]:
    """The derivatives of output ``k`` as matrices (numbers of x, numbers of y), by one backward pass a number of y.

    ``wanted`` are the inputs to differentiate with respect to, by their positions.
    """
    xs, size = list(wanted.values()), y.array.size
    if not y.requires_grad or not size:
        return [np.zeros((x.array.size, 1 if accuracy.fast else size)) for x in xs]
    rows = []
    for unit in weights(size, k)[None] if accuracy.fast else np.eye(size):
        v = wrap(unit.reshape(y.array.shape).astype(y.dtype))
        found, again = (grad(y, xs, v, retain_graph=True, materialize_grads=True) for _ in range(2))
        for (i, x), g, same in zip(wanted.items(), found, again, strict=True):
            if np.abs(g.array - same.array).max(initial=0) > accuracy.nondet_tol:
                raise GradcheckError(
                    f"two backward passes over the same graph give different gradients of output {k} for "
                    f"input {i}: the derivative is not a function of its inputs (random numbers in backward?)"
                )
            if accuracy.dtypes and g.dtype != x.dtype:
                raise GradcheckError(f"the gradient of input {i} is {g.dtype}, and the input is {x.dtype}")
        rows.append([_flat(g) for g in found])
    return [np.stack(columns, 1) for columns in zip(*rows, strict=True)]


def differences(func: Callable[..., Any], inputs: tuple[Any, ...], x: Tensor, eps: float) -> list[Array]:
    """(f(x + eps) - f(x - eps)) / (2 eps) for every output: matrices (numbers of x, numbers of y)."""
    rows = []
    for place in np.ndindex(x.array.shape):
        before = x.array[place]
        try:
            x.array[place] = before + eps
            up = [_flat(y) for y in outputs(func, inputs)]
            x.array[place] = before - eps
            down = [_flat(y) for y in outputs(func, inputs)]
        finally:
            x.array[place] = before
        rows.append([(u - d) / (2 * eps) for u, d in zip(up, down, strict=True)])
    if not rows:
        return [np.zeros((0, y.array.size)) for y in outputs(func, inputs)]
    return [np.stack(row) for row in zip(*rows, strict=True)]


def weights(count: int, seed: int) -> Array:
    """The coefficients of the random sum of an output's numbers."""
    return np.random.default_rng(seed).uniform(0.5, 1.5, count)


def compare(
    numerical: Array, analytical: Array, accuracy: Accuracy, i: int, k: int, shapes: tuple[tuple[int, ...], ...]
) -> None:
    """Raise GradcheckError unless two Jacobians of output ``k`` with respect to input ``i`` are close to each other."""
    if numerical.shape != analytical.shape:
        raise GradcheckError(f"output {k} changes its shape from call to call")
    if np.isclose(analytical, numerical, rtol=accuracy.rtol, atol=accuracy.atol).all():
        return
    error = np.nan_to_num(np.abs(numerical - analytical), nan=np.inf)
    worst = np.unravel_index(np.argmax(error), error.shape)
    entry = "" if accuracy.fast else _place(int(worst[1]), shapes[1])
    of = "a random sum of output" if accuracy.fast else "output"
    raise GradcheckError(
        f"the derivative of {of} {k} with respect to input {i} is not what finite differences say."
        + _hint(numerical, analytical, accuracy.atol)
        + f"\nThey differ most at d output{entry} / d input{_place(int(worst[0]), shapes[0])}: "
        f"numerical {numerical[worst]:.6g}, analytical {analytical[worst]:.6g}"
        f"\nnumerical (one row for each number of the input):\n{_shown(numerical)}\nanalytical:\n{_shown(analytical)}"
    )


def _flat(y: Tensor) -> Array:
    """The numbers of a tensor, copied: it may share its memory with an input that is moved."""
    return np.array(y.array, np.float64).ravel()


def _hint(numerical: Array, analytical: Array, atol: float) -> str:
    """What a constant ratio of the two suggests."""
    if not np.isfinite(analytical).all():
        return " It is NaN or infinite: look with detect_anomaly()."
    if not analytical.any():
        return " It is 0 everywhere: is something detached, or is there no rule?"
    big = np.abs(numerical) > max(1e-3 * np.abs(numerical).max(), 10 * atol)
    if not big.any() or np.abs(analytical[~big]).max(initial=0) > max(1e-2 * np.abs(analytical).max(), 10 * atol):
        return ""
    ratios = analytical[big] / numerical[big]
    ratio = float(np.median(ratios))
    if np.abs(ratios - ratio).max() > 1e-3 * abs(ratio) or abs(ratio - 1) < 1e-3:
        return ""
    if abs(ratio + 1) < 1e-3:
        return " Its sign is wrong everywhere: off by -1."
    from fractions import Fraction  # an import takes longer for it than for most of this package

    simple = Fraction(ratio).limit_denominator(1000)
    near = abs(float(simple) - ratio) < 1e-3 * abs(ratio) and 1 in (abs(simple.numerator), simple.denominator)
    text = f"{simple}: mean or sum?" if near else f"{ratio:.4g}"
    return f" The ratio analytical / numerical is the same everywhere: off by {text}"


def _place(index: int, shape: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, np.unravel_index(index, shape)))}]" if shape else ""


def _shown(matrix: Array) -> str:
    return np.array2string(matrix, precision=6, threshold=60, edgeitems=3, suppress_small=False)
