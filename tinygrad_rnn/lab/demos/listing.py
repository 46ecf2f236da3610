"""The table of demonstrations: the name to ask for, the claim it shows, and the function that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import (
    activations,
    clipping,
    descent,
    embedding,
    every_number,
    fixes,
    formula,
    front,
    loop,
    order,
    overflow,
    prices,
    recall,
    sharing,
    shortcut,
    stock,
    unstable,
    untied,
    vanishing,
    words,
)
from .shown import Shown


@dataclass(frozen=True)
class Demonstration:
    """claim: its number in docs/textbook.md, or 0; about: it in a few words; show: does it; quick: if it can be.

    `show(quick=True)` of a demonstration that trains for long does a smaller one.
    """

    claim: int
    about: str
    show: Callable[..., Shown]
    quick: bool = False


DEMONSTRATIONS: dict[str, Demonstration] = {
    "order": Demonstration(1, "order matters", order.show),
    "loop": Demonstration(2, "a loop that persists information", loop.show),
    "sharing": Demonstration(3, "the same weights at every step", sharing.show),
    "formula": Demonstration(4, "the two formulas as Python", formula.show),
    "activations": Demonstration(5, "tanh, ReLU and softmax", activations.show),
    "embedding": Demonstration(6, "words become rows of a table", embedding.show),
    "models": Demonstration(7, "I love deep learning -> models", words.show_love),
    "mat": Demonstration(8, "the cat sat on the -> mat", words.show_mat),
    "dollars": Demonstration(9, "stock prices, raw and divided by 100", stock.show),
    "honest": Demonstration(10, "real prices beside two baselines", prices.show),
    "untied": Demonstration(11, "unrolled, it is a deep feed-forward network", untied.show),
    "front": Demonstration(12, "errors go back in time, operation by operation", front.show),
    "descent": Demonstration(13, "five steps of gradient descent", descent.show),
    "vanishing": Demonstration(14, "gradients vanish over many steps", vanishing.show_vanishing),
    "forgetting": Demonstration(15, "an RNN forgets the country", recall.show_forgetting, quick=True),
    "remembering": Demonstration(16, "an LSTM remembers it, with the gate open", recall.show_remembering, quick=True),
    "shortcut": Demonstration(17, "the cell state passes gradients on", shortcut.show),
    "exploding": Demonstration(18, "large weights make gradients explode", vanishing.show_exploding),
    "overflow": Demonstration(19, "... to infinity", overflow.show),
    "unstable": Demonstration(20, "the loss becomes unstable", unstable.show_unstable),
    "clipping": Demonstration(21, "clip by norm, not by value", clipping.show),
    "layernorm": Demonstration(22, "layer normalisation", fixes.show_layernorm, quick=True),
    "rates": Demonstration(23, "lower learning rates do not help", fixes.show_rates),
    "start": Demonstration(24, "initialise well", fixes.show_start, quick=True),
}
WORKED_EXAMPLES: dict[str, Demonstration] = {
    "bptt": Demonstration(0, "the worked example, every number of it", every_number.show_bptt),
    "stock": Demonstration(0, "the same in raw dollars: why nothing is learnt", every_number.show_stock),
}
