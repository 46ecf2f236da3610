"""Side by side: one function of several jobs, each in a process of its own with one thread of BLAS."""

import _thread
import io
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any, TypeVar

from ...numbers.settings import set_num_threads
from ...utils.data.workers import ended, without_ctrl_c
from .fit import CtrlC

K = TypeVar("K")
LOOK = 0.2  # seconds from one look at how far they are to the next


def side_by_side(
    function: Callable[..., Any], jobs: Mapping[K, tuple[Any, ...]], look: Callable[[Mapping[K, Any]], object]
) -> dict[K, Any]:
    """What ``function`` returns for each job, or the exception that it raised, by the job's key.

    There are as many processes at once as processors. Ctrl-C is passed on to each, and no other job begins; that of one
    which has not begun is missing from what is returned. ``look`` is called now and then with what there is so far.
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    context, waiting, found = multiprocessing.get_context("spawn"), list(jobs), dict[K, Any]()
    running: dict[Any, tuple[K, Any]] = {}
    told = False
    with CtrlC() as ctrl_c:
        while running or (waiting and not ctrl_c.pressed):
            while waiting and len(running) < processors and not ctrl_c.pressed:
                key = waiting.pop(0)
                ours, theirs = context.Pipe()
                process = context.Process(target=_alone, args=(theirs, function, jobs[key]), daemon=True)
                with without_ctrl_c():
                    process.start()
                theirs.close()
                running[ours] = key, process
            if ctrl_c.pressed and not told:
                told = True
                for each in running:
                    each.send(None)
            ready: list[Any] = wait(list(running), LOOK)
            for each in ready:
                key, process = running.pop(each)
                try:
                    found[key] = each.recv()
                except (EOFError, ConnectionError):
                    found[key] = RuntimeError(f"its process {ended(process)}")
                if told and isinstance(found[key], Exception):
                    found[key] = KeyboardInterrupt()  # of which it is a consequence
                process.join()
            look(found)
    return found


def _alone(connection: Any, function: Callable[..., Any], job: tuple[Any, ...]) -> None:
    try:
        threading.Thread(target=_interrupt_when_told, args=(connection,), daemon=True).start()
        set_num_threads(1)
        answer = function(*job)
    except (Exception, KeyboardInterrupt) as error:
        answer = error
    with suppress(OSError, KeyboardInterrupt):  # nobody waits for it any more
        connection.send(answer)


def _interrupt_when_told(connection: Any) -> None:
    """As Ctrl-C, which no process but the first sees itself; also when that one is no more."""
    with suppress(EOFError, OSError):
        connection.recv()
    sys.stderr = io.StringIO()  # what an interrupt breaks off is of no interest
    _thread.interrupt_main()
