"""Recurrent networks on made-up sequences: to copy, to add, to count, to point, to go on, to tell apart."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence


def copying_memory(draw):
    blank, marker, wait, length = 8, 9, 5, 3
    rnn, head = draw.into(nn.LSTM(10, 16)), draw.into(nn.Linear(16, 10))
    optimizer = optim.RMSprop([*rnn.parameters(), *head.parameters()], lr=1e-3, eps=1e-6)
    while True:
        symbols = draw.integers(0, 8, length, 4)
        x = torch.cat([symbols, torch.full((wait, 4), blank), torch.full((length, 4), marker)])
        target = torch.cat([torch.full((wait + length, 4), blank), symbols])
        optimizer.zero_grad()
        output, _ = rnn(F.one_hot(x, 10).float())
        loss = F.cross_entropy(head(output).view(-1, 10), target.view(-1))
        loss.backward()
        nn.utils.clip_grad_value_([*rnn.parameters(), *head.parameters()], 0.1)
        optimizer.step()
        yield loss.item()


def adding_problem(draw):
    class Adder(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.RNN(2, 16, nonlinearity="relu", batch_first=True)
            self.fc = nn.Linear(16, 1)

        def forward(self, x):
            return self.fc(self.rnn(x)[0][:, -1, :]).squeeze(-1)

    model = draw.into(Adder())
    with torch.no_grad():
        model.rnn.weight_hh_l0.copy_(torch.eye(16))
        model.rnn.bias_hh_l0.zero_()
    optimizer = optim.SGD(model.parameters(), lr=0.002, momentum=0.9, nesterov=True)
    while True:
        values, marks = draw.uniform(8, 12), torch.zeros(8, 12)
        first, second = draw.integers(0, 6, 8), draw.integers(6, 12, 8)
        marks.scatter_(1, torch.stack([first, second], 1), 1.0)
        loss = F.mse_loss(model(torch.stack([values, marks], dim=-1)), (values * marks).sum(1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        yield loss.item()


def running_parity(draw):
    cell, readout = draw.into(nn.GRUCell(1, 12)), draw.into(nn.Linear(12, 1))
    criterion = nn.BCEWithLogitsLoss(reduction="none")
    optimizer = optim.NAdam([{"params": cell.parameters()}, {"params": readout.parameters(), "lr": 0.01}], lr=0.003)
    weights = torch.linspace(0.5, 1.5, 9).unsqueeze(1)
    while True:
        bits = draw.integers(0, 2, 9, 6)
        parity = bits.cumsum(0) % 2
        h, losses = torch.zeros(6, 12), []
        for bit, target in zip(bits.float().unsqueeze(-1), parity.float()):  # noqa: B905
            h = cell(bit, h)
            losses.append(criterion(readout(h).squeeze(1), target))
        loss = (torch.stack(losses) * weights).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def truncated_bptt(draw):
    series = torch.sin(torch.arange(241) * 0.3) + 0.1 * draw.normal(241)
    x, y = series[:-1].view(4, 60, 1), series[1:].view(4, 60, 1)
    lstm, linear = draw.into(nn.LSTM(1, 10, num_layers=2, batch_first=True)), draw.into(nn.Linear(10, 1))
    optimizer = optim.Adam(list(lstm.parameters()) + list(linear.parameters()), lr=3e-3, eps=1e-6)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.7)
    while True:
        hidden = None
        for chunk, goal in zip(x.split(10, dim=1), y.split(10, dim=1)):  # noqa: B905
            if hidden is not None:
                hidden = tuple(h.detach() for h in hidden)
            out, hidden = lstm(chunk, hidden)
            loss = nn.MSELoss()(linear(out), goal)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield loss.item()
        scheduler.step()


def packed_sentiment(draw):
    class Sentiment(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(20, 8, padding_idx=0)
            self.rnn = nn.LSTM(8, 10, bidirectional=True, batch_first=True)
            self.fc = nn.Linear(20, 1)

        def forward(self, text, lengths):
            packed = pack_padded_sequence(self.embedding(text), lengths, batch_first=True, enforce_sorted=False)
            _, (hidden, _) = self.rnn(packed)
            return self.fc(torch.cat((hidden[-2], hidden[-1]), dim=1)).squeeze(1)

    model = draw.into(Sentiment())
    optimizer, criterion = optim.Adam(model.parameters(), lr=0.01, eps=1e-6), nn.BCEWithLogitsLoss()
    while True:
        lengths = draw.integers(2, 8, 6)
        text = draw.integers(1, 20, 6, 7) * (torch.arange(7) < lengths.unsqueeze(1))
        labels = ((text % 2 == 1).sum(1) > lengths / 2).float()
        optimizer.zero_grad()
        loss = criterion(model(text[:, : int(lengths.max())], lengths), labels)
        loss.backward()
        optimizer.step()
        yield loss.item()


def masked_tagger(draw):
    words, gru = draw.into(nn.Embedding(15, 6)), draw.into(nn.GRU(6, 8, bidirectional=True))
    out = draw.into(nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 4), nn.LogSoftmax(dim=-1)))
    layers = nn.ModuleDict({"words": words, "gru": gru, "out": out})
    optimizer = optim.Adagrad(layers.parameters(), lr=0.05)
    criterion = nn.NLLLoss(ignore_index=-1, reduction="sum")
    while True:
        sentences = [draw.integers(0, 15, n) for n in (7, 5, 4, 2)]
        tags = pad_sequence([sentence % 4 for sentence in sentences], padding_value=-1)
        output, lengths = pad_packed_sequence(gru(pack_sequence([words(s) for s in sentences]))[0])
        loss = criterion(out(output).flatten(0, 1), tags.flatten()) / lengths.sum()
        layers.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def pointer_network(draw):
    class Pointer(nn.Module):
        def __init__(self, hidden=12):
            super().__init__()
            self.encoder, self.decoder = nn.LSTM(1, hidden, batch_first=True), nn.LSTMCell(1, hidden)
            self.W1, self.W2 = nn.Linear(hidden, hidden, bias=False), nn.Linear(hidden, hidden, bias=False)
            self.v = nn.Parameter(torch.ones(hidden))

        def forward(self, x, order):
            memory, (h, c) = self.encoder(x)
            h, c = h[0], c[0]
            step, keys = torch.zeros_like(x[:, 0]), self.W1(memory)
            taken, logits = torch.zeros(x.size(0), x.size(1), dtype=torch.bool), []
            for t in range(x.size(1)):
                h, c = self.decoder(step, (h, c))
                score = torch.tanh(keys + self.W2(h).unsqueeze(1)) @ self.v
                logits.append(score.masked_fill(taken, -1e9))
                taken = taken.scatter(1, order[:, t : t + 1], True)
                step = x[torch.arange(x.size(0)), order[:, t]]
            return torch.stack(logits, 1)

    model = draw.into(Pointer())
    optimizer = optim.Adamax(model.parameters(), lr=5e-3)
    while True:
        x = draw.uniform(5, 6, 1)
        order = x.squeeze(-1).argsort(dim=1)
        loss = F.cross_entropy(model(x, order).reshape(-1, 6), order.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def future_sine(draw):
    class Sequence(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm1, self.lstm2, self.linear = nn.LSTMCell(1, 9), nn.LSTMCell(9, 9), nn.Linear(9, 1)

        def forward(self, input, future=0):
            outputs = []
            h_t, c_t, h_t2, c_t2 = (torch.zeros(input.size(0), 9, dtype=input.dtype) for _ in range(4))
            for input_t in input.split(1, dim=1):
                h_t, c_t = self.lstm1(input_t, (h_t, c_t))
                h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
                output = self.linear(h_t2)
                outputs += [output]
            for _ in range(future):
                h_t, c_t = self.lstm1(output, (h_t, c_t))
                h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
                output = self.linear(h_t2)
                outputs += [output]
            return torch.cat(outputs, dim=1)

    seq = draw.into(Sequence().double())
    data = torch.sin(torch.arange(12).double() / 2 + draw.uniform(3, 1).double() * 6)
    optimizer = optim.SGD(seq.parameters(), lr=0.1, momentum=0.5)
    while True:
        optimizer.zero_grad()
        out = seq(data[:, :7], future=4)
        loss = F.mse_loss(out, data[:, 1:])
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            test = F.l1_loss(seq(data[:1, :3], future=3), data[:1, 1:7])
        yield loss.item() + test.item()


def scheduled_sampling(draw):
    embedding, cell, out = (
        draw.into(each) for each in (nn.Embedding(8, 6), nn.GRUCell(6, 12), nn.Linear(12, 8, bias=False))
    )
    parameters = [p for module in (embedding, cell, out) for p in module.parameters()]
    optimizer, epoch = optim.AdamW(parameters, lr=5e-3, weight_decay=0.1, eps=1e-6), 0
    while True:
        source = draw.integers(2, 8, 5, 4)
        h = torch.zeros(4, 12)
        for token in source:
            h = cell(embedding(token), h)
        token, loss, forced = torch.ones(4, dtype=torch.long), 0, draw.uniform(5).tolist()
        for t, goal in enumerate(source.flip(0)):
            h = cell(embedding(token), h)
            logits = out(h)
            loss = loss + F.cross_entropy(logits, goal) / len(source)
            token = goal if forced[t] < 0.95**epoch else logits.detach().topk(1)[1].squeeze(-1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch += 1
        yield loss.item()


def echo_state(draw):
    inside, enter = draw.normal(30, 30).double(), draw.uniform(30, 1).double() - 0.5
    inside *= 0.9 / torch.linalg.norm(inside, dim=1).max()
    readout = draw.into(nn.Linear(30, 1, dtype=torch.float64))
    optimizer = optim.LBFGS(readout.parameters(), lr=0.5, max_iter=4)
    while True:
        u, h, states = draw.uniform(25, 1).double(), torch.zeros(30, dtype=torch.float64), []
        with torch.no_grad():
            for u_t in u:
                h = 0.7 * h + 0.3 * torch.tanh(inside @ h + enter @ u_t)
                states.append(h)
        states, goal = torch.stack(states)[5:], (u.roll(2, 0) * u.roll(1, 0))[5:]

        def closure():
            optimizer.zero_grad()
            loss = F.mse_loss(readout(states), goal) + 1e-3 * readout.weight.pow(2).sum()  # noqa: B023
            loss.backward()
            return loss

        yield optimizer.step(closure).item()


def clockwork(draw):
    class Clockwork(nn.Module):
        def __init__(self, sizes=((1, 4), (2, 4), (4, 4))):
            super().__init__()
            self.cells = nn.ModuleList(nn.RNNCell(3 + 4 * (len(sizes) - 1 - i), n) for i, (_, n) in enumerate(sizes))
            self.periods, self.out = [period for period, _ in sizes], nn.Linear(12, 3)

        def forward(self, x):
            states = [x.new_zeros(x.size(1), 4) for _ in self.cells]
            for t, x_t in enumerate(x):
                for i, (cell, period) in enumerate(zip(self.cells, self.periods)):  # noqa: B905
                    if t % period == 0:
                        states[i] = cell(torch.cat([x_t, *states[i + 1 :]], dim=-1), states[i])
            return self.out(torch.cat(states, -1))

    model = draw.into(Clockwork())
    optimizer = optim.Adadelta(model.parameters(), lr=1.0, rho=0.9)
    while True:
        x = draw.normal(8, 4, 3)
        loss = (model(x) - x.mean(0)).abs().mean()
        model.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()
