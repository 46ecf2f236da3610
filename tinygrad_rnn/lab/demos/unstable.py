"""A network whose loss is no number after a step of SGD; what helps: clipping, LayerNorm, a lower rate, a start."""

import linecache
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

import tinygrad_rnn as tg

from ... import nn
from ...explain.report import significant
from ...viz.chart import Chart, Curve
from .shown import Shown, concludes, says, section, under
from .trials import descend, from_seeds, spread
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
    error = tg.compile(lambda xs, target: ((network(xs) - target) ** 2).mean(), backend="numpy")
    losses: list[float] = []
    first = math.nan
    with np.errstate(all="ignore"):
        for step in range(steps + 1):
            loss = error(*batch(random, setting.memory))
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
    """What the anomaly mode says of the first number of the program that is not finite."""
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


GRADIENT = (100.0, 1.0)


def clipped(by: str, limit: float = 1.0) -> tuple[tuple[float, float], float]:
    """The gradient (100, 1) clipped "by norm" or "by value", and by how many degrees it was turned."""
    parameter = tg.zeros(2, dtype=tg.float64, requires_grad=True)
    parameter.grad = tg.tensor(GRADIENT, dtype=tg.float64)
    if by == "by norm":
        nn.utils.clip_grad_norm_([parameter], limit)
    else:
        nn.utils.clip_grad_value_([parameter], limit)
    x, y = parameter.grad.tolist()
    turned = math.degrees(math.atan2(y, x) - math.atan2(GRADIENT[1], GRADIENT[0]))
    return (x, y), abs(turned)


def show_clipping() -> Shown:
    """Claim 21."""
    found = {by: clipped(by) for by in ("by norm", "by value")}
    rows = [
        [by, f"{g1:.4f}", f"{g2:.4f}", f"{math.hypot(g1, g2):.4f}", f"{turned:.1f}"]
        for by, ((g1, g2), turned) in found.items()
    ]
    curves = [Curve(by, (0.0, g1), (0.0, g2)) for by, ((g1, g2), _) in found.items()]
    curves.append(Curve("where it points", (0.0, 1.2), (0.0, 1.2 * GRADIENT[1] / GRADIENT[0])))
    return Shown(
        "Claim 21: gradient clipping",
        section("g = (100, 1) clipped to 1", ["", "g1", "g2", "|g|", "turned by degrees"], rows),
        says("""Clip by the norm of all gradients together (clip_grad_norm_): the step gets shorter and keeps its
            direction. By value (clip_grad_value_) the step goes where no gradient points, here 44 degrees off.

            Clipping is against explosion only: it cannot make a vanished gradient larger."""),
        picture=Chart("What is left of the gradient (100, 1)", "g1", "g2", curves),
        drawn="both clipped gradients as lines from the origin",
    )


def _courses(settings: Iterable[Setting], steps: int, seeds: Sequence[int]) -> list[list[Course]]:
    """Every setting with every seed."""
    return from_seeds(lambda setting, seed: train(setting, steps, seed), settings, seeds)


def smooth(name: str, courses: Sequence[Course]) -> Curve:
    """Means of ten losses in a row, and over the runs that never broke."""
    whole = [course.losses[:-1] for course in courses if course.broken is None]
    ys = np.convolve(np.mean(whole, axis=0), np.full(10, 0.1), "valid").tolist() if whole else []
    return Curve(name, range(10, 10 + len(ys)), ys)


def outcome(courses: Sequence[Course]) -> str:
    """How training went with every seed."""
    whole = [course.last for course in courses if course.broken is None]
    if not whole:
        return f"{spread([course.broken or 0 for course in courses])} steps, then no number"
    broken = f", {len(courses) - len(whole)} broken" if len(whole) < len(courses) else ""
    return f"loss {spread(whole, lambda value: significant(value, 3))}{broken}"


LAYERNORM = Setting(lr=3e-3, norm=True)


def show_layernorm(quick: bool = False) -> Shown:
    """Claim 22."""
    seeds, steps = (SEEDS[:2], 20) if quick else (SEEDS, 100)
    plain, normal = _courses((Setting(), LAYERNORM), steps, seeds)
    rows = []
    for seed, before, after in zip(seeds, plain, normal, strict=True):
        loss = f"{before.losses[-1]} after {before.broken}"
        norms = [significant(each.norm, 2) for each in (before, after)]
        rows.append([seed, norms[0], loss, norms[1], after.losses[0], after.last])
    heading = "h_t = relu(LayerNorm(W_xh x_t + W_hh h_(t-1))); rates 0.01 without and 0.003 with it"
    heads = ["seed", "|gradient|", "loss", "|gradient| with LayerNorm", "loss before", f"after {steps} steps"]
    curves = [smooth(f"seed {seed}", [course]) for seed, course in zip(seeds[:7], normal, strict=False)]
    return Shown(
        "Claim 22: layer normalisation",
        says(ABOUT),
        section(heading, heads, rows, digits=3),
        concludes(
            """LayerNorm gives every step the same scale, forwards and backwards: the first gradient falls from 1e8 and
            more to between 6 and 1400, and training proceeds (Ba, Kiros & Hinton 2016). Not equally well: the larger
            the first gradient is, the less is learnt in so few steps, and with seed 4 nothing is.

            Batch normalisation on the recurrent path needs care: it has to be kept from mixing time steps (Laurent et
            al. 2015 found that it does not help there; Cooijmans et al. 2017 made it work with statistics of each time
            step and a small initial gain).""",
            quick,
        ),
        picture=Chart("The loss with LayerNorm, mean of ten steps", "step", "loss", curves, logarithmic=True),
        drawn="the loss over the steps",
    )


