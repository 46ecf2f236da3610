"""How the gradient flows back through time: its size at every step, and what became of it, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from ..engine.backward import backpropagate
from ..engine.folding import sources, unfolding
from ..engine.graph import Node
from ..engine.lifetime import seed_of
from ..surface.past import as_it_was
from ..surface.tensor import Tensor
from .excerpt import Excerpt, excerpt_of, made_from
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
        enters: what comes in at each step, the part of dL/dh_t that came through no later h on its way from the loss;
            through other states it may have come. None if that is all at the last step: then all is carried.
        carried: what is left at each step of the gradient at the last one, the size of dL/dh_T dh_T/dh_t.
        dtype: the type of its gradients.
        after: the numbers of the steps after these, at which nothing arrives.
    """

    name: str
    times: tuple[int, ...]
    sizes: tuple[float, ...]
    jacobians: tuple[float, ...] | None
    nodes: tuple[Node, ...]
    enters: tuple[float, ...] | None = None
    carried: tuple[float, ...] | None = None
    dtype: str = "float64"
    after: tuple[int, ...] = ()

    @property
    def _judged(self) -> tuple[float, ...]:
        return self.sizes if self.carried is None else self.carried

    @property
    def is_reverse(self) -> bool:
        """Whether it is computed from the last step to the first."""
        return len(self.times) > 1 and self.times[0] > self.times[1]

    @property
    def stride(self) -> int:
        """By how many steps it is handed on, 0 if a gradient arrives at one alone."""
        return abs(self.times[1] - self.times[0]) if len(self.times) > 1 else 0

    @property
    def total(self) -> float:
        """What the gradient is multiplied by on its way from the last step to the first, along the states alone."""
        judged = self._judged
        if not judged or not all(map(math.isfinite, judged)):
            return math.nan
        return judged[0] / judged[-1] if judged[-1] else 0.0

    @property
    def factor(self) -> float:
        """The same for one step: the total's root. A state may be computed in some of the steps only."""
        strides = [b - a for a, b in pairwise(self.times)]
        # Where the numbers begin anew another loop goes on with the state.
        steps = sum(abs(stride) if stride * strides[0] > 0 else 1 for stride in strides)
        return math.pow(self.total, 1 / max(1, steps))

    @property
    def verdict(self) -> str:
        """What becomes of the gradient on its way from the last step to the first, whatever enters in between.

        "broken: NaN or infinite gradients from t = 7" if any size is not finite ("first at t = 7" if there are finite
        ones before), "exactly 0 before t = 3" if nothing comes through (and where else it is 0), "after t = 3" if it is
        0 at the last step or "at every step",
        "vanishes to 0 in float32 before t = 3" if what would come through is too small a number for the type,
        "arrives at one step alone" if there is no way to go. It "keeps its size" if ``total`` is 0.5 to 2 and
        ``factor`` 0.9 to 1.1; else it "vanishes" (``total`` below 1e-3), "shrinks", "grows" or "explodes"
        (from 1e3 on).
        """
        pairs = list(enumerate(zip(self.sizes, self._judged, strict=True)))
        if broken := [n for n, sizes in pairs if not all(map(math.isfinite, sizes))]:
            where = "from" if len(broken) == broken[-1] + 1 else "first at"
            return f"broken: NaN or infinite gradients {where} t = {self.times[broken[-1]]}"
        zero = [n for n, (_, amount) in pairs if not amount]
        if zero[:1] == [0]:
            first = sum(n == many for many, n in enumerate(zero))
            if first == len(pairs):
                return "exactly 0 at every step"
            later = [f"t = {self.times[n]}" for n in zero[first:]]
            also = f" and at {later[0] if len(later) == 1 else f'{len(later):,} steps after it'}" if later else ""
            here, after = (*self._judged[first:], 0.0)[:2]
            least = float(np.finfo(self.dtype).tiny) * (1 if self.carried is None else self.carried[-1])
            # As much smaller again it would be no number of the type any more.
            is_too_small = after and here * (here / after) < least
            how = f"vanishes to 0 in {self.dtype}" if is_too_small else "exactly 0"
            return f"{how} before t = {self.times[first]}{also}"
        if zero[-1:] == [len(pairs) - 1]:  # nothing is there to be carried
            return f"exactly 0 after t = {self.times[max(n for n, (_, amount) in pairs if amount)]}"
        if len(self.sizes) < 2:
            return "arrives at one step alone"
        if 0.5 <= self.total < 2 and 0.9 <= self.factor < 1.1:
            return "keeps its size"
        limits = ((1e-3, "vanishes"), (1.0, "shrinks"), (1e3, "grows"))
        return next((word for limit, word in limits if self.total < limit), "explodes")

    @property
    def sentence(self) -> str:
        """The verdict with its numbers: "vanishes: x 0.5 a step, x 1.0e-15 in all"."""
        if len(self.sizes) < 2 or not self.total > 0:
            return self.verdict
        return f"{self.verdict}: x {number(self.factor)} a step, x {number(self.total)} in all"

    @property
    def told(self) -> str:
        """The sentence, and at which steps after these nothing arrives."""
        ends = " to ".join(f"{step:,}" for step in dict.fromkeys(self.after[:1] + self.after[-1:]))
        return self.sentence + (f"; nothing arrives at t = {ends}" if self.after else "")

    def _columns(self) -> list[Column]:
        """A table from the last step back to the first."""
        last = self.sizes[-1]
        top = max((size for size in self.sizes if math.isfinite(size)), default=0.0)
        back = self.sizes[::-1]
        return [
            ("t", True, [str(time) for time in self.times[::-1]]),
            (f"|dL/d{self.name.split(' ')[0].rsplit('/')[-1]}_t|", True, [number(size) for size in back]),
            ("of the last", True, [number(size / last) if last and math.isfinite(last) else "-" for size in back]),
            ("enters", True, None if self.enters is None else [number(size) for size in self.enters[::-1]]),
            ("carried", True, None if self.carried is None else [number(size) for size in self.carried[::-1]]),
            ("|dh_T/dh_t|", True, [number(norm) for norm in self.jacobians[::-1]] if self.jacobians else None),
            ("", False, [_bar(size, top) for size in back]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.told}\n{text_table(self._columns())}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(f"{self.name} {self.told}", self._columns())


def _of_main(name: str, doc: str) -> Any:
    """An attribute of the main flow."""
    return property(lambda flows: getattr(flows.main, name), doc=doc)


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

    times: tuple[int, ...] = _of_main("times", "The time steps of the main state.")
    sizes: tuple[float, ...] = _of_main("sizes", "The norms of dL/dh_t of the main state.")
    jacobians: tuple[float, ...] | None = _of_main("jacobians", "Its norms of dh_T/dh_t, if they were asked for.")
    verdict: str = _of_main("verdict", "The verdict on the main state.")
    sentence: str = _of_main("sentence", "The verdict on the main state with its numbers.")
    factor: float = _of_main("factor", "The factor a step of the main state.")
    total: float = _of_main("total", "The factor in all of the main state.")

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return "".join(flow._repr_html_() for flow in self)


def gradient_flow(loss: Tensor, jacobian: Norm | bool = False) -> GradientFlow:
    """The size of dL/dh_t at every time step t, for every state h of the graph, with a verdict in words.

    A state is what one time step computes and the next one reads; steps are those of ``nn.RNN`` and its like, of
    ``nn.unroll``, of your own ``with step(t):``, and the turns of a loop without it that is time. ``.grad`` is not
    touched and the graph is not used up.

    Args:
        loss: a single number computed from the states.
        jacobian: also compute norms of dh_T/dh_t, T being the last step: "spectral" (or True; the largest factor any
            direction is stretched by) or "frobenius". This takes one backward pass for each entry of h_T.

    Raises:
        RuntimeError: if ``loss`` does not require a gradient or is not a single number.
        ValueError: if no time step reads anything of its neighbour.

    Pascanu, Mikolov & Bengio 2013: dL/dh_t = dL/dh_T dh_T/dh_t, a product of one Jacobian per step.

    >>> rnn = tg.nn.RNN(1, 4)
    >>> flow = tg.gradient_flow(rnn(tg.ones(30, 1))[0][-1].sum())
    >>> len(flow.sizes), flow.sizes[0] < flow.sizes[-1]
    (30, True)
    """
    seed = seed_of(loss)
    if jacobian not in (False, True, "spectral", "frobenius"):
        raise ValueError(f"jacobian is 'spectral', 'frobenius' or False, got {jacobian!r}")
    norm: Norm | None = ("spectral" if jacobian is True else jacobian) or None
    with unfolding:  # states lie outside of folds
        return _flow_through(excerpt_of(as_it_was(loss), folded=True), seed, norm)


def _flow_through(excerpt: Excerpt, seed: Any, norm: Norm | None) -> GradientFlow:
    series, loss = states(excerpt), excerpt.loss
    if not series:
        raise ValueError(
            "gradient_flow() found no states: no time step reads anything its neighbour computed. Use nn.RNN, nn.LSTM, "
            "nn.GRU or nn.unroll(cell, xs), or put the body of your own loop inside `with step(t):`"
        )
    wanted = {node.birth for each in series for node in each.nodes}
    sizes: dict[int, float] = {}
    with np.errstate(all="ignore"):
        for node, g, _ in backpropagate(loss, [np.asarray(seed)], toward=made_from(wanted, excerpt.values)):
            if node.birth in wanted:
                sizes[node.birth] = size(g)
    return GradientFlow(flows_of(series, sizes, loss, excerpt.values, norm))


def flows_of(
    series: Sequence[Series], sizes: Mapping[int, float], loss: Tensor, values: Sequence[Node], norm: Norm | None = None
) -> list[Flow]:
    """The flows of states, each up to the last value the loss depends on; of all if it depends on none.

    ``sizes`` are the sizes of gradients by birth; where there is none, no gradient arrives. ``values`` is the history
    of the loss.
    """
    flows: list[Flow] = []
    for each in series:
        found = [sizes.get(node.birth, 0.0) for node in each.nodes]
        count = steps_read(found)
        nodes = each.nodes[:count]
        norms = _jacobians(nodes, norm) if norm is not None else None
        flow = Flow(each.name, each.times[:count], tuple(found[:count]), norms, nodes, dtype=nodes[0].array.dtype.name)
        flows.append(replace(flow, after=(*each.times[count:], *each.after)))
    for n, flow in enumerate(flows):
        enters, carried = _parted(flow.nodes, loss, values)
        flows[n] = replace(flow, enters=enters, carried=carried)
    return flows


def steps_read(sizes: Sequence[float]) -> int:
    """How many steps of a loop are part of the way back: those up to the last one that the loss depends on, or all."""
    return max((n + 1 for n, amount in enumerate(sizes) if amount), default=len(sizes))


def loops_of(series: Sequence[Series]) -> list[list[int]]:
    """Which of them are computed in the same loop, where states take turns as h and c do; by number."""
    loops: list[list[int]] = []
    for n, b in enumerate(each.nodes for each in series):
        for members in loops:
            a = series[members[0]].nodes
            if len(a) > 1 and len(b) > 1 and a[0].birth < b[1].birth and b[0].birth < a[1].birth:
                members.append(n)
                break
        else:
            loops.append([n])
    return loops


def _parted(
    states: Sequence[Node], loss: Tensor, values: Sequence[Node]
) -> tuple[tuple[float, ...], tuple[float, ...]] | tuple[None, None]:
    """The sizes of what enters at the values of a state, and of what is carried to them from the last.

    Nothing if all of it enters at the last step.
    """
    births, last = {node.birth for node in states}, states[-1]
    toward = made_from(births, values)
    onward = {last.birth}  # what lies between them, on the way to the last
    for node in reversed(values):
        if node.birth in onward:
            onward |= {arg.birth for arg in sources(node) if arg.birth in toward}
    inner = (onward | births) - {last.birth}
    outside = (node for node in values if node.birth in toward and node.birth not in onward)
    if not any(arg.birth in inner for node in outside for arg in sources(node)):
        return None, None
    with np.errstate(all="ignore"):
        walk = backpropagate(loss, toward=toward, ends=births)
        arrived = {node.birth: gradient for node, gradient, _ in walk if node.birth in births}
    enters = tuple(size(arrived[node.birth]) if node.birth in arrived else 0.0 for node in states)
    whole = enters[-1]
    if not any(enters[:-1]) or not whole:
        return None, None
    if not whole < math.inf:
        return enters, (whole,) * len(states)
    # Of size 1, so that what is small already is not lost on its way.
    seed = np.asarray(arrived[last.birth] / whole, last.array.dtype)
    with np.errstate(all="ignore"):
        back = backpropagate(last, [seed], toward=toward)
        left = {node.birth: size(gradient) for node, gradient, _ in back if node.birth in births}
    return enters, tuple(whole * left.get(node.birth, 0.0) for node in states)


def _jacobians(nodes: tuple[Node, ...], norm: Norm) -> tuple[float, ...]:
    """The norms of dh_T/dh_t, by one vector-Jacobian product for each entry of h_T."""
    last = nodes[-1]
    matrices = {node.birth: np.zeros((last.array.size, node.array.size)) for node in nodes}
    with np.errstate(all="ignore"):
        for row, unit in enumerate(np.eye(last.array.size, dtype=last.array.dtype)):
            for node, g, _ in backpropagate(last, [unit.reshape(last.array.shape)]):
                if node.birth in matrices:
                    matrices[node.birth][row] = np.ravel(g)
    stretched = {birth: norm == "spectral" and np.isfinite(matrix).all() for birth, matrix in matrices.items()}
    return tuple(float(np.linalg.norm(m, 2)) if stretched[birth] else size(m) for birth, m in matrices.items())


def _bar(here: float, top: float) -> str:
    """A bar on a logarithmic axis of 16 decades below the largest size."""
    if not math.isfinite(here):
        return "!" * 16
    return "#" * max(1, round(16 + math.log10(here / top))) if here > 0 and here / top > 0 else ""
