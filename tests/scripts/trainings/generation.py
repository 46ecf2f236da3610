"""Networks that make things up or judge: autoencoders, adversaries, flows, diffusion, mixtures, pairs and triplets."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import autograd, optim
from torch.distributions import Normal, kl_divergence


def sentence_vae(draw):
    class SentenceVAE(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.encoder = nn.Embedding(10, 6), nn.GRU(6, 10, batch_first=True)
            self.hidden2mean, self.hidden2logv = nn.Linear(10, 4), nn.Linear(10, 4)
            self.latent2hidden, self.decoder = nn.Linear(4, 10), nn.GRU(6, 10, batch_first=True)
            self.outputs2vocab = nn.Linear(10, 10)

        def forward(self, x, eps, keep):
            hidden = self.encoder(self.embedding(x))[1].squeeze(0)
            mean, logv = self.hidden2mean(hidden), self.hidden2logv(hidden)
            z = mean + eps * torch.exp(0.5 * logv)
            x = torch.where(keep, x, torch.zeros_like(x))
            outputs, _ = self.decoder(self.embedding(x), self.latent2hidden(z).unsqueeze(0))
            return F.log_softmax(self.outputs2vocab(outputs), dim=-1), mean, logv

    model, step = draw.into(SentenceVAE()), 0
    optimizer = optim.Adam(model.parameters(), lr=5e-3, eps=1e-6)
    while True:
        x = draw.integers(2, 10, 4, 1) + torch.zeros(1, 6, dtype=torch.long)
        logp, mean, logv = model(x[:, :-1], draw.normal(4, 4), draw.uniform(4, 5) > 0.3)
        nll = F.nll_loss(logp.transpose(1, 2), x[:, 1:], reduction="sum")
        kl = -0.5 * torch.sum(1 + logv - mean.pow(2) - logv.exp())
        loss = (nll + 1 / (1 + math.exp(-0.1 * (step - 20))) * kl) / len(x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        yield loss.item()


def recurrent_latents(draw):
    cell, prior, posterior, emit = (
        draw.into(each) for each in (nn.GRUCell(5, 8), nn.Linear(8, 6), nn.Linear(10, 6), nn.Linear(11, 4))
    )
    parameters = [*cell.parameters(), *prior.parameters(), *posterior.parameters(), *emit.parameters()]
    optimizer = optim.Adam(parameters, lr=3e-3, eps=1e-6)

    def normal(raw):
        mean, scale = raw.chunk(2, dim=-1)
        return Normal(mean, F.softplus(scale) + 1e-3)

    while True:
        x, h, elbo = torch.cumsum(0.3 * draw.normal(6, 4, 2), 0), torch.zeros(4, 8), 0.0
        for x_t in x:
            p, q = normal(prior(h)), normal(posterior(torch.cat([h, x_t], 1)))
            z = q.mean + q.stddev * draw.normal(4, 3)
            likelihood = normal(emit(torch.cat([h, z], 1))).log_prob(x_t).sum(1)
            elbo = elbo + (likelihood - kl_divergence(q, p).sum(1)).mean()
            h = cell(torch.cat([x_t, z], 1), h)
        optimizer.zero_grad()
        (-elbo).backward()
        optimizer.step()
        yield elbo.item()


def wasserstein_with_penalty(draw):
    G = draw.into(nn.Sequential(nn.Linear(2, 12), nn.LeakyReLU(0.2), nn.Linear(12, 1)))
    D = draw.into(nn.Sequential(nn.Linear(1, 12), nn.Tanh(), nn.Linear(12, 1)))
    opt_G = optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.9), eps=1e-6)
    opt_D = optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.9), eps=1e-6)
    while True:
        for _ in range(2):
            real, fake = 3 + 0.5 * draw.normal(16, 1), G(draw.normal(16, 2)).detach()
            alpha = draw.uniform(16, 1)
            between = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
            out = D(between)
            (slope,) = autograd.grad(out, between, torch.ones_like(out), create_graph=True, retain_graph=True)
            d_loss = D(fake).mean() - D(real).mean() + 10 * ((slope.norm(2, dim=1) - 1) ** 2).mean()
            opt_D.zero_grad()
            d_loss.backward()
            opt_D.step()
        for p in D.parameters():
            p.requires_grad = False
        g_loss = -D(G(draw.normal(16, 2))).mean()
        opt_G.zero_grad()
        g_loss.backward()
        opt_G.step()
        for p in D.parameters():
            p.requires_grad = True
        yield d_loss.item() + g_loss.item()


def mixture_density(draw):
    body, pi, mu, sigma = (
        draw.into(each)
        for each in (nn.Sequential(nn.Linear(1, 10), nn.Tanh()), nn.Linear(10, 3), nn.Linear(10, 3), nn.Linear(10, 3))
    )
    optimizer = optim.Adam(nn.ModuleList([body, pi, mu, sigma]).parameters(), lr=0.01, eps=1e-6)
    while True:
        y = draw.uniform(20, 1) * 2 - 1
        x = y + 0.3 * torch.sin(2 * math.pi * y) + 0.05 * draw.normal(20, 1)
        z = body(x)
        each = Normal(mu(z), torch.exp(sigma(z))).log_prob(y.expand(-1, 3))
        loss = -torch.logsumexp(F.log_softmax(pi(z), dim=-1) + each, dim=-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def coupling_flow(draw):
    class Coupling(nn.Module):
        def __init__(self, flip):
            super().__init__()
            self.flip, self.net = flip, nn.Sequential(nn.Linear(1, 8), nn.ReLU6(), nn.Linear(8, 2))

        def forward(self, x):
            a, b = x.flip(1).unbind(1) if self.flip else x.unbind(1)
            s, t = self.net(a.unsqueeze(1)).unbind(1)
            s = torch.tanh(s)
            return torch.stack([a, b * s.exp() + t], dim=1), s

    flow = draw.into(nn.ModuleList(Coupling(i % 2 == 1) for i in range(4)))
    optimizer = optim.Adam(flow.parameters(), lr=5e-3, eps=1e-6)
    while True:
        u = draw.normal(16, 2)
        z, log_det = torch.stack([u[:, 0], u[:, 0] ** 2 + 0.3 * u[:, 1]], 1), 0
        for layer in flow:
            z, s = layer(z)
            log_det = log_det + s
        loss = -(Normal(0.0, 1.0).log_prob(z).sum(1) + log_det).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def denoising_diffusion(draw):
    class Denoiser(nn.Module):
        def __init__(self):
            super().__init__()
            self.time, self.inp, self.mid, self.out = (
                nn.Embedding(20, 8),
                nn.Linear(2, 8),
                nn.Linear(8, 8),
                nn.Linear(8, 2),
            )

        def forward(self, x, t):
            h = F.silu(self.inp(x) + self.time(t))
            return self.out(F.silu(self.mid(h)) + h)

    alphas = torch.cumprod(1 - torch.linspace(1e-3, 0.2, 20), dim=0)
    model, averaged = draw.into(Denoiser()), draw.into(Denoiser())
    averaged.load_state_dict(model.state_dict())
    optimizer = optim.AdamW(model.parameters(), lr=5e-3, amsgrad=True, eps=1e-6)
    while True:
        angle = draw.uniform(12) * 2 * math.pi
        x, t, noise = torch.stack([angle.cos(), angle.sin()], 1), draw.integers(0, 20, 12), draw.normal(12, 2)
        a = alphas.gather(0, t).unsqueeze(1)
        noisy = a.sqrt() * x + (1 - a).sqrt() * noise
        loss = F.mse_loss(model(noisy, t), noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for old, new in zip(averaged.parameters(), model.parameters()):  # noqa: B905
                old.mul_(0.9).add_(new, alpha=0.1)
            yield loss.item() + F.mse_loss(averaged(noisy, t), noise).item()


def sparse_autoencoder(draw):
    encoder, decoder = draw.into(nn.Linear(8, 5)), draw.into(nn.Linear(5, 8))
    optimizer = optim.ASGD([*encoder.parameters(), *decoder.parameters()], lr=0.05, t0=10)
    seen = []
    encoder.register_forward_hook(lambda module, inputs, output: seen.append(torch.sigmoid(output)))
    while True:
        clean = torch.sin(torch.arange(8) * draw.uniform(10, 1) * 3)
        noisy = clean * (draw.uniform(10, 8) > 0.2)
        out, rate = decoder(F.selu(encoder(noisy))), seen.pop().mean(0)
        sparsity = F.kl_div(
            torch.stack([rate, 1 - rate]).log(), torch.tensor([[0.2], [0.8]]).expand(2, 5), reduction="sum"
        )
        loss = F.mse_loss(out, clean) + 0.05 * sparsity
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def triplets(draw):
    net = draw.into(nn.Sequential(nn.Linear(4, 10), nn.PReLU(), nn.Linear(10, 3)))
    criterion = nn.TripletMarginLoss(margin=1.0, swap=True)
    optimizer = optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    while True:
        centre = draw.normal(3, 4)
        anchor, positive = centre.repeat(2, 1), centre.repeat(2, 1) + 0.3 * draw.normal(6, 4)
        negative = centre.roll(1, 0).tile(2, 1)
        embedded = F.normalize(net(torch.cat([anchor, positive, negative])), p=2, dim=1)
        loss = criterion(*embedded.chunk(3))
        net.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def siamese_sequences(draw):
    class Siamese(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(2, 6, batch_first=True, bidirectional=True)

        def once(self, x):
            return self.rnn(x)[0].mean(dim=1)

        def forward(self, a, b):
            return self.once(a), self.once(b)

    model, criterion = draw.into(Siamese()), nn.CosineEmbeddingLoss(margin=0.2)
    optimizer = optim.Adam(model.parameters(), lr=5e-3, eps=1e-6)
    while True:
        a, same = draw.normal(6, 5, 2), draw.integers(0, 2, 6) * 2 - 1
        b = torch.where((same == 1).view(-1, 1, 1), a + 0.1, draw.normal(6, 5, 2))
        loss = criterion(*model(a, b), same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def contrastive_pairs(draw):
    encoder = draw.into(
        nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(inplace=True), nn.Linear(8, 4, bias=False))
    )
    temperature = nn.Parameter(torch.tensor(0.0))
    optimizer = optim.SGD([{"params": encoder.parameters()}, {"params": [temperature], "lr": 0.001}], lr=0.005)
    while True:
        x = draw.normal(6, 5)
        views = torch.cat([x + 0.2 * draw.normal(6, 5), x + 0.2 * draw.normal(6, 5)])
        z = F.normalize(encoder(views), dim=1)
        similar = z @ z.mT * temperature.exp() / 0.5
        similar = similar.masked_fill(torch.eye(12, dtype=torch.bool), float("-inf"))
        loss = F.cross_entropy(similar, torch.arange(12).roll(6))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()
