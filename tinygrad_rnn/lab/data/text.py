"""Text as numbers and back: tokens, a vocabulary, and contiguous batches for truncated backpropagation through time."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .files import DataError, listed, shown

Level = Literal["word", "char"]

# What joins letters and is neither a letter nor seen: zero-width (non-)joiners, the word joiner, the soft hyphen.
_JOINERS = "\u200c\u200d\u2060\u00ad"
_SPACE_BEFORE_SIGN = re.compile(r" (?=[.,;:!?)\]}…])|(?<=[(\[{]) ")


def words(text: str) -> list[str]:
    """Words and punctuation in order: `"Feed'st thy light's flame, now!"` -> `Feed'st thy light's flame , now !`.

    A word keeps its apostrophes, hyphens, combining marks and joiners; any other sign, with its marks, stands alone.
    """
    # `\w` leaves out marks, of which there are 2,400: those of this text are put beside it.
    marks = "".join(sorted(each for each in set(text) if each in _JOINERS or unicodedata.category(each)[0] == "M"))
    word = rf"[\w{re.escape(marks)}]+"
    more = rf"(?:\u200d[^\w\s]|[{re.escape(marks)}])*" if marks else ""
    return re.findall(rf"{word}(?:['’‑·׳״-]{word})*|[^\w\s]{more}", text)


def characters(text: str) -> list[str]:
    """Every character, spaces and line ends too."""
    return list(text)


def _tokens(text: str, level: str, lower: bool) -> list[str]:
    if level not in ("word", "char"):
        raise DataError(f"level='{shown(level)}' is not known; use 'word' or 'char'")
    return (words if level == "word" else characters)(text.lower() if lower else text)


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """The tokens a model knows; a token's id is its position.

    tokens: distinct strings; level: "word" or "char", how a text is cut; lower: whether a text is put into lower case
    first; unknown: the token that stands for every other one, or None where other tokens are an error.
    """

    tokens: tuple[str, ...]
    level: Level = "word"
    lower: bool = False
    unknown: str | None = None
    _ids: dict[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        _tokens("", self.level, False)  # refuses a level that there is not
        if self.unknown is not None and self.unknown not in self.tokens:
            object.__setattr__(self, "tokens", (self.unknown, *self.tokens))
        ids = {token: i for i, token in enumerate(self.tokens)}
        if not ids:
            raise DataError("a vocabulary of no tokens was given; build it from a text with at least one")
        if len(ids) != len(self.tokens):
            twice = [token for token, count in Counter(self.tokens).items() if count > 1]
            raise DataError(
                f"a vocabulary names each token once, and this one repeats {listed(twice)}; remove the copies"
            )
        object.__setattr__(self, "_ids", ids)

    @classmethod
    def of(
        cls, text: str, level: Level = "word", *, lower: bool = False, size: int | None = None,
        unknown: str | None = None,
    ) -> Self:  # fmt: skip
        """The vocabulary of a text, in order of first appearance.

        `size` keeps the most frequent tokens only (the unknown token counts as one of them); the rest become
        `unknown`, which must then be given.

        Raises:
            DataError: the text has no tokens; `size` leaves tokens out and there is no `unknown` for them.
        """
        counts = Counter(_tokens(text, level, lower))
        if unknown is not None:
            counts.pop(unknown, None)
        kept = list(counts)
        room = len(kept) if size is None else size - (unknown is not None)
        if room < len(kept):
            if unknown is None or room < 1:
                raise DataError(
                    f"size={size} leaves out tokens of a text with {len(kept)} different ones; "
                    "pass unknown='<unk>' to stand for them and a size of at least 2, or no size"
                )
            frequent = {token for token, _ in counts.most_common(room)}
            kept = [token for token in kept if token in frequent]
        return cls(tuple(kept), level, lower, unknown)

    def __repr__(self) -> str:
        first = listed([repr(token) for token in self.tokens], 6)
        return f"<Vocabulary: {len(self)} {'characters' if self.level == 'char' else 'words'}, {first}>"

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def __getitem__(self, token: str) -> int:
        return int(self.encode([token])[0])

    def encode(self, text: str | Iterable[str]) -> NDArray[np.int64]:
        """A text (cut into tokens here) or the tokens themselves -> ids, int64 (time,).

        Raises:
            DataError: a token is not in the vocabulary and there is no `unknown` token.
        """
        if isinstance(text, str):
            tokens = _tokens(text, self.level, self.lower)
        else:
            tokens = [token.lower() if self.lower else token for token in text]
        if self.unknown is not None:
            other = self._ids[self.unknown]
            return np.array([self._ids.get(token, other) for token in tokens], dtype=np.int64)
        missing = [token for token in dict.fromkeys(tokens) if token not in self._ids]
        if not missing:
            return np.array([self._ids[token] for token in tokens], dtype=np.int64)
        kind = "character" if self.level == "char" else "word"
        names = listed([repr(token) for token in missing], 5)
        near = difflib.get_close_matches(missing[0], self.tokens, n=1) if kind == "word" else []
        guess = f" (nearest to {missing[0]!r}: {near[0]!r})" if near else ""
        verb = f"{kind} {names} is" if len(missing) == 1 else f"{kind}s {names} are"
        raise DataError(
            f"the {verb} not among the {len(self)} this vocabulary knows{guess}; "
            "use known ones, or build the vocabulary with unknown='<unk>'"
        )

    def decode(self, ids: ArrayLike) -> str:
        """Ids -> text: characters joined as they are, words with a space before each and none before punctuation.

        Raises:
            DataError: an id is outside the vocabulary or not an integer.
        """
        array = np.asarray(ids)
        if array.size and not np.issubdtype(array.dtype, np.integer):
            raise DataError(f"ids are integers and these are {array.dtype}; pass the positions of tokens")
        outside = array[(array < 0) | (array >= len(self))] if array.size else array
        if outside.size:
            raise DataError(
                f"id {outside.flat[0]} is outside this vocabulary of {len(self)} tokens (0 to {len(self) - 1})"
            )
        tokens = [self.tokens[i] for i in array.ravel().tolist()]
        return "".join(tokens) if self.level == "char" else _SPACE_BEFORE_SIGN.sub("", " ".join(tokens))


def contiguous_batches(ids: ArrayLike, batch: int, time: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Cuts one long text into `batch` equal streams read side by side, `time` tokens at a time.

    Yields `inputs, targets`, int64 (time, batch) each, a target being the token after its input. Stream `b` of one
    chunk goes on where stream `b` of the chunk before stopped, so that a hidden state can be carried over (detach it:
    that is truncated BPTT). The last chunk may be shorter; what does not fill a stream is left out.

    Raises:
        DataError: `batch` or `time` is smaller than 1, or the text is too short for `batch` streams of two tokens.
    """
    stream = np.asarray(ids, dtype=np.int64).ravel()
    if batch < 1 or time < 1:
        raise DataError(f"batches of {batch} streams by {time} steps cannot hold anything; give 1 or more of each")
    length = len(stream) // batch
    if length < 2:
        raise DataError(
            f"{len(stream)} tokens are too few for {batch} streams of at least 2; "
            f"give {2 * batch} tokens or more, or a batch of at most {max(len(stream) // 2, 1)}"
        )
    streams = stream[: length * batch].reshape(batch, length).T
    inputs, targets = streams[:-1], streams[1:]
    starts = range(0, length - 1, time)
    return ((inputs[at : at + time].copy(), targets[at : at + time].copy()) for at in starts)
