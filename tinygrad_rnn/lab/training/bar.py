"""A progress bar on standard error, where there is a terminal; 80 columns are enough for it."""

from contextvars import ContextVar
from typing import Any

from tqdm import tqdm

NAME = ContextVar("NAME", default="")  # of the demonstration that runs
_FORMAT = "{desc}{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"


def bar(total: int, what: str = "", quiet: bool = False, done: int = 0) -> Any:
    """A bar of so many, called `what`, that goes when it is closed."""
    return tqdm(
        total=total,
        initial=done,
        desc=what or NAME.get() or None,
        leave=False,
        disable=quiet or None,
        dynamic_ncols=True,
        bar_format=_FORMAT,
    )
