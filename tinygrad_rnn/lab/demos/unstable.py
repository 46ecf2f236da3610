"""An unstable network, W_hh = 1.2 I with ReLU over 50 steps: after one step of SGD the loss is no number."""

import linecache
import math
from dataclasses import dataclass, field

import numpy as np

import tinygrad_rnn as tg

from ... import nn
from ...explain.report import significant
from ...viz.chart import Chart, Curve
from .shown import Shown, says, section, under
from .trials import descend
from .vanishing import orthogonal

STEPS, HIDDEN, BATCH, MEMORY = 50, 32, 20, 5
SEEDS = range(8)


@dataclass(frozen=True)
class Setting:
    """start: "1.2 I", "I" or "0.9 orthogonal" for W_hh; norm: LayerNorm before f; clip: the largest gradient;
    memory: how many inputs the answer is the sum of."""

    lr: float = 1e-2
    start: str = "1.2 I"
    norm: bool = False
    clip: float = math.inf
    memory: int = MEMORY


@dataclass(frozen=True)
class Course:
    """norm: of the first step's gradient; losses: before every step, up to the first that is not finite."""

    norm: float
    losses: list[float] = field(repr=False)

    @property
    def broken(self) -> int | None:
        """After how many steps the loss is not finite; None if it always is."""
        return None if math.isfinite(self.losses[-1]) else len(self.losses) - 1

    @property
    def last(self) -> float:
        """The mean of the last twenty losses."""
        return float(np.mean(self.losses[-20:]))


class Network(nn.Module):
    """h_t = relu(W_xh x_t + W_hh h_(t-1) + b_h), or with LayerNorm in place of b_h; y = W_hy h_T + b_y."""

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        super().__init__()
        identity, turn = np.eye(HIDDEN), orthogonal(HIDDEN, random)
        starts = {"1.2 I": 1.2 * identity, "I": identity, "0.9 orthogonal": 0.9 * turn}
        self.W_hh = nn.Parameter(tg.tensor(starts[setting.start], dtype=tg.float32))
        self.W_xh = nn.Parameter(tg.tensor(random.uniform(-0.5, 0.5, (HIDDEN, 1)), dtype=tg.float32))
        self.b_h = nn.Parameter(tg.zeros(HIDDEN))
        self.norm = nn.LayerNorm(HIDDEN) if setting.norm else None
        self.output = nn.Linear(HIDDEN, 1)

    def states(self, xs: tg.Tensor) -> list[tg.Tensor]:
        """h_0 to h_T."""
        hs = [tg.zeros(xs.shape[1], HIDDEN)]
        for t, x in enumerate(xs, start=1):
            with tg.step(t):
                z = tg.linear(x, self.W_xh) + tg.linear(hs[-1], self.W_hh)
                z = z + self.b_h if self.norm is None else self.norm(z)
                hs.append(tg.relu(z))
        return hs

    def forward(self, xs: tg.Tensor) -> tg.Tensor:
        return self.output(self.states(xs)[-1]).squeeze(1)


def batch(random: np.random.Generator, memory: int) -> tuple[tg.Tensor, tg.Tensor]:
    """Normal inputs (time, batch, 1), and the sum of the last few of each, (batch,), in units of its deviation."""
    xs = random.standard_normal((STEPS, BATCH, 1))
    target = xs[-memory:].sum(axis=0)[:, 0] / math.sqrt(memory)
    return tg.tensor(xs, dtype=tg.float32), tg.tensor(target, dtype=tg.float32)


def begin(setting: Setting, seed: int) -> tuple[Network, tg.optim.SGD, np.random.Generator]:
    """A network, its optimiser and the random numbers of its data."""
    tg.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = Network(setting, random)
    return network, tg.optim.SGD(network.parameters(), lr=setting.lr), random


def train(setting: Setting, steps: int, seed: int = 0) -> Course:
    """So many steps of gradient descent, fewer if the loss leaves the finite numbers."""
    network, optimizer, random = begin(setting, seed)
    losses: list[float] = []
    first = math.nan
    with np.errstate(all="ignore"):
        for step in range(steps + 1):
            xs, target = batch(random, setting.memory)
            loss = ((network(xs) - target) ** 2).mean()
            losses.append(loss.item())
            if step == steps or not math.isfinite(losses[-1]):
                break
            norm = descend(optimizer, loss, setting.clip)
            first = norm if step == 0 else first
    return Course(first, losses)


