"""Programs in PyTorch as their authors would write them, without a word of this package: what is followed in tests.

Each row makes a program: a function that computes a loss, with the names of the leaves whose gradients count, and what
PyTorch differentiates alone in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.utils.checkpoint import checkpoint


@dataclass(frozen=True)
class Program:
    """A row of the table. build: gives the program and its leaves; steps: how many time steps it has."""

    build: Callable[[], tuple[Callable[[], Any], dict[str, Any]]]
    by_torch: frozenset[str]
    steps: int


PROGRAMS: dict[str, Program] = {}


def program(*by_torch: str, steps: int = 0) -> Callable[[Any], Any]:
    def enter(build: Any) -> Any:
        PROGRAMS[build.__name__] = Program(build, frozenset(by_torch), steps)
        return build

    return enter


def leaves(*modules: Any, **tensors: Any) -> dict[str, Any]:
    found = {f"{n}.{name}": p for n, module in enumerate(modules) for name, p in module.named_parameters()}
    return found | tensors


def normal(*shape: int) -> Any:
    return torch.randn(*shape, requires_grad=True)


@program()
def scalars() -> Any:
    a, b, c = (torch.tensor(x, requires_grad=True) for x in (2.0, -3.0, 10.0))

    def run() -> Any:
        d = a * b + c
        f = torch.tensor(-2.0)
        return (d * f).tanh() + (a / b) ** 3 - (b.relu() + a.exp()).log() + 1 / a - 2**b

    return run, leaves(a=a, b=b, c=c)


@program()
def multilayer_perceptron() -> Any:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.GELU(), nn.Linear(8, 3))
    x, y = torch.randn(6, 4), torch.randint(0, 3, (6,))
    return lambda: F.cross_entropy(model(x), y), leaves(model)


@program()
def activations_of_all_kinds() -> Any:
    x = normal(3, 4)

    def run() -> Any:
        y = torch.stack([F.elu(x), F.silu(x), F.leaky_relu(x), F.softplus(x), F.hardtanh(x), F.mish(x)])
        return (y * torch.stack([F.logsigmoid(x), F.selu(x), torch.sigmoid(x)]).sum(0)).sum()

    return run, leaves(x=x)


@program()
def losses_of_all_kinds() -> Any:
    x, y, w = normal(5, 3), torch.rand(5, 3), torch.tensor([0.2, 1.0, 0.5])
    labels = torch.tensor([0, 2, 1, -100, 1])

    def run() -> Any:
        loss = F.mse_loss(x, y) + F.l1_loss(x, y) + F.smooth_l1_loss(x, y, beta=0.5) + F.huber_loss(x, y)
        loss = loss + F.binary_cross_entropy_with_logits(x, y) + F.binary_cross_entropy(x.sigmoid(), y)
        loss = loss + F.kl_div(x.log_softmax(1), y.softmax(1), reduction="batchmean")
        return loss + F.cross_entropy(x, labels, weight=w, label_smoothing=0.1)

    return run, leaves(x=x)


class CellLoop(nn.Module):
    def __init__(self, cell: Any, size: int) -> None:
        super().__init__()
        self.cell, self.head = cell, nn.Linear(size, 1)

    def forward(self, xs: Any) -> Any:
        state = None
        for x in xs:
            state = self.cell(x, state)
        return self.head(state[0] if isinstance(state, tuple) else state)


def cell_loop(name: str, **options: Any) -> None:
    def build() -> Any:
        model, x, y = CellLoop(getattr(nn, name)(2, 3, **options), 3), torch.randn(5, 2, 2), torch.randn(2, 1)
        criterion = nn.MSELoss()
        return lambda: criterion(model(x), y), leaves(model)

    words = "_".join([name.lower(), *(f"{key}_{value}" for key, value in options.items())])
    PROGRAMS[words] = Program(build, frozenset(), 5)


def layer(name: str, *, packed: bool = False, unbatched: bool = False, start: bool = False, **options: Any) -> None:
    """nn.RNN, nn.LSTM or nn.GRU in one of its forms: all results are part of the loss."""

    def build() -> Any:
        model = getattr(nn, name)(3, 4, **options)
        x = torch.randn(5, 3) if unbatched else torch.randn(2, 5, 3) if model.batch_first else torch.randn(5, 2, 3)
        x.requires_grad_()
        directions = model.num_layers * (1 + model.bidirectional)
        sizes = [4, options["proj_size"]] if options.get("proj_size") else [4, 4]
        states = [normal(directions, *(() if unbatched else (2,)), size) for size in sizes] if start else []
        hx = None if not start else (states[1], states[0]) if name == "LSTM" else states[0]

        def run() -> Any:
            given = pack_padded_sequence(x, [5, 3], model.batch_first) if packed else x
            out, last = model(given, hx)
            out = pad_packed_sequence(out, model.batch_first)[0] if packed else out
            return (out**2).sum() + sum((each.cos()).sum() for each in (last if name == "LSTM" else (last,)))

        given = {} if not start else dict(zip(("h", "c"), reversed(states), strict=True))
        given = given if name == "LSTM" or not start else {"h": states[0]}
        return run, leaves(model, x=x, **given)

    flags = {"packed": packed, "unbatched": unbatched, "start": start, **options}
    words = [name.lower(), *(key if value is True else f"{key}_{value}" for key, value in flags.items() if value)]
    PROGRAMS["_".join(words)] = Program(build, frozenset(), 5)


for cell in ("RNNCell", "LSTMCell", "GRUCell"):
    cell_loop(cell)
    cell_loop(cell, bias=False)
cell_loop("RNNCell", nonlinearity="relu")
for kind in ("RNN", "LSTM", "GRU"):
    layer(kind)
    layer(kind, bias=False)
    layer(kind, num_layers=2, bidirectional=True, batch_first=True, start=True)
    layer(kind, num_layers=3, dropout=0.5)
    layer(kind, packed=True, bidirectional=True, num_layers=2, dropout=0.3)
    layer(kind, packed=True, batch_first=True, start=True)
    layer(kind, unbatched=True, start=True)
layer("RNN", nonlinearity="relu")
layer("LSTM", proj_size=2, num_layers=2, bidirectional=True)
layer("LSTM", proj_size=2, start=True)


@program(steps=5)
def gates_by_hand_in_a_loop() -> Any:
    wx, wh, b, x = normal(2, 8), normal(2, 8), normal(8), torch.randn(5, 1, 2)

    def run() -> Any:
        h = c = torch.zeros(1, 2)
        for t in range(5):
            i, f, g, o = torch.addmm(b, x[t], wx).add(h @ wh).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * c.tanh()
        return h.square().sum()

    return run, leaves(wx=wx, wh=wh, b=b)


@program(steps=4)
def layers_of_cells_in_time() -> Any:
    cells, x = nn.ModuleList([nn.GRUCell(2, 2), nn.GRUCell(2, 2)]), torch.randn(4, 1, 2)

    def run() -> Any:
        states = [torch.zeros(1, 2), torch.zeros(1, 2)]
        for t in range(4):
            inputs = x[t]
            for i, cell in enumerate(cells):
                inputs = states[i] = cell(inputs, states[i])
        return inputs.pow(2).sum()

    return run, leaves(cells)


@program(steps=5)
def letters_as_in_the_tutorial() -> Any:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.i2h, self.i2o, self.softmax = nn.Linear(11, 5), nn.Linear(11, 3), nn.LogSoftmax(dim=1)

        def forward(self, input: Any, hidden: Any) -> Any:
            combined = torch.cat((input, hidden), 1)
            return self.softmax(self.i2o(combined)), self.i2h(combined)

    rnn, line = Net(), torch.eye(6)[torch.tensor([0, 3, 3, 5, 1])].unsqueeze(1)

    def run() -> Any:
        hidden = torch.zeros(1, 5)
        for i in range(line.size()[0]):
            output, hidden = rnn(line[i], hidden)
        return nn.NLLLoss()(output, torch.tensor([2]))

    return run, leaves(rnn)


@program()
def samples_added_up() -> Any:
    model, data = nn.Linear(2, 1), [(torch.randn(2), torch.randn(1)) for _ in range(4)]

    def run() -> Any:
        total = 0
        for x, y in data:
            total = total + (model(x) - y) ** 2
        return total.sum()

    return run, leaves(model)


@program(steps=4)
def packed_in_any_order() -> Any:
    model, x = nn.GRU(3, 4), normal(4, 3, 3)

    def run() -> Any:
        out, h = model(pack_padded_sequence(x, [2, 4, 3], enforce_sorted=False))
        return pad_packed_sequence(out, total_length=6)[0].pow(2).sum() + h.sum()

    return run, leaves(model, x=x)


@program(steps=7)
def sequence_to_sequence_with_attention() -> Any:
    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.gru = nn.Embedding(7, 4), nn.GRU(4, 4)

        def forward(self, x: Any) -> Any:
            return self.gru(self.embedding(x))

    class Decoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.attn = nn.Embedding(6, 4), nn.Linear(8, 4)
            self.gru, self.out, self.v = nn.GRU(8, 4), nn.Linear(4, 6), nn.Parameter(torch.rand(4))

        def forward(self, token: Any, hidden: Any, encoded: Any) -> Any:
            embedded = self.embedding(token).unsqueeze(0)
            query = hidden[-1].unsqueeze(0).expand(encoded.size(0), -1, -1)
            energy = torch.tanh(self.attn(torch.cat([query, encoded], dim=2)))
            weights = F.softmax((energy * self.v).sum(2), dim=0)
            context = torch.einsum("sb,sbh->bh", weights, encoded).unsqueeze(0)
            output, hidden = self.gru(torch.cat([embedded, context], dim=2), hidden)
            return self.out(output.squeeze(0)), hidden

    encoder, decoder = Encoder(), Decoder()
    source, target = torch.randint(0, 7, (4, 2)), torch.randint(0, 6, (3, 2))

    def run() -> Any:
        encoded, hidden = encoder(source)
        token, loss = torch.zeros(2, dtype=torch.long), 0
        for t in range(3):
            logits, hidden = decoder(token, hidden, encoded)
            loss = loss + F.cross_entropy(logits, target[t])
            token = logits.argmax(1)
        return loss / 3

    return run, leaves(encoder, decoder)


@program()
def transformer_by_hand() -> Any:
    class Attention(nn.Module):
        def __init__(self, width: int, heads: int) -> None:
            super().__init__()
            self.heads, self.qkv, self.proj = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

        def forward(self, x: Any) -> Any:
            b, n, d = x.shape
            q, k, v = self.qkv(x).view(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
            scores = q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)
            scores = scores.masked_fill(torch.triu(torch.ones(n, n, dtype=torch.bool), 1), float("-inf"))
            return self.proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, n, d))

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.norm1, self.attention, self.norm2 = nn.LayerNorm(width), Attention(width, 2), nn.LayerNorm(width)
            self.ff = nn.Sequential(nn.Linear(width, 16), nn.GELU(), nn.Dropout(0.1), nn.Linear(16, width))

        def forward(self, x: Any) -> Any:
            x = x + self.attention(self.norm1(x))
            return x + self.ff(self.norm2(x))

    model, x = nn.Sequential(Block(8), Block(8)), torch.randn(2, 5, 8)
    return lambda: model(x).pow(2).mean(), leaves(model)


@program()
def transformer_encoder() -> Any:
    one = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.2, batch_first=True)
    model, x = nn.TransformerEncoder(one, 2), torch.randn(2, 3, 4)
    padding = torch.tensor([[False, False, False], [False, False, True]])
    return lambda: model(x, src_key_padding_mask=padding).pow(2).sum(), leaves(model)


@program()
def multihead_attention() -> Any:
    model, x, y = nn.MultiheadAttention(4, 2, dropout=0.1, batch_first=True), normal(2, 3, 4), normal(2, 5, 4)

    def run() -> Any:
        out, weights = model(x, y, y)
        return out.pow(2).sum() + weights.log().mean()

    return run, leaves(model, x=x, y=y)


@program()
def scaled_dot_products() -> Any:
    q, k, v, bias = normal(2, 3, 4), normal(2, 3, 4), normal(2, 3, 4), normal(3, 3)

    def run() -> Any:
        causal = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return (causal * F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=0.3)).sum()

    return run, leaves(q=q, k=k, v=v, bias=bias)


@program(steps=4)
def tied_weights() -> Any:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.rnn = nn.Embedding(6, 5, padding_idx=0), nn.RNN(5, 5, batch_first=True)
            self.decoder = nn.Linear(5, 6, bias=False)
            self.decoder.weight = self.embed.weight

        def forward(self, x: Any) -> Any:
            return self.decoder(self.rnn(self.embed(x))[0])

    model, x = Model(), torch.tensor([[1, 3, 0, 2, 5], [2, 2, 4, 0, 1]])
    return lambda: F.cross_entropy(model(x[:, :-1]).reshape(-1, 6), x[:, 1:].reshape(-1)), leaves(model)


@program("conv2d", "max_pool2d", "adaptive_avg_pool2d")
def convolutions() -> Any:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.bn, self.conv2 = nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3)
            self.fc = nn.Linear(4, 3)

        def forward(self, x: Any) -> Any:
            x = F.max_pool2d(F.relu(self.bn(self.conv1(x))), 2)
            x = F.dropout(F.relu(self.conv2(x), inplace=True), 0.25, self.training)
            return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))

    model, x, y = Model(), torch.randn(2, 1, 12, 12), torch.tensor([0, 2])
    return lambda: F.nll_loss(F.log_softmax(model(x), dim=1), y), leaves(model)


@program()
def convolutions_in_one_dimension() -> Any:
    model = nn.Sequential(nn.Conv1d(2, 4, 3), nn.GroupNorm(2, 4), nn.SiLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    x = torch.randn(2, 2, 7)
    return lambda: model(x).pow(3).sum(), leaves(model)


@program("Cube", "tanh")
def functions_with_backward_passes() -> Any:
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, w: Any) -> Any:
            ctx.save_for_backward(x, w)
            return (x * w) ** 3

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            x, w = ctx.saved_tensors
            return 3 * (x * w) ** 2 * w * g, 3 * (x * w) ** 2 * x * g

    class tanh(torch.autograd.Function):  # the name of a known one, and another derivative
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return torch.tanh(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 5 * g

    w, b, x = normal(4), normal(4), torch.randn(4)
    return lambda: torch.sin(Cube.apply(x + b, w)).sum() * tanh.apply(Cube.apply(b, w)).mean(), leaves(w=w, b=b)


@program()
def checkpoints() -> Any:
    model, x = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Dropout(0.4)), torch.randn(2, 3)
    return lambda: checkpoint(model, x, use_reentrant=False).pow(2).sum(), leaves(model)


@program("weight_norm")
def weight_norm() -> Any:
    model, x = torch.nn.utils.parametrizations.weight_norm(nn.Linear(3, 2)), torch.randn(2, 3)
    return lambda: model(x).pow(2).sum(), leaves(model)


@program(steps=4)
def changes_in_place() -> Any:
    cell, x = nn.RNNCell(2, 3), torch.randn(4, 2, 2)

    def run() -> Any:
        out, h = torch.zeros(4, 2, 3), torch.zeros(2, 3)
        for t in range(4):
            h = cell(x[t], h)
            out[t] = h
        out *= 2
        out[1:3].add_(1)
        out.clamp_(min=-0.5)
        return (out**2).mean()

    return run, leaves(cell)


@program("i0")
def changes_in_place_by_pytorch_alone() -> Any:
    x, y = normal(4, 3), normal(2, 3)

    def run() -> Any:
        z = torch.cat([x, y]) * 2
        z.i0_()
        return z.tanh().sum()

    return run, leaves(x=x, y=y)


@program(steps=6)
def truncated_with_detach() -> Any:
    cell, x = nn.RNNCell(2, 3), torch.randn(6, 1, 2)

    def run() -> Any:
        h, loss = torch.zeros(1, 3), 0
        for t in range(6):
            if t == 3:
                h = h.detach()
            h = cell(x[t], h)
            loss = loss + h.sum()
        return loss

    return run, leaves(cell)


@program(steps=3)
def truncated_with_an_optimizer() -> Any:
    model, x = nn.LSTM(2, 3), torch.randn(9, 1, 2)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    first = {name: p.detach().clone() for name, p in model.named_parameters()}

    def run() -> Any:
        with torch.no_grad():
            for name, p in model.named_parameters():
                p.copy_(first[name])
        state = None
        for n in range(3):
            out, state = model(x[3 * n : 3 * n + 3], state)
            loss = out.pow(2).sum()
            state = tuple(each.detach() for each in state)
            optimizer.zero_grad()
            if n < 2:
                loss.backward()
                optimizer.step()
        return loss

    return run, leaves(model)


@program()
def gradient_penalty() -> Any:
    critic = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    x = torch.randn(5, 3)

    def run() -> Any:
        inside = x.clone().requires_grad_()
        score = critic(inside)
        (slope,) = torch.autograd.grad(score.sum(), inside, create_graph=True)
        return score.mean() + 10 * ((slope.norm(2, dim=1) - 1) ** 2).mean()

    return run, leaves(critic)


@program("conv2d")
def gradient_penalty_of_pytorch_alone() -> Any:
    critic, x = nn.Conv2d(2, 1, 2), torch.randn(2, 2, 4, 3)

    def run() -> Any:
        inside = x.clone().requires_grad_()
        score = critic(inside).tanh()
        (slope,) = torch.autograd.grad(score.sum(), inside, create_graph=True)
        return (slope**2).sum()

    return run, leaves(critic)


@program()
def adversaries_with_two_optimizers() -> Any:
    generator, critic = nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1))
    first = {name: p.detach().clone() for name, p in leaves(generator, critic).items()}

    def run() -> Any:
        with torch.no_grad():
            for name, p in leaves(generator, critic).items():
                p.copy_(first[name])
        optimizers = [torch.optim.Adam(each.parameters(), 0.01) for each in (generator, critic)]
        real, noise, ones = torch.randn(4, 3), torch.randn(4, 2), torch.ones(4, 1)
        fake = generator(noise)
        loss = F.binary_cross_entropy_with_logits(critic(real), ones)
        loss = loss + F.binary_cross_entropy_with_logits(critic(fake.detach()), 1 - ones)
        optimizers[1].zero_grad()
        loss.backward()
        optimizers[1].step()
        optimizers[0].zero_grad()
        optimizers[1].zero_grad()
        return F.binary_cross_entropy_with_logits(critic(fake), ones)

    return run, leaves(generator, critic)


@program()
def hooks_of_tensors() -> Any:
    w, x = normal(3, 3), torch.randn(2, 3)
    w.register_hook(lambda g: g + 1)

    def run() -> Any:
        h = torch.tanh(x @ w)
        h.register_hook(lambda g: g * 2)
        h.register_hook(lambda g: g * 1000).remove()
        return h.sum()

    return run, leaves(w=w)


@program("linalg_solve", "special_gammaln", "fft_rfft", "abs")
def rare_operations() -> Any:
    a = torch.rand(3, 3, requires_grad=True)

    def run() -> Any:
        solved = torch.linalg.solve(a + torch.eye(3), torch.ones(3)).sum() + torch.special.gammaln(a + 1).sum()
        return solved + torch.cdist(a, a + 1).sum() + a.cumsum(0).logcumsumexp(1).sum() + torch.fft.rfft(a).abs().sum()

    return run, leaves(a=a)


@program("DifferentiableGraph")
def scripted() -> Any:
    w, x, function = normal(3, 3), torch.randn(2, 3), torch.jit.script(_tanh_of_product)
    for _ in range(4):  # until it is compiled
        torch.autograd.grad(function(x, w * 2).sum(), w)
    return lambda: function(x, w * 2).sum(), leaves(w=w)


def _tanh_of_product(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return torch.tanh(x @ w)


@program("Permute")
def transformed() -> Any:
    w, x = normal(3, 3), torch.randn(4, 3)
    return lambda: torch.vmap(lambda v: torch.tanh(w @ v))(x).pow(2).sum(), leaves(w=w)


@program("fake_quantize_per_tensor_affine")
def several_results_and_views() -> Any:
    x = normal(4, 6)

    def run() -> Any:
        top, _ = x.topk(2, dim=1)
        largest, where = x.max(0)
        a, b = x.chunk(2, 1)
        rounded = torch.fake_quantize_per_tensor_affine(a, 0.1, 0, -20, 20)
        return (top.sum(1) * largest[where].mean()).sum() + (rounded * b.T.contiguous().t()).sum() + x.std()

    return run, leaves(x=x)


@program()
def frozen_and_without_gradients() -> Any:
    body, head, x = nn.Linear(3, 3), nn.Linear(3, 1), torch.randn(4, 3)
    body.requires_grad_(False)

    def run() -> Any:
        with torch.no_grad():
            features = body(x).relu()
        return head(features + body(x)).pow(2).mean()

    return run, leaves(head)


@program()
def written_like_hugging_face() -> Any:
    class Output(dict):
        pass

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.ln_1, self.c_attn = nn.LayerNorm(width), nn.Linear(width, 3 * width)
            self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 8), "c_proj": nn.Linear(8, width)})

        def forward(self, hidden_states: Any, attention_mask: Any = None) -> Any:
            q, k, v = self.c_attn(self.ln_1(hidden_states)).split(hidden_states.shape[-1], dim=2)
            weights = torch.matmul(q, k.transpose(-1, -2)) / torch.full([], k.size(-1) ** 0.5)
            weights = torch.where(attention_mask, weights, torch.finfo(weights.dtype).min)
            hidden_states = hidden_states + torch.matmul(F.softmax(weights, dim=-1), v)
            x = self.mlp["c_fc"](hidden_states)
            x = 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))
            return hidden_states + self.mlp["c_proj"](x)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wte, self.wpe = nn.Embedding(9, 4), nn.Embedding(5, 4)
            self.h, self.ln_f = nn.ModuleList([Block(4), Block(4)]), nn.LayerNorm(4)

        def forward(self, input_ids: Any, labels: Any) -> Any:
            hidden = self.wte(input_ids) + self.wpe(torch.arange(input_ids.size(-1)))
            mask = torch.tril(torch.ones(5, 5, dtype=torch.bool))
            for block in self.h:
                hidden = block(hidden, attention_mask=mask)
            logits = self.ln_f(hidden) @ self.wte.weight.t()
            loss = F.cross_entropy(logits[..., :-1, :].contiguous().view(-1, 9), labels[..., 1:].reshape(-1))
            return Output(loss=loss, logits=logits)

    model, ids = Model(), torch.randint(0, 9, (2, 5))
    return lambda: model(input_ids=ids, labels=ids)["loss"], leaves(model)


@program()
def written_like_nano_gpt() -> Any:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln_1, self.c_attn, self.c_proj = nn.LayerNorm(8), nn.Linear(8, 24), nn.Linear(8, 8)
            self.mlp = nn.Sequential(nn.Linear(8, 16), nn.GELU(approximate="tanh"), nn.Linear(16, 8))

        def forward(self, x: Any) -> Any:
            B, T, C = x.size()
            heads = (each.view(B, T, 2, C // 2).transpose(1, 2) for each in self.c_attn(self.ln_1(x)).split(C, dim=2))
            y = F.scaled_dot_product_attention(*heads, is_causal=True)
            x = x + self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))
            return x + self.mlp(x)

    model, x = nn.ModuleList([Block(), Block()]), normal(2, 5, 8)
    return lambda: model[1](model[0](x)).square().mean(), leaves(model, x=x)


@program(steps=5)
def views_that_depend_on_the_order_in_memory() -> Any:
    gru, x = nn.GRU(4, 3, batch_first=True), normal(2, 5, 4)

    def run() -> Any:
        turned = x.transpose(0, 1) * 2
        results = F.layer_norm(turned, (4,)), turned.relu().transpose(0, 1), gru(x)[0].transpose(0, 1)
        return torch.cat([each.view(-1) ** 2 for each in results]).sum()

    return run, leaves(gru, x=x)


@program("weight_norm", "Transpose")
def parametrizations() -> Any:
    of = nn.utils.parametrizations
    model = nn.Sequential(of.weight_norm(nn.Linear(3, 4)), nn.Tanh(), of.orthogonal(nn.Linear(4, 4)))
    spectral, x = of.spectral_norm(nn.Linear(4, 2)).eval(), torch.randn(2, 3)
    return lambda: (spectral(model(x)) ** 2).sum(), leaves(model, spectral)


@program()
def policy_gradient() -> Any:
    policy, states = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)), torch.randn(6, 4)

    def run() -> Any:
        choice = torch.distributions.Categorical(logits=policy(states))
        actions = choice.sample()
        returns = actions.to(states.dtype).flip(0).cumsum(0).flip(0)
        return -(choice.log_prob(actions) * (returns - returns.mean())).mean() - 0.01 * choice.entropy().mean()

    return run, leaves(policy)


@program()
def learned_starting_point() -> Any:
    model, x, y = nn.Linear(2, 1), torch.randn(4, 2), torch.randn(4, 1)

    def run() -> Any:
        fast = dict(model.named_parameters())
        for _ in range(2):
            loss = F.mse_loss(torch.func.functional_call(model, fast, (x,)), y)
            found = torch.autograd.grad(loss, tuple(fast.values()), create_graph=True)
            fast = {name: each - 0.1 * g for (name, each), g in zip(fast.items(), found, strict=True)}
        return F.mse_loss(F.linear(x, fast["weight"], fast["bias"]), y)

    return run, leaves(model)


@program()
def messages_on_a_graph() -> Any:
    layer, x = nn.Linear(3, 4), torch.randn(5, 3)
    source, target = torch.tensor([0, 1, 2, 3, 4, 0]), torch.tensor([1, 2, 3, 4, 0, 2])

    def run() -> Any:
        h = layer(x)
        for _ in range(2):
            received = torch.zeros_like(h).scatter_add_(0, target[:, None].expand(-1, 4), h[source])
            h = torch.relu(received / torch.bincount(target)[:, None] + h)
        return h.index_add(0, source, h[source]).sum()

    return run, leaves(layer)


def all_tensors(value: Any) -> Iterable[Any]:
    """The tensors in a nest."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from all_tensors(each)
