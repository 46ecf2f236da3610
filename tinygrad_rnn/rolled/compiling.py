"""``compile``: a function of tensors that runs as the program it was found to be, with its history and its gradients."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..engine.graph import Node, clock
from ..engine.lifetime import handed_out
from ..engine.modes import following
from ..engine.primitive import Jointly, Primitive
from ..engine.scope import here
from ..engine.versions import touch
from ..numbers.random import get_rng_state, set_rng_state
from ..ops.shaping import getitem, reshape
from ..surface.tensor import Tensor
from .program import Program
from .recording import Calls, Leaf, Recording, difference, users_line
from .values import Refusal

MOST = 16  # programs of one function
_PLAIN = (bool, int, float, str, type(None))


def _leaves(value: Any) -> Iterator[Any]:
    """What lies in nested tuples, lists and dictionaries."""
    if isinstance(value, tuple | list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
    else:
        yield value


def _mapped(value: Any, new: Iterator[Any]) -> Any:
    """The same nesting with others in it."""
    if isinstance(value, dict):
        return {word: _mapped(each, new) for word, each in value.items()}
    if isinstance(value, tuple | list):
        parts = [_mapped(each, new) for each in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return next(new)


def _form(value: Any) -> Any:
    """What of an argument decides which program it is."""
    if isinstance(value, Node):
        return value.array.shape, value.array.dtype.char, bool(value.tracked)
    if isinstance(value, dict):
        return "dict", tuple((word, _form(each)) for word, each in value.items())
    if isinstance(value, tuple | list):
        return type(value), tuple(map(_form, value))
    if isinstance(value, _PLAIN):
        return type(value), value
    raise Refusal(f"an argument is a {type(value).__name__}; tensors, numbers and nestings of them can be arguments")


class Plan:
    """One program of a function: for one form of its arguments, its modes and the tensors it reads."""

    def __init__(self, program: Program, result: Any, tensors: Sequence[Leaf]) -> None:
        self.program, self.result = program, result
        self.held = [(leaf.node, leaf.array, bool(leaf.node.tracked)) for leaf in tensors if leaf.node is not None]
        self.parameters = [node for node in program.wanted if not any(leaf.node is node for leaf in program.leaves)]
        self.positions = [leaf.position for leaf in program.leaves]
        where = {id(leaf.node): leaf.position for leaf in program.leaves}
        # Where the gradient of each wanted value goes: to an argument, or to a parameter.
        self.wanted = [where.get(id(node)) for node in program.wanted]
        self.inputs = [k for k in self.wanted if k is not None]
        self.shapes = program.shapes
        self.serial = 0
        self.primitive = Primitive("program", self._forward, Jointly(self._backward))

    def holds(self) -> bool:
        """Whether the tensors it reads are still those arrays."""
        return all(node.array is array and bool(node.tracked) is tracked for node, array, tracked in self.held)

    def _forward(self, *arrays: Any, call: list[int]) -> Any:
        self.serial = call[0] = self.serial + 1
        results = self.program.forward(*arrays[: len(self.positions)])
        if len(results) == 1:
            return np.array(results[0])
        return np.concatenate([each.reshape(-1) for each in results])

    def _backward(self, g: Any, y: Any, *arrays: Any, call: list[int]) -> list[Any]:
        if isinstance(g, Node):
            raise RuntimeError(
                "a compiled function keeps no graph of its own, so that its gradient cannot be differentiated again; "
                "call the function itself where create_graph=True is needed (`fast.eager(...)`)"
            )
        for array in arrays:
            if type(array) is not np.ndarray:
                array + 0  # was changed since, and says so
        if call[0] != self.serial:  # another call has used the buffers since
            self._forward(*arrays, call=call)
        if not self.program.seeds:
            found = self.program.backward()
            found = tuple(np.array(each) if g == 1 else each * g for each in found)
        elif len(self.shapes) == 1:
            found = tuple(map(np.array, self.program.backward(g)))
        else:
            seeds, start = [], 0
            for shape in self.shapes:
                stop = start + int(np.prod(shape))
                seeds.append(g[start:stop].reshape(shape))
                start = stop
            found = tuple(map(np.array, self.program.backward(*seeds)))
        by_argument = {position: each for position, each in zip(self.wanted, found, strict=True) if position is not None}
        ours = [each for position, each in zip(self.wanted, found, strict=True) if position is None]
        return [by_argument.get(position) for position in self.positions] + ours

    def run(self, tensors: Sequence[Any]) -> Any:
        """The results with their history."""
        made = self.primitive(*[tensors[k] for k in self.positions], *self.parameters, call=[0])
        if len(self.shapes) == 1:
            return _mapped(self.result, iter([made]))
        parts, start = [], 0
        for shape in self.shapes:
            stop = start + int(np.prod(shape))
            parts.append(reshape(getitem(made, index=slice(start, stop)), shape=shape))
            start = stop
        return _mapped(self.result, iter(parts))


class Compiled:
    """A function, or a module, that is run as a program; see `compile`. What it does not have itself it takes from it."""

    def __init__(self, f: Callable[..., Any], backend: str = "auto") -> None:
        self.eager, self.backend = f, backend
        self._plans: dict[Any, Plan | str] = {}
        self._by_value: set[int] = set()  # arguments that Python reads
        self._warned: set[str] = set()
        self._names = _parameter_names(f)
        self._read = list(_outside(f))
        self._modules = [m for module in _modules(f, self._read) for m in module.modules()]
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
            next(iter(_leaves(result))).backward()
            return _mapped(result, iter([each.detach() for each in _leaves(result)]))
        program = plan.program
        results = program.forward(*[tensors[k].array for k in plan.positions])
        for node, position, g in zip(program.wanted, plan.wanted, program.backward(), strict=True):
            leaf: Any = node if position is None else tensors[position]
            if leaf._grad is None:
                leaf._grad = handed_out(leaf, g)
            else:
                leaf._grad.array += g
                touch(leaf._grad)
        return _mapped(plan.result, iter([Tensor.fresh(np.array(each)) for each in results]))

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
        for (form, *_), plan in self._plans.items():
            shapes = ", ".join(str(each[0]) for each in _leaves_of_form(form)) or "no tensors"
            if isinstance(plan, str):
                lines.append(f"{shapes}: as it is written, since {plan}")
            else:
                loops = ", ".join(f"{n} steps" for n in plan.program.loops) or "none"
                lines.append(f"{shapes}: a program in numpy of {plan.program.recorded} operations; loops: {loops}")
        return "\n".join(lines) or "nothing was computed yet"

    # Which program it is

    def _key(self, args: Any, kwargs: Any, tensors: Sequence[Any], use: str) -> Any:
        outside = tuple(v if isinstance(v := place(), _PLAIN) else id(v) for place in self._read)
        first = {id(each.array): k for k, each in reversed(list(enumerate(tensors)))}
        same = tuple(first[id(each.array)] for each in tensors) if len(first) < len(tensors) else ()
        read = tuple((k, tensors[k].array.tobytes()) for k in self._by_value if k < len(tensors))
        modes = bool(here.recording), here.inference, *[module.training for module in self._modules]
        return (_form(args), _form(kwargs)), use, modes, outside, same, read

    def _plan(self, args: Any, kwargs: Any, use: str) -> tuple[Plan | None, list[Any], Callable[[], Any]]:
        """The program, its tensors and, where there is none (yet), how to get the result."""
        tensors = [each for each in _leaves((args, kwargs)) if isinstance(each, Node)]

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
            given = enumerate(_leaves((args, kwargs)))
            others = iter([_other(each, k) if isinstance(each, Node) else each for k, each in given])
            changed = _mapped((args, kwargs), others)
            stand_ins = [each for each in _leaves(changed) if isinstance(each, Node)]
            for k in self._by_value:
                stand_ins[k].array[...] = tensors[k].array
            two, _ = self._recorded(*changed, stand_ins)
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
            for k, each in enumerate(tensors):
                if each.array.dtype.kind in "iub" and np.may_share_memory(each.array, read.array):
                    self._by_value.add(k)
                    return
            problems.append(f"what is computed may depend on numbers that {what} has read ({users_line()})")

        since, changed = clock.tick(), clock.last_change
        calls, before, recording = Calls(), following.told, here.recording
        following.told, here.recording = told, True  # what is not to be recorded is the same computation
        try:
            with calls.on():
                result = self.eager(*args, **kwargs)
        finally:
            following.told, here.recording = before, recording
        if clock.last_change != changed:
            problems.append("a tensor is changed in place; compute a new one, x = x + 1 rather than x += 1")
        found = list(_leaves(result))
        if not recording:
            result = _mapped(result, iter([each.detach() if isinstance(each, Node) else each for each in found]))
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
        tensors = [each for each in _leaves((args, kwargs)) if isinstance(each, Node)]
        plan = self._plans.get(self._key(args, kwargs, tensors, "once"))
        return plan if isinstance(plan, str) else "an integer is negative, or anomalies are looked for"

    def _say(self, reason: str) -> None:
        if reason not in self._warned:
            self._warned.add(reason)
            warnings.warn(f"{self.__name__} runs as it is written: {reason}", stacklevel=_depth())


def _depth() -> int:
    """How many frames up the user's code is."""
    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(__package__.partition(".")[0]):
        frame, depth = frame.f_back, depth + 1
    return depth


