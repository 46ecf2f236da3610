"""What type checkers know of tensors: every line is checked by mypy, by basedpyright, and by running it."""

from typing import assert_type

import tinygrad_rnn as tg
from tests.engine import Extremes
from tinygrad_rnn import Size, Tensor, nn

Pair = Extremes[Tensor]


def operators(x: Tensor, p: nn.Parameter) -> None:
    assert_type(p * 2, Tensor)
    assert_type(2 - p, Tensor)
    assert_type(-p, Tensor)
    assert_type(p @ p, Tensor)
    assert_type(p < 0, Tensor)
    assert_type(x[0], Tensor)
    assert_type(p[:, None], Tensor)
    assert_type(p.mT, Tensor)
    assert_type(p.T, Tensor)


def rows(x: Tensor, p: nn.Parameter) -> None:
    assert_type(tg.tanh(x), Tensor)
    assert_type(tg.tanh(p), Tensor)
    assert_type(x.tanh(), Tensor)
    assert_type(p.mul(x), Tensor)
    assert_type(tg.maximum(x, p), Tensor)
    assert_type(x.absolute(), Tensor)
    assert_type(x.eq(p), Tensor)


def written(x: Tensor, p: nn.Parameter) -> None:
    assert_type(p.sum(dim=0), Tensor)
    assert_type(tg.sum(input=x, dim=0), Tensor)
    assert_type(x.mean(axis=1, keepdims=True), Tensor)
    assert_type(tg.softmax(x, axis=0), Tensor)
    assert_type(x.clamp(0, 1), Tensor)
    assert_type(x.clip(min=0), Tensor)
    assert_type(tg.subtract(x, 1, alpha=2), Tensor)
    assert_type(p.view(-1), Tensor)
    assert_type(x.expand(2, 2, 2), Tensor)
    assert_type(tg.stack([x, p]), Tensor)
    assert_type(tg.einsum("ij,jk->ik", x, p), Tensor)
    assert_type(x.where(x > 0, 0.0), Tensor)
    assert_type(x.new_zeros(2, 3), Tensor)
    assert_type(tg.zeros(2, 3), Tensor)
    assert_type(tg.randn_like(p), Tensor)
    assert_type(x.float(), Tensor)
    assert_type(p.detach(), Tensor)
    assert_type(x.allclose(p), bool)
    assert_type(x.shape, Size)


def several(x: Tensor) -> None:
    assert_type(x.max(), Tensor)
    assert_type(x.max(dim=1), Pair)
    assert_type(x.max(1).values, Tensor)
    assert_type(x.min(axis=1, keepdims=True), Pair)
    assert_type(x.max(x), Tensor)
    assert_type(tg.min(x), Tensor)
    assert_type(tg.min(x, 0), Pair)
    assert_type(tg.min(x, x), Tensor)
    assert_type(x.sort(descending=True), Pair)
    assert_type(tg.topk(x, 1).indices, Tensor)
    assert_type(x.split(1), tuple[Tensor, ...])
    assert_type(tg.chunk(x, 2), tuple[Tensor, ...])
    assert_type(x.unbind()[0], Tensor)
    assert_type(tg.meshgrid(x[0], x[1]), tuple[Tensor, ...])
    assert_type(x.nonzero(), Tensor)
    assert_type(x.nonzero(as_tuple=True), tuple[Tensor, ...])
    assert_type(x.unique(), Tensor)
    assert_type(tg.unique(x, return_counts=True), tuple[Tensor, ...])
    assert_type(list(x), list[Tensor])


def in_place(x: Tensor, p: nn.Parameter) -> None:
    assert_type(x.add_(1), Tensor)
    assert_type(p.add_(1), nn.Parameter)
    assert_type(p.clip_(0, 1), nn.Parameter)
    assert_type(p.tanh_(), nn.Parameter)
    assert_type(p.zero_(), nn.Parameter)
    assert_type(p.requires_grad_(False), nn.Parameter)
    p += x
    assert_type(p, nn.Parameter)


CHECKED = (operators, rows, written, several, in_place)
