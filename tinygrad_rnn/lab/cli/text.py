"""A text: from the words or characters so far to the next one, and so on for as long as one likes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ...explain.report import alike, prose, table, title
from ...viz import LiveText
from ..data import DataError, Vocabulary, characters, contiguous_batches, read_text, words
from ..data.baselines import Bigram, unigram
from ..data.files import shown
from ..training import Streams
from ..training.log import bar
from ..training.network import Network, State
from .console import Refusal, path_shown
from .lesson import Exportable, Judged, Lesson, Window, split
from .options import QUIET, WORDS, Option, Options, one_of, whole, zero_or_more
from .recipe import BATCH, EPOCHS, HIDDEN, SEED, USUAL_EPOCHS, WINDOW, chosen, reading_of, validates

Ids = NDArray[np.int64]

UNITS = {"word": "word", "char": "character"}  # what a token of a level is called
UNKNOWN = {"word": "<unk>", "char": "\ufffd"}

LEVEL = Option("--level", "word or char", "word", one_of("word", "char"), "LEVEL", WORDS, of="text")
# fmt: off
PROMPT: Option[str | None] = Option("--prompt", "what the sample goes on from (default: words of the text)",
    None, str, "TEXT", WORDS, of="text")
# fmt: on
SAMPLE = Option("--sample", "words or characters to sample", 60, whole(0, 100_000), "N", WORDS, of="text")
TEMPERATURE = Option("--temperature", "0: always the likeliest", 0.7, zero_or_more, "X", WORDS, of="text")
OPTIONS = (LEVEL, PROMPT, SAMPLE, TEMPERATURE)
MOST_HELD_OUT = 10_000
MOST_WORDS = 2000
DRAWN_STEPS = 6
ENOUGH_STEPS = 2000


@dataclass(eq=False)
class NextToken:
    """A network that reads ids of tokens and tells what it expects next, as logits over the vocabulary.

    example: the ids of the last tokens of the training text, one more than there are steps to be drawn.
    """

    kind: ClassVar = "text"
    model: Network
    vocabulary: Vocabulary
    example: Ids

    @property
    def unit(self) -> str:
        """What a token is called."""
        return UNITS[self.vocabulary.level]

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
        hs, y, W_hh = self.model.unrolled(tg.tensor(ids[:-1, None]))
        loss = nn.functional.cross_entropy(y, tg.tensor(ids[-1:]))
        *labels, last = (self.label(i) for i in ids.tolist())
        wanted = f"{last!r} after them (p = {float(np.exp(-loss.item())):.3f})"
        heading = f"the last steps of the training text, the loss only of {wanted}"
        drawn = f"{' '.join(labels)} -> ?: one window through the {self.model.name}"
        return Window.of(loss, hs, W_hh, heading, {self.unit: labels}, drawn)

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

    def page(self, title: str) -> LiveText:
        """A page to type on; it begins with the example, as the network goes on from it."""
        known, model = self.vocabulary, self.model
        assert model.embedding is not None
        cut: dict[str, Any] = {"level": known.level, "lower": known.lower, "unknown": known.unknown}
        ids = np.concatenate([self.example, continuation(self, self.example, 40, 0.7, seed=0)])
        text = known.decode([i for i in ids.tolist() if known.tokens[i] != known.unknown])
        return LiveText(known.tokens, model.embedding, model.rnn, model.head, **cut, text=text, title=title)

    def plain(self) -> dict[str, Any]:
        known = self.vocabulary
        plain = {"level": known.level, "lower": known.lower, "unknown": known.unknown, "tokens": list(known.tokens)}
        return plain | {"example": self.example.tolist()}

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
    """What a sample goes on from: the words given, or the usual ones."""
    if text is None:
        return usual
    known = [token for token in vocabulary if token != vocabulary.unknown]
    try:
        ids = Vocabulary(tuple(known), vocabulary.level, vocabulary.lower).encode(text)
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


@dataclass(frozen=True)
class Parts:
    """A text of `tokens` tokens as ids: nine tenths to learn from, perhaps some to be validated by, some to judge by.

    At most 10,000 tokens are held out each time.
    """

    tokens: int
    vocabulary: Vocabulary
    learning: Ids
    validation: Ids
    rest: Ids

    def baselines(self, ids: Ids) -> dict[str, NDArray[np.float64]]:
        """p of every token of a text but the first, by counting in the part that is learnt from."""
        unit, size = UNITS[self.vocabulary.level], len(self.vocabulary)
        return {
            f"{unit} after {unit} (bigram)": Bigram(self.learning, size).of(ids),
            f"frequency of the {unit} (unigram)": unigram(self.learning, size)[ids[1:]],
        }


def parts_of(file: str, options: Options) -> Parts:
    """The text, read and split."""
    text = read_text(file, reading_of(options).encoding)
    tokens = words(text.lower()) if options[LEVEL] == "word" else characters(text)
    total, unit, batch, window = len(tokens), UNITS[options[LEVEL]], options[BATCH], options[WINDOW]
    learnt, start = split(
        total,
        max(batch * 2, window + 1, DRAWN_STEPS + 1),  # fills one chunk of every stream and one drawn window
        lambda count, share: min(max(round(count * share), 2), MOST_HELD_OUT),
        0.1,
        validates(options),
        f"{path_shown(file)} has {total} {unit if total == 1 else unit + 's'}, too few for {batch} streams, windows of "
        f"{window}",
        ", or a smaller --window or --batch",
    )
    vocabulary = _vocabulary(tokens[:learnt], options[LEVEL])
    parts = (tokens[:learnt], tokens[learnt:start], tokens[start:])
    return Parts(total, vocabulary, *(vocabulary.encode(part) for part in parts))


def _vocabulary(training: list[str], level: str) -> Vocabulary:
    """Characters all; words that occur twice, the most frequent 2000 of them, in lower case."""
    counts = Counter(training)
    if level == "char":
        return Vocabulary(tuple(counts), "char", unknown=UNKNOWN[level])
    known = {word for word, count in counts.most_common(MOST_WORDS) if count > 1}
    return Vocabulary(tuple(word for word in counts if word in known), "word", lower=True, unknown=UNKNOWN[level])


def text_lesson(file: str, options: Options) -> Lesson:
    """A text whose state is carried from chunk to chunk and cut there: BPTT goes back `window` steps."""
    parts = parts_of(file, options)
    vocabulary, unit = parts.vocabulary, UNITS[options[LEVEL]]
    example = parts.learning[-DRAWN_STEPS - 1 :]
    prompt = prompt_of(options[PROMPT], vocabulary, example)
    tg.manual_seed(options[SEED])
    size = len(vocabulary)
    sizes: dict[str, Any] = chosen(options) | {"inputs": options[HIDDEN], "outputs": size, "vocabulary": size}
    task = NextToken(Network(**sizes), vocabulary, example)
    batches = Streams(parts.learning, options[BATCH], options[WINDOW])
    validated = f", is validated by the next {len(parts.validation)}" if len(parts.validation) else ""
    lower = " in lower case; the rest is <unk>" if vocabulary.lower else ""

    def sample() -> tuple[str, str]:
        return sampled(task, prompt, options[SAMPLE], options[TEMPERATURE], options[SEED])

    return Lesson(
        file,
        options,
        task,
        sizes,
        batches,
        options[EPOCHS] or max(min(USUAL_EPOCHS["text"], ENOUGH_STEPS // len(batches)), 1),
        introduction=f"{path_shown(file)}: a text of {parts.tokens} {unit}s, {size - 1} different ones known{lower}\n"
        f"learns from the first {len(parts.learning)}{validated}, is judged by the last {len(parts.rest)}",
        watched=(parts.validation if len(parts.validation) else parts.rest,),
        data={"level": options[LEVEL], "tokens": parts.tokens},
        method=f", each {unit} a row of the table E\n{options[BATCH]} streams side by side, {options[WINDOW]} steps at "
        "a time; between them the state is carried on\nand its history cut (truncated BPTT)",
        judge=lambda: judged(task, parts.rest, parts.baselines(parts.rest), options[QUIET]),
        sample=sample if options[SAMPLE] else None,
    )


def judged(
    task: NextToken,
    ids: Ids,
    baselines: dict[str, NDArray[np.float64]],
    quiet: bool,
    where: str = "On the held-out text",
) -> Judged:
    """The network and its baselines, p of every token that came, by cross entropy in nats and perplexity."""
    probabilities = {task.model.name: task.probabilities(ids, quiet), **baselines}
    entropies = {name: -float(np.log(p).mean()) for name, p in probabilities.items()}
    scores = {name: {"cross_entropy": nats, "perplexity": float(np.exp(nats))} for name, nats in entropies.items()}
    perplexities = alike([each["perplexity"] for each in scores.values()], 4)
    rows = [[name, f"{entropies[name]:.3f}", shown] for name, shown in zip(scores, perplexities, strict=True)]
    note = f"A perplexity of 20 is as good as guessing among 20 equally likely {task.unit}s."
    note += f" Best here: {min(entropies, key=entropies.__getitem__)}." if len(scores) > 1 else ""
    ledger = table([f"next {task.unit} by", "cross entropy (nats)", "perplexity"], rows)
    return scores, "\n".join([title(where), ledger, "", prose(note)])


def sampled(task: NextToken, prompt: Ids, count: int, temperature: float, seed: int) -> tuple[str, str]:
    """What the network writes after the prompt: the bare text, and the same under a heading."""
    ids = continuation(task, prompt, count, temperature, seed)
    begun, text = readable(task.vocabulary, prompt), readable(task.vocabulary, np.concatenate([prompt, ids]))
    heading = f"Sampled: {count} {task.unit}s after {begun!r} (temperature {temperature:g}, seed {seed})"
    return text, "\n".join([title(heading), prose(text) if task.vocabulary.level == "word" else text])
