"""Graphs their makers had not thought of pictures for: what people write, most of it without a mark or a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tinygrad_rnn as tg
from docs.graphs import GRAPHS as SMALL
from tests.viz import models
from tinygrad_rnn import Tensor, nn

F: Any = nn.functional
Make = Callable[[], Any]


def weights(*shape: int, scale: float = 0.5) -> Any:
    return (tg.randn(*shape) * scale).requires_grad_()


def three_linears() -> Any:
    one, two, three = nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 2)
    return (three(tg.tanh(two(tg.tanh(one(tg.randn(5, 3)))))) ** 2).mean()


def deep(layers: int, width: int = 8, residual: bool = False) -> Any:
    x = tg.randn(4, width)
    for _ in range(layers):
        y = nn.Linear(width, width)(x).relu()
        x = x + y if residual else y
    return (x**2).mean()


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Any:
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(mask, float("-inf"))
    return scores.softmax(-1) @ v


def attention(masked: bool = False) -> Any:
    x, wq, wk, wv = tg.randn(4, 8), weights(8, 8), weights(8, 8), weights(8, 8)
    mask = tg.ones(4, 4).triu(1).bool() if masked else None
    return (attend(x @ wq, x @ wk, x @ wv, mask) ** 2).sum()


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Any:
        y = self.norm1(x)
        x = x + self.o(attend(self.q(y), self.k(y), self.v(y)))
        return x + self.down(self.up(self.norm2(x)).relu())


def transformer(blocks: int) -> Any:
    x = tg.randn(4, 8)
    for block in [Block(8) for _ in range(blocks)]:
        x = block(x)
    return (x**2).mean()


def vae() -> Any:
    x, into, mean, spread, back = tg.rand(4, 6), nn.Linear(6, 5), nn.Linear(5, 2), nn.Linear(5, 2), nn.Linear(2, 6)
    h = into(x).relu()
    mu, logvar = mean(h), spread(h)
    z = mu + (0.5 * logvar).exp() * tg.randn(4, 2)
    kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum()
    return F.binary_cross_entropy_with_logits(back(z), x) + 0.1 * kl


def gan() -> Any:
    make, judge = nn.Linear(2, 4), nn.Linear(4, 1)
    fake, real = judge(make(tg.randn(3, 2)).tanh()), judge(tg.randn(3, 4))
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def neural_ode(marked: bool) -> Any:
    y, f1, f2 = tg.randn(3), nn.Linear(3, 5), nn.Linear(5, 3)
    for t in range(6):
        if marked:
            with tg.step(t):
                y = y + 0.1 * f2(f1(y).tanh())
        else:
            y = y + 0.1 * f2(f1(y).tanh())
    return (y**2).sum()


def recurrent(kind: str, steps: int, hidden: int = 4, every: bool = False, **options: Any) -> Any:
    net = getattr(nn, kind)(3, hidden, **options)
    out, _ = net(tg.randn(steps, 2, 3))
    return (out**2).mean() if every else (out[-1] ** 2).sum()


def lstm_by_hand(marked: bool, steps: int = 3) -> Any:
    W, U = {g: weights(4, 3) for g in "ifgo"}, {g: weights(4, 4) for g in "ifgo"}
    h, c, xs = tg.zeros(4), tg.zeros(4), tg.randn(steps, 3)

    def turn(x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, o = (tg.sigmoid(W[g] @ x + U[g] @ h) for g in "ifo")
        c = f * c + i * tg.tanh(W["g"] @ x + U["g"] @ h)
        return o * tg.tanh(c), c

    for t in range(steps):
        if marked:
            with tg.step(t + 1):
                h, c = turn(xs[t], h, c)
        else:
            h, c = turn(xs[t], h, c)
    return (h**2).sum()


def seq2seq(attentive: bool) -> Any:
    encoder, decoder, out = nn.GRU(3, 4), nn.GRUCell(3, 4), nn.Linear(8 if attentive else 4, 2)
    memory, h = encoder(tg.randn(3, 3))
    h, loss = h[0], tg.tensor(0.0)
    for t in range(3):
        with tg.step(t + 1):
            h = decoder(tg.randn(3), h)
            seen = tg.cat([h, (memory @ h).softmax(0) @ memory]) if attentive else h
            loss = loss + (out(seen) ** 2).sum()
    return loss


def tied() -> Any:
    table = nn.Embedding(6, 4)
    h, _ = nn.RNN(4, 4)(table(tg.tensor([1, 2, 3])))
    return F.cross_entropy(h @ table.weight.T, tg.tensor([2, 3, 4]))


class Cube(tg.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Any:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


def custom() -> Any:
    x = weights(3)
    return Cube.apply(x * 2).sum()


def hessian_vector() -> Any:
    x = weights(3)
    (g,) = tg.autograd.grad((x**3).sum(), x, create_graph=True)
    return (g * tg.tensor([1.0, 0.0, -1.0])).sum()


def scalars() -> Any:
    a, b, c, f = (tg.tensor(v, requires_grad=True) for v in (2.0, -3.0, 10.0, -2.0))
    return (a * b + c) * f


def neuron() -> Any:
    x1, x2, w1, w2, b = (tg.tensor(v, requires_grad=True) for v in (2.0, 0.0, -3.0, 1.0, 6.88))
    return tg.tanh(x1 * w1 + x2 * w2 + b)


def reused() -> Any:
    x = tg.tensor(3.0, requires_grad=True)
    return x * x + x


def with_nan() -> Any:
    x = tg.tensor([1.0, -1.0], requires_grad=True)
    return (x.log() * tg.randn(2)).sum()


def long_names() -> Any:
    x = weights(2, 2)
    x.name = "the_weights_of_the_first_attention_head_of_the_third_layer"
    h = tg.zeros(2)
    h.name = "a_start_state_with_a_name_that_does_not_end_where_one_would_expect_it"
    for t in range(1, 4):
        with tg.step(t):
            h = tg.tanh(x @ h + 1)
            h.name = "the_hidden_state_of_the_recurrent_layer"
    return h.sum()


def words_and_letters() -> Any:
    inner, outer, h = nn.RNNCell(2, 3), nn.RNNCell(3, 3), tg.zeros(3)
    for word in range(1, 4):
        with tg.step(word):
            c = tg.zeros(3)
            for letter in range(1, 3):
                with tg.step(letter):
                    c = inner(tg.randn(2), c)
            h = outer(c, h)
    return (h**2).sum()


def convolution() -> Any:
    x, kernel = tg.randn(10), weights(3, 4)
    windows = tg.stack([x[t : t + 3] for t in range(8)])
    return ((windows @ kernel).relu() ** 2).mean()


def in_place() -> Any:
    x = weights(3)
    y = x * 2
    y[0] = 50
    y += 1
    return (y**2).sum()


def detached() -> Any:
    cell, h = nn.RNNCell(2, 3), tg.zeros(3)
    for t in range(1, 7):
        with tg.step(t):
            h = cell(tg.randn(2), h.detach() if t == 4 else h)
    return h.sum()


def teacher_forcing() -> Any:
    W, U, V, truth, h, guesses = weights(3, 3), weights(3, 2), weights(2, 3), tg.randn(6, 2), tg.zeros(3), []
    given = truth[0]
    for t in range(1, 6):
        h = tg.tanh(W @ h + U @ given)
        guess = V @ h
        guesses.append(guess)
        given = truth[t] if t % 2 else guess
    return F.mse_loss(tg.stack(guesses), truth[1:])


def clockwork(steps: int = 6) -> Any:
    W, U, V, mix, fast, slow = weights(2, 2), weights(2, 2), weights(2, 2), weights(2, 2), tg.zeros(2), tg.zeros(2)
    loss: Any = 0
    for t, x in enumerate(tg.randn(steps, 2)):
        fast = tg.tanh(W @ fast + U @ x + mix @ slow)
        if t % 2 == 0:
            slow = tg.tanh(V @ slow + U @ x)
        loss = loss + fast.sum()
    return loss


def zoneout(steps: int = 4) -> Any:
    cell, h, c = nn.LSTMCell(2, 3), tg.zeros(3), tg.zeros(3)
    for x in tg.randn(steps, 2):
        new = cell(x, (h, c))
        h, c = (keep * old + (1 - keep) * now for keep, old, now in zip(tg.rand(2, 3) < 0.3, (h, c), new, strict=True))
    return h.sum()


def two_modules(steps: int = 30) -> Any:
    into, cell, h = nn.Linear(2, 3), nn.GRUCell(3, 3), tg.zeros(3)
    for x in tg.randn(steps, 2):
        h = cell(into(x).tanh(), h)
    return h.sum()


def two_steps_back() -> Any:
    W, V, h, before = weights(3, 3), weights(3, 3), tg.zeros(3), tg.zeros(3)
    for x in tg.randn(5, 3):
        h, before = (W @ h + V @ before + x).tanh(), h
    return h.sum()


class Skip(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.into, self.norm = nn.Linear(width, width), nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Any:
        return x + self.into(self.norm(x)).relu()


def skips() -> Any:
    x = tg.randn(2, 4)
    for block in [Skip(4) for _ in range(6)]:
        x = block(x)
    return (x**2).mean()


class Branches(nn.Module):
    """Three layers beside each other, the input of which is handed on with what they give, or is not."""

    def __init__(self, width: int, grown: int) -> None:
        super().__init__()
        self.a, self.b, self.c = (nn.Linear(width, grown) for _ in range(3))

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.a(x).relu(), self.b(x).tanh(), self.c(x).sigmoid()]


def dense_blocks(blocks: int = 8) -> Any:
    x = tg.randn(2, 4)
    for width in range(4, 4 + 6 * blocks, 6):
        x = tg.cat([x, *Branches(width, 2)(x)], -1)
    return (x**2).mean()


def branches(blocks: int = 8) -> Any:
    x = tg.randn(2, 4)
    for _ in range(blocks):
        x = tg.cat(Branches(4, 4)(x), -1) @ weights(12, 4)
    return (x**2).mean()


def products(blocks: int = 6) -> Any:
    x = tg.randn(2, 4)
    for _ in range(blocks):
        x = nn.Linear(4, 4)(x).relu() * nn.Linear(4, 4)(x).tanh()
    return (x**2).mean()


def two_loops() -> Any:
    """A decoder that goes on from the end of an encoder, both in one function."""
    read, write, embed, head, h, loss = (
        nn.GRUCell(3, 4),
        nn.GRUCell(4, 4),
        nn.Embedding(6, 4),
        nn.Linear(4, 6),
        tg.zeros(4),
        0,
    )
    for x in tg.randn(3, 3):
        h = read(x, h)
    word = tg.tensor(0)
    for target in tg.tensor([2, 3, 1]):
        h = write(embed(word), h)
        loss = loss + F.cross_entropy(head(h), target)
        word = target
    return loss


def joined() -> Any:
    """A state that is joined to the input, and read for the last output alone."""
    hide, tell, hidden = nn.Linear(7, 4), nn.Linear(7, 2), tg.zeros(1, 4)
    for letter in tg.randn(5, 1, 3):
        both = tg.cat((letter, hidden), 1)
        hidden = hide(both).tanh()
    return F.nll_loss(tell(both).log_softmax(1), tg.tensor([1]))


class Letters(nn.Module):
    """What a letter makes of a state, and what is told of both, as many begin."""

    def __init__(self) -> None:
        super().__init__()
        self.i2h, self.i2o, self.softmax = nn.Linear(7, 4), nn.Linear(7, 2), nn.LogSoftmax(dim=1)

    def forward(self, input: Tensor, hidden: Tensor) -> Any:
        combined = tg.cat((input, hidden), 1)
        hidden = self.i2h(combined)
        output = self.i2o(combined)
        output = self.softmax(output)
        return output, hidden


def letters() -> Any:
    line, net, hidden = tg.randn(4, 1, 3), Letters(), tg.zeros(1, 4)
    for i in range(4):
        output, hidden = net(line[i], hidden)
    return F.nll_loss(output, tg.tensor([1]))


def memory() -> Any:
    """Every step adds to what is kept what it finds there."""
    M, W = tg.zeros(3, 4), nn.Linear(4, 4)
    for x in tg.randn(4, 4):
        k = W(x).tanh()
        w = (M @ k).softmax(0)
        M = M + tg.outer(w, k)
    return (M**2).sum()


def kept_slots() -> Any:
    cell, slots, h = nn.RNNCell(2, 2), tg.zeros(4, 2), tg.zeros(2)
    for t, x in enumerate(tg.randn(4, 2)):
        h = cell(x + slots.mean(0), h)
        slots[t] = h
    return (slots**2).sum()


def truncated() -> Any:
    cell, h, loss = nn.RNNCell(2, 3), tg.zeros(3), tg.tensor(0.0)
    for t, x in enumerate(tg.randn(5, 2), start=1):
        with tg.step(t):
            h = cell(x, h.detach() if t in (2, 4) else h)
            loss = loss + h.sum()
    return loss


def layer_twice() -> Any:
    net = nn.RNN(3, 3)
    out, _ = net(tg.randn(3, 3))
    return net(out)[0].sum()


def wide() -> Any:
    x = weights(4)
    return tg.stack([(x * k).sin().sum() for k in range(1, 13)]).sum()


def gradient_penalty() -> Any:
    """A judge that is called three times, once to be differentiated by what it reads."""
    judge, make = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)), nn.Linear(2, 3)
    fake, real, eps = make(tg.randn(5, 2)), tg.randn(5, 3), tg.rand(5, 1)
    mixed = (eps * real + (1 - eps) * fake.detach()).requires_grad_()
    (slope,) = tg.autograd.grad(judge(mixed).sum(), mixed, create_graph=True)
    penalty = ((slope.norm(dim=1) - 1) ** 2).mean()
    return judge(fake).mean() - judge(real).mean() + 10 * penalty


class Experts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.experts = nn.ModuleList([nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4)) for _ in range(3)])
        self.gate = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Any:
        w = self.gate(x).softmax(-1)
        return sum(w[:, n : n + 1] * expert(x) for n, expert in enumerate(self.experts))


def critic() -> Any:
    """An advantage that is detached where it weighs what was done."""
    actor, judge = (nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, n)) for n in (2, 1))
    now, later = tg.randn(5, 4), tg.randn(5, 4)
    worth = judge(now).squeeze(-1)
    gain = tg.randn(5) + 0.9 * judge(later).squeeze(-1).detach() - worth
    done = actor(now).log_softmax(-1)[tg.arange(5), tg.tensor([0, 1, 0, 1, 1])]
    return -(done * gain.detach()).mean() + (gain**2).mean()


class Mixture(nn.Module):
    """Every row goes to the two of four experts that the gate likes best."""

    def __init__(self) -> None:
        super().__init__()
        self.experts = nn.ModuleList([nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4)) for _ in range(4)])
        self.gate = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Any:
        best, which = self.gate(x).softmax(-1).topk(2)
        best, out = best / best.sum(-1, keepdim=True), tg.zeros_like(x)
        for n, expert in enumerate(self.experts):
            rows = (which == n).any(-1)
            out[rows] += (best * (which == n)).sum(-1, keepdim=True)[rows] * expert(x[rows])
        return out


class Generator(nn.Module):
    """What it says at a step is what it reads at the next."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.cell, self.out = nn.Linear(5, 3, bias=False), nn.GRUCell(3, 3), nn.Linear(3, 5)

    def forward(self, h: Tensor, steps: int) -> Any:
        token = tg.eye(5)[0]
        tokens: list[Tensor] = []
        while len(tokens) < steps:
            h = self.cell(self.embed(token), h)
            token = F.softmax(self.out(h) / 0.8, dim=-1)
            tokens.append(token)
        return tg.stack(tokens)


