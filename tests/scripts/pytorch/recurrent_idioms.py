"""What scripts on recurrent networks do around them: biases, hooks, detach_, sampling, checkpoints, own updates."""

import numpy as np
import torch
import torch.nn as nn
from torch.autograd.functional import jvp, vjp
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.utils.checkpoint import checkpoint

torch.backends.cudnn.deterministic = True
device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
use_cuda = torch.cuda.is_available()
rng = np.random.RandomState(99)

lstm = nn.LSTM(4, 6, num_layers=2, bidirectional=True, dropout=0)
lstm.flatten_parameters()
start = torch.tensor(rng.uniform(-0.4, 0.4, sum(p.numel() for p in lstm.parameters())), dtype=torch.float32)
vector_to_parameters(start.clone(), lstm.parameters())
# The bias of the forget gates starts at 1.
for names in lstm._all_weights:
    for name in filter(lambda n: "bias" in n, names):
        bias = getattr(lstm, name)
        n = bias.size(0)
        bias.data[n // 4 : n // 2].fill_(1.0)
print(len(list(lstm.parameters())), [name for name, _ in lstm.named_parameters()][4:8])
print(f"{parameters_to_vector(lstm.parameters()).sum().item():.5f}")

x = torch.tensor(rng.randn(9, 3, 4)).float()
readout = nn.Linear(12, 4)
nn.init.eye_(readout.weight)
readout.bias.data.zero_()

# Stateful training: the state goes on, its history does not.
hidden = (torch.zeros(4, 3, 6), torch.zeros(4, 3, 6))
square = {name: torch.zeros_like(p) for name, p in lstm.named_parameters()}
for chunk in range(3):
    for h in hidden:
        h.detach_()
    out, hidden = lstm(x[3 * chunk : 3 * chunk + 3], hidden)
    loss = (readout(out) - x[3 * chunk : 3 * chunk + 3].roll(1, 0)).pow(2).mean()
    lstm.zero_grad()
    readout.zero_grad(set_to_none=False)
    loss.backward()
    for name, p in lstm.named_parameters():  # RMSprop by hand
        g = p.grad.data
        square[name].mul_(0.9).addcmul_(g, g, value=0.1)
        p.data.addcdiv_(g, square[name].sqrt().add_(1e-5), value=-0.01)
    print(
        f"chunk {chunk} loss {loss.item():.6f} state {hidden[0].norm().item():.6f} {hidden[1].abs().max().item():.6f}"
    )

# Exploding gradients, cut in a hook on the state; memory saved by checkpoints
cell = nn.GRUCell(4, 6)
vector_to_parameters(start[: sum(p.numel() for p in cell.parameters())] * 2, cell.parameters())


def run(limit, use_checkpoint):
    cell.zero_grad()
    h = torch.zeros(3, 6, requires_grad=True)
    norms = []
    for x_t in x:
        h = checkpoint(cell, x_t, h, use_reentrant=False) if use_checkpoint else cell(x_t, h)
        if limit:
            h.register_hook(lambda g: g.clamp(-limit, limit))
        h.register_hook(lambda g: norms.append(g.norm().item()))
    (h**2).sum().backward()
    return norms[::3], cell.weight_hh.grad.norm().item()


for limit, use_checkpoint in [(None, False), (0.05, False), (None, True)]:
    norms, total = run(limit, use_checkpoint)
    print("limit", limit, [round(each, 5) for each in norms], f"{total:.5f}")

# Products with the Jacobian of the whole recurrence
h0 = torch.linspace(-1, 1, 6).expand(3, 6).contiguous()


def recurrence(h):
    for x_t in x[:4]:
        h = cell(x_t, h)
    return h


_, forward_product = jvp(recurrence, h0, torch.ones_like(h0))
_, backward_product = vjp(recurrence, h0, torch.ones_like(h0))
print(f"{forward_product.sum().item():.6f} {backward_product.sum().item():.6f}")

# Sampling with a temperature: the draws are each library's own, what they are drawn from is not
scores = readout(lstm(x)[0])[-1, 0]
weights = scores.data.view(-1).div(0.8).exp()
drawn = torch.multinomial(weights, 1)[0]
assert 0 <= drawn.item() < 4 and weights.multinomial(2).shape == (2,)
print((weights / weights.sum()).tolist(), torch.bernoulli(torch.ones(3)).tolist())
values, positions = scores.sort(descending=True)
print(positions.tolist(), scores.topk(2)[1].tolist(), (scores > 0).nonzero().view(-1).tolist())
mask = torch.triu(torch.ones(3, 3), diagonal=1).bool()
print(torch.zeros(3, 3).masked_fill_(mask, float("-inf")).softmax(dim=-1).tolist())
print(torch.unique(torch.tensor([3, 1, 3, 2, 1]), return_counts=True)[1].tolist(), torch.diag(values).trace().item())
