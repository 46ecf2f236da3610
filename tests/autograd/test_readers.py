"""Gradients that are read while the backward pass runs: complete, once, as early as can be, and the same to the bit."""

from collections.abc import Collection, Iterator
from typing import Any

import pytest

import tinygrad_rnn as tg
from tests.engine import Node, readers
from tinygrad_rnn import nn


class Watching:
    """Notes what passes: a leaf of its own by its position, anything else as None."""

    def __init__(self, leaves: list[Any]) -> None:
        self.leaves: Collection[Node] = leaves
        self.seen = list[int | None]()
        readers.add(self)

    def read(self, stream: Iterator[tuple[Node, Any, Any]]) -> Iterator[tuple[Node, Any, Any]]:
        places = {id(leaf): k for k, leaf in enumerate(self.leaves)}
        for each in stream:
            self.seen.append(places.get(id(each[0])))
            yield each


def chain() -> tuple[Any, list[Any]]:
    leaves = [tg.tensor([float(k + 1)], requires_grad=True) for k in range(4)]
    y = leaves[0] * 2
    for leaf in leaves[1:]:
        y = (y * leaf).tanh() + leaves[3]
    return y.sum(), leaves


def network(cell: Any, layers: int) -> tuple[Any, list[Any]]:
    tg.manual_seed(0)
    model, head = cell(3, 4, layers), nn.Linear(4, 1)
    return head(model(tg.randn(6, 2, 3))[0][-1]).sum(), [*model.parameters(), *head.parameters()]


def looked_into() -> tuple[Any, list[Any]]:
    loss, leaves = network(nn.LSTM, 2)
    tg.history(loss)
    return loss, leaves


def the_leaf_itself() -> tuple[Any, list[Any]]:
    x = tg.tensor(2.0, requires_grad=True)
    return x, [x]


GRAPHS: dict[str, Any] = {
    "chain": chain,
    "RNN": lambda: network(nn.RNN, 1),
    "LSTM of three layers": lambda: network(nn.LSTM, 3),
    "GRU": lambda: network(nn.GRU, 2),
    "looked into": looked_into,
    "the leaf itself": the_leaf_itself,
}


@pytest.mark.parametrize("name", GRAPHS)
def test_gradients_are_those_without_a_reader(name: str) -> None:
    loss, leaves = GRAPHS[name]()
    loss.backward()
    read, own = GRAPHS[name]()
    reader = Watching(own)
    read.backward()
    assert sorted(k for k in reader.seen if k is not None) == list(range(len(own)))
    for a, b in zip(leaves, own, strict=True):
        assert a.grad.array.tobytes() == b.grad.array.tobytes()


def test_a_leaf_comes_as_soon_as_its_gradient_is_complete() -> None:
    loss, leaves = chain()
    reader = Watching(leaves)
    loss.backward()
    # From the sum on: leaf 2 is used in one step alone, leaf 3 for the first time in the step before it.
    n = None
    assert reader.seen == [n, n, n, n, n, n, n, 2, n, 3, n, n, 1, n, 0]


def test_upper_modules_come_while_lower_ones_are_computed() -> None:
    lower, upper = nn.GRU(3, 4), nn.LSTM(4, 4)
    loss, leaves = upper(lower(tg.randn(6, 2, 3))[0])[0].sum(), [*lower.parameters(), *upper.parameters()]
    reader = Watching(leaves)
    loss.backward()
    order = [k for k in reader.seen if k is not None]
    assert set(order[:4]) == {4, 5, 6, 7} and set(order[4:]) == {0, 1, 2, 3}
    assert reader.seen.index(order[4]) - reader.seen.index(order[3]) > 1


def test_other_ways_to_gradients_are_not_read() -> None:
    loss, leaves = chain()
    reader = Watching(leaves)
    tg.autograd.grad(loss, leaves, retain_graph=True)
    assert reader.seen == []
    with tg.autograd.detect_anomaly():
        loss.backward(inputs=leaves[:1])
    assert [k for k in reader.seen if k is not None] == [0]


def test_a_reader_is_forgotten_with_its_owner() -> None:
    before = len(readers.readers)
    reader = Watching([tg.zeros(1)])
    assert len(readers.readers) == before + 1
    del reader
    assert len(readers.readers) == before


def test_what_a_reader_gives_on_is_what_is_added() -> None:
    class Doubling(Watching):
        def read(self, stream: Any) -> Any:
            held = list(stream)
            for node, g, shares in held:
                yield node, 2 * g if id(node) in map(id, self.leaves) else g, shares

    x: Any = tg.tensor(3.0, requires_grad=True)
    reader = Doubling([x])
    (x * x).backward()
    assert x.grad.item() == 12
    fast = tg.compile(lambda x: (x * x).sum())
    for _ in range(3):
        x.grad = None
        fast.forward_backward(x)
        assert x.grad.item() == 12
    del reader
