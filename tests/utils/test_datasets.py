"""Data sets and samplers, beside lists worked out by hand."""

from collections import Counter
from typing import Any

import pytest

import tinygrad_rnn as tg
from tinygrad_rnn.utils.data import (
    BatchSampler,
    ConcatDataset,
    Dataset,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)


class Squares(Dataset[int]):
    def __init__(self, size: int) -> None:
        self.size = size

    def __getitem__(self, index: int) -> int:
        if index >= self.size:
            raise IndexError(index)
        return index * index

    def __len__(self) -> int:
        return self.size


def seeded(seed: int = 0) -> tg.Generator:
    return tg.Generator().manual_seed(seed)


def test_tensor_datasets() -> None:
    x, y = tg.arange(6).reshape(3, 2), tg.tensor([7, 8, 9])
    data = TensorDataset(x, y)
    assert len(data) == 3
    assert [[part.tolist() for part in data[i]] for i in (0, -1)] == [[[0, 1], 7], [[4, 5], 9]]
    assert [part.tolist() for part in data[1:]] == [[[2, 3], [4, 5]], [8, 9]]
    assert [part.tolist() for part in data[[2, 0]]] == [[[4, 5], [0, 1]], [9, 7]]
    assert data.tensors == (x, y)


def test_joined_datasets() -> None:
    joined = Squares(3) + Squares(0) + ["a", "b"]  # type: ignore[operator]  # anything with a length will do
    assert isinstance(joined, ConcatDataset)
    assert [joined[i] for i in range(len(joined))] == [0, 1, 4, "a", "b"]
    assert [joined[i] for i in (-1, -5)] == ["b", 0]
    assert ConcatDataset([Squares(2), Squares(0), Squares(3)]).cumulative_sizes == [2, 2, 5]


def test_subsets() -> None:
    part: Subset[int] = Subset(Squares(10), [7, 3, 3])
    assert (len(part), [part[i] for i in range(3)], part.__getitems__([2, 0])) == (3, [49, 9, 9], [9, 49])
    assert Subset(part, [1, 0]).__getitems__([0, 1]) == [9, 49]
    tensors: Subset[Any] = Subset(TensorDataset(tg.arange(5)), [4, 2, 0])
    assert tensors[[0, 2]][0].tolist() == [4, 0]


@pytest.mark.parametrize(
    ("lengths", "sizes"),
    [
        ([6, 4], [6, 4]),
        ([10, 0], [10, 0]),
        ([0.5, 0.5], [5, 5]),
        ([0.33, 0.33, 0.34], [4, 3, 3]),
        ([0.1, 0.2, 0.3, 0.4], [1, 2, 3, 4]),
        ([0.25, 0.75], [3, 7]),
        ([0.15, 0.85], [2, 8]),
    ],
)
def test_random_splits(lengths: list[Any], sizes: list[int]) -> None:
    parts = random_split(Squares(10), lengths, seeded())
    assert [len(part) for part in parts] == sizes
    assert sorted(i for part in parts for i in part.indices) == list(range(10))
    again = random_split(Squares(10), lengths, generator=seeded())
    assert [part.indices for part in again] == [part.indices for part in parts]
    assert [i for part in parts for i in part.indices] != list(range(10))


def test_random_splits_by_the_default_generator() -> None:
    def indices() -> list[int]:
        tg.manual_seed(5)
        return list(random_split(Squares(8), [8])[0].indices)

    assert indices() == indices()


def test_orders() -> None:
    assert list(SequentialSampler("abc")) == [0, 1, 2] and len(SequentialSampler("abc")) == 3
    sampler = RandomSampler(range(10), generator=seeded())
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(10)) and first != second and len(sampler) == 10
    assert list(RandomSampler(range(10), generator=seeded())) == first


