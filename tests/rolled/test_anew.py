"""What a compiled function computes on its way is computed anew in every call: places, truth values, integers.

A program is made of two calls, and what both have in common could be taken for a constant. So the first one is given
the same number everywhere, of which other data have the same places and truth values.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn.nn import functional as F

DATA = [np.array(each, np.float32) for each in ([2, 2, 2], [1.5, 2, 4], [9, 1, 2], [1, 9, 2])]

#: Functions of a vector of three numbers.
COMPUTED: dict[str, Callable[[Any], Any]] = {
    "an entry at a place": lambda x: x[x.argmax()] * x.sum(),
    "entries before a place": lambda x: x[: x.argmax() + 1].sum(),
    "max along an axis": lambda x: x.max(0)[0] * 2,
    "max of rows": lambda x: x[None].max(1)[0] * 2,
    "where it is": lambda x: x.max(0)[1].float() * x,
    "a place as a number": lambda x: x * x.argmax(),
    "sort": lambda x: x.sort()[0] * tg.tensor([1.0, 2, 3]),
    "topk": lambda x: x.topk(2)[0] * tg.tensor([1.0, 2]),
    "median": lambda x: x.median() + x.nanmedian() + x.median(0)[0],
    "kthvalue": lambda x: x.kthvalue(2)[0],
    "a mask as an index": lambda x: x[x > 1.8].sum(),
    "masked_select": lambda x: x.masked_select(x > 1.8).sum(),
    "masked_scatter": lambda x: x.masked_scatter(x > 1.8, tg.ones(3)),
    "masked_fill": lambda x: x.masked_fill(x > 1.8, 0.0),
    "nonzero": lambda x: x[(x > 1.8).nonzero()[:, 0]].sum(),
    "cummax": lambda x: x.cummax(0)[0] * tg.tensor([1.0, 2, 3]),
    "mode": lambda x: x.mode()[0],
    "numbers as places": lambda x: x[(x * 0.3).long().clamp(0, 2)].sum(),
    "places counted on": lambda x: x[(x.argsort() + 1) % 3] + x[x.argsort() - 3],
    "places turned": lambda x: x[x.argsort().flip(0)],
    "places and numbers": lambda x: (x[:, None] * x)[x.argsort(), [0, 1, 2]],
    "gather": lambda x: x.gather(0, x.argsort()).sum() * x.argsort()[0],
    "take": lambda x: x.take(x.argmax()) + x.take_along_dim(x.argmax()[None], 0),
    "index_select": lambda x: x.index_select(0, x.argmax()[None]),
    "scatter": lambda x: tg.zeros(3).scatter(0, x.argsort(), x),
    "scatter_add": lambda x: tg.zeros(3).scatter_add(0, x.argmax()[None], x),
    "index_add": lambda x: tg.zeros(3).index_add(0, x.argmax()[None], x[:1]),
    "index_put": lambda x: x.index_put((x.argmax()[None],), tg.ones(1)) + x.put(x.argmin()[None], tg.ones(1)),
    "repeat_interleave": lambda x: x.repeat_interleave(x.argsort()).sum(),
    "one_hot": lambda x: (F.one_hot(x.argmax(), 3) * x).sum() + (F.one_hot((x > 1.8).long(), 2) * x[:, None]).sum(),
    "embedding": lambda x: F.embedding(x.argmax(), tg.eye(3)) @ x + F.embedding(x.argsort(), tg.eye(3)) @ x,
    "cross_entropy": lambda x: F.cross_entropy(x[None], x.argmax()[None]),
    "multi_margin_loss": lambda x: F.multi_margin_loss(x[None], x.argmax()[None]),
    "multilabel_margin_loss": lambda x: F.multilabel_margin_loss(x, x.argsort()),
    "max_pool1d": lambda x: F.max_pool1d(x[None, None], 2, return_indices=True)[0].sum(),
    "searchsorted": lambda x: x * tg.searchsorted(tg.tensor([0.0, 5.0]), x) * tg.bucketize(x, tg.tensor([3.0])),
    "unique": lambda x: x.unique().sum(),
    "bincount": lambda x: x * tg.bincount(x.long(), minlength=12)[:3],
    "histc": lambda x: x * tg.histc(x.detach(), 3, 0, 10),
    "count_nonzero": lambda x: x * tg.count_nonzero(x > 1.8),
    "isin": lambda x: x * tg.isin(x, tg.tensor([9.0, 2.0])).float(),
    "isclose": lambda x: x * tg.isclose(x, x.flip(0)),
    "allclose": lambda x: x * (2 if tg.allclose(x, x.flip(0)) else 3) * (5 if tg.equal(x, x.flip(0)) else 7),
    "quantile": lambda x: x.quantile(0.4),
    "renorm": lambda x: tg.renorm(x[None], 2, 0, 3.0),
    "steps of roll": lambda x: x.roll(int(x.argmax())),
    "select": lambda x: x.select(0, x.argmax()),
    "a new tensor": lambda x: x * tg.tensor(x.argmax()) + tg.full((3,), x.argmax()) + tg.tensor(x.argmax().item()),
    "the same tensor": lambda x: x * tg.as_tensor(x.argmax()),
    "arange": lambda x: x.sum() * tg.arange(x.argmax() + 1).sum(),
    "a list of numbers": lambda x: x * x.tolist()[0],
    "an array of numpy": lambda x: x * tg.from_numpy(x.detach().numpy().argmax().reshape(1)),
    "gumbel_softmax": lambda x: F.gumbel_softmax(x * 0 + tg.tensor([0.0, 50.0, 0]), hard=True) * x,
    "matrix_exp": lambda x: tg.matrix_exp(x.reshape(3, 1) * tg.eye(3)).sum(),
    "slogdet": lambda x: tg.linalg.slogdet((x - 3).diag())[0] * x,
    "frexp": lambda x: tg.frexp(x)[1] * x,
    "bernoulli": lambda x: tg.bernoulli((x > 1.8).float()) * x,
    "normal": lambda x: tg.normal(x.detach(), tg.zeros(3)) * x,
    "attention without keys": lambda x: F.scaled_dot_product_attention(
        x.reshape(1, 3, 1), x.reshape(1, 3, 1), x.reshape(1, 3, 1), attn_mask=(x > 1.8)[:, None].expand(3, 3)
    ),
    "two masks": lambda x: ((x > 1.8) * 1.0 + (x > 2.5) * 1.0) * x + ((x > 1.8) + (x > 2.5)) * x,
    "masks of one value": lambda x: (x > 1.8) * x + (x > 2.5) * x - (x > 5) * x,
    "masks of real numbers": lambda x: ((x > 1.8).float() + (x > 2.5).float()) * x,
    "masks of masks": lambda x: (~(x > 1.8) | ((x > 1.2) & (x < 5)) ^ (x > 2.5)) * x,
    "counted masks": lambda x: x / (x > 1.2).sum() + (x > 1.8).float().mean() + (x > 1.8).cumsum(0) * x,
    "any and all": lambda x: x * (x > 3).any() + x * (x > 1.8).all(),
    "equal numbers": lambda x: x * (x == x.max()) + (x.argmax() == tg.arange(3)) * x,
    "a choice of integers": lambda x: tg.where(x > 1.8, x.long(), 0) * x + tg.maximum(x.long(), x.argsort()) * x,
    "integers twice": lambda x: (lambda i: (i + i) * x)(x.long()),
    "integers divided": lambda x: (x.long() / 2) * x + (x.long() // 2) * x + x * (x.long() & 1),
    "integers as powers": lambda x: x ** x.long().clamp(0, 3) + 2 ** x.long().clamp(0, 3) * x,
    "integers and numbers": lambda x: x * (x.argsort() * 2) + x * (x.argsort() * 1.0) + (1 - x.long()) * x,
    "integers of fewer bits": lambda x: x * (x > 1.8).byte() + x * (-x.to(tg.int8)),
    "sums of integers": lambda x: x * x.long().sum() + x * x.long().prod() + x.long().float().mean(),
    "joined integers": lambda x: x * tg.cat([x.long()[:1], x.long()[1:]]) + (x * tg.stack([x > 1.2, x > 2])).sum(0),
    "other real numbers": lambda x: (x.double() * x.argsort()).float() + (x.half() * x) + (x * x.double()),
    "constants of integers": lambda x: x * tg.arange(3) + tg.zeros_like(x.long()) + tg.ones(3, dtype=tg.long).cumsum(0),
    "a function of integers": lambda x: x * x.long().sqrt() + (x > 1.8).sigmoid() * x + x.long().mean(dtype=tg.float32),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPUTED)
@pytest.mark.parametrize("gradient", [False, True])
def test_what_follows_from_the_numbers_is_computed_in_every_call(name: str, gradient: bool) -> None:
    f = COMPUTED[name]
    fast = tg.compile(f)
    for data in DATA:
        found = []
        for function in (f, fast):
            x = tg.tensor(data, requires_grad=gradient)
            tg.manual_seed(0)
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", ".*runs as it is written")
                y = function(x)
            if y.requires_grad:
                y.square().sum().backward()
            found.append((y.dtype, y.requires_grad, x.grad is None, y.detach().numpy(), x.grad))
        (*wanted, y, d), (*given, y_given, d_given) = found
        assert given == wanted
        np.testing.assert_allclose(y_given, y, 1e-5)
        np.testing.assert_allclose(0.0 if d_given is None else d_given.numpy(), 0.0 if d is None else d.numpy(), 1e-5)
