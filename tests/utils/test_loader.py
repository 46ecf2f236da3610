"""DataLoader and how it makes batches, beside results worked out by hand."""

from collections import OrderedDict, UserList, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    SequentialSampler,
    Subset,
    TensorDataset,
    default_collate,
    default_convert,
)


class Point(NamedTuple):
    x: Any
    name: Any


class Stream(IterableDataset[int]):
    def __init__(self, size: int) -> None:
        self.size = size

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.size))


class SizedStream(Stream):
    def __len__(self) -> int:
        return self.size


def lists(value: Any) -> Any:
    """With every tensor as a nested list."""
    if isinstance(value, tg.Tensor):
        return value.tolist()
    if isinstance(value, dict):
        return {key: lists(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [lists(each) for each in value]
    return value


# Batches


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        ([tg.tensor([1, 2]), tg.tensor([3, 4])], [[1, 2], [3, 4]]),
        ([np.array([1, 2]), np.array([3, 4])], [[1, 2], [3, 4]]),
        ([1, 2], [1, 2]),
        ([0.5, 2.0], [0.5, 2.0]),
        ([True, False], [True, False]),
        (["a", "b"], ["a", "b"]),
        ([b"a", b"b"], [b"a", b"b"]),
        ([(1, "a"), (2, "b")], [[1, 2], ["a", "b"]]),
        ([[1, 2.0], [3, 4.0]], [[1, 3], [2.0, 4.0]]),
        ([{"x": 1, "y": [2, 3]}, {"x": 4, "y": [5, 6]}], {"x": [1, 4], "y": [[2, 5], [3, 6]]}),
    ],
)
def test_collation(batch: Any, expected: Any) -> None:
    assert lists(default_collate(batch)) == expected


@pytest.mark.parametrize(
    ("batch", "dtype"),
    [
        ([1, 2], "int64"),
        ([1.0, 2.0], "float64"),
        ([True, False], "bool"),
        ([np.float32(1), np.float32(2)], "float32"),
        ([np.int16(1), np.int16(2)], "int16"),
        ([np.ones(2, np.uint8), np.ones(2, np.uint8)], "uint8"),
        ([tg.ones(2), tg.ones(2)], "float32"),
    ],
)
def test_types_of_numbers(batch: Any, dtype: str) -> None:
    assert default_collate(batch).dtype == dtype


def test_types_of_containers() -> None:
    point = default_collate([Point(1, "a"), Point(2, "b")])
    assert type(point) is Point and point.x.tolist() == [1, 2] and point.name == ("a", "b")
    assert type(default_collate([OrderedDict(a=1), OrderedDict(a=2)])) is OrderedDict
    words = defaultdict(int, a=1)
    assert type(default_collate([words, words])) is defaultdict and words == {"a": 1}
    assert type(default_collate([UserList([1, 2]), UserList([3, 4])])) is UserList
    assert type(default_collate([(1, 2), (3, 4)])) is list
    assert type(default_collate([[1, 2], [3, 4]])) is list


def test_gradients_flow_through_a_batch() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    default_collate([x[0], x[1] * 3]).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [1, 3]


def test_conversion_without_a_batch() -> None:
    array = np.arange(3)
    converted = default_convert({"a": array, "b": (1, "x", np.float32(2)), "c": Point(array, None), "d": np.array("s")})
    assert converted["a"].tolist() == [0, 1, 2] and converted["b"][:2] == [1, "x"]
    assert converted["b"][2].dtype == tg.float32 and type(converted["c"]) is Point
    assert converted["c"].x.tolist() == [0, 1, 2] and isinstance(converted["d"], np.ndarray)


# Loaders


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[0], [1], [2], [3], [4]]),
        ({"batch_size": 2}, [[0, 1], [2, 3], [4]]),
        ({"batch_size": 2, "drop_last": True}, [[0, 1], [2, 3]]),
        ({"batch_size": 2, "sampler": [3, 3, 0]}, [[3, 3], [0]]),
        ({"batch_sampler": [[4], [1, 2]]}, [[4], [1, 2]]),
        ({"batch_sampler": BatchSampler(SequentialSampler(range(5)), 3, False)}, [[0, 1, 2], [3, 4]]),
        ({"batch_size": None}, [0, 1, 2, 3, 4]),
        ({"batch_size": None, "sampler": [2, 1]}, [2, 1]),
        ({"batch_size": 3, "collate_fn": sum}, [3, 7]),
        ({"batch_size": 5, "num_workers": 0, "pin_memory": False, "timeout": 0, "in_order": True}, [[0, 1, 2, 3, 4]]),
    ],
)
def test_batches(options: dict[str, Any], expected: list[Any]) -> None:
    loader = DataLoader(range(5), **options)
    assert [lists(batch) for batch in loader] == expected
    assert [lists(batch) for batch in loader] == expected  # a second epoch
    assert len(loader) == len(expected)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"batch_size": 2}, [[0, 1], [2, 3], [4]]),
        ({"batch_size": 2, "drop_last": True}, [[0, 1], [2, 3]]),
        ({"batch_size": None}, [0, 1, 2, 3, 4]),
        ({"batch_size": 3, "shuffle": False}, [[0, 1, 2], [3, 4]]),
    ],
)
def test_streams(options: dict[str, Any], expected: list[Any]) -> None:
    assert [lists(batch) for batch in DataLoader(Stream(5), **options)] == expected
    assert len(DataLoader(SizedStream(5), **options)) == len(expected)
    with pytest.raises(TypeError):
        len(DataLoader(Stream(5), **options))


