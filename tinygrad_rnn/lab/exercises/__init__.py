"""Exercises in the textbook's order, each a function with a hole, and a judge that says in a sentence what is wrong.

To add one: a page in `texts`, and a row in `trials.py`. In a notebook: `from tinygrad_rnn.lab.exercises import check`.
"""

from .judge import Judge as Judge
from .judge import Verdict as Verdict
from .judge import check as check
from .trials import Exercise as Exercise
from .trials import exercises as exercises
