"""`tinygrad-rnn train words.txt`: a recurrent network that tells the next word or character, judged beside counting."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ...explain.report import alike, prose, table, title
from ..data import Vocabulary, characters, read_text, words
from ..data.baselines import Bigram, unigram
from ..training import Streams
from .console import path_shown
from .lesson import Judged, Lesson, split
from .network import HIDDEN, Network, chosen
from .next_token import (
    LEVEL,
    PROMPT,
    SAMPLE,
    TEMPERATURE,
    UNKNOWN,
    Ids,
    NextToken,
    continuation,
    prompt_of,
    readable,
    unit_of,
)
from .options import QUIET, Options
from .reading import reading_of
from .recipe import BATCH, EPOCHS, SEED, USUAL_EPOCHS, WINDOW, validates

MOST_HELD_OUT = 10_000
MOST_WORDS = 2000
DRAWN_STEPS = 6
ENOUGH_STEPS = 2000


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
        unit, size = unit_of(self.vocabulary.level), len(self.vocabulary)
        return {
            f"{unit} after {unit} (bigram)": Bigram(self.learning, size).of(ids),
            f"frequency of the {unit} (unigram)": unigram(self.learning, size)[ids[1:]],
        }


def parts_of(file: str, options: Options) -> Parts:
    """The text, read and split."""
    text = read_text(file, reading_of(options).encoding)
    tokens = words(text.lower()) if options[LEVEL] == "word" else characters(text)
    total, unit, batch, window = len(tokens), unit_of(options[LEVEL]), options[BATCH], options[WINDOW]

    def last_tenth(count: int) -> int:
        return min(max(round(count * 0.1), 2), MOST_HELD_OUT)

    learnt, start = split(
        total,
        max(batch * 2, window + 1, DRAWN_STEPS + 1),  # fills one chunk of every stream and one drawn window
        last_tenth,
        last_tenth if validates(options) else lambda count: 0,
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
    vocabulary, unit = parts.vocabulary, unit_of(options[LEVEL])
    example = parts.learning[-DRAWN_STEPS - 1 :]
    prompt = prompt_of(options[PROMPT], vocabulary, example)
    tg.manual_seed(options[SEED])
    size = len(vocabulary)
    sizes = chosen(options) | {"inputs": options[HIDDEN], "outputs": size, "vocabulary": size}
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
