"""The anomaly mode: the first NaN or infinite number, forward or backward, is an error that says where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from ..engine.backward import backpropagate
from ..engine.folding import history
from ..engine.graph import Node, arguments
from ..engine.scope import here
from ..surface.tensor import Tensor
from .blame import arriving, backward_error, forward_error
from .lines import users_line


class Watch:
    """Stands where recording is switched on, sees everything that is recorded, and walks the backward pass."""

    def __init__(self, check_nan: bool) -> None:
        self.check_nan = check_nan
        self._walking = False

    def __call__(self, made: Tensor) -> Tensor:
        """Note the line that made a value, and look at the value."""
        made._code = line = users_line()
        made._instruction = None if line is None else line.instruction
        if self.check_nan and not self._walking and not _finite(made.array):
            args = [arg.array if isinstance(arg, Node) else arg for arg in arguments(made)]
            # An infinity that was put in, a mask of -inf, is meant; a new one is not. A NaN is never meant.
            if np.isnan(made.array).any() or all(map(_finite, args)):
                raise forward_error(made)
        return made

    def backpropagate(
        self, roots: Any, seeds: Any, *, create_graph: bool, toward: Any
    ) -> Iterator[tuple[Node, Any, tuple[Any, ...]]]:
        """``backward.backpropagate``, looking at every gradient on its way."""
        history(*roots)  # what was folded before anyone looked unfolds, so that every operation is judged
        walk = backpropagate(roots, seeds, create_graph=create_graph, shares=True, toward=toward)
        while True:
            self._walking = True  # what rules compute is judged below, as the gradient that it is
            try:
                found = next(walk, None)
            finally:
                self._walking = False
            if found is None:
                return
            node, g, shares = found
            if self.check_nan and not _finite(g):
                raise arriving(node, g)
            for position, share in enumerate(shares if self.check_nan else ()):
                if share is not None and not _finite(share):
                    raise backward_error(node, position, g, share, roots)
            yield node, g, ()


def _finite(value: Any) -> bool:
    array = np.asarray(value.array if isinstance(value, Node) else value)
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


class set_detect_anomaly:
    """Look for anomalies, or stop it: from now on in this thread, or inside ``with``.

    While it is on, every value that needs a gradient remembers the line of your code that made it. The first operation
    whose result is NaN, or infinite though nothing infinite went into it, raises an ``AnomalyError`` that names the
    operation, its arguments and their ranges, the time step and the line. So does the first NaN or infinite gradient
    of a backward pass. Off, it costs nothing; on, expect an operation to take a few microseconds more.

    Args:
        mode: whether to look.
        check_nan: with False only the lines are remembered.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = here.watch
        _install(Watch(check_nan) if mode else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _install(self._before)


class detect_anomaly:
    """Look for anomalies inside ``with detect_anomaly():``; see ``set_detect_anomaly``."""

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        self._entered: list[set_detect_anomaly] = []

    def __enter__(self) -> Self:
        self._entered.append(set_detect_anomaly(True, self.check_nan))
        return self

    def __exit__(self, *exception: object) -> None:
        self._entered.pop().__exit__(*exception)


def is_anomaly_enabled() -> bool:
    """Whether anomalies are looked for in this thread."""
    return here.watch is not None


def _install(watch: Watch | None) -> None:
    here.watch = watch
    here.recording = (True if watch is None else watch) if here.recording else False
