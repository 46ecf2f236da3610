"""The graphs of docs/views.md: small, in double precision, and the same on every run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import tinygrad_rnn as tg
from tinygrad_rnn import nn

VIEWS = ("full", "chain", "cells", "rolled", "modules")
#: Views of a loop over time.
OVER_TIME = ("cells", "rolled")


@dataclass(frozen=True)
class Graph:
    """One graph. name: its head on the page; make: records it; what: what to see; labels: words for the steps."""

    name: str
    make: Callable[[], tg.Tensor]
    what: str
    labels: Sequence[str] = ()
    over_time: bool = True

    @property
    def file(self) -> str:
        """The beginning of the names of its files."""
        return self.name.lower().replace(" ", "-")

    @property
    def views(self) -> list[str]:
        """Those that apply."""
        return [view for view in VIEWS if self.over_time or view not in OVER_TIME]


def layer(kind: str, inputs: int, hidden: int, seed: int, **options: object) -> nn.Module:
    """A recurrent layer of PyTorch's name with weights from a seed."""
    tg.manual_seed(seed)
    made: nn.Module = getattr(nn, kind)(inputs, hidden, dtype=tg.float64, **options)
    return made


def numbers(*shape: int) -> tg.Tensor:
    """Inputs from the default generator, rounded so that they can be read."""
    return (tg.randn(*shape, dtype=tg.float64) * 10).round() / 10


def words() -> tg.Tensor:
    """After "the cat sat", how badly does the network expect "on"?"""
    tg.manual_seed(1)
    embedding, output = nn.Embedding(4, 2, dtype=tg.float64), nn.Linear(2, 4, bias=False, dtype=tg.float64)
    states, _ = layer("RNN", 2, 2, seed=2, bias=False)(embedding(tg.tensor([0, 1, 2])))
    loss: tg.Tensor = nn.functional.cross_entropy(output(states[-1]), tg.tensor(3))
    loss.name = "L"
    return loss


def recurrent(kind: str, steps: int, seed: int, **options: object) -> tg.Tensor:
    """The squares of what a layer says in the end."""
    made = layer(kind, 1, 2, seed, **options)
    outputs, _ = made(numbers(steps, 1))
    loss: tg.Tensor = (outputs**2).mean() if options.get("bidirectional") else (outputs[-1] ** 2).mean()
    return loss


def attention() -> tg.Tensor:
    """An encoder of three steps, and a decoder of two that looks back at all of them."""
    encoder = layer("RNN", 1, 2, seed=5, bias=False)
    decoder = nn.Linear(2, 2, bias=False, dtype=tg.float64)
    with tg.scope("encoder"):
        memory, h = encoder(numbers(3, 1))
    h = h[0]
    for t in (1, 2):
        with tg.scope("decoder"), tg.step(t):
            weights = tg.softmax(memory @ h, 0)
            weights.name = "a"
            h = tg.tanh(decoder(h) + weights @ memory)
            h.name = "y"
    loss: tg.Tensor = (h**2).mean()
    return loss


def perceptron() -> tg.Tensor:
    """Two linear layers with a tanh between them."""
    tg.manual_seed(6)
    model = nn.Sequential(nn.Linear(3, 4, dtype=tg.float64), nn.Tanh(), nn.Linear(4, 1, dtype=tg.float64))
    return nn.functional.mse_loss(model(numbers(3)), tg.tensor([0.5], dtype=tg.float64))


def twice() -> tg.Tensor:
    """The square of the slope of x^3, whose own gradient goes through the recorded backward pass."""
    x = tg.tensor(2.0, dtype=tg.float64, requires_grad=True)
    x.name = "x"
    (slope,) = tg.autograd.grad(x**3, x, create_graph=True)
    slope.name = "slope"
    squared: tg.Tensor = slope**2
    return squared


GRAPHS = (
    Graph(
        "RNN",
        words,
        "Three words through an embedding and a plain RNN; of the last state the loss of the next word.",
        ("the", "cat", "sat"),
    ),
    Graph("LSTM", lambda: recurrent("LSTM", 2, 3), "Two steps: along the line through c nothing is squashed."),
    Graph("GRU", lambda: recurrent("GRU", 2, 4), "Two steps: h goes on beside the candidate n, as far as z lets it."),
    Graph(
        "Two layers",
        lambda: recurrent("RNN", 3, 5, num_layers=2, bias=False),
        "In every step the upper layer reads the state of the lower one: gradients go down and back in time.",
    ),
    Graph(
        "Both directions",
        lambda: recurrent("RNN", 3, 6, bidirectional=True, bias=False),
        "One loop from the first step to the last, one from the last to the first; gradients go the opposite ways.",
    ),
    Graph(
        "Attention", attention, "A decoder that reads all states of an encoder: short ways back to every one of them."
    ),
    Graph("MLP", perceptron, "No time: the layers one after the other.", over_time=False),
    Graph(
        "Double backward",
        twice,
        "The backward pass of x^3 is recorded like everything else, and differentiated again.",
        over_time=False,
    ),
)
