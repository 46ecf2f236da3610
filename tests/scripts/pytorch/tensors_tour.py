"""A tour of tensors as in a first lesson: making, indexing, joining, reducing, writing in place, and numpy."""

import numpy as np
import torch

data = [[1, 2], [3, 4]]
x_data = torch.tensor(data)
print(x_data.dtype, x_data.shape, x_data.sum(), x_data.float().mean())
x_np = torch.from_numpy(np.array(data))
x_ones = torch.ones_like(x_data)
x_rand = torch.rand_like(x_data, dtype=torch.float)
print(f"Ones Tensor: {x_ones.tolist()}, Random Tensor: {x_rand.shape} {bool(((x_rand >= 0) & (x_rand < 1)).all())}")
print(torch.zeros(2, 3), torch.eye(2), torch.arange(0, 10, 3), torch.full((2,), 7))

tensor = torch.ones(4, 4)
tensor[:, 1] = 0
print("First row:", tensor[0].tolist(), "Last column:", tensor[..., -1].tolist())
t1 = torch.cat([tensor, tensor * 2], dim=1)
print(t1.shape, t1.sum(dim=1), t1[:, [0, 5]].tolist())
y1 = tensor @ tensor.T
y2 = tensor.matmul(tensor.T)
y3 = torch.mm(tensor, tensor.t())
print(torch.equal(y1, y2), torch.equal(y1, y3), y1[0, 0].item())
agg = tensor.sum()
print(agg.item(), type(agg.item()).__name__)
tensor.add_(5)
print(tensor[0])

# Bridge with NumPy
t = torch.ones(5)
n = t.numpy()
t.add_(1)
print(t, n)
n = np.ones(5)
t = torch.from_numpy(n)
np.add(n, 1, out=n)
print(t, n)

# Shapes
x = torch.arange(24.0).view(2, 3, 4)
print(x.permute(2, 0, 1).shape, x.transpose(0, 2).size(), x.reshape(-1, 6).shape, x.flatten(1).size(1))
print(x[0, 1, 2].item(), x[1].max(), x.max(dim=2)[0].tolist(), x.argmax().item())
print(x.std().item(), x.var(dim=0, unbiased=False).sum().item(), x.norm().item(), x.prod(dim=-1)[0].tolist())
values, indices = torch.sort(torch.tensor([3.0, 1.0, 2.0]), descending=True)
print(values, indices, torch.topk(values, 2).indices)
print(x.unsqueeze(1).expand(2, 5, 3, 4).shape, x.repeat(1, 1, 2).shape, torch.stack([x, x]).ndim)
print(torch.where(x > 12, x, -x).sum(), x.masked_fill(x % 2 == 0, 0).sum(), x.clamp(3, 5).mean())
print(torch.einsum("bij,bkj->bik", x, x).sum().item(), torch.bmm(x, x.transpose(1, 2)).sum().item())
print(torch.linspace(0, 1, 5), torch.logspace(0, 2, 3), torch.cumsum(torch.arange(5), 0))
print(torch.tril(torch.ones(3, 3)).tolist(), torch.outer(torch.arange(3), torch.arange(3)).tolist())
print(torch.nn.functional.one_hot(torch.tensor([0, 2]), 3), torch.tensor([True, False]).any())

# Autograd in a few lines
a = torch.tensor([2.0, 3.0], requires_grad=True)
b = torch.tensor([6.0, 4.0], requires_grad=True)
Q = 3 * a**3 - b**2
external_grad = torch.tensor([1.0, 1.0])
Q.backward(gradient=external_grad)
print(9 * a**2 == a.grad, -2 * b == b.grad)
print(a.grad, b.grad, Q.requires_grad, Q.grad_fn is not None, a.is_leaf, (a.detach() * 2).requires_grad)
with torch.no_grad():
    print((a * 2).requires_grad, torch.is_grad_enabled())
x = torch.randn(3, requires_grad=True)
y = x * 2
count = 1
while y.data.norm() < 1000:
    y = y * 2
    count += 1
y.backward(torch.tensor([0.1, 1.0, 0.0001]))
print((x.grad / 2**count).tolist())
try:
    (a * b).backward()
except RuntimeError as error:
    print(type(error).__name__)
