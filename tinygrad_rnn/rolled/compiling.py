"""``compile``: a function of tensors runs as the program it was found to be, with history and gradients."""

from __future__ import annotations

import copy
import inspect
import random
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from operator import attrgetter
from types import MethodType
from typing import Any

import numpy as np

from ..engine.graph import Node, clock
from ..engine.lifetime import fill
from ..engine.modes import IN_PLACE, following
from ..engine.readers import read
from ..engine.refusing import shown
from ..engine.scope import here
from ..engine.versions import is_shared
from ..numbers.dtypes import default, quiet
from ..numbers.random import Generator, get_rng_state, set_rng_state
from ..numbers.settings import no_search_for_garbage
from ..surface.tensor import Tensor
from .arguments import Surroundings, form, is_module, leaves, mapped, other, unlike
from .loops import LoopLayout
from .nests import Nests
from .plan import Plan
from .program import Program
from .recording import Calls, Leaf, Recording, difference, read_anew, users_line
from .values import Refusal

MOST, UNUSED = 16, 4  # programs of one function, and of those for arguments of one form that were never run
TWICE = 2  # of how many calls that change something it is said that they all do


def _tensors(nesting: Any) -> list[Any]:
    return [each for each in leaves(nesting) if isinstance(each, Node)]


def _shapes(tensors: Sequence[Any]) -> str:
    return ", ".join(str(each.array.shape) for each in tensors) or "no tensors"


