"""DataLoader: the samples of a data set in batches, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ...numbers.random import Generator
from .collation import default_collate, default_convert
from .datasets import IterableDataset, several
from .samplers import BatchSampler, RandomSampler, SequentialSampler, count_batches, in_batches

_WHY = "since starting others takes longer than reading samples that fit in memory"
#: What PyTorch's loader can do besides, with the only values that are accepted here.
WORKERS = {
    "num_workers": (0, f": samples are read in this process, {_WHY}"),
    "pin_memory": (False, " speeds up copies to a graphics card, and there is none"),
    "timeout": (0, ": there are no workers to wait for"),
    "worker_init_fn": (None, ": there are no workers to initialise"),
    "multiprocessing_context": (None, ": there are no worker processes"),
    "prefetch_factor": (None, ": there are no workers to read ahead"),
    "persistent_workers": (False, ": there are no workers to keep"),
    "pin_memory_device": ("", ": there is no other memory to copy to"),
}


class DataLoader:
    """Iterate over it to get the batches of one epoch; the samples are read in this process, when they are needed.

    Args:
        dataset: anything with ``__getitem__`` and ``__len__``, or an IterableDataset.
        batch_size: samples per batch; None gives the samples one by one, without a batch axis.
        shuffle: another random order in each epoch.
        sampler: an order of one's own, any iterable of indices.
        batch_sampler: batches of one's own, any iterable of lists of indices.
        num_workers: 0.
        collate_fn: makes a batch of a list of samples; default: ``default_collate``.
        pin_memory: False.
        drop_last: leave out a last batch that is not full.
        generator: where the random order comes from.

    Raises:
        ValueError: if two of these contradict each other, or something is asked for that needs other processes.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        *,
        generator: Generator | None = None,
        **workers: Any,
    ) -> None:
        _refuse_workers(num_workers=num_workers, pin_memory=bool(pin_memory), **workers)
        streamed = isinstance(dataset, IterableDataset)
        if streamed and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError(
                "an IterableDataset has its own order: shuffle, sampler and batch_sampler need a data set whose "
                "samples can be read by number"
            )
        if sampler is not None and shuffle:
            raise ValueError("a sampler is an order of its own: give either sampler or shuffle=True")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "a batch_sampler makes the batches itself: give it alone, without batch_size, shuffle, sampler and "
                    "drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None makes no batches, so that there is no last one to drop: drop_last=False")
        elif batch_size is not None:
            BatchSampler([], batch_size, drop_last)  # which refuses sizes that are none
        if sampler is None and not streamed:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None and sampler is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        batched = batch_sampler is not None or batch_size is not None
        self.dataset: Any = dataset
        self.batch_size, self.drop_last = batch_size, drop_last
        self.sampler, self.batch_sampler, self.generator = sampler, batch_sampler, generator
        self.num_workers, self.pin_memory = num_workers, pin_memory
        self.collate_fn = collate_fn or (default_collate if batched else default_convert)

    def __iter__(self) -> Iterator[Any]:
        for samples in self._samples():
            yield self.collate_fn(samples)

    def _samples(self) -> Iterator[Any]:
        """What goes into ``collate_fn``: lists of samples, or samples."""
        if self.batch_sampler is not None:
            for indices in self.batch_sampler:
                yield several(self.dataset, indices)
        elif self.sampler is not None:
            for index in self.sampler:
                yield self.dataset[index]
        elif self.batch_size is not None:
            yield from in_batches(self.dataset, self.batch_size, self.drop_last)
        else:
            yield from self.dataset

    def __len__(self) -> int:
        """How many batches an epoch has."""
        if self.batch_sampler is not None:
            return len(self.batch_sampler)  # type: ignore[arg-type]  # one without a length says so itself
        if self.sampler is not None:
            return len(self.sampler)  # type: ignore[arg-type]
        return count_batches(len(self.dataset), self.batch_size or 1, self.drop_last)


def _refuse_workers(**given: Any) -> None:
    given.pop("in_order", None)  # True or False: with no workers the batches are always in order
    for name, value in given.items():
        if name not in WORKERS:
            raise TypeError(f"DataLoader has no argument {name!r}")
        only, why = WORKERS[name]
        if value != only:
            raise ValueError(f"{name}={value!r}{why}; use {name}={only!r}")
