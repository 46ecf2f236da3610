"""The task of a text: from the tokens so far to the next one, and so on for as long as one likes."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ..data import DataError, Vocabulary, contiguous_batches
from ..data.files import shown
from ..training.bar import bar
from .console import Refusal
from .network import Exportable, Network, State, unrolled
from .options import WORDS, Option, one_of, whole, zero_or_more
from .window import Window

Ids = NDArray[np.int64]

UNKNOWN = {"word": "<unk>", "char": "\ufffd"}

LEVEL = Option("--level", "word or char", "word", one_of("word", "char"), "LEVEL", WORDS, of="text")
# fmt: off
PROMPT: Option[str | None] = Option("--prompt", "what the sample goes on from (default: words of the text)",
    None, str, "TEXT", WORDS, of="text")
# fmt: on
SAMPLE = Option("--sample", "words or characters to sample", 60, whole(0, 100_000), "N", WORDS, of="text")
TEMPERATURE = Option("--temperature", "0: always the likeliest", 0.7, zero_or_more, "X", WORDS, of="text")
OPTIONS = (LEVEL, PROMPT, SAMPLE, TEMPERATURE)


def unit_of(level: str) -> str:
    """What a token is called."""
    return "word" if level == "word" else "character"


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
        return unit_of(self.vocabulary.level)

    def loss(self, inputs: Ids, targets: Ids, state: State = None) -> tuple[tg.Tensor, State]:
        """The cross entropy of a chunk (time, batch) that goes on from a state, and the state after it."""
        self.model.train()
        logits, state = self.model(tg.tensor(inputs), state)
        flat = logits.reshape(-1, logits.shape[-1])
        return nn.functional.cross_entropy(flat, tg.tensor(targets.reshape(-1))), state

    def probabilities(self, ids: Ids, quiet: bool = True) -> NDArray[np.float64]:
        """p of every token but the first given all before it, (time - 1,)."""
        found = []
        self.model.eval()
        with tg.no_grad(), bar(len(ids) - 1, "reading", quiet) as progress:
            state = None
            for inputs, targets in contiguous_batches(ids, 1, 256):
                logits, state = self.model(tg.tensor(inputs), state)
                p = tg.softmax(logits.double(), dim=-1).array[:, 0]
                found.append(p[np.arange(len(p)), targets[:, 0]])
                progress.update(len(p))
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

    def exportable(self) -> Exportable:
        """A module from ids (time, batch) and a state to logits (time, batch, tokens) and the state to go on with."""
        ids = tg.tensor(np.stack([self.example[:-1]] * 2, axis=1))
        names = ["h", "c"] if self.model.kind == "lstm" else ["h"]
        states = [tg.randn(self.model.layers, 2, self.model.hidden) for _ in names]
        axes = {"ids": {0: "time", 1: "batch"}, **{name: {1: "batch"} for name in names}}
        outputs = ["logits", *(f"{name}_out" for name in names)]
        known = len(self.vocabulary)
        means = (
            f"ids (time, batch), {' and '.join(names)} (layers, batch, hidden), zeros at first -> logits (time, batch, "
            f"{known}), {' and '.join(outputs[1:])} to go on with; config.json has the tokens in order"
        )
        return Exportable(Logits(self.model), (ids, *states), axes, outputs, means)

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
        if len(vocabulary) != model.head.out_features:
            raise ValueError(f"{len(vocabulary)} tokens, and the network tells {model.head.out_features}")
        return cls(model, vocabulary, np.array(plain["example"], dtype=np.int64))


class Logits(nn.Module):
    """The network with its state as plain tensors, h or h and c."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: tg.Tensor, *state: Any) -> tuple[tg.Tensor, ...]:
        """(time, batch), (layers, batch, hidden) -> (time, batch, tokens), (layers, batch, hidden)."""
        logits, after = self.network(ids, state if state[1:] else state[0])
        return (logits, *(after if isinstance(after, tuple) else (after,)))


def prompt_of(text: str | None, vocabulary: Vocabulary, usual: Ids) -> Ids:
    """What a sample goes on from: the words given, or the usual ones.

    Raises:
        Refusal: it is empty, or has words that the network never met.
    """
    if text is None:
        return usual
    known = Vocabulary(
        tuple(token for token in vocabulary if token != vocabulary.unknown), vocabulary.level, vocabulary.lower
    )
    try:
        ids = known.encode(text)
    except DataError as error:
        raise Refusal(f"--prompt: {str(error).rpartition('; ')[0]}; use known ones") from None
    if not len(ids):
        raise Refusal("--prompt is empty; give words of the text, or leave it out")
    return vocabulary.encode(text)


def continuation(task: NextToken, prompt: Ids, count: int, temperature: float, seed: int) -> Ids:
    """`count` tokens after the prompt, drawn from softmax(logits / temperature); at 0 always the likeliest.

    The unknown token is never drawn.
    """
    model, vocabulary = task.model, task.vocabulary
    random = np.random.default_rng(seed)
    drawn: list[int] = []
    model.eval()
    with tg.no_grad(), np.errstate(all="ignore"):
        output, state = model(tg.tensor(prompt[:, None]))
        for _ in range(count):
            logits = output.array[-1, 0].astype(np.float64)
            if vocabulary.unknown is not None and len(vocabulary) > 1:
                logits[vocabulary[vocabulary.unknown]] = -np.inf
            ahead = logits - logits.max()
            if temperature == 0:
                drawn.append(int(ahead.argmax()))
            else:
                weights = np.exp(ahead / temperature)
                drawn.append(int(random.choice(len(weights), p=weights / weights.sum())))
            output, state = model(tg.tensor([[drawn[-1]]]), state)
    return np.array(drawn, dtype=np.int64)


def readable(vocabulary: Vocabulary, ids: Ids) -> str:
    """The text of the ids; signs that would steer a terminal are shown as escapes."""
    text = vocabulary.decode(ids)
    return "".join(each if each.isprintable() or each in "\n\t" else repr(each)[1:-1] for each in text)
