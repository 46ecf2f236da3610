"""How numbers are written: as PyTorch prints them, figure for figure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np


@dataclasses.dataclass
class Options:
    """How numbers are written; see ``set_printoptions``."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


PROFILES: dict[str, dict[str, float]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}
options = Options()


def set_printoptions(
    precision: int | None = None, threshold: float | None = None, edgeitems: int | None = None,
    linewidth: int | None = None, profile: str | None = None, sci_mode: bool | None = None,
) -> None:  # fmt: skip
    """Choose how tensors print from now on; what is left out stays as it is.

    Args:
        precision: decimals of real numbers (at first 4).
        threshold: of tensors with more numbers than this only the edges are shown (1000).
        edgeitems: how many at each edge (3).
        linewidth: how many characters a line may have (80).
        profile: "default", "short" (2 decimals, 2 at each edge) or "full" (all numbers).
        sci_mode: scientific notation always or never; None, also if left out: where the numbers ask for it.

    Raises:
        ValueError: for an unknown profile.
    """
    if profile not in (None, *PROFILES):
        raise ValueError(f"a profile is one of {', '.join(PROFILES)}; {profile!r} was given")
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    chosen = {name: value for name, value in given.items() if value is not None}
    for name, value in {**PROFILES.get(profile or "", {}), **chosen, "sci_mode": sci_mode}.items():
        setattr(options, name, value)


class _Style:
    """One way to write all numbers of an array: as they are, whole, with four decimals, or scientific; of one width."""

    def __init__(self, array: Any) -> None:
        self.write: Callable[[Any], str] = str
        measured = array
        if array.dtype.kind == "f":
            self.write = _whole
            measured = array[np.isfinite(array) & (array != 0)]
        if array.dtype.kind == "f" and measured.size:
            sizes = np.abs(measured.astype(np.float64))
            whole = bool((sizes == np.ceil(sizes)).all())
            wide = bool(sizes.max() / sizes.min() > 1000 or sizes.max() > 1e8 or sizes.min() < 1e-4)
            if wide if options.sci_mode is None else options.sci_mode:
                self.write = f"{{:.{options.precision}e}}".format
            elif not whole:
                self.write = f"{{:.{options.precision}f}}".format
        self.width = max((len(self.write(number)) for number in measured.ravel().tolist()), default=1)

    def __call__(self, number: Any) -> str:
        return self.write(number).rjust(self.width)


def _whole(number: float) -> str:
    return f"{number:.0f}" + "." * math.isfinite(number)


def numbers(array: Any, indent: int = 0) -> str:
    """The entries, nested as the axes are, continued lines indented; of many those at the edges."""
    if not array.size:
        return "[]"
    short = array.size > options.threshold
    return _nested(array, indent, short, _Style(_edges(array) if short else array))


def _edges(array: Any) -> Any:
    """The entries that are shown of a large array."""
    for dim, size in enumerate(array.shape):
        if size > 2 * options.edgeitems:
            array = np.take(array, [*range(options.edgeitems), *range(size - options.edgeitems, size)], axis=dim)
    return array


def _nested(array: Any, indent: int, short: bool, style: _Style) -> str:
    if array.ndim == 0:
        return style(array.item())
    edge = options.edgeitems
    gap = short and len(array) > 2 * edge
    shown = [*array[:edge], *array[len(array) - edge :]] if gap else list(array)
    if array.ndim == 1:
        texts = [style(number.item()) for number in shown]
        if gap:
            texts.insert(edge, " ...")
        per_line = max(1, (options.linewidth - indent) // (style.width + 2))
        lines = [", ".join(texts[start : start + per_line]) for start in range(0, len(texts), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    parts = [_nested(part, indent + 1, short, style) for part in shown]
    if gap:
        parts.insert(edge, "...")
    between: str = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return f"[{between.join(parts)}]"