class Compiled:
    """A function, or a module, run as a program; see `compile`. What it does not have it takes from that."""

    def __init__(self, f: Callable[..., Any], backend: str) -> None:
        self.eager = self.__wrapped__ = f
        self._backend, self._loops = backend, LoopLayout if backend == "numpy" else Nests
        self._plans: dict[Any, Plan | str] = {}  # or why there is none
        self._shapes: dict[Any, str] = {}
        self._by_value: set[int] = set()  # arguments that Python reads
        self._warned: set[str] = set()
        self._surroundings, self._changes = Surroundings(f), 0
        self.__doc__, self.__name__ = getattr(f, "__doc__", None), getattr(f, "__name__", type(f).__name__)
        try:
            self._names = [name for name in inspect.signature(getattr(f, "forward", f)).parameters if name != "self"]
        except (TypeError, ValueError):
            self._names = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "eager":
            raise AttributeError(name)
        return getattr(self.eager, name)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Of a method, that of an object, which keeps its programs."""
        if instance is None:
            return self
        return vars(instance).setdefault(self.__name__, Compiled(MethodType(self.eager, instance), self._backend))

    def __deepcopy__(self, memo: Any) -> Compiled:
        return Compiled(copy.deepcopy(self.eager, memo), self._backend)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function gives, with its history: ``backward()`` runs the backward pass of the program."""
        if following.told is not None:  # whoever follows looks inside
            return self.eager(*args, **kwargs)
        tensors = _tensors((args, kwargs))
        plan = self._plan(args, kwargs, tensors, "")
        if isinstance(plan, Plan):
            return plan.run(tensors)
        return self._first(args, kwargs, "") if plan is None else self.eager(*args, **kwargs)

    def forward_backward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the function, add the gradients of its (first) result to ``.grad`` and return the results, detached.

        Raises:
            RuntimeError: if the first result is no single number.
        """
        tensors = _tensors((args, kwargs))
        plan = self._plan(args, kwargs, tensors, "once")
        known = [*tensors, *plan.parameters] if isinstance(plan, Plan) and plan.one else []
        if not known or not here.recording or any(each.hooks or each.primitive for each in known):
            result = self._first(args, kwargs, "once") if plan is None else self.eager(*args, **kwargs)
            first = next(iter(leaves(result)), None)
            if not isinstance(first, Tensor):
                raise RuntimeError(
                    f"forward_backward() needs a result that is a tensor of a single number, and {self.__name__} gives "
                    f"{shown(result)}; call it without forward_backward(), or let it return the loss first"
                )
            first.backward()
            return mapped(
                result, iter([each.detach() if isinstance(each, Tensor) else each for each in leaves(result)])
            )
        assert isinstance(plan, Plan)
        program, tensors = plan.program, plan.tensors(tensors)
        results = quiet.call(program.plain_forward, *[each.array for each in tensors[: len(program.leaves)]])
        plan.serial += 1  # the buffers belong to this call
        gradients = quiet.call(program.plain_backward)
        made = zip(tensors, plan.gradients, strict=True)
        for leaf, g, _ in list(read((leaf, gradients[each[0]], ()) for leaf, each in made if each)):
            fill(leaf, g)
        return mapped(plan.result, iter([Tensor.fresh(np.array(each)) for each in results]))

    def program(self, *args: Any, **kwargs: Any) -> Program:
        """The program for these arguments.

        Raises:
            RuntimeError: if it is none, with the reason.
        """
        tensors = _tensors((args, kwargs))
        plan = self._plan(args, kwargs, tensors, "once")
        for _ in range(TWICE):
            if plan is None:
                state = get_rng_state()
                self._first(args, kwargs, "once")
                set_rng_state(state)
                plan = self._plan(args, kwargs, tensors, "once")
        if not isinstance(plan, Plan):
            raise RuntimeError(f"{self.__name__} runs as it is written: {plan}")
        plan.serial += 1  # somebody wanted it, see `_never_run`
        return plan.program

    def explain(self) -> str:
        """A line for every form of arguments: what runs, a program or the function as it is written, and why."""
        lines = []
        for key, plan in self._plans.items():
            if isinstance(plan, str):
                lines.append(f"{self._shapes[key]}: as it is written, since {plan}")
            else:
                loops = ", ".join(f"{n} steps" for n in plan.program.loops) or "none"
                recorded = plan.program.recorded
                made = f"{self._shapes[key]}: a program in {self._backend} of {recorded} operations; loops: {loops}"
                lines.append("; ".join([made, *plan.program.notes]))
        return "\n".join(lines) or "nothing was computed yet"

    # Which program it is

    def _key(self, args: Any, kwargs: Any, tensors: list[Any], use: str) -> Any:
        which = [id(each.array) for each in tensors]
        same = tuple(map(which.index, which)) if len(set(which)) < len(which) else ()
        read = tuple([(k, tensors[k].array.tobytes()) for k in self._by_value if k < len(tensors)])
        modes = bool(here.recording), here.inference, default.dtype
        return (form(args), form(kwargs)), use, modes, self._surroundings.marks(), same, read

    def _plan(self, args: Any, kwargs: Any, tensors: list[Any], use: str) -> Plan | str | None:
        """What runs: the program, or the function for this reason; None if that is to be found out."""
        if here.watch is not None:
            return "anomalies are looked for"
        numbers = [each.array for each in tensors]
        if any(each.size and each.min() < 0 for each in numbers if each.dtype.kind == "i"):
            return "an integer is negative"  # an error, or a class that does not count: that is for the function to say
        try:
            key = self._key(args, kwargs, tensors, use)
        except Refusal as reason:
            return self._say(str(reason))
        anyhow = *key[:3], None, *key[4:]  # whatever it reads beside its arguments
        plan = self._plans.get(key) or self._plans.get(anyhow)
        if plan is None and self._never_run(key) >= UNUSED:
            self._shapes[anyhow] = _shapes(tensors)
            plan = self._plans[anyhow] = self._say(
                "what it reads beside its arguments (a number or a list of a closure, a global or a module) is another "
                "at every call; make it an argument, or a tensor that stays"
            )
        return None if isinstance(plan, Plan) and not plan.holds() else plan

    def _never_run(self, key: Any) -> int:
        """How many programs were made for such arguments, with other surroundings, and not run a second time."""
        same = (plan for k, plan in self._plans.items() if (*k[:3], *k[4:]) == (*key[:3], *key[4:]))
        return sum(isinstance(plan, Plan) and not plan.serial for plan in same)

    def _first(self, args: Any, kwargs: Any, use: str) -> Any:
        """The result as it is written, and the program for the calls that follow."""
        with no_search_for_garbage():
            return self._looked_at(args, kwargs, use)

    def _looked_at(self, args: Any, kwargs: Any, use: str) -> Any:
        tensors, before = _tensors((args, kwargs)), self._surroundings.values()
        recording, result = self._recorded(args, kwargs)
        changing = unlike(before, self._surroundings.values())
        if changing:
            self._changes += 1
            if self._changes < TWICE:  # what is made when it is first called is there then
                return result
            recording = (
                "it changes what it knows beside its arguments (an attribute, a list, a dictionary, a global), and a "
                "program would not; let it give that back, and keep it outside"
            )
        key = self._key(args, kwargs, tensors, use)
        key = (*key[:3], None, *key[4:]) if changing else key
        if len(self._plans) >= MOST and key not in self._plans:
            self._plans.pop(next(iter(self._plans)))
            self._say(f"it has been given more than {MOST} forms of arguments, and the oldest program is forgotten")
        self._shapes[key] = _shapes(tensors)
        try:
            self._plans[key] = Plan(self._made(recording, args, kwargs, use), result)
        except Refusal as reason:
            self._plans[key] = self._say(str(reason))
        except Exception as error:  # nobody's training ends for it
            fault = f"{type(error).__name__}: {error}"
            self._plans[key] = self._say(f"no program could be made, which is a fault of this package ({fault})")
        return result

    def _made(self, one: Recording | str, args: Any, kwargs: Any, use: str) -> Program:
        """The program, if other data make the same computation."""
        if isinstance(one, str):
            raise Refusal(one)
        tensors, state = _tensors((args, kwargs)), get_rng_state()
        others = random.getstate(), np.random.get_state()  # of whom the function may draw too
        made = {id(each): other(each, k) for k, each in enumerate(tensors)}  # what is given twice stays one
        for k in self._by_value:
            made[id(tensors[k])].array[...] = tensors[k].array
        changed = mapped((args, kwargs), iter([made.get(id(each), each) for each in leaves((args, kwargs))]))
        try:
            two, _ = self._recorded(changed[0], changed[1], again=True)
        except Exception as error:
            raise Refusal(f"it fails with other numbers, {type(error).__name__}: {error}") from None
        finally:
            set_rng_state(state)
            random.setstate(others[0])
            np.random.set_state(others[1])
        what = two if isinstance(two, str) else difference(one, two)
        if isinstance(two, str) or what is not None:
            raise Refusal(what)
        read_anew(one, two)
        # Of the second recording, for there no two arguments hold the same numbers.
        once = use == "once"
        return Program(two, once=once, back=bool(here.recording), seeded=not once, loops=self._loops)

    def _recorded(self, args: Any, kwargs: Any, again: bool = False) -> tuple[Recording | str, Any]:
        """What the function did and what it gave; a sentence instead if that cannot be a program."""
        tensors = _tensors((args, kwargs))
        problems: list[str] = []

        def told(what: str, read: Any) -> None:
            if what == IN_PLACE:
                problems.append("a tensor is changed in place; compute a new one, x = x + 1 rather than x += 1")
                return
            for k, each in enumerate(tensors):
                if each.array.dtype.kind in "iub" and np.may_share_memory(each.array, read.array):
                    self._by_value.add(k)
                    return
            made = read.primitive is None and read.birth > since and not is_shared(read)
            if made and id(read.array) not in calls.made:
                return  # made in the function of numbers that were told of, such as the sizes of a PackedSequence
            line = ":".join(map(str, users_line()))
            problems.append(f"what is computed may depend on numbers that {what} has read ({line})")

        drawn: list[Any] = []
        draws: list[Any] = []

        def draw(function: Callable[..., Any], *given: Any) -> Any:
            if any(isinstance(each, Generator) for each in given):
                problems.append("random numbers are drawn from a generator of your own; use tg.manual_seed")
            drawn.append(function(*given))
            draws.append((function, *given))
            return drawn[-1]

        since = clock.tick()
        calls, layers, recording = Calls(lines=again), list[Any](), here.recording
        before = following.told, following.drawn, following.layers, following.grad, following.any_numbers
        following.told, following.drawn, following.layers = told, draw, layers
        following.grad, following.any_numbers = bool(recording), again
        here.recording = True  # what is not to be recorded is the same computation
        try:
            with calls.on():
                result = self.eager(*args, **kwargs)
        finally:
            following.told, following.drawn, following.layers, following.grad, following.any_numbers = before
            here.recording = recording
        found = leaves(result)
        if not recording:
            result = mapped(result, iter([each.detach() if isinstance(each, Tensor) else each for each in found]))
        if not problems and not (
            found and all(isinstance(each, Node) and each.array.dtype.kind == "f" for each in found)
        ):
            problems.append("it gives something that is no tensor of real numbers")
        if problems:
            return problems[0], result
        names = [*self._names, *[None] * len(tensors)]
        given = [Leaf(each.array, each, position=k, name=each.name or names[k]) for k, each in enumerate(tensors)]
        given += [Leaf(each, position=k, name="mask") for k, each in enumerate(drawn, start=len(tensors))]
        try:
            return Recording(found, given, calls, since, draws, layers), result
        except (Refusal, RuntimeError) as reason:
            return str(reason), result

    def _say(self, reason: str) -> str:
        """Say once why it runs as it is written, at the line of whoever calls."""
        if reason not in self._warned:
            self._warned.add(reason)
            warnings.warn_explicit(f"{self.__name__} runs as it is written: {reason}", UserWarning, *users_line())
        return reason


class _Module:
    """What a module has besides when it was compiled: calling it runs the program, and all it holds is the module's."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        fast: Any = self
        return fast.compiled(*args, **kwargs)

    def __deepcopy__(self, memo: Any) -> Any:
        fast: Any = self
        return _module(copy.deepcopy(fast.compiled, memo))


