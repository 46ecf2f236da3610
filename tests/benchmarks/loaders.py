"""What a DataLoader with workers gives in a second, beside PyTorch's with the same work and the same way of starting.

A sample is a text that is decoded, split into words and numbered, which takes about a millisecond; beside it stand
batches that are large and take no work, which is what carrying them costs. The two take turns; printed are samples a
second, of the first epoch, which the start is part of, and of the fastest of the others.

    python tests/benchmarks/loaders.py [--workers 2] [--samples 2000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import importlib
import time
from typing import Any

import numpy as np

WORDS = [f"word{i % 97}" for i in range(2_600)]


class Texts:
    """Samples that take a millisecond."""

    def __init__(self, samples: int) -> None:
        self.samples, self.text = samples, " ".join(WORDS).encode()

    def __len__(self) -> int:
        return self.samples

    def __getitem__(self, i: int) -> Any:
        words = self.text.decode().upper().lower().split()
        known = {word: number for number, word in enumerate(dict.fromkeys(words))}
        return np.array([known[word] for word in words]), i


class Images:
    """Samples of 256 kB that take no work."""

    def __init__(self, samples: int) -> None:
        self.samples, self.image = samples, np.ones((256, 256), np.float32)

    def __len__(self) -> int:
        return self.samples

    def __getitem__(self, i: int) -> Any:
        return self.image, i


def loader(library: str, data: Any, workers: int) -> Any:
    """One whose workers stay."""
    options = {"multiprocessing_context": "spawn", "persistent_workers": True} if workers else {}
    module = importlib.import_module(f"{library}.utils.data")
    return module.DataLoader(data, batch_size=20, num_workers=workers, **options)


def rate(batches: Any) -> float:
    """Samples a second of an epoch."""
    start = time.perf_counter()
    count = sum(len(batch[1]) for batch in batches)
    return count / (time.perf_counter() - start)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    data = Texts(options.samples)
    start = time.perf_counter()
    for i in range(100):
        data[i]
    print(f"a text takes {(time.perf_counter() - start) * 10:.2f} ms")
    for kind in (Texts, Images):
        for workers in (0, options.workers):
            both = {library: loader(library, kind(options.samples), workers) for library in ("tinygrad_rnn", "torch")}
            first = {library: rate(each) for library, each in both.items()}
            later = [[rate(each) for each in both.values()] for _ in range(options.rounds)]
            for library, fastest in zip(both, np.max(later, axis=0), strict=True):
                print(
                    f"{kind.__name__:6} {workers} workers  {library:12}  with the start {first[library]:8,.0f}"
                    f"  then {fastest:8,.0f}"
                )


if __name__ == "__main__":
    main()
