"""Ctrl-C while the command line is still being imported ends it without a traceback, as it does later."""

# What `signal` itself adds are enumerations, whose import takes milliseconds in which Ctrl-C would be a traceback.
import _signal as signal  # type: ignore[import-not-found]
import os
import sys


def _leave(*_: object) -> None:
    os.write(2, b"tinygrad-rnn: interrupted\n")
    os._exit(130)


def _is_the_command() -> bool:
    name = os.path.basename(sys.argv[0]) if sys.argv else ""
    return name.startswith("tinygrad-rnn") or (name == "-m" and "tinygrad_rnn" in sys.orig_argv)


def done_starting() -> bool:
    """From here on Ctrl-C is an exception again; whether it was none."""
    ours = signal.getsignal(signal.SIGINT) is _leave
    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return ours


if _is_the_command() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _leave)
