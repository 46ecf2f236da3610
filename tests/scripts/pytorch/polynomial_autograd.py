"""A third-order polynomial is fitted to an exponential, with autograd and without an optimizer."""

import torch

dtype = torch.float
torch.set_default_device("cpu")

# Create Tensors to hold input and outputs.
# By default, requires_grad=False, which indicates that we do not need gradients of these.
x = torch.linspace(-1, 1, 2000, dtype=dtype)
y = torch.exp(x)  # A Taylor expansion would be 1 + x + (1/2) x**2 + (1/3!) x**3 + ...

# Setting requires_grad=True indicates that we want gradients with respect to these Tensors.
a = torch.tensor(0.3, dtype=dtype, requires_grad=True)
b = torch.tensor(-0.2, dtype=dtype, requires_grad=True)
c = torch.tensor(0.1, dtype=dtype, requires_grad=True)
d = torch.tensor(0.4, dtype=dtype, requires_grad=True)

initial_loss = 1.0
learning_rate = 1e-5
for t in range(1000):
    # Forward pass: compute predicted y using operations on Tensors.
    y_pred = a + b * x + c * x**2 + d * x**3

    # Now loss is a Tensor of shape (), and loss.item() gets the number in it.
    loss = (y_pred - y).pow(2).sum()

    if t == 0:
        initial_loss = loss.item()
    if t % 100 == 99:
        print(
            f"Iteration t = {t:4d}  loss(t)/loss(0) = {round(loss.item() / initial_loss, 6):10.6f}  a = {a.item():.5f}"
        )

    # Compute the gradient of the loss with respect to all Tensors with requires_grad=True.
    loss.backward()

    # Manually update weights using gradient descent.
    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
        c -= learning_rate * c.grad
        d -= learning_rate * d.grad

        # Manually zero the gradients after updating weights
        a.grad = None
        b.grad = None
        c.grad = None
        d.grad = None

print(f"Result: y = {a.item()} + {b.item()} x + {c.item()} x^2 + {d.item()} x^3")
