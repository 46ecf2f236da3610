"""A trained network gets a new head: frozen layers, groups of parameters, hooks, gradients by accumulation."""

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

rng = np.random.default_rng(14)


def tensor(*shape, scale=1.0):
    return torch.tensor(rng.normal(0, scale, shape), dtype=torch.float32)


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(12, 6)
        self.gru = nn.GRU(6, 8, bidirectional=True)
        self.register_buffer("mean", torch.zeros(16))

    def forward(self, tokens):
        out, _ = self.gru(self.embed(tokens))
        pooled, _ = out.max(dim=0)
        return pooled - self.mean


class Model(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.backbone = Backbone()
        self.fc = nn.Linear(16, n_classes)

    def forward(self, tokens):
        return self.fc(self.backbone(tokens))


def init_normal(m):
    for p in m.parameters(recurse=False):
        p.data = tensor(*p.shape, scale=0.3)


model = Model(4)
model.apply(init_normal)
tokens = torch.from_numpy(rng.integers(0, 12, (7, 24)))
classes = (tokens == 3).sum(dim=0).clamp(max=3)
criterion = nn.CrossEntropyLoss(weight=torch.tensor([0.5, 1.0, 1.5, 2.0]))

print("pretraining")
optimizer = optim.Adagrad(model.parameters(), lr=0.1)
for epoch in range(20):
    optimizer.zero_grad()
    loss = criterion(model(tokens), classes)
    loss.backward()
    optimizer.step()
    if epoch % 5 == 4:
        print(f"{epoch} {loss.item():.6f}")

print("new head")
for param in model.backbone.parameters():
    param.requires_grad = False
model.fc = nn.Linear(16, 2)
init_normal(model.fc)
has_three = (tokens == 3).any(dim=0).long()
criterion = nn.CrossEntropyLoss(reduction="sum")
trainable = [p for p in model.parameters() if p.requires_grad]
print(len(trainable), "of", len(list(model.parameters())), "train;", "loss of integers", has_three.sum().item())
optimizer = optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01, momentum=0.9, nesterov=True)
for epoch in range(20):
    optimizer.zero_grad()
    for part, labels in zip(tokens.chunk(3, dim=1), has_three.chunk(3)):  # noqa: B905
        (criterion(model(part), labels) / has_three.numel()).backward()  # gradients add up
    optimizer.step()
    if epoch % 5 == 4:
        norm = sum((p.grad**2).sum() for p in trainable).sqrt()
        print(f"{epoch} gradient {norm.item():.6f}")

print("thawed")
norms = []
for param in model.backbone.parameters():
    param.requires_grad_(True)
handle = model.backbone.gru.weight_hh_l0.register_hook(lambda grad: norms.append(grad.norm().item()))
optimizer = optim.Adam(
    [
        {"params": model.backbone.gru.parameters(), "lr": 1e-3},
        {"params": model.backbone.embed.parameters(), "lr": 1e-4, "weight_decay": 0.1},
        {"params": model.fc.parameters()},
    ],
    lr=1e-2,
)
scheduler = optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=[lambda e: 0.9**e, lambda e: 1.0, lambda e: 1 / (1 + e)])
for epoch in range(20):
    optimizer.zero_grad()
    features = model.backbone(tokens)
    features.retain_grad()
    loss = criterion(model.fc(features), has_three)
    loss.backward()
    optimizer.step()
    scheduler.step()
    if epoch % 5 == 4:
        lrs = " ".join(f"{lr:.6f}" for lr in scheduler.get_last_lr())
        print(f"{epoch} {loss.item():.6f} {features.grad.abs().max().item():.6f} {norms[-1]:.6f} lr {lrs}")
handle.remove()
print(len(norms), f"{model.backbone.embed.weight.sum().item():.5f}")
