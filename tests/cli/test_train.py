"""`tinygrad-rnn train`: what it learns, what it compares itself with, and what it leaves behind."""

import os
import re
import select
import signal
import subprocess
import termios
import time
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.cli.process import PROGRAM, Run, environment
from tinygrad_rnn.lab.cli import main
from tinygrad_rnn.lab.cli.lesson import remedies
from tinygrad_rnn.lab.cli.options import Options
from tinygrad_rnn.lab.cli.recipe import PATIENCE
from tinygrad_rnn.lab.cli.series import Example, NextValue, series_lesson
from tinygrad_rnn.lab.cli.train import OPTIONS
from tinygrad_rnn.lab.data import BASELINES, read_series, score, walk_forward
from tinygrad_rnn.lab.data.baselines import Bigram, unigram
from tinygrad_rnn.lab.training import Windows
from tinygrad_rnn.lab.training.network import Network

DATA = Path(__file__).parents[2] / "examples"


def row(output: str, start: str) -> list[float]:
    """The numbers in the first line of a table that begins so."""
    line = next(line for line in output.splitlines() if line.startswith(f"  {start}"))
    return [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", line[len(start) + 2 :])]


def step_rows(output: str) -> list[str]:
    return re.findall(r"^  \d+ .* %$", output, re.MULTILINE)


def is_svg(path: Path) -> bool:
    return ElementTree.parse(path).getroot().tag.endswith("svg")


def test_prices_by_default(tmp_path: Path, run: Run) -> None:
    done = run("train", str(DATA / "prices.csv"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "column close, 502 values, 2017-01-03 to 2018-12-31" in done.stdout
    assert "no forecast" in done.stdout
    assert "\nPicture: bptt.svg" in done.stdout
    series = read_series(DATA / "prices.csv", "close").values
    for name, forecast in BASELINES.items():
        found = score(walk_forward(series, 402, forecast), series[402:])
        assert row(done.stdout, name) == pytest.approx([found.rmse, found.mae], abs=0.0005)
    ours, today, line = (row(done.stdout, name)[0] for name in ("RNN", *BASELINES))
    assert ours < line and ours < 1.2 * today
    assert len(step_rows(done.stdout)) == 5
    assert max(map(len, done.stdout.replace(f"{DATA}/", "").splitlines())) <= 100 and done.stdout.isascii()
    assert is_svg(tmp_path / "bptt.svg")
    picture = unescape((tmp_path / "bptt.svg").read_text())
    assert all(date in picture for date in ("2018-07-31", "2018-08-06", "W_hh", "h5"))


def test_the_shares_of_the_steps_sum_to_one(here: Run, prices: Path) -> None:
    done = here("train", prices.name, "--epochs", "2", "--picture", "none")
    shares = [float(line.split()[-2]) for line in step_rows(done.stdout)]
    assert sum(shares) == pytest.approx(100, abs=0.05)
    assert shares[0] == 0  # h_0 = 0
    assert not list(prices.parent.glob("*.svg"))


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_wave_is_learnt_by_every_cell(run: Run, tmp_path: Path, cell: str) -> None:
    wave = 100 + 10 * np.sin(0.3 * np.arange(300)) + 0.05 * np.arange(300)
    (tmp_path / "wave.csv").write_text("value\n" + "\n".join(f"{each:.4f}" for each in wave))
    done = run("train", "wave.csv", "--cell", cell, "--picture", f"{cell}.svg", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    ours, today, line = (row(done.stdout, name)[0] for name in (cell.upper(), *BASELINES))
    assert ours < line < today
    assert is_svg(tmp_path / f"{cell}.svg")


def test_every_option_for_numbers(here: Run, prices: Path) -> None:
    options = "--column open --cell gru --hidden 4 --window 12 --epochs 3 --lr 0.1 --seed 7 --batch 5 --clip none"
    done = here("train", prices.name, *options.split(), "--picture", "wide.svg")
    assert (done.returncode, done.stderr) == (0, "")
    assert "column open" in done.stdout and "GRU with 4 hidden units" in done.stdout
    assert "24 steps of gradient descent in 3 epochs" in done.stdout  # 36 windows in batches of 5
    assert len(step_rows(done.stdout)) == 12
    assert is_svg(prices.parent / "wide.svg")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_figures_and_another_others(here: Run, prices: Path) -> None:
    def figures(*options: str) -> str:
        output = here("train", prices.name, "--picture", "none", *options).stdout
        return re.sub(r", [0-9.]+ s;", "", output)

    assert figures() == figures("--seed", "0") != figures("--seed", "1")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("date,price\n" + "2024-01-01,1.5\n" * 9, "price"),
        ("Date;Open;Close\n" + "2024-01-01;1;2\n" * 9, "Close"),
        ("value\n" + "3\n" * 9, "value"),
    ],
)
def test_the_column_that_is_meant(tmp_path: Path, here: Run, text: str, column: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    done = here("train", "a.csv", "--epochs", "1", "--picture", "none")
    assert done.returncode == 0, done.stderr
    assert f"column {column}, 9 values" in done.stdout


def test_nothing_is_fitted_on_what_is_held_out(prices: Path) -> None:
    values = read_series(prices, "close").values
    for given, learnt in (({}, 48), ({"patience": 3}, 43)):
        options = Options(OPTIONS, given)
        lesson = series_lesson(str(prices), options)
        task, batches = lesson.task, lesson.batches
        assert isinstance(task, NextValue) and isinstance(batches, Windows)
        windows = range(learnt - 5)
        assert task.scale == pytest.approx(np.std([values[i + 5] - values[i : i + 5].mean() for i in windows]))
        assert len(batches.inputs) == learnt - 5
        # What is watched begins with the first value after what is learnt from, and with --patience ends before the
        # part that the network is judged by.
        watched = values[learnt : 48 if options[PATIENCE] else 60]
        means = np.array([values[i - 5 : i].mean() for i in range(learnt, learnt + len(watched))])
        assert lesson.watched[1] == pytest.approx((watched - means) / task.scale)
    # The level is not seen, and a forecast follows it.
    assert isinstance(task, NextValue)
    (value,) = task.forecasts(values[:40])
    assert task.forecasts(values[:40] + 1000) == [pytest.approx(value + 1000, abs=1e-3)]
    assert task.forecasts(values[30:40]) == [value]


def test_words(tmp_path: Path, here: Run, words: Path) -> None:
    done = here("train", words.name, "--prompt", "The dog", "--sample", "8", "--picture", "words.svg")
    assert (done.returncode, done.stderr) == (0, "")
    assert "a text of 460 words, 13 different ones known" in done.stdout
    ours, two, one = (row(done.stdout, name) for name in ("RNN", "word after word (bigram)", "frequency of the word"))
    assert ours[1] < two[1] < one[1]
    assert ours[1] == pytest.approx(np.exp(ours[0]), rel=1e-2)
    assert re.search(r"^the dog \w+", done.stdout, re.MULTILINE)
    assert "<unk>" not in done.stdout.partition("Sampled")[2]
    assert len(step_rows(done.stdout)) == 6
    assert done.stdout.isascii() and max(map(len, done.stdout.splitlines())) <= 100
    picture = unescape((tmp_path / "words.svg").read_text())
    assert all(f">{line.split()[1]}<" in picture for line in step_rows(done.stdout))


def test_characters(here: Run, words: Path) -> None:
    options = "--level char --cell lstm --hidden 32 --window 20 --sample 30 --temperature 0 --picture none"
    done = here("train", words.name, *options.split())
    assert (done.returncode, done.stderr) == (0, "")
    ours, two = (row(done.stdout, name)[1] for name in ("LSTM", "character after character (bigram)"))
    assert ours < two
    sample = done.stdout.partition("temperature 0, seed 0)\n\n")[2]
    assert 30 <= len(sample.rstrip("\n")) <= 37


def test_level_and_column_say_what_a_file_is(tmp_path: Path, here: Run, prices: Path) -> None:
    prices.rename(tmp_path / "prices.dat")
    done = here("train", "prices.dat", "--column", "close", "--epochs", "1", "--picture", "none")
    assert "column close" in done.stdout
    done = here("train", "prices.dat", "--level", "char", "--epochs", "1", "--sample", "0", "--picture", "none")
    assert "a text of" in done.stdout and "Sampled" not in done.stdout


def test_a_text_cannot_steer_the_terminal(tmp_path: Path, here: Run) -> None:
    (tmp_path / "a.txt").write_text("\x1b[31mred\x1b[0m\n" * 60)
    done = here("train", "a.txt", "--level", "char", "--epochs", "1", "--picture", "a.svg")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout and "\\x1b" in done.stdout


def test_the_baselines_of_a_text() -> None:
    training = np.array([0, 1, 0, 1, 0, 2] * 20)
    assert unigram(training, 4) == pytest.approx(np.array([61, 41, 21, 1]) / 124)
    bigram = Bigram(training, 4)
    k, p = bigram.strength, unigram(training, 4)
    assert bigram.of(np.array([0, 1, 0])) == pytest.approx([(40 + k * p[1]) / (60 + k), (40 + k * p[0]) / (40 + k)])
    every = [sum(bigram.of(np.array([a, b]))[0] for b in range(4)) for a in range(4)]
    assert every == pytest.approx([1] * 4)


@pytest.mark.slow
@pytest.mark.parametrize("file", ["prices.csv", "words.txt"])
def test_ctrl_c_ends_training_with_figures_and_picture(tmp_path: Path, file: str) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "train", str(DATA / file), "--epochs", "100000"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert select.select([process.stdout], [], [], 60)[0]
        assert "502 values" in (first := process.stdout.readline()) or "6643 words" in first  # and now it trains
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors == "tinygrad-rnn: interrupted: the figures and the picture are those so far\n"
    assert "(interrupted)" in rest and "share" in rest
    assert is_svg(tmp_path / "bptt.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["bptt.svg"]


def test_a_pipe_that_closes_is_no_error(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "demo", "bptt"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=60), errors) == (141, "")


@pytest.mark.slow
def test_the_progress_bar_is_for_terminals_and_not_when_quiet(tmp_path: Path, prices: Path) -> None:
    for options, shown in (([], True), (["--quiet"], False)):
        ours, theirs = os.openpty()
        termios.tcsetwinsize(theirs, (24, 100))
        process = subprocess.Popen(
            [*PROGRAM, "train", prices.name, "--picture", "none", *options],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        )
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 4096):
                said += piece
        except OSError:  # Linux: the other end is closed
            pass
        os.close(ours)
        assert process.wait(timeout=60) == 0
        assert (b"loss" in said and b"epoch" in said) is shown


def test_help_and_version(here: Run) -> None:
    assert here("--version").stdout == f"tinygrad-rnn {tg.__version__}\n"
    for arguments in (["--help"], ["train", "--help"], ["demo", "--help"]):
        done = here(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert max(map(len, done.stdout.splitlines())) <= 120
    assert "examples:" in here("--help").stdout
    assert "(default: 8 for numbers, 64 for text)" in " ".join(here("train", "--help").stdout.split())


def test_main_can_be_called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "bptt", "--picture", str(tmp_path / "b.svg")]) == 0
    assert "$114.76" in capsys.readouterr().out
    assert main(["train", str(tmp_path / "nothing.csv")]) == 2


CURES = {
    "rnn, small": ("rnn", 0.2, "vanishes", "--cell lstm --forget-bias 1"),
    "lstm, small": ("lstm", 0.01, "vanishes", "--forget-bias 2"),
    "relu, large": ("rnn", 30.0, "explodes", "--clip 0.5"),
    "rnn, as it comes": ("rnn", 1.0, "", ""),
}


@pytest.mark.parametrize("case", CURES)
def test_what_helps_against_gradients_that_vanish_or_explode(case: str) -> None:
    cell, factor, seen, cure = CURES[case]
    tg.manual_seed(1)
    model = Network(cell, 1, 6, 1, nonlinearity="relu" if factor > 10 else "tanh")
    with tg.no_grad():
        for name, parameter in model.rnn.named_parameters():
            if "weight_hh" in name:
                parameter.copy_(parameter.abs() * factor if factor > 10 else parameter * factor)
            elif "bias" in name and cell == "lstm":
                parameter.fill_(-3.0)
    steps = 4 if not seen else 12
    values = [float(i % 5 + i) for i in range(steps + 1)]
    window = NextValue(model, steps, 1.0, "a", Example(values, [str(each) for each in values])).through_time()
    said = " ".join(" ".join(remedies(window, cell)).split())
    if not seen:
        assert said == ""
    else:
        assert f"the gradient {seen}: x " in said and f"Try the same with {cure}, and see demo " in said
