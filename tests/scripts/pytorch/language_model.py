"""A GRU language model with truncated backpropagation through time, gradient clipping and learning rate schedules."""

import math

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR

text = (
    "the cat sat on the mat and the dog sat on the rug while the bird sang in the tree and the cat saw the bird "
    "and the dog saw the cat and the bird flew over the mat and the rug and the dog ran to the tree and sat there "
) * 2
words = text.split()
vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words))}
ntokens = len(vocabulary)


def batchify(data, bsz):
    # Work out how cleanly we can divide the dataset into bsz parts.
    nbatch = data.size(0) // bsz
    # Trim off any extra elements that wouldn't cleanly fit (remainders).
    data = data.narrow(0, 0, nbatch * bsz)
    # Evenly divide the data across the bsz batches.
    return data.view(bsz, -1).t().contiguous()


corpus = batchify(torch.LongTensor([vocabulary[word] for word in words]), 4)
bptt = 5


class RNNModel(nn.Module):
    """Container module with an encoder, a recurrent module, and a decoder."""

    def __init__(self, ntoken, ninp, nhid, nlayers, dropout=0.0, tie_weights=False):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.GRU(ninp, nhid, nlayers, dropout=dropout)
        self.decoder = nn.Linear(nhid, ntoken)
        if tie_weights:
            self.decoder.weight = self.encoder.weight
        self.nhid = nhid
        self.nlayers = nlayers

    def init_weights(self, rng):
        with torch.no_grad():
            for param in self.parameters():
                param.copy_(torch.tensor(rng.uniform(-0.2, 0.2, param.shape)))
        nn.init.zeros_(self.decoder.bias)

    def forward(self, input, hidden):
        emb = self.drop(self.encoder(input))
        output, hidden = self.rnn(emb, hidden)
        output = self.drop(output)
        decoded = self.decoder(output.view(output.size(0) * output.size(1), output.size(2)))
        return decoded.view(output.size(0), output.size(1), decoded.size(1)), hidden

    def init_hidden(self, bsz):
        weight = next(self.parameters()).data
        return weight.new_zeros(self.nlayers, bsz, self.nhid)


def repackage_hidden(h):
    """Wraps hidden states in new Tensors, to detach them from their history."""
    if isinstance(h, torch.Tensor):
        return h.detach()
    return tuple(repackage_hidden(v) for v in h)


def get_batch(source, i):
    seq_len = min(bptt, len(source) - 1 - i)
    data = source[i : i + seq_len]
    target = source[i + 1 : i + 1 + seq_len].view(-1)
    return data, target


model = RNNModel(ntokens, 16, 16, 2, tie_weights=True)
model.init_weights(np.random.default_rng(2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=4.0)
scheduler = StepLR(optimizer, step_size=2, gamma=0.7)


def evaluate(data_source):
    model.eval()
    total_loss = 0.0
    hidden = model.init_hidden(4)
    with torch.no_grad():
        for i in range(0, data_source.size(0) - 1, bptt):
            data, targets = get_batch(data_source, i)
            output, hidden = model(data, hidden)
            total_loss += len(data) * criterion(output.view(-1, ntokens), targets).item()
            hidden = repackage_hidden(hidden)
    return total_loss / (len(data_source) - 1)


print(corpus.shape, ntokens, sum(p.nelement() for p in model.parameters()))
for epoch in range(1, 9):
    model.train()
    total_loss, largest = 0.0, 0.0
    hidden = model.init_hidden(4)
    for i in range(0, corpus.size(0) - 1, bptt):
        data, targets = get_batch(corpus, i)
        # Starting each batch, we detach the hidden state from how it was previously produced.
        hidden = repackage_hidden(hidden)
        model.zero_grad()
        output, hidden = model(data, hidden)
        loss = criterion(output.view(-1, ntokens), targets)
        loss.backward()
        norm = clip_grad_norm_(model.parameters(), 0.25)
        largest = max(largest, norm.item())
        optimizer.step()
        total_loss += loss.item() * len(data)
    cur_loss = total_loss / (len(corpus) - 1)
    print(f"epoch {epoch} lr {scheduler.get_last_lr()[0]:.4f} loss {cur_loss:.5f} ppl {math.exp(cur_loss):.4f}")
    print(f"    valid loss {evaluate(corpus):.5f} largest gradient norm {largest:.5f}")
    scheduler.step()

plateau = ReduceLROnPlateau(optimizer, "min", factor=0.5, patience=0, threshold=0.2)
for _ in range(3):
    plateau.step(evaluate(corpus))
    print("lr", optimizer.param_groups[0]["lr"])
