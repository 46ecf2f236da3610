"""An unstable network, W_hh = 1.2 I with ReLU over 50 steps, and what helps: smaller steps, LayerNorm, a good start."""

from __future__ import annotations

import linecache
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import tinygrad_rnn as tg

from .. import nn
from ..report import significant, table
from .shown import Shown, says, section
from .vanishing import orthogonal

STEPS, HIDDEN, BATCH, MEMORY, SEED = 50, 32, 20, 5, 2


@dataclass(frozen=True)
class Setting:
    """start: "1.2 I", "I" or "0.9 orthogonal" for W_hh; norm: LayerNorm before f; clip: the largest gradient."""

    lr: float = 1e-2
    start: str = "1.2 I"
    norm: bool = False
    clip: float = math.inf


@dataclass(frozen=True)
class Course:
    """norm: of the first step's gradient; losses: before every step, up to the first that is not finite."""

    setting: Setting
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
        starts = {
            "1.2 I": 1.2 * np.eye(HIDDEN),
            "I": np.eye(HIDDEN),
            "0.9 orthogonal": 0.9 * orthogonal(HIDDEN, random),
        }
        self.W_hh = nn.Parameter(tg.tensor(starts[setting.start], dtype=tg.float32))
        self.W_xh = nn.Parameter(tg.tensor(random.uniform(-0.5, 0.5, (HIDDEN, 1)), dtype=tg.float32))
        self.b_h = nn.Parameter(tg.zeros(HIDDEN))
        self.norm = nn.LayerNorm(HIDDEN) if setting.norm else None
        self.output = nn.Linear(HIDDEN, 1)

    def forward(self, xs: tg.Tensor) -> tg.Tensor:
        h = tg.zeros(xs.shape[1], HIDDEN)
        for t, x in enumerate(xs, start=1):
            with tg.step(t):
                z = tg.linear(x, self.W_xh) + tg.linear(h, self.W_hh)
                z = z + self.b_h if self.norm is None else self.norm(z)
                h = tg.relu(z)
        y: tg.Tensor = self.output(h).squeeze(1)
        return y


