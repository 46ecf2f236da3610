"""Autograd in ten lines: a tensor remembers how it was made, and backward() hands out the derivatives."""

import tinygrad_rnn as tg

w = tg.tensor(0.5, requires_grad=True)
x = tg.tensor(2.0, requires_grad=True)
y = tg.tanh(w * x)
loss = (y - 1) ** 2
loss.backward()

# By hand: dL/dy = 2 (y - 1), dy/d(wx) = 1 - y^2, d(wx)/dw = x.
by_hand = 2 * (y.item() - 1) * (1 - y.item() ** 2) * x.item()
assert w.grad is not None and x.grad is not None
print(f"y      = tanh(w x)    = {y.item():.6f}")
print(f"loss   = (y - 1)^2    = {loss.item():.6f}")
print(f"dL/dw  = {w.grad.item():.6f}, by hand {by_hand:.6f}")
print(f"dL/dx  = {x.grad.item():.6f}")

# The same rule, remembered once more: the second derivative.
(slope,) = tg.autograd.grad((tg.tanh(w * x) - 1) ** 2, w, create_graph=True)
assert slope is not None
(curvature,) = tg.autograd.grad(slope, w)
assert curvature is not None
print(f"d2L/dw2 = {curvature.item():.6f}")

w.name, x.name, y.name, loss.name = "w", "x", "y", "L"
tg.draw(loss, title="autograd in ten lines").save("autograd.svg")
print("picture: autograd.svg")
