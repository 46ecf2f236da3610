"""A recurrent network typed as the formula says it, on five prices: what comes next after 100, 102, 104, 106, 108?

h_t = tanh(W_xh x_t + W_hh h_(t-1) + b_h)        y = W_hy h_5 + b_y        loss = (y - target)^2
"""

import numpy as np

import tinygrad_rnn as tg

tg.set_default_dtype(tg.float64)

prices = [1.00, 1.02, 1.04, 1.06, 1.08]  # in hundreds of dollars: tanh is flat at 100
target = 1.10

W_xh = tg.tensor([[0.5], [0.5]], requires_grad=True)
W_hh = tg.tensor([[0.2, 0.0], [0.0, 0.2]], requires_grad=True)
b_h = tg.tensor([0.0, 0.0], requires_grad=True)
W_hy = tg.tensor([[1.0, 1.0]], requires_grad=True)
b_y = tg.tensor([0.0], requires_grad=True)
parameters = {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h, "W_hy": W_hy, "b_y": b_y}
for name, parameter in parameters.items():
    parameter.name = name


def forward() -> tuple[tg.Tensor, tg.Tensor]:
    """The unrolled network: prediction and loss."""
    h = tg.zeros(2)
    h.name = "h0"
    for t, price in enumerate(prices, start=1):
        with tg.step(t):
            x = tg.tensor([price])
            x.name = "x"
            h = tg.tanh(W_xh @ x + W_hh @ h + b_h)
            h.name = "h"
    y = W_hy @ h + b_y
    y.name = "y"
    loss = (y - target) ** 2
    loss.name = "L"
    return y, loss


y, loss = forward()
print(f"prediction ${100 * y.item():.2f}, loss {loss.item():.7f}")

# The same W_xh is used in every step: its gradient is the sum of what each step adds.
terms = tg.autograd.contributions(loss, W_xh)
sizes = [float(np.linalg.norm(term.gradient)) for term in terms]
print("\n t   adds to dL/dW_xh   share")
for term, size in zip(terms, sizes, strict=True):
    print(f"{term.time:2d}   {term.gradient[0, 0]:16.7f}  {100 * size / sum(sizes):5.2f} %")
print(f"sum  {sum(term.gradient[0, 0] for term in terms):16.7f}")

tg.draw(loss, title="five prices through an RNN", labels=["$100", "$102", "$104", "$106", "$108"]).save("rnn.svg")

print("\nstep  prediction")
for step in range(6):
    y, loss = forward()
    print(f"{step:4d}  ${100 * y.item():.4f}")
    loss.backward()
    with tg.no_grad():
        for parameter in parameters.values():
            assert parameter.grad is not None
            parameter -= 0.1 * parameter.grad
            parameter.grad = None
print("\npicture: rnn.svg")
