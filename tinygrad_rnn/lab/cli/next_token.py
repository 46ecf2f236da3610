"""The task of a text: from the tokens so far to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ..data import Vocabulary, contiguous_batches
from ..data.files import shown
from .network import Network, State, unrolled
from .window import Window

Ids = NDArray[np.int64]

UNKNOWN = {"word": "<unk>", "char": "\ufffd"}


class NextToken:
    """A network that reads ids of tokens and tells what it expects next, as logits over the vocabulary.

    example: the ids of the last tokens of the training text, one more than there are steps to be drawn.
    """

    kind = "text"

    def __init__(self, model: Network, vocabulary: Vocabulary, example: Ids) -> None:
        self.model, self.vocabulary, self.example = model, vocabulary, example

    @property
    def unit(self) -> str:
        """What a token is called."""
        return "word" if self.vocabulary.level == "word" else "character"

    def loss(self, inputs: Ids, targets: Ids, state: State = None) -> tuple[tg.Tensor, State]:
        """The cross entropy of a chunk (time, batch) that goes on from a state, and the state after it."""
        self.model.train()
        logits, state = self.model(tg.tensor(inputs), state)
        flat = logits.reshape(-1, logits.shape[-1])
        return nn.functional.cross_entropy(flat, tg.tensor(targets.reshape(-1))), state

    def probabilities(self, ids: Ids) -> NDArray[np.float64]:
        """p of every token but the first given all before it, (time - 1,)."""
        found = []
        self.model.eval()
        with tg.no_grad():
            state = None
            for inputs, targets in contiguous_batches(ids, 1, 256):
                logits, state = self.model(tg.tensor(inputs), state)
                p = tg.softmax(logits.double(), dim=-1).array[:, 0]
                found.append(p[np.arange(len(p)), targets[:, 0]])
        above_zero: NDArray[np.float64] = np.maximum(np.concatenate(found), np.finfo(np.float64).tiny)
        return above_zero

    def loss_of(self, ids: Ids) -> float:
        """The cross entropy of a text, in nats for each token."""
        return -float(np.log(self.probabilities(ids)).mean())

    def expected(self, ids: Ids) -> NDArray[np.float64]:
        """What may follow, p of every token of the vocabulary."""
        self.model.eval()
        with tg.no_grad():
            logits, _ = self.model(tg.tensor(ids[:, None]))
            p: NDArray[np.float64] = tg.softmax(logits[-1, 0].double(), dim=-1).array
        return p

    def through_time(self) -> Window:
        """Backpropagation through the example, from the loss of its last token alone."""
        ids = self.example
        hs, y, W_hh = unrolled(self.model, tg.tensor(ids[:-1, None]))
        loss = nn.functional.cross_entropy(y, tg.tensor(ids[-1:]))
        labels = [self.label(i) for i in ids.tolist()]
        return Window.of(
            loss,
            hs,
            W_hh,
            heading=f"the last steps of the training text, the loss only of {labels[-1]!r} after them "
            f"(p = {float(np.exp(-loss.item())):.3f})",
            columns={self.unit: labels[:-1]},
            drawn=f"{' '.join(labels[:-1])} -> ?: one window through the {self.model.name}",
            labels=labels[:-1],
        )

    def label(self, token: int) -> str:
        """A token in a table or a picture."""
        text = self.vocabulary.tokens[token]
        return {"\n": "\\n", " ": "_"}.get(text, shown(text, 16))

    def exportable(self) -> tuple[nn.Module, tg.Tensor]:
        """A module from ids (time, batch) to logits (time, batch, tokens), and an example."""
        return Logits(self.model), tg.tensor(np.stack([self.example[:-1]] * 2, axis=1))

    def plain(self) -> dict[str, Any]:
        """Everything but the network, for JSON."""
        known = self.vocabulary
        return {
            "level": known.level,
            "lower": known.lower,
            "unknown": known.unknown,
            "tokens": list(known.tokens),
            "example": self.example.tolist(),
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any], model: Network) -> Self:
        """From `plain()` and the network."""
        vocabulary = Vocabulary(tuple(plain["tokens"]), plain["level"], plain["lower"], plain["unknown"])
        return cls(model, vocabulary, np.array(plain["example"], dtype=np.int64))


class Logits(nn.Module):
    """The network from a zero state, without the state it ends in."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: tg.Tensor) -> tg.Tensor:
        """(time, batch) -> (time, batch, tokens)."""
        logits: tg.Tensor = self.network(ids)[0]
        return logits
