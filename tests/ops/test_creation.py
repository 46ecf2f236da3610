"""Making tensors: beside PyTorch where the numbers are certain, by their properties where chance makes them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

MADE: list[Callable[[Any], Any]] = [
    lambda t: t.tensor(np.float64(1.5)), lambda t: t.tensor([np.float64(1.5)]), lambda t: t.tensor([np.float32(1)]),
    lambda t: t.tensor([np.array([1.0, 2.0])]), lambda t: t.tensor(np.array([1.0])), lambda t: t.tensor([]),
    lambda t: t.tensor([[]]), lambda t: t.tensor([1, 2.0]), lambda t: t.tensor([True, 1]), lambda t: t.tensor(3),
    lambda t: t.tensor([t.tensor(1.0), t.tensor(2.0)]), lambda t: t.tensor((1, 2)), lambda t: t.tensor(range(3)),
    lambda t: t.tensor([1.5, 2.7], dtype=t.int64), lambda t: t.tensor([1, 2], dtype=t.float32, requires_grad=True),
    lambda t: t.Tensor([1, 2]), lambda t: t.Tensor(), lambda t: t.Tensor((2, 3)), lambda t: t.Tensor([[1], [3]]),
    lambda t: t.FloatTensor([1, 2]), lambda t: t.LongTensor([1.7, 2]), lambda t: t.LongTensor(),
    lambda t: t.BoolTensor([1, 0]), lambda t: t.DoubleTensor(np.array([1, 2])), lambda t: t.ByteTensor([1, 2]),
    lambda t: t.zeros(2, 3), lambda t: t.zeros((2,)), lambda t: t.zeros([2]), lambda t: t.zeros(t.Size([2])),
    lambda t: t.zeros(()), lambda t: t.zeros(size=(2,)), lambda t: t.zeros(2, dtype=t.int64),
    lambda t: t.ones(2, 0), lambda t: t.ones(2, dtype=t.bool), lambda t: t.full((2,), 3),
    lambda t: t.full((2,), 3.0), lambda t: t.full((2,), True), lambda t: t.full((2,), 3, dtype=t.float64),
    lambda t: t.arange(5), lambda t: t.arange(1, 5, 2), lambda t: t.arange(0, 1, 0.25), lambda t: t.arange(5.0),
    lambda t: t.arange(5, 0, -2), lambda t: t.arange(0, 3, dtype=t.float64), lambda t: t.arange(t.tensor(3)),
    lambda t: t.arange(2.5), lambda t: t.arange(0.1, 0.9, 0.2, dtype=t.float64), lambda t: t.arange(0),
    lambda t: t.linspace(0, 1, 5), lambda t: t.linspace(0, 1, 1), lambda t: t.linspace(3, -2, 7, dtype=t.float64),
    lambda t: t.linspace(0, 1, 0), lambda t: t.linspace(0, 10, 5, dtype=t.int64), lambda t: t.eye(2),
    lambda t: t.eye(2, 3, dtype=t.int64), lambda t: t.zeros_like(t.tensor([1, 2])),
    lambda t: t.ones_like(t.tensor([1, 2]), dtype=t.float32), lambda t: t.full_like(t.tensor([1.0, 2.0]), 7.5),
    lambda t: t.as_tensor([1, 2]), lambda t: t.as_tensor(np.array([1.0])), lambda t: t.randperm(4).sort()[0],
    lambda t: t.bernoulli(t.tensor([0.0, 1.0])), lambda t: t.multinomial(t.tensor([0.0, 1.0, 0.0]), 1),
    lambda t: t.multinomial(t.tensor([[0.0, 1.0], [1.0, 0.0]]), 3, replacement=True), lambda t: t.zeros(2).long(),
    lambda t: t.zeros(2).type(t.LongTensor), lambda t: t.zeros(2).type("torch.DoubleTensor"),
    lambda t: t.zeros(2).to("cpu", t.float64), lambda t: t.zeros(2).to(t.zeros(1, dtype=t.int64)),
    lambda t: t.zeros(2).to(t.device("cpu")), lambda t: t.zeros(2).new_zeros(3), lambda t: t.ones(2, device="cpu"),
    lambda t: t.zeros(2).long().new_zeros((1, 2)), lambda t: t.zeros(2).new_ones(2, dtype=t.int32),
    lambda t: t.zeros(2).new_full((2,), 3), lambda t: t.zeros(2).new_tensor([1, 2]),
    lambda t: t.zeros(2).new([1, 2]), lambda t: t.zeros(2).long().new(2, 0), lambda t: t.zeros(2).new(),
    lambda t: t.zeros(2).cpu(),
]  # fmt: skip


@pytest.mark.parametrize("make", MADE, ids=range(len(MADE)))
def test_is_made_as_in_torch(make: Callable[[Any], Any]) -> None:
    torch = pytest.importorskip("torch")
    mine = make(tg)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch finds a list of arrays slow
        theirs = make(torch)
    assert str(mine.dtype) == str(theirs.dtype).removeprefix("torch.")
    assert (tuple(mine.shape), mine.requires_grad) == (tuple(theirs.shape), theirs.requires_grad)
    np.testing.assert_allclose(
        mine.detach().numpy(), theirs.detach().numpy(), rtol=1e-6 if mine.dtype == tg.float32 else 1e-14
    )


@pytest.mark.parametrize(
    ("make", "shape", "dtype"),
    [
        (lambda g: tg.rand(2, 3, generator=g), (2, 3), tg.float32),
        (lambda g: tg.randn((2, 3), generator=g, dtype=tg.float64), (2, 3), tg.float64),
        (lambda g: tg.randint(3, (4,), generator=g), (4,), tg.int64),
        (lambda g: tg.randint(2, 5, size=(4,), generator=g, dtype=tg.float32), (4,), tg.float32),
        (lambda g: tg.randperm(5, generator=g), (5,), tg.int64),
        (lambda g: tg.normal(1.0, 2.0, size=(3,), generator=g), (3,), tg.float32),
        (lambda g: tg.normal(tg.zeros(3, 1), tg.ones(2), generator=g), (3, 2), tg.float32),
        (lambda g: tg.bernoulli(tg.full((4,), 0.5), generator=g), (4,), tg.float32),
        (lambda g: tg.multinomial(tg.ones(2, 5), 3, generator=g), (2, 3), tg.int64),
        (lambda g: tg.zeros(3).uniform_(1, 2, generator=g), (3,), tg.float32),
        (lambda g: tg.zeros(3).normal_(1, 2, generator=g), (3,), tg.float32),
        (lambda g: tg.zeros(3).exponential_(2, generator=g), (3,), tg.float32),
        (lambda g: tg.zeros(9, dtype=tg.int16).random_(generator=g), (9,), tg.int16),
        (lambda g: tg.rand_like(tg.zeros(3, dtype=tg.float64), generator=g), (3,), tg.float64),
    ],
)
def test_chance_follows_the_seed(make: Callable[[Any], tg.Tensor], shape: Any, dtype: Any) -> None:
    first, again, other = (make(tg.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert (tuple(first.shape), first.dtype) == (shape, dtype)
    assert tg.equal(first, again) and (not tg.equal(first, other) or dtype == tg.int64 or shape == (4,))
    tg.manual_seed(1)
    assert tg.equal(make(None), first)


def test_distributions() -> None:
    g = tg.Generator().manual_seed(0)
    n = 100_000
    uniform, normal = tg.rand(n, generator=g), tg.normal(3.0, 2.0, size=(n,), generator=g)
    assert uniform.min().item() >= 0 and uniform.max().item() < 1 and abs(uniform.mean().item() - 0.5) < 0.01
    assert abs(normal.mean().item() - 3) < 0.05 and abs(normal.std().item() - 2) < 0.05
    waited = tg.empty(n).exponential_(4, generator=g)
    assert abs(waited.mean().item() - 0.25) < 0.005 and abs((waited > 0.5).float().mean().item() - np.exp(-2)) < 0.005


@pytest.mark.parametrize("dtype", [tg.float16, tg.float32, tg.float64, tg.uint8, tg.int32, tg.int64])
def test_whole_numbers_fill_their_type(dtype: Any) -> None:
    """Without bounds up to the largest, and no further than what is exact: half of them are above its half."""
    drawn = tg.empty(2000, dtype=dtype).random_(generator=tg.Generator().manual_seed(0)).array
    most = 2.0 ** {"e": 11, "f": 24, "d": 53, "B": 8, "i": 31, "l": 63, "q": 63}[drawn.dtype.char]
    assert drawn.min() >= 0 and drawn.max() <= most and (drawn == np.floor(drawn)).all()
    assert abs((drawn > most / 2).mean() - 0.5) < 0.05


#: Chances with a zero at each end and in the middle, a rare one and many equal ones.
CHANCES = np.array([0, 0, 3, 0.01, 1, 0, *[0.5] * 30, 0])


def rolled(rows: int, drawn: Callable[[tg.Tensor], tg.Tensor]) -> Any:
    """What is drawn in rows of the same chances, each from another place on and of another size, as from CHANCES."""
    each = [np.roll(CHANCES, row) * 10.0 ** (300 - 600 * row // rows) for row in range(rows)]
    return (drawn(tg.tensor(np.array(each))).numpy() - np.arange(rows)[:, None]) % len(CHANCES)


@pytest.mark.parametrize(
    ("draw", "weights"),
    [
        (lambda g: tg.randint(7, (70_000,), generator=g), np.ones(7)),
        (lambda g: tg.randint(-3, 4, (70, 1000), generator=g) + 3, np.ones(7)),
        (lambda g: tg.empty(70_000).random_(-3, 4, generator=g).long() + 3, np.ones(7)),
        (lambda g: tg.empty(70_000, dtype=tg.uint8).random_(7, generator=g), np.ones(7)),
        (lambda g: tg.empty(70_000, dtype=tg.bool).random_(generator=g).long(), np.ones(2)),
        (lambda g: tg.randint(2**40, 2**40 + 5, (50_000,), generator=g) - 2**40, np.ones(5)),
        (lambda g: tg.randint(2**33, (50_000,), generator=g) % 16, np.ones(16)),
        (lambda g: tg.multinomial(tg.tensor(CHANCES), 100_000, True, generator=g), CHANCES),
        (lambda g: tg.multinomial(tg.tensor(np.repeat(CHANCES, 60)), 50_000, True, generator=g) // 60, CHANCES),
        (lambda g: rolled(9, lambda rows: tg.multinomial(rows, 50, True, generator=g)), CHANCES),
        (lambda g: rolled(40, lambda rows: tg.multinomial(rows, 1000, True, generator=g)), CHANCES),
        (lambda g: rolled(5000, lambda rows: tg.multinomial(rows, 1, generator=g)), CHANCES),
        (lambda g: rolled(5000, lambda rows: tg.multinomial(rows, 3, generator=g)[:, :1]), CHANCES),
        (
            lambda g: (tg.multinomial(tg.ones(30_000, 4) * tg.arange(4), 2, generator=g) * tg.tensor([4, 1])).sum(1),
            np.array([[i * j / (6 - i) if i != j else 0.0 for j in range(4)] for i in range(4)]).ravel(),
        ),
    ],
    ids=[
        "randint", "randint from below zero", "random_", "random_ of bytes", "random_ of truth values",
        "randint from far off", "randint of many", "one row", "one long row", "a few rows",
        "many rows", "one of a row", "the first of three", "pairs without repetition",
    ],
)  # fmt: skip
def test_what_is_drawn_has_its_chance(draw: Callable[[tg.Generator], Any], weights: Any) -> None:
    """Pearson's chi-square stays within five of its standard deviations, and what has no weight is never drawn."""
    drawn = np.asarray(draw(tg.Generator().manual_seed(1))).ravel()
    counts = np.bincount(drawn, minlength=len(weights))
    assert drawn.min() >= 0 and len(counts) == len(weights) and not counts[weights == 0].any()
    expected = (weights / weights.sum() * drawn.size)[weights > 0]
    freedom = len(expected) - 1
    assert ((counts[weights > 0] - expected) ** 2 / expected).sum() < freedom + 5 * (2 * freedom) ** 0.5


