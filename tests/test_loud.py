"""Names that are not there, and what is harmless: what is said, and what is done."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

F = nn.functional
INF: Any = "inf"


def x() -> tg.Tensor:
    return tg.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])


def in_no_grad(tensor: tg.Tensor) -> Any:
    with tg.no_grad():
        return tensor.numpy()


def ones_in(value: tg.Tensor) -> bool:
    return bool((value == 1).all())


#: Names that are not there: the module, the name, and what is said.
UNKNOWN = [
    (tg, "sofmax", "did you mean 'softmax'?"),
    (tg, "LSTM", "it is tinygrad_rnn.nn.LSTM"),
    (tg, "mse_loss", "it is tinygrad_rnn.nn.functional.mse_loss"),
    (tg, "clone", "it is the method x.clone(...)"),
    (tg, "distributed", "PyTorch's and stays out; leave it out: operations run as they are written, in one process"),
    (tg, "linalg", "use x.detach().numpy() and numpy's"),
    (tg, "jit", "leave it out"),
    (nn, "LTSM", "did you mean 'LSTM'?"),
    (nn, "Conv1d", "PyTorch's and stays out; use nn.Linear on windows"),
    (nn, "Transformer", "use nn.LSTM or nn.GRU"),
    (F, "scaled_dot_product_attention", "use softmax(q @ k.mT / d**0.5, dim=-1) @ v"),
    (F, "crossentropy", "did you mean 'cross_entropy'?"),
    (nn.init, "xavier_unifrom_", "did you mean 'xavier_uniform_'?"),
    (nn.utils, "clip_grad_norm", "did you mean 'clip_grad_norm_'?"),
    (tg.optim, "SDG", "did you mean 'SGD'?"),
    (tg.optim.lr_scheduler, "StepLr", "did you mean 'StepLR'?"),
    (tg.autograd, "gradd", "did you mean 'grad'?"),
    (tg.func, "vmap", "operations broadcast"),
    (tg.utils.data, "Dataloader", "did you mean 'DataLoader'?"),
    (tg, "qqqqq", "dir() lists what there is"),
]


@pytest.mark.parametrize(("module", "name", "says"), UNKNOWN, ids=[f"{m.__name__}.{n}" for m, n, _ in UNKNOWN])
def test_an_unknown_name_is_answered(module: ModuleType, name: str, says: str) -> None:
    with pytest.raises(AttributeError, match=re.escape(says)):
        getattr(module, name)
    assert not hasattr(module, name)


def test_python_guesses_what_an_unknown_name_of_a_tensor_should_be() -> None:
    code = "import tinygrad_rnn as tg; tg.ones(2).sqeeze()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Did you mean: 'squeeze'?" in done.stderr


#: What is harmless, each with what comes out.
HARMLESS: dict[str, Callable[[], bool]] = {
    "a comparison with a word": lambda: ((x() == "a") is False) and (x() != "a") is True,
    "a comparison with None": lambda: ((x() == None) is False) and (x() != None) is True,  # noqa: E711
    "numpy() inside no_grad": lambda: ones_in(tg.tensor(in_no_grad(tg.ones(2, requires_grad=True)))),
    "a device for Tensor": lambda: tg.Tensor([1, 1], device="cpu").tolist() == [1, 1],
    "alpha before what is added": lambda: tg.ones(2).add_(2, tg.ones(2)).tolist() == [3, 3],
    "a norm of order inf, as a word": lambda: float(nn.utils.get_total_norm([-x()], INF)) == pytest.approx(0.6),
    "a number of threads": lambda: vars(tg)["set_num_threads"](tg.get_num_threads()) is None,
    "deterministic algorithms": lambda: vars(tg)["use_deterministic_algorithms"](True, warn_only=True) is None,
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_is_done(name: str) -> None:
    assert HARMLESS[name]()
