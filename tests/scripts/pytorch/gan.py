"""A generator and a discriminator of points on a ring, with batch normalisation and two optimizers."""

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

rng = np.random.default_rng(31)
nz, ngf, ndf, batch_size = 4, 16, 16, 32


def noise(*shape):
    return torch.from_numpy(rng.standard_normal(shape).astype(np.float32))


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(nz, ngf, bias=False),
            nn.BatchNorm1d(ngf),
            nn.ReLU(True),
            nn.Linear(ngf, ngf, bias=False),
            nn.BatchNorm1d(ngf),
            nn.ReLU(inplace=True),
            nn.Linear(ngf, 2),
            nn.Tanh(),
        )

    def forward(self, input):
        return self.main(input)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(2, ndf),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(ndf, ndf),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(ndf, 1),
            nn.Sigmoid(),
        )

    def forward(self, input):
        return self.main(input).view(-1)


# custom weights initialization called on netG and netD
def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Linear") != -1:
        m.weight.data = noise(*m.weight.size()) * 0.3
        if m.bias is not None:
            nn.init.constant_(m.bias.data, 0)
    elif classname.find("BatchNorm") != -1:
        m.weight.data.copy_(1 + 0.02 * noise(*m.weight.size()))
        m.bias.data.fill_(0)


netG, netD = Generator(), Discriminator()
netG.apply(weights_init)
netD.apply(weights_init)
criterion = nn.BCELoss()
fixed_noise = noise(8, nz)
real_label, fake_label = 1.0, 0.0
optimizerD = optim.Adam(netD.parameters(), lr=0.005, betas=(0.5, 0.999))
optimizerG = optim.Adam(netG.parameters(), lr=0.005, betas=(0.5, 0.999))

for i in range(40):
    # (1) Update D network: maximize log(D(x)) + log(1 - D(G(z)))
    netD.zero_grad()
    angle = rng.uniform(0, 2 * np.pi, batch_size)
    real = torch.tensor(np.stack([np.cos(angle), np.sin(angle)], 1) * 0.8, dtype=torch.float)
    label = torch.full((batch_size,), real_label, dtype=torch.float)
    output = netD(real)
    errD_real = criterion(output, label)
    errD_real.backward()
    D_x = output.mean().item()

    fake = netG(noise(batch_size, nz))
    label.fill_(fake_label)
    output = netD(fake.detach())
    errD_fake = criterion(output, label)
    errD_fake.backward()
    D_G_z1 = output.mean().item()
    errD = errD_real + errD_fake
    optimizerD.step()

    # (2) Update G network: maximize log(D(G(z)))
    netG.zero_grad()
    label.fill_(real_label)
    output = netD(fake)
    errG = criterion(output, label)
    errG.backward()
    D_G_z2 = output.mean().item()
    optimizerG.step()

    if i % 5 == 4:
        print(
            "[%d] Loss_D: %.4f Loss_G: %.4f D(x): %.4f D(G(z)): %.4f / %.4f"  # noqa: UP031
            % (i, errD.item(), errG.item(), D_x, D_G_z1, D_G_z2)
        )

netG.eval()
with torch.no_grad():
    print(netG(fixed_noise).norm(dim=1).tolist())
print(netG.main[1].running_mean.sum().item(), netG.main[1].running_var.mean().item(), netG.main[1].num_batches_tracked)