for _name in ("eager", "explain", "forward_backward", "program"):
    setattr(_Module, _name, property(attrgetter(f"compiled.{_name}")))


def _module(fast: Compiled) -> Any:
    """A module of the same class that shares what the given one holds: parameters, parts, modes, hooks and names."""
    kind = type(fast.eager)
    also = {"__slots__": ("compiled",), "__module__": kind.__module__, "__doc__": kind.__doc__}
    made: Any = object.__new__(type(kind.__name__, (_Module, kind), also))
    object.__setattr__(made, "__dict__", vars(fast.eager))
    object.__setattr__(made, "compiled", fast)
    return made


def compile(
    model: Callable[..., Any] | None = None, *, fullgraph: bool = False, dynamic: bool | None = None,
    backend: str = "auto", mode: str | None = None, options: Any = None, disable: bool = False,
) -> Any:  # fmt: skip
    """A function of tensors, or a module, as a program: loops over time in numpy with the same results and gradients.

    The first call with arguments of a form runs the function and looks at it twice, with the given and with other
    numbers; the calls that follow run the program. It is made anew for other shapes, types, modes and plain
    numbers, and if anything else is another that the function reads: globals, closures, what modules, hooks, lists,
    dictionaries and objects hold; for at most 16 forms at a time. Dropout draws the numbers that the function would
    draw. Where there can be no program (Python goes by numbers, something is changed in place or kept outside, other
    random numbers are drawn) the function runs as it is written, which is said once, with the line.

    A compiled module is a module: of the same class, with the same parts and parameters. As a decorator it also
    compiles methods, for each object anew.

    ``fast.forward_backward(x, y)`` computes the loss and adds to ``.grad`` in one go, ``fast.program(x, y)`` is the
    text, ``fast.explain()`` says what runs, ``fast.eager`` is the function.

    Args:
        model: what is computed; it gives a tensor of real numbers or a nesting of such.
        backend: "numpy", or "numba": loops are compiled to machine code (``pip install 'tinygrad-rnn[fast]'``), which
            takes seconds at the first call of all and is kept for the next start; sums may be added up in another
            order. What cannot be compiled is numpy's, as ``explain()`` says. "auto" means "numpy", as does
            "inductor", PyTorch's default.
        disable: leave it as it is.
        fullgraph, dynamic, mode, options: PyTorch's, without effect.

    Raises:
        ValueError: for another backend.

    >>> fast = tg.compile(lambda x: (x * x).sum())
    >>> fast(tg.tensor([1.0, 2.0]))
    tensor(5.)
    """
    if backend not in ("auto", "numpy", "numba", "inductor"):
        raise ValueError(f"backend is 'auto', 'numpy' or 'numba'; {backend!r} was given")
    if backend == "numba" and (find_spec("numba") is None or find_spec("scipy") is None):
        raise ImportError("backend='numba' needs numba and scipy: pip install 'tinygrad-rnn[fast]'")
    if model is None:
        return partial(compile, backend=backend, disable=disable)
    if disable:
        return model
    fast = Compiled(model, "numba" if backend == "numba" else "numpy")
    return _module(fast) if is_module(model) else fast
