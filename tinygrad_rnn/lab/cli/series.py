"""A series of numbers: from a window of values to the value that follows, judged beside two baselines."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ...explain.report import alike, prose, significant, table, title
from ..data import BASELINES, Scaling, Score, Series, read_series, score, walk_forward, windows
from ..data.files import listed, shown
from ..training import Windows
from ..training.log import bar
from ..training.network import Network
from .console import Refusal
from .lesson import Exportable, Judged, Lesson, Window, split
from .options import NUMBERS, QUIET, Option, Options
from .recipe import BATCH, EPOCHS, SEED, USUAL_EPOCHS, WINDOW, chosen, reading_of, validates

# fmt: off
COLUMN: Option[str | None] = Option("--column", "the column (default: close, or the only one of numbers)",
    None, str, "NAME", NUMBERS, of="series")
TARGET: Option[str | None] = Option("--target", "the same as --column", None, str, "NAME", NUMBERS, of="series")
INPUTS: Option[str | None] = Option("--inputs", "columns that are read beside the one that is predicted",
    None, str, "A,B", NUMBERS, of="series")
# fmt: on
OPTIONS = (COLUMN, TARGET, INPUTS)
NO_FORECAST = (
    "This is an exercise in backpropagation through time and no forecast: daily prices are so close to a random walk "
    "that hardly anything beats 'tomorrow = today', and a model that does so once may owe it to chance."
)
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


@dataclass(eq=False)
class NextValue:
    """A network that sees neither level nor unit: x_t = (value_t - mean of the window) / scale.

    The prediction is mean + scale y. So a price level that was never seen in training is nothing new. `inputs` are the
    names and scales of other columns that are read beside it, each less its own mean and over its own scale; `values`
    are (time,), or (time, 1 + inputs) with the column that is predicted first.
    """

    kind: ClassVar = "series"
    model: Network
    window: int
    scale: float
    column: str
    example: Example
    inputs: dict[str, float] = field(default_factory=dict)

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

    def forecasts(self, past: Array, count: int = 1) -> list[float]:
        """The values that follow, each told from those before it as if they had come true; one if it reads others."""
        told: list[float] = []
        for _ in range(count):
            told.append(float(self.walk(np.concatenate([past[-self.window :], past[-1:]]), self.window)[0]))
            past = np.append(past, told[-1])
        return told

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
        hs, y, W_hh = self.model.unrolled(steps(x))
        name = shown(self.column, 20)
        seen, x_t = alike(values[:-1].tolist(), 6), [f"{each:.4f}" for each in x[0, :, 0]]
        wanted = f"{labels[-1]} ({significant(float(values[-1]), 6)})"
        return Window.of(
            error(y, target),
            hs,
            W_hh,
            f"the last window of the training part, which is to tell {wanted}",
            {"when": labels[:-1], name: seen, "x_t": x_t},
            f"{name}, {labels[0]} to {labels[-2]}: one window through the {self.model.name}",
        )

    def exportable(self) -> Exportable:
        """A module from windows (batch, window) to values (batch), both in the units of the file."""
        columns = np.column_stack([self.example.values[:-1], *self.example.inputs])
        example = tg.tensor(np.array([columns if self.inputs else columns[:, 0]] * 2), dtype=tg.float32)
        size = ", ".join(str(each) for each in example.shape[1:])
        means = f"values (batch, {size}) in the units of the file -> prediction (batch)"
        return Exportable(Forecast(self), (example,), {"values": {0: "batch", 1: "window"}}, ["prediction"], means)

    def plain(self) -> dict[str, Any]:
        example = {"values": self.example.values, "labels": self.example.labels}
        plain = {"window": self.window, "scale": self.scale, "column": self.column, "example": example}
        return plain | ({"inputs": self.inputs, "read": self.example.inputs} if self.inputs else {})

    @classmethod
    def of(cls, plain: Mapping[str, Any], model: Network) -> Self:
        """From `plain()` and the network."""
        example = Example(list(plain["example"]["values"]), list(plain["example"]["labels"]), plain.get("read", []))
        return cls(model, plain["window"], plain["scale"], plain["column"], example, dict(plain.get("inputs", {})))


class Forecast(nn.Module):
    """The whole way from the values of windows to the values that follow, for programs that know nothing of scales."""

    def __init__(self, task: NextValue) -> None:
        super().__init__()
        self.network, self.scale = task.model, task.scale
        self.scales = tg.tensor([task.scale, *task.inputs.values()], dtype=tg.float32)

    def forward(self, values: tg.Tensor) -> tg.Tensor:
        """(batch, window), or with other columns read (batch, window, columns) -> (batch)."""
        columns = values if values.dim() == 3 else values.unsqueeze(-1)
        means = columns.mean(1, keepdim=True)
        y = self.network.last(((columns - means) / self.scales).transpose(0, 1))
        return (means[:, 0, :1] + y * self.scale).squeeze(1)


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


def series_lesson(file: str, options: Options) -> Lesson:
    """A column, of which the first four fifths are to learn from and the last fifth to judge by."""
    window, column = options[WINDOW], options[TARGET] if options[COLUMN] is None else options[COLUMN]
    if None not in (options[TARGET], options[COLUMN]):
        raise Refusal("--column and --target both say what is predicted; give one of them")
    inputs = [each.strip() for each in (options[INPUTS] or "").split(",") if each.strip()]
    series = read_series(file, column, reading_of(options), inputs)
    rows = "1 row" if len(series) == 1 else f"{len(series)} rows"
    learnt, start = split(
        len(series),
        window + 2,  # holds at least two windows with the value after each
        lambda count, share: max(round(count * share), 1),
        0.2,
        validates(options),
        f"{series.source} has {rows}, too few for windows of {window}, the value after each,",
        " rows or a smaller --window",
    )
    values, drawn = series.table, range(learnt - 1 - window, learnt)
    tg.manual_seed(options[SEED])
    sizes: dict[str, Any] = chosen(options) | {"inputs": 1 + len(inputs), "outputs": 1}
    labels = [_label(series, position) for position in drawn]
    example = Example(series.values[drawn].tolist(), labels, series.inputs[drawn[:-1]].T.tolist())
    scale, *others = (NextValue.scale_of(each, window) for each in columns(values[:learnt]))
    others_by_name = dict(zip(inputs, others, strict=True))
    task = NextValue(Network(**sizes), window, scale, series.name, example, others_by_name)
    batches = Windows(*task.examples(values[:learnt]), options[BATCH], options[SEED])
    beside = f" and beside it {listed(inputs)}" if inputs else ""
    validated = f", is validated by the next {start - learnt}" if learnt < start else ""
    return Lesson(
        file,
        options,
        task,
        sizes,
        batches,
        options[EPOCHS] or USUAL_EPOCHS["series"],
        introduction=f"{series.source}: column {shown(series.name)}{beside}, {len(series)} values, {_label(series, 0)} "
        f"to {_label(series, -1)}\nlearns from the first {learnt} (to {_label(series, learnt - 1)}){validated}, is "
        f"judged by the last {len(series) - start}" + "".join(f"\nnote: {note}" for note in series.notes),
        watched=task.examples(values[learnt - window : start if learnt < start else len(series)]),
        data={"column": series.name} | ({"inputs": inputs} if inputs else {}),
        method=f"; {len(batches.inputs)} windows of {window} values and the value after\nx_t = (value_t - mean of the "
        f"window) / {significant(scale)}; loss = squared error on that scale, in mini-batches",
        judge=lambda: judged(task, series, start, options[QUIET]),
    )


def judged(task: NextValue, series: Series, start: int, quiet: bool) -> Judged:
    """The network and its baselines on `series[start:]`."""
    scores = task.scores(series.table, start, quiet)
    rmse, mae = alike([each.rmse for each in scores.values()]), alike([each.mae for each in scores.values()])
    ours, today = (scores[each].rmse for each in list(scores)[:2])
    verdict = "the same as"
    if today and abs(ours / today - 1) >= 0.0005:
        verdict = f"{abs(100 * (ours / today - 1)):.1f} % {'below' if ours < today else 'above'}"
    elif not today and ours:
        verdict = "above"
    heading = (
        f"Walk-forward on the last {len(series) - start} values, {_label(series, start)} to {_label(series, -1)}: each "
        "predicted from those before it"
    )
    head = [f"error in the units of {shown(series.name, 30)}", "RMSE", "MAE"]
    verdict = prose(f"The network's RMSE is {verdict} that of 'tomorrow = today'. {NO_FORECAST}")
    text = "\n".join([title(heading), table(head, zip(scores, rmse, mae, strict=True)), "", verdict])
    return {name: asdict(each) for name, each in scores.items()}, text


def _label(series: Series, position: int) -> str:
    return shown(series.labels[position], 20)
