"""Recurrent cells: one time step of an RNN, LSTM or GRU as a module with parameters of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..surface.creation import zeros
from ..surface.functions import relu, tanh
from ..surface.tensor import Tensor
from .functional.layers import check_dtype
from .module import Module
from .parameter import draw, new_parameter
from .steps import gru_step, lstm_step, named, rnn_step

State = TypeVar("State", bound=Tensor | tuple[Tensor, Tensor])
Pair = tuple[Tensor, Tensor]
NONLINEARITIES: dict[str, Callable[[Tensor], Tensor]] = {"tanh": tanh, "relu": relu}


class Weighted(Module):
    """What cells and networks share: parameters with PyTorch's names and initial values."""

    gates = 1  # how many products are stacked

    input_size: int
    hidden_size: int
    bias: bool

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        draw(self, self.hidden_size)


def add_weights(owner: Weighted, columns: int, outputs: int, ending: str, suffix: str, device: Any, dtype: Any) -> None:
    """Parameters for inputs of so many columns, with ``ending`` in their names and ``suffix`` in their symbols."""
    rows = owner.gates * owner.hidden_size
    shapes: dict[str, tuple[Any, ...]] = {"weight_ih": ("W_xh", rows, columns), "weight_hh": ("W_hh", rows, outputs)}
    if owner.bias:
        shapes |= {"bias_ih": ("b_xh", rows), "bias_hh": ("b_hh", rows)}
    if outputs != owner.hidden_size:
        shapes |= {"weight_hr": ("W_hr", outputs, owner.hidden_size)}
    for name, (symbol, *shape) in shapes.items():
        setattr(owner, name + ending, new_parameter(*shape, device=device, dtype=dtype, name=symbol + suffix))


class RNNCellBase(Weighted, Generic[State]):
    """What the three cells share: sizes, parameters with PyTorch's names and initial values, checks of shapes.

    All parameters start from U(-1/sqrt(hidden), 1/sqrt(hidden)).
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        check_size("hidden_size", hidden_size)
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        add_weights(self, input_size, hidden_size, "", "", device, dtype)
        for name in () if bias else ("bias_ih", "bias_hh"):
            self.register_parameter(name, None)
        self.reset_parameters()

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")

    def initial_state(self, x: Tensor) -> State:
        """The state before the first step: zeros, (hidden) or (batch, hidden) to fit ``x``."""
        state: Any = named("h0", zeros(*x.array.shape[:-1], self.hidden_size, dtype=x.dtype))
        return state  # type: ignore[no-any-return]

    def _check(self, x: Tensor, *states: Tensor) -> Tensor:
        """``weight_ih``, if everything fits it: read once, since a parametrization computes it anew each time."""
        weight: Tensor = self.weight_ih
        kind, shape = type(self).__name__, x.array.shape
        if len(shape) not in (1, 2) or shape[-1] != self.input_size:
            raise ValueError(
                f"{kind} expects one time step of shape (batch, input) = (any, {self.input_size}), or (input,) = "
                f"({self.input_size},) unbatched; {shape} was given."
                + (f" For a whole sequence use nn.{kind.removesuffix('Cell')}, or unroll()." if len(shape) > 2 else "")
            )
        check_dtype(x, weight, kind)
        expected = (*shape[:-1], self.hidden_size)
        for letter, state in zip("hc", states, strict=False):
            if state.array.shape != expected:
                meaning = "(batch, hidden)" if len(expected) == 2 else "(hidden,)"
                raise ValueError(
                    f"{kind} expects the state {letter} of shape {meaning} = {expected} to go with an input of shape "
                    f"{shape}; {state.array.shape} was given."
                )
        return weight


class RNNCell(RNNCellBase[Tensor]):
    """h' = tanh(W_xh x + b_xh + W_hh h + b_hh), or relu: one step of `rnn_step` with its own parameters.

    ``cell(x, h=None) -> h'`` with x (batch, input) or (input), h (batch, hidden) or (hidden), zeros if not given.
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        self.nonlinearity = nonlinearity
        self.activation = nonlinearity_of(nonlinearity)
        super().__init__(input_size, hidden_size, bias, device, dtype)

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        h = self.initial_state(input) if hx is None else hx
        weight_ih = self._check(input, h)
        b_h = total_bias(self.bias_ih, self.bias_hh)
        return rnn_step(input, h, weight_ih, self.weight_hh, b_h, self.activation)


