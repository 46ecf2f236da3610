"""Recurrent networks: RNN, LSTM and GRU over whole sequences, stacked and in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from math import inf
from typing import Any

import numpy as np

from ..engine.modes import following
from ..engine.scope import current_place, here, step
from ..ops.algebra import affine
from ..rolled.formulas import at_once
from ..surface.creation import zeros
from ..surface.functions import linear, stack, unbind
from ..surface.tensor import Tensor
from .cells import Pair, State, Weighted, add_weights, check_size, nonlinearity_of, open_forget_gate, pair, total_bias
from .functional.layers import check_dtype, check_probability, drawn_mask
from .module import Module
from .networks import Recurrent, changed, each_step
from .notices import warn
from .parameter import Parameter
from .steps import gru_state, gru_step, lstm_gated, lstm_step, named, rnn_step
from .unrolling import Cell, checked_lengths, steps_after, steps_before

Maybe = Tensor | None
Ways = tuple[Maybe, Cell, Cell]
MANY = 8  # steps of fewer may be written one by one


class RNNBase(Weighted, Recurrent[State]):
    """What RNN, LSTM and GRU share: parameters and checks. A subclass supplies ``_ways``, `Recurrent` the rest.

    Parameters are PyTorch's: ``weight_ih_l0``, ``weight_hh_l0``, ``bias_ih_l0``, ``bias_hh_l0`` (and ``weight_hr_l0``
    with a projection) for layer 0, with ``_reverse`` for the direction from the end to the start; all start from
    U(-1/sqrt(hidden), 1/sqrt(hidden)).

    In a sequence of up to ``longest_with_own_products`` steps every step has its own product W_xh x_t, as the equations
    say and small pictures show. A longer tensor is multiplied by W_xh as a whole before the first step, of which every
    step reads its part and adds it to W_hh h in one operation: the numbers (and `contributions` by step) are the same,
    and small networks take a quarter to a third less time. Set the attribute to ``math.inf`` for own products all the
    same.
    """

    longest_with_own_products = 8.0
    proj_size = 0  # of an LSTM
    _batch_axis = 1

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        Module.__init__(self)  # that of Recurrent takes cells
        for name, size in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
            check_size(name, size)
        for name, flag in (("bias", bias), ("batch_first", batch_first)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name} is True or False; {flag!r} was given.")
        check_probability(dropout)
        if dropout and num_layers == 1:
            warn(f"dropout={dropout} does nothing with num_layers=1: it drops between layers")
        if not 0 <= self.proj_size < hidden_size:
            raise ValueError(
                f"proj_size is less than hidden_size={hidden_size} (0: no projection); {self.proj_size!r} was given."
            )
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, dropout
        self.bidirectional = bidirectional
        self.output_size = self.proj_size or hidden_size
        directions = 2 if bidirectional else 1
        self._layers = [[f"l{k}", f"l{k}_reverse"][:directions] for k in range(num_layers)]
        for k, layer in enumerate(self._layers):
            columns = input_size if k == 0 else self.output_size * directions
            for ending in layer:
                # One symbol is enough where there is one layer in one direction: the textbook's.
                suffix = "" if num_layers * directions == 1 else f"_{ending}"
                add_weights(self, columns, self.output_size, f"_{ending}", suffix, device, dtype)
        self.reset_parameters()

    def extra_repr(self) -> str:
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        options = changed(self, usual | {"proj_size": 0})
        return ", ".join([str(self.input_size), str(self.hidden_size), *options])

    def flatten_parameters(self) -> None:
        """Does nothing: memory needs no rearranging on the CPU."""

    @property
    def _all_weights(self) -> list[list[str]]:
        """The names of the parameters, a list for each layer and direction; scripts that set forget gates read it."""
        kinds = ["weight_ih", "weight_hh", *["bias_ih", "bias_hh"] * self.bias, *["weight_hr"] * (self.proj_size > 0)]
        return [[f"{kind}_{ending}" for kind in kinds] for layer in self._layers for ending in layer]

    @property
    def _flat_weights_names(self) -> list[str]:
        return list(chain.from_iterable(self._all_weights))

    @property
    def _flat_weights(self) -> list[Parameter]:
        return [getattr(self, name) for name in self._flat_weights_names]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters, a list for each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        """The equations with these weights: the bias b of W_xh x, (x, state) -> state, (W_xh x + b, state) -> state."""
        raise NotImplementedError

    def _prepared(self, ending: str, xs: Any) -> tuple[Cell, Any]:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        weights: Any = [getattr(self, f"{name}_{ending}", None) for name in names]
        b, cell, rest = self._ways(*weights)
        if isinstance(xs, Tensor) and len(xs) > self.longest_with_own_products:
            return lambda a, state: rest(named("a", a), state), named("a", linear(xs, weights[0], b))
        return cell, xs

    def _states(self, hx: Any, steps: Any) -> list[Any]:
        return self._state("h", hx, steps[0], self.output_size)

    def _final(self, states: list[Any]) -> Any:
        return stack(states, 0)

    def _at_once(self, x: Tensor, first: Any, time: int, lengths: Any, packed: Any = None) -> tuple[Tensor, Any]:
        odd = lengths is not None and packed is None and x.array.ndim == 2
        odd = odd or (self.proj_size > 0 and len(x) == 1)  # the only memory read no W_hr: gradients are None, not 0
        odd = odd or (following.told is not None and not _rolls_up(self, x, lengths))
        if type(self).__module__ != __name__ or odd or here.watch is not None:
            return super()._at_once(x, first, time, lengths, packed)
        several = isinstance(first[0], tuple)
        states = list(chain.from_iterable(first)) if several else first
        names, batch = list(chain.from_iterable(self._all_weights)), states[0].array.shape[:-1]
        count = len(x) if packed is None else len(packed.batch_sizes)
        own_args = (x, *states, *(vars(self)[name] for name in names))
        own = packed is not None or count <= self.longest_with_own_products
        alike, before = object.__new__(type(self)), steps_before()
        vars(alike).update(vars(self), longest_with_own_products=inf if own else 0)
        # What has a row for each step besides x: which sequences are valid, and what is kept between layers.
        valid = None if lengths is None else checked_lengths(lengths, count, *batch) > np.arange(count)[:, None]
        masked = valid is not None and not valid.all()
        rows: list[Any] = [valid[..., None]] if valid is not None and masked else []
        if self.dropout > 0 and self.training:
            shape = (count, *batch, self.output_size * len(self._layers[0]))
            rows += [drawn_mask(shape, x.array.dtype, self.dropout) for _ in self._layers[1:]]

        def formula(lengths: Any, kept: Sequence[Any], packed: Any, x: Tensor, *others: Tensor) -> tuple[Any, ...]:
            vars(alike).update(zip(names, others[len(states) :], strict=False))
            vars(alike)["_dropped"] = lambda k, outputs: each_step(
                lambda x, t: x * kept[k - 1][t], outputs, range(len(outputs))
            )
            given: Any = others[: len(states)]
            given = list(zip(given[::2], given[1::2], strict=True)) if several else list(given)
            with steps_after(before):
                outputs, final = Recurrent._at_once(alike, x, given, time, lengths, packed)
            return (outputs, *(final if several else (final,)))

        def general(*args: Tensor) -> tuple[Any, ...]:
            args, more = args[: len(own_args)], args[len(own_args) :]
            return formula((lambda t: more[0][t]) if masked else None, more[masked:], None, *args)

        options = (self.bias, self.num_layers, self.bidirectional, self.proj_size, getattr(self, "activation", None))
        form = type(self), *options, own, time, masked
        valid, as_it_is = None if packed is None else valid, partial(formula, lengths, rows[masked:], packed)
        found = at_once(form, as_it_is, own_args, general, rows, valid, time)
        return found[0], tuple(found[1:]) if several else found[1]

    def _time_axis(self, input: Tensor) -> int:
        return 1 if self.batch_first and input.ndim == 3 else 0

    def _check_input(self, x: Tensor) -> None:
        shape, n = x.array.shape, self.input_size
        order = "(batch, time, input)" if self.batch_first else "(time, batch, input)"
        if len(shape) not in (2, 3):
            problem = f"it has {len(shape)} axes"
        elif shape[-1] != n:
            problem = f"its last axis is {shape[-1]}, not input_size={n}"
        elif shape[self._time_axis(x)] == 0:
            problem = "it has no time steps"
        else:
            check_dtype(x, next(self.parameters()), type(self).__name__)
            return
        raise ValueError(
            f"{type(self).__name__} expects an input of shape {order} = (any, any, {n}), or (time, input) = (any, {n}) "
            f"unbatched; {shape} was given: {problem}."
        )

    def _state(self, letter: str, state: Tensor | None, x: Tensor, size: int) -> list[Tensor]:
        """A first state, checked, for every layer and direction; zeros if there is none. x: the first step's input."""
        lead = x.array.shape[:-1]
        count = sum(map(len, self._layers))
        expected = (count, *lead, size)
        if state is None:
            return [named(f"{letter}0", zeros(*lead, size, dtype=x.dtype)) for _ in range(count)]
        if not isinstance(state, Tensor) or state.array.shape != expected:
            given = state.array.shape if isinstance(state, Tensor) else type(state).__name__
            meaning = "layers x directions, batch, " if lead else "layers x directions, "
            raise ValueError(
                f"{type(self).__name__} expects the state {letter}_0 of shape ({meaning}hidden) = {expected} to go "
                f"with this input ({f'batch {lead[0]}' if lead else 'unbatched'}); {given} was given."
            )
        before = steps_before()
        if before == 0:
            return [named(f"{letter}0", part) for part in unbind(state, 0)]
        with step(before):  # where it was computed, in the window before this one
            return [named(letter, part) for part in unbind(state, 0)]