def _other(node: Node, shift: int) -> Node:
    """A tensor like this one with other numbers in it, by other places for every ``shift``."""
    array = node.array
    other = np.roll(array.reshape(-1)[::-1], shift + 1).reshape(array.shape)
    other = other * 0.75 + 0.125 if array.dtype.kind == "f" else other
    made = Tensor.fresh(np.array(other, array.dtype), bool(node.tracked))
    made.name = node.name
    return made


def _parameter_names(f: Any) -> list[str]:
    try:
        return [each for each in inspect.signature(getattr(f, "forward", f)).parameters if each != "self"]
    except (TypeError, ValueError):
        return []


def _outside(f: Any) -> Iterator[Callable[[], Any]]:
    """How to get what a function reads from outside: its closure and the globals it names."""
    plain = inspect.unwrap(f) if inspect.isfunction(f) else getattr(f, "__func__", None)
    code = getattr(plain, "__code__", None)
    if code is None or plain is None:
        return
    for cell in plain.__closure__ or ():
        yield lambda cell=cell: _contents(cell)
    for name in code.co_names:
        if name in plain.__globals__:
            yield lambda name=name: plain.__globals__.get(name)


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing yet
        return None


def _modules(f: Any, read: Sequence[Callable[[], Any]]) -> Iterator[Any]:
    """The modules that a function knows."""
    for each in (f, getattr(f, "__self__", None), *(place() for place in read)):
        if not isinstance(each, type) and callable(getattr(each, "modules", None)) and hasattr(each, "training"):
            yield each


