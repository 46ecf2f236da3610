"""A script that is run as Python runs it, as far as the backward pass of the value that is to be looked at."""

import builtins
import difflib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from functools import partial, wraps
from inspect import signature
from itertools import zip_longest
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NoReturn

import tinygrad_rnn as tg

from ...engine.tensor import Recorder
from ...interop.following.doors import standing
from ...interop.following.library import is_tensor, numbers
from ...interop.following.names import users_frames
from ..data.files import listed, shown
from .console import Refusal, path_shown, why

#: So many backward passes are waited for the value: one of two networks may be trained first, and often.
PATIENCE = 100


class _Looked(BaseException):
    """Leaves the script, which has done what it was run for."""


def expression(text: str) -> str:
    """A name, or a formula of names, as loss, self.loss, losses["total"] or sum(losses)."""
    try:
        compile(text, "--loss", "eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Refusal(f"{shown(text)!r} is no value; give a name of the script, as loss or self.loss") from None
    return text


class Script:
    """Runs a script, written with PyTorch or with this package, until a value of it has been looked at.

    Args:
        path: its file.
        arguments: what it finds in ``sys.argv``.
        wanted: the value, as the script calls it; None for what it calls ``backward()`` of.
        before: how many backward passes come before the one in which it is looked at.
        look: called inside the script with the tensor here that is, or stands for, the value, and with where that is.
    """

    def __init__(
        self, path: Path, arguments: Sequence[str], wanted: str | None, before: int, look: Callable[[Any, str], None]
    ) -> None:
        self.path, self.arguments, self.wanted, self.before, self.look = path, arguments, wanted, before, look
        self._name, self._main, self._folder = path_shown(path), ModuleType("__main__"), os.getcwd()
        self._is_done = self._is_back = self._follows = False
        self._error: BaseException | None = None
        self._passes = self._missed = 0  # in which the value was there, and was not
        self._met = "not there"
        self._others: dict[str, None] = {}  # that have a history, and could have been meant

    def run(self, *, aside: bool) -> None:
        """Run it; ``aside``: what it prints goes to standard error."""
        try:
            source = self.path.read_bytes()
        except OSError as error:
            raise Refusal(f"{self._name} cannot be read: {why(error)}; check the path") from None
        try:
            with self._running() as self._around, redirect_stdout(sys.stderr if aside else sys.stdout):
                exec(compile(source, str(self.path), "exec", dont_inherit=True), vars(self._main))
                # In a frame of the script, whose variables the names in a picture are.
                exec("look()", vars(self._main), {"look": self._end})
        except _Looked:
            pass
        except SystemExit as end:
            if not self._is_done:
                raise self._refusal(f"ended by sys.exit({end.code!r})") from None
        except Exception as error:
            if not self._is_done:
                trace = error.__traceback__
                while trace is not None and trace.tb_frame.f_code.co_filename != str(self.path):
                    trace = trace.tb_next
                traceback.print_exception(error.with_traceback(trace))
                raise self._refusal("failed, as is said above") from None
        if self._error is not None:
            raise self._error

    def _refusal(self, how: str, status: int = 1) -> Refusal:
        """The value was not there before the script ended in this way."""
        if self.wanted is None:
            return Refusal(f"{self._name} {how}, before any backward(); --loss names what to draw", status)
        near = difflib.get_close_matches(self.wanted, self._others, 3, 0.5) or list(self._others)
        meant = f"; did you mean {listed(near, 3)}?" if near else "; nothing there has a history"
        return Refusal(f"{self._name} {how}, and {shown(self.wanted)} was {self._met}{meant}", status)

    @contextmanager
    def _running(self) -> Iterator[ExitStack]:
        """All as the script expects it, and afterwards as it was."""
        vars(self._main).update(__file__=str(self.path), __builtins__=builtins, __cached__=None)
        with ExitStack() as around:
            around.callback(sys.modules.update, __main__=sys.modules["__main__"])
            around.callback(setattr, sys, "argv", sys.argv)
            around.callback(setattr, sys, "path", sys.path)
            around.callback(os.chdir, self._folder)
            around.callback(setattr, builtins, "__import__", builtins.__import__)
            sys.modules["__main__"], sys.argv = self._main, [str(self.path), *self.arguments]
            sys.path = [str(self.path.resolve().parent), *sys.path]
            self._importing = partial(self._import, builtins.__import__)
            builtins.__import__ = self._importing
            for owner in (Recorder, tg.autograd):
                self._watch(around, owner)
            yield around

    def _import(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """An ``import`` that follows PyTorch from when the script has loaded it."""
        module = original(*args, **kwargs)
        library: Any = sys.modules.get("torch")
        is_first = builtins.__import__ is self._importing  # and not an import around one that saw it first
        if is_first and library is not None and not getattr(library.__spec__, "_initializing", False):
            builtins.__import__ = original
            self._watch(self._around, library.autograd)
            self._follow()
        return module

    def _follow(self) -> None:
        if self._passes == self.before and not self._follows and "torch" in sys.modules:
            self._follows = True
            self._around.enter_context(tg.following())

    def _watch(self, around: ExitStack, owner: Any) -> None:
        """Look at the value whenever ``owner.backward`` is called."""
        original = owner.backward
        named = signature(original).bind

        @wraps(original)
        def backward(*args: Any, **kwargs: Any) -> Any:
            if self._is_back:  # PyTorch asks whoever follows, who calls it again
                return original(*args, **kwargs)
            given = named(*args, **kwargs).arguments
            self._before_backward(next(iter(given.values())), given.get("gradient", given.get("grad_tensors")))
            self._is_back = True
            try:
                return original(*args, **kwargs)
            finally:
                self._is_back = False
                self._follow()

        owner.backward = backward
        around.callback(setattr, owner, "backward", original)

    def _before_backward(self, roots: Any, seeds: Any) -> None:
        if self._is_done:
            return
        frames = list(self._frames())
        value = self._value(frames) if self.wanted else roots
        if value is None:
            self._missed += 1
            if self._missed == PATIENCE:
                self._stop(self._refusal(f"called backward() {PATIENCE} times", status=2))
            return
        self._passes += 1
        if self._passes > self.before:
            line = f"line {frames[0].f_lineno}" if frames else "somewhere"
            self._show(value, f"{line}, at its backward pass {self._passes}", None if self.wanted else seeds)

    def _end(self) -> None:
        value = self._value([sys._getframe(1)]) if self.wanted and not self._is_done else None
        if value is not None:
            self._show(value, "at the end, without a backward pass")
        if not self._is_done:
            self._stop(self._refusal("ended", status=2))

    def _show(self, value: Any, where: str, seeds: Any = None) -> None:
        several, given = ([each] if not isinstance(each, Sequence) else each for each in (value, seeds))
        try:
            os.chdir(self._folder)
            # With dL/d(value) given, what is differentiated is the sum of their products.
            found = [
                each if seed is None else (each * (numbers(seed) if is_tensor(seed) else seed)).sum()
                for each, seed in zip_longest(standing(*several), given)
            ]
            self.look(found[0] if len(found) == 1 else found, where)
        except BaseException as error:
            self._stop(error)
        self._stop(None)

    def _stop(self, error: BaseException | None) -> NoReturn:
        """Leave the script; ``error`` is raised outside of it, where it handles none."""
        self._is_done, self._error = True, error
        raise _Looked

    def _frames(self) -> Iterator[FrameType]:
        """The running functions of the script and of what it uses, the innermost first."""
        for frame in users_frames("torch"):
            yield frame
            if frame.f_globals is vars(self._main) and frame.f_code.co_name == "<module>":
                return

    def _value(self, frames: Sequence[FrameType]) -> Any:
        """The wanted value, if it is there and has a history."""
        for frame in frames:
            for name, each in list(frame.f_locals.items()):
                inner = {f"{name}.{key}": part for key, part in getattr(each, "__dict__", {}).items()}
                self._others |= dict.fromkeys(key for key, part in {name: each, **inner}.items() if _has_history(part))
            try:
                value = eval(self.wanted or "", {**frame.f_globals, **frame.f_locals})
            except Exception:
                continue
            if _has_history(value):
                return value
            self._met = f"a {type(value).__name__} without a history"
        return None


def _has_history(value: Any) -> bool:
    return (isinstance(value, tg.Tensor) or is_tensor(value)) and value.grad_fn is not None
