"""Loaders, collation and splits beside PyTorch's, wherever nothing is random."""

from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
import tinygrad_rnn.utils.data as mine

torch = pytest.importorskip("torch")
theirs = pytest.importorskip("torch.utils.data")

Pair = namedtuple("Pair", ["left", "right"])


def described(value: Any) -> Any:
    """Types, values and shapes, the same for both libraries."""
    if isinstance(value, (tg.Tensor, torch.Tensor)):
        return ("tensor", str(value.dtype).removeprefix("torch."), tuple(value.shape), value.tolist())
    if isinstance(value, dict):
        return (type(value), {key: described(each) for key, each in value.items()})
    if isinstance(value, (list, tuple)):
        return (type(value), [described(each) for each in value])
    if isinstance(value, np.ndarray):
        return ("array", value.tolist())
    return (type(value), value)


def sample(library: Any, i: int) -> Any:
    """A sample with everything in it."""
    return {
        "tensor": library.tensor([[i, i + 1.0]]),
        "integer": library.tensor(i),
        "array": np.arange(i, i + 3, dtype=np.int16),
        "scalars": (np.float32(i), np.float64(i), np.int64(i), np.bool_(i % 2)),
        "numbers": [i, float(i), bool(i % 2)],
        "texts": (f"text {i}", b"bytes"),
        "pair": Pair(i, {"deep": (library.tensor([i]),)}),
        "ordered": OrderedDict(b=i, a=str(i)),
    }


def test_collation() -> None:
    for count in (1, 3):
        batch = [[sample(library, i) for i in range(count)] for library in (tg, torch)]
        assert described(mine.default_collate(batch[0])) == described(theirs.default_collate(batch[1]))


def test_conversion() -> None:
    a, b = (sample(library, 3) for library in (tg, torch))
    assert described(mine.default_convert(a)) == described(theirs.default_convert(b))


def data(library: Any, module: Any) -> Any:
    """A joined, cut data set of tensors."""
    x = library.arange(14).reshape(7, 2)
    first = module.TensorDataset(x, library.arange(7))
    second = module.TensorDataset(x * 10, library.arange(7) * 10)
    return module.Subset(first + second, [13, 2, 7, 0, 6, 1])


def second_of_each(samples: list[tuple[Any, Any]]) -> list[Any]:
    return [y for _, y in samples]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_size": 4},
        {"batch_size": 4, "drop_last": True},
        {"batch_size": 3, "drop_last": True},
        {"batch_size": 100},
        {"batch_size": None},
        {"batch_size": 2, "sampler": [5, 0, 0]},
        {"batch_sampler": [[0, 5], [3]]},
        {"batch_size": 2, "collate_fn": second_of_each},
    ],
    ids=lambda options: str({key: getattr(value, "__name__", value) for key, value in options.items()}),
)
def test_loaders(options: dict[str, Any]) -> None:
    a, b = mine.DataLoader(data(tg, mine), **options), theirs.DataLoader(data(torch, theirs), **options)
    assert len(a) == len(b)
    assert [described(batch) for batch in a] == [described(batch) for batch in b]
    assert (a.batch_size, a.drop_last, a.num_workers, a.pin_memory) == (
        b.batch_size,
        b.drop_last,
        b.num_workers,
        b.pin_memory,
    )


@pytest.mark.parametrize("total", [1, 5, 7, 10, 23])
@pytest.mark.parametrize("lengths", [[0.5, 0.5], [0.8, 0.1, 0.1], [0.3, 0.3, 0.4], [1 / 3] * 3, [1], [0.9, 0.1, 0]])
@pytest.mark.filterwarnings("ignore:Length of split at index")
def test_sizes_of_splits(total: int, lengths: list[Any]) -> None:
    expected = [len(part) for part in theirs.random_split(range(total), lengths)]
    assert [len(part) for part in mine.random_split(range(total), lengths)] == expected


def test_the_same_names() -> None:
    assert set(mine.__all__) <= set(dir(theirs))
