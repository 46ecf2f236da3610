"""Layers without time: products, lookups, dropout, reshaping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from ..numbers.random import Generator
from ..surface.functions import flatten, linear, unflatten
from ..surface.tensor import Tensor
from . import functional, init
from .functional.layers import check_dtype, check_probability
from .functional.lookups import padding_index
from .module import Module
from .parameter import Parameter, draw, give, new_parameter


class Linear(Module):
    """y = x W^T + b: x (..., in_features), weight (out_features, in_features), bias (out_features).

    Both start from U(-1/sqrt(in_features), 1/sqrt(in_features)).

    >>> layer = tg.nn.Linear(3, 2)
    >>> layer(tg.ones(5, 3)).shape, layer.weight.shape
    (Size([5, 2]), Size([2, 3]))
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = new_parameter(out_features, in_features, device=device, dtype=dtype)
        give(self, "bias", out_features, wanted=bias, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        draw(self, self.in_features)

    def forward(self, input: Tensor) -> Tensor:
        shape = input.array.shape
        if not shape or shape[-1] != self.in_features:
            raise RuntimeError(
                f"{self._label or 'Linear'} expects an input of shape (..., {self.in_features}), in_features last; "
                f"{shape} was given."
            )
        weight = self.weight  # read once: a parametrization computes it anew each time
        check_dtype(input, weight, self._label or "Linear")
        return linear(input, weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """y_k = x1 A_k x2^T + b_k: weight (out, in1, in2), bias (out)."""

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = new_parameter(out_features, in1_features, in2_features, device=device, dtype=dtype)
        give(self, "bias", out_features, wanted=bias, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial values from U(-1/sqrt(in1), 1/sqrt(in1))."""
        draw(self, self.in1_features)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        return functional.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Embedding(Module):
    """A table of vectors: whole numbers (...) become rows (..., embedding_dim) of the table.

    weight (num_embeddings, embedding_dim) starts from N(0, 1). The row ``padding_idx`` starts at 0 and receives no
    gradient. Rows are shortened to ``max_norm`` when they are read, in place; with ``scale_grad_by_freq`` the gradient
    of a row is divided by how often it was read. There are no sparse gradients.

    >>> table = tg.nn.Embedding(5, 2)
    >>> table(tg.tensor([0, 3, 3])).shape
    Size([3, 2])
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, *, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_index(padding_idx, num_embeddings)
        self.weight = new_parameter(num_embeddings, embedding_dim, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.array[self.padding_idx] = 0
            self.weight.touch()

    @classmethod
    def from_pretrained(
        cls, embeddings: Tensor, freeze: bool = True, padding_idx: int | None = None, **options: Any
    ) -> Self:
        """An embedding with these vectors (num_embeddings, embedding_dim), not trained unless ``freeze=False``."""
        if embeddings.array.ndim != 2:
            raise ValueError(
                f"from_pretrained takes a table (num_embeddings, embedding_dim); {embeddings.array.shape} was given."
            )
        rows, columns = embeddings.array.shape
        made = cls(rows, columns, padding_idx=padding_idx, **options)
        made.weight = Parameter(embeddings.detach(), requires_grad=not freeze)
        return made

    def forward(self, input: Tensor) -> Tensor:
        options = self.max_norm, self.norm_type, self.scale_grad_by_freq
        return functional.embedding(input, self.weight, self.padding_idx, *options)

    def extra_repr(self) -> str:
        usual = {"padding_idx": None, "max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False}
        now = {name: getattr(self, name, value) for name, value in usual.items()}
        options = [f", {name}={value}" for name, value in now.items() if value != usual[name]]
        return f"{self.num_embeddings}, {self.embedding_dim}" + "".join(options)


class EmbeddingBag(Embedding):
    """The "sum", "mean" or "max" of vectors of a table in each of several bags, see functional.embedding_bag."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, max_norm: float | None = None, norm_type: float = 2.0,
        scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, *,
        include_last_offset: bool = False, padding_idx: int | None = None, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        options = max_norm, norm_type, scale_grad_by_freq
        super().__init__(num_embeddings, embedding_dim, padding_idx, *options, device=device, dtype=dtype)
        self.mode, self.sparse, self.include_last_offset = mode, sparse, include_last_offset

    def forward(self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None) -> Tensor:
        options = self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode, self.sparse
        bags = per_sample_weights, self.include_last_offset, self.padding_idx
        return functional.embedding_bag(input, self.weight, offsets, *options, *bags)


class PReLU(Module):
    """x where x > 0, weight * x elsewhere; weight is learned, one for all channels or one per channel (axis 1)."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = new_parameter(num_parameters, device=device, dtype=dtype)
        self.weight.array[...] = init

    def forward(self, input: Tensor) -> Tensor:
        return functional.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class PairwiseDistance(Module):
    """|x1 - x2 + eps| along the last axis in the norm with exponent ``p``."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return functional.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class Dropout(Module):
    """In training, each entry 0 with probability ``p``, else divided by 1 - p; otherwise the input itself."""

    def __init__(self, p: float = 0.5, inplace: bool = False, *, generator: Generator | None = None) -> None:
        super().__init__()
        self.p, self.inplace, self.generator = check_probability(p), inplace, generator

    def forward(self, input: Tensor) -> Tensor:
        return functional.dropout(input, self.p, self.training, self.inplace, generator=self.generator)

    def extra_repr(self) -> str:
        return f"p={self.p}" + ", inplace=True" * self.inplace


class Dropout1d(Dropout):
    """Dropout of whole channels of (batch, channels, length) (Tompson et al. 2015)."""

    def forward(self, input: Tensor) -> Tensor:
        return functional.dropout1d(input, self.p, self.training, self.inplace, generator=self.generator)


class Flatten(Module):
    """The axes from ``start_dim`` to ``end_dim`` as one."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        return flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One axis as several, of these sizes."""

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Tensor) -> Tensor:
        return unflatten(input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
