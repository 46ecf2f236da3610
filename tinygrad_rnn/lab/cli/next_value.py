"""The task of a series: from a window of values to the value that follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ...explain.report import alike, significant
from ..data import BASELINES, Scaling, Score, score, walk_forward, windows
from ..data.files import shown
from ..training.bar import bar
from .network import Exportable, Network, unrolled
from .window import Window

Array = NDArray[np.float64]
AT_ONCE = 1024  # windows: enough that what a call costs is shared by many, and little memory


@dataclass(frozen=True)
class Example:
    """A window to look at, with the value that follows it: values and labels, one more than the window has steps.

    inputs: the other columns that are read, each of a window's length.
    """

    values: list[float]
    labels: list[str]
    inputs: list[list[float]] = field(default_factory=list)


class NextValue:
    """A network that sees neither level nor unit: x_t = (value_t - mean of the window) / scale.

    The prediction is mean + scale y. So a price level that was never seen in training is nothing new. `inputs` are the
    names of other columns that are read beside it, each less its own mean and over its own scale; `values` are (time,),
    or (time, 1 + inputs) with the column that is predicted first.
    """

    kind = "series"

    def __init__(
        self,
        model: Network,
        window: int,
        scale: float,
        column: str,
        example: Example,
        inputs: Mapping[str, float] | None = None,
    ) -> None:
        self.model, self.window, self.scale, self.column, self.example = model, window, scale, column, example
        self.inputs = dict(inputs or {})

    @staticmethod
    def scale_of(training: Array, window: int) -> float:
        """The scale of the windows of a series, fitted on its training part alone."""
        inputs, targets = windows(training, window)
        return Scaling.standard(targets - inputs.mean(axis=1)).scale

    def examples(self, values: Array) -> tuple[Array, Array]:
        """Every window of a series, (n, window, columns), and the value after it, (n,), in the network's units."""
        inputs, targets = zip(*(windows(each, self.window) for each in columns(values)), strict=True)
        return self.scaled(*inputs), (targets[0] - inputs[0].mean(axis=1)) / self.scale

    def scaled(self, *values: Array) -> Array:
        """(batch, window) of every column in the units of the file -> what it sees, (batch, window, columns)."""
        centred = [each - each.mean(axis=1, keepdims=True) for each in values]
        return np.stack(
            [x / scale for x, scale in zip(centred, (self.scale, *self.inputs.values()), strict=True)], axis=-1
        )

    def loss(self, x: Array, target: Array, state: Any = None) -> tuple[tg.Tensor, None]:
        """The mean squared error of a batch of windows (batch, window, columns), in training; no state is carried."""
        self.model.train()
        return error(self.model.last(steps(x)), target), None

    def loss_of(self, x: Array, target: Array) -> float:
        """The same number for judging by, without dropout and without a graph."""
        self.model.eval()
        with tg.no_grad():
            pieces = [self.model.last(steps(x[at : at + AT_ONCE])) for at in range(0, len(x), AT_ONCE)]
            return float(error(tg.cat(pieces) if len(pieces) > 1 else pieces[0], target).item())

    def forecast(self, past: Array) -> float:
        """The value that follows, in the units of the file."""
        return float(self.walk(np.concatenate([past[-self.window :], past[-1:]]), self.window)[0])

    def walk(self, values: Array, start: int, quiet: bool = True) -> Array:
        """The forecasts of `values[start:]`, each from the window of true values before it; many at once."""
        told = []
        self.model.eval()
        with tg.no_grad(), bar(len(values) - start, "walk-forward", quiet) as shown:
            for at in range(start, len(values), AT_ONCE):
                inputs = [windows(each, self.window)[0] for each in columns(values[at - self.window : at + AT_ONCE])]
                y = self.model.last(steps(self.scaled(*inputs))).array[:, 0].astype(np.float64)
                told.append(inputs[0].mean(axis=1) + self.scale * y)
                shown.update(len(y))
        return np.concatenate(told)

    def forecasts(self, past: Array, count: int) -> list[float]:
        """The `count` values that follow, each told from those before it as if they had come true."""
        for _ in range(count):
            past = np.append(past, self.forecast(past))
        return [float(each) for each in past[-count:]]

    def scores(self, values: Array, start: int, quiet: bool = True) -> dict[str, Score]:
        """The network and the baselines on `values[start:]`, each value predicted from those before it."""
        column = columns(values)[0]
        told = {self.model.name: self.walk(values, start, quiet)}
        told |= {name: walk_forward(column, start, each) for name, each in BASELINES.items()}
        return {name: score(each, column[start:]) for name, each in told.items()}

    def through_time(self) -> Window:
        """Backpropagation through the example."""
        values, labels = np.array(self.example.values), self.example.labels
        x = self.scaled(values[None, :-1], *(np.array(each)[None] for each in self.example.inputs))
        target = (values[-1:] - values[:-1].mean()) / self.scale
        hs, y, W_hh = unrolled(self.model, steps(x))
        name = shown(self.column, 20)
        columns = {
            "when": labels[:-1],
            name: alike(values[:-1].tolist(), 6),
            "x_t": [f"{each:.4f}" for each in x[0, :, 0]],
        }
        return Window.of(
            error(y, target),
            hs,
            W_hh,
            heading=f"the last window of the training part, which is to tell {labels[-1]} "
            f"({significant(float(values[-1]), 6)})",
            columns=columns,
            drawn=f"{name}, {labels[0]} to {labels[-2]}: one window through the {self.model.name}",
            labels=labels[:-1],
        )

    def exportable(self) -> Exportable:
        """A module from windows (batch, window) to values (batch), both in the units of the file."""
        one = (
            np.column_stack([self.example.values[:-1], *self.example.inputs])
            if self.inputs
            else self.example.values[:-1]
        )
        example = tg.tensor(np.array([one] * 2), dtype=tg.float32)
        size = ", ".join(str(each) for each in example.shape[1:])
        means = f"values (batch, {size}) in the units of the file -> prediction (batch)"
        return Exportable(Forecast(self), (example,), {"values": {0: "batch", 1: "window"}}, ["prediction"], means)

    def plain(self) -> dict[str, Any]:
        """Everything but the network, for JSON."""
        example = {"values": self.example.values, "labels": self.example.labels}
        plain = {"window": self.window, "scale": self.scale, "column": self.column, "example": example}
        return plain | ({"inputs": self.inputs, "read": self.example.inputs} if self.inputs else {})

    @classmethod
    def of(cls, plain: Mapping[str, Any], model: Network) -> Self:
        """From `plain()` and the network."""
        example = Example(list(plain["example"]["values"]), list(plain["example"]["labels"]), plain.get("read", []))
        return cls(model, plain["window"], plain["scale"], plain["column"], example, plain.get("inputs"))


