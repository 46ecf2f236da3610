"""A fully connected ReLU network with one hidden layer: manual gradients, then autograd, then nn and Adam."""

import numpy as np
import torch

# N is batch size; D_in is input dimension; H is hidden dimension; D_out is output dimension.
N, D_in, H, D_out = 32, 50, 40, 10
rng = np.random.RandomState(0)
data = [rng.randn(*size) for size in [(N, D_in), (N, D_out), (D_in, H), (H, D_out)]]


def tensors():
    return [torch.tensor(array, dtype=torch.float) for array in data]


print("manual updates")
x, y, w1, w2 = tensors()
learning_rate = 1e-5
for t in range(100):
    # Forward pass: compute predicted y
    h = x.mm(w1)
    h_relu = h.clamp(min=0)
    y_pred = h_relu.mm(w2)

    # Compute and print loss
    loss = (y_pred - y).pow(2).sum().item()
    if t % 10 == 9:
        print(t, loss)

    # Backprop to compute gradients of w1 and w2 with respect to loss
    grad_y_pred = 2.0 * (y_pred - y)
    grad_w2 = h_relu.t().mm(grad_y_pred)
    grad_h_relu = grad_y_pred.mm(w2.t())
    grad_h = grad_h_relu.clone()
    grad_h[h < 0] = 0
    grad_w1 = x.t().mm(grad_h)

    # Update weights using gradient descent
    w1 -= learning_rate * grad_w1
    w2 -= learning_rate * grad_w2

print("autograd")
x, y, w1, w2 = tensors()
w1.requires_grad_()
w2.requires_grad = True
for t in range(100):
    y_pred = x.mm(w1).clamp(min=0).mm(w2)
    loss = (y_pred - y).pow(2).sum()
    if t % 10 == 9:
        print(t, loss.item())
    loss.backward()
    with torch.no_grad():
        w1 -= learning_rate * w1.grad
        w2 -= learning_rate * w2.grad
        # Manually zero the gradients after updating weights
        w1.grad.zero_()
        w2.grad.zero_()

print("nn and optim")
x, y, w1, w2 = tensors()
model = torch.nn.Sequential(
    torch.nn.Linear(D_in, H),
    torch.nn.ReLU(),
    torch.nn.Linear(H, D_out),
)
model[0].weight.data.copy_(w1.t() / 8)
model[2].weight.data.copy_(w2.t() / 8)
for layer in (model[0], model[2]):
    torch.nn.init.zeros_(layer.bias)
loss_fn = torch.nn.MSELoss(reduction="sum")
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for t in range(100):
    y_pred = model(x)
    loss = loss_fn(y_pred, y)
    if t % 10 == 9:
        print(t, loss.item())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(sum(p.numel() for p in model.parameters() if p.requires_grad), "parameters")
