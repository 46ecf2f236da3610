"""Several processes that compute together: PyTorch's ``torch.distributed`` on MPI, through mpi4py.

``mpiexec -n 4 python train.py`` starts a program four times, as ranks 0 to 3. What is asked for here is asked for by
all of them, in the same order; whoever waits for a process that has ended is told so. A program that is started by
itself is rank 0 of 1, and the same code works.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import itertools
import os
import sys
import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np

from .surface.tensor import Tensor

_Array = np.ndarray[Any, Any]

#: What starters of MPI programs (MPICH's and Intel's, Open MPI's) tell each process: how many there are.
_SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE")


class ReduceOp(Enum):
    """What becomes of the numbers that several processes have at one place; AVG is their mean."""

    SUM = "SUM"
    AVG = "AVG"
    PRODUCT = "PROD"
    MIN = "MIN"
    MAX = "MAX"


class _Others:
    """How many calls each process has made before it ended, which it tells all others at its exit.

    Whoever waits in a later call would do so for ever. Kept as long as the process lives, and asked by those alone who
    wait, so that processes may end one after the other.
    """

    def __init__(self, mpi: Any) -> None:
        self.mpi, self.world, self.calls = mpi, mpi.COMM_WORLD.Dup(), 0
        self.ended: dict[int, int] = {}
        atexit.register(self.tell)  # before MPI is left, which mpi4py does after all of these

    def tell(self) -> None:
        """This process ends."""
        if not self.mpi.Is_finalized():
            self.said = np.array([self.calls])
            others = [rank for rank in range(self.world.size) if rank != self.world.rank]
            self.sent = [self.world.Isend(self.said, rank) for rank in others]

    def look(self, call: int, name: str) -> None:
        """Refuses to wait for somebody who has ended before this call."""
        state, said = self.mpi.Status(), np.zeros(1, int)
        while self.world.Iprobe(status=state):
            self.world.Recv(said, state.source)
            self.ended[state.source] = int(said[0])
        gone = [str(rank) for rank, calls in sorted(self.ended.items()) if calls < call]
        if gone:
            raise RuntimeError(
                f"rank {self.world.rank} waits in {name}() for rank {', '.join(gone)}, which has ended: make the same "
                "calls in all processes, or raise an exception in one that cannot go on, which ends all"
            )


class Work:
    """What a call with ``async_op=True`` returns: the numbers are there when ``wait()`` has returned."""

    def __init__(self, name: str, request: Any, finish: Callable[[], None]) -> None:
        self._name, self._request, self._finish = name, request, [finish]
        self._others = _others()
        self._others.calls += 1
        self._call = self._others.calls

    def is_completed(self) -> bool:
        """Whether the numbers have come; while it is asked, MPI goes on with its work."""
        return bool(self._request.Test())

    def wait(self) -> bool:
        """Wait for the numbers, and write them to the tensor.

        Raises:
            RuntimeError: if a process that they should come from has ended.
        """
        for asked in itertools.count(1):
            if self._request.Test():
                break
            if asked % 1000 == 0:
                self._others.look(self._call, self._name)
                time.sleep(0)  # let another process have this core
        while self._finish:
            self._finish.pop()()
        return True


class _Group:
    """The processes of this program: MPI's own module, and what it calls them."""

    def __init__(self) -> None:
        self.mpi, self.hook = _mpi(), sys.excepthook
        _others()
        self.world = self.mpi.COMM_WORLD.Dup()  # our messages do not meet those that a program sends itself
        if self.world.size > 1:
            sys.excepthook = self._end

    def _end(self, *error: Any) -> None:
        """An exception that nobody caught ends all processes: they would wait for this one for ever."""
        self.hook(*error)
        abort(1)


_group: _Group | None = None


def is_available() -> bool:
    """Whether mpi4py is installed."""
    return importlib.util.find_spec("mpi4py") is not None


def is_initialized() -> bool:
    """Whether ``init_process_group`` was called."""
    return _group is not None


def launched() -> bool:
    """Whether this process was started as one of several."""
    return any(os.environ.get(name, "1") != "1" for name in _SIZES)


def init_process_group(backend: str = "mpi") -> None:
    """Meet the other processes of this program. From here on an exception in one of them ends all.

    Raises:
        ModuleNotFoundError: if mpi4py is not installed.
        RuntimeError: if it was called before, or the processes do not find each other.
        ValueError: for another backend.
    """
    global _group
    if backend != "mpi":
        raise ValueError(f"the processes talk through MPI, and backend={backend!r} was given: use backend='mpi'")
    if _group is not None:
        raise RuntimeError("init_process_group() was called before: call it once, or destroy_process_group() first")
    _group = _Group()


def destroy_process_group() -> None:
    """Leave the others: ``init_process_group`` may be called again."""
    global _group
    made, _group = _known(), None
    sys.excepthook = made.hook
    made.world.Free()


def get_rank() -> int:
    """The number of this process, from 0 up."""
    return int(_known().world.rank)


def get_world_size() -> int:
    """How many processes there are."""
    return int(_known().world.size)


