"""Ways to run a training: schedules, averages, thawing, resuming, mixing, hooks, own functions, second derivatives."""

import copy
import io
import itertools
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.func import functional_call
from torch.nn.utils import parametrize
from torch.optim import lr_scheduler
from torch.utils.data import BatchSampler, DataLoader, Dataset, Sampler, TensorDataset, default_collate


def seasonal_forecast(draw):
    t = torch.arange(80, dtype=torch.float32)
    series = 0.02 * t + torch.sin(2 * math.pi * t / 12) + 0.1 * draw.normal(80)
    series = (series - series[:60].mean()) / series[:60].std()
    seasons = torch.stack([f(2 * math.pi * t * k / 12) for k in (1, 2) for f in (torch.sin, torch.cos)], dim=1)
    windows = series.unfold(0, 9, 1)
    model = draw.into(nn.ModuleDict({"gru": nn.GRU(5, 8, batch_first=True), "head": nn.Linear(8, 3)}))
    x = torch.cat([windows[:, :8, None], torch.stack([seasons[i : i + 8] for i in range(72)])], dim=-1)
    optimizer = optim.Adam(model.parameters(), lr=0.01, eps=1e-6)
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, threshold=0.01)
    levels, best, bad, kept = torch.tensor([0.1, 0.5, 0.9]), math.inf, 0, None

    def pinball(rows):
        away = windows[rows, 8:] - model["head"](model["gru"](x[rows])[1].squeeze(0))
        return torch.max(levels * away, (levels - 1) * away).sum(1).mean()

    while True:
        for rows in torch.arange(52).split(13):
            optimizer.zero_grad()
            loss = pinball(rows)
            loss.backward()
            optimizer.step()
            yield loss.item()
        with torch.no_grad():
            held_out = pinball(torch.arange(52, 72)).item()
        plateau.step(held_out)
        best, bad, kept = (held_out, 0, copy.deepcopy(model.state_dict())) if held_out < best else (best, bad + 1, kept)
        if bad == 3:
            model.load_state_dict(kept)
            bad = 0


def accumulated_gradients(draw):
    class Squares(Dataset):
        def __init__(self, x):
            self.x = x

        def __len__(self):
            return len(self.x)

        def __getitem__(self, i):
            return {"x": self.x[i], "y": (self.x[i] ** 2).sum()}

    model = draw.into(nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1)))
    loader = DataLoader(Squares(draw.normal(24, 3)), batch_size=4, shuffle=False, drop_last=True)
    optimizer, every = optim.Adam(model.parameters(), lr=0.01, eps=1e-6), 3
    scheduler = lr_scheduler.SequentialLR(
        optimizer,
        [lr_scheduler.LinearLR(optimizer, 0.1, total_iters=4), lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 5)],
        milestones=[4],
    )
    while True:
        for i, batch in enumerate(loader, 1):
            loss = F.mse_loss(model(batch["x"]).squeeze(-1), batch["y"])
            (loss / every).backward()
            if i % every == 0:
                optimizer.step()
                optimizer.zero_grad()
                scheduler.step()
            yield loss.item()


