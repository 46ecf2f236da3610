"""Switches for recording, ``no_grad`` and its like: context managers, and decorators of functions."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Generator
from contextlib import ContextDecorator
from typing import Any, Self, TypeVar

from .scope import here

F = TypeVar("F", bound=Callable[..., Any])


def _record(mode: bool) -> None:
    """Record from now on, under the eyes of whoever watches, or do not."""
    here.recording = (True if here.watch is None else here.watch) if mode else False


class _Switch(ContextDecorator):
    """Sets recording inside ``with`` or in the decorated function, and puts it back. May be entered again inside."""

    mode: bool

    def __init__(self) -> None:
        self._before: list[tuple[bool, bool]] = []

    def __enter__(self) -> Self:
        self._before.append((bool(here.recording), here.inference))
        _record(self.mode)
        return self

    def __exit__(self, *_: object) -> None:
        recording, here.inference = self._before.pop()
        _record(recording)

    def _recreate_cm(self) -> _Switch:
        """A new switch to the same mode: every call of a decorated function has its own."""
        again = object.__new__(type(self))
        again.mode, again._before = self.mode, []
        return again

    def __call__(self, function: F) -> F:
        return (
            _switched_generator(self, function) if inspect.isgeneratorfunction(function) else super().__call__(function)
        )


def _switched_generator(switch: _Switch, function: Callable[..., Any]) -> Any:
    """``function`` with the switch set while its own code runs, and not while its caller's does."""

    @functools.wraps(function)
    def switched(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        resume: Callable[[], Any] = functools.partial(next, generator)
        while True:
            try:
                with switch._recreate_cm():
                    item = resume()
            except StopIteration as stop:
                return stop.value
            try:
                sent = yield item
                resume = functools.partial(generator.send, sent)
            except GeneratorExit:
                with switch._recreate_cm():
                    generator.close()
                raise
            except BaseException as error:
                resume = functools.partial(generator.throw, error)

    return switched


class _PlainSwitch(_Switch):
    """A switch that also decorates without brackets: ``@no_grad``."""

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        return super().__new__(cls) if function is None else cls()(function)


class no_grad(_PlainSwitch):
    """Record nothing: results do not require a gradient, leaves may be changed in place.

    >>> w = tg.ones(2, requires_grad=True)
    >>> with tg.no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    mode = False


class enable_grad(_PlainSwitch):
    """Record again inside ``no_grad``."""

    mode = True


class set_grad_enabled(_Switch):
    """Record operations, or do not: from now on, or inside ``with``, or in the decorated function."""

    _earlier: bool | None = None

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.mode = bool(mode)
        self._earlier = bool(here.recording)
        _record(self.mode)

    def __enter__(self) -> Self:
        super().__enter__()
        # Called as ``with set_grad_enabled(mode):`` recording was switched when the object was made.
        if len(self._before) == 1 and self._earlier is not None:
            self._before[0] = self._earlier, here.inference
        return self

    def __call__(self, function: F) -> F:
        _record(bool(self._earlier))  # a decorator changes nothing until the function is called
        return super().__call__(function)


class inference_mode(_Switch):
    """As ``no_grad``. Nothing more can be saved here: what is not recorded keeps nothing for a backward pass.

    ``inference_mode(False)`` records again inside it.
    """

    def __new__(cls, mode: Any = True) -> Any:
        return cls()(mode) if callable(mode) else super().__new__(cls)

    def __init__(self, mode: Any = True) -> None:
        super().__init__()
        self.mode = not mode

    def __enter__(self) -> Self:
        super().__enter__()
        here.inference = not self.mode
        return self


class _Following(threading.local):
    told: Callable[[str, Any], None] | None = None
    drawn: Callable[..., Any] = staticmethod(lambda draw, *args: draw(*args))  # random numbers, anew in every call
    layers: list[Any] | None = None  # results of layers of many steps, if whoever follows rolls these up
    grad = True  # whether operations are recorded as the user asked, though here all are
    any_numbers = False  # whether nobody is given what comes out, so that it need not be right


#: Who is told in this thread that Python goes on by the numbers of a tensor, if somebody follows what is computed:
#: then nothing may be left out for the numbers at hand.
following = _Following()
IN_PLACE = "a change in place"


def goes_by_data(what: str, read: Any) -> None:
    """Say that what follows may depend on the numbers of ``read``, if it is a tensor: ``what`` has looked at them."""
    if following.told is not None and hasattr(read, "memory"):
        following.told(what, read)


def is_grad_enabled() -> bool:
    """Whether operations are being recorded."""
    return bool(here.recording) and following.grad


def is_inference_mode_enabled() -> bool:
    """Whether this is inside ``inference_mode``."""
    return here.inference
