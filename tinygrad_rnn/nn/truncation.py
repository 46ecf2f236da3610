"""Truncated backpropagation through time: a long sequence in windows, the state carried over, its history cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ..surface.tensor import Tensor
from .unrolling import steps_after, steps_before


class Window(NamedTuple):
    """One window of a sequence: ``steps`` (its place on the time axis, for the targets), ``output`` and ``state``."""

    steps: slice
    output: Any
    state: Any


def truncated_bptt(
    model: Callable[[Any, Any], tuple[Any, Any]],
    xs: Tensor | Sequence[Any],
    state: Any = None,
    *,
    window: int,
    dim: int = 0,
) -> Iterator[Window]:
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
