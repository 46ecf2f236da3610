"""The long tail of tensor methods: ``x.tanh()`` is ``tanh(x)``, and so for every name below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.operators import Operators
from ..engine.primitive import T
from ..numbers.devices import refuse_other_devices
from ..ops.shaping import getitem
from . import activations as a
from . import algebra as p
from . import compositions as c
from . import counting as n
from . import elementwise as e
from . import indexing as i
from . import joining as j
from . import reduction as r
from . import sampling
from . import shaping as s
from .arguments import raw, sizes

if TYPE_CHECKING:
    from .tensor import Tensor


class Methods(Operators[T]):
    """The functions whose first argument is a tensor, as methods."""

    __slots__ = ()

    array: Any
    shape: Any

    # Entry by entry

    add, sub, mul, div, neg, pow = e.add, e.sub, e.mul, e.div, e.neg, e.pow
    subtract, multiply, divide, true_divide, negative = e.sub, e.mul, e.div, e.div, e.neg
    floor_divide, remainder, square, reciprocal, lerp = e.floor_divide, e.remainder, e.square, e.reciprocal, e.lerp
    exp, expm1, log, log1p, log2, log10 = e.exp, e.expm1, e.log, e.log1p, e.log2, e.log10
    sqrt, rsqrt, erf, abs, absolute, sign = e.sqrt, e.rsqrt, e.erf, e.abs, e.abs, e.sign
    sin, cos, tan, sinh, cosh, tanh = e.sin, e.cos, e.tan, e.sinh, e.cosh, e.tanh
    sigmoid, floor, ceil, round, trunc = e.sigmoid, e.floor, e.ceil, e.round, e.trunc
    clamp, clip, maximum, minimum, nan_to_num = e.clamp, e.clamp, e.maximum, e.minimum, e.nan_to_num

    eq, ne, lt, le, gt, ge = e.eq, e.ne, e.lt, e.le, e.gt, e.ge
    isnan, isinf, isfinite = e.isnan, e.isinf, e.isfinite
    isclose, allclose, equal = e.isclose, e.allclose, e.equal
    clamp_min, clamp_max = c.clamp_min, c.clamp_max
    logical_and, logical_or, logical_not, logical_xor = e.logical_and, e.logical_or, e.logical_not, e.logical_xor

    relu, gelu, silu, elu, leaky_relu = a.relu, a.gelu, a.silu, a.elu, a.leaky_relu
    softplus, softsign, hardtanh = a.softplus, a.softsign, a.hardtanh

    # Over and along axes

    sum, mean, prod, var, std, norm, nansum = r.sum, r.mean, r.prod, r.var, r.std, r.norm, r.nansum
    max, min, amax, amin, argmax, argmin = r.max, r.min, r.amax, r.amin, r.argmax, r.argmin
    any, all, sort, argsort, topk = r.any, r.all, r.sort, r.argsort, r.topk
    logsumexp, softmax, log_softmax, cumsum, cumprod = r.logsumexp, r.softmax, r.log_softmax, r.cumsum, r.cumprod

    bernoulli, multinomial = sampling.bernoulli, sampling.multinomial
    nonzero, count_nonzero, unique, bincount = n.nonzero, n.count_nonzero, n.unique, n.bincount

    # Products

    matmul, mm, bmm, mv, dot, outer = p.matmul, p.mm, p.bmm, p.mv, p.dot, p.outer
    addmm, baddbmm, addcmul, addcdiv = p.addmm, p.baddbmm, c.addcmul, c.addcdiv

    # Arrangement

    reshape, view = s.reshape, s.view
    flatten, unflatten, unsqueeze, squeeze = s.flatten, s.unflatten, s.unsqueeze, s.squeeze
    transpose, swapaxes, t, permute, movedim, moveaxis = s.transpose, s.transpose, s.t, s.permute, s.movedim, s.movedim
    expand, broadcast_to, repeat, tile, flip, roll = s.expand, s.broadcast_to, s.repeat, s.tile, s.flip, s.roll
    narrow, select, tril, triu, diagonal = s.narrow, s.select, s.tril, s.triu, s.diagonal

    unbind, split, chunk = j.unbind, j.split, j.chunk
    diag, trace, repeat_interleave = c.diag, c.trace, c.repeat_interleave

    gather, scatter, scatter_add, take_along_dim = i.gather, i.scatter, i.scatter_add, i.take_along_dim
    index_select, index_add, masked_fill, masked_select = i.index_select, i.index_add, i.masked_fill, i.masked_select

    def where(self, condition: Any, other: Any) -> Tensor:
        """This tensor where ``condition`` holds, ``other`` elsewhere."""
        return e.where(condition, self, other)

    def view_as(self, other: Any) -> Tensor:
        """The same entries in the shape of ``other``."""
        return s.reshape(self, other.shape)

    reshape_as = view_as

    def expand_as(self, other: Any) -> Tensor:
        """Repeated to the shape of ``other``."""
        return s.expand(self, other.shape)

    def __getitem__(self, index: Any) -> Tensor:
        return getitem(self, index=index if type(index) is int else raw(index, self.array.shape))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).array.any())

    # New tensors of the same type

    def new(self, *data: Any) -> Tensor:
        """PyTorch's older spelling: zeros of these sizes, or a copy of the data, in the type of this tensor."""
        if len(data) == 1 and not isinstance(data[0], int):
            return self.new_tensor(data[0])
        return self.new_zeros(data or (0,))

    def new_tensor(self, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        """A new leaf with a copy of ``data``, in the type of this tensor."""
        made = self.fresh(np.array(data.array if hasattr(data, "array") else data, dtype or self.array.dtype))
        return _with(made, device, requires_grad)

    def new_full(
        self, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Tensor:
        """A new leaf of this size with one number everywhere, in the type of this tensor."""
        made = self.fresh(np.full(sizes((size,)), fill_value, dtype or self.array.dtype))
        return _with(made, device, requires_grad)

    def new_zeros(self, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        """A new leaf of this size with zeros, in the type of this tensor."""
        return self.new_full(sizes(size), 0, dtype=dtype, device=device, requires_grad=requires_grad)

    def new_ones(self, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        """A new leaf of this size with ones, in the type of this tensor."""
        return self.new_full(sizes(size), 1, dtype=dtype, device=device, requires_grad=requires_grad)

    new_empty = new_zeros


def _with(made: Tensor, device: Any, requires_grad: bool) -> Tensor:
    refuse_other_devices(device)
    return made.requires_grad_() if requires_grad else made
