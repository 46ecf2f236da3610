"""Programs that train, each alone or in several processes: `mpiexec -n 3 python -m tests.distributed.training FOLDER`.

A case trains a model for 20 steps and gives back its weights. With `parts` it does so as one of several processes, each
on its part of every batch; without, it is the ordinary program on the whole batch, which is the truth.
"""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import distributed, nn
from tinygrad_rnn.nn.parallel import DistributedDataParallel

STEPS, BATCH, TIME, INPUTS, HIDDEN = 20, 12, 5, 3, 4
Array = np.ndarray[Any, Any]


class Net(nn.Module):
    """Recurrent layers and a linear one on their last states, which packed sequences have at different times."""

    def __init__(self, cell: str, layers: int = 1, extra: bool = False, norm: bool = False) -> None:
        super().__init__()
        kinds: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
        self.rnn = kinds[cell](INPUTS, HIDDEN, layers)
        self.head = nn.Linear(HIDDEN, 2)
        self.norm = nn.BatchNorm1d(HIDDEN) if norm else None
        self.extra = nn.Linear(2, 2) if extra else None  # used in some processes, or in none

    def forward(self, x: Any, extra: bool = False) -> tg.Tensor:
        _, state = self.rnn(x)
        h = (state[0] if isinstance(state, tuple) else state)[-1]
        y = self.head(h if self.norm is None else self.norm(h))
        return self.extra(y) if extra and self.extra is not None else y


def batch(step: int, size: int) -> tuple[Array, Array, Array]:
    """x (time, batch, inputs), how long each sequence is, targets (batch, 2)."""
    draw = np.random.default_rng(step)
    lengths = draw.integers(1, TIME + 1, size)
    return draw.standard_normal((TIME, size, INPUTS)), lengths, draw.standard_normal((size, 2))


def part(size: int, rank: int, parts: int) -> slice:
    """The part of a batch that a process works on; those of one batch may differ by one."""
    return slice(size * rank // parts, size * (rank + 1) // parts)


def train(
    parts: int | None = None, *, cell: str = "rnn", layers: int = 1, optimizer: str = "sgd", packed: bool = False,
    clip: float | None = None, pieces: int = 1, sizes: tuple[int, ...] = (BATCH,), compiled: str = "",
    extra: str = "", bucket_cap_mb: float = 1e-4,
) -> dict[str, Array]:  # fmt: skip
    """The weights after 20 steps. pieces: of which each batch is made, one after the other; sizes: of the batches."""
    rank = distributed.get_rank() if parts else 0
    tg.manual_seed(rank + 5 if parts else 5)  # they start as those of rank 0
    model = Net(cell, layers, extra != "").double()
    shared: Any = DistributedDataParallel(model, bucket_cap_mb=bucket_cap_mb) if parts else model
    makers: dict[str, Callable[..., tg.optim.Optimizer]] = {
        "sgd": lambda given: tg.optim.SGD(given, lr=0.1),
        "momentum": lambda given: tg.optim.SGD(given, lr=0.05, momentum=0.9, nesterov=True),
        "adam": lambda given: tg.optim.Adam(given, lr=0.01),
    }
    step_of = makers[optimizer](model.parameters())

    def loss_of(x: Any, target: tg.Tensor, used: bool = False) -> tg.Tensor:
        y: tg.Tensor = shared(x, used)
        return ((y - target) ** 2).mean()

    run: Any = tg.compile(loss_of) if compiled else loss_of
    for step in range(STEPS):
        step_of.zero_grad()
        for piece in range(pieces):
            size = sizes[step % len(sizes)]
            x, lengths, target = batch(step * pieces + piece, size)
            mine = part(size, rank, parts) if parts else slice(None)
            if parts:
                shared.samples = None if size % parts == 0 else mine.stop - mine.start
                mine = mine if mine.stop > mine.start else slice(0, 1)  # nothing for it: computed on, and not counted
            given: Any = tg.tensor(x[:, mine])
            if packed:
                given = nn.utils.rnn.pack_padded_sequence(given, lengths[mine].tolist(), enforce_sorted=False)
            last = piece == pieces - 1
            used = extra == "all" or (extra == "some" and (rank == 0 or not parts))
            with shared.no_sync() if parts and not last else nullcontext():
                if compiled == "forward_backward":
                    run.forward_backward(given, tg.tensor(target[mine]))
                else:
                    (run(given, tg.tensor(target[mine]), used) / pieces).backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        step_of.step()
    return {name: value.array for name, value in model.state_dict().items()}


CASES: dict[str, dict[str, Any]] = {
    "RNN": {},
    "LSTM of two layers": {"cell": "lstm", "layers": 2},
    "GRU, one bucket": {"cell": "gru", "bucket_cap_mb": 25},
    "packed sequences": {"cell": "lstm", "packed": True},
    "clipped by the norm of all": {"clip": 0.05},
    "Adam": {"cell": "gru", "optimizer": "adam"},
    "momentum": {"optimizer": "momentum"},
    "accumulated": {"cell": "gru", "pieces": 3},
    "uneven batches": {"cell": "lstm", "sizes": (12, 7, 2)},
    "a batch smaller than the processes": {"sizes": (12, 1)},
    "compiled": {"cell": "lstm", "compiled": "backward", "layers": 2},
    "compiled, in one go": {"cell": "gru", "compiled": "forward_backward"},
    "used by none": {"extra": "none"},
    "used by all": {"extra": "all"},
}


def main(folder: Path) -> None:
    """All cases, in all processes; the first one writes what came out, and how far the others are from it."""
    distributed.init_process_group()
    parts, found = distributed.get_world_size(), {}
    for case, options in CASES.items():
        weights = train(parts, **options)
        flat = tg.tensor(np.concatenate([each.ravel() for each in weights.values()]))
        everywhere = [tg.zeros_like(flat) for _ in range(parts)]
        distributed.all_gather(everywhere, flat)
        found[case] = flat.array
        for each in everywhere:
            assert each.array.tobytes() == flat.array.tobytes(), f"{case}: the processes have different weights"
    if distributed.get_rank() == 0:
        np.savez(folder / f"{parts}.npz", **found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