def generator() -> Any:
    speaker, judge, score = Generator(), nn.GRU(5, 3), nn.Linear(3, 1)
    _, h = judge(speaker(tg.randn(3), 5))
    return F.binary_cross_entropy_with_logits(score(h[-1]), tg.ones(1))


def encoder(layers: int) -> Any:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return (nn.TransformerEncoder(layer, layers)(tg.randn(2, 4, 8)) ** 2).mean()


def characters() -> Any:
    table, rnn, norm, out = nn.Embedding(7, 4), nn.GRU(4, 4), nn.LayerNorm(4), nn.Linear(4, 7)
    kept = nn.Dropout(0.2)(table(tg.tensor([1, 2, 3, 4])))
    return F.cross_entropy(out(norm(rnn(kept)[0])), tg.tensor([2, 3, 4, 5]))


GRAPHS: dict[str, Make] = {
    "three linears": three_linears,
    "one linear": lambda: nn.Linear(3, 2)(tg.randn(3)).sum(),
    "attention": attention,
    "masked attention": lambda: attention(True),
    "transformer 1": lambda: transformer(1),
    "transformer 2": lambda: transformer(2),
    "vae": vae,
    "gan": gan,
    "ode": lambda: neural_ode(False),
    "ode in steps": lambda: neural_ode(True),
    "residual 16": lambda: deep(16, residual=True),
    "mlp 16": lambda: deep(16),
    "mlp 4": lambda: deep(4),
    "mlp 20": lambda: deep(20),
    "mlp 40": lambda: deep(40),
    "bilstm 2": lambda: recurrent("LSTM", 3, num_layers=2, bidirectional=True),
    "seq2seq": lambda: seq2seq(False),
    "seq2seq attention": lambda: seq2seq(True),
    "lstm by hand": lambda: lstm_by_hand(False),
    "lstm by hand in steps": lambda: lstm_by_hand(True),
    "tied": tied,
    "custom": custom,
    "hvp": hessian_vector,
    "scalars": scalars,
    "neuron": neuron,
    "reused": reused,
    "nan": with_nan,
    "long names": long_names,
    "hidden 512": lambda: recurrent("RNN", 4, 512),
    "T 1": lambda: recurrent("RNN", 1),
    "T 5": lambda: recurrent("RNN", 5),
    "T 8": lambda: recurrent("RNN", 8),
    "T 9": lambda: recurrent("RNN", 9),
    "T 30": lambda: recurrent("RNN", 30),
    "T 30 every": lambda: recurrent("RNN", 30, every=True),
    "T 10 lstm": lambda: recurrent("LSTM", 10),
    "T 200": lambda: recurrent("RNN", 200),
    "T 5000": lambda: recurrent("RNN", 5000),
    "gru 3": lambda: recurrent("GRU", 3),
    "gru 2 layers": lambda: recurrent("GRU", 3, num_layers=2),
    "birnn": lambda: recurrent("RNN", 4, bidirectional=True),
    "lstm 20": lambda: recurrent("LSTM", 20),
    "lstm 5": lambda: recurrent("LSTM", 5),
    "words and letters": words_and_letters,
    "two loops": two_loops,
    "joined": joined,
    "letters": letters,
    "memory": memory,
    "convolution": convolution,
    "characters": characters,
    "in place": in_place,
    "detached": detached,
    "teacher forcing": teacher_forcing,
    "clockwork": clockwork,
    "zoneout": zoneout,
    "two modules": two_modules,
    "two steps back": two_steps_back,
    "skips": skips,
    "kept slots": kept_slots,
    "dense blocks": dense_blocks,
    "branches": branches,
    "products": products,
    "branches 10": lambda: branches(10),
    "gradient penalty": gradient_penalty,
    "experts": lambda: (Experts()(tg.randn(5, 4)) ** 2).mean(),
    "generator": generator,
    "encoder 6": lambda: encoder(6),
    "critic": critic,
    "truncated": truncated,
    "layer twice": layer_twice,
    "wide": wide,
    "models.rnn": models.rnn,
    "models.rnn 8": lambda: models.rnn(8),
    "models.per step": lambda: models.rnn(named=False, loss_per_step=True),
    "models.lstm": models.lstm,
    "models.lstm apart": models.lstm_apart,
    "models.gru": models.gru,
    "models.two layers": models.two_layers,
    "models.layer by layer": models.layer_by_layer,
    "models.loss outside": models.loss_outside,
    "models.bidirectional": models.bidirectional,
    "models.attention": models.attention,
    "models.several heads": models.several_heads,
    "models.chain": models.chain,
    "models.mlp": models.mlp,
    **{f"docs.{graph.file}": graph.make for graph in SMALL},
}


def views_of(name: str) -> list[str]:
    """The views that apply to a graph, asked of the graph."""
    found = []
    for view in ("auto", "full", "chain", "cells", "modules", "rolled"):
        try:
            made(name, view)
            found.append(view)
        except ValueError:
            pass
    return found


def made(name: str, view: str) -> Any:
    """A picture of a graph."""
    tg.manual_seed(1)
    return tg.draw(GRAPHS[name](), view=view)
