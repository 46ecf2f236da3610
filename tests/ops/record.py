"""Record what PyTorch answers to every case: `python -m tests.ops.record` writes recorded/operations.npz.

Three samples of each case, drawn by a fixed sequence of choices; the file holds one long vector of numbers and an index
(JSON) of what stands where. Written with PyTorch 2.13.0.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .cases_of_shape import CASES, Case
from .compare import Results, arguments, results

RECORDED = Path(__file__).parent / "recorded" / "operations.npz"
SAMPLES = 3


class Sequence32:
    """Choices that follow from a seed alone (a linear congruential generator, Numerical Recipes 1992, page 284)."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def __call__(self, options: Sequence[Any]) -> Any:
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return options[(self.state >> 16) % len(options)]


def sample(case: Case, number: int) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of one recorded call."""
    return arguments(case, Sequence32(zlib.crc32(f"{case.name} {number}".encode())))


def write(path: Path, entries: dict[str, Results]) -> None:
    """Save call -> name -> array."""
    index: dict[str, Any] = {}
    numbers: list[Any] = []
    at = 0
    for call, arrays in entries.items():
        for name, array in arrays.items():
            index.setdefault(call, {})[name] = [at, list(array.shape), str(array.dtype)]
            numbers.append(array.astype(np.float64).ravel())
            at += array.size
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, numbers=np.concatenate(numbers), index=np.array(json.dumps(index)))


def read(path: Path) -> dict[str, Results]:
    """What ``write`` saved."""
    with np.load(path) as file:
        numbers, index = file["numbers"], json.loads(str(file["index"]))

    def array(at: int, shape: list[int], dtype: str) -> Any:
        return numbers[at : at + math.prod(shape)].reshape(shape).astype(dtype)

    return {call: {name: array(*where) for name, where in arrays.items()} for call, arrays in index.items()}


def main() -> None:
    """Run all cases in PyTorch."""
    import torch

    entries = {f"{case.name} {n}": results(torch, case, *sample(case, n)) for case in CASES for n in range(SAMPLES)}
    write(RECORDED, entries)
    print(f"{len(entries)} calls of {len(CASES)} cases, {RECORDED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
