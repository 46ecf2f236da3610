"""`tinygrad_rnn.data`, the former place of `tinygrad_rnn.lab.data`."""

from .lab import data as _moved
from .lab.former import former as _former

__getattr__, __dir__ = _former(_moved)
