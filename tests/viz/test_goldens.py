"""The pictures are what they were, and what changes in one is noticed and named."""

from __future__ import annotations

import random
import re

import pytest

from tests.viz import goldens
from tests.viz.facts import parts_of
from tests.viz.goldens import TOLD, changes, files, kept, texts
from tests.viz.telling import compared, row

ADVICE = (
    "the pictures have changed; if that was meant, look at them and write what they say anew: "
    "python -m tests.viz.goldens --write"
)


@pytest.fixture(scope="module")
def now() -> dict[str, str]:
    """What the files of golden/ should say of the pictures as they are drawn now."""
    return files(texts())


@pytest.mark.parametrize("name", ["pictures.txt", "looks.txt", *(f"{name}.txt" for name in TOLD)])
def test_pictures_are_what_they_were(name: str, now: dict[str, str]) -> None:
    if now[name] != kept(name):
        pytest.fail("\n".join([ADVICE, *changes(name, kept(name), now[name])]), pytrace=False)


def test_no_file_is_left_over(now: dict[str, str]) -> None:
    assert {path.name for path in goldens.GOLDEN.iterdir()} == set(now)


def drawn(name: str, before: str, after: str) -> tuple[str, str]:
    """A picture, and the same with something changed by hand."""
    text = texts()[name]
    assert before in text
    return text, text.replace(before, after)


EDITS = {
    "a changed edge": (
        ("one-tanh", "\nn1 -> n2 [", "\nn1 -> n3 ["),
        ["lost: edge h0 -> a1 [forward state]", "new: edge h0 -> h1 [forward state] h0 -> a1"],
    ),
    "a changed label": (
        ("one-tanh", ">0.462<", ">0.463<"),
        [
            "changed: node h1 [state] in step0 h1 = tanh(a1) | tanh | = tanh(a1) [1] | value | 0.462 | grad | "
            "size 0.474 | 0.474\n"
            "      -> [state] in step0 h1 = tanh(a1) | tanh | = tanh(a1) [1] | value | 0.463 | grad | "
            "size 0.474 | 0.474"
        ],
    ),
    "a changed colour": (
        ("one-tanh", '"#E2F3EC"', '"#AABBCC"'),
        ["fill of 1 parameter card: #E2F3EC -> #AABBCC"],
    ),
    "a changed font": (("square", '"Courier New"', '"Courier"'), ["font of 4 op cards: Courier New -> Courier"]),
    "a wider line": (
        ("one-tanh", 'color="#1B7F5C" penwidth=1 ', 'color="#1B7F5C" penwidth=2 '),
        ["width of 2 forward lines: 1 -> 2"],
    ),
    "another alignment": (
        ("square", 'WIDTH="28" HEIGHT="16" ALIGN="LEFT"', 'WIDTH="28" HEIGHT="16" ALIGN="RIGHT"'),
        ["looks of node x: TD ALIGN LEFT, TD ALIGN LEFT, TD ALIGN RIGHT, TD ALIGN RIGHT"],
    ),
    "a card elsewhere": (("one-tanh", 'pos="271,-26.5!" id="n3"', 'pos="272,-26.5!" id="n3"'), ["moved: 1 parts, h1"]),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_change_is_noticed_and_named(edit: str) -> None:
    (name, before, after), said = EDITS[edit]
    old, new = drawn(name, before, after)
    assert row(parts_of(old)) != row(parts_of(new))
    found = compared(old, new)
    assert [words for words in said if words not in found] == [], found


@pytest.mark.slow
def test_a_lost_node_is_noticed_and_named() -> None:
    old = texts()["one-tanh"]
    new = re.sub(r"(?m)^n4 \[.*\n", "", old)
    lost = "node a2: [op] in step1 a2 = w * h1 | * | = w * h1 [1] | value | 0.231 | grad | size 0.948 | 0.948"
    assert f"lost: {lost.replace(': ', ' ', 1)}" in compared(old, new)
    before, after = (files({**texts(), "one-tanh": text}) for text in (old, new))
    (sentence,) = changes("pictures.txt", before["pictures.txt"], after["pictures.txt"])
    assert sentence.startswith("nodes 14 -> 13, structure, looks, places, classes ") and sentence.endswith(": one-tanh")
    assert f"lost: {lost.replace(': ', ' ', 1)}" in changes(
        "one-tanh.txt", before["one-tanh.txt"], after["one-tanh.txt"]
    )


@pytest.mark.slow
def test_another_colour_of_all_parameters_is_one_sentence() -> None:
    before = files(texts())
    after = files({name: text.replace("#E2F3EC", "#AABBCC") for name, text in texts().items()})
    boxes, lines, sentence = changes("looks.txt", before["looks.txt"], after["looks.txt"])
    for kind, said in (("module", boxes), ("op", lines)):  # those that stand in boxes, and on cards
        assert re.fullmatch(rf"fill of a cell of \d+ {kind} cards: #E2F3EC -> #AABBCC", said)
    assert re.fullmatch(r"fill of \d\d+ parameter cards: #E2F3EC -> #AABBCC", sentence)
    (sentence,) = changes("pictures.txt", before["pictures.txt"], after["pictures.txt"])
    assert sentence.startswith("looks: square, one-tanh, ")
    assert all(before[f"{name}.txt"] == after[f"{name}.txt"] for name in TOLD)


def test_two_cards_that_change_their_colours_are_noticed() -> None:
    old = texts()["explodes"]
    fills = re.findall(r'fillcolor="(#\w+)"[^\n]* class="cell', old)
    first, last = fills[0], fills[-1]
    assert first != last
    new = old.replace(first, "#000001", 1).replace(last, first, 1).replace("#000001", last, 1)
    assert new != old and row(parts_of(old)) != row(parts_of(new))


@pytest.mark.parametrize("name", ["square", "one-tanh", "broken", "view-gru-cells", "view-double-backward-chain"])
def test_every_letter_of_a_text_counts(name: str) -> None:
    """Another letter or digit anywhere gives another line of the table, or a text that cannot be read."""
    text, random_places = texts()[name], random.Random(name)
    line = row(parts_of(text))
    places = [at for at, letter in enumerate(text) if letter.isalnum() and letter.isascii()]
    for at in random_places.sample(places, 60):
        other = text[:at] + ("7" if text[at] != "7" else "3") + text[at + 1 :]
        try:
            noticed = row(parts_of(other)) != line
        except (AssertionError, SyntaxError):
            noticed = True
        assert noticed, f"{text[at - 20 : at]}[{text[at]}]{text[at + 1 : at + 20]} may be anything"


@pytest.mark.slow
def test_what_a_file_says_is_read_back() -> None:
    for name, text in files(texts()).items():
        assert changes(name, text, text) == []
