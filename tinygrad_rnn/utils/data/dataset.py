"""Data sets: things with a length whose samples are read by number, or that are only iterated over."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Generic, TypeVar

import numpy as np

from ...numbers.random import Generator
from ...surface.creation import randperm
from ...surface.tensor import Tensor, wrap

Sample = TypeVar("Sample", covariant=True)
WHOLE = {int, np.int64}


class Dataset(Generic[Sample]):
    """Base of data sets: a subclass writes ``__getitem__(index)`` and ``__len__()``. ``a + b`` joins two."""

    def __getitem__(self, index: Any) -> Sample:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__(index): define it to return a sample.")

    def __add__(self, other: Dataset[Any]) -> ConcatDataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[Sample]):
    """Base of data sets that are only iterated over, such as a stream: a subclass writes ``__iter__()``.

    Each worker of a DataLoader iterates over a copy of its own: ``get_worker_info()`` says which part to give there.
    """

    def __iter__(self) -> Iterator[Sample]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__(): define it to yield samples.")


@dataclass(frozen=True)
class WorkerInfo:
    """Which worker this is: number ``id``, from 0, of ``num_workers``; ``seed`` is where its random numbers began."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


#: Which worker this process is; workers.py sets it.
here: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """Which worker of a DataLoader this process is, with its copy of the data set; None in a process that is none."""
    return here


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Sample i is (tensor[i] for every tensor): all tensors have the same first size, the number of samples.

    Raises:
        ValueError: if there is no tensor, or the first sizes differ.
    """

    def __init__(self, *tensors: Tensor) -> None:
        if not tensors or any(not tensor.ndim or len(tensor) != len(tensors[0]) for tensor in tensors):
            shapes = ", ".join(str(tuple(tensor.shape)) for tensor in tensors)
            raise ValueError(
                f"TensorDataset takes tensors (samples, ...) with the same number of samples, and got "
                f"{f'the shapes {shapes}' if tensors else 'none'}"
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class ConcatDataset(Dataset[Sample]):
    """Several data sets one after the other. ``cumulative_sizes[k]`` is the number of samples up to the k-th's end.

    Raises:
        ValueError: if there is none.
        TypeError: if one of them has no length.
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset was given no data sets; give at least one")
        for dataset in self.datasets:
            if isinstance(dataset, IterableDataset):
                raise TypeError(f"ConcatDataset needs data sets with a length, and {type(dataset).__name__} has none")
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Sample:
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no sample {index}: the data sets have {len(self)} together")
        index %= len(self)
        which = bisect.bisect_right(self.cumulative_sizes, index)
        sample: Sample = self.datasets[which][index - (self.cumulative_sizes[which - 1] if which else 0)]
        return sample


class ChainDataset(IterableDataset[Sample]):
    """Several data sets without a length, one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = datasets

    def __iter__(self) -> Iterator[Sample]:
        for dataset in self.datasets:
            yield from dataset


class Subset(Dataset[Sample]):
    """The samples of ``dataset`` at ``indices``, in that order."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Sample:
        wanted = [self.indices[i] for i in index] if isinstance(index, list) else self.indices[index]
        sample: Sample = self.dataset[wanted]
        return sample

    def __getitems__(self, indices: list[int]) -> list[Sample]:
        """Several samples at once, as the data set below gives them."""
        return several(self.dataset, [self.indices[index] for index in indices])

    def __len__(self) -> int:
        return len(self.indices)


def several(dataset: Any, indices: Iterable[Any]) -> list[Any]:
    """Samples in a list, read at once from a data set that can do that."""
    at_once = getattr(dataset, "__getitems__", None)
    samples: list[Any] = at_once(indices) if at_once else [dataset[index] for index in indices]
    return samples


def rows(dataset: Any, indices: Any) -> list[Tensor] | None:
    """What ``default_collate`` makes of these samples, by one index for each tensor; None where they must be asked."""
    if type(dataset) is Subset and type(indices) is list:
        return rows(dataset.dataset, [dataset.indices[index] for index in indices])
    if type(dataset) is not TensorDataset or type(indices) is not list or not WHOLE.issuperset(map(type, indices)):
        return None
    if any(type(tensor) is not Tensor or tensor.requires_grad for tensor in dataset.tensors):
        return None
    try:
        chosen = np.array(indices, np.int64)
        return [wrap(tensor.array[chosen]) for tensor in dataset.tensors] if indices else None
    except IndexError:  # which the sample itself says better
        return None


def random_split(dataset: Any, lengths: Sequence[int | float], generator: Generator | None = None) -> list[Subset[Any]]:
    """Cut a data set at random into parts that do not overlap.

    Args:
        dataset: anything with a length whose samples are read by number.
        lengths: how many samples each part gets; or which share of them, numbers that add up to 1. What rounding down
            leaves over goes to the first parts, one sample each.
        generator: where the chance comes from.

    Raises:
        ValueError: if the lengths do not add up.
    """
    total = len(dataset)
    sizes = list(lengths)
    if math.isclose(sum(sizes), 1) and sum(sizes) <= 1:
        if any(not 0 <= share <= 1 for share in sizes):
            raise ValueError(f"the shares of a split are from 0 to 1; {sizes} was given")
        sizes = [math.floor(total * share) for share in sizes]
        for k in range(int(total - sum(sizes))):
            sizes[k % len(sizes)] += 1
    if sum(sizes) != total or any(size != int(size) or size < 0 for size in sizes):
        raise ValueError(
            f"the parts {list(lengths)} do not add up: give numbers of samples that make {total}, the length of the "
            "data set, or shares that make 1"
        )
    order = randperm(total, generator=generator).tolist()
    ends = list(accumulate(map(int, sizes)))
    return [Subset(dataset, order[end - int(size) : end]) for size, end in zip(sizes, ends, strict=True)]
