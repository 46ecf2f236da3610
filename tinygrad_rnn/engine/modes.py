"""Switches for recording, ``no_grad`` and its like: context managers, and decorators of functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator
from typing import Any, Self

from .scope import here


def _record(mode: bool) -> None:
    """Record from now on, under the eyes of whoever watches, or do not."""
    here.recording = (True if here.watch is None else here.watch) if mode else False


class _Switch:
    """Sets recording inside ``with`` or in the decorated function, and puts it back. May be entered again inside."""

    mode: bool

    def __init__(self) -> None:
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        self._before.append(here.recording)
        _record(self.mode)
        return self

    def __exit__(self, *_: object) -> None:
        _record(bool(self._before.pop()))

    def _again(self) -> _Switch:
        """A new switch to the same mode: every call of a decorated function has its own."""
        return type(self)()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(function):
            return _switched_generator(self, function)

        @functools.wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return switched


def _switched_generator(switch: _Switch, function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` with the switch set while its own code runs, and not while its caller's does."""

    @functools.wraps(function)
    def switched(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        resume: Callable[[], Any] = functools.partial(next, generator)
        while True:
            try:
                with switch._again():
                    item = resume()
            except StopIteration as stop:
                return stop.value
            try:
                sent = yield item
                resume = functools.partial(generator.send, sent)
            except GeneratorExit:
                with switch._again():
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
    """Record nothing: results do not require a gradient, leaves may be changed in place."""

    mode = False


class enable_grad(_PlainSwitch):
    """Record again inside ``no_grad``."""

    mode = True


class set_grad_enabled(_Switch):
    """Record operations, or do not: from now on, or inside ``with``, or in the decorated function."""

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.mode = bool(mode)
        self._earlier = bool(here.recording)
        _record(self.mode)

    def __enter__(self) -> Self:
        # Called as ``with set_grad_enabled(mode):`` recording was switched when the object was made.
        self._before.append(here.recording if self._before else self._earlier)
        _record(self.mode)
        return self

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        _record(self._earlier)  # a decorator changes nothing until the function is called
        return super().__call__(function)

    def _again(self) -> _Switch:
        return type(self)(self.mode)


class inference_mode(_Switch):
    """As ``no_grad``. Nothing more can be saved here: what is not recorded keeps nothing for a backward pass.

    ``inference_mode(False)`` records again inside it.
    """

    def __new__(cls, mode: Any = True) -> Any:
        return cls()(mode) if callable(mode) else super().__new__(cls)

    def __init__(self, mode: Any = True) -> None:
        super().__init__()
        self.mode = not mode
        self._inside: list[bool] = []

    def __enter__(self) -> Self:
        self._inside.append(here.inference)
        here.inference = not self.mode
        return super().__enter__()

    def __exit__(self, *exception: object) -> None:
        here.inference = self._inside.pop()
        super().__exit__(*exception)

    def _again(self) -> _Switch:
        return type(self)(not self.mode)


def is_grad_enabled() -> bool:
    """Whether operations are being recorded."""
    return bool(here.recording)


def is_inference_mode_enabled() -> bool:
    """Whether this is inside ``inference_mode``."""
    return here.inference
