"""``following()``: inside it PyTorch computes as ever, and every call of its functions and modules is recorded here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

from ...engine.calls import Call
from ...engine.scope import current_place
from .library import tensors_in, torch
from .names import Labels, caller
from .tape import Tape

_running: ContextVar[Tape | None] = ContextVar("_running", default=None)


@contextmanager
def following() -> Iterator[Tape]:
    """Follow what PyTorch computes, to draw and explain it afterwards::

        with tg.following() as tape:
            loss = criterion(model(x), y)
        tg.draw(loss)
        tg.contributions(loss, model.rnn.weight_hh_l0)
        tg.gradient_flow(loss)

    The program computes what it would compute otherwise, to the bit; each call is computed here once more, with the
    operations of this package, and compared. ``nn.RNN``, ``nn.LSTM``, ``nn.GRU``, their cells and attention, which are
    one call each, are opened into steps and gates. What there is not here, or comes out otherwise, becomes one
    operation whose gradients are PyTorch's own (``tape.by_torch``). Works before and after ``loss.backward()`` and
    ``optimizer.step()``, and lasts as long as PyTorch's own graph, that is as its loss. Inside another ``following()``
    it is that one's tape.

    Raises:
        RuntimeError: if the program has not imported PyTorch; inside, if a result is changed where PyTorch's graph does
            not see it (``x.data.mul_(2)``).
    """
    library = torch()
    if (outer := _running.get()) is not None:
        yield outer
        return
    tape = Tape()
    tape.mode = _mode(tape)
    labels = Labels(tape.names)
    before, token = current_place.get(), _running.set(tape)
    hooks = library.nn.modules.module

    def enter(module: Any, _: Any) -> None:
        if _running.get() is tape:
            current_place.set(Call(current_place.get(), labels[module], module, caller()))

    def leave(module: Any, _: Any, __: Any) -> None:
        if _running.get() is tape:
            current_place.set(current_place.get().parent or before)

    try:
        with ExitStack() as stack:
            handles = (
                hooks.register_module_forward_pre_hook(enter),
                hooks.register_module_forward_hook(leave, always_call=True),
            )
            for handle in handles:
                stack.callback(handle.remove)
            stack.enter_context(_functions(tape))
            stack.enter_context(_eagerly())
            stack.enter_context(tape.mode)
            yield tape
    finally:
        current_place.set(before)
        _running.reset(token)


def _mode(tape: Tape) -> Any:
    """What PyTorch asks, instead of computing, about every call of its functions."""

    def call(_: Any, func: Any, __: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        return tape(func, args, kwargs or {})

    return type("Following", (torch().overrides.TorchFunctionMode,), {"__torch_function__": call})()


@contextmanager
def _eagerly() -> Iterator[None]:
    """What is compiled, before or inside, runs as it is written; nothing of the compiler is loaded for that."""
    library, plain = torch(), torch().compile
    with ExitStack() as stack:

        def compile(*args: Any, **kwargs: Any) -> Any:
            if library.compile in ours:
                library.compile = plain
                stack.enter_context(library.compiler.set_stance("force_eager"))
            return plain(*args, **kwargs)

        ours = [compile]
        stack.callback(ours.clear)
        stack.callback(setattr, library, "compile", plain)
        library.compile = compile
        if "torch._dynamo" in sys.modules:
            stack.enter_context(library.compiler.set_stance("force_eager"))
        yield


@contextmanager
def _functions(tape: Tape) -> Iterator[None]:
    """Follow functions with a backward pass of their own, which PyTorch's modes do not see.

    And leave modules their faster ways where nothing is to be followed: they ask whether anybody overrides functions.
    """
    overrides, kind = torch().overrides, torch().autograd.Function
    original, overridden = vars(kind)["apply"], overrides.has_torch_function
    plain = (torch().Tensor, torch().nn.Parameter, type(None))

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        func = original.__get__(None, cls)
        given = tensors_in((args, kwargs))
        if _running.get() is not tape or not tape.wants(given):
            return func(*args, **kwargs)
        return tape.follow(func, cls.__name__, given, args, kwargs, reason="it has a backward pass of its own")

    def has_torch_function(values: Any) -> bool:
        if _running.get() is not tape or tape.wants(tensors_in(values)):
            return bool(overridden(values))
        return any(type(each) not in plain for each in values)

    kind.apply, overrides.has_torch_function = classmethod(apply), has_torch_function
    try:
        yield
    finally:
        kind.apply, overrides.has_torch_function = original, overridden
