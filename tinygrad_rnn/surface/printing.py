"""How tensors print: as PyTorch prints them, figure for figure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.folding import unfold
from ..engine.graph import Node, arguments
from ..numbers import dtypes


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
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
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


# PyTorch's names of what it runs backwards, where they are not the operation's own in capitals.
_NAMES = {
    "to": "ToCopy", "linear": "Mm", "broadcast_to": "Expand", "sum_to": "Sum", "reshape": "View", "log1p": "Log1P",
    "norm": "LinalgVectorNorm", "setitem": "CopySlices", "put": "IndexPut", "logsumexp": "Logsumexp", "einsum": "Bmm",
    "pad": "ConstantPadNd", "affine": "Addmm",
}  # fmt: skip


def grad_fn(node: Node) -> str:
    """What PyTorch calls the operation that made a tensor: ``TanhBackward0``; for a leaf "AccumulateGrad"."""
    if node.primitive is None:
        return "AccumulateGrad"
    name = node.primitive.name
    title = _NAMES.get(name) or "".join(word.capitalize() for word in name.split("_"))
    args, variant = node.args, 0
    if name == "getitem":
        parts = node.kwargs["index"] if isinstance(node.kwargs["index"], tuple) else (node.kwargs["index"],)
        if any(isinstance(part, np.ndarray) for part in parts):
            title = "Index"
        elif not parts or parts[-1] is Ellipsis or not isinstance(parts[-1], int):
            title = "Unsqueeze" if parts and parts[-1] is None else "Slice"
        else:
            title = "Select"
    elif name == "matmul":
        a, b = (np.ndim(arg.array if isinstance(arg, Node) else arg) for arg in args)
        title = {(1, 1): "Dot", (2, 1): "Mv", (2, 2): "Mm", (3, 3): "Bmm"}.get((a, b), "UnsafeView")
        title = "Squeeze" if a == 1 and b > 1 else title
    elif name in ("sum", "mean"):
        variant = int(node.kwargs["dim"] is not None)
    elif name in ("clamp", "squeeze", "prod"):
        variant = 1
    elif name == "pow":
        variant = int(isinstance(args[1], Node))
    elif name in ("amax", "amin") and node.kwargs["dim"] is None:
        title, variant = name[1:].capitalize(), 1
    return title if title == "CopySlices" else f"{title}Backward{variant}"


class GradFn:
    """What made a tensor, seen as PyTorch shows it: ``x.grad_fn.name()``, ``x.grad_fn.next_functions``."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def name(self) -> str:
        """PyTorch's name of the operation."""
        return grad_fn(self.node)

    @property
    def variable(self) -> Node:
        """The leaf, where this stands for one."""
        if self.node.primitive is not None:
            raise AttributeError(f"{self.name()} made its tensor; only AccumulateGrad has a variable")
        return self.node

    @property
    def next_functions(self) -> tuple[tuple[GradFn | None, int], ...]:
        """What made the arguments; None for those that need no gradient."""
        unfold(self.node)
        return tuple((GradFn(arg) if arg.tracked else None, 0) for arg in arguments(self.node) if isinstance(arg, Node))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GradFn) and other.node is self.node

    def __hash__(self) -> int:
        return id(self.node)

    def __repr__(self) -> str:
        return f"<{self.name()}>"


# Numbers


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


def text(node: Node) -> str:
    """``tensor([1., 2.], dtype=float64, grad_fn=<TanhBackward0>)``."""
    array = node.array
    notes = []
    if not array.size and array.ndim != 1:
        notes.append(f"size={array.shape}")
    if array.dtype not in (
        (dtypes.default.dtype, dtypes.int64, dtypes.bool) if array.size else (dtypes.default.dtype,)
    ):
        notes.append(f"dtype={array.dtype}")
    if node.primitive is not None:
        notes.append(f"grad_fn=<{grad_fn(node)}>")
    elif node.tracked:
        notes.append("requires_grad=True")
    start = "tensor("
    written = start + numbers(array, len(start))
    used = len(written) - written.rfind("\n") + 1  # the length of the last line, counted as PyTorch counts it
    for note in notes:
        if used + len(note) + 2 > options.linewidth:
            written, used = f"{written},\n{' ' * len(start)}{note}", len(start) + len(note)
        else:
            written, used = f"{written}, {note}", used + len(note) + 2
    return written + ")"
