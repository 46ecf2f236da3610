"""A critic is trained to tell points from noise, with its gradient held near length one (a penalty on a gradient)."""

import numpy as np
import torch
import torch.nn as nn
from torch import autograd

torch.set_printoptions(precision=4)
rng = np.random.default_rng(8)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(2, 16),
            nn.Tanh(),
            nn.Linear(16, 16),
            nn.Softplus(),
            nn.Linear(16, 1),
        )

    def forward(self, x):
        return self.main(x).view(-1)


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Linear") != -1:
        m.weight.data.copy_(torch.tensor(rng.normal(0.0, 0.4, m.weight.shape)))
        m.bias.data.fill_(0)


def points(array):
    return torch.tensor(array, dtype=torch.float32)


netD = Critic()
netD.apply(weights_init)
optimizerD = torch.optim.Adam(netD.parameters(), lr=5e-3, betas=(0.5, 0.9))
LAMBDA = 10


def calc_gradient_penalty(netD, real_data, fake_data):
    alpha = points(rng.random((real_data.size(0), 1))).expand(real_data.size())
    interpolates = alpha * real_data + ((1 - alpha) * fake_data)
    interpolates = autograd.Variable(interpolates, requires_grad=True)
    disc_interpolates = netD(interpolates)
    gradients = autograd.grad(
        outputs=disc_interpolates,
        inputs=interpolates,
        grad_outputs=torch.ones(disc_interpolates.size()),
        create_graph=True,
        retain_graph=True,
        only_inputs=True,
    )[0]
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean() * LAMBDA


for iteration in range(40):
    angle = rng.uniform(0, 2 * np.pi, 32)
    real_data = points(np.stack([2 * np.cos(angle), 2 * np.sin(angle)], 1))
    fake_data = points(rng.standard_normal((32, 2)))
    netD.zero_grad()
    D_real = netD(real_data).mean()
    D_fake = netD(fake_data).mean()
    gradient_penalty = calc_gradient_penalty(netD, real_data.data, fake_data.data)
    D_cost = D_fake - D_real + gradient_penalty
    D_cost.backward()
    Wasserstein_D = (D_real - D_fake).detach()
    optimizerD.step()
    if iteration % 5 == 4:
        print(iteration, f"{D_cost.item():.5f} {Wasserstein_D.item():.5f} {gradient_penalty.item():.5f}")

# Twice differentiable by hand: the second derivative of x^3 sin x
x = torch.linspace(-2, 2, 5, requires_grad=True)
y = (x**3 * torch.sin(x)).sum()
(first,) = torch.autograd.grad(y, x, create_graph=True)
(second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
second.sum().backward()
for values in (first, second, x.grad):
    print([f"{value:.4f}" for value in values.tolist()])
