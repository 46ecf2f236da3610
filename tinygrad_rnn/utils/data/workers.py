"""Workers: processes that read the batches of a DataLoader, each in its turn, ahead of the training."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
import secrets
import signal
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from multiprocessing import resource_tracker
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

import numpy as np

from ...numbers.random import manual_seed, numpy_generator
from ...numbers.settings import set_num_threads
from . import dataset
from .carrying import Slot, packed, with_lines

#: What a worker is called, and how it leaves if the program, imported there again, starts workers itself.
NAME, UNGUARDED = "DataLoader worker", 99
WHY = {
    "SIGBUS": "; shared memory may be full: make /dev/shm larger (docker run --shm-size=2g) or batches smaller",
    "SIGKILL": "; the system does that when memory runs out: use fewer workers or smaller batches",
}


def _leave(when: Callable[[], object], slots: list[Slot], used: Lock) -> None:
    when()
    used.acquire()  # and kept: nothing is placed there any more
    try:
        for slot in slots:
            slot.remove()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(128 + signal.SIGTERM)


def work(connection: Any, slots: list[Slot], id: int, count: int, seed: int) -> None:
    """What a worker does: take the job, answer each order with a batch or an error, until it is told to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which ends this one
    # A thread ends it when told to: an exception from a handler would come amid anything, and be lost in a __del__.
    used, told = Lock(), SimpleQueue[None]()
    signal.signal(signal.SIGTERM, lambda *_: told.put(None))
    main = multiprocessing.parent_process()
    for when in [told.get] if main is None else [told.get, main.join]:
        Thread(target=_leave, args=(when, slots, used), daemon=True).start()
    where = f"worker {id} (process {os.getpid()})"
    answer: tuple[Any, Exception | None]
    reader: Any = None
    failed: Exception | None = None
    try:
        random.seed(seed)
        np.random.seed(seed % 2**32)
        manual_seed(seed)
        set_num_threads(1)
        try:
            reader, init = pickle.loads(connection.recv_bytes())
            dataset.here = dataset.WorkerInfo(id, count, seed, reader.dataset)
            if init is not None:
                init(id)
        except Exception as error:
            failed = error
            if "__main__" in str(error):  # where there is no file that could be imported
                failed = TypeError(
                    f"{error}: define in a module what workers need, and not in a notebook or at a prompt"
                )
        for slot in cycle(slots):
            begin, item = pickle.loads(connection.recv_bytes())
            try:
                if failed is not None:
                    raise failed
                if begin:
                    reader.begin()
                answer = reader.read(item), None
            except Exception as error:
                answer = None, with_lines(error, where)
            try:
                with used:
                    slot.put(answer)
            except Exception as error:
                refused = TypeError(f"a worker cannot hand over this batch ({error}); use num_workers=0")
                with used:
                    slot.put((None, with_lines(refused, where)))
            connection.send_bytes(slot.name.encode())
    except (EOFError, ConnectionError):  # the main process is no more
        pass
    finally:
        with used:
            for slot in slots:
                slot.remove()


def _end(workers: list[tuple[Any, Any, list[Slot]]]) -> None:
    """End these processes, also one that does not listen, and give back the memory they shared."""
    for process, connection, _ in workers:
        process.terminate()
        connection.close()
    for process, _, slots in workers:
        process.join(5)
        process.kill()
        process.join()
        for slot in slots:
            slot.remove()
    workers.clear()


def ended(process: Any) -> str:
    """How a process ended, in words."""
    process.join(5)
    code = process.exitcode or 0
    number = -code if code < 0 else code - 128
    name = signal.Signals(number).name if number in set(signal.Signals) else ""
    return f"was ended by {name}{WHY.get(name, '')}" if name else f"ended with exit code {code}; see what it wrote"


