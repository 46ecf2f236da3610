"""Attention: a decoder writes a word backwards and looks back at all the encoder's states, not only at the last."""

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn

LETTERS, LENGTH, HIDDEN = "abcdefgh", 8, 32
START = len(LETTERS)  # what the decoder reads first


class Backwards(nn.Module):
    """An encoder reads the letters; the decoder is given each letter it should have written before, and attends."""

    def __init__(self, attention: bool) -> None:
        super().__init__()
        self.attention = attention
        self.letters = nn.Embedding(len(LETTERS) + 1, HIDDEN)
        self.encoder = nn.GRU(HIDDEN, HIDDEN)
        self.decoder = nn.GRUCell(HIDDEN, HIDDEN)
        self.output = nn.Linear(2 * HIDDEN, len(LETTERS))

    def forward(self, read: tg.Tensor, written: tg.Tensor) -> tuple[tg.Tensor, tg.Tensor]:
        """(time, batch) and (time, batch) -> scores (time, batch, letters), attention (time, batch, encoder's time)."""
        states, last = self.encoder(self.letters(read))
        keys = states.transpose(0, 1)  # (batch, time, hidden)
        h, scores, looks = last[-1], [], []
        for t, x in enumerate(self.letters(written), start=1):
            with tg.step(t):
                h = self.decoder(x, h)
                look = tg.softmax((keys @ h.unsqueeze(-1)).squeeze(-1), dim=-1)  # where to look: sums to 1
                context = (look.unsqueeze(1) @ keys).squeeze(1)  # what is seen there
                if not self.attention:
                    context = tg.zeros_like(context)
                scores.append(self.output(tg.cat([h, context], dim=-1)))
                looks.append(look)
        return tg.stack(scores), tg.stack(looks)


def words(random: np.random.Generator, count: int) -> tuple[tg.Tensor, tg.Tensor, tg.Tensor]:
    """Random words (time, batch), the same backwards, and that again one letter later, as the decoder reads it."""
    read = random.integers(0, len(LETTERS), (LENGTH, count))
    target = read[::-1].copy()
    written = np.concatenate([np.full((1, count), START), target[:-1]])
    return tg.tensor(read), tg.tensor(target), tg.tensor(written)


def train(attention: bool, steps: int = 250) -> Backwards:
    """Adam on 32 new words a step."""
    tg.manual_seed(0)
    random = np.random.default_rng(0)
    model = Backwards(attention)
    optimizer = tg.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        read, target, written = words(random, 32)
        scores, _ = model(read, written)
        loss = nn.functional.cross_entropy(scores.reshape(-1, len(LETTERS)), target.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model


read, target, written = words(np.random.default_rng(1), 500)
for attention in (False, True):
    model = train(attention)
    with tg.no_grad():
        scores, looks = model(read, written)
    right = (scores.argmax(dim=-1) == target).float().mean().item()
    print(f"{'with' if attention else 'without'} attention: {100 * right:.1f} % of the letters of new words are right")

print("\nWhere the decoder looks, in % (columns: what was read; rows: what is written)\n")
print("     " + "".join(f"{LETTERS[i]:>5s}" for i in read[:, 0].tolist()))
for letter, look in zip(target[:, 0].tolist(), looks[:, 0], strict=True):
    print(f"    {LETTERS[letter]}" + "".join(f"{100 * share:5.0f}" for share in look.tolist()))

read, target, written = words(np.random.default_rng(2), 1)
scores, _ = model(read[:3], written[:3])
loss = nn.functional.cross_entropy(scores[:, 0], target[:3, 0])
tg.draw(loss, view="modules", title="Three letters read, three written").save("attention.svg")
print("\npicture: attention.svg")
