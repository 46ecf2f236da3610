"""Demonstrations: every claim of the textbook as something to run and see, a number, a table or a picture.

Here is their table: the name to ask for, the claim that is shown, and the function that shows it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from . import recall, recurrence, stock, unstable, vanishing, words, worked_example
from .shown import Shown as Shown


@dataclass(frozen=True)
class Demonstration:
    """claim: its number in docs/textbook.md, or 0; about: in a few words; show: does it; full: seconds, if it trains.

    All take a second or two. `show(quick=True)` of one that trains does a smaller one, and otherwise that of the text.
    """

    claim: int
    about: str
    show: Callable[..., Shown]
    full: int = 0


DEMONSTRATIONS: dict[str, Demonstration] = {
    "order": Demonstration(1, "order matters", recurrence.show_order),
    "loop": Demonstration(2, "a loop that persists information", recurrence.show_loop),
    "sharing": Demonstration(3, "the same weights at every step", recurrence.show_sharing),
    "formula": Demonstration(4, "the two formulas as Python", recurrence.show_formula),
    "activations": Demonstration(5, "tanh, ReLU and softmax", recurrence.show_activations),
    "embedding": Demonstration(6, "words become rows of a table", words.show_embedding),
    "models": Demonstration(7, "I love deep learning -> models", words.show_love),
    "mat": Demonstration(8, "the cat sat on the -> mat", words.show_mat),
    "dollars": Demonstration(9, "stock prices, raw and divided by 100", stock.show_dollars),
    "honest": Demonstration(10, "real prices beside two baselines", stock.show_honest),
    "untied": Demonstration(11, "unrolled, it is a deep feed-forward network", recurrence.show_untied),
    "front": Demonstration(12, "errors go back in time, operation by operation", worked_example.show_front),
    "descent": Demonstration(13, "five steps of gradient descent", stock.show_descent),
    "vanishing": Demonstration(14, "gradients vanish over many steps", vanishing.show_vanishing),
    "forgetting": Demonstration(15, "an RNN forgets the country", recall.show_forgetting, full=5),
    "remembering": Demonstration(16, "an LSTM remembers it, with the gate open", recall.show_remembering, full=35),
    "shortcut": Demonstration(17, "the cell state passes gradients on", vanishing.show_shortcut),
    "exploding": Demonstration(18, "large weights make gradients explode", vanishing.show_exploding),
    "overflow": Demonstration(19, "... to infinity", vanishing.show_overflow),
    "unstable": Demonstration(20, "the loss becomes unstable", unstable.show_unstable),
    "clipping": Demonstration(21, "clip by norm, not by value", unstable.show_clipping),
    "layernorm": Demonstration(22, "layer normalisation", unstable.show_layernorm, full=5),
    "rates": Demonstration(23, "lower learning rates do not help", unstable.show_rates),
    "start": Demonstration(24, "initialise well", unstable.show_start, full=15),
}
WORKED_EXAMPLES: dict[str, Demonstration] = {
    "bptt": Demonstration(0, "the worked example, every number of it", stock.show_bptt),
    "stock": Demonstration(0, "the same in raw dollars: why nothing is learnt", stock.show_stock),
    "program": Demonstration(0, "its graph as a program in numpy, beside BPTT by hand", stock.show_program),
}
