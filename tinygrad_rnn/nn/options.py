"""Modules that are a function with options: tables of them, and how a class is made of the function it applies."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from numbers import Real
from types import new_class
from typing import Any, ClassVar, dataclass_transform

from ..ops.operation import Operation
from ..surface.tensor import Tensor
from . import functional
from .functional.losses import with_reduction
from .module import Module

#: Arguments of functions that are no options of a module, and where PyTorch's module has them in another order.
_LEFT_OUT = ("dtype", "antialias")
_ORDER = {
    "MaxPool1d": ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"),
    "MaxUnpool1d": ("kernel_size", "stride", "padding"),
}


@dataclass_transform(eq_default=False)
class Applied(Module):
    """y = function(inputs, **options): what its function takes after the arguments of ``forward`` are options."""

    _function: ClassVar[Callable[..., Tensor]]
    _options: ClassVar[dict[str, Parameter]] = {}

    def __init_subclass__(cls, function: Callable[..., Tensor] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if function is None:  # a subclass that computes something else, or has a constructor of its own
            return
        known, kind = inspect.signature(function).parameters, Parameter.POSITIONAL_OR_KEYWORD
        count = cls.forward.__code__.co_argcount - 1  # of inputs
        names = _ORDER.get(cls.__name__) or [each for each in [*known][count:] if each not in _LEFT_OUT]
        cls._function, cls._options = function, {name: known[name].replace(kind=kind) for name in names}

        def __init__(self: Applied, *args: Any, **kwargs: Any) -> None:
            super().__init__()
            self._keep(self._by_name(args, kwargs))

        signature = Signature([Parameter("self", kind), *cls._options.values()], return_annotation=None)
        __init__.__signature__ = signature  # type: ignore[attr-defined]
        cls.__init__ = __init__  # type: ignore[assignment]
        cls.__doc__ = cls.__doc__ or (function.about if isinstance(function, Operation) else inspect.getdoc(function))

    def _by_name(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """All options by name: as the arguments of a call say, else as usual."""
        names = list(self._options)
        takes = f"{type(self).__name__} takes " + (f"the arguments ({', '.join(names)})" if names else "no arguments")
        places = [*names, *["one more"] * len(args)]
        for name, value in [*zip(places, args, strict=False), *kwargs.items()]:
            if isinstance(value, Tensor) and name not in ("weight", "pos_weight"):
                inputs = ", ".join([*inspect.signature(type(self).forward).parameters][1:])
                raise TypeError(f"{takes}, and {name} was given a tensor: make it once, then call it with ({inputs}).")
        if len(args) > len(names):
            raise TypeError(f"{takes}; {len(args)} were given.")
        given = dict(zip(names, args, strict=False))
        for name in kwargs:
            if name in given or name not in names:
                raise TypeError(f"{takes}: {name} {'was given twice' if name in given else 'is unknown'}.")
        found = {name: option.default for name, option in self._options.items()} | given | kwargs
        if missing := [name for name, value in found.items() if value is Parameter.empty]:
            raise TypeError(f"{takes}: {missing[0]} is missing.")
        return found

    def _keep(self, options: dict[str, Any]) -> None:
        for name, value in options.items():
            setattr(self, name, value)

    def _apply_to(self, *inputs: Tensor) -> Tensor:
        own = vars(self)
        return type(self)._function(*inputs, **{name: own[name] for name in self._options})


class Activation(Applied):
    """y = function(x, **options)."""

    def forward(self, input: Tensor) -> Tensor:
        return self._apply_to(input)

    def extra_repr(self) -> str:
        shown = [name for name in self._options if name != "inplace" or getattr(self, name)]
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)


class Resampling(Activation):
    """Sequences in another length; PyTorch shows how long, and by which mode."""

    def extra_repr(self) -> str:
        factor = float(self.scale_factor) if isinstance(self.scale_factor, int) else self.scale_factor
        return (f"size={self.size}" if factor is None else f"scale_factor={factor}") + f", mode={self.mode!r}"


class Unpooling(Applied):
    """What pooling found, and where."""

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        own = vars(self)
        return type(self)._function(input, indices, *(own[name] for name in self._options), output_size)


class Comparison(Applied):
    """y = function(x1, x2, **options), which is not shown."""

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return self._apply_to(x1, x2)


class Loss(Applied):
    """loss(input, target): one number with reduction "mean" or "sum", one per entry with "none".

    ``size_average`` and ``reduce``, from before there was ``reduction``, are understood as well. ``weight`` and
    ``pos_weight`` are constants, kept as buffers.
    """

    def _by_name(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        return super()._by_name(args, with_reduction(kwargs))

    def _keep(self, options: dict[str, Any]) -> None:
        for name, value in options.items():
            if name in ("weight", "pos_weight"):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)
            if isinstance(self._options[name].default, float) and not isinstance(value, Real):
                raise TypeError(f"{name} is a number; {value!r} was given.")
        known = ("mean", "sum", "none", *["batchmean"] * (type(self)._function.__name__ == "kl_div"))
        if options["reduction"] not in known:
            raise ValueError(f"reduction is 'mean', 'sum' or 'none'; {options['reduction']!r} was given.")

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return self._apply_to(input, target)

    def extra_repr(self) -> str:
        return f"reduction={vars(self)['reduction']!r}"


class LossOfThree(Loss):
    """A loss of two tensors and their target, or of three tensors."""

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:  # type: ignore[override]
        return self._apply_to(input1, input2, target)


class LossOverTime(Loss):
    """A loss of sequences and labels, and of how many there are of both."""

    def forward(  # type: ignore[override]
        self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any
    ) -> Tensor:
        return self._apply_to(log_probs, targets, input_lengths, target_lengths)


F = functional
# fmt: off
ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "CELU": F.celu, "ELU": F.elu, "GELU": F.gelu, "GLU": F.glu, "Hardshrink": F.hardshrink,
    "Hardsigmoid": F.hardsigmoid, "Hardswish": F.hardswish, "Hardtanh": F.hardtanh, "LeakyReLU": F.leaky_relu,
    "LogSigmoid": F.logsigmoid, "LogSoftmax": F.log_softmax, "Mish": F.mish, "ReLU": F.relu, "ReLU6": F.relu6,
    "SELU": F.selu, "SiLU": F.silu, "Sigmoid": F.sigmoid, "Softmax": F.softmax, "Softmin": F.softmin,
    "Softplus": F.softplus, "Softshrink": F.softshrink, "Softsign": F.softsign, "Tanh": F.tanh,
    "Tanhshrink": F.tanhshrink, "Threshold": F.threshold,
}
POOLING: dict[str, Callable[..., Any]] = {
    "AdaptiveAvgPool1d": F.adaptive_avg_pool1d, "AdaptiveMaxPool1d": F.adaptive_max_pool1d,
    "AvgPool1d": F.avg_pool1d, "LPPool1d": F.lp_pool1d, "MaxPool1d": F.max_pool1d,
}
LOSSES: dict[str, Callable[..., Any]] = {
    "BCELoss": F.binary_cross_entropy, "BCEWithLogitsLoss": F.binary_cross_entropy_with_logits,
    "CrossEntropyLoss": F.cross_entropy, "HingeEmbeddingLoss": F.hinge_embedding_loss, "HuberLoss": F.huber_loss,
    "KLDivLoss": F.kl_div, "L1Loss": F.l1_loss, "MSELoss": F.mse_loss, "MultiLabelMarginLoss": F.multilabel_margin_loss,
    "MultiLabelSoftMarginLoss": F.multilabel_soft_margin_loss, "MultiMarginLoss": F.multi_margin_loss,
    "NLLLoss": F.nll_loss, "PoissonNLLLoss": F.poisson_nll_loss, "SmoothL1Loss": F.smooth_l1_loss,
    "SoftMarginLoss": F.soft_margin_loss,
}
LOSSES_OF_THREE: dict[str, Callable[..., Any]] = {
    "CosineEmbeddingLoss": F.cosine_embedding_loss, "GaussianNLLLoss": F.gaussian_nll_loss,
    "MarginRankingLoss": F.margin_ranking_loss, "TripletMarginLoss": F.triplet_margin_loss,
    "TripletMarginWithDistanceLoss": F.triplet_margin_with_distance_loss,
}
TABLES: dict[type[Applied], dict[str, Callable[..., Any]]] = {
    Activation: ACTIVATIONS | POOLING, Loss: LOSSES, LossOfThree: LOSSES_OF_THREE,
    Comparison: {"CosineSimilarity": F.cosine_similarity}, LossOverTime: {"CTCLoss": F.ctc_loss},
    Resampling: {"Upsample": F.interpolate}, Unpooling: {"MaxUnpool1d": F.max_unpool1d},
}
# fmt: on


def _made(name: str, base: type[Applied], function: Callable[..., Any]) -> type[Any]:
    return new_class(name, (base,), {"function": function}, lambda own: own.update(__module__=f"{__package__}.applied"))


CLASSES = {name: _made(name, base, function) for base, table in TABLES.items() for name, function in table.items()}
