"""Training: a loop that evaluates, logs, stops early, and goes on after an interruption as if there had been none."""

from .batches import Batches, Streams, Windows
from .checkpoint import CheckpointError, read_checkpoint, write_checkpoint
from .fit import CtrlC, fit
from .log import Log
from .run import Diverged, Progress, Training

# fmt: off
__all__ = [
    "Batches", "CheckpointError", "CtrlC", "Diverged", "Log", "Progress", "Streams", "Training", "Windows",
    "fit", "read_checkpoint", "write_checkpoint",
]
# fmt: on
