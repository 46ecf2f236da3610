"""Logistic regression on two clouds of points, with logits, class weights and weight decay."""

import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(10)
n = 80
labels = (rng.random(n) < 0.3).astype(np.float32)
points = rng.normal(0, 1, (n, 2)) + labels[:, None] * np.array([2.0, 1.0])
X = torch.tensor(points, dtype=torch.float32)
y = torch.from_numpy(labels)
X = (X - X.mean(dim=0)) / X.std(dim=0)


class LogisticRegression(nn.Module):
    def __init__(self, in_features):
        super().__init__()
        self.linear = nn.Linear(in_features, 1)

    def forward(self, x):
        return self.linear(x).squeeze(-1)


model = LogisticRegression(2)
model.load_state_dict({"linear.weight": torch.tensor([[0.3, -0.4]]), "linear.bias": torch.tensor([0.1])})
positives = y.sum()
criterion = nn.BCEWithLogitsLoss(pos_weight=(len(y) - positives) / positives)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.05, weight_decay=0.1)

for epoch in range(50):
    logits = model(X)
    loss = criterion(logits, y)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if epoch % 5 == 0:
        with torch.no_grad():
            predicted = (torch.sigmoid(logits) > 0.5).float()
            accuracy = (predicted == y).float().mean()
        print(f"epoch {epoch:2d} loss {loss:.6f} accuracy {accuracy:.4f}")

with torch.inference_mode():
    probability = torch.sigmoid(model(X))
    tp = ((probability >= 0.5) & (y == 1)).sum().item()
    fp = ((probability >= 0.5) & (y == 0)).sum().item()
    fn = ((probability < 0.5) & y.bool()).sum().item()
print("precision", tp / (tp + fp), "recall", tp / (tp + fn))
w, b = model.linear.weight[0], model.linear.bias
print("boundary at x =", (-b / w[0]).item(), "slope", -(w[0] / w[1]).item())
print("per example", nn.functional.binary_cross_entropy(probability, y, reduction="none")[:4].tolist())