RATES = (1e-2, 1e-4, 1e-6, 1e-8, 1e-9, 1e-10)


def show_rates() -> Shown:
    """Claim 23."""
    steps = 20
    found = _courses((Setting(lr=lr) for lr in RATES), steps, SEEDS)
    rows = []
    for lr, courses in zip(RATES, found, strict=True):
        broken = [course.broken for course in courses]
        later = sum(each is not None and each > 1 for each in broken)
        whole = [course.last for course in courses if course.broken is None]
        counts = [count or "-" for count in (broken.count(1), later, broken.count(None))]
        rows.append([f"{lr:.0e}", spread(lr * each.norm for each in courses), *counts, spread(whole) if whole else "-"])
    heads = ["rate", "rate x |gradient|", "broken at once", "later", "not broken", f"loss after {steps} steps"]
    exponents = [math.log10(lr) for lr in RATES]
    size = math.sqrt(HIDDEN) * 1.2  # of W_hh = 1.2 I
    lengths = [[lr * each.norm for each in courses] for lr, courses in zip(RATES, found, strict=True)]
    curves = [
        Curve("largest step", exponents, [max(each) for each in lengths]),
        Curve("smallest step", exponents, [min(each) for each in lengths]),
        Curve("|W_hh|", exponents, [size] * len(RATES)),
    ]
    return Shown(
        "Claim 23: a lower learning rate",
        says(ABOUT),
        section(f"{steps} steps of SGD, for {len(SEEDS)} seeds of the random numbers", heads, rows),
        says("""A rate scales the step and not the gradient. Even with the rate 1e-8 the first step is about as long as
            W_hh itself, so rates of 1e-4 and 1e-6 break in the first step with every seed, 1e-8 in the first or the
            second. 1e-10 survives, and with it nothing is learnt in reasonable time: an answer of 0 would be far
            better."""),
        picture=Chart("The first step beside what it changes", "log10 of the rate", "length", curves, logarithmic=True),
        drawn="the length of the first step by rate, beside the size of W_hh",
    )


MEMORIES, FRESH = (5, 50), (3, 4, 5)
# What is done, and for each memory that of the rates 0.1, 0.03, 0.01 and 0.003 which is the best one on average after
# 200 steps with the seeds 0, 1, 2.
FIXES: dict[str, tuple[Setting, dict[int, float]]] = {
    "clipped by norm": (Setting(clip=1.0), {5: 0.1, 50: 0.1}),
    "LayerNorm": (Setting(norm=True), {5: 0.01, 50: 0.003}),
    "LayerNorm, clipped": (Setting(norm=True, clip=1.0), {5: 0.03, 50: 0.01}),
    "0.9 orthogonal": (Setting(start="0.9 orthogonal"), {5: 0.03, 50: 0.03}),
    "0.9 orthogonal, clipped": (Setting(start="0.9 orthogonal", clip=1.0), {5: 0.1, 50: 0.03}),
    "identity, clipped": (Setting(start="I", clip=1.0), {5: 0.1, 50: 0.003}),
}
RUNS = {
    (name, memory): replace(setting, memory=memory, lr=rates[memory])
    for name, (setting, rates) in FIXES.items()
    for memory in MEMORIES
}


def show_start(quick: bool = False) -> Shown:
    """Claim 24."""
    steps, seeds = (20, FRESH[:1]) if quick else (200, FRESH)
    found = dict(zip(RUNS, _courses(RUNS.values(), steps, seeds), strict=True))
    plain = train(Setting(), 1, seeds[0])
    rows = [["1.2 I", "0.01", f"{plain.losses[-1]} after 1 step", "", ""]]
    rows += [[name] for name in FIXES]
    for row, memory in product(rows[1:], MEMORIES):
        key = row[0], memory
        row += [f"{RUNS[key].lr:g}", outcome(found[key]).removeprefix("loss ")]
    heads = ["W_hh, and the fix", *(t for memory in MEMORIES for t in ("rate", f"loss, last {memory}"))]
    several = f"; with {len(seeds)} seeds, the lowest and the highest" if len(seeds) > 1 else ""
    named = f"The sum of the last {MEMORIES[0]}: the loss, mean of ten steps"
    curves = [smooth(name, found[name, MEMORIES[0]]) for name in FIXES]
    return Shown(
        "Claim 24 (missing from the text): initialise well",
        says(ABOUT.replace("the sum of the last 5", "the sum of the last 5, or of all 50")),
        section(f"{steps} steps of SGD{several}", heads, rows),
        concludes(
            """A good start beats every fix, if it suits the task. Orthogonal times 0.9 fades slowly: best for the last
            five, and not for all fifty, since 0.9^50 is 0.005. The identity (Le, Jaitly & Hinton 2015) remembers for
            ever and needs clipping: best for all fifty, and for the last five no better than clipping with a lucky
            seed. Of what does not change the start, only LayerNorm and clipping together works every time.

            The rates were chosen with other seeds than those of the table, each as the best of 0.1, 0.03, 0.01 and
            0.003.""",
            quick,
        ),
        picture=Chart(named, "step", "loss", curves, logarithmic=True),
        drawn="the loss over the steps",
    )
