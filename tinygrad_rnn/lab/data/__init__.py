"""Real input for recurrent networks: series from CSV files, tokens from text files, and baselines to compare with."""

from .baselines import BASELINES, Score, linear_extrapolation, score, tomorrow_is_today, walk_forward
from .files import DataError, read_text
from .series import Scaling, Series, read_series, split, windows
from .table import Reading
from .text import Vocabulary, characters, contiguous_batches, words

# fmt: off
__all__ = [
    "BASELINES", "DataError", "Reading", "Scaling", "Score", "Series", "Vocabulary", "characters",
    "contiguous_batches", "linear_extrapolation", "read_series", "read_text", "score", "split",
    "tomorrow_is_today", "walk_forward", "windows", "words",
]
# fmt: on
