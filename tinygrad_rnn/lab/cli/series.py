"""`tinygrad-rnn train prices.csv`: a recurrent network on a column of numbers, judged beside two baselines."""

from dataclasses import asdict
from typing import Any

from ...explain.report import alike, prose, significant, table, title
from ..data import Score, Series, read_series
from ..data.files import listed, shown
from ..training import Windows
from .console import Refusal
from .lesson import Lesson, Parts
from .next_value import Example, NextValue, columns
from .options import NUMBERS, QUIET, Option, Options
from .reading import reading_of
from .recipe import BATCH, EPOCHS, SEED, USUAL_EPOCHS, WINDOW, validates

COLUMN: Option[str | None] = Option(
    "--column", "the column (default: close, or the only one of numbers)", None, str, "NAME", NUMBERS, of="series"
)
TARGET: Option[str | None] = Option("--target", "the same as --column", None, str, "NAME", NUMBERS, of="series")
INPUTS: Option[str | None] = Option(
    "--inputs", "columns that are read beside the one that is predicted", None, str, "A,B", NUMBERS, of="series"
)
OPTIONS = (COLUMN, TARGET, INPUTS)
NO_FORECAST = (
    "This is an exercise in backpropagation through time and no forecast: daily prices are so close to a random walk "
    "that hardly anything beats 'tomorrow = today', and a model that does so once may owe it to chance."
)


class SeriesLesson(Lesson):
    """Learns from the first four fifths of a column, and is judged by the last fifth."""

    task: NextValue
    batches: Windows

    def __init__(self, file: str, options: Options) -> None:
        self.file, self.options, window = file, options, options[WINDOW]
        column = options[TARGET] if options[COLUMN] is None else options[COLUMN]
        if None not in (options[TARGET], options[COLUMN]):
            raise Refusal("--column and --target both say what is predicted; give one of them")
        inputs = [each.strip() for each in (options[INPUTS] or "").split(",") if each.strip()]
        self.series = series = read_series(file, column, reading_of(options), inputs)
        parts = Parts(validates(options), lambda n: max(round(n * 0.2), 1), lambda n: max(round(n * 0.1), 1))
        rows = "1 row" if len(series) == 1 else f"{len(series)} rows"
        what = f"{series.source} has {rows}, too few for windows of {window}, the value after each,"
        # What is learnt from holds at least two windows with the value after each.
        self.learnt, self.start = parts.cut(len(series), window + 2, what, " rows or a smaller --window")
        values = series.table
        learning = values[: self.learnt]
        model = self.make(inputs=1 + len(inputs), outputs=1)
        drawn = range(self.learnt - 1 - window, self.learnt)
        read = series.inputs[drawn[:-1]].T.tolist()
        example = Example(series.values[drawn].tolist(), [_label(series, position) for position in drawn], read)
        scale, *others = (NextValue.scale_of(each, window) for each in columns(learning))
        self.task = NextValue(model, window, scale, series.name, example, dict(zip(inputs, others, strict=True)))
        self.batches = Windows(*self.task.examples(learning), options[BATCH], options[SEED])
        self.epochs = options[EPOCHS] or USUAL_EPOCHS["series"]
        end = self.start if self.learnt < self.start else len(series)
        self.watched = self.task.examples(values[self.learnt - window : end])

    def introduction(self) -> str:
        series, last = self.series, len(self.series) - 1
        beside = f" and beside it {listed(list(self.task.inputs))}" if self.task.inputs else ""
        validated = f", is validated by the next {self.start - self.learnt}" if self.learnt < self.start else ""
        return (
            f"{series.source}: column {shown(series.name)}{beside}, {len(series)} values, {_label(series, 0)} to "
            f"{_label(series, last)}\n"
            f"learns from the first {self.learnt} (to {_label(series, self.learnt - 1)}){validated}, is judged by the "
            f"last {len(series) - self.start}" + "".join(f"\nnote: {note}" for note in series.notes)
        )

    def evaluate(self) -> float:
        return self.task.loss_of(*self.watched)

    def data(self) -> dict[str, Any]:
        return {"column": self.series.name} | ({"inputs": list(self.task.inputs)} if self.task.inputs else {})

    def method(self) -> str:
        return (
            f"; {len(self.batches.inputs)} windows of {self.task.window} values and the value after\n"
            f"x_t = (value_t - mean of the window) / {significant(self.task.scale)}; loss = squared error on that "
            "scale, in mini-batches"
        )

    def judge(self) -> tuple[dict[str, Any], str]:
        scores = self.task.scores(self.series.table, self.start, self.options[QUIET])
        return {name: asdict(each) for name, each in scores.items()}, judged(scores, self.series, self.start)


def judged(scores: dict[str, Score], series: Series, start: int) -> str:
    """The table of the network and its baselines on `series[start:]`."""
    rmse, mae = alike([each.rmse for each in scores.values()]), alike([each.mae for each in scores.values()])
    ours, today = (scores[each].rmse for each in list(scores)[:2])
    verdict = "the same as"
    if today and abs(ours / today - 1) >= 0.0005:
        verdict = f"{abs(100 * (ours / today - 1)):.1f} % {'below' if ours < today else 'above'}"
    elif not today and ours:
        verdict = "above"
    heading = (
        f"Walk-forward on the last {len(series) - start} values, {_label(series, start)} to "
        f"{_label(series, len(series) - 1)}: each predicted from those before it"
    )
    errors = table(
        [f"error in the units of {shown(series.name, 30)}", "RMSE", "MAE"], zip(scores, rmse, mae, strict=True)
    )
    verdict = prose(f"The network's RMSE is {verdict} that of 'tomorrow = today'. {NO_FORECAST}")
    return "\n".join([title(heading), errors, "", verdict])


def _label(series: Series, position: int) -> str:
    return shown(series.labels[position], 20)
