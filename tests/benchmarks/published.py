"""The published set-ups trained by PyTorch: equal initial weights, sequences, loss, optimiser and goal.

    python tests/benchmarks/published.py adding --cell lstm --seeds 5

The settings are those of examples/published, which train the same runs with this package. Single precision makes two
libraries drift apart after some hundred steps, so what can be compared is how often, and how soon, a network succeeds.
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
from tinygrad_rnn.demos.trials import Network, Problem, Setting, Trial, report

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
        self.output = torch.nn.Linear(setting.hidden, problem.outputs)
        self.load_state_dict({name: torch.tensor(each.numpy()) for name, each in network.state_dict().items()})

    def forward(self, xs: Any) -> torch.Tensor:
        outputs: torch.Tensor = self.output(self.rnn(torch.tensor(xs, dtype=torch.float32))[0])
        return outputs


def loss_of(problem: Problem, outputs: torch.Tensor, targets: Any) -> torch.Tensor:
    """The problem's own loss, by PyTorch."""
    if isinstance(problem, adding.Adding):
        return torch.nn.functional.mse_loss(outputs[-1, :, 0], torch.tensor(targets, dtype=torch.float32))
    if isinstance(problem, temporal_order.TemporalOrder):
        return torch.nn.functional.cross_entropy(outputs[-1], torch.tensor(targets))
    return torch.nn.functional.cross_entropy(outputs.reshape(-1, outputs.shape[-1]), torch.tensor(targets.reshape(-1)))


def trial(problem: Problem, setting: Setting, seed: int, every: int) -> Trial:
    """What `demos.trials.trial` does, by PyTorch; our network, given PyTorch's weights, is judged."""
    tg.manual_seed(seed)
    random, judging = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    judged = Network(problem, setting)
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


def main() -> None:
    """Runs the trials that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem", choices=PROBLEMS)
    parser.add_argument("--cell", required=True, help="a setting of the example: rnn, lstm, gru, ...")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="seeds 0 to N - 1 (default: 5)")
    given = parser.parse_args()
    problem, settings, every = PROBLEMS[given.problem]
    if given.cell not in settings:
        parser.error(f"{given.problem} has no setting {given.cell!r}: choose one of {', '.join(settings)}.")
    setting = settings[given.cell]
    print(report(setting, [trial(problem, setting, seed, every) for seed in range(given.seeds)], "score"))


if __name__ == "__main__":
    main()
