"""All parameters together: clipping of their gradients, the remedy against explosion, and one vector of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...autograd.gradients import listed
from ...surface.functions import cat, norm
from ...surface.tensor import Tensor, wrap


def get_total_norm(
    tensors: Tensor | Iterable[Tensor], norm_type: float = 2.0, error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:  # fmt: skip
    """The norm of all entries of all tensors together, as of one long vector. ``foreach`` chooses nothing here.

    Raises:
        RuntimeError: with ``error_if_nonfinite``, if the norm is NaN or infinite; the first tensor to blame is named.
    """
    arrays = [tensor.array for tensor in listed(tensors)]
    dtype = np.result_type(*arrays) if arrays else np.dtype(np.float32)
    # In float64: float32 squares overflow at 1e19, where clipping is needed most. A norm of the norms is that of all.
    norms = [norm(wrap(each.astype(np.float64)), float(norm_type)).item() for each in arrays if each.size]
    total = norm(wrap(np.array(norms, np.float64)), float(norm_type)).item() if norms else 0.0
    if error_if_nonfinite and not np.isfinite(total):
        bad = next((i for i, array in enumerate(arrays) if not np.isfinite(array).all()), None)
        where = "" if bad is None else f" (tensor {bad}, of shape {arrays[bad].shape}, is the first that is not finite)"
        raise RuntimeError(
            f"the total norm of order {norm_type} of the gradients is {total}{where}, so they cannot be clipped. Look "
            "for its cause with detect_anomaly(), or pass error_if_nonfinite=False to scale them all the same."
        )
    return wrap(np.asarray(total, dtype))


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:  # fmt: skip
    """Scale all gradients, in place, by one number so that their total norm is at most ``max_norm``.

    The direction of the step stays the same (Pascanu, Mikolov & Bengio 2013). Returns the total norm before clipping.

    Raises:
        RuntimeError: with ``error_if_nonfinite``, if the norm is NaN or infinite; nothing is changed then.

    >>> w = tg.zeros(2, requires_grad=True)
    >>> (w @ tg.tensor([3.0, 4.0])).backward()
    >>> tg.nn.utils.clip_grad_norm_([w], max_norm=1.0), w.grad
    (tensor(5.), tensor([0.6000, 0.8000]))
    """
    gradients = [p.grad for p in listed(parameters) if p.grad is not None]
    total = get_total_norm(gradients, norm_type, error_if_nonfinite)
    factor = max_norm / (float(total.array) + 1e-6)
    if not factor >= 1:  # also for NaN, which then shows in every gradient
        for gradient in gradients:
            np.multiply(gradient.array, factor, out=gradient.array)
            gradient.touch()
    return total


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None) -> None:
    """Cut every entry of every gradient off at -clip_value and clip_value, in place. This changes the direction."""
    for p in listed(parameters):
        if p.grad is not None:
            np.clip(p.grad.array, -clip_value, clip_value, out=p.grad.array)
            p.grad.touch()


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The entries of all parameters one after the other; recorded, so that gradients reach the parameters."""
    return cat([p.reshape(-1) for p in parameters], 0)


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Copy the entries of a vector into the parameters, in place, in the order of parameters_to_vector."""
    targets = list(parameters)
    total = sum(p.array.size for p in targets)
    if vec.array.shape != (total,):
        raise ValueError(f"the parameters hold {total} numbers; a vector of shape {vec.array.shape} was given.")
    start = 0
    for p in targets:
        p.array[...] = vec.array[start : start + p.array.size].reshape(p.array.shape)
        p.touch()
        start += p.array.size
