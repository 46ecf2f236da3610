"""Numbers for trainings, and the trainings by name, equal in whichever library they are made for."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.scripts.loader import translated
from tests.scripts.losses import SCRIPTS

__all__ = ["Draws", "trainings"]

FOLDER = Path(__file__).parent / "trainings"
#: Of a gradient that is 0 but for rounding, as that of a key's bias, Adam with a smaller eps would make a whole step.
KINDS: dict[str, dict[str, float]] = {"SGD": {"lr": 0.01}, "Adam": {"lr": 0.003, "eps": 1e-6}}


class Draws:
    """Random tensors of a library, the same in all."""

    def __init__(self, library: Any) -> None:
        self.tensor, self.random = library.tensor, np.random.default_rng(0)

    def normal(self, *shape: int) -> Any:
        return self.tensor(self.random.normal(size=shape).astype(np.float32))

    def uniform(self, *shape: int) -> Any:
        return self.tensor(self.random.uniform(size=shape).astype(np.float32))

    def integers(self, low: int, high: int, *shape: int) -> Any:
        return self.tensor(self.random.integers(low, high, shape))

    def into(self, module: Any) -> Any:
        """The module with weights drawn anew, as far from 0 as PyTorch's own."""
        for parameter in module.parameters():
            bound = (parameter.shape or [1])[-1] ** -0.5
            parameter.data.copy_(bound * (2 * self.uniform(*parameter.shape) - 1))
        return module


Training = Callable[[Draws], Iterator[float]]


def of_text(library: Any, text: str, kind: str) -> Training:
    """The training of a text of `losses.py` by an optimiser."""

    def training(draw: Draws) -> Iterator[float]:
        names: dict[str, Any] = {"torch": library, "nn": library.nn, "F": library.nn.functional}
        names |= {"x": draw.normal(4, 7, 5), "y": draw.normal(4)}
        names |= {"ids": draw.integers(0, 12, 4, 7), "labels": draw.integers(0, 12, 4, 6)}
        exec(text, names)
        model = draw.into(names["model"])
        optimizer = getattr(library.optim, kind)(model.parameters(), **KINDS[kind])
        while True:
            optimizer.zero_grad()
            loss = names["loss"]()
            loss.backward()
            library.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            yield loss.item()

    return training


def trainings(library: str) -> dict[str, Training]:
    """All trainings by name; `draw` is what each takes."""
    found: dict[str, Training] = {}
    for path in sorted(FOLDER.glob("[!_]*.py")):
        code = translated(path.read_text(encoding="utf-8"), library)
        names: dict[str, Any] = {}
        exec(compile(code, str(path), "exec"), names)
        found |= {name.replace("_", " "): each for name, each in names.items() if inspect.isgeneratorfunction(each)}
    module = importlib.import_module(library)
    return found | {f"{name}, {kind}": of_text(module, text, kind) for name, text in SCRIPTS.items() for kind in KINDS}
