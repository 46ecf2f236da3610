"""What may be chosen of the network, one pass through it to be looked at, and what other programs get of it."""

from dataclasses import dataclass
from typing import Any

import tinygrad_rnn as tg

from ... import nn
from ...engine.graph import arguments
from ..training.network import Network
from .console import Refusal
from .options import NETWORK, Option, Options, number, one_of, share, whole

# fmt: off
CELL = Option("--cell", "rnn, lstm or gru", "rnn", one_of("rnn", "lstm", "gru"), "CELL", NETWORK)
HIDDEN = Option("--hidden", "hidden units of each layer", 8, whole(1, 4096), "N", NETWORK, for_text=64)
LAYERS = Option("--layers", "layers, each reading the states of the one below", 1, whole(1, 16), "N", NETWORK)
BIDIRECTIONAL = Option("--bidirectional", "also read the window backwards (numbers only)", False, bool,
    group=NETWORK, of="series")
DROPOUT = Option("--dropout", "share of what goes up that is dropped", 0.0, share, "P", NETWORK)
FORGET_BIAS = Option("--forget-bias", "start of an lstm's forget bias; 1 to 3 remember longer",
    0.0, number, "X", NETWORK)
NONLINEARITY = Option("--nonlinearity", "of the states of an rnn: tanh or relu", "tanh", one_of("tanh", "relu"),
    "NAME", NETWORK)
# fmt: on
OPTIONS: tuple[Option[Any], ...] = (CELL, HIDDEN, LAYERS, BIDIRECTIONAL, DROPOUT, FORGET_BIAS, NONLINEARITY)


@dataclass(frozen=True)
class Exportable:
    """A module for other programs: an example of its inputs, the names of their axes and of its outputs, in words."""

    module: nn.Module
    example: tuple[tg.Tensor, ...]
    axes: dict[str, dict[int, str]]
    outputs: list[str]
    means: str


def chosen(options: Options) -> dict[str, Any]:
    """What a network is made with, as far as it was chosen; refuses what does not go together."""
    if options[FORGET_BIAS] and options[CELL] != "lstm":
        raise Refusal(f"--forget-bias is for the forget gate of an lstm, and --cell is {options[CELL]}; leave it out")
    if options[NONLINEARITY] != "tanh" and options[CELL] != "rnn":
        raise Refusal(
            f"--nonlinearity is for the states of an rnn, and --cell is {options[CELL]}, whose gates are made for "
            "tanh; leave it out"
        )
    return {each.key: options[each] for each in OPTIONS if each.fits(options.kind)}


def size_of(model: nn.Module) -> int:
    """How many numbers are trained."""
    return sum(parameter.numel() for parameter in model.parameters())


def unrolled(model: Network, x: tg.Tensor) -> tuple[list[tg.Tensor], tg.Tensor, tg.Tensor]:
    """One pass to be looked at: the top layer's states of every step, the last output, and the W_hh between the states.

    One layer in one direction is written as the textbook writes it, step by step and with one bias, b_h = b_xh + b_hh,
    where that is the same function. Otherwise the layers run as they are, and the states are those forward in time.
    """
    model.eval()
    parameters = dict(model.rnn.named_parameters())
    W_hh = parameters[f"weight_hh_l{model.layers - 1}"]
    if model.layers > 1 or model.bidirectional:
        every, last = model.states(x)
        tg.history(every)  # opens what ran as one operation
        hs = list(arguments(every))  # it is a stack of them
        if model.bidirectional:
            hs = [arguments(h)[0] for h in hs]  # forwards and backwards side by side
        return hs, model.read(last), W_hh
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    W_xh, W_hh, b_xh, b_hh = (parameters[name] for name in names)
    b_h = (b_xh + b_hh).detach().requires_grad_()
    b_h.name = "b_h"
    h, c = (tg.zeros(x.shape[1], model.hidden) for _ in range(2))
    h.name, c.name = "h0", "c0"
    hs = []
    for t, x_t in enumerate(x, start=1):
        with tg.step(t):
            if model.embedding is not None:
                x_t = model.embedding.weight[x_t]
            x_t.name = "x"
            if model.kind == "lstm":
                h, c = nn.lstm_step(x_t, h, c, W_xh, W_hh, b_h)
            elif model.kind == "gru":
                h = nn.gru_step(x_t, h, W_xh, W_hh, b_xh, b_hh)
            else:
                h = nn.rnn_step(x_t, h, W_xh, W_hh, b_h, tg.relu if model.nonlinearity == "relu" else tg.tanh)
        hs.append(h)
    return hs, model.read(h), W_hh
