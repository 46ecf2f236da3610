"""What importing the package changes in the process: two settings, each with its reason."""

import ctypes
import sys
import warnings

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
