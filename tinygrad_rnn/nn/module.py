"""Module: a thing with parameters, parts and a forward pass, that says its name while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec, Protocol, Self, TypeVar

import numpy as np

from ..engine.scope import scope
from ..numbers.devices import refuse_other_devices
from ..surface.tensor import Tensor, wrap
from .hooks import Hooked, Hooks, call
from .parameter import Parameter
from .state import LoadResult, load_into

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
    """

    training: bool = True
    # All of these are created on first use, so that a subclass which forgets super().__init__() works all the same.
    _label: str | None = None
    _buffer_names: Mapping[str, bool] = {}

    def __getattr__(self, name: str) -> Any:
        """Says to type checkers that attributes such as rnn.weight_hh_l0 may have any type."""
        raise NotImplementedError

    # --- running -----------------------------------------------------------------------------------------------------

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The computation of this module: every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(): define it with the inputs it takes.")

    def __call__(self: Forward[Inputs, Output], *args: Inputs.args, **kwargs: Inputs.kwargs) -> Output:
        with scope(self._label or type(self).__name__):
            if self._hooks:
                changed: Output = call(self, self._hooks, args, kwargs)
                return changed
            return self.forward(*args, **kwargs)

    # --- parts -------------------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Module):
            self._adopt(name, value)
        elif isinstance(value, Parameter):
            if value.name is None:
                value.name = name
        elif isinstance(value, Tensor) and isinstance(vars(self).get(name), Parameter):
            raise TypeError(
                f"cannot assign a plain Tensor as {type(self).__name__}.{name}, which is a Parameter: wrap it as "
                f"nn.Parameter(value), or copy the numbers with `with no_grad(): module.{name}.copy_(value)`."
            )
        object.__setattr__(self, name, value)

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

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """(name, part) of the direct parts, each module once."""
        seen: set[Module] = set()
        for name, value in vars(self).items():
            if isinstance(value, Module) and value not in seen:
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
        for name, value in tuple(vars(self).items()):
            if isinstance(value, Module):
                yield from value.named_modules(memo, _join(prefix, name), remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all its parts, each once."""
        return (module for _, module in self.named_modules())

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
        for module in self.modules():
            module.training = mode
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
                parameter.grad = wrap(np.zeros_like(parameter.grad.array))

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Change dtype (or confirm the device "cpu") of every parameter and buffer, in place; integers keep theirs."""
        for owner in (*self.parameters(), *self.buffers()):
            for tensor in (owner, owner.grad):
                if tensor is not None and tensor.array.dtype.kind == "f":
                    tensor.array = tensor.detach().to(*args, **kwargs).array
                    tensor.touch()
        return self

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

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> dict[str, Tensor]:
        """Path -> tensor of all parameters and persistent buffers, sharing their memory (PyTorch's names and order).

        A parameter shared by two parts comes under both its names. `keep_vars=True` gives the Parameters themselves.
        """
        state: dict[str, Tensor] = {}
        for path, owner in self.named_modules(None, prefix.removesuffix("."), remove_duplicate=False):
            own = vars(owner)
            names = [name for name, value in own.items() if isinstance(value, Parameter)]
            names += [name for name, persistent in owner._buffer_names.items() if persistent]
            for name in names:
                if (tensor := own.get(name)) is not None:
                    state[_join(path, name)] = tensor if keep_vars else tensor.detach()
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> LoadResult:
        """Copy the numbers of `state_dict` into the parameters and buffers of the same names.

        Values are Tensors, arrays, or anything numpy reads as an array (such as PyTorch's tensors); the dtype stays
        this module's. All names and shapes are checked first: if anything is wrong, a RuntimeError lists all of it and
        nothing is loaded. `strict=False` skips missing and unexpected names; shapes must match all the same.
        """
        return load_into(self.state_dict(keep_vars=True), state_dict, strict, type(self).__name__)

    # --- printing ----------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the brackets when the module is printed."""
        return ""

    def __repr__(self) -> str:
        total = sum(parameter.array.size for parameter in self.parameters())
        return self._tree() + (f"  # {total:,} parameters" if total else "")

    def _tree(self) -> str:
        shapes = [f"{name} {tensor.array.shape}" for name, tensor in self.named_parameters(recurse=False)]
        shapes[6:] = [f"{len(shapes) - 6} more"] if len(shapes) > 6 else []
        own = "  # " + ", ".join(shapes) if shapes else ""
        kind, extra = type(self).__name__, self.extra_repr()
        parts = [f"({name}): {value._tree()}" for name, value in vars(self).items() if isinstance(value, Module)]
        if not parts:
            return f"{kind}({extra}){own}"
        return f"{kind}({own}\n  " + "\n".join([extra, *parts] if extra else parts).replace("\n", "\n  ") + "\n)"


del Module.__getattr__  # at run time it would make every attribute slower


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _register(owner: Module, name: str, value: Any, kind: type[Any], caller: str, cure: str) -> None:
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{caller}({name!r}) was given {type(value).__name__}{cure}")
    if not isinstance(name, str) or not name or "." in name:
        raise KeyError(f"{name!r} cannot name a part: names are non-empty strings without dots.")
    taken = not isinstance(vars(owner).get(name), Tensor | Module | None)
    if taken or hasattr(type(owner), name):
        raise KeyError(f"{type(owner).__name__} already has an attribute {name!r}: choose another name.")
    setattr(owner, name, value)
