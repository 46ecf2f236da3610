"""What a model of a text must beat: the frequency of a token, and its frequency after the token before it."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Probabilities = NDArray[np.float64]

_STRENGTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def unigram(training: Ids, tokens: int) -> Probabilities:
    """p(token), (tokens,): its share of the training text, each counted once more so that none is impossible."""
    counts = np.bincount(training, minlength=tokens) + 1.0
    shares: Probabilities = counts / counts.sum()
    return shares


class Bigram:
    """p(b | a) = (count(a b) + k p(b)) / (count(a) + k), with p the unigram: rare pairs fall back on it.

    k is what tells the last tenth of the training text best from the rest of it (MacKay & Peto 1995).
    """

    def __init__(self, training: Ids, tokens: int) -> None:
        cut = len(training) - max(len(training) // 10, 1)
        self._count(training[:cut], tokens)
        rest = training[cut - 1 :]
        self.strength = min(_STRENGTHS, key=lambda k: -float(np.log(self._of(rest, k)).sum()))
        self._count(training, tokens)

    def _count(self, ids: Ids, tokens: int) -> None:
        self._single = unigram(ids, tokens)
        self._before = Counter(ids[:-1].tolist())
        self._pairs = Counter(zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True))

    def _of(self, ids: Ids, k: float) -> Probabilities:
        pairs = zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True)
        return np.array([(self._pairs[a, b] + k * self._single[b]) / (self._before[a] + k) for a, b in pairs])

    def of(self, ids: Ids) -> Probabilities:
        """p of every token but the first given the one before it, (time - 1,)."""
        return self._of(ids, self.strength)
