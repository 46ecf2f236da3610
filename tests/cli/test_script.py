"""`tinygrad-rnn draw script.py`: scripts as people write them, with PyTorch and with this package, up to a picture."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.cli.process import Command, Run
from tinygrad_rnn.lab.cli.script import PATIENCE

FUNCTION = """
import argparse
import LIBRARY as torch
from LIBRARY import nn

class Trainer:
    def __init__(self, model, lr):
        self.model, self.optimizer = model, torch.optim.SGD(model.parameters(), lr=lr)
        self.losses = {}

    def step(self, x, y):
        batch_loss = self.losses["mse"] = nn.functional.mse_loss(self.model(x), y)
        self.loss = batch_loss / 2
        self.optimizer.zero_grad()
        batch_loss.backward()
        self.optimizer.step()
        return batch_loss.item()

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()
    torch.manual_seed(0)
    trainer = Trainer(nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)), lr=0.1)
    for epoch in range(args.epochs):
        loss = trainer.step(torch.ones(2, 2), torch.ones(2, 1))
        print(f"epoch {epoch} of {args.epochs}")

if __name__ == "__main__":
    main()
"""
LOOP = """
import LIBRARY as torch

W = torch.full((2, 2), 0.5, requires_grad=True)
state = torch.zeros(2)
for x in torch.ones(3, 2):
    state = torch.tanh(W @ state + x)
loss = (state**2).sum()
BACK
print("the end")
"""
TWO = """
import LIBRARY as torch

a, b = (torch.ones(2, requires_grad=True) for _ in range(2))
for _ in range(3):
    for _ in range(5):
        loss_d = (a * 2).sum()
        loss_d.backward()
    loss_g = (a * b).tanh().sum()
    torch.autograd.backward([loss_g])
