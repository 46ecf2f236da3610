"""A character-level RNN by nn.RNNCell learns one sentence, and writes it down again."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim

text = "hello world, how are you doing today?"
chars = sorted(set(text))
char_to_ix = {ch: i for i, ch in enumerate(chars)}
ix_to_char = dict(enumerate(chars))
vocab_size, hidden_size = len(chars), 32


class CharRNN(nn.Module):
    def __init__(self, vocab_size, hidden_size):
        super(CharRNN, self).__init__()  # noqa: UP008
        self.hidden_size = hidden_size
        self.cell = nn.RNNCell(vocab_size, hidden_size)
        self.decoder = nn.Linear(hidden_size, vocab_size)

    def forward(self, x, h):
        h = self.cell(x, h)
        return self.decoder(h), h

    def init_hidden(self, batch_size=1):
        return torch.zeros(batch_size, self.hidden_size)


model = CharRNN(vocab_size, hidden_size)
rng = np.random.default_rng(42)
bound = 1 / hidden_size**0.5
for param in model.parameters():
    param.data = torch.tensor(rng.uniform(-bound, bound, param.shape), dtype=torch.float32)

criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.01)
data = torch.tensor([char_to_ix[ch] for ch in text], dtype=torch.long)
inputs, targets = F.one_hot(data[:-1], num_classes=vocab_size).float(), data[1:]

for epoch in range(1, 61):
    hidden = model.init_hidden()
    optimizer.zero_grad()
    loss = 0
    for x, target in zip(inputs, targets):  # noqa: B905
        output, hidden = model(x.unsqueeze(0), hidden)
        loss += criterion(output, target.unsqueeze(0))
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch:3d} loss {loss.item() / len(targets):.6f}")

model.eval()
with torch.no_grad():
    hidden = model.init_hidden()
    ix = char_to_ix["h"]
    written = "h"
    for _ in range(len(text) - 1):
        x = F.one_hot(torch.tensor([ix]), vocab_size).float()
        output, hidden = model(x, hidden)
        ix = output.argmax(dim=1).item()
        written += ix_to_char[ix]
print(written)
