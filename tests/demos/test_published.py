"""The published set-ups in examples/published: their data is what the papers say, and short versions run."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tinygrad_rnn as tg
from examples.published import adding, letters, reber, temporal_order
from tinygrad_rnn.lab.demos.trials import Problem, Setting, network, report, trial, trials

ROOT = Path(__file__).parents[2]


def test_reber_strings_are_those_of_the_grammar() -> None:
    random = np.random.default_rng(0)
    inner = "B(?:(?:TS*X|PT*VP)(?:XT*VP)*(?:S|XT*VV)|PT*VV)E"
    for _ in range(200):
        text, follows = reber.string(random)
        assert re.fullmatch(f"BT{inner}TE|BP{inner}PE", text)
        assert len(follows) == len(text) - 1
        assert all(after in allowed for after, allowed in zip(text[1:], follows, strict=True))


def test_a_perfect_and_a_forgetful_speaker_of_reber() -> None:
    problem, random = reber.Reber(), np.random.default_rng(0)

    class Speaker:
        """Knows what may follow; without a memory it cannot tell the second to last letter."""

        def __init__(self, memory: bool) -> None:
            self.memory = memory

        def __call__(self, xs: tg.Tensor) -> tuple[tg.Tensor, None]:
            y = np.zeros(xs.array.shape)
            for i in range(xs.array.shape[1]):
                text = "".join(reber.LETTERS[x.argmax()] for x in xs.array[:, i] if x.any())
                for t in range(len(text)):
                    y[t, i] = self.after(text[: t + 1])
            return tg.tensor(y), None

        def after(self, text: str) -> list[float]:
            if "E" in text:
                side = text[1] if self.memory else "T"
                allowed = side if text.endswith("E") and text.count("E") == 1 else "E"
            else:
                state, allowed = 0, "TP" if len(text) == 1 else "B"
                for letter in text[3:]:
                    state = dict(reber.GRAMMAR[state])[letter]
                if len(text) > 2:
                    allowed = "E" if state == 5 else "".join(letter for letter, _ in reber.GRAMMAR[state])
            return [float(letter in allowed) for letter in reber.LETTERS]

    assert problem.judge(Speaker(True), random) == (1.0, True)  # type: ignore[arg-type]
    right, solved = problem.judge(Speaker(False), random)  # type: ignore[arg-type]
    assert 0.35 < right < 0.65 and not solved


def test_the_adding_problem() -> None:
    xs, targets = adding.Adding(100).sample(np.random.default_rng(0), 1000)
    marked = xs[..., 1] == 1
    assert xs.shape == (100, 1000, 2) and abs(xs[..., 0]).max() <= 1
    assert (marked.sum(axis=0) == 2).all() and marked[:10].any(axis=0).all() and not marked[49:].any()
    assert set(np.unique(xs[1:-1, :, 1])) == {0, 1} and set(np.unique(xs[0, :, 1])) == {-1, 1}
    assert (xs[-1, :, 1] == -1).all()
    assert targets == pytest.approx(0.5 + np.where(marked, xs[..., 0], 0).sum(axis=0) / 4)
    assert ((targets - 0.5) ** 2).mean() == pytest.approx(1 / 24, rel=0.15)


def test_temporal_order() -> None:
    xs, targets = temporal_order.TemporalOrder(20).sample(np.random.default_rng(0), 200)
    for i in range(200):
        found = [int(each) for each in xs[:, i].argmax(axis=1) if each < 2]
        assert len(found) == 2 and targets[i] == 2 * found[0] + found[1]


def test_the_stream_of_letters() -> None:
    assert re.fullmatch("(ba|dii|guuu)+(b|d|di|g|gu|guu)?", letters.stream(np.random.default_rng(0), 200))


def test_an_easy_one_is_solved_and_reported() -> None:
    found = trials(letters.Letters(), letters.SETTINGS["rnn"], range(2), quiet=True)
    assert all(each.solved and each.sequences <= 1000 for each in found)
    text = report(letters.SETTINGS["rnn"], found, "right letters")
    assert text.startswith("RNN 20, Adam 0.01, batch 5, clip 1\n") and "2 of 2 solved, after" in text


@pytest.mark.parametrize(
    ("problem", "settings"),
    [
        (reber.Reber(), reber.SETTINGS),
        (adding.Adding(6), adding.SETTINGS),
        (temporal_order.TemporalOrder(10), temporal_order.SETTINGS),
    ],
    ids=["reber", "adding", "temporal order"],
)
def test_the_others_run(problem: Problem, settings: dict[str, Setting]) -> None:
    for setting in settings.values():
        found = trial(problem, replace(setting, most=3 * setting.batch), seed=0, quiet=True)
        assert found.sequences == 3 * setting.batch and not found.solved and np.isfinite(found.score)


def test_units_may_start_with_memories_of_different_lengths() -> None:
    setting = Setting("lstm", 4, lr=0.1, batch=2, longest=100)
    model = network(adding.Adding(100), setting)
    gates = model.rnn.bias_ih_l0.detach().numpy().reshape(4, 4)  # i, f, g, o by unit
    assert (gates[1] > 0).all() and (gates[1] < np.log(99)).all() and (gates[0] == -gates[1]).all()
    assert not model.rnn.bias_hh_l0.detach().numpy().any()
    assert setting.name == "LSTM 4, lags up to 100, Adam 0.1, batch 2, clip 1"


def test_the_same_seed_gives_the_same_run() -> None:
    setting = replace(letters.SETTINGS["lstm"], most=100)
    one, two = (trial(letters.Letters(), setting, seed=3, quiet=True) for _ in range(2))
    assert one.score == two.score


@pytest.mark.slow
@pytest.mark.parametrize("name", ["reber", "adding", "temporal_order", "letters"])
def test_they_say_what_they_are(name: str) -> None:
    command = [sys.executable, "-W", "error", str(ROOT / "examples" / "published" / f"{name}.py"), "--help"]
    done = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert ("--seeds N" in done.stdout and "Solved:" in done.stdout) or "Solved," in done.stdout