def _rolls_up(layer: RNNBase[Any], x: Tensor, lengths: Any) -> bool:
    """Whether a program may make one loop of all steps, of which each does the same."""
    plain = lengths is None and not (layer.dropout > 0 and layer.training) and len(x) > MANY
    tracked = here.recording and any(each.tracked for each in (x, *layer._flat_weights))
    return following.layers is not None and plain and tracked and current_place.get().time is None


class RNN(RNNBase[Tensor]):
    """h_t = tanh(W_xh x_t + b_xh + W_hh h_{t-1} + b_hh), or relu, over a sequence (Elman 1990).

    ``rnn(input, h_0=None) -> output, h_n`` with, batch_first=False: input (time, batch, input), h_0 and h_n
    (layers x directions, batch, hidden), output (time, batch, directions x hidden). batch_first=True exchanges the
    first two axes of input and output only: h_0 and h_n stay (layers x directions, batch, hidden), as in PyTorch, and
    h_n[-1] is the last layer's final state either way. Without a batch the batch axis is left out everywhere. input may
    be a PackedSequence; ``lengths=`` gives the valid steps of a padded batch instead.

    >>> rnn = tg.nn.RNN(3, 4)
    >>> output, h_n = rnn(tg.zeros(7, 2, 3))
    >>> output.shape, h_n.shape
    (Size([7, 2, 4]), Size([1, 2, 4]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        self.nonlinearity = nonlinearity
        self.activation = nonlinearity_of(nonlinearity)
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        b_h, f = total_bias(b_xh, b_hh), self.activation
        return (
            b_h,
            lambda x, h: rnn_step(x, h, W_xh, W_hh, b_h, f),
            lambda a, h: named("h", f(named("z", affine(h, W_hh, a)))),
        )


class LSTM(RNNBase[Pair]):
    """The LSTM over a sequence, with the step of `lstm_step`; its gates are stacked i, f, g, o.

        i_t = sigmoid(W_xi x_t + W_hi h_{t-1} + b_i)    c_t = f_t * c_{t-1} + i_t * g_t
        f_t = sigmoid(W_xf x_t + W_hf h_{t-1} + b_f)    h_t = o_t * tanh(c_t)
        g_t = tanh   (W_xg x_t + W_hg h_{t-1} + b_g)
        o_t = sigmoid(W_xo x_t + W_ho h_{t-1} + b_o)

    ``lstm(input, (h_0, c_0)=None) -> output, (h_n, c_n)`` with input (time, batch, input), h_0, c_0, h_n and c_n
    (layers x directions, batch, hidden), output (time, batch, directions x hidden); see RNN for batch_first and
    sequences of several lengths. With ``proj_size`` h_t is a product W_hr h of that size (Sak et al. 2014); c keeps
    hidden_size. ``forget_bias`` is added to the forget gates' initial bias (Jozefowicz et al. 2015); the default 0 is
    PyTorch's.

    >>> lstm = tg.nn.LSTM(3, 4, forget_bias=1.0)
    >>> output, (h_n, c_n) = lstm(tg.zeros(7, 2, 3))
    >>> output.shape, h_n.shape, c_n.shape
    (Size([7, 2, 4]), Size([1, 2, 4]), Size([1, 2, 4]))
    """

    gates = 4

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0, device: Any = None, dtype: Any = None, *,
        forget_bias: float = 0.0,
    ) -> None:  # fmt: skip
        self.forget_bias, self.proj_size = forget_bias, proj_size
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)

    def reset_parameters(self) -> None:
        super().reset_parameters()
        for ending in chain.from_iterable(self._layers):
            open_forget_gate(vars(self).get(f"bias_ih_{ending}"), self.forget_bias, self.hidden_size)

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        b = total_bias(b_xh, b_hh)
        return (
            b,
            lambda x, state: lstm_step(x, state[0], state[1], W_xh, W_hh, b, W_hr),
            lambda a, state: lstm_gated(affine(state[0], W_hh, a), state[1], W_hr),
        )

    def _states(self, hx: Any, steps: Any) -> list[Any]:
        h, c = (None, None) if hx is None else pair(hx, "LSTM")
        hs = self._state("h", h, steps[0], self.output_size)
        cs = self._state("c", c, steps[0], self.hidden_size)
        return list(zip(hs, cs, strict=True))

    def _final(self, states: list[Any]) -> Any:
        return stack([h for h, _ in states], 0), stack([c for _, c in states], 0)


class GRU(RNNBase[Tensor]):
    """The GRU over a sequence, with the step of `gru_step`; its gates are stacked r, z, n.

        r_t = sigmoid(W_xr x_t + b_xr + W_hr h_{t-1} + b_hr)
        z_t = sigmoid(W_xz x_t + b_xz + W_hz h_{t-1} + b_hz)
        n_t = tanh   (W_xn x_t + b_xn + r_t * (W_hn h_{t-1} + b_hn))
        h_t = (1 - z_t) * n_t + z_t * h_{t-1}

    ``gru(input, h_0=None) -> output, h_n`` with input (time, batch, input), h_0 and h_n (layers x directions, batch,
    hidden), output (time, batch, directions x hidden); see RNN for batch_first and sequences of several lengths.

    >>> gru = tg.nn.GRU(3, 4, bidirectional=True)
    >>> output, h_n = gru(tg.zeros(7, 2, 3))
    >>> output.shape, h_n.shape
    (Size([7, 2, 8]), Size([2, 2, 4]))
    """

    gates = 3

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        def rest(a: Tensor, h: Tensor) -> Tensor:
            return named("h", gru_state(a, linear(h, W_hh) if b_hh is None else affine(h, W_hh, b_hh), h))

        return b_xh, lambda x, h: gru_step(x, h, W_xh, W_hh, b_xh, b_hh), rest
