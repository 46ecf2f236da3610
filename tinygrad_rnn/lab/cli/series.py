"""`tinygrad-rnn train prices.csv`: a recurrent network on a column of numbers, judged beside two baselines."""

from __future__ import annotations

from dataclasses import asdict
from itertools import count

from ...explain.report import alike, prose, significant, table, title
from ..data import Score, Series, read_series, split
from ..data.files import shown
from ..training import Progress, Windows
from .columns import usual_column
from .lesson import Lesson, Report, course_of, figures_of, recipe_of
from .network import size_of
from .next_value import Array, NextValue, example_of
from .options import SeriesOptions
from .refusal import Refusal

HELD_OUT, VALIDATED = 0.2, 0.1
NO_FORECAST = (
    "This is an exercise in backpropagation through time and no forecast: daily prices are so close to a random walk "
    "that hardly anything beats 'tomorrow = today', and a model that does so once may owe it to chance."
)


class SeriesLesson(Lesson):
    """Learns from the first four fifths of a column, and is judged by the last fifth."""

    task: NextValue
    options: SeriesOptions

    def __init__(self, options: SeriesOptions) -> None:
        self.options = options
        self.series = read_series(options.file, options.column or usual_column(options.file))
        training = _training_part(self.series, options)
        self.start = len(training)
        self.learnt = self.start - (_share(self.start, VALIDATED) if options.validates else 0)
        learning = training[: self.learnt]
        model = self.make({"inputs": 1, "outputs": 1, "bidirectional": options.bidirectional})
        scale = NextValue.scale_of(learning, options.window)
        example = example_of(self.series, self.learnt, options.window)
        self.task = NextValue(model, options.window, scale, self.series.name, example)
        self.batches = Windows(*self.task.examples(learning), options.batch, options.seed)
        self.epochs = options.epochs or 1
        end = self.start if options.validates else len(self.series)
        self.watched = self.task.examples(self.series.values[self.learnt - options.window : end])

    def introduction(self) -> str:
        series, last = self.series, len(self.series) - 1
        validated = f", is validated by the next {self.start - self.learnt}" if self.options.validates else ""
        return (
            f"{series.source}: column {shown(series.name)}, {len(series)} values, {_label(series, 0)} to "
            f"{_label(series, last)}\n"
            f"learns from the first {self.learnt} (to {_label(series, self.learnt - 1)}){validated}, is judged by the "
            f"last {len(series) - self.start}"
        )

    def evaluate(self) -> float:
        return self.task.loss_of(*self.watched)

    def report(self, progress: Progress, interrupted: bool) -> Report:
        scores = self.task.scores(self.series.values, self.start)
        window = self.task.through_time()
        parameters = size_of(self.task.model)
        figures = {
            "kind": "series",
            "file": self.options.file,
            "column": self.series.name,
            **figures_of(progress, self.sizes, parameters, interrupted),
            "held_out": {name: asdict(each) for name, each in scores.items()},
            "through_time": [step._asdict() for step in window.steps],
        }
        trained = self._trained(progress, parameters, interrupted)
        return Report("\n".join([trained, judged(scores, self.series, self.start), window.text]), figures, window)

    def _trained(self, progress: Progress, parameters: int, interrupted: bool) -> str:
        task, planned = self.task, self.epochs * len(self.batches)
        return "\n".join(
            [
                title("Training"),
                f"{task.model.name} with {task.model.hidden} hidden units, {parameters} parameters; "
                f"{len(self.batches.inputs)} windows of {task.window} values and the value after",
                f"x_t = (value_t - mean of the window) / {significant(task.scale)}; loss = squared error on that "
                "scale, in mini-batches",
                recipe_of(self.options),
                course_of(progress, planned, interrupted),
            ]
        )

    batches: Windows


def _share(values: int, share: float) -> int:
    """How many of so many values are kept apart at the end."""
    return max(round(values * share), 1)


def _training_part(series: Series, options: SeriesOptions) -> Array:
    """All but the last fifth; what is left to learn from holds at least two windows with the value after each."""
    values, least = len(series), options.window + 2

    def learnt(n: int) -> int:
        start = n - _share(n, HELD_OUT)
        return start - _share(start, VALIDATED) if options.validates else start

    if learnt(values) >= least:
        return split(series.values, _share(values, HELD_OUT))[0]
    needed = next(n for n in count(least) if learnt(n) >= least)
    parts = "parts to be validated and judged by" if options.validates else "a part to be judged by"
    raise Refusal(
        f"{series.source} has {values} {'row' if values == 1 else 'rows'}, too few for windows of {options.window}, "
        f"the value after each, and {parts}; give at least {needed} rows or a smaller --window"
    )


def judged(scores: dict[str, Score], series: Series, start: int) -> str:
    """The table of the network and its baselines on `series[start:]`."""
    rmse, mae = alike([each.rmse for each in scores.values()]), alike([each.mae for each in scores.values()])
    ours, today = (scores[each].rmse for each in list(scores)[:2])
    verdict = "the same as"
    if today and abs(ours / today - 1) >= 0.0005:
        verdict = f"{abs(100 * (ours / today - 1)):.1f} % {'below' if ours < today else 'above'}"
    elif not today and ours:
        verdict = "above"
    return "\n".join(
        [
            title(
                f"Walk-forward on the last {len(series) - start} values, {_label(series, start)} to "
                f"{_label(series, len(series) - 1)}: each predicted from those before it"
            ),
            table(
                [f"error in the units of {shown(series.name, 30)}", "RMSE", "MAE"],
                [[name, rmse[i], mae[i]] for i, name in enumerate(scores)],
            ),
            "",
            prose(f"The network's RMSE is {verdict} that of 'tomorrow = today'. {NO_FORECAST}"),
        ]
    )


def _label(series: Series, position: int) -> str:
    return shown(series.labels[position], 20)
