"""Warnings that point at the user's line, through however many layers of this package it was called."""

import sys
import warnings

PACKAGE = __name__.partition(".")[0] + "."


def warn(message: str) -> None:
    """Warn the innermost caller outside the package."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(PACKAGE):
        frame = frame.f_back
        level += 1
    warnings.warn(message, stacklevel=level)
