"""The published set-ups trained by PyTorch: equal initial weights, sequences, loss, optimiser and goal.

    python tests/benchmarks/published.py adding --cell lstm --seeds 5
    python tests/benchmarks/published.py temporal_order --cell lstm5 --seeds 2 --step-by-step 2000

The settings are those of examples/published, which train the same runs with this package. Rounding makes two libraries
drift apart after some steps, so what can be compared is how often, and how soon, a network succeeds. Whether they do
the same is seen step by step: from wherever PyTorch stands, this package does the next step too.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[2]))

import tinygrad_rnn as tg
from examples.published import adding, letters, reber, temporal_order
from tests.engine import table
from tinygrad_rnn import nn
from tinygrad_rnn.lab.demos.trials import Problem, Setting, Trial, network, report
from tinygrad_rnn.lab.training.network import Network

PROBLEMS: dict[str, tuple[Problem, dict[str, Setting], int]] = {
    "adding": (adding.Adding(100), adding.SETTINGS, 250),
    "letters": (letters.Letters(), letters.SETTINGS, 50),
    "reber": (reber.Reber(), reber.SETTINGS, 250),
    "temporal_order": (temporal_order.TemporalOrder(100), temporal_order.SETTINGS, 50),
}


class Twin(torch.nn.Module):
    """A `Network` made of PyTorch's layers, with equal weights."""

    def __init__(self, problem: Problem, setting: Setting, network: Network) -> None:
        super().__init__()
        self.rnn = getattr(torch.nn, setting.cell.upper())(problem.inputs, setting.hidden)
        self.head = torch.nn.Linear(setting.hidden, problem.outputs)
        self.load_state_dict({name: torch.tensor(each.numpy()) for name, each in network.state_dict().items()})

    def forward(self, xs: Any) -> torch.Tensor:
        outputs: torch.Tensor = self.head(self.rnn(torch.tensor(xs, dtype=self.head.weight.dtype))[0])
        return outputs


def loss_of(problem: Problem, outputs: torch.Tensor, targets: Any) -> torch.Tensor:
    """The problem's own loss, by PyTorch."""
    if isinstance(problem, adding.Adding):
        return torch.nn.functional.mse_loss(outputs[-1, :, 0], torch.tensor(targets, dtype=outputs.dtype))
    if isinstance(problem, temporal_order.TemporalOrder):
        return torch.nn.functional.cross_entropy(outputs[-1], torch.tensor(targets))
    return torch.nn.functional.cross_entropy(outputs.reshape(-1, outputs.shape[-1]), torch.tensor(targets.reshape(-1)))


def trial(problem: Problem, setting: Setting, seed: int, every: int) -> Trial:
    """What `demos.trials.trial` does, by PyTorch; our network, given PyTorch's weights, is judged."""
    tg.manual_seed(seed)
    random, judging = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    judged = network(problem, setting)
    model = Twin(problem, setting, judged)
    optimizer = torch.optim.Adam(model.parameters(), lr=setting.lr)
    steps, began = setting.most // setting.batch, time.perf_counter()
    bar = tqdm(range(1, steps + 1), desc=f"seed {seed}", unit="step", leave=False, disable=None)
    for step in bar:
        xs, targets = problem.sample(random, setting.batch)
        optimizer.zero_grad()
        loss_of(problem, model(xs), targets).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), setting.clip)
        optimizer.step()
        if step % every == 0 or step == steps:
            judged.load_state_dict({name: tg.tensor(each.numpy()) for name, each in model.state_dict().items()})
            with tg.no_grad():
                score, solved = problem.judge(judged, judging)
            bar.set_postfix_str(f"score {score:.4g}")
            if solved:
                break
    return Trial(seed, solved, step * setting.batch, score, time.perf_counter() - began)


def step_by_step(problem: Problem, setting: Setting, seed: int, steps: int) -> list[str]:
    """How far both are ever apart after one step from equal weights and moments, all along a run of PyTorch's.

    In double precision. The update of each parameter is compared: |ours - theirs| / |theirs|, Euclidean norms.
    """
    tg.manual_seed(seed)
    random = np.random.default_rng(seed)
    ours = network(problem, setting)
    theirs = Twin(problem, setting, ours).double()
    ours.double()
    mine, optimizer = tg.optim.Adam(ours.parameters(), lr=setting.lr), torch.optim.Adam(theirs.parameters(), setting.lr)
    pairs = list(zip(ours.parameters(), theirs.parameters(), strict=True))
    largest, furthest = 0.0, 0.0
    for _ in tqdm(range(steps), desc=f"seed {seed}", unit="step", leave=False, disable=None):
        xs, targets = problem.sample(random, setting.batch)
        for q, p in pairs:
            with tg.no_grad():
                q.copy_(tg.tensor(p.detach().numpy()))
            for key in {"exp_avg", "exp_avg_sq"} & set(optimizer.state[p]):  # the count of steps is equal
                mine.state[q][key][...] = optimizer.state[p][key].numpy()
        before = [p.detach().numpy().copy() for _, p in pairs]
        mine.zero_grad()
        problem.loss(ours(tg.tensor(xs, dtype=tg.float64))[0], targets).backward()
        nn.utils.clip_grad_norm_(ours.parameters(), setting.clip)
        mine.step()
        optimizer.zero_grad()
        loss_of(problem, theirs(xs), targets).backward()  # type: ignore[no-untyped-call]
        largest = max(largest, float(torch.nn.utils.clip_grad_norm_(theirs.parameters(), setting.clip)))
        optimizer.step()
        for (q, p), start in zip(pairs, before, strict=True):
            there = p.detach().numpy()
            furthest = max(furthest, float(np.linalg.norm(q.detach().numpy() - there) / np.linalg.norm(there - start)))
    return [str(seed), f"{steps:,}", f"{largest:.3g}", f"{furthest:.1e}"]


def main() -> None:
    """Runs the trials that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem", choices=PROBLEMS)
    parser.add_argument("--cell", required=True, help="a setting of the example: rnn, lstm, gru, ...")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="seeds 0 to N - 1 (default: 5)")
    parser.add_argument("--step-by-step", type=int, metavar="STEPS", help="compare so many steps, in double precision")
    given = parser.parse_args()
    problem, settings, every = PROBLEMS[given.problem]
    if given.cell not in settings:
        parser.error(f"{given.problem} has no setting {given.cell!r}: choose one of {', '.join(settings)}.")
    setting = settings[given.cell]
    torch.set_num_threads(1)
    if given.step_by_step:
        rows = [step_by_step(problem, setting, seed, given.step_by_step) for seed in range(given.seeds)]
        print(f"{setting.name}\n{table(['seed', 'steps', 'largest gradient', 'furthest apart'], rows)}")
        return
    print(report(setting, [trial(problem, setting, seed, every) for seed in range(given.seeds)], "score"))


if __name__ == "__main__":
    main()
