"""The threads of numpy's BLAS: at the sizes of small networks one is faster than several that wait for each other."""

from __future__ import annotations

import os

from threadpoolctl import ThreadpoolController

#: Whoever sets one of these knows better.
VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
LARGE = 256  # hidden units from which on several threads may pay


def asked() -> list[str]:
    """What the environment says."""
    return [f"{name}={os.environ[name]}" for name in VARIABLES if os.environ.get(name)]


def threads() -> int | None:
    """How many threads numpy's BLAS uses; None if it does not say."""
    counts = [library["num_threads"] for library in _blas().info()]
    return max(counts, default=None)


def use_threads(number: int) -> None:
    """Make numpy's products of matrices run in so many threads."""
    _blas().limit(limits=number)


def use_one_thread(hidden: int) -> None:
    """Make products run in one thread, where that is known to be faster and nothing else was asked for."""
    if hidden < LARGE and not asked():
        use_threads(1)


def _blas() -> ThreadpoolController:
    return ThreadpoolController().select(user_api="blas")
