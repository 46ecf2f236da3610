"""Tokens, vocabularies and contiguous batches, against cases written out by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_rnn.lab.data import DataError, Vocabulary, characters, contiguous_batches, read_text, words

WORDS = Path(__file__).parents[2] / "examples" / "words.txt"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I love deep learning", ["I", "love", "deep", "learning"]),
        ("Feed'st thy light's flame, now!", ["Feed'st", "thy", "light's", "flame", ",", "now", "!"]),
        ("self-substantial fuel -- 'Tis", ["self-substantial", "fuel", "-", "-", "'", "Tis"]),
        ("déjà vu…\n\n naïve’s 42", ["déjà", "vu", "…", "naïve’s", "42"]),
        (" \n ", []),
    ],
)
def test_words(text: str, tokens: list[str]) -> None:
    assert words(text) == tokens


def test_characters_keep_everything() -> None:
    assert characters("a b\n") == ["a", " ", "b", "\n"]


def test_a_vocabulary_counts_in_order_of_appearance() -> None:
    known = Vocabulary.of("the cat sat on the mat")
    assert known.tokens == ("the", "cat", "sat", "on", "mat")
    assert len(known) == 5
    assert known["sat"] == 2
    assert "mat" in known and "dog" not in known
    assert list(known) == list(known.tokens)
    ids = known.encode("on the mat")
    assert ids.tolist() == [3, 0, 4]
    assert ids.dtype == np.int64
    assert known.decode(ids) == "on the mat"
    assert known.encode(["cat", "mat"]).tolist() == [1, 4]
    assert repr(known) == "<Vocabulary: 5 words, 'the', 'cat', 'sat', 'on', 'mat'>"


def test_lower_case_is_a_property_of_the_vocabulary() -> None:
    known = Vocabulary.of("The cat sat on the mat", lower=True)
    assert known.encode("THE Cat").tolist() == [0, 1]
    assert known["The"] == 0
    assert Vocabulary.of("The the").tokens == ("The", "the")


def test_the_unknown_token_stands_for_every_other() -> None:
    known = Vocabulary.of("a a b b b c", size=3, unknown="<unk>")
    assert known.tokens == ("<unk>", "a", "b")
    assert known.encode("a b c d").tolist() == [1, 2, 0, 0]
    assert known.decode([2, 0]) == "b <unk>"
    assert Vocabulary(known.tokens, unknown="<unk>") == known


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["dog"], "the word 'dog' is not among the 4 this vocabulary knows; "
         "use known ones, or build the vocabulary with unknown='<unk>'"),
        (["lov", "x", "lov"],
         "the words 'lov', 'x' are not among the 4 this vocabulary knows (nearest to 'lov': 'love'); "
         "use known ones, or build the vocabulary with unknown='<unk>'"),
        (list("012345678"), "the words '0', '1', '2', '3', '4' and 4 more are not among the 4 this vocabulary knows; "
         "use known ones, or build the vocabulary with unknown='<unk>'"),
    ],
)  # fmt: skip
def test_unknown_words_are_an_error_without_a_token_for_them(tokens: list[str], message: str) -> None:
    with pytest.raises(DataError) as caught:
        Vocabulary.of("I love deep learning").encode(tokens)
    assert str(caught.value) == message


def test_unknown_characters_are_shown_in_one_line() -> None:
    with pytest.raises(DataError, match=r"^the character '\\n' is not among the 2 this vocabulary knows; "):
        Vocabulary.of("ab", "char").encode("a\nb")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tokens": ()}, "a vocabulary of no tokens was given; build it from a text with at least one"),
        ({"tokens": ("a", "b", "a")}, "a vocabulary names each token once, and this one repeats a; remove the copies"),
        ({"tokens": ("a",), "level": "line"}, "level='line' is not known; use 'word' or 'char'"),
    ],
)
def test_vocabularies_that_cannot_be(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(DataError) as caught:
        Vocabulary(**arguments)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_texts_that_give_no_vocabulary() -> None:
    with pytest.raises(DataError, match=r"^a vocabulary of no tokens"):
        Vocabulary.of("  ")
    with pytest.raises(DataError, match=r"^level='line' is not known"):
        Vocabulary.of("a", "line")  # type: ignore[arg-type]
    for size, unknown in ((2, None), (1, "<unk>"), (0, "<unk>")):
        with pytest.raises(
            DataError, match=rf"^size={size} leaves out tokens of a text with 3 different ones; pass unkn"
        ):
            Vocabulary.of("a b c", size=size, unknown=unknown)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([0, 2], "id 2 is outside this vocabulary of 2 tokens (0 to 1)"),
        ([-1], "id -1 is outside this vocabulary of 2 tokens (0 to 1)"),
        ([0.5], "ids are integers and these are float64; pass the positions of tokens"),
    ],
)
def test_ids_that_stand_for_nothing(ids: list[float], message: str) -> None:
    with pytest.raises(DataError) as caught:
        Vocabulary(("a", "b")).decode(ids)
    assert str(caught.value) == message


def test_nothing_encodes_to_nothing() -> None:
    known = Vocabulary(("a",))
    assert known.encode("").shape == (0,)
    assert known.encode("").dtype == np.int64
    assert known.decode([]) == ""


@given(st.text(min_size=1))
def test_characters_come_back_exactly(text: str) -> None:
    known = Vocabulary.of(text, "char")
    assert known.decode(known.encode(text)) == text


def test_a_sonnet_comes_back_word_by_word() -> None:
    text = read_text(WORDS)
    assert text.isascii() and 20_000 < len(text) < 40_000
    known = Vocabulary.of(text)
    again = known.decode(known.encode(text))
    assert words(again) == words(text)
    assert again.startswith("From fairest creatures we desire increase, That thereby")


def test_batches_written_out() -> None:
    chunks = list(contiguous_batches(np.arange(11), batch=2, time=2))
    assert [(x.tolist(), y.tolist()) for x, y in chunks] == [
        ([[0, 5], [1, 6]], [[1, 6], [2, 7]]),
        ([[2, 7], [3, 8]], [[3, 8], [4, 9]]),
    ]
    assert chunks[0][0].dtype == np.int64


@given(st.integers(2, 200), st.integers(1, 9), st.integers(1, 20))
def test_chunks_laid_end_to_end_are_the_streams(count: int, batch: int, time: int) -> None:
    ids = np.arange(count)
    if count // batch < 2:
        with pytest.raises(
            DataError, match=rf"^{count} tokens are too few for {batch} streams of at least 2; give {2 * batch} "
        ):
            contiguous_batches(ids, batch, time)
        return
    chunks = list(contiguous_batches(ids, batch, time))
    length = count // batch
    inputs, targets = (np.concatenate(parts) for parts in zip(*chunks, strict=True))
    assert (inputs == np.arange(length - 1)[:, None] + length * np.arange(batch)).all()
    assert (targets == inputs + 1).all()
    assert all(len(x) == time for x, _ in chunks[:-1]) and 1 <= len(chunks[-1][0]) <= time


def test_batches_that_cannot_be() -> None:
    for batch, time in ((0, 3), (3, 0)):
        with pytest.raises(
            DataError, match=rf"^batches of {batch} streams by {time} steps cannot hold anything; give 1"
        ):
            contiguous_batches(np.arange(100), batch, time)