def batch(random: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Normal inputs (time, batch, 1), and the sum of the last five of each, (batch,), in units of its deviation."""
    xs = random.standard_normal((STEPS, BATCH, 1))
    return xs, xs[-MEMORY:].sum(axis=0)[:, 0] / math.sqrt(MEMORY)


def loss_of(network: Network, random: np.random.Generator) -> tg.Tensor:
    """The mean squared error on a new batch."""
    xs, target = batch(random)
    y = network(tg.tensor(xs, dtype=tg.float32))
    loss: tg.Tensor = ((y - tg.tensor(target, dtype=tg.float32)) ** 2).mean()
    return loss


def begin(setting: Setting, seed: int) -> tuple[Network, tg.optim.SGD, np.random.Generator]:
    """A network, its optimiser and the random numbers of its data."""
    tg.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = Network(setting, random)
    return network, tg.optim.SGD(network.parameters(), lr=setting.lr), random


def train(setting: Setting, steps: int, seed: int = SEED) -> Course:
    """So many steps of gradient descent, fewer if the loss leaves the finite numbers."""
    network, optimizer, random = begin(setting, seed)
    losses: list[float] = []
    first = math.nan
    with np.errstate(all="ignore"):
        for step in range(steps + 1):
            loss = loss_of(network, random)
            losses.append(loss.item())
            if step == steps or not math.isfinite(losses[-1]):
                break
            optimizer.zero_grad()
            loss.backward()
            norm = nn.utils.clip_grad_norm_(network.parameters(), setting.clip).item()
            first = norm if step == 0 else first
            optimizer.step()
    return Course(setting, first, losses)


PROGRAM = """\
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


def outcome(course: Course) -> str:
    """How training went, in a word."""
    if course.broken is None:
        return f"loss {significant(course.last, 3)}"
    return f"{course.losses[-1]} after {course.broken} step{'' if course.broken == 1 else 's'}"


ABOUT = (
    f"A ReLU network with {HIDDEN} units over T = {STEPS} normal inputs is to tell the sum of the last {MEMORY}; "
    "W_hh = 1.2 I unless it is said; SGD. An answer of 0 has a loss of 1."
)


def show_unstable() -> Shown:
    """Claim 20."""
    course = train(Setting(), steps=3)
    rows = [[str(step), significant(loss)] for step, loss in enumerate(course.losses)]
    numbered = "\n".join(f"{number:4d}  {line}" for number, line in enumerate(PROGRAM.splitlines(), start=1))
    return Shown(
        "Claim 20: the loss becomes unstable",
        [
            says(ABOUT),
            section("The loss before the first step of SGD with rate 0.01, and after", table(["step", "loss"], rows)),
            section("The same as a program", numbered),
            section("What it says inside `with tg.autograd.detect_anomaly():`", str(anomaly())),
            says(
                f"The gradient of the first step has a norm of {significant(course.norm, 2)}. One step along "
                "it, and the next forward pass overflows. The anomaly mode names the first bad operation, its time "
                "step and its line."
            ),
        ],
    )


def show_layernorm() -> Shown:
    """Claim 22."""
    rows = []
    for name, setting in (("as it is", Setting()), ("LayerNorm", Setting(lr=3e-3, norm=True))):
        course = train(setting, steps=100)
        rows.append(
            [name, f"{setting.lr:g}", significant(course.norm, 2), significant(course.losses[0], 3), outcome(course)]
        )
    return Shown(
        "Claim 22: layer normalisation",
        [
            says(ABOUT),
            section(
                "h_t = relu(LayerNorm(W_xh x_t + W_hh h_(t-1))), 100 steps of SGD",
                table(["", "rate", "|gradient| of step 1", "loss before", "then"], rows),
            ),
            says(
                "LayerNorm gives every step the same scale, forwards and backwards, and training proceeds (Ba, Kiros & "
                "Hinton 2016)."
            ),
            says(
                "Batch normalisation on the recurrent path needs care: it has to be kept from mixing time steps "
                "(Laurent et al. 2015 found that it does not help there; Cooijmans et al. 2016 made it work with "
                "statistics of each time step and a small initial gain)."
            ),
        ],
    )


def show_rates() -> Shown:
    """Claim 23."""
    rows = []
    for lr in (1e-2, 1e-4, 1e-6, 1e-8, 1e-10):
        course = train(Setting(lr=lr), steps=20)
        rows.append([f"{lr:.0e}", significant(course.norm, 2), significant(lr * course.norm, 2), outcome(course)])
    return Shown(
        "Claim 23: a lower learning rate",
        [
            says(ABOUT),
            section("20 steps of SGD", table(["rate", "|gradient| of step 1", "rate x |gradient|", "then"], rows)),
            says(
                "A rate scales the step and not the gradient: rates of 1e-4, 1e-6 and 1e-8 break in the first step all "
                "the same. 1e-10 survives, and with it nothing is learnt in reasonable time."
            ),
        ],
    )


# Each with the best of the rates 0.1, 0.03, 0.01 and 0.003 after 200 steps.
FIXES: dict[str, Setting] = {
    "as it is": Setting(),
    "rate 1e-10": Setting(lr=1e-10),
    "clipping by norm": Setting(lr=0.1, clip=1.0),
    "LayerNorm": Setting(lr=0.003, norm=True),
    "LayerNorm and clipping": Setting(lr=0.03, norm=True, clip=1.0),
    "W_hh = I, and clipping": Setting(lr=0.1, start="I", clip=1.0),
    "W_hh = 0.9 orthogonal": Setting(lr=0.03, start="0.9 orthogonal"),
    "W_hh = 0.9 orthogonal, and clipping": Setting(lr=0.1, start="0.9 orthogonal", clip=1.0),
}


STARTS = tuple(name for name, setting in FIXES.items() if setting.start != "1.2 I")


def show_start(quick: bool = False) -> Shown:
    """Claim 24."""
    steps = 20 if quick else 200
    rows = []
    bar = tqdm(FIXES.items(), unit="run", leave=False, disable=None, dynamic_ncols=True)
    for name, setting in bar:
        course = train(setting, steps)
        clip = "" if math.isinf(setting.clip) else f"{setting.clip:g}"
        rows.append([name, f"{setting.lr:g}", clip, significant(course.norm, 2), outcome(course)])
    return Shown(
        "Claim 24 (missing from the text): initialise well",
        [
            says(ABOUT),
            section(f"{steps} steps of SGD", table(["", "rate", "clip", "|gradient| of step 1", "then"], rows)),
            says(
                "Each fix has the best of the rates 0.1, 0.03, 0.01 and 0.003 after 200 steps. A good start beats all "
                "of them on the same task: an orthogonal matrix keeps lengths, times 0.9 they fade slowly, and "
                "nothing is left to be fixed. The identity (Le, Jaitly & Hinton 2015) remembers for ever and "
                "needs clipping."
            ),
            says(
                "How much a start is worth depends on the task. Here five steps are to be remembered; 0.9^50 is 0.005, "
                "so for fifty one would begin nearer to 1."
            ),
        ],
    )
