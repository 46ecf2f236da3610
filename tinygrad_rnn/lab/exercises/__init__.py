"""Exercises in the textbook's order, each a function with a hole, and a judge that says in a sentence what is wrong.

To add one: a page in `texts`, and a row in `trials.py`. In a notebook: `from tinygrad_rnn.lab.exercises import check`.
"""

from .exercise import Exercise as Exercise
from .exercise import exercises as exercises
from .judge import Judge as Judge
from .practice import Verdict as Verdict
from .practice import check as check