def sizes_of_states(seed: int = 0) -> dict[str, list[float]]:
    """|h_0| to |h_T| of the first batch, before and after one step of gradient descent along its gradient."""
    network, optimizer, random = begin(Setting(), seed)
    xs, target = batch(random, MEMORY)

    def sizes() -> list[float]:
        return [float(np.linalg.norm(h.array.astype(np.float64))) for h in network.states(xs)]

    with np.errstate(all="ignore"):
        before = sizes()
        ((network(xs) - target) ** 2).mean().backward()
        optimizer.step()
        return {"before the step": before, "after it": sizes()}


PROGRAM: str = """\
tg.manual_seed(0)
W_xh, W_hh, W_hy = tg.rand(32, 1) - 0.5, 1.2 * tg.eye(32), tg.rand(1, 32) - 0.5
W_xh.name, W_hh.name, W_hy.name = "W_xh", "W_hh", "W_hy"
for W in (W_xh, W_hh, W_hy):
    W.requires_grad_()
for step in range(10):
    xs = tg.randn(50, 20, 1)
    target = xs[-5:].sum(0) / 5**0.5
    h = tg.zeros(20, 32)
    for t, x in enumerate(xs, start=1):
        with tg.step(t):
            h = tg.relu(tg.linear(x, W_xh) + tg.linear(h, W_hh))
            h.name = "h"
    loss = ((tg.linear(h, W_hy) - target) ** 2).mean()
    loss.backward()
    with tg.no_grad():
        for W in (W_xh, W_hh, W_hy):
            W -= 0.01 * W.grad
            W.grad = None
"""
NAME = "unstable_rnn.py"


def anomaly() -> tg.autograd.AnomalyError:
    """What the anomaly mode says of the first number of the program that is not finite.

    Raises:
        ValueError: all of them are.
    """
    linecache.cache[NAME] = (len(PROGRAM), None, PROGRAM.splitlines(keepends=True), NAME)
    try:
        with tg.autograd.detect_anomaly(), np.errstate(all="ignore"):
            exec(compile(PROGRAM, NAME, "exec"), {"tg": tg})
    except tg.autograd.AnomalyError as error:
        return error
    raise ValueError("nothing went wrong")


ABOUT = (
    f"A ReLU network with {HIDDEN} units over T = {STEPS} normal inputs is to tell the sum of the last {MEMORY}; "
    "W_hh = 1.2 I unless it is said; SGD. An answer of 0 has a loss of 1."
)


def show_unstable() -> Shown:
    """Claim 20."""
    courses = [train(Setting(), steps=3, seed=seed) for seed in SEEDS]
    rows = [
        [seed, each.losses[0], significant(each.norm, 2), each.losses[1]]
        for seed, each in zip(SEEDS, courses, strict=True)
    ]
    heading = f"One step of SGD with rate 0.01, for {len(SEEDS)} seeds of the random numbers"
    numbered = "\n".join(f"{number:4d}  {line}" for number, line in enumerate(PROGRAM.splitlines(), start=1))
    curves = [Curve(when, range(STEPS + 1), sizes) for when, sizes in sizes_of_states().items()]
    return Shown(
        "Claim 20: the loss becomes unstable",
        says(ABOUT),
        section(heading, ["seed", "loss", "|gradient|", "loss after the step"], rows),
        under("The same as a program", numbered),
        under("What it says inside `with tg.autograd.detect_anomaly():`", str(anomaly())),
        says("""The first gradient has a norm of 1e8 and more. One step along it, and the next forward pass overflows,
            for every seed. The anomaly mode names the first bad operation, its time step and its line."""),
        picture=Chart("One step, and h overflows", "t", "|h_t|", curves, logarithmic=True),
        drawn="the size of h over time, before the step and after it, up to the last finite one",
    )