def test_all_are_drawn_where_as_many_are_asked_for() -> None:
    assert sorted(tg.multinomial(tg.ones(4), 4).tolist()) == [0, 1, 2, 3]


def test_the_state_of_chance_can_be_kept() -> None:
    tg.manual_seed(5)
    state = tg.get_rng_state()
    first = tg.randn(3)
    tg.set_rng_state(state)
    assert tg.equal(tg.randn(3), first) and tg.initial_seed() == 5
    assert tg.seed() == tg.initial_seed()


def test_tensor_copies_and_from_numpy_shares() -> None:
    array = np.zeros(3)
    copied, shared, also = tg.tensor(array), tg.from_numpy(array), tg.as_tensor(array)
    array[0] = 1
    assert (copied[0].item(), shared[0].item(), also[0].item()) == (0, 1, 1)
    shared.numpy()[1] = 2
    shared.add_(1)
    assert array.tolist() == [2, 3, 1]
    clone = shared.clone()
    shared.zero_()
    assert clone.tolist() == [2, 3, 1] and shared.data.tolist() == [0, 0, 0]


def test_views_share_memory() -> None:
    x = tg.zeros(2, 3)
    x[0][1] = 5
    x.t()[2].fill_(7)
    x.view(-1)[3] += 1
    x[1, 1].add_(4)
    assert x.tolist() == [[0, 5, 7], [1, 4, 7]]