def test_random_orders_of_another_length() -> None:
    for count in (1, 4, 5, 12):
        drawn = list(RandomSampler(range(5), num_samples=count, generator=seeded()))
        counts = Counter(drawn).values()
        assert len(drawn) == count and max(counts) == -(-count // 5)
    drawn = list(RandomSampler(range(3), replacement=True, num_samples=3000, generator=seeded()))
    assert all(abs(number - 1000) < 100 for number in Counter(drawn).values())


def test_random_orders_of_some_and_by_weight() -> None:
    some = SubsetRandomSampler([8, 3, 5, 1], seeded())
    assert sorted(some) == [1, 3, 5, 8] and len(some) == 4
    weighted = WeightedRandomSampler([0.0, 1.0, 3.0], 4000, generator=seeded())
    counts = Counter(weighted)
    assert set(counts) == {1, 2} and abs(counts[2] - 3000) < 120 and len(weighted) == 4000
    assert sorted(WeightedRandomSampler(tg.tensor([1, 1, 1]), 3, replacement=False, generator=seeded())) == [0, 1, 2]


@pytest.mark.parametrize(
    ("size", "drop_last", "batches"),
    [
        (2, False, [[0, 1], [2, 3], [4]]),
        (2, True, [[0, 1], [2, 3]]),
        (5, True, [[0, 1, 2, 3, 4]]),
        (9, False, [[0, 1, 2, 3, 4]]),
        (9, True, []),
    ],
)
def test_batches_of_indices(size: int, drop_last: bool, batches: list[list[int]]) -> None:
    sampler = BatchSampler(range(5), size, drop_last)
    assert list(sampler) == batches and len(sampler) == len(batches)


class NoItems(Dataset[int]):
    pass


class NoStream(IterableDataset[int]):
    pass


class NoOrder(Sampler[int]):
    pass


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (
            lambda: TensorDataset(tg.ones(3, 2), tg.ones(2)),
            ValueError,
            "TensorDataset takes tensors (samples, ...) with the same number of samples, and got the shapes (3, 2), "
            "(2,)",
        ),
        (
            lambda: TensorDataset(tg.tensor(1.0)),
            ValueError,
            "TensorDataset takes tensors (samples, ...) with the same number of samples, and got the shapes ()",
        ),
        (
            lambda: TensorDataset(),
            ValueError,
            "TensorDataset takes tensors (samples, ...) with the same number of samples, and got none",
        ),
        (lambda: ConcatDataset([]), ValueError, "ConcatDataset was given no data sets; give at least one"),
        (
            lambda: NoStream() + Squares(1),
            TypeError,
            "ConcatDataset needs data sets with a length, and NoStream has none",
        ),
        (
            lambda: ConcatDataset([Squares(2), Squares(3)])[5],
            IndexError,
            "there is no sample 5: the data sets have 5 together",
        ),
        (lambda: NoItems()[0], NotImplementedError, "NoItems has no __getitem__(index): define it to return a sample."),
        (lambda: iter(NoStream()), NotImplementedError, "NoStream has no __iter__(): define it to yield samples."),
        (lambda: iter(NoOrder()), NotImplementedError, "NoOrder has no __iter__(): define it to yield indices."),
        (
            lambda: random_split(Squares(10), [6, 5]),
            ValueError,
            "the parts [6, 5] do not add up: give numbers of samples that make 10, the length of the data set, or "
            "shares that make 1",
        ),
        (
            lambda: random_split(Squares(10), [0.5, 0.6]),
            ValueError,
            "the parts [0.5, 0.6] do not add up: give numbers of samples that make 10, the length of the data set, or "
            "shares that make 1",
        ),
        (
            lambda: random_split(Squares(10), [12, -2]),
            ValueError,
            "the parts [12, -2] do not add up: give numbers of samples that make 10, the length of the data set, or "
            "shares that make 1",
        ),
        (
            lambda: random_split(Squares(10), [1.5, -0.5]),
            ValueError,
            "the shares of a split are from 0 to 1; [1.5, -0.5] was given",
        ),
        (
            lambda: RandomSampler([]),
            ValueError,
            "num_samples is a whole number from 1 up; 0 was given; the data set is empty",
        ),
        (
            lambda: RandomSampler([1], num_samples=0),
            ValueError,
            "num_samples is a whole number from 1 up; 0 was given",
        ),
        (
            lambda: BatchSampler([1], True, False),
            ValueError,
            "batch_size is a whole number from 1 up; True was given",
        ),
        (
            lambda: WeightedRandomSampler([[1.0]], 1),
            ValueError,
            "weights are one number per sample; the shape (1, 1) was given",
        ),
        (
            lambda: WeightedRandomSampler([1.0], 2.5),  # type: ignore[arg-type]
            ValueError,
            "num_samples is a whole number from 1 up; 2.5 was given",
        ),
    ],
)
def test_mistakes(make: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        make()
    assert str(caught.value) == message
