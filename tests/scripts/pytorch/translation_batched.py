"""Batched sequence to sequence: a bidirectional encoder, masked additive attention, padding that does not count."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor, optim

rng = np.random.default_rng(12)
PAD_IDX, SOS_IDX, EOS_IDX, VOCAB = 0, 1, 2, 9


class Encoder(nn.Module):
    def __init__(self, pretrained: Tensor, enc_hid_dim: int, dec_hid_dim: int, dropout: float):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(pretrained, freeze=True, padding_idx=PAD_IDX)
        self.rnn = nn.GRU(pretrained.shape[1], enc_hid_dim, bidirectional=True)
        self.fc = nn.Linear(enc_hid_dim * 2, dec_hid_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, src: Tensor, src_len: Tensor) -> tuple[Tensor, Tensor]:
        embedded = self.dropout(self.embedding(src))
        packed = nn.utils.rnn.pack_padded_sequence(embedded, src_len.cpu(), enforce_sorted=False)
        packed_outputs, hidden = self.rnn(packed)
        outputs, _ = nn.utils.rnn.pad_packed_sequence(packed_outputs)
        hidden = torch.tanh(self.fc(torch.cat((hidden[-2, :, :], hidden[-1, :, :]), dim=1)))
        return outputs, hidden


class Attention(nn.Module):
    def __init__(self, enc_hid_dim: int, dec_hid_dim: int):
        super().__init__()
        self.attn = nn.Linear((enc_hid_dim * 2) + dec_hid_dim, dec_hid_dim)
        self.v = nn.Linear(dec_hid_dim, 1, bias=False)

    def forward(self, hidden: Tensor, encoder_outputs: Tensor, mask: Tensor) -> Tensor:
        src_len = encoder_outputs.shape[0]
        hidden = hidden.unsqueeze(1).repeat(1, src_len, 1)
        encoder_outputs = encoder_outputs.permute(1, 0, 2)
        energy = torch.tanh(self.attn(torch.cat((hidden, encoder_outputs), dim=2)))
        attention = self.v(energy).squeeze(2)
        attention = attention.masked_fill(mask == 0, -1e10)
        return F.softmax(attention, dim=1)


class Decoder(nn.Module):
    def __init__(self, output_dim: int, emb_dim: int, enc_hid_dim: int, dec_hid_dim: int, attention: Attention):
        super().__init__()
        self.output_dim = output_dim
        self.attention = attention
        self.embedding = nn.Embedding(output_dim, emb_dim)
        self.rnn = nn.GRU((enc_hid_dim * 2) + emb_dim, dec_hid_dim)
        self.fc_out = nn.Linear((enc_hid_dim * 2) + dec_hid_dim + emb_dim, output_dim)

    def forward(self, input: Tensor, hidden: Tensor, encoder_outputs: Tensor, mask: Tensor):
        embedded = self.embedding(input.unsqueeze(0))
        a = self.attention(hidden, encoder_outputs, mask).unsqueeze(1)
        weighted = torch.bmm(a, encoder_outputs.permute(1, 0, 2)).permute(1, 0, 2)
        output, hidden = self.rnn(torch.cat((embedded, weighted), dim=2), hidden.unsqueeze(0))
        assert (output == hidden).all()
        prediction = self.fc_out(torch.cat((output.squeeze(0), weighted.squeeze(0), embedded.squeeze(0)), dim=1))
        return prediction, hidden.squeeze(0), a.squeeze(1)


class Seq2Seq(nn.Module):
    def __init__(self, encoder: Encoder, decoder: Decoder):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def forward(self, src: Tensor, src_len: Tensor, trg: Tensor, forced: list[bool]) -> Tensor:
        outputs = torch.zeros(trg.shape[0], src.shape[1], self.decoder.output_dim)
        encoder_outputs, hidden = self.encoder(src, src_len)
        mask = (src != PAD_IDX).permute(1, 0)
        input = trg[0, :]
        for t in range(1, trg.shape[0]):
            output, hidden, _ = self.decoder(input, hidden, encoder_outputs, mask)
            outputs[t] = output
            input = trg[t] if forced[t % len(forced)] else output.argmax(1)
        return outputs


def batch(size: int = 12):
    """Sequences, and the same in rising order."""
    sources = [rng.integers(3, VOCAB, rng.integers(2, 6)) for _ in range(size)]
    src = [torch.tensor([SOS_IDX, *each.tolist(), EOS_IDX]) for each in sources]
    trg = [torch.tensor([SOS_IDX, *sorted(each.tolist()), EOS_IDX]) for each in sources]
    lengths = torch.tensor([len(each) for each in src])
    return nn.utils.rnn.pad_sequence(src), lengths, nn.utils.rnn.pad_sequence(trg, padding_value=PAD_IDX)


pretrained = torch.tensor(rng.normal(0, 0.5, (VOCAB, 6)), dtype=torch.float32)
pretrained[PAD_IDX].zero_()
attention = Attention(10, 12)
model = Seq2Seq(Encoder(pretrained, 10, 12, 0.0), Decoder(VOCAB, 6, 10, 12, attention))
for name, param in model.named_parameters():
    if "weight" in name and param.requires_grad:
        nn.init.normal_(param.data, mean=0, std=0.01)
        param.data += torch.tensor(rng.normal(0, 0.2, param.shape)).type_as(param) - param.data
    elif param.requires_grad:
        nn.init.constant_(param.data, 0)
print(f"The model has {sum(p.numel() for p in model.parameters() if p.requires_grad):,} trainable parameters")

optimizer = optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
criterion = nn.CrossEntropyLoss(ignore_index=PAD_IDX)
for epoch in range(30):
    src, src_len, trg = batch()
    optimizer.zero_grad()
    output = model(src, src_len, trg, [True, False, True])
    loss = criterion(output[1:].view(-1, output.shape[-1]), trg[1:].reshape(-1))
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
    optimizer.step()
    if epoch % 3 == 2:
        print(f"Epoch: {epoch + 1:02} Loss: {loss.item():.5f} PPL: {math.exp(loss.item()):7.4f} norm {norm:.4f}")

model.eval()
with torch.no_grad():
    src, src_len, trg = batch(3)
    output = model(src, src_len, trg, [False])
    print(output[1:].argmax(2).t().tolist(), trg.T.tolist())
    encoder_outputs, hidden = model.encoder(src, src_len)
    _, _, weights = model.decoder(trg[0], hidden, encoder_outputs, (src != PAD_IDX).T)
    print(weights.numpy().round(4).tolist(), weights.sum(1).tolist())
