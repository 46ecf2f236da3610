"""A custom autograd function: y = a + b P3(c + d x), with P3 the Legendre polynomial of degree three."""

import math

import torch


class LegendrePolynomial3(torch.autograd.Function):
    """A subclass of torch.autograd.Function with the forward and backward passes on Tensors."""

    @staticmethod
    def forward(ctx, input):
        """ctx is a context object that can be used to stash information for the backward computation."""
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        """Given the gradient of the loss with respect to the output, compute that with respect to the input."""
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


class ScaledTanh(torch.autograd.Function):
    """tanh(scale * x): an argument that is no tensor, and a gradient only where one is needed."""

    @staticmethod
    def forward(ctx, x, scale):
        y = torch.tanh(scale * x)
        ctx.save_for_backward(y)
        ctx.scale = scale
        return y

    @staticmethod
    def backward(ctx, grad_output):
        (y,) = ctx.saved_tensors
        grad_x = None
        if ctx.needs_input_grad[0]:
            grad_x = grad_output * ctx.scale * (1 - y * y)
        return grad_x, None


dtype = torch.float
device = torch.device("cpu")
x = torch.linspace(-math.pi, math.pi, 2000, device=device, dtype=dtype)
y = torch.sin(x)

# Weights that are not too far from the correct result, to ensure convergence.
a = torch.full((), 0.0, device=device, dtype=dtype, requires_grad=True)
b = torch.full((), -1.0, device=device, dtype=dtype, requires_grad=True)
c = torch.full((), 0.0, device=device, dtype=dtype, requires_grad=True)
d = torch.full((), 0.3, device=device, dtype=dtype, requires_grad=True)

learning_rate = 5e-6
for t in range(800):
    # To apply our Function, we use the Function.apply method. We alias this as 'P3'.
    P3 = LegendrePolynomial3.apply

    # Forward pass: compute predicted y using operations; we compute P3 using our custom autograd operation.
    y_pred = a + b * P3(c + d * x)

    # Compute and print loss
    loss = (y_pred - y).pow(2).sum()
    if t % 100 == 99:
        print(t, loss.item())

    # Use autograd to compute the backward pass.
    loss.backward()

    # Update weights using gradient descent
    with torch.no_grad():
        for weight in (a, b, c, d):
            weight -= learning_rate * weight.grad
            weight.grad = None

print(f"Result: y = {a.item():.6f} + {b.item():.6f} * P3({c.item():.6f} + {d.item():.6f} x)")

u = torch.tensor([0.1, -0.4, 0.7], dtype=torch.double, requires_grad=True)
print("gradcheck:", torch.autograd.gradcheck(LegendrePolynomial3.apply, (u,)))
print("gradcheck:", torch.autograd.gradcheck(lambda v: ScaledTanh.apply(v, 1.7), (u,)))
ScaledTanh.apply(u, 2.0).sum().backward()
print(u.grad.tolist())
