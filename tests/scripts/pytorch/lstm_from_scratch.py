"""A stacked LSTM written out gate by gate learns to add two marked numbers of a sequence."""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn import init

rng = np.random.default_rng(21)


class LSTMCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.zeros(4 * hidden_size))
        self.register_buffer("steps", torch.zeros(1, dtype=torch.long))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        stdv = 1.0 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            if weight.dim() > 1:
                weight.data.copy_(torch.from_numpy(rng.uniform(-stdv, stdv, weight.shape)))
        init.constant_(self.bias[self.hidden_size : 2 * self.hidden_size].data, 1.0)  # the forget gate

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        hx, cx = state
        self.steps += 1
        gates = F.linear(x, self.weight_ih, self.bias) + hx @ self.weight_hh.T
        ingate, forgetgate, cellgate, outgate = gates.chunk(4, 1)
        cy = forgetgate.sigmoid() * cx + ingate.sigmoid() * cellgate.tanh()
        return torch.sigmoid(outgate) * torch.tanh(cy), cy

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}"


class Adder(nn.Module):
    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self.cells = nn.ModuleList([LSTMCell(n, m) for n, m in zip(sizes, sizes[1:])])  # noqa: B905, RUF007
        self.scales = nn.ParameterList([nn.Parameter(torch.ones(m)) for m in sizes[1:]])
        self.readouts = nn.ModuleDict({"sum": nn.Linear(sizes[-1], 1)})
        init.constant_(self.readouts["sum"].weight, 0.1)
        init.zeros_(self.readouts["sum"].bias)

    def forward(self, sequence: Tensor) -> Tensor:
        states = [tuple(sequence.new_zeros(2, sequence.shape[1], cell.hidden_size)) for cell in self.cells]
        for x in sequence.unbind(0):
            for layer, (cell, scale) in enumerate(zip(self.cells, self.scales)):  # noqa: B905
                states[layer] = cell(x, states[layer])
                x = states[layer][0] * scale
        return self.readouts["sum"](x).squeeze(-1)


def batch(size: int, length: int = 8) -> tuple[Tensor, Tensor]:
    values = rng.random((length, size))
    marks = np.zeros((length, size))
    for column in range(size):
        marks[rng.choice(length, 2, replace=False), column] = 1
    sequence = torch.tensor(np.stack([values, marks], axis=-1), dtype=torch.float32)
    return sequence, torch.tensor((values * marks).sum(0), dtype=torch.float32)


model = Adder([2, 12, 12])
print([name for name, _ in model.named_parameters()][-4:], len(model.state_dict()))
seen = []
handle = model.cells[0].register_forward_hook(lambda module, args, output: seen.append(output[0].abs().mean().item()))
optimizer = torch.optim.NAdam(model.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.02, total_steps=60, cycle_momentum=True)
for step in range(60):
    sequence, target = batch(24)
    loss = F.smooth_l1_loss(model(sequence), target)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), 0.1)
    optimizer.step()
    scheduler.step()
    if step == 0:
        handle.remove()
    if step % 6 == 5:
        print(f"step {step + 1} loss {loss.item():.6f} lr {scheduler.get_last_lr()[0]:.6f}")
print(f"calls {model.cells[1].steps.item()}, seen {len(seen)} with mean {sum(seen) / len(seen):.6f}")
x, y = batch(4)
print("sums", [round(each, 4) for each in model.eval()(x).tolist()], "are", y.numpy().round(4).tolist())
