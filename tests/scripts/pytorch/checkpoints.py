"""Training is interrupted, saved to a file and resumed; the best model is kept on the way."""

import copy
import os
import tempfile

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.optim.lr_scheduler import ExponentialLR


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(3, 10, num_layers=2, nonlinearity="relu", batch_first=True)
        self.norm = nn.LayerNorm(10)
        self.out = nn.Linear(10, 2)

    def forward(self, x):
        _, h_n = self.rnn(x)
        return self.out(self.norm(h_n[-1]))


rng = np.random.default_rng(6)
x = torch.tensor(rng.standard_normal((40, 6, 3)), dtype=torch.float32)
y = torch.stack([x.sum(dim=(1, 2)) / 4, (x[:, :, 0] * x[:, :, 1]).mean(dim=1)], dim=1)
train_x, valid_x = x[:30], x[30:]
train_y, valid_y = y[:30], y[30:]
initial = {name: torch.tensor(rng.uniform(-0.3, 0.3, p.shape)).float() for name, p in Net().state_dict().items()}


def prepare():
    model = Net()
    model.load_state_dict(initial, strict=True)
    optimizer = optim.AdamW(model.parameters(), lr=0.01, amsgrad=True)
    return model, optimizer, ExponentialLR(optimizer, gamma=0.95)


def train_epoch(model, optimizer, scheduler):
    model.train()
    for batch_x, batch_y in zip(train_x.split(10), train_y.split(10)):  # noqa: B905
        optimizer.zero_grad()
        F.mse_loss(model(batch_x), batch_y).backward()
        optimizer.step()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        return F.mse_loss(model(valid_x), valid_y).item()


model, optimizer, scheduler = prepare()
uninterrupted = [train_epoch(model, optimizer, scheduler) for _ in range(12)]

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "checkpoint.pt")
    model, optimizer, scheduler = prepare()
    losses, best_loss, best_state = [], float("inf"), None
    for epoch in range(6):  # noqa: B007
        loss = train_epoch(model, optimizer, scheduler)
        losses.append(loss)
        if loss < best_loss:
            best_loss = loss
            best_state = copy.deepcopy(model.state_dict())
    torch.save(
        {
            "epoch": epoch,
            "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict(),
            "scheduler_state_dict": scheduler.state_dict(),
            "loss": loss,
        },
        path,
    )

    model = Net()
    optimizer = optim.AdamW(model.parameters(), lr=1.0, amsgrad=True)
    scheduler = ExponentialLR(optimizer, gamma=0.5)
    checkpoint = torch.load(path, weights_only=True)
    model.load_state_dict(checkpoint["model_state_dict"])
    optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
    scheduler.load_state_dict(checkpoint["scheduler_state_dict"])
    print("resumed after epoch", checkpoint["epoch"], "at loss", checkpoint["loss"])
    for _ in range(checkpoint["epoch"] + 1, 12):
        losses.append(train_epoch(model, optimizer, scheduler))

for epoch, (one, other) in enumerate(zip(uninterrupted, losses)):  # noqa: B905
    print(f"epoch {epoch} uninterrupted {one:.6f} resumed {other:.6f} equal {abs(one - other) < 1e-7}")
print(f"best {best_loss:.6f} lr {optimizer.param_groups[0]['lr']:.6f} {scheduler.last_epoch}")
model.load_state_dict(best_state)
with torch.no_grad():
    print(f"best again {F.mse_loss(model(valid_x), valid_y):.6f}")
