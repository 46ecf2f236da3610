"""TrainingFlow: the sizes of dL/dh_t seen again and again while a model is trained, and the page that shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from ..explain.flow import Flow, GradientFlow, gradient_flow
from ..interop.following.doors import standing
from ..surface.tensor import Tensor
from .picture import Paged


@dataclass(frozen=True)
class Record:
    """One look at the way back through time. step: how many steps of training came before; loss: what it was then."""

    step: int
    loss: float
    flows: GradientFlow

    def plain(self) -> dict[str, Any]:
        """As plain data, in which JSON has a word for every number."""
        flows = []
        for flow in self.flows:
            given = {"sizes": flow.sizes, "enters": flow.enters, "carried": flow.carried}
            written = {key: list(map(_written, sizes)) for key, sizes in given.items() if sizes is not None}
            flows.append({"name": flow.name, "times": list(flow.times), "dtype": flow.dtype, **written})
        return {"step": self.step, "loss": _written(self.loss), "flows": flows}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """From ``plain()``."""
        flows = []
        for each in plain["flows"]:
            sizes, enters, carried = (_read(each.get(key)) for key in ("sizes", "enters", "carried"))
            dtype = each.get("dtype", "float64")
            flows.append(Flow(each["name"], tuple(each["times"]), sizes or (), None, (), enters, carried, dtype))
        return cls(plain["step"], float(plain["loss"]), GradientFlow(flows))


def _written(number: float) -> float | str:
    """NaN and infinity, which JSON does not know, as text."""
    return number if abs(number) < float("inf") else str(number)


def _read(sizes: Sequence[float | str] | None) -> tuple[float, ...] | None:
    return None if sizes is None else tuple(map(float, sizes))


class TrainingFlow(Paged):
    """How the gradient flows back through time, watched while a model is trained.

    ::

        flow = tg.TrainingFlow()
        for step in range(2000):
            loss = ...
            if step % 50 == 0:
                flow.record(step, loss)  # before the optimiser changes the weights
            loss.backward()
            ...
        flow.save("flow.html")

    The page shows one row for each record, steps of training downwards and time steps across, the loss beside them,
    and in words what becomes of the gradient: vanishing is seen as it begins and as it ends. In a notebook the object
    shows itself. Only numbers are kept, never a graph.

    Attributes:
        title: the head of the page.
        records: what was recorded, in the order of the steps.
    """

    called = "a training"

    def __init__(self, title: str = "Gradient flow over training") -> None:
        self.title = title
        self.records: list[Record] = []

    def record(self, step: int, loss: Tensor) -> Record:
        """Look at ``loss``, a single number, as `gradient_flow` does: before or after its ``backward()``, but before
        the weights change. The graph is not used up and no ``.grad`` is touched.

        Raises:
            ValueError: ``step`` does not come after the last one recorded, or there are no time steps in the graph.
            RuntimeError: ``loss`` does not require a gradient or is not a single number.
        """
        if self.records and step <= self.records[-1].step:
            raise ValueError(
                f"step {step} does not come after step {self.records[-1].step}, the last one recorded: a row of the "
                "page is a step of training. For another run make another TrainingFlow"
            )
        kept = (replace(flow, nodes=()) for flow in gradient_flow(*standing(loss)))
        self.records.append(Record(step, float(loss.item()), GradientFlow(kept)))
        return self.records[-1]

    @property
    def html(self) -> str:
        """The page, one file that fetches nothing.

        Raises:
            ValueError: nothing was recorded.
        """
        return self.page()

    def page(self, goes_on: bool = False) -> str:
        """The page; one of a training that goes on reloads itself every few seconds, if the reader lets it."""
        # Here and not above: who never asks for a page need not load it.
        from .page.training import page_of

        if not self.records:
            raise ValueError("nothing was recorded yet: call record(step, loss) while training")
        return page_of([(each.step, each.loss, each.flows) for each in self.records], self.title, goes_on)

    def __repr__(self) -> str:
        last = f", the last at step {self.records[-1].step}" if self.records else ""
        return f"<TrainingFlow of {len(self.records)} records{last}>"
