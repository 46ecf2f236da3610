"""Random numbers: PyTorch's ``Generator`` and ``manual_seed`` on numpy's generators."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.refusing import spoken
from .devices import CPU, refuse_other_devices


class Generator:
    """A stream of random numbers that can be seeded; ``numpy`` is numpy's generator behind it.

    The numbers are numpy's: the same seed gives other numbers than in PyTorch.
    """

    device = CPU

    def __init__(self, device: Any = "cpu") -> None:
        refuse_other_devices(device)
        self.seed()

    @spoken
    def manual_seed(self, seed: int) -> Generator:
        """Start the stream anew from ``seed``."""
        self._seed = int(seed)
        # numpy takes no negative seeds; PyTorch reads them as 64 bits without a sign.
        self.numpy = np.random.default_rng(self._seed % 2**64)
        return self

    def seed(self) -> int:
        """Start the stream anew from a seed that nobody knows, and return it."""
        return self.manual_seed(int(np.random.SeedSequence().generate_state(1, np.uint64)[0] >> 1))._seed

    def initial_seed(self) -> int:
        """The seed the stream started from."""
        return self._seed

    def get_state(self) -> Any:
        """Where the stream stands, as plain numbers and names."""
        return self.numpy.bit_generator.state

    @spoken
    def set_state(self, state: Any) -> None:
        """Go on where ``get_state`` was called."""
        self.numpy.bit_generator.state = state


#: What is used where no ``generator=`` is given.
default_generator = Generator()

manual_seed, seed, initial_seed = default_generator.manual_seed, default_generator.seed, default_generator.initial_seed
get_rng_state, set_rng_state = default_generator.get_state, default_generator.set_state


def numpy_generator(generator: Generator | None) -> np.random.Generator:
    """numpy's generator behind ``generator``, or behind the default one."""
    return (generator or default_generator).numpy