class LSTMCell(RNNCellBase[Pair]):
    """One step of `lstm_step` with its own parameters; gates stacked i, f, g, o.

    ``cell(x, (h, c)=None) -> (h', c')`` with x (batch, input) or (input), h and c (batch, hidden) or (hidden).
    ``forget_bias`` is added to the forget gate's initial bias (Jozefowicz et al. 2015: 1 or more keeps the gate open);
    the default 0 is PyTorch's.
    """

    gates = 4

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None, *,
        forget_bias: float = 0.0,
    ) -> None:  # fmt: skip
        self.forget_bias = forget_bias
        super().__init__(input_size, hidden_size, bias, device, dtype)

    def reset_parameters(self) -> None:
        super().reset_parameters()
        open_forget_gate(self.bias_ih, self.forget_bias, self.hidden_size)

    def initial_state(self, x: Tensor) -> Pair:
        return first_pair(x, self.hidden_size)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        h, c = self.initial_state(input) if hx is None else pair(hx, "LSTMCell")
        weight_ih = self._check(input, h, c)
        b = total_bias(self.bias_ih, self.bias_hh)
        return lstm_step(input, h, c, weight_ih, self.weight_hh, b)


class GRUCell(RNNCellBase[Tensor]):
    """One step of `gru_step` with its own parameters; gates stacked r, z, n.

    ``cell(x, h=None) -> h'`` with x (batch, input) or (input), h (batch, hidden) or (hidden), zeros if not given.
    """

    gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        h = self.initial_state(input) if hx is None else hx
        weight_ih = self._check(input, h)
        return gru_step(input, h, weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


def first_pair(x: Tensor, hidden: int) -> Pair:
    """h and c before the first step: zeros, (hidden) or (batch, hidden) to fit ``x``."""
    h, c = (named(name, zeros(*x.array.shape[:-1], hidden, dtype=x.dtype)) for name in ("h0", "c0"))
    return h, c


def total_bias(b_xh: Tensor | None, b_hh: Tensor | None) -> Tensor | None:
    """PyTorch keeps two biases where the equations need only their sum: add them once, not in every step."""
    return None if b_xh is None or b_hh is None else named("b_h", b_xh + b_hh)


def open_forget_gate(bias: Tensor | None, amount: float, hidden: int) -> None:
    """Add ``amount`` to the forget gate's part of an LSTM bias (i, f, g, o), in place and unrecorded."""
    if not amount:
        return
    if bias is None:
        raise ValueError(f"forget_bias={amount} needs bias=True: there is no bias to add it to.")
    bias.array[hidden : 2 * hidden] += amount
    bias.touch()


def nonlinearity_of(name: str) -> Callable[[Tensor], Tensor]:
    """The function behind ``nonlinearity=``."""
    if name not in NONLINEARITIES:
        raise ValueError(
            f"nonlinearity is 'tanh' or 'relu'; {name!r} was given. For another, write a cell and unroll it."
        )
    return NONLINEARITIES[name]


def check_size(name: str, size: int) -> None:
    """Refuse a size that is not a positive whole number."""
    if not isinstance(size, int) or size < 1:
        raise ValueError(f"{name} is a whole number of at least 1; {size!r} was given.")


def pair(state: Any, kind: str) -> Pair:
    """The state of an LSTM: two tensors (h, c)."""
    if not isinstance(state, (tuple, list)) or len(state) != 2:
        raise TypeError(f"the state of {kind} is a pair (h, c) of tensors; {type(state).__name__} was given.")
    return state[0], state[1]