"""
EXCEPT = "try:\n    loss.backward()\nexcept:\n    loss.backward()"
LIBRARIES = ["tinygrad_rnn", "torch"]


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(request.param)
    return str(request.param)


def state() -> list[Any]:
    modes = sys.modules["torch"]._C._len_torch_function_stack() if "torch" in sys.modules else 0
    doors = [tg.Tensor.backward, tg.autograd.backward, __import__, modes]
    return [*doors, sys.argv, sys.path, list(sys.path), os.getcwd(), sys.modules["__main__"], sys.stdout]


def drawn(command: Command, text: str, *words: str, library: str, picture: bool = True) -> tuple[int, str, str, str]:
    """How a script ends that is drawn, and its picture."""
    Path("train.py").write_text(text.replace("LIBRARY", library))
    before = state()
    status, out, err = command("draw", "train.py", *(("-o", "a.dot") if picture else ()), *words)
    assert state() == before
    return status, out, err, Path("a.dot").read_text() if Path("a.dot").exists() else ""


# script, arguments, what is said, what is in the picture, what is not
DRAWN: dict[str, tuple[str, str, str, str, str]] = {
    "what it goes back from": (FUNCTION, "", "train.py, line 15, at its backward pass 1", "mean", "epoch"),
    "a local name": (FUNCTION, "--loss batch_loss", "line 15", "mean", "div"),
    "an attribute": (FUNCTION, "--loss self.loss", "line 15", "/", "epoch"),
    "a formula of names": (FUNCTION, "--loss sum(self.losses.values())", "line 15", "mean", "epoch"),
    "arguments of its own": (FUNCTION, "--step 1 -- --epochs 7", "epoch 0 of 7", "mean", "epoch 1"),
    "the third step": (FUNCTION, "--loss batch_loss --step 2", "backward pass 3", "mean", "epoch 2"),
    "a loop over time": (LOOP.replace("BACK", "loss.backward()"), "", "line 9", "state3", "the end"),
    "some of its steps": (LOOP.replace("BACK", "loss.backward()"), "--steps 2,3", "line 9", "t = 2", "the end"),
    "another view": (LOOP.replace("BACK", "loss.backward()"), "--view rolled", "line 9", "state[t]", "the end"),
    "no backward pass": (LOOP.replace("BACK", ""), "--loss loss", "the end\ntrain.py, at the end", "W", "line"),
    "a gradient that is given": (
        LOOP.replace("BACK", "state.backward(torch.ones(2) * 7)"),
        "",
        "line 9",
        ">7<",
        "the end",
    ),
    "several at once": (
        LOOP.replace("BACK", "torch.autograd.backward([loss, state.sum() * 3], [None, None])"),
        "",
        "line 9",
        ">3<",
        "end",
    ),
    "the second of two losses": (TWO, "--loss loss_g", "line 10, at its backward pass 1", "tanh", "epoch"),
    "an except for everything": (LOOP.replace("BACK", EXCEPT), "", "the end", "state3", "pass 2"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_script_is_drawn(name: str, command: Command, library: str) -> None:
    script, words, said, shown, hidden = DRAWN[name]
    status, out, err, picture = drawn(command, script, *words.split(), library=library)
    assert (status, err) == (0, "")
    assert said in out and shown in picture and hidden not in out
    assert "Picture: a.dot" in out


@pytest.mark.parametrize(("view", "shows"), [("full", "time steps, "), ("rolled", "one step of"), ("modules", "card")])
def test_it_is_said_what_the_picture_shows(view: str, shows: str, command: Command, library: str) -> None:
    _, out, _, _ = drawn(command, LOOP.replace("BACK", "loss.backward()"), "--view", view, library=library)
    assert shows in out.partition("Picture: a.dot, the gradients of ")[2]


# script, arguments, the status, the last line on standard error
REFUSED: dict[str, tuple[str, str, int, str]] = {
    "no such name": (FUNCTION, "--loss batchloss", 2, "ended, and batchloss was not there; did you mean batch_loss?"),
    "no such attribute": (
        FUNCTION,
        "--loss self.lost",
        2,
        "ended, and self.lost was not there; did you mean self.loss?",
    ),
    "a number": (FUNCTION, "--loss args.epochs", 2, "args.epochs was a int without a history"),
    "never, in a long training": (TWO.replace("range(3)", "range(99)"), "--loss x", 2, f"backward() {PATIENCE} times"),
    "nothing has a history": ("import LIBRARY\n", "--loss loss", 2, "loss was not there; nothing there has a history"),
    "nothing is asked": (LOOP.replace("BACK", ""), "", 2, "train.py ended, before any backward(); --loss names what"),
    "its own arguments": (FUNCTION, "-- --epochs x", 1, "train.py ended by sys.exit(2), before any backward()"),
    "it fails": (LOOP.replace("BACK", "loss + torch.ones(3, 3) @ 2"), "", 1, "train.py failed, as is said above"),
    "no Python": ("def f(:\n", "", 1, "train.py failed, as is said above, before any backward()"),
    "no such view": (LOOP, "--view round", 2, "'round' is not known; use auto, full,"),
    "no steps": (LOOP, "--steps 2-3", 2, "'2-3' are no two steps; give the first and the last, as 1,8"),
    "steps that are not there": (LOOP.replace("BACK", "loss.backward()"), "--steps 7,9", 2, "cannot be drawn so: "),
    "no formula": (LOOP, "--loss a+", 2, "'a+' is no value; give a name of the script, as loss or self.loss"),
    "a run beside": (LOOP, "--beside run", 2, "--beside does not go with a script, as train.py; leave it out"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_script_is_refused(name: str, command: Command, library: str) -> None:
    script, words, status, said = REFUSED[name]
    found, _, err, picture = drawn(command, script, *words.split(), library=library)
    assert (found, picture) == (status, "")
    last = err.splitlines()[-1]
    assert last.startswith("tinygrad-rnn: ") and said in last
    if "failed" in said:  # the script's own traceback, without a line of ours around it
        assert err.startswith('Traceback (most recent call last):\n  File "train.py", line') or "SyntaxError" in err
        assert "lab/cli" not in err


def test_modules_beside_it_and_its_surroundings(command: Command, library: str, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / f"parts_{library}.py").write_text("")  # not this one: Python looks beside the script
    (tmp_path / "src" / f"parts_{library}.py").write_text(
        f"import {library} as torch\nw = torch.ones(2, requires_grad=True)"
    )
    (tmp_path / "src" / "main.py").write_text(
        f"import os, pickle, sys\nfrom parts_{library} import w\n"
        "class Here: pass\npickle.dumps(Here())\n"
        "print(sys.argv, __file__, __name__)\nos.chdir('src'); sys.argv = []; sys.path.clear()\n"
        "(w * 3).sum().backward()\n"
    )
    before = state()
    status, out, err = command("draw", "src/main.py", "--json", "--", "-x", "--", "y")
    assert state() == before
    assert (status, json.loads(out)) == (0, {"script": "src/main.py", "picture": "main.svg"})
    assert err == "['src/main.py', '-x', '--', 'y'] src/main.py __main__\n"
    assert (tmp_path / "main.svg").exists()


def test_the_program_of_a_script(command: Command, library: str) -> None:
    text = LOOP.replace("ones(3, 2)", "ones(7, 2)").replace("BACK", "loss.backward()").replace("W", "turning")
    status, program, _, picture = drawn(command, text, "--program", library=library, picture=False)
    assert (status, picture) == (0, "")
    assert "def plan(turning):" in program and "# the steps backwards: BPTT" in program
    space: dict[str, Any] = {}
    exec(program.replace("the end\n", ""), space)
    W, hs = np.full((2, 2), 0.5, "float32"), [np.zeros(2, "float32")]
    for _ in range(7):
        hs.append(np.tanh(W @ hs[-1] + 1))
    forward, backward = space["plan"](W)
    dh, dW = 2 * hs[-1], np.zeros((2, 2))
    for h, before in zip(hs[:0:-1], hs[-2::-1], strict=True):
        dW += np.outer(dh * (1 - h * h), before)
        dh = W.T @ (dh * (1 - h * h))
    assert forward()[0] == pytest.approx((hs[-1] ** 2).sum(), rel=1e-6)
    np.testing.assert_allclose(backward()[0], dW, rtol=1e-5)


def test_what_happens_in_a_process_of_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stopped.py").write_text("raise KeyboardInterrupt\n")
    done = run("draw", "stopped.py")
    assert (done.returncode, done.stderr) == (130, "tinygrad-rnn: interrupted\n")
    text = LOOP.replace("LIBRARY", "tinygrad_rnn").replace("BACK", "loss.backward()")
    (tmp_path / "train.py").write_text(f"import sys{text}assert 'torch' not in sys.modules\n")
    done = run("draw", "train.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "train.svg").exists()
