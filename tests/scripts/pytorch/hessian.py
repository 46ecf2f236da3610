"""Newton's method on a small network: the Hessian by autograd.functional, by torch.func, and by hand."""

import numpy as np
import torch
from torch.autograd.functional import hessian, hvp, jacobian
from torch.func import grad, jacrev

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(4)
x = torch.tensor(rng.uniform(-2, 2, (20, 2)))
y = torch.sin(x[:, 0]) * x[:, 1]


def network(params):
    """2 -> 3 -> 1, all parameters in one vector."""
    W1, b1, W2, b2 = params[:6].view(2, 3), params[6:9], params[9:12].view(3, 1), params[12:]
    return (torch.tanh(x @ W1 + b1) @ W2 + b2).squeeze(1)


def loss_fn(params):
    return ((network(params) - y) ** 2).mean() + 1e-2 * params.pow(2).sum()


params = torch.tensor(rng.normal(0, 0.7, 13), requires_grad=True)
H = hessian(loss_fn, params)
print("shape", tuple(H.shape), "symmetric", torch.allclose(H, H.T))
print("trace", torch.diagonal(H).sum().item(), "largest", H.abs().max().item())

# The same by differentiating the gradient, one entry at a time
(g,) = torch.autograd.grad(loss_fn(params), params, create_graph=True)
rows = [torch.autograd.grad(entry, params, retain_graph=True)[0] for entry in g]
print("by hand", torch.allclose(torch.stack(rows), H))
print("func", torch.allclose(jacrev(grad(loss_fn))(params), H), torch.allclose(grad(loss_fn)(params), g))
v = torch.linspace(-1, 1, 13)
value, product = hvp(loss_fn, params, v)
print("product", value.item(), torch.allclose(product, H @ v))
J = jacobian(network, params)
print("jacobian", tuple(J.shape), J.sum().item())

# Newton's method, damped where the Hessian has negative directions
for iteration in range(8):
    H = hessian(loss_fn, params)
    (g,) = torch.autograd.grad(loss_fn(params), params)
    eigenvalues, eigenvectors = np.linalg.eigh(H.detach().numpy())
    step = eigenvectors @ ((eigenvectors.T @ g.numpy()) / np.maximum(np.abs(eigenvalues), 0.05))
    with torch.no_grad():
        params -= torch.from_numpy(step)
    print(f"iteration {iteration} loss {loss_fn(params).item():.8f} |g| {g.norm().item():.8f}")
torch.set_default_dtype(torch.float32)
