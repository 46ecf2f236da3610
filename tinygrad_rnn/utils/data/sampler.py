"""Samplers: the order in which the samples of a data set are read, as numbers or as lists of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

from ...numbers.random import Generator
from ...surface.functions import as_tensor, multinomial, randint, randperm

AT_ONCE = 4096  # numbers drawn by a sampler that may draw any number

Index = TypeVar("Index", covariant=True)


class Sampler(Generic[Index]):
    """Base of samplers: a subclass writes ``__iter__()`` and, where it is known, ``__len__()``."""

    def __iter__(self) -> Iterator[Index]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__(): define it to yield indices.")


class SequentialSampler(Sampler[int]):
    """0, 1, 2, ..."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """All samples in random order, or, with ``replacement``, each drawn from all of them.

    ``num_samples`` are drawn, by default as many as there are; without replacement, all come before one comes again.

    Raises:
        ValueError: if there is nothing to draw, or ``num_samples`` is no positive whole number.
    """

    def __init__(
        self, data_source: Sized, replacement: bool = False, num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement is True or False; {replacement!r} was given")
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self._num_samples = num_samples
        _check_count("num_samples", self.num_samples, "; the data set is empty" if num_samples is None else "")

    @property
    def num_samples(self) -> int:
        """How many are drawn."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        size, left, generator = len(self.data_source), self.num_samples, self.generator
        if generator is None and left > (AT_ONCE if self.replacement else size):
            # What a training draws meanwhile must not depend on how far ahead workers read.
            generator = Generator().manual_seed(int(randint(2**62, ()).item()))
        while left > 0:
            if self.replacement:
                drawn = randint(size, (min(left, AT_ONCE),), generator=generator).tolist()
            else:
                drawn = randperm(size, generator=generator).tolist()[:left]
            yield from drawn
            left -= len(drawn)

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """These indices in random order."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        for i in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """``num_samples`` indices drawn with probabilities in proportion to ``weights``."""

    def __init__(
        self, weights: Any, num_samples: int, replacement: bool = True, generator: Generator | None = None
    ) -> None:
        _check_count("num_samples", num_samples)
        self.weights = as_tensor(weights).double()
        if self.weights.ndim != 1:
            raise ValueError(f"weights are one number per sample; the shape {tuple(self.weights.shape)} was given")
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self) -> Iterator[int]:
        drawn = multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The indices of another sampler in lists of ``batch_size``; the last may be shorter, or is left out."""

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        _check_count("batch_size", batch_size)
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        left = iter(self.sampler)
        while batch := list(islice(left, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        samples = len(self.sampler)  # type: ignore[arg-type]  # a sampler without a length has batches without one
        return count_batches(samples, self.batch_size, self.drop_last)


def count_batches(samples: int, size: int, drop_last: bool) -> int:
    """How many batches of ``size`` there are."""
    return samples // size if drop_last else -(-samples // size)


def _check_count(name: str, count: Any, why: str = "") -> None:
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"{name} is a whole number from 1 up; {count!r} was given{why}")