def buckets_by_length(draw):
    class ByLength(Sampler):
        def __init__(self, data):
            self.lengths = [len(x) for x, _ in data]

        def __iter__(self):
            return iter(sorted(range(len(self.lengths)), key=self.lengths.__getitem__))

        def __len__(self):
            return len(self.lengths)

    def collate(batch):
        xs, ys = zip(*batch)  # noqa: B905
        lengths = torch.tensor([len(x) for x in xs])
        return nn.utils.rnn.pad_sequence(list(xs), batch_first=True), lengths, default_collate(list(ys))

    data = [(draw.normal(int(n), 2), i % 2) for i, n in enumerate(draw.integers(2, 7, 12))]
    loader = DataLoader(data, batch_sampler=BatchSampler(ByLength(data), 4, False), collate_fn=collate)
    rnn, fc = draw.into(nn.RNN(2, 8, batch_first=True)), draw.into(nn.Linear(8, 2))
    optimizer = optim.Adadelta(itertools.chain(rnn.parameters(), fc.parameters()), lr=0.5)
    while True:
        for x, lengths, y in loader:
            out, _ = rnn(x)
            mask = (torch.arange(x.size(1))[None] < lengths[:, None]).unsqueeze(-1)
            mean = (out * mask).sum(1) / lengths.unsqueeze(1)
            loss = F.cross_entropy(fc(mean), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield loss.item()


def mixed_up(draw):
    x = draw.normal(24, 4)
    dataset = TensorDataset(x, (x[:, 0] > x[:, 1]).long())
    model = draw.into(nn.Sequential(nn.Linear(4, 10), nn.RMSNorm(10), nn.SiLU(), nn.Linear(10, 2)))
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = lr_scheduler.PolynomialLR(optimizer, total_iters=60, power=2)
    criterion = nn.CrossEntropyLoss()
    while True:
        for inputs, targets in DataLoader(dataset, batch_size=8):
            lam, index = float(draw.uniform(1)), draw.uniform(8).argsort()
            mixed = lam * inputs + (1 - lam) * inputs[index, :]
            soft = lam * F.one_hot(targets, 2) + (1 - lam) * F.one_hot(targets[index], 2)
            optimizer.zero_grad()
            loss = criterion(model(mixed), soft)
            loss.backward()
            optimizer.step()
            scheduler.step()
            yield loss.item()


def checkpoint_and_resume(draw):
    def build():
        model = nn.Sequential(nn.Linear(3, 6), nn.Softsign(), nn.Linear(6, 1))
        optimizer = optim.Adam(model.parameters(), lr=0.02, weight_decay=0.01, eps=1e-6)
        return model, optimizer, lr_scheduler.ExponentialLR(optimizer, 0.95)

    model, optimizer, scheduler = build()
    draw.into(model)
    for step in itertools.count(1):
        x = draw.normal(8, 3)
        loss = F.mse_loss(model(x), x.norm(dim=1, keepdim=True))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        if step % 6 == 0:
            buffer = io.BytesIO()
            parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler}
            torch.save({name: part.state_dict() for name, part in parts.items()} | {"step": step}, buffer)
            buffer.seek(0)
            saved = torch.load(buffer)
            model, optimizer, scheduler = build()
            for name, part in (("model", model), ("optimizer", optimizer), ("scheduler", scheduler)):
                part.load_state_dict(saved[name])
        yield loss.item()


