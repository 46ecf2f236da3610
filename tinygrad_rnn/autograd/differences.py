"""Jacobians by backward passes and by finite differences, and what is said when they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..engine.modes import enable_grad
from ..surface.tensor import Tensor, wrap
from .gradients import grad

Array = Any


class GradcheckError(RuntimeError):
    """Raised by ``gradcheck`` and ``gradgradcheck``: the derivatives are not what finite differences say."""

    __module__ = "tinygrad_rnn.autograd"  # where it is to be had, as tracebacks show it


def outputs(func: Callable[..., Any], inputs: Sequence[Any]) -> list[Tensor]:
    """The outputs that can be differentiated; under ``no_grad``, all real ones."""
    result = func(*inputs)
    found = tuple(result) if isinstance(result, (tuple, list)) else (result,)
    return [y for y in found if isinstance(y, Tensor) and y.array.dtype.kind == "f"]


def analytical(
    y: Tensor, xs: list[Tensor], nondet_tol: float, dtypes: bool, fast: bool, names: tuple[int, Any]
) -> list[Array]:
    """dy/dx as matrices (numbers of x, numbers of y), by one backward pass for each number of y."""
    if not y.requires_grad:
        return [np.zeros((x.array.size, 1 if fast else y.array.size)) for x in xs]
    units = weights(y.array.size, names[0])[None] if fast else np.eye(y.array.size)
    columns: list[list[Array]] = [[] for _ in xs]
    for unit in units:
        v = wrap(unit.reshape(y.array.shape).astype(y.dtype))
        found = grad(y, xs, v, retain_graph=True, allow_unused=True)
        again = grad(y, xs, v, retain_graph=True, allow_unused=True)
        for place, (x, g, same) in enumerate(zip(xs, found, again, strict=True)):
            if g is None or same is None:
                columns[place].append(np.zeros(x.array.size))
                continue
            i = names[1][place][0]
            if np.abs(g.array - same.array).max(initial=0) > nondet_tol:
                raise GradcheckError(
                    f"two backward passes over the same graph give different gradients of output {names[0]} for "
                    f"input {i}: the derivative is not a function of its inputs (random numbers in backward?)"
                )
            if dtypes and g.dtype != x.dtype:
                raise GradcheckError(f"the gradient of input {i} is {g.dtype}, and the input is {x.dtype}")
            columns[place].append(np.array(g.array, np.float64).ravel())
    return [
        np.stack(column, 1) if column else np.zeros((x.array.size, 0)) for column, x in zip(columns, xs, strict=True)
    ]


def differences(func: Callable[..., Any], inputs: tuple[Any, ...], x: Tensor, eps: float) -> list[Array]:
    """(f(x + eps) - f(x - eps)) / (2 eps) for every output: matrices (numbers of x, numbers of y)."""

    def values() -> list[Array]:
        with enable_grad():
            return [np.array(y.array, np.float64).ravel() for y in outputs(func, inputs)]

    rows: list[list[Array]] = []
    for place in np.ndindex(x.array.shape):
        before = x.array[place]
        try:
            x.array[place] = before + eps
            up = values()
            x.array[place] = before - eps
            down = values()
        finally:
            x.array[place] = before
        rows.append([(u - d) / (2 * eps) for u, d in zip(up, down, strict=True)])
    if not rows:
        return [np.zeros((0, y.size)) for y in values()]
    return [np.stack(row) for row in zip(*rows, strict=True)]


def weights(count: int, seed: int) -> Array:
    """The coefficients of the random sum of an output's numbers."""
    return np.random.default_rng(seed).uniform(0.5, 1.5, count)


def project(numerical: Array, count: int, seed: int) -> Array:
    """The derivatives of the random sum, from those of the numbers."""
    return numerical @ weights(count, seed)[:, None]


def compare(
    numerical: Array,
    analytical: Array,
    atol: float,
    rtol: float,
    i: int,
    k: int,
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
    fast: bool,
) -> None:
    """Raise GradcheckError unless two Jacobians of output ``k`` with respect to input ``i`` are close to each other."""
    if numerical.shape != analytical.shape:
        raise GradcheckError(f"output {k} changes its shape from call to call")
    if np.isclose(analytical, numerical, rtol=rtol, atol=atol).all():
        return
    error = np.nan_to_num(np.abs(numerical - analytical), nan=np.inf)
    worst = np.unravel_index(np.argmax(error), error.shape)
    entry = "" if fast else _place(int(worst[1]), shapes[1])
    of = "a random sum of output" if fast else "output"
    raise GradcheckError(
        f"the derivative of {of} {k} with respect to input {i} is not what finite differences say."
        + _hint(numerical, analytical, atol)
        + f"\nThey differ most at d output{entry} / d input{_place(int(worst[0]), shapes[0])}: "
        f"numerical {numerical[worst]:.6g}, analytical {analytical[worst]:.6g}"
        f"\nnumerical (one row for each number of the input):\n{_shown(numerical)}\nanalytical:\n{_shown(analytical)}"
    )


def _hint(numerical: Array, analytical: Array, atol: float) -> str:
    """What a constant ratio of the two suggests."""
    if not np.isfinite(analytical).all():
        return " It is NaN or infinite: look with detect_anomaly()."
    if not analytical.any():
        return " It is 0 everywhere: is something detached, or is there no rule?"
    top = float(np.abs(numerical).max())
    big = np.abs(numerical) > max(1e-3 * top, 10 * atol)
    if not big.any() or np.abs(analytical[~big]).max(initial=0) > max(1e-2 * np.abs(analytical).max(), 10 * atol):
        return ""
    ratios = analytical[big] / numerical[big]
    ratio = float(np.median(ratios))
    if np.abs(ratios - ratio).max() > 1e-3 * abs(ratio) or abs(ratio - 1) < 1e-3:
        return ""
    if abs(ratio + 1) < 1e-3:
        return " Its sign is wrong everywhere: off by -1."
    simple = Fraction(ratio).limit_denominator(1000)
    near = simple if simple and abs(float(simple) - ratio) < 1e-3 * abs(ratio) else None
    text = str(near) if near is not None and 1 in (abs(near.numerator), near.denominator) else f"{ratio:.4g}"
    question = ": mean or sum?" if near is not None and 1 in (abs(near.numerator), near.denominator) else ""
    return f" The ratio analytical / numerical is the same everywhere: off by {text}{question}"


def _place(index: int, shape: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, np.unravel_index(index, shape)))}]" if shape else ""


def _shown(matrix: Array) -> str:
    return np.array2string(matrix, precision=6, threshold=60, edgeitems=3, suppress_small=False)
