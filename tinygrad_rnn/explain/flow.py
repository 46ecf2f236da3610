"""How the gradient flows back through time: its size at every step, and what became of it, in words."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..engine.backward import backpropagate
from ..engine.graph import Node, arguments
from ..engine.lifetime import seed_of
from ..surface.tensor import Tensor
from .excerpt import excerpt_of
from .report import Column, html_table, number, size, text_table
from .states import Series, states

Norm = Literal["spectral", "frobenius"]


@dataclass(frozen=True)
class Flow:
    """The gradient of one state at every time step, in the order the steps were computed.

    Attributes:
        name: what the state is called, "h".
        times: the numbers of the time steps.
        sizes: the Euclidean norms of dL/dh_t.
        jacobians: the norms of dh_T/dh_t, T being the last step, if they were asked for.
        nodes: the states.
    """

    name: str
    times: tuple[int, ...]
    sizes: tuple[float, ...]
    jacobians: tuple[float, ...] | None
    nodes: tuple[Node, ...]

    @property
    def total(self) -> float:
        """What the gradient is multiplied by on its way from the last step to the first; of the finite sizes."""
        finite = [size for size in self.sizes if math.isfinite(size)]
        if len(finite) < 2:
            return 1.0 if finite else math.nan
        return finite[0] / finite[-1] if finite[-1] else math.inf if finite[0] else 0.0

    @property
    def factor(self) -> float:
        """The same for one step: the total's root."""
        finite = [index for index, size in enumerate(self.sizes) if math.isfinite(size)]
        steps = finite[-1] - finite[0] if finite else 0
        return self.total ** (1 / steps) if steps else self.total

    @property
    def verdict(self) -> str:
        """What becomes of the gradient from the last step to the first.

        "broken: NaN or infinite gradients" if any size is not finite; otherwise by ``total``: below 1e-3 it "vanishes",
        below 0.1 it "shrinks", below 10 it "keeps its size", below 1e3 it "grows", else it "explodes".
        """
        if not all(math.isfinite(size) for size in self.sizes):
            return "broken: NaN or infinite gradients"
        limits = ((1e-3, "vanishes"), (0.1, "shrinks"), (10, "keeps its size"), (1e3, "grows"))
        return next((word for limit, word in limits if self.total < limit), "explodes")

    @property
    def sentence(self) -> str:
        """The verdict with its numbers: "vanishes: x 0.5 a step, x 1.0e-15 in all"."""
        if len(self.sizes) < 2:
            return f"{self.verdict}: there is one time step"
        return f"{self.verdict}: x {number(self.factor)} a step, x {number(self.total)} in all"

    def _columns(self) -> list[Column]:
        """A table from the last step back to the first."""
        last = self.sizes[-1]
        top = max((size for size in self.sizes if math.isfinite(size)), default=0.0)
        back = self.sizes[::-1]
        return [
            ("t", True, [str(time) for time in self.times[::-1]]),
            (f"|dL/d{_letter(self.name)}_t|", True, [number(size) for size in back]),
            ("of the last", True, [number(size / last) if last and math.isfinite(last) else "-" for size in back]),
            ("|dh_T/dh_t|", True, [number(norm) for norm in self.jacobians[::-1]] if self.jacobians else None),
            ("", False, [_bar(size, top) for size in back]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sentence}\n{text_table(self._columns())}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(f"{self.name} {self.sentence}", self._columns())


class GradientFlow(list[Flow]):
    """The flows of all states of a graph: one for a plain RNN; h and c for an LSTM; one for each layer and direction.

    ``times``, ``sizes``, ``verdict`` and the rest are those of the first, ``main``; ``flow["c"]`` is the one with that
    name.
    """

    @property
    def main(self) -> Flow:
        """The first flow whose name is, or ends in, h; else the first."""
        return next((flow for flow in self if flow.name.rsplit("/")[-1] == "h"), next(iter(self)))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            for flow in self:
                if flow.name == key:
                    return flow
            raise KeyError(f"there is no state {key!r}; there are {', '.join(flow.name for flow in self)}")
        return super().__getitem__(key)

    @property
    def times(self) -> tuple[int, ...]:
        """The time steps of the main state."""
        return self.main.times

    @property
    def sizes(self) -> tuple[float, ...]:
        """The norms of dL/dh_t of the main state."""
        return self.main.sizes

    @property
    def jacobians(self) -> tuple[float, ...] | None:
        """The norms of dh_T/dh_t of the main state, if they were asked for."""
        return self.main.jacobians

    @property
    def verdict(self) -> str:
        """The verdict on the main state."""
        return self.main.verdict

    @property
    def sentence(self) -> str:
        """The verdict on the main state with its numbers."""
        return self.main.sentence

    @property
    def factor(self) -> float:
        """The factor a step of the main state."""
        return self.main.factor

    @property
    def total(self) -> float:
        """The factor in all of the main state."""
        return self.main.total

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return "".join(flow._repr_html_() for flow in self)


def gradient_flow(loss: Tensor, jacobian: Norm | bool = False) -> GradientFlow:
    """The size of dL/dh_t at every time step t, for every state h of the graph, with a verdict in words.

    A state is what one time step computes and the next one reads; steps are those of ``nn.RNN`` and its like, of
    ``nn.unroll``, and of your own ``with step(t):``. ``.grad`` is not touched and the graph is not used up.

    Args:
        loss: a single number computed from the states.
        jacobian: also compute norms of dh_T/dh_t, T being the last step: "spectral" (or True; the largest factor any
            direction is stretched by) or "frobenius". This takes one backward pass for each entry of h_T.

    Raises:
        RuntimeError: if ``loss`` does not require a gradient or is not a single number.
        ValueError: if no time step reads anything of its neighbour.

    Pascanu, Mikolov & Bengio 2013: dL/dh_t = dL/dh_T dh_T/dh_t, a product of one Jacobian per step.
    """
    seed = seed_of(loss)
    if jacobian not in (False, True, "spectral", "frobenius"):
        raise ValueError(f"jacobian is 'spectral', 'frobenius' or False, got {jacobian!r}")
    excerpt = excerpt_of(loss, folded=True)
    series = states(excerpt)
    if not series:
        raise ValueError(
            "gradient_flow() found no states: no time step reads anything its neighbour computed. Use nn.RNN, nn.LSTM, "
            "nn.GRU or nn.unroll(cell, xs), or put the body of your own loop inside `with step(t):`"
        )
    wanted = {node.birth for each in series for node in each.nodes}
    sizes: dict[int, float] = {}
    with np.errstate(all="ignore"):
        for node, g, _ in backpropagate(loss, [np.asarray(seed)], toward=_made_of(wanted, excerpt.values)):
            if node.birth in wanted:
                sizes[node.birth] = size(g)
    return GradientFlow(_flow(_reached(each, sizes), sizes, jacobian) for each in series)


def _made_of(births: Collection[int], nodes: Sequence[Node]) -> set[int]:
    """The births of the values that the gradient passes on its way to those with these births, and these."""
    found = set(births)
    for node in nodes:
        for arg in arguments(node):
            if isinstance(arg, Node) and arg.birth in found:
                found.add(node.birth)
                break
    return found


def _reached(series: Series, sizes: Mapping[int, float]) -> Series:
    """The states up to the last one the loss depends on; all of them if it depends on none."""
    count = max((i + 1 for i, node in enumerate(series.nodes) if sizes.get(node.birth)), default=len(series.nodes))
    return Series(series.name, series.times[:count], series.nodes[:count])


def _flow(series: Series, sizes: Mapping[int, float], jacobian: Norm | bool) -> Flow:
    norms = _jacobians(series, "spectral" if jacobian is True else jacobian) if jacobian else None
    found = tuple(sizes.get(node.birth, 0.0) for node in series.nodes)
    return Flow(series.name, series.times, found, norms, series.nodes)


def _jacobians(series: Series, norm: Norm) -> tuple[float, ...]:
    """The norms of dh_T/dh_t, by one vector-Jacobian product for each entry of h_T."""
    last = series.nodes[-1]
    rows: dict[int, list[Any]] = {node.birth: [] for node in series.nodes}
    with np.errstate(all="ignore"):
        for unit in np.eye(last.array.size, dtype=last.array.dtype):
            found = {}
            for node, g, _ in backpropagate(last, [unit.reshape(last.array.shape)]):
                if node.birth in rows:
                    found[node.birth] = np.array(g, np.float64).ravel()
            for node in series.nodes:
                rows[node.birth].append(found.get(node.birth, np.zeros(node.array.size)))
    return tuple(_norm(np.array(rows[node.birth]), norm) for node in series.nodes)


def _norm(matrix: Any, norm: Norm) -> float:
    if norm == "frobenius" or not np.isfinite(matrix).all():
        return size(matrix)
    return float(np.linalg.norm(matrix, 2))


def _letter(name: str) -> str:
    return name.split(" ")[0].rsplit("/")[-1]


def _bar(here: float, top: float) -> str:
    """A bar on a logarithmic axis of 16 decades below the largest size."""
    if not math.isfinite(here):
        return "!" * 16
    return "#" * max(1, round(16 + math.log10(here / top))) if here > 0 and here / top > 0 else ""
