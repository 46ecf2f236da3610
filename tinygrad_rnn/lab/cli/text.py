"""`tinygrad-rnn train words.txt`: a recurrent network that tells the next word or character, judged beside counting."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...explain.report import alike, prose, table, title
from ..data import Vocabulary, characters, read_text, words
from ..data.files import shown
from ..data.text import Level
from ..training import Progress, Streams
from .bigrams import Bigram, unigram
from .lesson import Lesson, Report, course_of, figures_of, recipe_of
from .network import size_of
from .next_token import UNKNOWN, Ids, NextToken
from .options import TextOptions
from .refusal import Refusal
from .sampling import continuation, prompt_of, readable

HELD_OUT, MOST_HELD_OUT = 0.1, 10_000
MOST_WORDS = 2000
DRAWN_STEPS = 6
MOST_EPOCHS, ENOUGH_STEPS = 8, 2000  # a long text needs fewer passes


class TextLesson(Lesson):
    """Learns from the first nine tenths of a text, and is judged by the rest, of which it takes 10,000 tokens at most.

    The state is carried from chunk to chunk and cut there: backpropagation through time goes back `window` steps.
    """

    task: NextToken
    options: TextOptions
    batches: Streams

    def __init__(self, options: TextOptions) -> None:
        self.options = options
        text = read_text(options.file)
        tokens = words(text.lower()) if options.level == "word" else characters(text)
        self.tokens = len(tokens)
        start = learnt = self.tokens - _held_out(self.tokens)
        if options.validates:
            learnt = start - _held_out(start)
        _check_length(self.tokens, learnt, options)
        vocabulary = _vocabulary(tokens[:learnt], options.level)
        self.learning, self.validation, self.rest = (
            vocabulary.encode(part) for part in (tokens[:learnt], tokens[learnt:start], tokens[start:])
        )
        self.prompt = prompt_of(options.prompt, vocabulary, self.learning[-DRAWN_STEPS - 1 :])
        size = len(vocabulary)
        model = self.make({"inputs": options.hidden, "outputs": size, "vocabulary": size})
        self.task = NextToken(model, vocabulary, self.learning[-DRAWN_STEPS - 1 :])
        self.batches = Streams(self.learning, options.batch, options.window)
        self.epochs = options.epochs or max(min(MOST_EPOCHS, ENOUGH_STEPS // len(self.batches)), 1)

    def introduction(self) -> str:
        known, unit = len(self.task.vocabulary) - 1, self.task.unit
        validated = f", is validated by the next {len(self.validation)}" if self.options.validates else ""
        return (
            f"{shown(self.options.file, 200)}: a text of {self.tokens} {unit}s, {known} different ones known"
            f"{'; the rest is <unk>' if self.options.level == 'word' else ''}\n"
            f"learns from the first {len(self.learning)}{validated}, is judged by the last {len(self.rest)}"
        )

    def evaluate(self) -> float:
        return self.task.loss_of(self.validation if self.options.validates else self.rest)

    def report(self, progress: Progress, interrupted: bool) -> Report:
        task, size = self.task, len(self.task.vocabulary)
        probabilities = {
            task.model.name: task.probabilities(self.rest),
            f"{task.unit} after {task.unit} (bigram)": Bigram(self.learning, size).of(self.rest),
            f"frequency of the {task.unit} (unigram)": unigram(self.learning, size)[self.rest[1:]],
        }
        window = task.through_time()
        parameters = size_of(task.model)
        texts = [self._trained(progress, parameters, interrupted), judged(probabilities, task.unit), window.text]
        figures: dict[str, Any] = {
            "kind": "text",
            "file": self.options.file,
            "level": self.options.level,
            "tokens": self.tokens,
            **figures_of(progress, self.sizes, parameters, interrupted),
            "held_out": scores_of(probabilities),
            "through_time": [step._asdict() for step in window.steps],
        }
        if self.options.sample:
            options = self.options
            sample = sampled(task, self.prompt, options.sample, options.temperature, options.seed)
            texts.append(sample[1])
            figures["sample"] = sample[0]
        return Report("\n".join(texts), figures, window)

    def _trained(self, progress: Progress, parameters: int, interrupted: bool) -> str:
        task, options = self.task, self.options
        return "\n".join(
            [
                title("Training"),
                f"{task.model.name} with {task.model.hidden} hidden units, {parameters} parameters, each {task.unit} a "
                "row of the table E",
                f"{options.batch} streams side by side, {options.window} steps at a time; between them the state is "
                "carried on",
                "and its history cut (truncated BPTT)",
                recipe_of(options),
                course_of(progress, self.epochs * len(self.batches), interrupted),
            ]
        )


def _held_out(tokens: int) -> int:
    """How many of so many tokens are kept apart at the end: the last tenth."""
    return min(max(round(tokens * HELD_OUT), 2), MOST_HELD_OUT)


def _check_length(tokens: int, learnt: int, options: TextOptions) -> None:
    """Refuses a text that does not fill one chunk of every stream and one drawn window."""
    least = max(options.batch * 2, options.window + 1, DRAWN_STEPS + 1)
    if learnt >= least:
        return
    unit = "word" if options.level == "word" else "character"
    parts = "parts to be validated and judged by" if options.validates else "a part to be judged by"

    def left(n: int) -> int:
        start = n - _held_out(n)
        return start - _held_out(start) if options.validates else start

    needed = next(n for n in count(least) if left(n) >= least)
    raise Refusal(
        f"{shown(options.file, 200)} has {tokens} {unit if tokens == 1 else unit + 's'}, too few for {options.batch} "
        f"streams, windows of {options.window} and {parts}; give at least {needed}, or a smaller --window or --batch"
    )


def _vocabulary(training: list[str], level: Level) -> Vocabulary:
    """Characters all; words that occur twice, the most frequent 2000 of them, in lower case."""
    counts = Counter(training)
    if level == "char":
        return Vocabulary(tuple(counts), level, unknown=UNKNOWN[level])
    known = {word for word, count in counts.most_common(MOST_WORDS) if count > 1}
    return Vocabulary(tuple(word for word in counts if word in known), level, lower=True, unknown=UNKNOWN[level])


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
