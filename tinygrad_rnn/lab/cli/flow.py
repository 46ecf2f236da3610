"""What `train --flow N` does beside training: it looks at the gradient every N steps and keeps what it saw."""

from __future__ import annotations

import time

import tinygrad_rnn as tg

from ...interop.files import write
from ...viz import TrainingFlow
from ...viz.training_flow import Record
from ..training import Log
from ..training.log import read_log
from .console import Refusal, why
from .options import OUTPUT, Option, whole
from .run_folder import RunFolder

FLOW: Option[int | None] = Option(
    "--flow",
    "record |dL/dh_t| every N steps and show them in the folder of the run, in flow.html (default: do not)",
    None,
    whole(1),
    "N",
    OUTPUT,
)
BETWEEN = 2.0  # seconds from one writing of the page to the next, while training goes on


class FlowWatch:
    """A `Training.watch` that records the flow of every `every`-th step in the folder of a run.

    A run that goes on after `step` steps keeps the lines of those steps; what it does again, it records again.
    """

    def __init__(self, folder: RunFolder, every: int, step: int) -> None:
        self.every, self.page = every, folder.flow_page
        self.log = Log(folder.flow_file, step - 1)  # a line is written before its step, the checkpoint after it
        self.flow = TrainingFlow(f"Gradient flow over training: {folder.path.name}")
        try:
            self.flow.records = [Record.of(line) for line in read_log(folder.flow_file)]
        except (KeyError, TypeError, ValueError) as error:
            raise Refusal(f"{folder.name}: flow.jsonl is damaged ({why(error)}); remove it to go on") from None
        self.due = time.monotonic()

    def __call__(self, step: int, loss: tg.Tensor) -> None:
        if step % self.every:
            return
        self.log.write(self.flow.record(step, loss).plain())
        if time.monotonic() >= self.due:
            began = time.monotonic()
            write(self.page, self.flow.page(goes_on=True).encode())
            self.due = time.monotonic() + max(BETWEEN, 10 * (time.monotonic() - began))

    def close(self) -> None:
        """Writes the page as it is in the end."""
        if self.flow.records:
            self.flow.save(self.page)
