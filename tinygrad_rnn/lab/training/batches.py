"""Mini-batches: which examples a step sees follows from its epoch and its number alone, so that a run can go on."""

from typing import Any, Protocol

import numpy as np

from ..data.text import contiguous_batches

Array = np.ndarray[Any, Any]


class Batches(Protocol):
    """The mini-batches of one epoch, as many in every epoch; along ``axis`` are the examples of a batch."""

    axis: int

    def __len__(self) -> int: ...

    def batch(self, epoch: int, number: int) -> tuple[Array, Array]:
        """Inputs and targets of the batch `number` (from 0) of the epoch (from 0)."""


class Windows:
    """Examples that do not depend on each other, each once an epoch, in an order that the seed and the epoch decide.

    inputs (examples, ...), targets (examples, ...); the last batch may be smaller.
    """

    axis = 0

    def __init__(self, inputs: Array, targets: Array, batch: int, seed: int) -> None:
        self.inputs, self.targets, self.size, self.seed = inputs, targets, batch, seed
        self._shuffled: tuple[int, Array] = (-1, np.empty(0))

    def __len__(self) -> int:
        return -(-len(self.inputs) // self.size)

    def batch(self, epoch: int, number: int) -> tuple[Array, Array]:
        """(batch, ...) and (batch, ...)."""
        if self._shuffled[0] != epoch:
            self._shuffled = epoch, np.random.default_rng([self.seed, epoch]).permutation(len(self.inputs))
        chosen = self._shuffled[1][number * self.size : (number + 1) * self.size]
        return self.inputs[chosen], self.targets[chosen]


class Streams:
    """One long text cut into streams that are read side by side, a chunk a step; every epoch reads it from the start.

    A batch goes on where the one before it stopped, so that the state can be carried over (Williams & Peng 1990).
    """

    axis = 1

    def __init__(self, ids: Array, batch: int, time: int) -> None:
        self.chunks = list(contiguous_batches(ids, batch, time))

    def __len__(self) -> int:
        return len(self.chunks)

    def batch(self, epoch: int, number: int) -> tuple[Array, Array]:
        """(time, batch) ids, and the ids one step later."""
        return self.chunks[number]
