"""Ctrl-C as a wish that the loop fulfils when it can."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


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

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
