"""`tinygrad_rnn.training`, the former place of `tinygrad_rnn.lab.training`."""

from .lab import training as _moved
from .lab.former import former as _former

__getattr__, __dir__ = _former(_moved)