def abort(status: int) -> None:
    """End all processes at once, with this exit status."""
    sys.stdout.flush()
    sys.stderr.flush()
    time.sleep(0.5)  # what mpiexec has not read by then is lost
    atexit.unregister(_others().tell)  # which MPI would run: others would say that they waited
    _known().mpi.COMM_WORLD.Abort(status)


def barrier() -> None:
    """Wait until all processes are here."""
    _done("barrier", _known().world.Ibarrier(), lambda: None, False)


def all_reduce(tensor: Tensor, op: ReduceOp = ReduceOp.SUM, async_op: bool = False) -> Work | None:
    """The sum of what the tensors (...) of all processes hold, written to each of them, in place; the same bits in all.

    With ``async_op`` it returns at once, and the numbers are there after ``wait()`` of what it returns.

    Raises:
        TypeError: if it holds numbers that MPI does not know, or the mean of integers is asked for.
    """
    buffer, group = _buffer(tensor), _known()
    request = group.world.Iallreduce(group.mpi.IN_PLACE, buffer, _operation(op, buffer))
    return _done("all_reduce", request, lambda: _fill(tensor, buffer, op), async_op)


def broadcast(tensor: Tensor, src: int = 0, async_op: bool = False) -> Work | None:
    """What the tensor (...) of rank ``src`` holds, written to those of all others, of the same shape and type."""
    buffer = _buffer(tensor)
    return _done("broadcast", _known().world.Ibcast(buffer, src), lambda: _fill(tensor, buffer), async_op)


def all_gather(tensor_list: Sequence[Tensor], tensor: Tensor, async_op: bool = False) -> Work | None:
    """What the tensors (...) of all processes hold, written to ``tensor_list``, one for each rank.

    Raises:
        ValueError: if these are not as many as there are processes, or of another shape or type than ``tensor``.
    """
    buffer = _buffer(tensor)
    _check("tensor_list", tensor_list, tensor)
    gathered: _Array = np.empty((len(tensor_list), *buffer.shape), buffer.dtype)

    def finish() -> None:
        for each, array in zip(tensor_list, gathered, strict=True):
            _fill(each, array)

    return _done("all_gather", _known().world.Iallgather(buffer, gathered), finish, async_op)


def reduce_scatter(
    output: Tensor, input_list: Sequence[Tensor], op: ReduceOp = ReduceOp.SUM, async_op: bool = False
) -> Work | None:
    """The sum over all processes of their ``input_list[k]``, written to the ``output`` (...) of rank k.

    Raises:
        ValueError: if these are not as many as there are processes, or of another shape or type than ``output``.
    """
    buffer = _buffer(output)
    _check("input_list", input_list, output)
    given = np.stack([each.array for each in input_list])
    request = _known().world.Ireduce_scatter_block(given, buffer, _operation(op, buffer))
    return _done("reduce_scatter", request, lambda: _fill(output, buffer, op), async_op)


def _known() -> _Group:
    if _group is None:
        raise ValueError("the processes have not met: call init_process_group() first")
    return _group


def _buffer(tensor: Tensor) -> _Array:
    """The numbers of a tensor, one after the other in memory; the tensor's own memory where they lie so."""
    if tensor.array.dtype == np.float16:
        raise TypeError("MPI knows no float16: use x.float()")
    return np.ascontiguousarray(tensor.array)


def _operation(op: ReduceOp, buffer: _Array) -> Any:
    if op is ReduceOp.AVG and buffer.dtype.kind != "f":
        raise TypeError(f"the mean of {buffer.dtype} is no {buffer.dtype}: use ReduceOp.SUM, or x.float()")
    return getattr(_known().mpi, "SUM" if op is ReduceOp.AVG else op.value)


def _fill(tensor: Tensor, array: _Array, op: ReduceOp = ReduceOp.SUM) -> None:
    if op is ReduceOp.AVG:
        array /= get_world_size()
    tensor.array[...] = array.reshape(tensor.array.shape)  # MPI knows no single number without an axis
    tensor.touch()


def _done(name: str, request: Any, finish: Callable[[], None], async_op: bool) -> Work | None:
    work = Work(name, request, finish)
    if async_op:
        return work
    work.wait()
    return None


def _check(name: str, given: Sequence[Tensor], like: Tensor) -> None:
    kind, size = (like.array.shape, like.array.dtype), get_world_size()
    if len(given) != size or any((each.array.shape, each.array.dtype) != kind for each in given):
        held = ", ".join(f"{each.array.shape} {each.array.dtype}" for each in given)
        raise ValueError(f"{name} holds a tensor {kind[0]} {kind[1]} for each of {size} processes; got [{held}]")


@functools.cache
def _others() -> _Others:
    return _Others(_mpi())


@functools.cache
def _mpi() -> Any:
    """The one door to mpi4py."""
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:  # RuntimeError: there is no MPI behind it
        raise ModuleNotFoundError(
            f"processes talk through mpi4py, which is not there ({error}): pip install 'tinygrad-rnn[mpi]'"
        ) from None
    if launched() and MPI.COMM_WORLD.size == 1:
        raise RuntimeError(
            "this process was started as one of several, and mpi4py finds no other: it was made for another MPI than "
            "the mpiexec; use the mpiexec beside this python, of pip install 'tinygrad-rnn[mpi]'"
        )
    return MPI
