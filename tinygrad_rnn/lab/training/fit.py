"""``fit``: the training loop. What one step does is in run.py; here is what happens around the steps."""

import shutil
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

import numpy as np

from .log import Log, bar
from .run import Mean, Training


class CtrlC:
    """Inside `with CtrlC() as ctrl_c:` the first Ctrl-C only sets `ctrl_c.pressed`; the second one is as usual."""

    def __init__(self) -> None:
        self.pressed = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._press)
        return self

    def _press(self, _signal: int, _frame: FrameType | None) -> None:
        self.pressed = True
        signal.signal(signal.SIGINT, self._before)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)


def fit(
    training: Training, *, epochs: int, every: int | None = None, evaluate: Callable[[], float] | None = None,
    patience: int | None = None, log: Log | None = None, save: Callable[[Training], None] | None = None,
    quiet: bool = False,
) -> bool:  # fmt: skip
    """Trains until so many epochs are done in all; returns whether Ctrl-C ended it before.

    Every `every` steps (default: once an epoch), and after the last one, the model is evaluated on held-out data, a
    line goes to the log, and the run is saved. With `patience` training ends when so many evaluations in a row brought
    nothing better, and the model becomes the best one. A progress bar is shown where there is a terminal.

    Raises:
        Diverged: the loss or a parameter is no longer a finite number; what is saved is from before.
    """
    progress, planned = training.progress, epochs * len(training.batches)
    every = every or len(training.batches)
    began, ended = time.perf_counter() - progress.seconds, False
    with CtrlC() as ctrl_c, bar(planned, "", quiet, progress.step) as shown, np.errstate(all="ignore"):
        while progress.step < planned and not progress.stopped and not (ended := training.any(ctrl_c.pressed)):
            training.step()
            progress.seconds = time.perf_counter() - began
            due = progress.step % every == 0 or progress.step == planned
            shown.update()
            if not shown.disable:
                shown.set_postfix_str(status(training, epochs), refresh=due)
            if due:
                training.check()
                held_out = None if evaluate is None else evaluate()
                if held_out is not None:
                    training.judge(held_out, patience)
                if log is not None:
                    log.write(line(training, held_out))
                progress.loss, progress.norm = Mean(), Mean()
                if save is not None:
                    save(training)
        training.check()
        if ended and save is not None:
            save(training)
    training.take_best()
    return ended and progress.step < planned and not progress.stopped


def status(training: Training, epochs: int) -> str:
    """The end of the progress bar, short where a terminal is narrow."""
    progress = training.progress
    epoch = -(-progress.step // len(training.batches))
    loss, norm = progress.loss.value, progress.norm.value
    short = f"loss {loss:.4f}, gradient {norm:.2g}"
    wide = shutil.get_terminal_size().columns >= 100
    return f"epoch {epoch}/{epochs}, {short}, lr {training.lr:.2g}" if wide else short


def line(training: Training, held_out: float | None) -> dict[str, float | None]:
    """A line of the log."""
    progress = training.progress
    return {
        "step": progress.step,
        "epoch": progress.step / len(training.batches),
        "loss": progress.loss.value,
        "held_out_loss": held_out,
        "gradient_norm": progress.norm.value,
        "lr": training.lr,
        "seconds": round(progress.seconds, 3),
    }