class Forecast(nn.Module):
    """The whole way from the values of windows to the values that follow, for programs that know nothing of scales."""

    def __init__(self, task: NextValue) -> None:
        super().__init__()
        self.network, self.scale = task.model, task.scale
        self.scales = tg.tensor([task.scale, *task.inputs.values()], dtype=tg.float32) if task.inputs else None

    def forward(self, values: tg.Tensor) -> tg.Tensor:
        """(batch, window), or with other columns read (batch, window, columns) -> (batch)."""
        if self.scales is not None:
            means = values.mean(1, keepdim=True)
            y = self.network.last(((values - means) / self.scales).transpose(0, 1))
            return (means[:, 0, :1] + y * self.scale).squeeze(1)
        mean = values.mean(1, keepdim=True)
        y = self.network.last(((values - mean) / self.scale).t().unsqueeze(-1))
        return (mean + y * self.scale).squeeze(1)


def columns(values: Array) -> list[Array]:
    """The columns of values (time,) or (time, columns), each (time,)."""
    return [np.ascontiguousarray(each) for each in values.reshape(len(values), -1).T]


def steps(x: Array) -> tg.Tensor:
    """Windows (batch, window, columns) as the network reads them, (window, batch, columns)."""
    return tg.tensor(x.transpose(1, 0, 2), dtype=tg.float32)


def error(y: tg.Tensor, target: Array) -> tg.Tensor:
    """The mean of (y - target)^2 over a batch, y (batch, 1) and target (batch,)."""
    wanted = tg.tensor(target[:, None], dtype=tg.float32)
    wanted.name = "target"
    difference = y - wanted
    difference.name = "e"
    return (difference**2).mean()