def test_shuffling_gives_every_sample_once_and_another_order_each_epoch() -> None:
    def epochs() -> list[list[int]]:
        loader = DataLoader(range(20), 6, shuffle=True, generator=tg.Generator().manual_seed(3))
        return [[i for batch in loader for i in batch.tolist()] for _ in range(2)]

    first, second = epochs()
    assert sorted(first) == sorted(second) == list(range(20)) and first != second
    assert epochs() == [first, second]


def test_shuffling_follows_manual_seed() -> None:
    def order() -> list[int]:
        tg.manual_seed(1)
        return [int(i) for i in DataLoader(range(9), shuffle=True)]

    assert order() == order()


def test_a_batch_of_a_tensor_dataset() -> None:
    loader = DataLoader(TensorDataset(tg.arange(6).reshape(3, 2), tg.ones(3)), batch_size=2)
    x, y = next(iter(loader))
    assert (x.tolist(), y.tolist()) == ([[0, 1], [2, 3]], [1, 1])


class Doubled(TensorDataset):
    def __getitem__(self, index: Any) -> Any:
        return tuple(2 * tensor for tensor in super().__getitem__(index))


SIX = TensorDataset(tg.arange(12).reshape(6, 2), tg.tensor([0.5] * 6, dtype=tg.float16), tg.arange(6) > 2)
#: Batches of rows at once, and by what samples they are to be found.
ROWS: dict[str, tuple[Any, list[Any]]] = {
    "once": (SIX, [[0, 1, 2], [5, 3]]),
    "again, from the end, in numbers of numpy's": (SIX, [[1, 1, 4], [-1, -6], list(np.array([2, 3])), [0]]),
    "beyond the end": (SIX, [[0, 6], [1], [-7], [2]]),
    "no index": (SIX, [["a"], [0.5], [None], [2]]),
    "other indices": (SIX, [(0, 1), [True, False], [np.int32(1)], [tg.tensor(1)], np.array([1, 2]), [[1], [2]], [1]]),
    "part of a part": (Subset(Subset(SIX, [5, 4, 3, 2]), list(np.array([3, 0]))), [[0, 1], [-1], [2], [1, 1]]),
    "by one of its own": (Doubled(*SIX.tensors), [[0, 1]]),
    "joined": (SIX + SIX, [[0, 7]]),
    "arrays": (TensorDataset(*(tensor.numpy() for tensor in SIX.tensors)), [[0, 1]]),
    "transposed": (TensorDataset(tg.arange(12).reshape(2, 6).t()), [[0, 5, 1]]),
    "with a gradient": (TensorDataset(tg.arange(6.0).requires_grad_()), [[0, 5, 1]]),
}


@pytest.mark.parametrize(("data", "order"), ROWS.values(), ids=ROWS)
def test_rows_at_once_are_what_the_samples_make(data: Any, order: list[Any]) -> None:
    def batches(**options: Any) -> list[Any]:
        found: list[Any] = []
        left = iter(DataLoader(data, batch_sampler=order, **options))
        for _ in range(len(order) + 1):
            try:
                tensors = next(left)
                found.append(
                    [(each.dtype, each.tolist(), each.requires_grad, each.is_contiguous()) for each in tensors]
                )
            except Exception as error:
                found.append((type(error), str(error)))
        return found

    assert batches() == batches(collate_fn=lambda samples: default_collate(samples))


def test_a_batch_of_rows_is_no_part_of_the_data() -> None:
    (x, *_), *_ = DataLoader(SIX, batch_size=6)
    x.zero_()
    assert SIX.tensors[0].sum().item() == 66


def test_samples_are_read_when_they_are_needed() -> None:
    read: list[int] = []

    class Noting:
        def __getitem__(self, index: int) -> int:
            read.append(index)
            return index

        def __len__(self) -> int:
            return 100

    batches = iter(DataLoader(Noting(), batch_size=2))
    next(batches)
    assert read == [0, 1]