def test_devices() -> None:
    assert repr(tg.device("cpu")) == "device(type='cpu')" and str(tg.zeros(1).device) == "cpu"
    assert tg.zeros(1).device == tg.device("cpu") and not tg.cuda.is_available() and tg.cuda.device_count() == 0
    assert tg.device("cuda" if tg.cuda.is_available() else "cpu").type == "cpu"
    assert tg.zeros(1).type() == "torch.FloatTensor" and not tg.zeros(1).is_cuda


def test_random_numbers_in_float32_stay_below_one() -> None:
    assert tg.rand(1_000_000, generator=tg.Generator().manual_seed(0)).max().item() < 1


@pytest.mark.parametrize("make", [tg.tensor, tg.as_tensor, lambda a: tg.tensor([a, a])[0], tg.ones(1).new_tensor])
@pytest.mark.parametrize("dtype", [">f4", ">f8", ">i2", ">i8"])
def test_numbers_in_another_order_of_bytes_are_copied(make: Callable[[Any], tg.Tensor], dtype: str) -> None:
    made = make(np.arange(4).astype(dtype))
    assert made.tolist() == [0, 1, 2, 3] and made.dtype.isnative and made.sum().item() == 6
    with pytest.raises(TypeError, match="order of bytes"):
        tg.from_numpy(np.arange(4).astype(dtype))


def test_numbers_of_more_than_64_bits_are_refused() -> None:
    wide = np.ones(2, np.longdouble)
    if wide.itemsize > 16:  # elsewhere it is float64 by another name
        for make in (tg.tensor, tg.as_tensor, tg.from_numpy):
            with pytest.raises(TypeError, match="a tensor holds numbers"):
                make(wide)
