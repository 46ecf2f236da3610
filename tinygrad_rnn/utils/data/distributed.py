"""DistributedSampler: which samples each of several processes reads."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from itertools import cycle, islice

from ... import distributed
from ...numbers.random import Generator
from ...surface.functions import randperm
from .sampler import Sampler


class DistributedSampler(Sampler[int]):
    """Every ``num_replicas``-th index from ``rank`` on: equally many in each process, together all of them.

    If they do not come out even, the first ones are read again, or with ``drop_last`` the last ones left out.
    The order of an epoch follows from ``seed + epoch`` alone: call ``set_epoch`` before each.

    Raises:
        ValueError: if ``rank`` is none of ``num_replicas``.

    >>> [list(tg.utils.data.DistributedSampler(range(5), 2, rank, shuffle=False)) for rank in (0, 1)]
    [[0, 2, 4], [1, 3, 0]]
    """

    def __init__(
        self, dataset: Sized, num_replicas: int | None = None, rank: int | None = None, shuffle: bool = True,
        seed: int = 0, drop_last: bool = False,
    ) -> None:  # fmt: skip
        self.num_replicas = distributed.get_world_size() if num_replicas is None else num_replicas
        self.rank = distributed.get_rank() if rank is None else rank
        if not 0 <= self.rank < self.num_replicas:
            raise ValueError(f"rank {self.rank} is none of {self.num_replicas} processes: they count from 0")
        size = len(dataset)
        self.dataset, self.shuffle, self.seed, self.drop_last, self.epoch = dataset, shuffle, seed, drop_last, 0
        self.num_samples = size // self.num_replicas if drop_last else -(-size // self.num_replicas)
        self.total_size = self.num_samples * self.num_replicas

    def __iter__(self) -> Iterator[int]:
        size, drawn = len(self.dataset), Generator().manual_seed(self.seed + self.epoch)
        order = randperm(size, generator=drawn).tolist() if self.shuffle else range(size)
        return islice(cycle(order), self.rank, self.total_size, self.num_replicas)

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Another order from now on, the same in all processes."""
        self.epoch = epoch
