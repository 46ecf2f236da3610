"""`tinygrad-rnn train words.txt`: a recurrent network that tells the next word or character, judged beside counting."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...explain.report import alike, prose, table, title
from ..data import Vocabulary, characters, read_text, words
from ..data.baselines import Bigram, unigram
from ..training import Streams
from .console import path_shown
from .lesson import Lesson, Parts
from .network import HIDDEN
from .next_token import LEVEL, PROMPT, SAMPLE, TEMPERATURE, UNKNOWN, Ids, NextToken, continuation, prompt_of, readable
from .options import QUIET, Options
from .reading import reading_of
from .recipe import BATCH, EPOCHS, SEED, USUAL_EPOCHS, WINDOW, validates

MOST_HELD_OUT = 10_000
MOST_WORDS = 2000
DRAWN_STEPS = 6
ENOUGH_STEPS = 2000


class TextLesson(Lesson):
    """Learns from the first nine tenths of a text, and is judged by the rest, of which it takes 10,000 tokens at most.

    The state is carried from chunk to chunk and cut there: backpropagation through time goes back `window` steps.
    """

    task: NextToken
    batches: Streams

    def __init__(self, file: str, options: Options) -> None:
        self.file, self.options = file, options
        text = read_text(file, reading_of(options).encoding)
        tokens = words(text.lower()) if options[LEVEL] == "word" else characters(text)
        self.tokens = len(tokens)
        batch, window, unit = options[BATCH], options[WINDOW], "word" if options[LEVEL] == "word" else "character"
        what = f"{path_shown(file)} has {self.tokens} {unit if self.tokens == 1 else unit + 's'}, too few for "
        what += f"{batch} streams, windows of {window}"
        least = max(batch * 2, window + 1, DRAWN_STEPS + 1)  # fills one chunk of every stream and one drawn window
        parts = Parts(validates(options), _last_tenth, _last_tenth)
        learnt, start = parts.cut(self.tokens, least, what, ", or a smaller --window or --batch")
        vocabulary = _vocabulary(tokens[:learnt], options[LEVEL])
        self.learning, self.validation, self.rest = (
            vocabulary.encode(part) for part in (tokens[:learnt], tokens[learnt:start], tokens[start:])
        )
        example = self.learning[-DRAWN_STEPS - 1 :]
        self.prompt = prompt_of(options[PROMPT], vocabulary, example)
        size = len(vocabulary)
        model = self.make(inputs=options[HIDDEN], outputs=size, vocabulary=size)
        self.task = NextToken(model, vocabulary, example)
        self.batches = Streams(self.learning, batch, window)
        enough = max(min(USUAL_EPOCHS["text"], ENOUGH_STEPS // len(self.batches)), 1)
        self.epochs = options[EPOCHS] or enough

    def introduction(self) -> str:
        known, unit = len(self.task.vocabulary) - 1, self.task.unit
        validated = f", is validated by the next {len(self.validation)}" if len(self.validation) else ""
        return (
            f"{path_shown(self.file)}: a text of {self.tokens} {unit}s, {known} different ones known"
            f"{' in lower case; the rest is <unk>' if unit == 'word' else ''}\n"
            f"learns from the first {len(self.learning)}{validated}, is judged by the last {len(self.rest)}"
        )

    def evaluate(self) -> float:
        return self.task.loss_of(self.validation if len(self.validation) else self.rest)

    def data(self) -> dict[str, Any]:
        return {"level": self.options[LEVEL], "tokens": self.tokens}

    def method(self) -> str:
        return (
            f", each {self.task.unit} a row of the table E\n{self.options[BATCH]} streams side by side, "
            f"{self.options[WINDOW]} steps at a time; between them the state is carried on\n"
            "and its history cut (truncated BPTT)"
        )

    def judge(self) -> tuple[dict[str, Any], str]:
        task, rest = self.task, self.rest
        probabilities = {task.model.name: task.probabilities(rest, self.options[QUIET]), **self.baselines(rest)}
        return scores_of(probabilities), judged(probabilities, task.unit)

    def baselines(self, ids: Ids) -> dict[str, NDArray[np.float64]]:
        """p of every token of a text but the first, by counting in the part that is learnt from."""
        unit, size = self.task.unit, len(self.task.vocabulary)
        return {
            f"{unit} after {unit} (bigram)": Bigram(self.learning, size).of(ids),
            f"frequency of the {unit} (unigram)": unigram(self.learning, size)[ids[1:]],
        }

    def sample(self) -> tuple[str, str] | None:
        options = self.options
        if not options[SAMPLE]:
            return None
        return sampled(self.task, self.prompt, options[SAMPLE], options[TEMPERATURE], options[SEED])


def _last_tenth(tokens: int) -> int:
    """How many of so many tokens are kept apart at the end."""
    return min(max(round(tokens * 0.1), 2), MOST_HELD_OUT)


def _vocabulary(training: list[str], level: str) -> Vocabulary:
    """Characters all; words that occur twice, the most frequent 2000 of them, in lower case."""
    counts = Counter(training)
    if level == "char":
        return Vocabulary(tuple(counts), "char", unknown=UNKNOWN[level])
    known = {word for word, count in counts.most_common(MOST_WORDS) if count > 1}
    return Vocabulary(tuple(word for word in counts if word in known), "word", lower=True, unknown=UNKNOWN[level])


def scores_of(probabilities: dict[str, NDArray[np.float64]]) -> dict[str, dict[str, float]]:
    """Cross entropy in nats and perplexity, from p of every token that came."""
    entropies = {name: -float(np.log(p).mean()) for name, p in probabilities.items()}
    return {name: {"cross_entropy": nats, "perplexity": float(np.exp(nats))} for name, nats in entropies.items()}


def judged(probabilities: dict[str, NDArray[np.float64]], unit: str, where: str = "On the held-out text") -> str:
    """The table of the network and its baselines."""
    scores = scores_of(probabilities)
    perplexities = alike([each["perplexity"] for each in scores.values()], 4)
    rows = [[name, f"{scores[name]['cross_entropy']:.3f}", perplexities[i]] for i, name in enumerate(scores)]
    best = min(scores, key=lambda name: scores[name]["cross_entropy"])
    note = f"A perplexity of 20 is as good as guessing among 20 equally likely {unit}s."
    note += f" Best here: {best}." if len(scores) > 1 else ""
    return "\n".join(
        [title(where), table([f"next {unit} by", "cross entropy (nats)", "perplexity"], rows), "", prose(note)]
    )


def sampled(task: NextToken, prompt: Ids, count: int, temperature: float, seed: int) -> tuple[str, str]:
    """What the network writes after the prompt: the bare text, and the same under a heading."""
    ids = continuation(task, prompt, count, temperature, seed)
    begun, text = readable(task.vocabulary, prompt), readable(task.vocabulary, np.concatenate([prompt, ids]))
    heading = f"Sampled: {count} {task.unit}s after {begun!r} (temperature {temperature:g}, seed {seed})"
    return text, "\n".join([title(heading), prose(text) if task.vocabulary.level == "word" else text])
