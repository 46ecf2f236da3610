"""Matrix products. The rules are the two products of backpropagation: g times one factor transposed."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.primitive import Every
from .elementwise import where
from .operation import Operation
from .samples import PRODUCTS, Sample, of
from .shaping import reshape, squeeze, unsqueeze


def _checked(name: str, a: Any, b: Any) -> Any:
    """What to raise when numpy refused, or would silently convert, the factors."""
    if a.ndim == 0 or b.ndim == 0:
        return RuntimeError(f"{name} needs vectors or matrices, and got shapes {a.shape} and {b.shape}; use x * y")
    if a.dtype != b.dtype:
        return RuntimeError(
            f"{name} needs factors of one type, and got {a.dtype} and {b.dtype}; bring one to the other's, "
            "x.float() or x.double()"
        )
    return RuntimeError(
        f"{name}: shapes {a.shape} and {b.shape} cannot be multiplied; the last axis of the first must be as long as "
        f"the {'last' if name == 'linear' else 'last but one (of a vector: the only)'} axis of the second, and the "
        "axes before must be equal or 1"
    )


def _matmul(a: Any, b: Any) -> Any:
    if a.dtype is not b.dtype and a.dtype != b.dtype:
        raise _checked("matmul", a, b)
    try:
        return np.dot(a, b) if a.ndim == b.ndim == 2 else np.matmul(a, b)  # the same, with less ado
    except ValueError:
        raise _checked("matmul", a, b) from None


def _linear(x: Any, W: Any) -> Any:
    if x.dtype is not W.dtype and x.dtype != W.dtype:
        raise _checked("linear", x, W)
    try:
        if x.ndim == W.ndim == 2:
            return np.dot(x, W.T)
        if x.ndim > 2 and W.ndim == 2:  # one product for all leading axes
            return np.dot(_rows(x), W.T).reshape(*x.shape[:-1], len(W))
        return x @ W.T
    except ValueError:
        raise _checked("linear", x, W) from None


def _affine(x: Any, W: Any, b: Any) -> Any:
    if b.dtype is not W.dtype and b.dtype != W.dtype:
        raise _checked("affine", b, W)
    y = _linear(x, W)
    y += b
    return y


def _matmul_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return unsqueeze(g, dim=-1) * b
    if a.ndim == 1:
        return squeeze(b @ unsqueeze(g, dim=-1), dim=-1)
    return g @ b.mT


def _matmul_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    if a.ndim == 1:
        return unsqueeze(a, dim=-1) * unsqueeze(g, dim=-2) if b.ndim > 1 else g * a
    if b.ndim == 1:
        return squeeze(a.mT @ unsqueeze(g, dim=-1), dim=-1)
    return a.mT @ g


def _rows(x: Any) -> Any:
    """All leading axes as one: a matrix with one row per vector in ``x``."""
    return x if x.ndim == 2 else reshape(x, shape=(int(np.prod(x.shape[:-1])), x.shape[-1]))


def _einsum_rule(g: Any, y: Any, *xs: Any, equation: str, position: int) -> Any:
    """g takes the place of the argument, and the argument's letters that of the result's."""
    terms, result = equation.split("->")
    letters = terms.split(",")
    wanted, letters[position] = letters[position], result
    return einsum(*xs[:position], g, *xs[position + 1 :], equation=",".join(letters) + "->" + wanted)


def _weight(g: Any, y: Any, x: Any, *_: Any) -> Any:
    return matmul(_rows(g).mT, _rows(x))


def _cholesky_rule(g: Any, y: Any, x: Any) -> Any:
    """L^-T P L^-1, made symmetric, where P is the lower part of L^T g with half of its diagonal (Murray 2016)."""
    halved = np.tri(y.shape[-1], dtype=np.float64) - 0.5 * np.eye(y.shape[-1])
    part = solve(y.mT, where(halved > 0, matmul(y.mT, g) * halved.astype(y.dtype), 0.0))
    whole = solve(y.mT, part.mT)
    return (whole + whole.mT) * 0.5


def _regular() -> list[Sample]:
    """Matrices that have an inverse, and a batch of them."""
    return [of(np.eye(3) + np.arange(9.0).reshape(3, 3) / 11), of(np.eye(2) + np.arange(8.0).reshape(2, 2, 2) / 9)]


# fmt: off

matmul = Operation("matmul", _matmul, _matmul_a, _matmul_b, template="{} @ {}",
    samples=lambda: [of(*shapes) for shapes in PRODUCTS])

# x W^T in one operation: a layer's product appears as one card and its weight is used directly.
linear = Operation("linear", _linear,
    lambda g, y, x, W: matmul(g, W),
    _weight, template="{1} @ {0}", torch="torch.nn.functional.linear",
    samples=[of(s, (4, 3)) for s in [(2, 3), (3,), (5, 2, 3), (0, 3)]] + [of((2, 0), (4, 0))])

# The same, added to what is of the product's shape or is broadcast to it.
affine = Operation("affine", _affine,
    lambda g, y, x, W, b: matmul(g, W),
    _weight,
    lambda g, y, x, W, b: g, template="{1} @ {0} + {2}", torch="torch.nn.functional.linear",
    samples=[of(s, (4, 3), t) for s, t in [
        ((2, 3), (2, 4)), ((2, 3), (4,)), ((3,), (4,)), ((5, 2, 3), (2, 4)), ((0, 3), (0, 4))]])

# "ij,jk->ik": every letter stands at most once in each term, and in at least two of the terms and the result.
einsum = Operation("einsum", lambda *xs, equation: np.einsum(equation, *xs, optimize=len(xs) > 1),
    Every(_einsum_rule), view=True, samples=[of(*shapes, equation=equation) for equation, *shapes in [
        ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk->kij", (2, 3), (3, 4)), ("bij,bjk->bik", (5, 2, 3), (5, 3, 4)),
        ("i,j->ij", (3,), (4,)), ("i,i->", (3,), (3,)), ("bi,oij,bj->bo", (2, 3), (4, 3, 2), (2, 2)),
        ("ij->ji", (2, 3)), ("ij,jk->ik", (2, 0), (0, 3))]])

# Square matrices and batches of them

inv: Operation = Operation("inv", np.linalg.inv,
    lambda g, y, x: -matmul(matmul(y.mT, g), y.mT), samples=_regular, torch="torch.linalg.inv")

solve: Operation = Operation("solve", np.linalg.solve,
    lambda g, y, A, B: -matmul(solve(A.mT, g), y.mT),
    lambda g, y, A, B: solve(A.mT, g), samples=lambda: [of(*each.args, each.args[0] + 1) for each in _regular()],
    torch="torch.linalg.solve")

det = Operation("det", np.linalg.det,
    lambda g, y, x: unsqueeze(unsqueeze(g * y, dim=-1), dim=-1) * inv(x).mT, samples=_regular, torch="torch.linalg.det")

logabsdet = Operation("logabsdet", lambda x: np.linalg.slogdet(x).logabsdet,
    lambda g, y, x: unsqueeze(unsqueeze(g, dim=-1), dim=-1) * inv(x).mT, samples=_regular, torch="")

cholesky = Operation("cholesky", lambda x: np.linalg.cholesky((x + x.mT) / 2), _cholesky_rule,
    samples=lambda: [of(each.args[0] @ each.args[0].mT) for each in _regular()], torch="torch.linalg.cholesky")
