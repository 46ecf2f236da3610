"""Attention and convolution in place of recurrence: classifiers, language models, set functions, networks of gates."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor, optim


def encoder_decoder(draw):
    class PositionalEncoding(nn.Module):
        def __init__(self, d_model, max_len=20):
            super().__init__()
            position = torch.arange(max_len).unsqueeze(1)
            div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
            pe = torch.zeros(max_len, 1, d_model)
            pe[:, 0, 0::2] = torch.sin(position * div_term)
            pe[:, 0, 1::2] = torch.cos(position * div_term)
            self.register_buffer("pe", pe)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.pe[: x.size(0)]

    class Translator(nn.Module):
        def __init__(self):
            super().__init__()
            self.transformer = nn.Transformer(8, 2, 1, 1, 16, dropout=0.0)
            self.src, self.tgt, self.pos = nn.Embedding(10, 8), nn.Embedding(10, 8), PositionalEncoding(8)
            self.generator = nn.Linear(8, 10)

        def forward(self, src, tgt):
            mask = nn.Transformer.generate_square_subsequent_mask(tgt.size(0))
            src_pad, tgt_pad = (src == 0).T, torch.where((tgt == 0).T, float("-inf"), 0.0)
            src_emb, tgt_emb = (self.pos(e(x) * math.sqrt(8)) for e, x in ((self.src, src), (self.tgt, tgt)))
            out = self.transformer(
                src_emb, tgt_emb, None, mask, src_key_padding_mask=src_pad, tgt_key_padding_mask=tgt_pad
            )
            return self.generator(out)

    model = draw.into(Translator())
    optimizer = optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-6)
    scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda s: 0.01 * min((s + 1) ** -0.5, (s + 1) * 20**-1.5))
    criterion = nn.CrossEntropyLoss(ignore_index=0, label_smoothing=0.1)
    while True:
        src = draw.integers(2, 10, 6, 4)
        src[4:, 1] = 0
        tgt = torch.cat([torch.ones(1, 4).long(), src.roll(1, 1)])
        logits = model(src, tgt[:-1])
        optimizer.zero_grad()
        loss = criterion(logits.reshape(-1, logits.shape[-1]), tgt[1:].reshape(-1))
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield loss.item()


def small_gpt(draw):
    class Block(nn.Module):
        def __init__(self, width, heads):
            super().__init__()
            self.heads, self.ln_1, self.ln_2 = heads, nn.LayerNorm(width), nn.LayerNorm(width)
            self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

        def forward(self, x):
            B, T, C = x.size()
            q, k, v = self.c_attn(self.ln_1(x)).split(C, dim=2)
            q, k, v = (each.view(B, T, self.heads, C // self.heads).transpose(1, 2) for each in (q, k, v))
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))
            return x + self.mlp(self.ln_2(x))

    class GPT(nn.Module):
        def __init__(self, vocab=11, width=12, size=8):
            super().__init__()
            self.transformer = nn.ModuleDict(
                {
                    "wte": nn.Embedding(vocab, width),
                    "wpe": nn.Embedding(size, width),
                    "h": nn.ModuleList([Block(width, 3) for _ in range(2)]),
                    "ln_f": nn.LayerNorm(width),
                }
            )
            self.lm_head = nn.Linear(width, vocab, bias=False)

        def forward(self, idx, targets):
            pos = torch.arange(idx.size(1)).unsqueeze(0)
            x = self.transformer.wte(idx) + self.transformer.wpe(pos)
            for block in self.transformer.h:
                x = block(x)
            logits = self.lm_head(self.transformer.ln_f(x))
            return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.reshape(-1), ignore_index=-1)

    model = draw.into(GPT())
    decay = [p for _, p in model.named_parameters() if p.dim() >= 2]
    rest = [p for _, p in model.named_parameters() if p.dim() < 2]
    groups = [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    optimizer = optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.95), eps=1e-6)
    while True:
        digits = draw.integers(0, 10, 4, 5)
        whole = torch.cat([digits, digits.sort(dim=1)[0]], dim=1)[:, :9]
        targets = whole[:, 1:].clone()
        targets[:, :4] = -1
        loss = model(whole[:, :-1], targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield loss.item()


def attention_classifier(draw):
    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.cls = nn.Parameter(torch.zeros(1, 1, 8))
            self.project = nn.Linear(3, 8)
            self.attention = nn.MultiheadAttention(8, 4, batch_first=True)
            self.norm, self.head = nn.LayerNorm(8), nn.Linear(8, 3)

        def forward(self, x, mask):
            x = torch.cat([self.cls.expand(len(x), -1, -1), self.project(x)], dim=1)
            mask = F.pad(mask, (1, 0), value=False)
            out, weights = self.attention(x, x, x, key_padding_mask=mask)
            return self.head(self.norm(x + out)[:, 0]), weights

    model = draw.into(Classifier())
    optimizer = optim.RAdam(model.parameters(), lr=0.01, eps=1e-6)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
    while True:
        x, lengths = draw.normal(6, 5, 3), draw.integers(2, 6, 6)
        mask = torch.arange(5)[None, :] >= lengths[:, None]
        labels = (x.masked_fill(mask[..., None], 0).sum(1)).argmax(-1)
        scores, weights = model(x, mask)
        entropy = -(weights * (weights + 1e-9).log()).sum(-1).mean()
        loss = F.cross_entropy(scores, labels) + 0.01 * entropy
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield loss.item()


def deep_residual_convolutions(draw):
    class TemporalBlock(nn.Module):
        def __init__(self, inputs, outputs, size, dilation):
            super().__init__()
            self.pad = nn.ConstantPad1d(((size - 1) * dilation, 0), 0.0)
            self.conv1 = nn.utils.parametrizations.weight_norm(nn.Conv1d(inputs, outputs, size, dilation=dilation))
            self.conv2 = nn.utils.parametrizations.weight_norm(nn.Conv1d(outputs, outputs, size, dilation=dilation))
            self.net = nn.Sequential(self.pad, self.conv1, nn.ReLU(), self.pad, self.conv2, nn.ReLU())
            self.downsample = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else None
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(self.net(x) + (x if self.downsample is None else self.downsample(x)))

    channels = [2, 6, 6]
    tcn = nn.Sequential(*(TemporalBlock(channels[i], channels[i + 1], 3, 2**i) for i in range(2)))
    model = draw.into(nn.Sequential(tcn, nn.Conv1d(6, 1, 1)))
    optimizer = optim.Adam(model.parameters(), lr=2e-3, eps=1e-6)
    while True:
        x = draw.uniform(4, 2, 14)
        target = (x[:, 0].cumsum(1) / torch.arange(1, 15)).unsqueeze(1)
        loss = F.smooth_l1_loss(model(x), target, beta=0.5)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def gated_wavenet(draw):
    class WaveNet(nn.Module):
        def __init__(self, width=6, levels=8):
            super().__init__()
            self.start, self.levels = nn.Conv1d(levels, width, 1), levels
            self.dilated = nn.ModuleList(nn.Conv1d(width, 2 * width, 2, dilation=2**i) for i in range(3))
            self.skips = nn.ModuleList(nn.Conv1d(width, 8, 1) for _ in range(3))
            self.end = nn.Sequential(nn.ReLU(), nn.Conv1d(8, 8, 1), nn.ReLU(), nn.Conv1d(8, levels, 1))

        def forward(self, signal):
            x, total = self.start(F.one_hot(signal, self.levels).float().permute(0, 2, 1)), 0
            for i, (conv, skip) in enumerate(zip(self.dilated, self.skips)):  # noqa: B905
                filtered, gate = conv(F.pad(x, (2**i, 0))).chunk(2, dim=1)
                h = torch.tanh(filtered) * torch.sigmoid(gate)
                total, x = total + skip(h), x + h
            return self.end(total)

    def mu_law(x, levels=8, mu=7.0):
        y = torch.sign(x) * torch.log1p(mu * x.abs()) / math.log1p(mu)
        return ((y + 1) / 2 * (levels - 1) + 0.5).long()

    model = draw.into(WaveNet())
    optimizer = optim.Adam(model.parameters(), lr=5e-3, eps=1e-6)
    while True:
        wave = mu_law(torch.sin(torch.arange(17) * 0.5 + draw.uniform(3, 1) * 6))
        loss = F.cross_entropy(model(wave[:, :-1]), wave[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def separable_classifier(draw):
    model = nn.Sequential(
        nn.Conv1d(4, 8, 3, padding=1, groups=4, padding_mode="circular"),
        nn.GroupNorm(2, 8),
        nn.SiLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(8, 8, 1),
        nn.BatchNorm1d(8),
        nn.Hardswish(),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(8, 3),
    )
    draw.into(model)
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.GroupNorm)):
            nn.init.constant_(module.weight, 1)
            nn.init.constant_(module.bias, 0)
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, dampening=0.1, weight_decay=1e-3)
    scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[10, 25], gamma=0.3)
    while True:
        x = draw.normal(6, 4, 10)
        labels = x.pow(2).mean(2)[:, :3].argmax(1)
        model.train()
        loss = nn.MultiMarginLoss()(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            yield loss.item() + F.cross_entropy(model(x), labels).item()


def sums_of_sets(draw):
    class DeepSets(nn.Module):
        def __init__(self):
            super().__init__()
            self.phi = nn.Sequential(nn.Linear(3, 10), nn.ELU(), nn.Linear(10, 10), nn.Mish())
            self.rho = nn.Sequential(nn.Linear(10, 8), nn.Softplus(), nn.Linear(8, 1))

        def forward(self, x, owner, sets):
            pooled = torch.zeros(sets, 10).index_add(0, owner, self.phi(x))
            return self.rho(pooled / torch.bincount(owner, minlength=sets).unsqueeze(1)).squeeze(1)

    model, owner = draw.into(DeepSets()), torch.repeat_interleave(torch.arange(4), torch.tensor([2, 5, 3, 4]))
    optimizer = optim.Rprop(model.parameters(), lr=1e-3, step_sizes=(1e-6, 0.01))
    x = draw.normal(14, 3)
    wanted = torch.zeros(4).scatter_reduce(0, owner, x.prod(1), reduce="amax", include_self=False)
    while True:
        loss = F.mse_loss(model(x, owner, 4), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def message_passing(draw):
    class GraphConv(nn.Module):
        def __init__(self, inputs, outputs):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.empty(inputs, outputs)), nn.Parameter(torch.empty(outputs))
            nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
            nn.init.zeros_(self.bias)

        def forward(self, x, adjacency):
            return torch.addmm(self.bias, adjacency, torch.mm(x, self.weight))

    edges = torch.triu((draw.uniform(8, 8) < 0.4).float(), 1)
    adjacency = edges + edges.t() + torch.eye(8)
    scale = torch.diag(adjacency.sum(1).rsqrt())
    adjacency = scale @ adjacency @ scale
    layers = draw.into(nn.ModuleList([GraphConv(5, 6), GraphConv(6, 3)]))
    x, labels, known = draw.normal(8, 5), draw.integers(0, 3, 8), torch.tensor([0, 2, 3, 6])
    optimizer = optim.Adam(layers.parameters(), lr=0.01, weight_decay=5e-4, eps=1e-6)
    while True:
        hidden = F.leaky_relu(layers[0](x, adjacency), negative_slope=0.2)
        out = F.log_softmax(layers[1](hidden, adjacency), dim=1)
        loss = F.nll_loss(out.index_select(0, known), labels[known])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def external_memory(draw):
    class Memory(nn.Module):
        def __init__(self, slots=5, width=4):
            super().__init__()
            self.controller, self.slots, self.width = nn.LSTMCell(3 + width, 10), slots, width
            self.write, self.read = nn.Linear(10, 3 * width + 1), nn.Linear(10, width + 1)
            self.out = nn.Linear(10 + width, 3)

        def address(self, memory, key, strength):
            similar = F.cosine_similarity(memory + 1e-4, key.unsqueeze(1) + 1e-4, dim=-1)
            return F.softmax(F.softplus(strength) * similar, dim=1)

        def forward(self, x):
            batch = x.size(1)
            memory, read = torch.full((batch, self.slots, self.width), 0.01), torch.zeros(batch, self.width)
            memory = memory + 0.1 * torch.eye(self.slots, self.width)
            state, outputs = (torch.zeros(batch, 10), torch.zeros(batch, 10)), []
            for x_t in x:
                state = self.controller(torch.cat([x_t, read], 1), state)
                key, erase, add, strength = self.write(state[0]).split([self.width] * 3 + [1], dim=1)
                w = self.address(memory, key, strength).unsqueeze(2)
                memory = memory * (1 - w * erase.sigmoid().unsqueeze(1)) + w * add.unsqueeze(1)
                key, strength = self.read(state[0]).tensor_split([self.width], dim=1)
                read = torch.einsum("bs,bsw->bw", self.address(memory, key, strength), memory)
                outputs.append(self.out(torch.cat([state[0], read], dim=1)))
            return torch.stack(outputs).sigmoid()

    model = draw.into(Memory())
    optimizer = optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.95, momentum=0.9, centered=True, eps=1e-4)
    while True:
        bits = draw.integers(0, 2, 3, 4, 3).float()
        out = model(torch.cat([bits, torch.zeros(3, 4, 3)]))[3:]
        loss = F.binary_cross_entropy(out, bits)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()
