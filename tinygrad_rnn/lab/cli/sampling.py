"""Writing on from a prompt: one token after the other, each drawn from what the network expects."""

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ..data import Vocabulary
from .next_token import NextToken
from .refusal import DataError, Refusal

Ids = NDArray[np.int64]


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
            drawn.append(_draw(logits, temperature, random))
            output, state = model(tg.tensor([[drawn[-1]]]), state)
    return np.array(drawn, dtype=np.int64)


def _draw(logits: NDArray[np.float64], temperature: float, random: np.random.Generator) -> int:
    ahead = logits - logits.max()
    if temperature == 0:
        return int(ahead.argmax())
    weights = np.exp(ahead / temperature)
    return int(random.choice(len(weights), p=weights / weights.sum()))


def readable(vocabulary: Vocabulary, ids: Ids) -> str:
    """The text of the ids; signs that would steer a terminal are shown as escapes."""
    text = vocabulary.decode(ids)
    return "".join(each if each.isprintable() or each in "\n\t" else repr(each)[1:-1] for each in text)
