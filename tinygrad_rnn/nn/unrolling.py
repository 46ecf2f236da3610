"""Unrolling: any recurrent cell driven over the steps of a sequence, whole or in windows with the history cut off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ..engine.modes import goes_by_data
from ..engine.scope import current_place, step
from ..ops.shaping import getitem
from ..surface.functions import where
from ..surface.tensor import Tensor

Cell = Callable[[Tensor, Any], Any]


class _Numbering(threading.local):
    before: int = 0


_numbering = _Numbering()


@contextmanager
def steps_after(count: int) -> Iterator[None]:
    """Number the steps unrolled inside from ``count + 1`` on: the sequence goes on where another one ended."""
    earlier, _numbering.before = _numbering.before, count
    try:
        yield
    finally:
        _numbering.before = earlier


def steps_before() -> int:
    """How many steps came before those unrolled here; a loop inside a step of another counts its own."""
    return _numbering.before if current_place.get().time is None else 0


def unroll(
    cell: Cell, xs: Tensor | Sequence[Tensor], state: Any = None, *, lengths: Tensor | Sequence[int] | None = None,
    reverse: bool = False,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """Run ``state = cell(x_t, state)`` for t = 1, 2, ... and collect the outputs.

    Args:
        cell: ``(x, state) -> state`` or ``(x, state) -> (output, state)``: a module or any function. A state is a
            tensor or a tuple of tensors (an LSTM's ``(h, c)``); if the cell returns only a state, its (first) tensor
            is the output too.
        xs: the inputs, a tensor (time, ...) or one tensor per step.
        state: the state before the first step. None asks ``cell.initial_state(x)``, with the first input it is to see,
            if there is such a method, and otherwise lets the cell make its own.
        lengths: the number of valid steps of every sequence of a padded batch, in any order. A sequence's state stays
            what it was outside its valid steps and its output is 0 there, so that the returned state is that of the
            last valid step.
        reverse: from the last step to the first; outputs keep their places.

    Returns:
        The list of the outputs, ordered by time, and the state after the last step. `stack(outputs)` makes one tensor
        of them; a second layer takes the list as it is.

    Everything recorded for time t carries ``step(t)``. `Recurrent` stacks cells in layers and both directions.

    >>> outputs, h = tg.nn.unroll(lambda x, h: 0.5 * h + x, [tg.tensor(1.0)] * 3, tg.tensor(0.0))
    >>> outputs
    [tensor(1.), tensor(1.5000), tensor(1.7500)]
    """
    count = len(xs)
    if count == 0:
        raise ValueError("unroll was given no time steps: a sequence has at least one.")
    batch = xs[0].array.shape[:1]
    valid_at = lengths if callable(lengths) or lengths is None else _valid_at(lengths, count, batch[0] if batch else 0)
    outputs: list[Any] = [None] * count
    returns_output: bool | None = None
    before = steps_before()
    whole = isinstance(xs, Tensor)
    for t in range(count - 1, -1, -1) if reverse else range(count):
        with step(before + t + 1):
            x = getitem(xs, index=t) if whole else xs[t]
            if x.name is None:
                x.name = "x"
            if state is None and (start := getattr(cell, "initial_state", None)) is not None:
                state = start(x)
            result = cell(x, state)
            if returns_output is None:
                returns_output = _returns_output(result, state)
            output, new = result if returns_output else (first(result), result)
            if isinstance(new, Tensor) and new.name is None and new is not state:
                new.name = "h"  # a state that is one tensor has one name, masked or not
            if valid_at is not None and (valid := valid_at(t)) is not None:
                output, new = _masked(valid, output, 0.0), _kept(valid, new, state)
        outputs[t], state = output, new
    return outputs, state


def _valid_at(lengths: Any, count: int, batch: int) -> Callable[[int], Any]:
    """Which sequences are valid at a step, as a function of the step; None if all are."""
    sizes = checked_lengths(lengths, count, batch)
    return lambda t: None if (sizes > t).all() else sizes > t


def first(state: Any) -> Any:
    """The (first) tensor of a state: h of an LSTM's (h, c)."""
    return state[0] if isinstance(state, (tuple, list)) else state


def _shape_of(state: Any) -> Any:
    """The nesting of a state, to tell a state from a pair (output, state)."""
    return tuple(map(_shape_of, state)) if isinstance(state, (tuple, list)) else None


def _returns_output(result: Any, state: Any) -> bool:
    """Whether a cell's result is (output, state) and not just a state."""
    if not isinstance(result, (tuple, list)):
        return False
    if state is not None:
        if _shape_of(result) == _shape_of(state):
            return False
        if len(result) == 2 and _shape_of(result[1]) == _shape_of(state):
            return True
        raise TypeError(
            f"the cell was given the state {_words(state)} and returned {_words(result)}: it returns a state of the "
            "same form, or a pair (output, state)."
        )
    if len(result) == 2 and isinstance(result[1], (tuple, list)):
        return True
    raise TypeError(
        f"the cell was given no state and returned {_words(result)}: this may be a state or a pair (output, state). "
        "Pass the first state to unroll(), or give the cell a method initial_state(x)."
    )


def _words(state: Any) -> str:
    if isinstance(state, (tuple, list)):
        return "(" + ", ".join(map(_words, state)) + ("," if len(state) == 1 else "") + ")"
    return "tensor" if isinstance(state, Tensor) else type(state).__name__


def checked_lengths(lengths: Any, count: int, batch: int) -> np.ndarray[Any, Any]:
    """The number of valid steps of every sequence of a batch, of at most ``count`` steps, as an array."""
    if isinstance(lengths, Tensor):
        goes_by_data("lengths", lengths)
    sizes: np.ndarray[Any, Any] = np.asarray(lengths.array if isinstance(lengths, Tensor) else lengths)
    if sizes.shape != (batch,) or sizes.dtype.kind not in "iu" or sizes.size == 0:
        raise ValueError(f"lengths holds one whole number per sequence of the batch of {batch}; {lengths!r} was given.")
    if sizes.min() < 1 or sizes.max() > count:
        raise ValueError(f"lengths are from 1 to the number of time steps, {count}; {sizes.tolist()} was given.")
    return sizes


def _masked(valid: Any, new: Tensor, old: Any) -> Tensor:
    """``valid`` has one entry per sequence; a tensor has the axes of ``new`` already."""
    kept = where(valid if isinstance(valid, Tensor) else valid.reshape(-1, *(1,) * (new.array.ndim - 1)), new, old)
    kept.name = new.name
    return kept


def _kept(valid: Any, new: Any, old: Any) -> Any:
    if new is old:  # a part of the state that stays as it was, such as a mask
        return new
    if old is None:
        raise ValueError("with lengths and reverse=True the first state must be known: pass it to unroll().")
    if isinstance(new, (tuple, list)):
        return tuple(_kept(valid, n, o) for n, o in zip(new, old, strict=True))
    return _masked(valid, new, old)


class Window(NamedTuple):
    """One window of a sequence: ``steps`` (its place on the time axis, for the targets), ``output`` and ``state``."""

    steps: slice
    output: Any
    state: Any


def truncated_bptt(
    model: Callable[[Any, Any], tuple[Any, Any]], xs: Tensor | Sequence[Any], state: Any = None, *, window: int,
    dim: int = 0,
) -> Iterator[Window]:  # fmt: skip
    """Run ``output, state = model(xs of the window, state)`` window by window, and cut the history between them.

        for part in nn.truncated_bptt(rnn, xs, window=20):
            loss = criterion(part.output, ys[part.steps])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    The next window starts from the numbers of the state but not from its history (Williams & Peng 1990): a gradient
    reaches back at most ``window`` steps, so only one window is held in memory, and what earlier steps contributed is
    missing from it. To measure how much that is, add up the gradients of all windows without stepping and compare with
    one window over everything. Steps are numbered through, and the cut is a leaf with the state's name and place, such
    as h in t=20: it shows in a picture as a state that nothing leads to.

    Args:
        model: nn.RNN, nn.LSTM, nn.GRU, nn.Recurrent, a module of yours that returns (output, state), or
            ``functools.partial(nn.unroll, cell)``.
        xs: the inputs, a tensor, or a list with one entry per step.
        state: the state before the first step, if the model shall not make its own.
        window: the number of steps of a window; the last one may be shorter.
        dim: the axis of time, 1 for a model with ``batch_first=True``.

    Yields:
        A `Window` (steps, output, state); its graph is yours until you ask for the next.

    >>> parts = tg.nn.truncated_bptt(tg.nn.RNN(1, 2), tg.zeros(5, 1, 1), window=2)
    >>> [tuple(part.output.shape) for part in parts]
    [(2, 1, 2), (2, 1, 2), (1, 1, 2)]
    """
    if not isinstance(window, int) or window < 1:
        raise ValueError(f"window is a whole number of steps, at least 1; {window!r} was given.")
    time = xs.array.shape[dim] if isinstance(xs, Tensor) else len(xs)
    if time == 0:
        raise ValueError("truncated_bptt was given no time steps: a sequence has at least one.")
    return _windows(model, xs, state, window, dim, time, steps_before())


def _windows(model: Any, xs: Any, state: Any, window: int, dim: int, time: int, before: int) -> Iterator[Window]:
    for start in range(0, time, window):
        steps = slice(start, min(start + window, time))
        with steps_after(before + start):
            output, new = model(xs[(slice(None),) * dim + (steps,)] if isinstance(xs, Tensor) else xs[steps], state)
        state = detached(new)
        yield Window(steps, output, new)


def detached(state: Any) -> Any:
    """A state (a tensor, or tuples or lists of them) with the same numbers, names and places, without its history."""
    if isinstance(state, Tensor):
        cut = state.detach()
        cut.name, cut.place = state.name, state.place
        return cut
    if isinstance(state, (tuple, list)):
        made: Any = getattr(type(state), "_make", type(state))  # a NamedTuple is made in its own way
        return made(map(detached, state))
    return state
