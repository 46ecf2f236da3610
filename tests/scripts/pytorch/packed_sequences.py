"""Sentences of different lengths: padded, packed, read in both directions, and pooled."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

rng = np.random.default_rng(11)
PAD = 0


class Sentences(Dataset):
    """Does 3 come before 7? Both are in every sentence."""

    def __init__(self, count):
        self.items = []
        for _ in range(count):
            words = rng.integers(10, 20, rng.integers(3, 9))
            first, second = sorted(rng.choice(len(words) + 1, 2, replace=False))
            label = int(rng.integers(2))
            words = np.insert(words, [first, second], [3, 7] if label else [7, 3])
            self.items.append((torch.tensor(words), label))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


def collate(batch):
    sequences, labels = zip(*batch)  # noqa: B905
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    return pad_sequence(sequences, batch_first=True, padding_value=PAD), lengths, torch.tensor(labels)


class Classifier(nn.Module):
    def __init__(self, vocab_size=20, embedding_dim=8, hidden_dim=12):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=PAD)
        self.rnn = nn.GRU(embedding_dim, hidden_dim, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(4 * hidden_dim, 2)

    def forward(self, text, text_lengths):
        embedded = self.embedding(text)
        packed = pack_padded_sequence(embedded, text_lengths, batch_first=True, enforce_sorted=False)
        packed_output, hidden = self.rnn(packed)
        output, output_lengths = pad_packed_sequence(packed_output, batch_first=True)
        assert output_lengths.equal(text_lengths)
        mean = output.sum(dim=1) / output_lengths.unsqueeze(1)
        last = torch.cat((hidden[-2], hidden[-1]), dim=1)
        return self.fc(torch.cat((mean, last), dim=1))


loader = DataLoader(Sentences(64), batch_size=16, collate_fn=collate)
model = Classifier()
with torch.no_grad():
    for p in model.parameters():
        p.copy_(torch.tensor(rng.uniform(-0.3, 0.3, p.shape), dtype=p.dtype))
    model.embedding.weight[PAD] = 0
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

for epoch in range(8):
    epoch_loss, hits = 0.0, 0
    for text, lengths, labels in loader:
        optimizer.zero_grad()
        scores = model(text, lengths)
        loss = F.cross_entropy(scores, labels)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
        hits += scores.argmax(1).eq(labels).sum().item()
    print(f"epoch {epoch} loss {epoch_loss / len(loader):.6f} accuracy {hits / 64:.4f}")
print("padding", model.embedding.weight[PAD].abs().sum().item(), model.embedding.weight.grad[PAD].abs().sum().item())

# The parts of a packed sequence
pieces = [torch.tensor([1.0, 2, 3]), torch.tensor([4.0, 5]), torch.tensor([6.0])]
packed = pack_sequence(pieces)
print(packed.data.tolist(), packed.batch_sizes.tolist())
lstm = nn.LSTM(2, 3, num_layers=2)
with torch.no_grad():
    for p in lstm.parameters():
        p.copy_(torch.tensor(rng.uniform(-0.5, 0.5, p.shape), dtype=p.dtype))
steps = pad_sequence([torch.arange(2.0 * n).view(n, 2) / 10 for n in (2, 4, 3)])
output, (h, c) = lstm(pack_padded_sequence(steps, [2, 4, 3], enforce_sorted=False))
padded, lengths = pad_packed_sequence(output, padding_value=-1.0)
print(padded.shape, lengths.tolist())
for row in padded[:, 0]:
    print([round(value, 5) for value in row.tolist()])
print([round(value, 5) for value in h[-1].flatten().tolist()], f"{c.sum().item():.5f}")
