"""Parameters that are computed from others, anew wherever the module reads them; and weights as length and direction.

A module in which something is parametrized has a class of its own, "ParametrizedLinear" for a Linear, with a property
in the parameter's place.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ...surface.functions import norm
from ...surface.tensor import Tensor
from ..containers import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter


class ParametrizationList(ModuleList):
    """Modules whose composition computes a parameter from ``original``, or from ``original0``, ``original1``, ..."""

    def __init__(self, modules: Any, original: Any) -> None:
        super().__init__(modules)
        for each in reversed(list(modules)):
            with suppress(NotImplementedError):
                original = each.right_inverse(original) if hasattr(each, "right_inverse") else original
        several = isinstance(original, tuple)
        self.names = [f"original{i}" for i in range(len(original))] if several else ["original"]
        for name, tensor in zip(self.names, original if several else (original,), strict=True):
            self.register_parameter(name, Parameter(tensor.detach().clone()))

    def forward(self) -> Any:
        value: tuple[Any, ...] = tuple(getattr(self, name) for name in self.names)
        for each in self:
            value = (each(*value),)
        return value[0]


def register_parametrization(module: Any, tensor_name: str, parametrization: Module, *, unsafe: bool = False) -> Any:
    """From now on ``parametrization(original)`` is the parameter ``tensor_name`` of the module, which is returned.

    ``original`` is what it was, or ``parametrization.right_inverse`` of that; a tuple of it becomes several parameters;
    where that raises NotImplementedError it is what it was.
    A second one is applied to what the first gives, and leaves ``original`` as it is.

    Raises:
        ValueError: if the module has no such parameter.
        RuntimeError: if another shape comes out.
    """
    again = is_parametrized(module, tensor_name)
    old = getattr(module, tensor_name) if again else vars(module).get(tensor_name)
    if not again and not isinstance(old, Parameter):
        raise ValueError(f"{type(module).__name__} has no parameter {tensor_name!r}")
    made = None if again else ParametrizationList([parametrization], old)
    new = (made() if made else parametrization(old)).shape
    if new != old.shape and not unsafe:
        raise RuntimeError(f"{tensor_name!r} has the shape {tuple(old.shape)}, and {tuple(new)} would replace it")
    if made is None:
        module.parametrizations[tensor_name].append(parametrization)
        return module
    if not is_parametrized(module):
        kind = type(module)
        object.__setattr__(module, "__class__", type(f"Parametrized{kind.__name__}", (kind,), {"__module__": __name__}))
        module.parametrizations = ModuleDict()
    delattr(module, tensor_name)
    module.parametrizations[tensor_name] = made
    setattr(type(module), tensor_name, property(lambda self: self.parametrizations[tensor_name](), _computed))
    return module


def _computed(module: Module, value: Any) -> None:
    raise AttributeError(
        "what is computed by parametrizations cannot be assigned; write to their original in no_grad()"
    )


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Whether a parameter of this name, or any, is computed from others."""
    known = vars(module).get("parametrizations", ())
    return bool(known) if tensor_name is None else tensor_name in known


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Make the parameter an ordinary one: with the numbers it has now, or else those it was computed from."""
    made = module.parametrizations[tensor_name]
    value = getattr(module, tensor_name) if leave_parametrized else made.original
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if not module.parametrizations:
        del module.parametrizations
        object.__setattr__(module, "__class__", type(module).__bases__[0])
    module.register_parameter(tensor_name, Parameter(value.detach().clone()))
    return module


def length(v: Tensor, dim: int | None) -> Tensor:
    """The norm of each slice along ``dim``, with the other axes of size 1; of all entries if it is None."""
    return norm(v) if dim is None else norm(v, 2, [i for i in range(v.ndim) if i != dim % v.ndim], keepdim=True)


class WeightNorm(Module):
    """g v / |v| (Salimans & Kingma 2016): how long a weight is and where it points, learned apart."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, g: Tensor, v: Tensor) -> Tensor:
        return v * (g / length(v, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """The length and the weight itself."""
        return length(weight, self.dim), weight


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """PyTorch's older weight norm: parameters ``weight_g`` and ``weight_v``, put together before every forward."""
    joined = WeightNorm(dim)
    for ending, value in zip("gv", joined.right_inverse(vars(module)[name]), strict=True):
        setattr(module, f"{name}_{ending}", Parameter(value.detach().clone()))
    delattr(module, name)

    def join(module: Any, _: Any = None) -> None:
        setattr(module, name, joined(getattr(module, f"{name}_g"), getattr(module, f"{name}_v")))

    join(module)
    vars(module).setdefault("_weight_norms", {})[name] = join, module.register_forward_pre_hook(join)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Undo ``weight_norm``: the weight is one parameter again."""
    join, handle = vars(module)["_weight_norms"].pop(name)
    join(module)
    handle.remove()
    value = getattr(module, name).detach()
    for each in (name, f"{name}_g", f"{name}_v"):
        delattr(module, each)
    setattr(module, name, Parameter(value))
    return module
