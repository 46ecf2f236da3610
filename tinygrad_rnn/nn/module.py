"""Module: a thing with parameters, parts and a forward pass, that says its name while it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, ParamSpec, Protocol, Self, TypeVar

import numpy as np

from ..engine.calls import Call
from ..engine.refusing import refuse
from ..engine.scope import current_place
from ..numbers.devices import refuse_other_devices
from ..surface.tensor import Tensor, wrap
from .hooks import Hooked, Hooks, call
from .parameter import Parameter
from .state import EXTRA, LoadResult, StateDict, load_into, own_state, parts_of, read

Inputs = ParamSpec("Inputs")
Output = TypeVar("Output")
Output_co = TypeVar("Output_co", covariant=True)


class Forward(Protocol[Inputs, Output_co]):
    """What a call needs of a module: it takes and returns what ``forward`` says."""

    _label: str | None
    _hooks: Hooks | None

    def forward(self, *args: Inputs.args, **kwargs: Inputs.kwargs) -> Output_co: ...


class Module(Hooked):
    """Base of everything with parameters: assign Parameters and Modules as attributes and write `forward`.

    Parts are found by looking at the attributes, own parameters first, then buffers, then the parts in order of
    assignment; names and order of `named_parameters()` and `state_dict()` are PyTorch's. Calling the module enters
    `scope(name)`, where the name is the attribute it was first assigned to, or the class name if it is nobody's part,
    so that every operation knows where in the model it was recorded.

    >>> class Net(tg.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.layer = tg.nn.Linear(2, 1)
    >>> [name for name, _ in Net().named_parameters()]
    ['layer.weight', 'layer.bias']
    """

    training: bool = True
    # All of these are created on first use, so that a subclass which forgets super().__init__() works all the same.
    _label: str | None = None
    _buffer_names: Mapping[str, bool] = {}  # of every buffer, whether it is saved
    _vacant_names: Mapping[str, type] = {}  # names with None, kept for a Parameter or a Module
    _version = 1  # of what is saved; `_load_from_state_dict` finds it in local_metadata

    def __getattr__(self, name: str) -> Any:
        """Says to type checkers that attributes such as rnn.weight_hh_l0 may have any type."""
        raise NotImplementedError

    # --- running -----------------------------------------------------------------------------------------------------

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The computation of this module: every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(): define it with the inputs it takes.")

    def __call__(self: Forward[Inputs, Output], *args: Inputs.args, **kwargs: Inputs.kwargs) -> Output:
        around = current_place.get()
        current_place.set(Call(around, self._label or type(self).__name__, self, sys._getframe(1)))
        try:
            if self._hooks:
                changed: Output = call(self, self._hooks, args, kwargs)
                return changed
            try:
                return self.forward(*args, **kwargs)
            except Exception as error:
                refuse(error, type(self).__name__, self.forward, args, kwargs)
                raise
        finally:
            current_place.set(around)

    # --- parts -------------------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) not in _PLAIN or type(self.__dict__.get(name)) not in _PLAIN:  # nearly never, so asked first
            parts = type(value) not in _UNREGISTERED or type(self.__dict__.get(name)) not in _UNREGISTERED
            if parts or name in self._buffer_names or name in self._vacant_names:
                _make_room(self, name, value)
        _set(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        for names in ("_buffer_names", "_vacant_names"):
            if name in (kept := getattr(self, names)):
                object.__setattr__(self, names, {key: kept[key] for key in kept if key != name})

    def _adopt(self, name: str, child: Module) -> None:
        """Name a new part for pictures. The first owner's name stays, so that a shared module has one name."""
        if child._label is None:
            child._relabel(self._label_of_part(name))
        for path, parameter in child.named_parameters():
            if parameter.name == path:  # a name lent by the child and not a symbol chosen by somebody
                parameter.name = f"{name}.{path}"

    def _label_of_part(self, name: str) -> str:
        return name

    def _relabel(self, label: str) -> None:
        object.__setattr__(self, "_label", label)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` (or None: there is none, as with bias=False) the attribute `name`."""
        _register(self, name, param, Parameter, "register_parameter", ": wrap it as nn.Parameter.")

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make `tensor` the attribute `name`: part of the state (saved if `persistent`), never trained."""
        _register(self, name, tensor, Tensor, "register_buffer", ": pass a Tensor or None.")
        self._buffer_names = {**self._buffer_names, name: persistent}

    def register_module(self, name: str, module: Module | None) -> None:
        """Make `module` the part called `name`: the same as assigning it as an attribute, for computed names."""
        _register(self, name, module, Module, "register_module", ", which is not a Module.")

    add_module = register_module

    @property
    def _parameters(self) -> Held:
        """The own parameters by name; writing and deleting there is writing and deleting attributes."""
        return Held(self, Parameter)

    @property
    def _buffers(self) -> Held:
        """The own buffers by name."""
        return Held(self, Tensor)

    @property
    def _modules(self) -> Held:
        """The direct parts by name."""
        return Held(self, Module)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """(name, part) of the direct parts, each module once."""
        seen: set[Module] = set()
        for name, value in parts_of(self):
            if value not in seen:
                seen.add(value)
                yield name, value

    def children(self) -> Iterator[Module]:
        """The direct parts."""
        return (child for _, child in self.named_children())

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """(path, module) of this module (path "") and all its parts, parts of parts included."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, part in parts_of(self):
            yield from part.named_modules(memo, _join(prefix, name), remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all its parts, each once."""
        return (module for _, module in self.named_modules())

    def get_submodule(self, target: str) -> Module:
        """The part at a path, "encoder.layers.0"; this module itself at "".

        Raises:
            AttributeError: if there is none.
        """
        return _at(self, target, Module)  # type: ignore[no-any-return]

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path, "encoder.weight"; AttributeError if there is none."""
        return _at(self, target, Parameter)  # type: ignore[no-any-return]

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a path; AttributeError if there is none."""
        return _at(self, target, Tensor)  # type: ignore[no-any-return]

    def _named_tensors(
        self, prefix: str, recurse: bool, remove_duplicate: bool, parameters: bool
    ) -> Iterator[tuple[str, Tensor]]:
        seen: set[Tensor] = set()
        owners = self.named_modules(None, prefix, remove_duplicate) if recurse else [(prefix, self)]
        for path, owner in owners:
            for name, value in vars(owner).items():
                wanted = isinstance(value, Parameter) if parameters else name in owner._buffer_names
                if wanted and value is not None and value not in seen:
                    if remove_duplicate:
                        seen.add(value)
                    yield _join(path, name), value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """(path, Parameter) of everything that can be trained; a shared parameter comes once, by its first path."""
        for path, tensor in self._named_tensors(prefix, recurse, remove_duplicate, parameters=True):
            assert isinstance(tensor, Parameter)
            yield path, tensor

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Everything that can be trained: what an optimiser is given."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """(path, Tensor) of the registered tensors that are not trained."""
        return self._named_tensors(prefix, recurse, remove_duplicate, parameters=False)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The registered tensors that are not trained."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    # --- what is done to all parts at once ---------------------------------------------------------------------------

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call `fn` on every part, the innermost first, and on this module last."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Training mode on (or off): dropout drops."""
        if not isinstance(mode, bool):
            raise TypeError(f"train() switches training mode on (True) or off (False); {mode!r} was given.")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Training mode off: dropout lets everything through."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze (False) or thaw (True) every parameter."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: None, or zeros in place with `set_to_none=False`."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.detach_().zero_()

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Change dtype (or confirm the device "cpu") of every parameter and buffer, in place; integers keep theirs."""
        asked = wrap(np.zeros(0, np.float32)).to(*args, **kwargs).dtype
        if asked.kind != "f":
            raise TypeError(f"the parameters of a module are real numbers, float16 to float64, and not {asked}.")
        return self._apply(lambda x: x.to(*args, **kwargs) if x.array.dtype.kind == "f" else x)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Replace the numbers of every parameter, gradient and buffer by what `fn` makes of them."""
        for part in self.children() if recurse else ():
            part._apply(fn)
        for owner in (*self.parameters(recurse=False), *self.buffers(recurse=False)):
            for tensor in (owner, owner.grad):
                if tensor is not None:
                    tensor.array = fn(tensor.detach()).array
                    tensor.touch()
        return self

    def half(self) -> Self:
        """Every parameter and buffer as float16, in place."""
        return self.to(np.dtype(np.float16))

    def double(self) -> Self:
        """Every parameter and buffer as float64, in place."""
        return self.to(np.dtype(np.float64))

    def float(self) -> Self:
        """Every parameter and buffer as float32, in place."""
        return self.to(np.dtype(np.float32))

    def cpu(self) -> Self:
        """Does nothing: everything is on the CPU."""
        return self

    def cuda(self, device: Any = None) -> Self:
        """Not possible: raises RuntimeError."""
        refuse_other_devices("cuda" if device is None else f"cuda:{device}")
        return self

    # --- state -------------------------------------------------------------------------------------------------------

    def state_dict(
        self, *, destination: dict[str, Tensor] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Tensor]:
        """Path -> tensor of all parameters and persistent buffers, sharing their memory (PyTorch's names and order).

        A parameter shared by two parts comes under both its names. `keep_vars=True` gives the Parameters themselves.
        `destination` is a dictionary to write into.
        """
        state = StateDict() if destination is None else destination
        if isinstance(state, StateDict):
            state._metadata[prefix[:-1]] = {"version": self._version}
        self._save_to_state_dict(state, prefix, keep_vars)
        for name, part in parts_of(self):
            part.state_dict(destination=state, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        return state

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        """Write what this module itself holds into `destination`; a subclass may add to it."""
        for name, tensor in own_state(self).items():
            destination[prefix + name] = tensor if keep_vars else tensor.detach()
        if type(self).get_extra_state is not Module.get_extra_state:
            destination[prefix + EXTRA] = self.get_extra_state()

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], strict: bool,
        missing_keys: list[str], unexpected_keys: list[str], error_msgs: list[str],
    ) -> None:  # fmt: skip
        """Read what this module itself holds, under names that begin with `prefix`, and add to the three lists."""
        has_extra = type(self).set_extra_state is not Module.set_extra_state
        own: dict[str, Any] = own_state(self) | ({EXTRA: None} if has_extra else {})
        assign = bool(local_metadata.get("assign_to_params_buffers"))
        for name, tensor in own.items():
            if (key := prefix + name) not in state_dict:
                missing_keys += [key] * strict
            elif name == EXTRA:
                self.set_extra_state(state_dict[key])
            elif (taken := read(tensor, state_dict[key], key, assign, error_msgs)) is not tensor:
                setattr(self, name, taken)
        parts = dict(parts_of(self))
        for key in state_dict if strict else ():
            name, dot, _ = key.removeprefix(prefix).partition(".")
            if key.startswith(prefix) and name not in (parts if dot else own):
                unexpected_keys.append(key)

    def get_extra_state(self) -> Any:
        """What belongs to the state and is no tensor: a subclass that has such writes this and `set_extra_state`."""
        raise RuntimeError(f"{type(self).__name__} has no get_extra_state(): define it to return what is to be saved.")

    def set_extra_state(self, state: Any) -> None:
        """Take over what `get_extra_state` returned when the module was saved."""
        raise RuntimeError(f"{type(self).__name__} has no set_extra_state(state): define it beside get_extra_state().")

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> LoadResult:
        """Copy the numbers of `state_dict` into the parameters and buffers of the same names.

        Values are Tensors, arrays, or anything numpy reads as an array (such as PyTorch's tensors); the dtype stays
        this module's. All names and shapes are checked first: if anything is wrong, a RuntimeError lists all of it and
        nothing is loaded. `strict=False` skips missing and unexpected names; shapes must match all the same.
        `assign=True` takes the tensors themselves, with their dtype, instead of their numbers.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict takes a dictionary of tensors; {type(state_dict).__name__} was given.")
        return load_into(self, state_dict, strict, assign, Module)

    # --- printing ----------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the brackets when the module is printed."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        total = sum(parameter.array.size for parameter in self.parameters())
        return self._tree() + (f"  # {total:,} parameters" if total else "")

    def _tree(self) -> str:
        shapes = [f"{name} {tensor.array.shape}" for name, tensor in self.named_parameters(recurse=False)]
        shapes[6:] = [f"{len(shapes) - 6} more"] if len(shapes) > 6 else []
        own = "  # " + ", ".join(shapes) if shapes else ""
        kind, extra = self._get_name(), self.extra_repr()
        parts = []
        for name, part in parts_of(self):
            usual = part.__class__.__repr__ is Module.__repr__
            parts.append(f"({name}): {part._tree() if usual else repr(part)}")
        if not parts:
            return f"{kind}({extra}){own}"
        return f"{kind}({own}\n  " + "\n".join([extra, *parts] if extra else parts).replace("\n", "\n  ") + "\n)"


del Module.__getattr__  # at run time it would make every attribute slower


class Held(MutableMapping[str, Any]):
    """What a module holds of one kind, by name."""

    def __init__(self, module: Module, kind: type) -> None:
        self.module, self.kind = module, kind

    def __iter__(self) -> Iterator[str]:
        return iter([name for name in vars(self.module) if _kept_for(self.module, name) is self.kind])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, name: str) -> Any:
        if name not in tuple(iter(self)):
            raise KeyError(f"{type(self.module).__name__} holds no {self.kind.__name__.lower()} called {name!r}")
        return vars(self.module)[name]

    def __setitem__(self, name: str, value: Any) -> None:
        new = name not in vars(self.module) and self.kind is Tensor
        self.module.register_buffer(name, value) if new else setattr(self.module, name, value)

    def __delitem__(self, name: str) -> None:
        self[name]
        delattr(self.module, name)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _kept_for(owner: Module, name: str) -> type | None:
    """What an attribute may be besides None: Parameter, Module, Tensor if it is a buffer; None: anything."""
    value = vars(owner).get(name)
    if name in owner._buffer_names:
        return Tensor
    return owner._vacant_names.get(name) if value is None else _kind(value)


_REGISTERED = (Module, Parameter)
_PLAIN = {bool, int, float, str, tuple, list, dict}  # of these are values of which nothing is registered or kept
_UNREGISTERED = {*_PLAIN, Tensor, type(None)}
_set = object.__setattr__


def _make_room(owner: Module, name: str, value: Any) -> None:
    """Before an attribute is set that is or becomes a part, parameter or buffer: refuse it, or let it take over."""
    kind, kept_for = _kind(value), _kept_for(owner, name)
    takes_over = kind is Parameter or (kind is Module and kept_for is not Parameter)
    if kind is not kept_for and takes_over:
        if name in vars(owner):
            delattr(owner, name)  # what is registered now comes last
    elif value is None and kept_for in _REGISTERED:
        owner._vacant_names = {**owner._vacant_names, name: kept_for}
    elif value is not None and kept_for is not None and not isinstance(value, kept_for):
        raise TypeError(_refusal(owner, name, value, kept_for))
    if isinstance(value, Module):
        owner._adopt(name, value)
    elif isinstance(value, Parameter) and value.name is None:
        value.name = name


def _kind(value: Any) -> type | None:
    return Parameter if isinstance(value, Parameter) else Module if isinstance(value, Module) else None


def _register(owner: Module, name: str, value: Any, kind: type[Any], caller: str, cure: str) -> None:
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{caller}({name!r}) was given {type(value).__name__}{cure}")
    if not isinstance(name, str) or not name or "." in name:
        raise KeyError(f"{name!r} cannot name a part: names are non-empty strings without dots.")
    kept_for = _kept_for(owner, name)
    taken = vars(owner).get(name) is not None or kept_for is not None
    if (taken and kept_for is not kind) or hasattr(type(owner), name):
        raise KeyError(f"{type(owner).__name__} already has an attribute {name!r}: choose another name.")
    setattr(owner, name, value)
    if value is None and kind is not Tensor:
        owner._vacant_names = {**owner._vacant_names, name: kind}


def _refusal(owner: Module, name: str, value: Any, kept_for: type) -> str:
    place = f"{type(owner).__name__}.{name}"
    if kept_for is not Parameter:
        what = "a buffer: assign a Tensor or None" if kept_for is Tensor else "a part: assign a Module or None"
        return f"cannot assign {type(value).__name__} as {place}, which is {what}, or first delattr(module, {name!r})."
    what = "a plain Tensor" if isinstance(value, Tensor) else type(value).__name__
    return (
        f"cannot assign {what} as {place}, which is a Parameter: wrap it as nn.Parameter(value), or copy the numbers "
        f"with `with no_grad(): module.{name}.copy_(value)`."
    )


def _at(module: Module, target: str, kind: type[Any]) -> Any:
    """What stands at a path, if it is of this kind."""
    found: Any = module
    for name in target.split(".") if target else ():
        found = getattr(found, name)
    if not isinstance(found, kind):
        raise AttributeError(f"{target!r} is a {type(found).__name__} and no {kind.__name__.lower()}")
    return found
