"""The tape: records here, call by call, what PyTorch computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from ...engine.scope import Place, current_place, here
from ...nn.parameter import Parameter
from ...surface.tensor import Tensor, wrap
from .alone import Alone, called, function_of, record_unseen, template_of
from .library import Like, like, numbers, restored, same, tensors_in, torch
from .matching import ATTRIBUTES, QUESTIONS, computed, match, opened
from .names import asker, local_name
from .recurrent import OPENED
from .standing import keep, keep_copy, maker, standing_for


class Tape:
    """What was followed: ``tape[x]`` is the tensor here that stands for the tensor ``x`` of PyTorch.

    Attributes:
        by_torch: the operations that PyTorch computed and differentiates alone, with the reason.
    """

    def __init__(self) -> None:
        self.by_torch: dict[str, str] = {}
        self.names: Any = torch().utils.weak.WeakTensorKeyDictionary()  # of parameters
        self._place: Place = current_place.get()
        self._opening: set[Any] = set()
        self._busy = False  # with work of its own
        self.mode: Any = None  # asks this tape about every call

    def __getitem__(self, tensor: Any) -> Tensor:
        found = standing_for(tensor)
        if found is None and maker(tensor) is not None:
            found = self._unseen(tensor, inside=False)
        if found is None or not same(found.array, numbers(tensor)):
            raise KeyError(
                f"this tensor of PyTorch, of shape {tuple(tensor.shape)}, was computed while nobody followed, or "
                "changed since: compute it inside `with tg.following():`, and draw it then"
            )
        return found

    def __call__(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Let PyTorch compute a call, and record it."""
        name = getattr(func, "__name__", type(func).__name__)
        if self._busy or name in QUESTIONS or (name == "__get__" and func.__self__.__name__ not in ATTRIBUTES):
            return func(*args, **kwargs)
        given = tensors_in((args, kwargs))
        if name == "register_hook" and given[0].requires_grad:
            return self._hook(func, *args)
        if getattr(func, "__module__", "") == "torch.nn.init" or not self.wants(given):
            return func(*args, **kwargs)
        is_open = isinstance(func, FunctionType) and name not in OPENED and func not in self._opening
        if is_open and match(func, name) is None:
            return self._open(func, args, kwargs)
        return self.follow(func, name, given, args, kwargs)

    def wants(self, given: Sequence[Any]) -> bool:
        """Whether a call of these tensors is to be recorded; those inside a transform, as vmap, stand for others."""
        is_wrapped = torch()._C._functorch.is_functorch_wrapped_tensor
        asked = torch().is_grad_enabled() and any(each.requires_grad for each in given)
        return asked and not any(map(is_wrapped, given))

    def _open(self, func: FunctionType, args: Any, kwargs: Any) -> Any:
        """Follow the calls inside a function that is not known here."""
        self._opening.add(func)
        try:
            with self.mode:
                return opened(func)(*args, **kwargs)
        finally:
            self._opening.discard(func)

    def follow(self, func: Any, name: str, given: Sequence[Any], args: Any, kwargs: Any, *, reason: str = "") -> Any:
        """Let PyTorch compute a call of tensors of which one requires a gradient, and record it.

        With a ``reason`` PyTorch differentiates it alone.

        Raises:
            RuntimeError: if it writes into a tensor otherwise than the same function does here.
        """
        with self._at_work():
            own = {id(each): self._standing(each) for each in given}
            versions = [_version(each) for each in given]
            base = given[0]._base if given[0]._is_view() else None
            whole = None if base is None else standing_for(base)
            state = torch().get_rng_state()
        result = func(*args, **kwargs)
        with self._at_work():
            changed = [each for each, before in zip(given, versions, strict=True) if _version(each) != before]
            results = tensors_in(result) or changed[:1]
            old = {id(each) for each in given} - {id(each) for each in changed}
            if name != "detach" and not any(each.requires_grad and id(each) not in old for each in results):
                return result
            writes, short = bool(changed) and any(each is changed[0] for each in results), name.strip("_")
            made: Sequence[Tensor] | None = None
            try:
                if not reason:
                    made = computed(func, name, args, kwargs, own, results, state)
            except NotImplementedError as error:
                reason = str(error)
            except Exception as error:
                reason = str(error).partition("\n")[0]
                if writes:
                    text = f"{name} changes a tensor in place in a way that is not followed: {reason}. Make a new one"
                    raise RuntimeError(text) from error
            if reason:
                self.by_torch[short] = reason
            if made is None and name != "grad":
                again = function_of(func, args, kwargs, writes=writes)
                inputs, template = [own[id(each)] for each in given], template_of(short, args, kwargs)
                made = Alone(short, again, inputs, list(map(like, given)), state, template).record(results)
            for tensor, stand_in in zip(results, made or (), strict=False):
                if tensor.requires_grad or name == "detach":
                    keep(tensor, stand_in)
            if made:
                made[-1]._instruction = asker(func)
            if writes and whole is not None and same(whole.array, numbers(base)):
                keep(base, whole)  # which was written to through a view
        return result

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Record here, whatever is switched off for the user's own tensors, and let nobody follow."""
        before = here.recording, here.watch
        here.recording, here.watch, self._busy = True, None, True
        try:
            yield
        finally:
            here.recording, here.watch = before
            self._busy = False

    def _standing(self, tensor: Any) -> Tensor:
        """What stands for an argument: what was recorded for it, or a copy of a leaf.

        Raises:
            RuntimeError: if a result was changed behind the back of its graph.
        """
        values, known, node = numbers(tensor), standing_for(tensor), maker(tensor)
        if known is not None and same(known.array, values) and bool(known.requires_grad) == tensor.requires_grad:
            return known
        if node is not None and known is not None:
            raise RuntimeError(
                f"a result of PyTorch of shape {tuple(tensor.shape)}, made by {called(node)}, was changed where its "
                "graph does not see it, through .data or inside no_grad(), so that its gradient would be that of other "
                "numbers: compute a new tensor, x = x * 2"
            )
        found = None if node is None else self._unseen(tensor, inside=True)
        return self._leaf(tensor, values) if found is None else found

    def _unseen(self, tensor: Any, *, inside: bool) -> Tensor | None:
        found = record_unseen(tensor, self._standing, inside=inside)
        if found is not None:
            self.by_torch[called(tensor.grad_fn)] = "computed where nobody could look: compiled, transformed or before"
        return found

    def _leaf(self, tensor: Any, values: Any) -> Tensor:
        kind = Parameter if isinstance(tensor, torch().nn.Parameter) else wrap
        made = kind(np.array(values), bool(tensor.requires_grad))
        made.place = self._place
        made.name = self.names.get(tensor) or local_name(tensor)
        for hook in (tensor._backward_hooks or {}).values() if tensor.requires_grad else ():
            made.register_hook(partial(_hooked, hook, like(tensor)))
        keep_copy(tensor, made)
        return made

    def _hook(self, func: Any, tensor: Any, hook: Any) -> Any:
        """Register a hook on what stands for a tensor, too; it is asked as long as PyTorch's is there."""
        handle, kind = func(tensor, hook), like(tensor)

        def asked(gradient: Tensor) -> Tensor | None:
            return _hooked(hook, kind, gradient) if handle.id in (handle.hooks_dict_ref() or ()) else None

        self._standing(tensor).register_hook(asked)
        return handle


def _hooked(hook: Any, kind: Like, gradient: Tensor) -> Tensor | None:
    with torch()._C.DisableTorchFunction(), torch().no_grad():
        changed = hook(restored(gradient.array, kind))
    return None if changed is None else wrap(np.array(numbers(changed)))


def _version(tensor: Any) -> int:
    return -1 if tensor.is_inference() else int(tensor._version)
