"""The examples in the docstrings of public names print what they show, and what users meet first has one."""

import doctest
import inspect
from operator import attrgetter
from pathlib import Path

import pytest

import tinygrad_rnn as tg

# What a user meets first, beside the operations, whose examples come from their table.
FIRST = [
    "autograd.functional.jacobian",
    "autograd.grad",
    "autograd.gradcheck",
    "backward_steps",
    "compile",
    "contributions",
    "draw",
    "func.grad",
    "func.hessian",
    "func.vjp",
    "gradient_flow",
    "load",
    "nn.CrossEntropyLoss",
    "nn.Embedding",
    "nn.GRU",
    "nn.LSTM",
    "nn.LayerNorm",
    "nn.Linear",
    "nn.Module",
    "nn.RNN",
    "nn.Sequential",
    "nn.functional.cross_entropy",
    "nn.functional.mse_loss",
    "nn.init.orthogonal_",
    "nn.truncated_bptt",
    "nn.unroll",
    "nn.utils.clip_grad_norm_",
    "nn.utils.rnn.pack_padded_sequence",
    "no_grad",
    "optim.Adam",
    "optim.SGD",
    "optim.lr_scheduler.ReduceLROnPlateau",
    "optim.lr_scheduler.StepLR",
    "program",
    "save",
    "tensor",
    "utils.data.DataLoader",
]


def told(name: str) -> str:
    """The docstring of a public name."""
    return inspect.getdoc(attrgetter(name)(tg)) or ""


def test_sixty_names_have_an_example() -> None:
    operations = {text for name in dir(tg) if ">>> " in (text := told(name))}  # once, whatever else they are called
    assert len(operations | {told(name) for name in FIRST}) >= 60


@pytest.mark.parametrize("name", FIRST)
def test_an_example_prints_what_it_shows(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert ">>> " in told(name)
    session = doctest.DocTestParser().get_doctest(told(name), {"tg": tg}, name, None, None)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(session, out=said.append)
    assert said == []


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_the_help_of_a_network_has_its_equations_and_shapes(name: str) -> None:
    text = told(f"nn.{name}")
    assert "h_t = " in text and "h_{t-1}" in text and "(time, batch, input)" in text and ">>> output.shape" in text
