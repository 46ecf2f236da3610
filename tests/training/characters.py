"""A character model trained by PyTorch: run as a script, it records the course of its loss (`characters.json`)."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_rnn.lab.cli.lesson import Lesson
from tinygrad_rnn.lab.cli.options import Options
from tinygrad_rnn.lab.cli.recipe import CLIP, HIDDEN, LR
from tinygrad_rnn.lab.cli.text import NextToken, text_lesson
from tinygrad_rnn.lab.cli.train import OPTIONS

HERE = Path(__file__).parent
RECORDED = HERE / "characters.json"
WORDS = HERE.parents[1] / "examples" / "words.txt"
LONG = 8  # epochs of the recorded course; 219 steps each


def lesson(epochs: int) -> Lesson:
    """The text, the network with its first values, and the order of the data."""
    given = {"level": "char", "cell": "lstm", "hidden": 64, "epochs": epochs, "seed": 1}
    return text_lesson(str(WORDS), Options(OPTIONS, given, "text"))


def trained_by_torch(given: Lesson) -> list[float]:
    """The cross entropy on the held-out text after every epoch, by PyTorch from start to end."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    assert isinstance(given.task, NextToken)
    size, hidden = len(given.task.vocabulary), given.options[HIDDEN]

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(size, hidden)
            self.rnn = nn.LSTM(hidden, hidden)
            self.head = nn.Linear(hidden, size)

        def forward(self, ids: Any, state: Any = None) -> Any:
            hs, state = self.rnn(self.embedding(ids), state)
            return self.head(hs), state

    model = Network()
    ours = {name: torch.from_numpy(each.array.copy()) for name, each in given.task.model.state_dict().items()}
    model.load_state_dict(ours)
    optimizer = torch.optim.Adam(model.parameters(), lr=given.options[LR])
    rest = torch.from_numpy(given.watched[0][:, None])
    losses = []
    for epoch in range(given.epochs):
        state = None
        for number in range(len(given.batches)):
            inputs, targets = given.batches.batch(epoch, number)
            logits, state = model(torch.from_numpy(inputs), state)
            state = tuple(each.detach() for each in state)
            loss = nn.functional.cross_entropy(logits.reshape(-1, size), torch.from_numpy(targets.reshape(-1)))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), given.options[CLIP])
            optimizer.step()
        with torch.no_grad():
            logits, _ = model(rest[:-1])
            losses.append(float(nn.functional.cross_entropy(logits[:, 0].double(), rest[1:, 0])))
    return losses


def recorded() -> dict[str, list[float]]:
    """What the script wrote."""
    found: dict[str, list[float]] = json.loads(RECORDED.read_text())
    return found


if __name__ == "__main__":
    course = trained_by_torch(lesson(LONG))
    RECORDED.write_text(json.dumps({"held_out_loss_by_epoch": [float(np.round(each, 6)) for each in course]}) + "\n")
