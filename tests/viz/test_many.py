"""Many graphs in every view that applies, looked at for what an eye would stumble over."""

import re

import pytest

from tests.viz.many import GRAPHS, made
from tests.viz.seen import Seen, seen

VIEWS = ("auto", "full", "chain", "cells", "modules", "rolled")
#: Faults that are known, by view: the columns of time are wider than a cell of a notebook, long chains are longer; and
#: where dot puts parallel lines of a loop beside a card it may touch it.
KNOWN = {
    "full": {"too_small", "through_text", "against_time", "tape"},
    "auto": {"too_small", "through_text", "against_time"},
    "chain": {"too_small"},
    "cells": set(),
    "modules": {"too_small", "through_text", "over_cards", "tape", "overlapping", "against_time"},
    "rolled": {"too_small", "through_text", "over_cards", "overlapping"},
}


def faults(view: str, found: Seen) -> str:
    kept = {field: [] if field in KNOWN[view] else words for field, words in vars(found).items()}
    return str(Seen(**kept))


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_no_picture_has_a_fault_that_is_not_known(view: str) -> None:
    wrong, drawn = {}, 0
    for name in GRAPHS:
        try:
            picture = made(name, view)
        except ValueError as error:
            assert re.search(r"no (time steps|states|scopes)|up to (8 steps|150 operations)|too many", str(error)), name
            continue
        drawn += 1
        if words := faults(view, seen(picture, loops=view == "rolled" or "every block" in picture.dot)):
            wrong[name] = words
    assert wrong == {} and len(GRAPHS) >= 60 and drawn > 35


def test_the_eye_sees() -> None:
    picture = made("three linears", "full")
    assert not seen(picture).over_cards
    moved = re.sub(r"rankdir=\w+", "rankdir=RL", picture.dot)
    picture.dot = moved
    assert seen(picture).against_time
    long = made("mlp 16", "full")
    long.dot = re.sub(r"rankdir=\w+", "rankdir=LR", long.dot)
    assert seen(long).too_small and seen(long).tape
    two = made("scalars", "full")
    two.dot = two.dot.replace('fontname="Arial" fontsize=10]', 'fontname="Arial" fontsize=10 layer=""]')
    assert not seen(two).overlapping
