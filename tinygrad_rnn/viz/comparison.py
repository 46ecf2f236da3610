"""Comparison: several graphs, or one differentiated for several things, on one page and one scale."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property

from ..explain.naming import clean
from ..surface.tensor import Tensor
from .dot import scale_of
from .drawing import draw
from .picture import Paged, Picture, paged
from .style import Scale

#: A page of more runs would be searched rather than read.
MOST_RUNS = 24


class Comparison(Paged):
    """Several pictures as one page: all their strips of gradient sizes below each other, and one picture at a time.

    In a notebook it shows itself.

    Attributes:
        pictures: what is compared, by name.
        title: the head of the page.
    """

    called = "a comparison"
    rule = f"{Paged.rule}. Still pictures on one scale: draw(loss, scale=comparison.scale).save('one.svg')"

    def __init__(self, pictures: Mapping[str, Picture], title: str) -> None:
        self.pictures = dict(pictures)
        self.title = title

    @cached_property
    def scale(self) -> Scale:
        """The scale of gradients that all of them share."""
        return scale_of(*(picture.scene for picture in self.pictures.values()))

    @cached_property
    def html(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The page, one file that fetches nothing.

        As soon as one of them has more than 200 time steps, all are strips of bars and cells as in the view "cells", on
        one axis and with the same verdicts; of what is chosen there, 16 steps are shown in full.

        Raises:
            ValueError: together they have more values than a page can carry, 80,000.
        """
        return paged([(clean(name), picture) for name, picture in self.pictures.items()], self.scale, self.title)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.pictures)}>"


def compare(
    runs: Mapping[str, Tensor | Picture],
    *,
    title: str | None = None,
    labels: Mapping[int, str] | Sequence[str] | None = None,
    engine: str | os.PathLike[str] | None = None,
) -> Comparison:
    """Put several graphs on one page, their gradients on one scale: walk through one and see the sizes of all.

    ``compare({"RNN": loss_rnn, "LSTM": loss_lstm}).save("both.html")`` holds two models against each other. Pictures
    keep what was when they were drawn, so ``compare({"before": tg.draw(loss), ...})`` may be given one from before the
    training and one from after it. And one graph may be differentiated for several things, each loss of its own or an
    element of an output: ``compare({"loss": loss, "p(mat)": p[-1, mat], "p(cat)": p[-1, cat]})`` shows which steps,
    and with ``labels`` which words, each of them depends on.

    Args:
        runs: losses, or pictures of them, by name.
        title: the head of the page; a plain one is made up.
        labels: a word or two for the steps of those that are not pictures yet, as for ``draw``.
        engine: the program that draws them, as for `draw`.

    Raises:
        ValueError: nothing to compare, or too much of it.
        TypeError: what is given is neither a tensor nor a picture.
    """
    if not isinstance(runs, Mapping) or not runs:
        raise ValueError(
            'compare() needs losses or pictures with their names, compare({"RNN": loss_1, "LSTM": loss_2}); it was '
            f"given {'an empty dict' if isinstance(runs, Mapping) else f'a {type(runs).__name__}'}"
        )
    if len(runs) > MOST_RUNS:
        raise ValueError(f"compare() shows up to {MOST_RUNS} runs on a page, and was given {len(runs)}; choose some")
    pictures = {
        name: run if isinstance(run, Picture) else draw(run, labels=labels, engine=engine) for name, run in runs.items()
    }
    return Comparison(pictures, title or " beside ".join(map(clean, pictures)))
