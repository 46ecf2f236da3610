"""What importing the package changes in the process: two settings, each with its reason."""

import warnings

import numpy as np


def keep_freed_memory() -> None:
    """Let the C library keep up to 64 MB of freed memory instead of returning it to the system at once.

    A training step frees its whole graph and the next one needs as much again; when every step gets its pages anew
    from the system, a quarter of the time of a large step goes there. The GNU C library raises its limits to twice
    the size of the largest block (up to 32 MB) that was allocated and freed: this allocates one, writes nothing into
    it, and frees it. Other C libraries are not affected.
    """
    np.empty((32 << 20) - (1 << 16), np.uint8)


def compute_like_ieee754() -> None:
    """Let overflow and division by zero inside the engine give inf and NaN without a warning, as in PyTorch.

    numpy warns once per place in the code, which says nothing about the place in the model; ``detect_anomaly`` does.
    Only warnings raised by the engine's own modules are silenced. ``np.errstate`` around every operation would say
    the same, and cost as much as a small operation itself.
    """
    engine = r"tinygrad_rnn\.(ops\..*|tensor|backward|inplace)"
    warnings.filterwarnings("ignore", category=RuntimeWarning, module=engine)
