"""Helpers that stand beside the engine: ``checkpoint`` trades time for memory, ``data`` makes batches."""

from . import checkpoint as checkpoint
from . import data as data