@contextmanager
def without_ctrl_c() -> Iterator[None]:
    """Processes that are started here never see Ctrl-C, not while they start either; this one a little later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which, when it starts, lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Team(Iterator[Any]):
    """The batches of an epoch in their order, read by workers.

    Worker k reads the batches k, k + n, ... of n workers, and at most ``prefetch_factor`` before they are asked for.
    """

    def __init__(self, loader: Any, reader: Any) -> None:
        if multiprocessing.current_process().name == NAME and dataset.here is None:
            os._exit(UNGUARDED)  # here a worker imports the program
        try:
            job = packed((reader, loader.worker_init_fn))
        except Exception as error:
            raise TypeError(
                f"what workers need cannot be sent to them ({error}): define the data set, collate_fn and "
                "worker_init_fn, and all they hold, at the top of a module, not in a function or as a lambda, or use "
                "num_workers=0"
            ) from error
        context: Any = loader.multiprocessing_context
        if context is None or isinstance(context, str):
            context = multiprocessing.get_context(context or "spawn")
        # A stream of its own, so that what is drawn elsewhere is the same with and without workers.
        seed = int(numpy_generator(loader.generator).spawn(1)[0].integers(2**62))
        name = f"tg-{os.getpid()}-{secrets.token_hex(3)}"
        self._loader = loader
        self._workers: list[tuple[Any, Any, list[Slot]]] = []
        self.end = weakref.finalize(self, _end, self._workers)
        with without_ctrl_c():
            for id in range(loader.num_workers):
                ours, theirs = context.Pipe()
                slots = [Slot(f"{name}-{id}-{k}") for k in range(loader.prefetch_factor or 2)]
                given = (theirs, slots, id, loader.num_workers, seed + id)
                process = context.Process(target=work, args=given, name=NAME, daemon=True)
                process.start()
                self._workers.append((process, ours, slots))
                theirs.close()
        for _, connection, _ in self._workers:
            with suppress(ConnectionError):  # of one that has ended already, which the first batch will tell
                connection.send_bytes(job)
        self._asked: deque[tuple[int, Exception | None]] = deque()
        self.begin()

    def begin(self) -> None:
        """Begin an epoch; what was read ahead for another is thrown away."""
        while self._asked:
            id, error = self._asked.popleft()
            if error is None:
                self._answer(id)
        self._order, self._begun = self._loader.order(), False

    def __len__(self) -> int:
        return len(self._loader)

    def __next__(self) -> Any:
        if not self._begun:
            self._begun = True
            for turn in range(self._loader.prefetch_factor or 2):
                for id in range(len(self._workers)):
                    self._ask(id, begin=turn == 0)
        while self._asked:
            id, error = self._asked[0]
            batch, error = self._answer(id) if error is None else (None, error)
            self._asked.popleft()
            if isinstance(error, StopIteration):  # the part of this worker is over
                continue
            self._ask(id)
            if error is not None:
                raise error
            return batch
        if not self._loader.persistent_workers:
            self.end()
        raise StopIteration

    def _ask(self, id: int, begin: bool = False) -> None:
        failed = None
        try:
            order = packed((begin, next(self._order)))
        except StopIteration:
            return
        except Exception as error:  # of the sampler; its turn comes
            failed = error
        else:
            with suppress(ConnectionError):
                self._workers[id][1].send_bytes(order)
        self._asked.append((id, failed))

    def _answer(self, id: int) -> tuple[Any, Exception | None]:
        process, connection, slots = self._workers[id]
        patience = self._loader.timeout
        try:
            if not connection.poll(patience or None):
                raise RuntimeError(
                    f"worker {id} (process {process.pid}) gave no batch within {patience} seconds: look what its "
                    "samples wait for, or make timeout longer"
                )
            name = connection.recv_bytes().decode()
            answer: tuple[Any, Exception | None] = next(slot for slot in slots if slot.name == name).get()
            return answer
        except (EOFError, ConnectionError, FileNotFoundError):
            how, pid = ended(process), process.pid
            unguarded = process.exitcode == UNGUARDED
        self._asked.clear()
        self.end()
        if unguarded:
            raise RuntimeError(
                f"num_workers={self._loader.num_workers}: a worker imports the program, which starts to read there "
                'again; put what it does under `if __name__ == "__main__":`, or use num_workers=0'
            )
        raise RuntimeError(f"worker {id} (process {pid}) of the DataLoader {how}")
