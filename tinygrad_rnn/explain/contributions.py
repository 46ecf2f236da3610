"""The ledger of a shared parameter: what each use of it, in each time step, adds to its gradient."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.backward import backpropagate
from ..engine.folding import history, sources
from ..engine.formula import forward
from ..engine.graph import Node, arguments
from ..engine.lifetime import seed_of
from ..engine.scope import Place
from ..ops.shaping import sum_to
from ..surface.past import as_it_was
from ..surface.tensor import Tensor
from .excerpt import excerpt_of, made_from
from .naming import Names
from .places import Places
from .report import Column, html_table, number, size, text_table

#: Operations after which an entry is still the same gate's.
_ENTRYWISE = {"add", "sub", "mul", "sigmoid", "tanh", "relu", "neg", "div"}


class Contribution(NamedTuple):
    """What one use of a tensor adds to its gradient.

    Attributes:
        place: the part of the model and the time step of the use.
        node: the result of the operation that used it.
        gradient: what the use adds to dL/d(tensor), a numpy array in the tensor's shape.
        operation: the operation as a formula, "W_hh @ h2".
        gate: the gate of an LSTM or a GRU, "f"; None if it is not split by gates.
    """

    place: Place
    node: Node
    gradient: Any
    operation: str = ""
    gate: str | None = None

    @property
    def time(self) -> int | None:
        """The time step of the use; None outside every step."""
        return self.place.time

    @property
    def size(self) -> float:
        """The Euclidean norm of what it adds."""
        return size(self.gradient)


class Contributions(list[Contribution]):
    """A list of contributions, the earliest use first, that prints as a table.

    Attributes:
        name: what the parameter is called.
        total: dL/d(parameter), the sum of all contributions.
    """

    def __init__(self, found: Iterable[Contribution], name: str, total: Any, loss: Node | None = None) -> None:
        super().__init__(found)
        self.name, self.total, self._loss = name, total, loss

    def share(self, contribution: Contribution) -> float:
        """How much of the gradient one contribution is: its projection on the total; all shares sum to 1.

        Negative if it points against the sum of all; NaN if the gradient is 0.
        """
        total = np.asarray(self.total, np.float64)
        square = float((total * total).sum())
        return float((np.asarray(contribution.gradient, np.float64) * total).sum()) / square if square else float("nan")

    def by_gate(self) -> Contributions:
        """The same split by the gates of an LSTM or a GRU, whose weights are stacked in one parameter.

        Each contribution keeps the rows of its gate and is 0 elsewhere, so that the sum is still the gradient. Uses
        that no gate reads in slices stay whole.
        """
        found = []
        readers: dict[int, list[Node]] = {}
        for node in history(*(each.node for each in self), *([] if self._loss is None else [self._loss])):
            for arg in sources(node):
                readers.setdefault(arg.birth, []).append(node)
        for each in self:
            split: list[tuple[str | None, slice]] = [*_gates(each.node, np.shape(each.gradient)[:1], readers)]
            for name, rows in split or [(None, slice(None))]:
                part = np.zeros_like(each.gradient)
                part[rows] = each.gradient[rows]
                found.append(each._replace(gradient=part, gate=name))
        return Contributions(found, self.name, self.total, self._loss)

    def _columns(self) -> list[Column]:
        gated = any(each.gate for each in self)
        shares = [self.share(each) for each in self]
        return [
            ("t", True, ["" if each.time is None else str(each.time) for each in self] + [""]),
            ("place", False, [str(each.place) for each in self] + [""]),
            ("operation", False, [each.operation for each in self] + [f"dL/d{self.name} = sum"]),
            ("gate", False, [each.gate or "" for each in self] + [""] if gated else None),
            ("size", True, [number(each.size) for each in self] + [number(size(self.total))]),
            ("share", True, ["-" if math.isnan(share) else f"{100 * share:.2f} %" for share in shares] + [""]),
        ]

    def __str__(self) -> str:
        return text_table(self._columns())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(f"What each use of {self.name} adds to its gradient", self._columns())


def contributions(loss: Tensor, parameter: Tensor) -> Contributions:
    """What each use of ``parameter`` adds to dL/d(parameter): one item per use, the earliest use first.

    For W_hh of a recurrent network they are the terms dL/da_t h_(t-1)^T, one per time step (Werbos 1990, eq. 15;
    Pascanu et al. 2013, eq. 4). A use outside every time step whose result is read in the steps (a sum of two biases, a
    transpose, made once) is followed to them: the rule of its operation carries over what each step adds.

    ``.grad`` is not touched and the graph is not used up; ``parameter`` may be any tensor the loss was made from.

    Raises:
        RuntimeError: if ``loss`` does not require a gradient or is not a single number, or ``parameter`` is not used.

    >>> w = tg.tensor(0.5, requires_grad=True)
    >>> w.name = "w"
    >>> print(tg.contributions((w * 3 + w * 2) ** 2, w))
    t  place  operation    size    share
    -  -----  -----------  ----  -------
              w * 3          15  60.00 %
              w * 2          10  40.00 %
              dL/dw = sum    25
    """
    seed = seed_of(loss)
    loss = as_it_was(loss)
    nodes = history(loss)
    if parameter.birth not in {node.birth for node in nodes}:
        raise RuntimeError("the loss was not computed from this tensor, so no use of it adds anything to its gradient")
    excerpt = excerpt_of(loss)
    prepared = _prepared(nodes, parameter, excerpt.places)
    # Of the parameter, and of each value prepared from it, the uses and what they add: one entry for each argument of
    # an operation that uses it as it is, and one for each use of what is prepared from it, whichever ways that came.
    parts: dict[int, dict[tuple[int, int], tuple[Node, Any]]] = {birth: {} for birth in (*prepared, parameter.birth)}
    with np.errstate(all="ignore"):
        for node, _, shares in backpropagate(loss, [np.asarray(seed)], shares=True):
            for position, (arg, share) in enumerate(zip(arguments(node), shares, strict=bool(shares))):
                if share is None or arg.birth not in parts:
                    continue
                found = parts[arg.birth]
                if node.birth not in prepared:
                    found[node.birth, position] = node, np.array(share)
                    continue
                for user, g in parts[node.birth].values():
                    part, key = _carried(node, position, g), (user.birth, -1)
                    found[key] = user, part + found[key][1] if key in found else part
        uses = sorted(parts[parameter.birth].values(), key=lambda use: use[0].birth)
        total = sum((g for _, g in uses), np.zeros_like(parameter.array))
    names = Names(excerpt)
    return Contributions(
        (Contribution(excerpt.places[node], node, g, forward(node, names.of_arguments(node))) for node, g in uses),
        names[parameter],
        total,
        loss,
    )


def _prepared(nodes: list[Node], parameter: Node, places: Places) -> set[int]:
    """The births of what is made from the parameter outside every time step and then read in one."""
    made = made_from({parameter.birth}, (node for node in nodes if places[node].time is None))
    read: set[int] = set()
    for node in reversed(nodes):
        if places[node].time is not None or node.birth in read:
            read |= {arg.birth for arg in sources(node) if arg.birth in made}
    return read - {parameter.birth}


def _carried(node: Node, position: int, g: Any) -> Any:
    """What one part of dL/d(node) adds to dL/d(argument): every rule is linear in it."""
    assert node.primitive is not None
    args = arguments(node)
    values = [arg.array if isinstance(arg, Node) else arg for arg in args]
    part = node.primitive.rules[position](g, node.array, *values, **node.kwargs)
    shape = args[position].array.shape
    return np.array(part if part.shape == shape else sum_to(part, shape=shape))


def _gates(node: Node, rows: tuple[int, ...], readers: Mapping[int, Sequence[Node]]) -> list[tuple[str, slice]]:
    """The names of the gates and their rows, if ``node`` holds them side by side on its last axis; otherwise [].

    ``node`` is followed through sums until it is read in slices; a slice is called after the first named value that is
    computed from it entry by entry.
    """
    if node.array.ndim == 0 or rows != node.array.shape[-1:]:
        return []
    found = [(_called(piece, readers), part) for part, piece in _slices(node, readers)]
    named = [(name, part) for name, part in found if name]
    covered = sum(len(range(*part.indices(rows[0]))) for _, part in named)
    return named if covered == rows[0] and len(named) == len(found) else []


def _slices(node: Node, readers: Mapping[int, Sequence[Node]]) -> list[tuple[slice, Node]]:
    while True:
        users = readers.get(node.birth, ())
        pieces = [(part, user) for user in users if (part := _last_axis(user, node)) is not None]
        if pieces:
            return pieces
        sums = [user for user in users if user.primitive is not None and user.primitive.name in ("add", "affine")]
        if len(sums) != 1 or sums[0].array.shape[-1:] != node.array.shape[-1:]:
            return []
        node = sums[0]


def _last_axis(user: Node, node: Node) -> slice | None:
    """The part of the last axis of ``node`` that ``user`` reads, if it reads one."""
    if user.primitive is None or user.primitive.name != "getitem":
        return None
    index = user.kwargs["index"]
    parts = index if isinstance(index, tuple) else (index,)
    whole = all(part == slice(None) or part is Ellipsis for part in parts[:-1])
    last = len(parts) == node.array.ndim or Ellipsis in parts[:-1]
    return parts[-1] if parts and whole and last and isinstance(parts[-1], slice) else None


def _called(node: Node, readers: Mapping[int, Sequence[Node]]) -> str | None:
    while node.name is None:
        users = [u for u in readers.get(node.birth, ()) if u.primitive is not None and u.primitive.name in _ENTRYWISE]
        if len(users) != 1:
            return None
        node = users[0]
    return node.name
