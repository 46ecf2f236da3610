"""Hooks on modules: functions called before and after a forward pass, and when gradients come in and leave again."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..engine.hooks import RemovableHandle
from .backward_hooks import Crossing, Function
from .notices import warn


class Hook(NamedTuple):
    """A function and how it is to be called."""

    function: Function
    with_kwargs: bool = False
    always_call: bool = False

    def __call__(self, module: Any, args: Any, kwargs: Any, *output: Any) -> Any:
        return self.function(module, args, *((kwargs,) if self.with_kwargs else ()), *output)


@dataclass
class Hooks:
    """The hooks of one module, each kind in the order in which it is called."""

    before: dict[int, Hook] = field(default_factory=dict)
    after: dict[int, Hook] = field(default_factory=dict)
    backward_before: dict[int, Function] = field(default_factory=dict)
    backward: dict[int, Function] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.before or self.after or self.backward_before or self.backward)


#: Hooks on all modules, called before a module's own.
_EVERYWHERE = Hooks()


class Hooked:
    """What modules have for hooks. Those of one kind are called in the order in which they were registered."""

    _hooks: Hooks | None = None  # created with the first hook

    def _own_hooks(self) -> Hooks:
        if self._hooks is None or self._hooks is _EVERYWHERE:
            self._hooks = Hooks()
        return self._hooks

    def register_forward_pre_hook(
        self, hook: Function, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before every forward; what it returns (unless None) replaces the arguments.

        With `with_kwargs=True`, `hook(module, args, kwargs)`, which returns (args, kwargs) or None. `prepend=True`:
        before the hooks that are there already.
        """
        return RemovableHandle(self._own_hooks().before, Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Function, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after every forward; what it returns (unless None) replaces the output.

        With `with_kwargs=True`, `hook(module, args, kwargs, output)`. `always_call=True`: also after an error, with
        what there is of the output. `prepend=True`: before the hooks that are there already.
        """
        return RemovableHandle(self._own_hooks().after, Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Function, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` when dL/d(output) is known; see `register_full_backward_hook`.

        What it returns (unless None), a tuple of the same length, takes the place of `grad_output`.
        """
        return RemovableHandle(self._own_hooks().backward_before, hook, prepend)

    def register_full_backward_hook(self, hook: Function, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when dL/d(input) is known, once per call of the module.

        Both are tuples: an entry for every positional argument of forward, and for every output; None for what is no
        tensor, and for an output that no gradient came to. A tuple that the hook returns takes the place of
        `grad_input`. If no argument needs a gradient, the hook is called when `grad_output` is known, before the
        gradients of the parameters are, with None for every argument, and may return nothing.

        As in PyTorch: the gradients are those of this call alone; keyword arguments, and tensors inside of tuples and
        lists, are not seen; the output has to be a tensor or a tuple. In the graph the call is enclosed by two
        operations `BackwardHook`, which change nothing. Pictures and ledgers walk back as well, and call hooks as well.
        """
        return RemovableHandle(self._own_hooks().backward, hook, prepend)

    register_backward_hook = register_full_backward_hook  # as it was once called


def register_module_forward_pre_hook(hook: Function) -> RemovableHandle:
    """Call `hook(module, args)` before every forward of any module, see `Module.register_forward_pre_hook`."""
    return RemovableHandle(_everywhere().before, Hook(hook))


def register_module_forward_hook(
    hook: Function, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call `hook(module, args, output)` after every forward of any module, see `Module.register_forward_hook`."""
    return RemovableHandle(_everywhere().after, Hook(hook, with_kwargs, always_call))


def register_module_full_backward_pre_hook(hook: Function) -> RemovableHandle:
    """Call `hook(module, grad_output)` in the backward pass through any module."""
    return RemovableHandle(_everywhere().backward_before, hook)


def register_module_full_backward_hook(hook: Function) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` in the backward pass through any module."""
    return RemovableHandle(_everywhere().backward, hook)


def _everywhere() -> Hooks:
    Hooked._hooks = _EVERYWHERE  # what modules without hooks of their own have
    return _EVERYWHERE


def call(module: Any, hooks: Hooks, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`module.forward(*args, **kwargs)` with its hooks."""
    output = None
    if hooks is not _EVERYWHERE and _EVERYWHERE:
        hooks = Hooks(*({**getattr(_EVERYWHERE, kind), **own} for kind, own in vars(hooks).items()))
    waiting = {number: hook for number, hook in hooks.after.items() if hook.always_call}
    crossing = Crossing(module, tuple(hooks.backward_before.values()), tuple(hooks.backward.values()))
    try:
        for pre_hook in tuple(hooks.before.values()):
            changed = pre_hook(module, args, kwargs)
            if changed is None:
                continue
            if not pre_hook.with_kwargs:
                args = changed if isinstance(changed, tuple) else (changed,)
            elif isinstance(changed, tuple) and len(changed) == 2:
                args, kwargs = changed
            else:
                raise RuntimeError(
                    f"a forward pre-hook on {type(module).__name__} that is called with kwargs returns None or a tuple "
                    f"(args, kwargs); it returned {changed!r}."
                )
        if crossing.hooked:
            args = crossing.enter(args)
        output = module.forward(*args, **kwargs)
        for number, hook in tuple(hooks.after.items()):
            waiting.pop(number, None)
            changed = hook(module, args, kwargs, output)
            output = output if changed is None else changed
        return crossing.leave(output) if crossing.hooked else output
    except Exception:
        for hook in waiting.values():
            try:
                hook(module, args, kwargs, output)
            except Exception as error:
                warn(
                    f"a forward hook on {type(module).__name__} with always_call=True was called because of an error, "
                    f"and raised another: {error!r}"
                )
        raise
