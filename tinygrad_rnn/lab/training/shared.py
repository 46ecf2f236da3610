"""One model trained by several processes, each on its part of every batch; only the first one writes."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ... import distributed
from ...nn.parallel import DistributedDataParallel
from ...numbers.random import default_generator
from ...surface.tensor import Tensor, wrap
from .batches import Array
from .run import State, Training, mapped


def is_shared() -> bool:
    """Whether this process trains with others."""
    return distributed.is_initialized() and distributed.get_world_size() > 1


def is_first() -> bool:
    """Whether this process is the one that speaks and writes."""
    return not distributed.is_initialized() or distributed.get_rank() == 0


class Shared(Training):
    """What one process does of it. Losses, norms and decisions are those of all, and the same in each."""

    def __init__(self, *training: Any) -> None:
        super().__init__(*training)
        self.rank, self.processes = distributed.get_rank(), distributed.get_world_size()
        self.seed, self.examples = default_generator.initial_seed(), 0
        self.parallel = DistributedDataParallel(self.model)

    def part(self, count: int) -> slice:
        """Which of so many examples are for this process. One is computed if there are none, and does not count."""
        start, stop = (count * each // self.processes for each in (self.rank, self.rank + 1))
        self.parallel.samples = stop - start
        return slice(start, stop) if stop > start else slice(0, 1)

    def batch(self, epoch: int, number: int) -> tuple[Array, ...]:
        """The part of a batch; what is drawn for it, as by dropout, follows from the seed, the step and the process."""
        if self.rank:
            drawn = np.random.SeedSequence([self.seed, self.progress.step, self.rank]).generate_state(1, np.uint64)
            default_generator.manual_seed(int(drawn[0]))
        whole, axis = super().batch(epoch, number), self.batches.axis
        self.examples = whole[0].shape[axis]
        chosen = (slice(None),) * axis + (self.part(self.examples),)
        return tuple(each[chosen] for each in whole)

    def agreed(self, value: float) -> float:
        """The mean of what the processes have found, each of its examples."""
        weight = self.parallel.samples or 0
        sums = wrap(np.array([value * weight, weight], np.float64))
        distributed.all_reduce(sums)
        return float(sums.array[0] / sums.array[1])

    def any(self, flag: bool) -> bool:
        """Whether it is so in any process."""
        found = wrap(np.array([flag], np.int64))
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
        return bool(found.array[0])

    def evaluated(self, loss_of: Callable[..., float], watched: tuple[Array, ...]) -> float:
        """The loss on held-out examples, shared out; on a text, which is read in one go, that of the first process."""
        if len(watched) > 1:
            chosen = self.part(len(watched[0]))
            return self.agreed(loss_of(*(each[chosen] for each in watched)))
        self.parallel.samples = 1 if self.rank == 0 else 0
        return self.agreed(loss_of(*watched) if self.rank == 0 else 0.0)

    def state_dict(self) -> dict[str, Any]:
        """That of one process which trains alone, so that any number of them can go on; asked for by all at once."""

        def whole(carried: Tensor) -> Tensor:
            shape = (carried.shape[0], self.examples, *carried.shape[2:])
            gathered, chosen = wrap(np.zeros(shape, carried.array.dtype)), self.part(self.examples)
            if self.parallel.samples:
                gathered.array[:, chosen] = carried.array
            distributed.all_reduce(gathered)
            return gathered

        return super().state_dict() | {"carried": mapped(self.carried, whole)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()` of any number of processes."""
        super().load_state_dict(state)

        def own(carried: Tensor) -> Tensor:
            self.examples = carried.shape[1]
            return wrap(np.array(carried.array[:, self.part(self.examples)], order="C"))

        self.carried: State = mapped(self.carried, own)
