"""What importing the package changes in the process: two settings, each with its reason; and what users may set."""

import ctypes
import gc
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

#: What malloc.h calls them.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> None:
    """Let the C library keep up to 512 MB of freed memory instead of returning it to the system at once.

    A training step frees its whole graph and the next one needs as much again; when every step gets its pages anew
    from the system, a quarter of the time of a large step goes there. Blocks of up to 32 MB, the most the GNU C library
    allows, come from the memory that is kept. Other C libraries are not affected.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        mallopt(_M_TRIM_THRESHOLD, 512 << 20)


def compute_like_ieee754() -> None:
    """Let functions of plain arrays give inf and NaN without a warning, as those of tensors do (`dtypes.quiet`)."""
    engine = r"tinygrad_rnn\.(ops|engine|surface|nn\.folds)\b"
    warnings.filterwarnings("ignore", category=RuntimeWarning, module=engine)


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """What makes many values that refer to no earlier ones runs without: it would go through all, again and again."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def set_num_threads(num: int) -> None:
    """Let products of matrices use so many threads; RuntimeError unless it is a positive integer."""
    if type(num) is not int or num < 1:
        raise RuntimeError(f"a number of threads is a positive integer, got {num!r}")
    import threadpoolctl  # when it is asked for: importing the package stays quick

    threadpoolctl.threadpool_limits(num, user_api="blas")


def get_num_threads() -> int:
    """How many threads products of matrices use."""
    from threadpoolctl import threadpool_info as pools

    return max((pool["num_threads"] for pool in pools()), default=1)


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Nothing changes: every operation gives the same numbers every time."""


def set_float32_matmul_precision(precision: str) -> None:
    """Nothing changes: products of float32 matrices keep all digits, as with "highest".

    Raises:
        RuntimeError: for anything else than "highest", "high" and "medium".
    """
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(f"set_float32_matmul_precision takes 'highest', 'high' or 'medium', got {precision!r}")
