"""`tinygrad-rnn train prices.csv`: a recurrent network on a column of numbers, judged beside two baselines."""

from dataclasses import asdict

import tinygrad_rnn as tg

from ...explain.report import alike, prose, significant, table, title
from ..data import Series, read_series
from ..data.files import listed, shown
from ..training import Windows
from .console import Refusal
from .lesson import Judged, Lesson, split
from .network import Network, chosen
from .next_value import Example, NextValue, columns
from .options import NUMBERS, QUIET, Option, Options
from .reading import reading_of
from .recipe import BATCH, EPOCHS, SEED, USUAL_EPOCHS, WINDOW, validates

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
        lambda count: max(round(count * 0.2), 1),
        lambda count: max(round(count * 0.1), 1) if validates(options) else 0,
        f"{series.source} has {rows}, too few for windows of {window}, the value after each,",
        " rows or a smaller --window",
    )
    values, drawn = series.table, range(learnt - 1 - window, learnt)
    tg.manual_seed(options[SEED])
    sizes = chosen(options) | {"inputs": 1 + len(inputs), "outputs": 1}
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
