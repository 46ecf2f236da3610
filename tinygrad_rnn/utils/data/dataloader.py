"""DataLoader: the samples of a data set in batches, epoch after epoch."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from ...numbers.random import Generator
from .collation import default_collate, default_convert
from .dataset import IterableDataset, rows, several
from .sampler import BatchSampler, RandomSampler, SequentialSampler, count_batches

#: What PyTorch's loader can do besides. It changes no batch, and some of it is refused where there are no workers.
NEEDS_WORKERS = {"timeout": 0, "multiprocessing_context": None, "prefetch_factor": None, "persistent_workers": False}
BESIDES = (*NEEDS_WORKERS, "worker_init_fn", "pin_memory_device", "in_order")
FIXED = ("dataset", "batch_size", "batch_sampler", "sampler", "drop_last")


class DataLoader:
    """Iterate over it to get the batches of one epoch; the samples are read in this process, when they are needed.

    Args:
        dataset: anything with ``__getitem__`` and ``__len__``, or an IterableDataset.
        batch_size: samples per batch; None gives the samples one by one, without a batch axis.
        shuffle: another random order in each epoch.
        sampler: an order of one's own, any iterable of indices.
        batch_sampler: batches of one's own, any iterable of lists of indices.
        num_workers: how many processes PyTorch would read with; here there is none beside this one.
        collate_fn: makes a batch of a list of samples; default: ``default_collate``.
        pin_memory: whether PyTorch would copy batches to memory that a graphics card can read.
        drop_last: leave out a last batch that is not full.
        generator: where the random order comes from.

    Raises:
        ValueError: if two of these contradict each other, or what belongs to workers is asked for without any.

    >>> loader = tg.utils.data.DataLoader([0, 1, 2, 3, 4], batch_size=2)
    >>> [batch.tolist() for batch in loader]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self, dataset: Any, batch_size: int | None = 1, shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None, batch_sampler: Iterable[Any] | None = None, num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None, pin_memory: bool = False, drop_last: bool = False, *,
        generator: Generator | None = None, **workers: Any,
    ) -> None:  # fmt: skip
        _check_workers(num_workers, pin_memory, workers)
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

        self._complete = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and "_complete" in vars(self):
            raise ValueError(f"{name} of a DataLoader cannot be changed: its batches are made already; make another.")
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        return _Epoch(self)

    def __len__(self) -> int:
        """How many batches an epoch has."""
        if self.batch_sampler is not None:
            return len(self.batch_sampler)  # type: ignore[arg-type]  # one without a length says so itself
        if self.sampler is not None:
            return len(self.sampler)  # type: ignore[arg-type]
        return count_batches(len(self.dataset), self.batch_size or 1, self.drop_last)


class _Epoch(Iterator[Any]):
    """The batches of one epoch. After an error in a sample it goes on with the next batch."""

    def __init__(self, loader: DataLoader) -> None:
        self._loader = loader
        order = loader.sampler if loader.batch_sampler is None else loader.batch_sampler
        self._streamed = order is None
        self._left: Iterator[Any] = iter(loader.dataset if order is None else order)

    def __len__(self) -> int:
        return len(self._loader)

    def __next__(self) -> Any:
        loader = self._loader
        if self._streamed and loader.batch_size is not None:
            batch = list(islice(self._left, loader.batch_size))
            if not batch or (loader.drop_last and len(batch) < loader.batch_size):
                raise StopIteration
            return loader.collate_fn(batch)
        item = next(self._left)
        if loader.batch_sampler is not None:
            if loader.collate_fn is default_collate and (read := rows(loader.dataset, item)) is not None:
                return read
            return loader.collate_fn(several(loader.dataset, item))
        return loader.collate_fn(item if self._streamed else loader.dataset[item])


def _check_workers(count: int, pinned: bool, given: dict[str, Any]) -> None:
    for name, value in given.items():
        if name not in BESIDES:
            raise TypeError(f"DataLoader has no argument {name!r}")
        if not count and value != NEEDS_WORKERS.get(name, value):
            raise ValueError(f"{name}={value!r} is for workers, and num_workers=0: use {name}={NEEDS_WORKERS[name]!r}")
    if count < 0 or given.get("timeout", 0) < 0:
        raise ValueError(
            f"num_workers and timeout cannot be negative; {count} and {given.get('timeout', 0)} were given"
        )
    if count:
        _notice(
            f"num_workers={count}: samples are read in this process all the same, since starting others takes longer "
            "than reading samples that fit in memory; what is said of workers changes nothing"
        )
    if pinned:
        _notice("pin_memory=True: it speeds up copies to a graphics card, and there is none; nothing is pinned")


@functools.cache
def _notice(message: str) -> None:
    """Said once."""
    warnings.warn(message, stacklevel=5)