def test_several_samples_at_once() -> None:
    class Several:
        def __getitems__(self, indices: list[int]) -> list[int]:
            return [10 * index for index in indices]

        def __len__(self) -> int:
            return 3

    assert [batch.tolist() for batch in DataLoader(Several(), batch_size=2)] == [[0, 10], [20]]


def test_training_with_a_loader_goes_down() -> None:
    tg.manual_seed(0)
    x = tg.randn(40, 2)
    data = TensorDataset(x, x @ tg.tensor([[2.0], [-1.0]]))
    model = tg.nn.Linear(2, 1)
    optimizer = tg.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(20):
        for inputs, targets in DataLoader(data, batch_size=8, shuffle=True):
            optimizer.zero_grad()
            tg.nn.functional.mse_loss(model(inputs), targets).backward()
            optimizer.step()
    np.testing.assert_allclose(model.weight.array, [[2.0, -1.0]], atol=1e-3)


STREAM = (
    "an IterableDataset has its own order: shuffle, sampler and batch_sampler need a data set whose samples can be "
    "read by number"
)
ALONE = "a batch_sampler makes the batches itself: give it alone, without batch_size, shuffle, sampler and drop_last"


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (range(3), {"timeout": 5}, "timeout=5 is for workers, and num_workers=0: use timeout=0"),
        (
            range(3),
            {"multiprocessing_context": "spawn"},
            "multiprocessing_context='spawn' is for workers, and num_workers=0: use multiprocessing_context=None",
        ),
        (
            range(3),
            {"prefetch_factor": 2},
            "prefetch_factor=2 is for workers, and num_workers=0: use prefetch_factor=None",
        ),
        (
            range(3),
            {"persistent_workers": True},
            "persistent_workers=True is for workers, and num_workers=0: use persistent_workers=False",
        ),
        (
            range(3),
            {"num_workers": 1, "prefetch_factor": 0},
            "prefetch_factor is a whole number from 1 up; 0 was given",
        ),
        (range(3), {"num_workers": -1}, "num_workers and timeout cannot be negative; -1 and 0 were given"),
        (Stream(3), {"shuffle": True}, STREAM),
        (Stream(3), {"sampler": [0]}, STREAM),
        (Stream(3), {"batch_sampler": [[0]]}, STREAM),
        (
            range(3),
            {"sampler": [0], "shuffle": True},
            "a sampler is an order of its own: give either sampler or shuffle=True",
        ),
        (range(3), {"batch_sampler": [[0]], "batch_size": 2}, ALONE),
        (range(3), {"batch_sampler": [[0]], "drop_last": True}, ALONE),
        (range(3), {"batch_sampler": [[0]], "shuffle": True}, ALONE),
        (range(3), {"batch_sampler": [[0]], "sampler": [0]}, ALONE),
        (
            range(3),
            {"batch_size": None, "drop_last": True},
            "batch_size=None makes no batches, so that there is no last one to drop: drop_last=False",
        ),
        (range(3), {"batch_size": 0}, "batch_size is a whole number from 1 up; 0 was given"),
        (range(3), {"batch_size": 1.5}, "batch_size is a whole number from 1 up; 1.5 was given"),
        (
            range(0),
            {"shuffle": True},
            "num_samples is a whole number from 1 up; 0 was given; the data set is empty",
        ),
    ],
)
def test_what_contradicts_itself(data: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        DataLoader(data, **options)
    assert str(caught.value) == message


def test_memory_is_not_pinned() -> None:
    with pytest.warns(UserWarning, match="^pin_memory=True: .*; nothing is pinned$") as noticed:
        DataLoader(range(4), pin_memory=True)
    assert [each.filename for each in noticed] == [__file__]


def test_unknown_arguments() -> None:
    with pytest.raises(TypeError, match=r"^DataLoader\(\) takes no batchsize=: it takes "):
        DataLoader(range(3), batchsize=2)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("batch", "kind", "message"),
    [
        (
            [tg.ones(2), tg.ones(3)],
            RuntimeError,
            "samples of different shapes make no batch: (2,), (3,); pad them in a collate_fn "
            "(nn.utils.rnn.pad_sequence), or take batch_size=1",
        ),
        (
            [[1, 2], [3]],
            RuntimeError,
            "samples that are lists of different lengths make no batch: [1, 2]; pad them in a collate_fn, or make each "
            "a tensor of its own",
        ),
        (
            [{"a": None}],
            TypeError,
            "a batch is made of tensors, numpy arrays, numbers, strings, and dictionaries, tuples and lists of them; a "
            "sample holds NoneType: give a collate_fn",
        ),
        (
            [np.array(["a"])],
            TypeError,
            "a batch is made of tensors, numpy arrays, numbers, strings, and dictionaries, tuples and lists of them; a "
            "sample holds ndarray: give a collate_fn",
        ),
    ],
)
def test_samples_that_make_no_batch(batch: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        default_collate(batch)
    assert str(caught.value) == message
