"""The command `tinygrad-rnn`: trains on a file and shows what backpropagation through time did."""

from .command import main

__all__ = ["main"]