def _leaves_of_form(form: Any) -> Iterator[Any]:
    if isinstance(form, tuple) and len(form) == 3 and isinstance(form[0], tuple) and isinstance(form[2], bool):
        yield form
    elif isinstance(form, tuple):
        for each in form:
            yield from _leaves_of_form(each)


def compile(f: Callable[..., Any] | None = None, *, backend: str = "auto", **options: Any) -> Any:
    """``f`` as a program: loops over time in numpy that compute what it computes, with the same gradients.

    The first call with arguments of a form runs the function and looks at it twice, with the given and with other
    numbers; the calls that follow run the program. It is made anew for other shapes, types, modes, plain numbers and
    tensors that it reads. Tensors that change from call to call must be arguments. Where a program is not possible
    (numbers that Python looks at, changes in place, random numbers) the function runs as it is written, which is said
    once.

    Args:
        f: a function of tensors, or a module; what it gives is a tensor, or a nesting of them.
        backend: "auto" or "numpy".

    ``fast.forward_backward(x, y)`` computes the loss and adds to ``.grad`` in one go, ``fast.program(x, y)`` is the
    text, ``fast.explain()`` says what runs.
    """
    if backend not in ("auto", "numpy", "inductor", "eager"):
        raise ValueError(f"backend is 'auto' or 'numpy'; {backend!r} was given")
    if f is None:
        return lambda function: compile(function, backend=backend)
    return Compiled(f, backend)
