"""What ends a command early: one line for the reader, and an exit status."""

from ..data import DataError

__all__ = ["DataError", "Diverged", "Refusal"]


class Refusal(Exception):
    """The command cannot do what was asked; the message is one line: what was given, why it cannot be, what to do."""

    status = 2


class Diverged(Refusal):
    """Training left the finite numbers."""

    status = 1