def thawed_bit_by_bit(draw):
    body = draw.into(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU()))
    head = draw.into(nn.Linear(8, 3))
    for p in body.parameters():
        p.requires_grad = False
    optimizer = optim.SGD(filter(lambda p: p.requires_grad, [*body.parameters(), *head.parameters()]), lr=0.05)
    for step in itertools.count():
        if step in (10, 20):
            layer = body[2] if step == 10 else body[0]
            layer.requires_grad_(True)
            optimizer.add_param_group({"params": layer.parameters(), "lr": 0.01})
        x = draw.normal(8, 4)
        loss = F.multi_margin_loss(head(body(x)), x[:, :3].argmax(1), p=2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def averaged_weights(draw):
    model = draw.into(nn.Sequential(nn.Linear(3, 8), nn.ELU(), nn.Linear(8, 1)))
    average, count = copy.deepcopy(model), 0
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    scheduler = lr_scheduler.CyclicLR(optimizer, 0.01, 0.1, step_size_up=1, step_size_down=4)
    x, y = draw.normal(16, 3), draw.normal(16, 1)
    for step in itertools.count():
        loss = F.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        if step % 5 == 4:
            for (_, a), (_, p) in zip(average.named_parameters(), model.named_parameters()):  # noqa: B905
                a.data = (a.data * count + p.data) / (count + 1)
            count += 1
        with torch.no_grad():
            yield loss.item() + F.mse_loss(average(x), y).item()


def own_function(draw):
    class Spike(torch.autograd.Function):
        @staticmethod
        def forward(ctx, membrane):
            ctx.save_for_backward(membrane)
            return (membrane > 0).float()

        @staticmethod
        def backward(ctx, grad_output):
            (membrane,) = ctx.saved_tensors
            return grad_output / (1 + 10 * membrane.abs()) ** 2

    w_in, w_out = nn.Parameter(draw.normal(6, 12) * 0.6), nn.Parameter(draw.normal(12, 2) * 0.6)
    optimizer = optim.Adamax([w_in, w_out], lr=2e-3)
    while True:
        spikes, labels = (draw.uniform(10, 8, 6) < 0.3).float(), draw.integers(0, 2, 8)
        spikes[:, :, :3] = spikes[:, :, :3] * labels.view(1, 8, 1)
        voltage, current, out, record = torch.zeros(8, 12), torch.zeros(8, 12), torch.zeros(8, 2), []
        for x_t in spikes:
            fired = Spike.apply(voltage - 1.0)
            current = 0.8 * current + x_t @ w_in
            voltage = (0.9 * voltage + current) * (1 - fired.detach())
            out = 0.9 * out + torch.einsum("bh,hc->bc", fired, w_out)
            record.append(out)
        loss = F.nll_loss(torch.stack(record).amax(0).log_softmax(1), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def hooks_on_gradients(draw):
    cell, head, norms = draw.into(nn.RNNCell(2, 8)), draw.into(nn.Linear(8, 1)), []
    cell.weight_hh.register_hook(lambda grad: grad.clamp(-0.05, 0.05))
    head.register_full_backward_hook(lambda m, grad_in, grad_out: norms.append(grad_out[0].norm().item()))
    optimizer = optim.SGD([*cell.parameters(), *head.parameters()], lr=0.05)
    while True:
        h = torch.zeros(4, 8)
        x = draw.normal(6, 4, 2)
        for x_t in x:
            h = cell(x_t, h)
            h.register_hook(lambda grad: grad / grad.norm().clamp(min=0.1) * 0.1)
        loss = F.gaussian_nll_loss(head(h), x.sum((0, 2)).unsqueeze(1), torch.ones(4, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item() + norms.pop()


def orthogonal_weights(draw):
    class Skew(nn.Module):
        def forward(self, X):
            A = X.triu(1)
            return A - A.transpose(-1, -2)

    class Cayley(nn.Module):
        def __init__(self, n):
            super().__init__()
            self.register_buffer("Id", torch.eye(n))

        def forward(self, X):
            return torch.linalg.solve(self.Id + X, self.Id - X)

    layer = draw.into(nn.Linear(5, 5, bias=False))
    parametrize.register_parametrization(layer, "weight", Skew())
    parametrize.register_parametrization(layer, "weight", Cayley(5))
    goal = torch.linalg.inv(torch.eye(5) + draw.normal(5, 5) * 0.1)
    optimizer = optim.Adam(layer.parameters(), lr=0.02, eps=1e-4)
    while True:
        x = draw.normal(10, 5)
        loss = F.mse_loss(layer(x), x @ goal) + 0.01 * (layer.weight.T @ layer.weight - torch.eye(5)).abs().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def meta_learning(draw):
    net = draw.into(nn.Sequential(nn.Linear(1, 10), nn.Tanh(), nn.Linear(10, 1)))
    optimizer = optim.Adam(net.parameters(), lr=0.01, eps=1e-6)
    while True:
        total = 0
        for amplitude, phase in draw.uniform(3, 2).tolist():
            x = draw.uniform(12, 1) * 6 - 3
            y = (0.5 + amplitude) * torch.sin(x + 3 * phase)
            fast = dict(net.named_parameters())
            for _ in range(2):
                inner = F.mse_loss(functional_call(net, fast, (x[:6],)), y[:6])
                grads = torch.autograd.grad(inner, list(fast.values()), create_graph=True)
                fast = {name: p - 0.1 * g for (name, p), g in zip(fast.items(), grads)}  # noqa: B905
            total = total + F.mse_loss(functional_call(net, fast, (x[6:],)), y[6:])
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        yield total.item()


def neural_ode(draw):
    class Field(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(2, 10), nn.Tanh(), nn.Linear(10, 2))
            for m in self.net.modules():
                if isinstance(m, nn.Linear):
                    nn.init.constant_(m.bias, val=0)

        def forward(self, t, y):
            return self.net(y**3)

    def odeint(f, y, times):
        path = [y]
        for t0, t1 in itertools.pairwise(times):
            h = t1 - t0
            k1 = f(t0, y)
            k2 = f(t0 + h / 2, y + h / 2 * k1)
            k3 = f(t0 + h / 2, y + h / 2 * k2)
            k4 = f(t1, y + h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            path.append(y)
        return torch.stack(path)

    A, times = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]]), torch.linspace(0, 0.5, 6)
    func = draw.into(Field())
    optimizer = optim.RMSprop(func.parameters(), lr=1e-3, eps=1e-4)
    while True:
        y0 = draw.uniform(4, 2) * 2 - 1
        with torch.no_grad():
            true = odeint(lambda t, y: torch.mm(y**3, A), y0, times)
        loss = torch.mean(torch.abs(odeint(func, y0, times) - true))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def equation_as_loss(draw):
    net = draw.into(nn.Sequential(nn.Linear(1, 10), nn.Tanh(), nn.Linear(10, 1)))
    optimizer = optim.Adam(net.parameters(), lr=5e-3, eps=1e-6)
    while True:
        t = (draw.uniform(12, 1) * 2).requires_grad_()
        u = net(t)
        du = torch.autograd.grad(u, t, torch.ones_like(u), create_graph=True)[0]
        ddu = torch.autograd.grad(du.sum(), t, create_graph=True)[0]
        zero = torch.zeros(1, 1, requires_grad=True)
        start = net(zero)
        slope = torch.autograd.grad(start, zero, create_graph=True)[0]
        loss = (ddu + 0.4 * du + 4 * u).square().mean() * 1e-2 + ((start - 1) ** 2 + slope**2).squeeze()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def missing_values(draw):
    class GRUD(nn.Module):
        def __init__(self, inputs=3, hidden=8):
            super().__init__()
            self.cell = nn.GRUCell(2 * inputs, hidden)
            self.gamma_x, self.gamma_h = nn.Parameter(torch.full((inputs,), 0.5)), nn.Linear(inputs, hidden)
            self.out = nn.Linear(hidden, 1)

        def forward(self, x, mask, delta, mean):
            h, last = x.new_zeros(x.size(1), 8), mean.expand(x.size(1), -1)
            for x_t, m, d in zip(x, mask, delta):  # noqa: B905
                decay = torch.exp(-F.relu(self.gamma_x * d))
                last = torch.where(m.bool(), x_t, last)
                filled = m * x_t + (1 - m) * (decay * last + (1 - decay) * mean)
                h = h * torch.exp(-torch.relu(self.gamma_h(d)))
                h = self.cell(torch.cat([filled, m], dim=-1), h)
            return self.out(h).squeeze(-1)

    model, mean = draw.into(GRUD()), torch.zeros(3)
    optimizer = optim.Adam(model.parameters(), lr=5e-3, eps=1e-6)
    while True:
        x, mask = draw.normal(7, 5, 3), (draw.uniform(7, 5, 3) > 0.4).float()
        x[mask == 0] = float("nan")
        delta = torch.zeros_like(x)
        for t in range(1, 7):
            delta[t] = 1 + (1 - mask[t - 1]) * delta[t - 1]
        labels = (torch.nanmean(x[..., 0], dim=0).nan_to_num(0.0) > 0).float()
        logits = model(x.nan_to_num(), mask, delta, mean)
        loss = F.binary_cross_entropy_with_logits(logits, labels, pos_weight=torch.tensor(2.0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def hypernetwork(draw):
    hyper = draw.into(nn.Sequential(nn.Linear(2, 8), nn.Sigmoid(), nn.Linear(8, 3 * 4 + 4 + 4)))
    optimizer = optim.Adagrad(hyper.parameters(), lr=0.05, lr_decay=0.01)
    scheduler = lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 0.99)
    while True:
        task, x = draw.normal(5, 2), draw.normal(5, 6, 3)
        w1, b1, w2 = hyper(task).split([12, 4, 4], dim=1)
        hidden = torch.baddbmm(b1.unsqueeze(1), x, w1.view(-1, 3, 4)).tanh()
        found = torch.matmul(hidden, w2.unsqueeze(-1)).squeeze(-1)
        wanted = torch.einsum("bnd,bd->bn", x[..., :2], task)
        loss = F.poisson_nll_loss(found, wanted.exp().clamp(max=5).round(), full=False)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield loss.item()
