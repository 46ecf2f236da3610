"""The training loop of the command line, from Python: a character model with a log, early stopping and a checkpoint."""

from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn
from tinygrad_rnn.lab import data, training

STREAMS, WINDOW, HIDDEN = 8, 16, 48

text = data.read_text(Path(__file__).parent / "words.txt")[:12_000]
vocabulary = data.Vocabulary.of(text, level="char")
ids = vocabulary.encode(text)
learnt, held_out = ids[: -len(ids) // 10], ids[-len(ids) // 10 :]


class Model(nn.Module):
    """Each character a row of a table, an LSTM, and a score for every character that may follow."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(len(vocabulary), HIDDEN)
        self.lstm = nn.LSTM(HIDDEN, HIDDEN, forget_bias=1.0)
        self.scores = nn.Linear(HIDDEN, len(vocabulary))

    def forward(self, ids: tg.Tensor, state: Any = None) -> tuple[tg.Tensor, Any]:
        hs, state = self.lstm(self.table(ids), state)
        return self.scores(hs), state


def run() -> training.Training:
    """A model with its first values, the rule that changes it, and the text in streams that are read side by side."""
    tg.manual_seed(0)
    model = Model()

    def loss(inputs: np.ndarray, targets: np.ndarray, state: Any) -> tuple[tg.Tensor, Any]:
        scores, state = model(tg.tensor(inputs), state)  # the loop carries the state on and cuts its history
        return nn.functional.cross_entropy(scores.flatten(0, 1), tg.tensor(targets.ravel())), state

    optimizer = tg.optim.Adam(model.parameters(), lr=0.005)
    schedule = tg.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=600)
    return training.Training(model, optimizer, training.Streams(learnt, STREAMS, WINDOW), loss, schedule, clip=1.0)


def evaluate(model: nn.Module) -> float:
    """The cross entropy of the held-out text, in nats for each character."""
    with tg.no_grad():
        scores, _ = model(tg.tensor(held_out[:-1, None]))
    return float(nn.functional.cross_entropy(scores[:, 0], tg.tensor(held_out[1:])).item())


whole = run()
log = training.Log(Path("characters.jsonl"))
training.fit(whole, epochs=6, evaluate=lambda: evaluate(whole.model), patience=3, log=log)
for line in Path("characters.jsonl").read_text(encoding="utf-8").splitlines():
    print(line)

# The same again, but stopped after two epochs, and gone on with by a new model that has nothing but the file.
first = run()
training.fit(first, epochs=2, evaluate=lambda: evaluate(first.model), patience=3)
training.write_checkpoint("characters.safetensors", first)
second = run()
training.read_checkpoint("characters.safetensors", second)
training.fit(second, epochs=6, evaluate=lambda: evaluate(second.model), patience=3)
pairs = zip(whole.model.parameters(), second.model.parameters(), strict=True)
print(f"\nstopped and gone on with, equal to the last bit: {all(tg.equal(a, b) for a, b in pairs)}")

tg.manual_seed(1)
written, state = vocabulary.encode("Shall I "), None
with tg.no_grad():
    for _ in range(80):
        scores, state = whole.model(tg.tensor(written[-1:, None] if state else written[:, None]), state)
        p = tg.softmax(scores[-1, 0] / 0.6, dim=-1)
        written = np.append(written, tg.multinomial(p, 1).item())
print(f"sampled: {vocabulary.decode(written)!r}")
