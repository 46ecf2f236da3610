"""DataLoader: the samples of a data set in batches, epoch after epoch."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, repeat
from typing import Any

from ...numbers.random import Generator
from .collation import default_collate, default_convert
from .dataset import IterableDataset, rows, several
from .sampler import BatchSampler, RandomSampler, SequentialSampler, count_batches

#: What is for workers alone, and its value where there are none.
NEEDS_WORKERS = {"timeout": 0, "multiprocessing_context": None, "prefetch_factor": None, "persistent_workers": False}
FIXED = ("dataset", "batch_size", "batch_sampler", "sampler", "drop_last")


class DataLoader:
    """Iterate over it to get the batches of one epoch; the samples are read when they are needed, or by workers before.

    Workers are processes. Each begins with the program's import, so that what a program does has to stand under
    ``if __name__ == "__main__":``, and gets a copy of the data set, which must be picklable; tensors may be in it.
    Batches come in the same order, and are the same, as without workers, unless samples draw random numbers: worker k
    begins with seeds of its own for ``tg``, ``random`` and ``numpy.random`` (``get_worker_info().seed``, from
    ``generator``), and ``worker_init_fn`` can give others. An IterableDataset has to say which part each worker reads.

    Args:
        dataset: anything with ``__getitem__`` and ``__len__``, or an IterableDataset.
        batch_size: samples per batch; None gives the samples one by one, without a batch axis.
        shuffle: another random order in each epoch.
        sampler: an order of one's own, any iterable of indices.
        batch_sampler: batches of one's own, any iterable of lists of indices.
        num_workers: how many processes read; 0: this one does.
        collate_fn: makes a batch of a list of samples; default: ``default_collate``.
        pin_memory: whether PyTorch would copy batches to memory that a graphics card can read.
        drop_last: leave out a last batch that is not full.
        timeout: seconds to wait for a batch of a worker; 0: for ever.
        worker_init_fn: called with its number in each worker, before it reads.
        multiprocessing_context: how processes are started, a name or a context of ``multiprocessing``; "spawn".
        generator: where the random order comes from.
        prefetch_factor: batches that each worker reads ahead; 2.
        persistent_workers: keep them for the next epoch.

    Raises:
        ValueError: if two of these contradict each other, or what belongs to workers is asked for without any.
        TypeError: in an epoch, if the data set or a function cannot be sent to workers.
        RuntimeError: in an epoch, if a worker ends or takes longer than ``timeout``. Errors of samples come as they
            are, with a note that tells the worker and its lines.

    >>> loader = tg.utils.data.DataLoader([0, 1, 2, 3, 4], batch_size=2)
    >>> [batch.tolist() for batch in loader]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self, dataset: Any, batch_size: int | None = 1, shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None, batch_sampler: Iterable[Any] | None = None, num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None, pin_memory: bool = False, drop_last: bool = False,
        timeout: float = 0, worker_init_fn: Callable[[int], Any] | None = None, multiprocessing_context: Any = None,
        generator: Generator | None = None, *, prefetch_factor: int | None = None, persistent_workers: bool = False,
        pin_memory_device: str = "", in_order: bool = True,
    ) -> None:  # fmt: skip
        self.num_workers, self.timeout, self.worker_init_fn = num_workers, timeout, worker_init_fn
        self.multiprocessing_context, self.prefetch_factor = multiprocessing_context, prefetch_factor
        self.persistent_workers, self.pin_memory = persistent_workers, pin_memory
        self.pin_memory_device, self.in_order = pin_memory_device, in_order
        self._check_workers()
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
        self.collate_fn = collate_fn or (default_collate if batched else default_convert)
        self._team: Any = None
        self._complete = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and "_complete" in vars(self):
            raise ValueError(f"{name} of a DataLoader cannot be changed: its batches are made already; make another.")
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        if not self.num_workers:
            return _Epoch(self)
        if self._team is not None and self._team.end.alive:
            self._team.begin()
            return self._team  # type: ignore[no-any-return]
        from .workers import Team  # when it is asked for: importing the package stays quick

        team = Team(copy.copy(self), Reader(self))
        self._team = team if self.persistent_workers else None
        return team

    def order(self) -> Iterator[Any]:
        """What the batches of an epoch are made of: indices, lists of them, or nothing that is said before."""
        order = self.sampler if self.batch_sampler is None else self.batch_sampler
        return repeat(None) if order is None else iter(order)

    def __len__(self) -> int:
        """How many batches an epoch has."""
        if self.batch_sampler is not None:
            return len(self.batch_sampler)  # type: ignore[arg-type]  # one without a length says so itself
        if self.sampler is not None:
            return len(self.sampler)  # type: ignore[arg-type]
        return count_batches(len(self.dataset), self.batch_size or 1, self.drop_last)

    def _check_workers(self) -> None:
        if self.num_workers < 0 or self.timeout < 0:
            raise ValueError(
                f"num_workers and timeout cannot be negative; {self.num_workers} and {self.timeout} were given"
            )
        for name, value in NEEDS_WORKERS.items():
            if not self.num_workers and (given := getattr(self, name)) != value:
                raise ValueError(f"{name}={given!r} is for workers, and num_workers=0: use {name}={value!r}")
        if self.prefetch_factor is not None and self.prefetch_factor < 1:
            raise ValueError(f"prefetch_factor is a whole number from 1 up; {self.prefetch_factor} was given")
        if self.pin_memory:
            there_is_none = "it speeds up copies to a graphics card, and there is none; nothing is pinned"
            warnings.warn(f"pin_memory=True: {there_is_none}", stacklevel=4)


class Reader:
    """Reads batches: in this process, or in a worker that was sent it."""

    def __init__(self, loader: DataLoader) -> None:
        self.dataset, self.collate_fn = loader.dataset, loader.collate_fn
        self.batch_size, self.drop_last = loader.batch_size, loader.drop_last
        self.by_lists = loader.batch_sampler is not None
        self.streamed = not self.by_lists and loader.sampler is None
        self._left: Iterator[Any] = iter(())

    def begin(self) -> None:
        """Begin an epoch."""
        if self.streamed:
            self._left = iter(self.dataset)

    def read(self, item: Any) -> Any:
        """The batch that ``item`` of ``DataLoader.order()`` stands for."""
        if self.by_lists:
            if self.collate_fn is default_collate and (read := rows(self.dataset, item)) is not None:
                return read
            return self.collate_fn(several(self.dataset, item))
        if not self.streamed:
            return self.collate_fn(self.dataset[item])
        if self.batch_size is None:
            return self.collate_fn(next(self._left))
        batch = list(islice(self._left, self.batch_size))
        if not batch or (self.drop_last and len(batch) < self.batch_size):
            raise StopIteration
        return self.collate_fn(batch)


class _Epoch(Iterator[Any]):
    """The batches of one epoch. After an error in a sample it goes on with the next batch."""

    def __init__(self, loader: DataLoader) -> None:
        self._loader, self._reader, self._order = loader, Reader(loader), loader.order()
        self._reader.begin()

    def __len__(self) -> int:
        return len(self._loader)

    def __next__(self) -> Any:
        return self._reader.read(next(self._order))
