"""Forward-mode differentiation under PyTorch's names: tensors that carry a tangent, found by two backward passes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from ..engine.folding import history
from ..engine.modes import enable_grad, is_grad_enabled
from ..surface.functions import reshape
from ..surface.tensor import Tensor
from .products import fresh, pull, transposed

__all__ = ["UnpackedDualTensor", "dual_level", "make_dual", "unpack_dual"]


class UnpackedDualTensor(NamedTuple):
    """A value and its directional derivative; None if it does not depend on what carries a tangent."""

    primal: Tensor
    tangent: Tensor | None


#: What carries a tangent, and the tangents, in the level that is open.
_LEVEL: ContextVar[list[tuple[Tensor, Tensor]] | None] = ContextVar("_LEVEL", default=None)


@contextmanager
def dual_level() -> Iterator[int]:
    """In the block tensors may carry tangents.

    Raises:
        RuntimeError: in a block of this kind.

    >>> with tg.autograd.forward_ad.dual_level():
    ...     x = tg.autograd.forward_ad.make_dual(tg.tensor([1.0, 2.0]), tg.tensor([1.0, 0.0]))
    ...     print(tg.autograd.forward_ad.unpack_dual(x**3).tangent)
    tensor([3., 0.])
    """
    if _LEVEL.get() is not None:
        raise RuntimeError("dual_level() is open already, and levels do not nest: use func.jvp for a second derivative")
    token = _LEVEL.set([])
    try:
        yield 0
    finally:
        _LEVEL.reset(token)


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """``tensor`` with a tangent, of its shape and type, for as long as the level is open.

    What is made from it is recorded: ``requires_grad`` is True, and it cannot be changed in place itself.

    Raises:
        RuntimeError: outside ``dual_level()``, where nothing is recorded, or for another shape or type.
    """
    duals = _LEVEL.get()
    if duals is None or not is_grad_enabled():
        raise RuntimeError("make_dual() needs an open dual_level() in which operations are recorded (no no_grad())")
    if tensor.dtype.kind != "f" or tensor.shape != tangent.shape or tensor.dtype != tangent.dtype:
        raise RuntimeError(
            f"make_dual() needs real numbers and a tangent like them, got {tuple(tensor.shape)} of {tensor.dtype} and "
            f"{tuple(tangent.shape)} of {tangent.dtype}"
        )
    base = fresh(tensor, connected=True)
    duals.append((base, tangent))
    return reshape(base, tuple(base.shape))


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """The value and J v, where J are its derivatives by all that carries a tangent, and v the tangents.

    u -> u^T J is a backward pass, linear in u; its own vector-Jacobian product with v is J v. Both results go on to
    what requires a gradient itself.
    """
    made = {node.birth for node in history(tensor, folded=True)}
    duals = [(base, tangent) for base, tangent in _LEVEL.get() or () if base.birth in made]
    if not duals:
        return UnpackedDualTensor(tensor, None)
    bases, tangents = zip(*duals, strict=True)
    with enable_grad():
        us, rows = transposed((tensor,), bases)
        (tangent,) = pull(rows, us, tangents, create_graph=True)
    plain = {base.birth for base in bases if base.primitive is None}
    leaves = [node for node in history(tensor, *tangents) if node.primitive is None and node.birth not in plain]
    if any(leaf.tracked for leaf in leaves):
        return UnpackedDualTensor(tensor, tangent)
    return UnpackedDualTensor(tensor.detach(), tangent.detach())
