"""What this package promises where PyTorch does otherwise, in terms of PyTorch: `M` in the programs it runs instead."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from contextlib import suppress
from typing import Any

import numpy as np

from tests.engine import arguments, backpropagate

with suppress(ImportError):  # the contract page lists what is promised, and is written without it
    import torch


def way_back(x: Any) -> bool:
    """Whether a gradient can come from one of PyTorch's tensors to a leaf, which is what requires_grad says here.

    PyTorch says that it does of a view taken inside no_grad(), of one taken before its tensor asked for a gradient, of
    unique() and of integers that real numbers were written into; and no way leads back from any of them.
    """
    if not x.requires_grad or not x.is_floating_point():
        return False
    if x.grad_fn is None:
        return not x._is_view() or not x._base.requires_grad
    waiting, known = [x.grad_fn], set()
    while waiting:
        function = waiting.pop()
        if hasattr(function, "variable"):
            return True
        if function not in known and not type(function).__name__.startswith("Unique"):
            known.add(function)
            waiting += [each for each, _ in function.next_functions if each is not None]
    return False


def constant(x: Any) -> bool:
    """Whether the derivative of one of our tensors is 0: of what is constant in pieces PyTorch says there is none.

    It counts as such too if it cannot be had, for whoever asks for it is told so.
    """
    alive = {x.birth}  # what a gradient other than 0 has come to
    with suppress(RuntimeError):
        for node, g, shares in backpropagate(x, shares=True):
            alive.discard(node.birth)
            alive |= {arg.birth for arg, share in zip(arguments(node), shares, strict=False) if np.any(share)}
            if not alive or (node.primitive is None and g.any()):
                return not alive
    return True


def prod(x: Any, dim: int | None = None) -> Any:
    """The product, whose derivative is the product of the others."""
    if not x.requires_grad or not x.numel() or not x.ndim:
        return x.prod() if dim is None else x.prod(dim)
    return functools.reduce(operator.mul, (x.reshape(-1) if dim is None else x).unbind(dim or 0), 1)


def cumprod(x: Any, dim: int) -> Any:
    """Running products, with the same derivative."""
    if not x.requires_grad or not x.numel() or not x.ndim:
        return x.cumprod(dim)
    return torch.stack(list(itertools.accumulate(x.unbind(dim), operator.mul)), dim)


def extreme(name: str, x: Any, dim: int | None = None) -> Any:
    """amax() and amin(): ties share the gradient, and where they are NaN it is that of max() and min()."""
    if not x.is_floating_point() or not x.numel():
        return getattr(x, f"a{name}")(() if dim is None else dim)
    x, dim = (x.reshape(-1), 0) if dim is None else (x, dim)
    top = getattr(x.detach(), name)(dim, keepdim=True)
    first = torch.zeros_like(x, dtype=torch.bool).scatter(dim, top.indices, True)
    best = torch.where(top.values.isnan(), first, x == top.values)
    return torch.where(best, x, 0.0).sum(dim) / best.sum(dim)


def elu(name: str, x: Any) -> Any:
    """elu(), celu() and selu(), which at NaN go on as for positive numbers."""
    missing, function = x.isnan(), getattr(torch.nn.functional, name)
    return torch.where(missing, x * function(torch.ones_like(x)), function(torch.where(missing, 0, x)))


def gelu(x: Any) -> Any:
    """x times the share of a normal distribution below it; of float16 in float32."""
    return gelu(x.float()).half() if x.dtype == torch.float16 else x * (((x * math.sqrt(0.5)).erf() + 1) * 0.5)


def clipped(x: Any, bound: float) -> Any:
    """Numbers up to the bounds, where the derivative is 0."""
    return torch.where(x <= -bound, -bound, torch.where(x >= bound, bound, x))


#: Activation functions as they are written here.
ACTIVE: dict[str, Any] = {
    "gelu": gelu,
    "silu": lambda x: x * x.sigmoid(),
    "mish": lambda x: x * torch.logaddexp(x, torch.zeros_like(x)).tanh(),
    "hardsigmoid": lambda x: clipped(x, 3.0) / 6 + 0.5,
    "hardswish": lambda x: x * (clipped(x, 3.0) / 6 + 0.5),
    "softshrink": lambda x: torch.where(x > 0.5, x - 0.5, torch.where(x < -0.5, x + 0.5, x * 0.0)),
}


def atan2(y: Any, x: Any) -> Any:
    """The angle, which at (0, 0) is constant."""
    zero = (y == 0) & (x == 0)
    return torch.where(zero, y.detach().atan2(x.detach()), torch.where(zero, 1, y).atan2(torch.where(zero, 1, x)))


def pow(x: Any, p: Any) -> Any:
    """The power, whose derivative p x^(p - 1) is computed also where p is 0."""

    class Power(torch.autograd.Function):
        @staticmethod
        def forward(kept: Any, x: Any, p: Any) -> Any:
            kept.save_for_backward(x, p)
            return x**p

        @staticmethod
        def backward(kept: Any, g: Any) -> Any:
            x, p = kept.saved_tensors
            flat, zero = (x == 0) & (p == 0), (x == 0) & (p >= 0)
            slope = torch.where(zero, 0.0, x**p * torch.where(zero, 1.0, x).log())
            return g * torch.where(flat, 0.0, p * x ** torch.where(flat, 1.0, p - 1.0)), g * slope

    library: Any = torch
    apply: Any = Power.apply
    return apply(*library.broadcast_tensors(x, p)) if x.requires_grad else x**p


def retype(x: Any) -> None:
    """Bring the gradient of a leaf to its type."""
    x.grad = None if x.grad is None else x.grad.to(x.dtype)


def lerp(x: Any, end: Any, weight: float) -> Any:
    """The line, as it is written from the end that is nearer."""
    return end - (end - x) * (1 - weight) if abs(weight) >= 0.5 else x + weight * (end - x)


def put(x: Any, index: Any, value: Any) -> None:
    """x[index] = value, where of several values written to one place only the one that stays has a gradient."""
    if not x.requires_grad and not getattr(value, "requires_grad", False):
        x[index] = value
        return
    order = torch.full(x.shape, -1)
    places = torch.arange(order[index].numel()).reshape(order[index].shape)
    order[index] = places
    values = torch.as_tensor(value, dtype=None if torch.is_tensor(value) else x.dtype).expand(places.shape).to(x.dtype)
    if values.numel():
        x.copy_(torch.where(order >= 0, values.reshape(-1)[order.clamp(min=0)], x.clone()))


def deviation(x: Any, dim: int | None, correction: int) -> tuple[Any, Any, float]:
    """x - mean, the axes, and n - correction."""
    dims = tuple(range(x.ndim)) if dim is None or not x.ndim else (dim,)
    count = math.prod(x.shape[each] for each in dims)
    return x - x.mean(dims, keepdim=True), dims, max(count - correction, 0)


def var(x: Any, dim: int | None = None, unbiased: bool = True, correction: int | None = None) -> Any:
    """The variance, step by step as it is written: sum (x - mean)^2 / (n - correction)."""
    away, dims, free = deviation(x, dim, int(unbiased) if correction is None else correction)
    return (away * away).sum(dims) / free


def std(x: Any, dim: int) -> Any:
    """The standard deviation, likewise."""
    away, dims, free = deviation(x, dim, 1)
    return torch.linalg.vector_norm(away, dim=dims) / free**0.5
