"""Many graphs in every view that applies, looked at for what an eye would stumble over."""

import re

import pytest

import tinygrad_rnn as tg
from tests.viz.many import GRAPHS, made
from tests.viz.seen import seen


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them: every version of graphviz lays out in its own way."""
    monkeypatch.setenv("TINYGRAD_RNN_DOT", "graphviz-pure")


VIEWS = ("auto", "full", "chain", "cells", "modules", "rolled")


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_no_picture_has_a_fault(view: str) -> None:
    wrong, drawn = {}, 0
    for name in GRAPHS:
        try:
            picture = made(name, view)
        except ValueError as error:
            assert re.search(r"no (time steps|states|scopes)|up to (8 steps|150 operations)|too many", str(error)), name
            continue
        drawn += 1
        if words := str(seen(picture, loops=re.search("every (step|block):", picture.dot) is not None)):
            wrong[name] = words
    assert wrong == {} and len(GRAPHS) >= 60 and drawn > 35


@pytest.mark.slow
def test_the_eye_sees() -> None:
    picture = made("three linears", "full")
    assert not seen(picture).over_cards
    moved = re.sub(r"rankdir=\w+", "rankdir=RL", picture.dot)
    picture.dot = moved
    assert seen(picture).against_time
    long = made("mlp 16", "full")
    long.dot = re.sub(r"rankdir=\w+", "rankdir=LR ratio=0.1", long.dot)
    assert seen(long).too_small and seen(long).tape
    factor = tg.draw(tg.tensor(1.0, requires_grad=True) * 4, direction="down")
    assert not seen(factor).through_text
    factor.dot = re.sub("label=<<TABLE.*x 4.*TABLE>>", 'label="x 4"', factor.dot)
    assert any("x 4" in words for words in seen(factor).through_text)
