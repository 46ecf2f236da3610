"""A multilayer perceptron with layer normalisation and dropout, in the shape of a quickstart tutorial."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset


class Moons(Dataset):
    """Two half circles in each other."""

    def __init__(self, n, transform=None):
        rng = np.random.default_rng(n)
        angle = rng.uniform(0, np.pi, n)
        self.labels = rng.integers(0, 2, n)
        sign = 1 - 2 * self.labels
        self.points = np.stack([np.cos(angle) * sign + self.labels, np.sin(angle) * sign + self.labels * 0.5], 1)
        self.points += rng.normal(0, 0.1, (n, 2))
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        point = torch.as_tensor(self.points[idx], dtype=torch.float32)
        if self.transform:
            point = self.transform(point)
        return point, self.labels[idx]


data = Moons(160, transform=lambda point: point - torch.tensor([0.5, 0.25]))
train_dataloader = DataLoader(Subset(data, range(128)), batch_size=32)
test_dataloader = DataLoader(Subset(data, range(128, 160)), batch_size=32)
for X, y in test_dataloader:
    print(f"Shape of X [N, C]: {X.shape}")
    print(f"Shape of y: {y.shape} {y.dtype}")
    break

device = "cuda" if torch.cuda.is_available() else "cpu"
print(f"Using {device} device")


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.stack = nn.Sequential(
            nn.Linear(2, 24),
            nn.LayerNorm(24),
            nn.ReLU(),
            nn.Dropout(p=0.0),
            nn.Linear(24, 24),
            nn.LayerNorm(24),
            nn.GELU(),
            nn.Dropout(0.0),
            nn.Linear(24, 2),
        )

    def forward(self, x):
        x = self.flatten(x)
        return self.stack(x)


model = NeuralNetwork().to(device)
rng = np.random.default_rng(0)
for module in model.modules():
    if isinstance(module, nn.Linear):
        module.weight.data = torch.tensor(rng.normal(0, module.in_features**-0.5, module.weight.shape)).float()
        nn.init.constant_(module.bias, 0.01)

loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5)


def train(dataloader, model, loss_fn, optimizer):
    size = len(dataloader.dataset)
    model.train()
    for batch, (X, y) in enumerate(dataloader):
        X, y = X.to(device), y.to(device)

        # Compute prediction error
        pred = model(X)
        loss = loss_fn(pred, y)

        # Backpropagation
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

        if batch % 2 == 0:
            loss, current = loss.item(), (batch + 1) * len(X)
            print(f"loss: {loss:>7f}  [{current:>5d}/{size:>5d}]")


def test(dataloader, model, loss_fn):
    size = len(dataloader.dataset)
    num_batches = len(dataloader)
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for X, y in dataloader:
            pred = model(X)
            test_loss += loss_fn(pred, y).item()
            correct += (pred.argmax(1) == y).type(torch.float).sum().item()
    test_loss /= num_batches
    correct /= size
    print(f"Test Error: \n Accuracy: {(100 * correct):>0.1f}%, Avg loss: {test_loss:>8f} \n")


for t in range(5):
    print(f"Epoch {t + 1}, lr {optimizer.param_groups[0]['lr']:.6f}\n-------------------------------")
    train(train_dataloader, model, loss_fn, optimizer)
    test(test_dataloader, model, loss_fn)
    scheduler.step()
print("Done!")

model.eval()
x, y = data[0]
with torch.no_grad():
    pred = model(x.unsqueeze(0))
    print(f"Predicted: {pred[0].argmax(0)}, Actual: {y}, scores {nn.Softmax(dim=1)(pred)[0].tolist()}")
