"""How tensors print, and what made them: as PyTorch shows both."""

from __future__ import annotations

import numpy as np

from ..engine.folding import unfold
from ..engine.graph import Node, arguments
from ..numbers import dtypes
from ..numbers.formatting import numbers, options

# PyTorch's names of what it runs backwards, where they are not the operation's own in capitals.
_NAMES = {
    "to": "ToCopy", "linear": "Mm", "broadcast_to": "Expand", "sum_to": "Sum", "reshape": "View", "log1p": "Log1P",
    "norm": "LinalgVectorNorm", "setitem": "CopySlices", "put": "IndexPut", "logsumexp": "Logsumexp", "einsum": "Bmm",
    "pad": "ConstantPadNd", "affine": "Addmm", "power_norm": "LinalgVectorNorm",
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


def text(node: Node) -> str:
    """``tensor([1., 2.], dtype=float64, grad_fn=<TanhBackward0>)``."""
    array = node.array
    notes = []
    if not array.size and array.ndim != 1:
        notes.append(f"size={array.shape}")
    known = (dtypes.default.dtype, *((dtypes.int64, dtypes.bool) if array.size else ()))
    if array.dtype not in known:
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
