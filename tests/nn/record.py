"""Record what PyTorch answers to every case of cases.py: `python -m tests.nn.record` writes recorded/cases.npz.

The file holds one long vector of numbers and an index (JSON) of what stands where, so that the tests of numbers run
where PyTorch is not installed. Written with PyTorch 2.13.0.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.nn.cases import CASES, Array, run

RECORDED = Path(__file__).parent / "recorded" / "cases.npz"
Entries = dict[str, dict[str, dict[str, Array]]]


def write(path: Path, entries: Entries) -> None:
    """Save case -> section -> name -> array."""
    index: dict[str, Any] = {}
    numbers: list[Array] = []
    at = 0
    for case, sections in entries.items():
        for section, arrays in sections.items():
            for name, array in arrays.items():
                index.setdefault(case, {}).setdefault(section, {})[name] = [at, list(array.shape), str(array.dtype)]
                numbers.append(array.astype(np.float64).ravel())
                at += array.size
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, numbers=np.concatenate(numbers), index=np.array(json.dumps(index)))


def read(path: Path) -> Entries:
    """What `write` saved."""
    with np.load(path) as file:
        numbers, index = file["numbers"], json.loads(str(file["index"]))

    def array(at: int, shape: list[int], dtype: str) -> Array:
        part: Array = numbers[at : at + int(np.prod(shape))].reshape(shape).astype(dtype)
        return part

    return {
        case: {section: {name: array(*where) for name, where in arrays.items()} for section, arrays in sections.items()}
        for case, sections in index.items()
    }


def main() -> None:
    """Run all cases in PyTorch."""
    import torch

    entries: Entries = {}
    for case in CASES:
        weights, results = run(torch, case)
        entries[case.name] = {"weights": weights, "results": results}
    write(RECORDED, entries)
    print(f"{len(entries)} cases, {RECORDED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
