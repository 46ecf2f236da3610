"""``compile``: a function of tensors runs as the program it was found to be, with history and gradients."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..engine.graph import Node, clock
from ..engine.lifetime import handed_out
from ..engine.modes import IN_PLACE, following
from ..engine.scope import here
from ..engine.versions import touch
from ..numbers.dtypes import quiet
from ..numbers.random import get_rng_state, set_rng_state
from ..surface.tensor import Tensor
from .arguments import attributes, form, leaves, leaves_of_form, mapped, mark, modules, other, outside, parameter_names
from .calls import Calls, users_line
from .plan import Plan
from .program import Program
from .recording import Leaf, Recording, difference
from .values import Refusal

MOST = 16  # programs of one function


class Compiled:
    """A function, or a module, run as a program; see `compile`. What it does not have it takes from that."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.eager = f
        self._plans: dict[Any, Plan | str] = {}
        self._by_value: set[int] = set()  # arguments that Python reads
        self._warned: set[str] = set()
        self._names = parameter_names(f)
        self._read = list(outside(f))
        self._holders = [m for module in modules(f, self._read) for m in module.modules()]
        self._holders.append(getattr(f, "__self__", None))
        self.__doc__, self.__name__ = getattr(f, "__doc__", None), getattr(f, "__name__", type(f).__name__)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "eager":
            raise AttributeError(name)
        return getattr(self.eager, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function gives, with its history: ``backward()`` runs the backward pass of the program."""
        plan, tensors, first = self._plan(args, kwargs, "")
        if plan is None:
            return first()
        return plan.run(tensors)

    def forward_backward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the function, add the gradients of its (first) result to ``.grad`` and return the results, detached.

        Raises:
            RuntimeError: if the first result is no single number.
        """
        plan, tensors, first = self._plan(args, kwargs, "once")
        if plan is None or not self._plain(plan, tensors):
            result = first() if plan is None else self.eager(*args, **kwargs)
            next(iter(leaves(result))).backward()
            return mapped(result, iter([each.detach() for each in leaves(result)]))
        program = plan.program
        results = quiet.call(program.plain_forward, *[tensors[k].array for k in plan.positions])
        plan.serial += 1  # the buffers belong to this call
        gradients = quiet.call(program.plain_backward)
        for node, position, g in zip(program.wanted, plan.wanted, gradients, strict=True):
            leaf: Any = node if position is None else tensors[position]
            if leaf._grad is None:
                leaf._grad = handed_out(leaf, g)
            else:
                leaf._grad.array += g
                touch(leaf._grad)
        return mapped(plan.result, iter([Tensor.fresh(np.array(each)) for each in results]))

    def _plain(self, plan: Plan, tensors: Sequence[Any]) -> bool:
        """Whether all gradients go to leaves without hooks."""
        leaves = [*plan.parameters, *(tensors[k] for k in plan.inputs)]
        return bool(here.recording) and not any(leaf.hooks or leaf.primitive is not None for leaf in leaves)

    def program(self, *args: Any, **kwargs: Any) -> Program:
        """The program for these arguments.

        Raises:
            RuntimeError: if it is none, with the reason.
        """
        plan, _, first = self._plan(args, kwargs, "once")
        if plan is None:
            state = get_rng_state()
            first()
            set_rng_state(state)
            plan, *_ = self._plan(args, kwargs, "once")
        if plan is None:
            raise RuntimeError(f"{self.__name__} runs as it is written: {self._reason(args, kwargs)}")
        return plan.program

    def explain(self) -> str:
        """A line for every form of arguments: what runs, a program or the function as it is written, and why."""
        lines = []
        for (given, *_), plan in self._plans.items():
            shapes = ", ".join(str(each[0]) for each in leaves_of_form(given)) or "no tensors"
            if isinstance(plan, str):
                lines.append(f"{shapes}: as it is written, since {plan}")
            else:
                loops = ", ".join(f"{n} steps" for n in plan.program.loops) or "none"
                lines.append(f"{shapes}: a program in numpy of {plan.program.recorded} operations; loops: {loops}")
        return "\n".join(lines) or "nothing was computed yet"

    # Which program it is

    def _key(self, args: Any, kwargs: Any, tensors: Sequence[Any], use: str) -> Any:
        outside = [place() for place in self._read]
        held = tuple(each for holder in (*self._holders, *outside) for each in attributes(holder))
        first = {id(each.array): k for k, each in reversed(list(enumerate(tensors)))}
        same = tuple(first[id(each.array)] for each in tensors) if len(first) < len(tensors) else ()
        read = tuple((k, tensors[k].array.tobytes()) for k in self._by_value if k < len(tensors))
        modes = bool(here.recording), here.inference
        return (form(args), form(kwargs)), use, modes, tuple(map(mark, outside)), held, same, read

    def _plan(self, args: Any, kwargs: Any, use: str) -> tuple[Plan | None, list[Any], Callable[[], Any]]:
        """The program, its tensors and, where there is none (yet), how to get the result."""
        tensors = [each for each in leaves((args, kwargs)) if isinstance(each, Node)]

        def eager() -> Any:
            return self.eager(*args, **kwargs)

        # Negative places are errors, or classes that do not count: that is for the function to say.
        if here.watch is not None or any(
            each.array.dtype.kind == "i" and each.array.size and each.array.min() < 0 for each in tensors
        ):
            return None, tensors, eager
        try:
            key = self._key(args, kwargs, tensors, use)
        except Refusal as reason:
            self._say(str(reason))
            return None, tensors, eager
        plan = self._plans.get(key)
        if isinstance(plan, Plan) and plan.holds():
            return plan, tensors, eager
        if isinstance(plan, str):
            return None, tensors, eager
        return None, tensors, lambda: self._first(args, kwargs, tensors, use)

    def _first(self, args: Any, kwargs: Any, tensors: list[Any], use: str) -> Any:
        """The result as it is written, and the program for the calls that follow."""
        recording, result = self._recorded(args, kwargs, tensors)
        key = self._key(args, kwargs, tensors, use)
        if len(self._plans) >= MOST and key not in self._plans:
            self._plans.pop(next(iter(self._plans)))
            self._say(f"it has been given more than {MOST} forms of arguments, and the oldest program is forgotten")
        try:
            if isinstance(recording, str):
                raise Refusal(recording)
            self._plans[key] = self._made(recording, result, args, kwargs, tensors, use)
        except Refusal as reason:
            self._plans[key] = str(reason)
            self._say(str(reason))
        return result

    def _made(self, one: Recording, result: Any, args: Any, kwargs: Any, tensors: list[Any], use: str) -> Plan:
        """The program, if other data make the same computation."""
        state = get_rng_state()
        try:
            made = {id(each): other(each, k) for k, each in enumerate(tensors)}  # what is given twice stays one
            changed = mapped((args, kwargs), iter([made.get(id(each), each) for each in leaves((args, kwargs))]))
            stand_ins = [each for each in leaves(changed) if isinstance(each, Node)]
            for k in self._by_value:
                stand_ins[k].array[...] = tensors[k].array
            two, _ = self._recorded(changed[0], changed[1], stand_ins)
        finally:
            set_rng_state(state)
        if isinstance(two, str):
            raise Refusal(two)
        if (what := difference(one, two)) is not None:
            raise Refusal(what)
        # Of the second recording, for there no two arguments hold the same numbers.
        program = Program(two, two.given, once=use == "once", back=bool(here.recording))
        return Plan(program, result, program.tensors)

    def _recorded(self, args: Any, kwargs: Any, tensors: list[Any]) -> tuple[Recording | str, Any]:
        """What the function did and what it gave; a sentence instead if that cannot be a program."""
        problems: list[str] = []

        def told(what: str, read: Any) -> None:
            if what == IN_PLACE:
                problems.append("a tensor is changed in place; compute a new one, x = x + 1 rather than x += 1")
                return
            for k, each in enumerate(tensors):
                if each.array.dtype.kind in "iub" and np.may_share_memory(each.array, read.array):
                    self._by_value.add(k)
                    return
            problems.append(f"what is computed may depend on numbers that {what} has read ({users_line()})")

        since = clock.tick()
        calls, before, recording = Calls(), following.told, here.recording
        following.told, here.recording = told, True  # what is not to be recorded is the same computation
        try:
            with calls.on():
                result = self.eager(*args, **kwargs)
        finally:
            following.told, here.recording = before, recording
        found: list[Any] = list(leaves(result))
        if not recording:
            result = mapped(result, iter([each.detach() if isinstance(each, Tensor) else each for each in found]))
        if not problems and not all(isinstance(each, Node) and each.array.dtype.kind == "f" for each in found):
            problems.append("it gives something that is no tensor of real numbers")
        if problems:
            return problems[0], result
        names = self._names
        given = [
            Leaf(each.array, each, position=k, name=each.name or (names[k] if k < len(names) else None))
            for k, each in enumerate(tensors)
        ]
        try:
            return Recording(found, given, calls, since), result
        except (Refusal, RuntimeError) as reason:
            return str(reason), result

    def _reason(self, args: Any, kwargs: Any) -> str:
        tensors = [each for each in leaves((args, kwargs)) if isinstance(each, Node)]
        plan = self._plans.get(self._key(args, kwargs, tensors, "once"))
        return plan if isinstance(plan, str) else "an integer is negative, or anomalies are looked for"

    def _say(self, reason: str) -> None:
        if reason not in self._warned:
            self._warned.add(reason)
            warnings.warn(f"{self.__name__} runs as it is written: {reason}", stacklevel=_depth())


def _depth() -> int:
    """How many frames up the user's code is."""
    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(__name__.partition(".")[0]):
        frame, depth = frame.f_back, depth + 1
    return depth


def compile(
    model: Callable[..., Any] | None = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: str = "auto",
    mode: str | None = None,
    options: Any = None,
    disable: bool = False,
) -> Any:
    """A function of tensors, or a module, as a program: loops over time in numpy with the same results and gradients.

    The first call with arguments of a form runs the function and looks at it twice, with the given and with other
    numbers; the calls that follow run the program. It is made anew for other shapes, types, modes, plain numbers
    and tensors that are read, for at most 16 forms at a time; numbers and parameters that modules and the objects
    it knows hold count with these. Tensors that change from call to call must be arguments, as must what lies
    deeper in objects. Where there can be no program (Python goes by numbers, something is changed in place, random
    numbers are drawn) the function runs as it is written, which is said once, with the line.

    ``fast.forward_backward(x, y)`` computes the loss and adds to ``.grad`` in one go, ``fast.program(x, y)`` is the
    text, ``fast.explain()`` says what runs, ``fast.eager`` is the function.

    Args:
        model: what is computed; it gives a tensor of real numbers or a nesting of such.
        backend: "auto" or "numpy", both numpy; "inductor", PyTorch's default, means "auto".
        disable: leave it as it is.
        fullgraph, dynamic, mode, options: PyTorch's, without effect.

    Raises:
        ValueError: for another backend.
    """
    if backend not in ("auto", "numpy", "inductor"):
        raise ValueError(f"backend is 'auto' or 'numpy'; {backend!r} was given")
    if model is None:
        return partial(compile, backend=backend, disable=disable)
    return model if disable else Compiled(model)
