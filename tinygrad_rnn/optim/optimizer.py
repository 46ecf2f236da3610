"""Optimizer: what all optimisers share – groups of parameters, their state, saving and loading it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from difflib import get_close_matches
from typing import Any, ClassVar, TypedDict

import numpy as np

from ..engine.modes import enable_grad
from ..engine.versions import keep
from ..surface.tensor import Tensor, wrap
from .together import ENTRYWISE, FEW, Batch, Item, batches

Array = np.ndarray[Any, Any]
Group = dict[str, Any]
State = dict[str, Any]
MOST_SPARE = 300  # scratch arrays, of which other parameters in each step would need more and more
NOT_NEGATIVE = (
    *("lr", "eps", "weight_decay", "momentum", "alpha", "lr_decay", "initial_accumulator_value"),
    "momentum_decay",
)
LATER = {"maximize", "decoupled_weight_decay", "amsgrad"}  # options that earlier state dicts do not have


class Implementation(TypedDict, total=False):
    """PyTorch's arguments that choose how a step is computed: there is one way here, and they are forgotten."""

    foreach: bool | None
    fused: bool | None
    capturable: bool
    differentiable: bool


def options(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The options among the arguments of an optimiser's constructor, which are its ``locals()``."""
    kind = type(arguments["self"]).__name__
    for name, value in arguments.get("how", {}).items():
        if name not in Implementation.__annotations__:
            raise TypeError(f"{kind} has no option {name}: its options are those of inspect.signature({kind}).")
        if value and name in ("capturable", "differentiable"):
            raise ValueError(
                f"{name}={value!r} is not possible: a step changes numbers on the CPU and is not recorded."
            )
    return {name: value for name, value in arguments.items() if name not in ("self", "params", "how", "__class__")}


class Optimizer:
    """Changes parameters in place, by the rule a subclass writes in ``update``.

    Args:
        params: the tensors to optimise, or dictionaries ``{"params": tensors, "lr": ...}``: groups with options of
            their own. Pairs (name, tensor) are accepted too.
        defaults: the options of groups that do not set them.

    ``param_groups`` is the list of groups, whose options may be changed between steps; ``state[parameter]`` holds what
    the rule remembers of a parameter, as numpy arrays and numbers under PyTorch's names.
    """

    #: What a rule remembers as a number and PyTorch as a tensor.
    numbers: ClassVar[Mapping[str, type]] = {"step": int}

    def __init__(self, params: Iterable[Any], defaults: Mapping[str, Any]) -> None:
        self.defaults = dict(defaults)
        self.state: defaultdict[Tensor, State] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self.stepped = False  # schedules of the learning rate ask
        self._spare: dict[tuple[Any, ...], Array] = {}
        self._batches: defaultdict[int, Batch] = defaultdict(Batch)
        if isinstance(params, Tensor | dict):
            one = "tensor" if isinstance(params, Tensor) else "group"
            raise TypeError(f"an optimiser takes a list of {one}s, and one {one} was given: write [{one}].")
        groups = list(params)
        if not groups:
            raise ValueError("the optimiser was given no parameters: pass model.parameters(), freshly called.")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with options of their own, as when a frozen layer is thawed; other entries are kept."""
        if not isinstance(param_group, dict) or "params" not in param_group:
            kind = KeyError if isinstance(param_group, dict) else TypeError
            raise kind(f"a group is a dictionary {{'params': tensors, 'lr': ...}}; {_given(param_group)} was given.")
        given = [param_group["params"]] if isinstance(param_group["params"], Tensor) else list(param_group["params"])
        tensors = [p[1] if isinstance(p, tuple) else p for p in given]
        names = [p[0] for p in given if isinstance(p, tuple)]
        if len(names) not in (0, len(given)) or any(("param_names" in g) != bool(names) for g in self.param_groups):
            raise ValueError("either all parameters of an optimiser come with names, as (name, tensor), or none does.")
        known = {p for group in self.param_groups for p in group["params"]}
        for p in tensors:
            if not isinstance(p, Tensor):
                raise TypeError(f"an optimiser changes tensors; {type(p).__name__} was given.")
            if not p.is_leaf:
                raise ValueError(
                    f"an optimiser changes leaf tensors, and {p.name or 'this tensor'} of shape {p.array.shape} was "
                    "computed from others: pass the parameters it was computed from."
                )
            if p in known:
                raise ValueError(f"{_called(p)} was given twice.")
            known.add(p)
        group = {**param_group, "params": tensors, **({"param_names": names} if names else {})}
        for option in group.keys() - self.defaults.keys():
            for meant in get_close_matches(option, self.defaults, 1, 0.86):
                raise ValueError(f"{type(self).__name__} has no option {option}; did you mean {meant}?")
        for option, value in self.defaults.items():
            group.setdefault(option, value)
        self.check(group)
        self.param_groups.append(group)

    def check(self, group: Group) -> None:
        """Refuse options outside their range."""
        for option in NOT_NEGATIVE:
            if not group.get(option, 0) >= 0:
                raise ValueError(f"{option} cannot be negative; {group[option]!r} was given.")
        if any(isinstance(beta, Tensor) or not 0 <= beta < 1 for beta in group.get("betas", ())):
            raise ValueError(f"betas are two numbers from 0 up to, not including, 1; {group['betas']!r} was given.")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        """The rule: change ``p`` in place, given its gradient. ``g`` must not be changed."""
        raise NotImplementedError(f"{type(self).__name__} has no update(p, g, state, group).")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient; ``closure`` recomputes the loss first and gives the result."""
        loss = None
        self.stepped = True
        if closure is not None:
            with enable_grad():
                loss = closure()
        with np.errstate(all="ignore"):
            self._update_all()
        return loss

    def _update_all(self) -> None:
        number = 0
        for group in self.param_groups:
            if not isinstance(group.get("lr", 0), (int, float)):  # a tensor, which somebody may write to
                group = {**group, "lr": float(group["lr"])}
            rule, alone = self._turned if group.get("maximize") else self.update, list[Item]()
            for p in group["params"]:
                if (gradient := p.grad) is not None:
                    alone.append((p, p.array, gradient.array, self.state[p]))
            if len(alone) >= FEW and alone[0][3] and getattr(self.update, "__func__", None) in ENTRYWISE:
                found, alone = batches(alone)
                for items in found:
                    self._batches[number].move(items, rule, group)
                    number += 1
            for p, array, g, state in alone:
                keep(p)
                rule(array, g, state, group)

    def _turned(self, p: Array, g: Array, state: State, group: Group) -> None:
        self.update(p, np.negative(g, out=self.spare(p, 3)), state, group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: None, or zeros with ``set_to_none=False``."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.detach_().zero_()

    def spare(self, like: Array, number: int = 0) -> Array:
        """A scratch array of the shape and dtype of ``like``, the same one at every call."""
        key = (like.shape, like.dtype, number)
        try:
            return self._spare[key]
        except KeyError:
            if len(self._spare) > MOST_SPARE:
                self._spare.clear()
            return self._spare.setdefault(key, np.empty_like(like))

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on later: ``{"state": {index: ...}, "param_groups": [...]}``, PyTorch's layout.

        Parameters are numbered in the order of the groups; arrays are tensors that share memory with the optimiser's.
        """
        index: dict[Tensor, int] = {}
        groups = []
        for group in self.param_groups:
            for p in group["params"]:
                index[p] = len(index)
            groups.append({**group, "params": [index[p] for p in group["params"]]})
        state = {
            index[p]: {key: _shown(value) for key, value in entries.items()}
            for p, entries in self.state.items()
            if entries
        }
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict()``, also one of PyTorch's. Nothing is loaded if groups or shapes do not fit."""
        try:
            theirs = state_dict["param_groups"]
            states = {number: dict(entries) for number, entries in state_dict["state"].items()}
            sizes, given = [len(g["params"]) for g in self.param_groups], [len(g["params"]) for g in theirs]
        except (AttributeError, TypeError, ValueError, LookupError) as error:
            raise type(error)(
                "load_state_dict takes what state_dict() of an optimiser gave, {'state': ..., 'param_groups': ...}; "
                f"{_given(state_dict)} was given, and nothing was loaded."
            ) from None
        if sizes != given:
            raise ValueError(
                f"this optimiser has groups of {sizes} parameters, the state dict has groups of {given}; nothing was "
                "loaded."
            )
        loaded: dict[Tensor, State] = {}
        ours = type(self).update.__module__.startswith(__name__.partition(".")[0])  # a rule of one's own may know less
        for group, other in zip(self.param_groups, theirs, strict=True):
            missing = self.defaults.keys() - LATER - other.keys() if ours else set()
            for number, p in zip(other["params"], group["params"], strict=True):
                if (entries := states.get(number)) is not None:
                    loaded[p] = {key: self.own(key, value, p) for key, value in entries.items()}
                    missing = missing or (self._remembered(p, {**group, **other}) - entries.keys() if ours else set())
            if missing:
                raise ValueError(
                    f"{type(self).__name__} needs {', '.join(sorted(missing))}, and this state dict, perhaps another "
                    "optimiser's, has none; nothing was loaded."
                )
        self.state.clear()
        self.state.update(loaded)
        for group, other in zip(self.param_groups, theirs, strict=True):
            known = {"params", *Implementation.__annotations__}
            group.update((key, value) for key, value in other.items() if key not in known)

    @np.errstate(all="ignore")
    def _remembered(self, p: Tensor, group: Group) -> Set[str]:
        """The names of what is remembered of a parameter after its first step."""
        state: State = {}
        if type(self).update is not Optimizer.update:
            self.update(np.zeros_like(p.array), np.zeros_like(p.array), state, {**group, "lr": 0.0})
        return state.keys()

    def own(self, key: str, value: Any, p: Tensor) -> Any:
        """A state entry as this optimiser keeps it: a number, or a copy of an array that fits the parameter."""
        if value is None or isinstance(value, int | float | str):
            return value
        array = value.array if isinstance(value, Tensor) else np.asarray(value)
        if key in self.numbers:
            return self.numbers[key](array)
        shape, owner = self._shape(p, key)
        if array.shape != shape:
            raise ValueError(f"the state {key!r} of shape {array.shape} does not fit {owner}; nothing was loaded.")
        return array.astype(p.array.dtype)

    def _shape(self, p: Tensor, key: str) -> tuple[tuple[int, ...], str]:
        """The shape of an array remembered of a parameter, and whose it is in words."""
        return p.array.shape, _called(p)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])


def _given(value: Any) -> str:
    return f"a dictionary of {[*value]}" if isinstance(value, Mapping) else type(value).__name__


def _called(p: Tensor) -> str:
    return " ".join(filter(None, ("the parameter", p.name, f"of shape {p.array.shape}")))


def _shown(value: Any) -> Any:
    """A state entry as a state dict holds it: arrays as tensors."""
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return wrap(value) if isinstance(value, np.ndarray) else value
