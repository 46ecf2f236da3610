"""Weights of norm one and orthogonal ones beside PyTorch's: values, two derivatives, states, how often one is read."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(0)


def of(lib: Any) -> Any:
    return lib.nn.utils.parametrizations


def linear(name: str, sizes: tuple[int, int], lib: Any, **options: Any) -> Any:
    return getattr(of(lib), name)(lib.nn.Linear(*sizes).double(), **options)


SHAPES = ((4, 4), (4, 6), (6, 4))
CASES: dict[str, Callable[[Any], Any]] = {
    **{
        f"orthogonal {sizes} {kind} {based}": partial(
            linear, "orthogonal", sizes, orthogonal_map=kind, use_trivialization=based
        )
        for sizes, kind, based in itertools.product(SHAPES, ("matrix_exp", "cayley", "householder"), (True, False))
    },
    **{f"orthogonal {sizes}": partial(linear, "orthogonal", sizes) for sizes in SHAPES},
    **{f"spectral_norm {sizes}": partial(linear, "spectral_norm", sizes, n_power_iterations=2) for sizes in SHAPES},
    "spectral_norm of a convolution": lambda lib: of(lib).spectral_norm(lib.nn.Conv1d(4, 3, 3).double()),
    "spectral_norm of a transpose": lambda lib: of(lib).spectral_norm(lib.nn.ConvTranspose1d(4, 3, 3).double()),
    "spectral_norm of columns": lambda lib: of(lib).spectral_norm(lib.nn.Linear(4, 3).double(), dim=1),
    "spectral_norm of a vector": lambda lib: of(lib).spectral_norm(lib.nn.Linear(4, 3).double(), "bias"),
    "spectral_norm at rest": lambda lib: of(lib).spectral_norm(lib.nn.Linear(4, 3).double()).eval(),
}


def run(lib: Any, name: str, state: Any = None) -> tuple[Any, Any]:
    """The state at the start, and by name outputs, two derivatives and the state afterwards."""
    module = CASES[name](lib)
    if state is not None:
        module.load_state_dict({key: lib.tensor(x) for key, x in state.items()})
    start = {key: x.numpy().copy() for key, x in module.state_dict().items()}
    size = getattr(module, "in_features", None)
    x = lib.tensor(np.cos(np.arange(48.0)).reshape((-1, size) if size else (2, 4, 6)))
    leaves = list(module.parameters())
    y = module(x) + module(x * 2)
    first = lib.autograd.grad((y**2).sum(), leaves, create_graph=True)
    second = lib.autograd.grad(sum((g**2).sum() for g in first), leaves)
    found = {f"{i}": each.detach().numpy() for i, each in enumerate((y, *first, *second))}
    return start, found | {key: each.numpy() for key, each in module.state_dict().items()}


@pytest.mark.parametrize("name", CASES)
def test_equals_torch(name: str) -> None:
    state, wanted = run(torch, name)
    _, found = run(tg, name, state)
    assert list(found) == list(wanted)
    for key, value in wanted.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-7, atol=1e-7, err_msg=key)


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
@pytest.mark.parametrize("options", [{}, {"orthogonal_map": "householder", "use_trivialization": False}], ids=str)
def test_what_is_orthogonal_stays_and_else_is_made_so(sizes: tuple[int, int], options: dict[str, Any]) -> None:
    given = RNG.normal(size=sizes[::-1])
    tall = np.linalg.qr(given if sizes[1] >= sizes[0] else given.T)[0]
    for start in (given, tall if sizes[1] >= sizes[0] else tall.T):
        found = []
        for lib in (tg, torch):
            layer = lib.nn.Linear(*sizes).double()
            with lib.no_grad():
                layer.weight.copy_(lib.tensor(start))
            found.append(of(lib).orthogonal(layer, **options).weight.detach().numpy())
        np.testing.assert_allclose(found[0], found[1], atol=1e-14)
        square = found[0] @ found[0].T if sizes[0] >= sizes[1] else found[0].T @ found[0]
        np.testing.assert_allclose(square, np.eye(len(square)), atol=1e-14)


def test_the_norm_of_a_weight_comes_to_one() -> None:
    tg.manual_seed(0)
    layer = of(tg).spectral_norm(tg.nn.Linear(5, 3))
    for _ in range(40):
        layer(tg.ones(5))
    np.testing.assert_allclose(np.linalg.norm(layer.eval().weight.detach().numpy(), 2), 1, rtol=1e-5)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "no such parameter": lambda lib: of(lib).spectral_norm(lib.nn.Linear(2, 2), "nothing"),
    "no such parameter to turn": lambda lib: of(lib).orthogonal(lib.nn.Linear(2, 2), "nothing"),
    "no iterations": lambda lib: of(lib).spectral_norm(lib.nn.Linear(2, 2), n_power_iterations=0),
    "no such axis": lambda lib: of(lib).spectral_norm(lib.nn.Linear(2, 2), dim=2),
    "no matrix": lambda lib: of(lib).orthogonal(lib.nn.Linear(2, 2), "bias"),
    "no such map": lambda lib: of(lib).orthogonal(lib.nn.Linear(2, 2), orthogonal_map="qr"),
    "no way back": lambda lib: (
        of(lib)
        .orthogonal(lib.nn.Linear(2, 2), orthogonal_map="cayley", use_trivialization=False)
        .parametrizations.weight.__getitem__(0)
        .right_inverse(lib.eye(2))
    ),
    "another shape": lambda lib: (
        of(lib).orthogonal(lib.nn.Linear(2, 2)).parametrizations.weight[0].right_inverse(lib.eye(3))
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    for lib in (tg, torch):
        with pytest.raises((IndexError, NotImplementedError, ValueError)):
            REFUSED[name](lib)


@pytest.mark.parametrize(
    ("kind", "args", "shape"),
    [
        ("Linear", (4, 3), (2, 4)),
        ("Conv1d", (4, 3, 2), (2, 4, 5)),
        ("LayerNorm", (4,), (2, 4)),
        ("BatchNorm1d", (4,), (2, 4)),
        ("PReLU", (), (2, 4)),
        *[(f"{kind}Cell", (4, 3), (2, 4)) for kind in ("RNN", "LSTM", "GRU")],
        *[(kind, (4, 3), (6, 2, 4)) for kind in ("RNN", "LSTM", "GRU")],
    ],
    ids=str,
)
def test_a_module_reads_a_weight_once(kind: str, args: Any, shape: Any) -> None:
    """Each time it is read it is computed anew, and the vectors of spectral_norm move."""

    class Counting(tg.nn.Module):
        times = 0

        def forward(self, x: tg.Tensor) -> tg.Tensor:
            self.times += 1
            return x * 1

    module = getattr(tg.nn, kind)(*args)
    counting = {name: Counting() for name, _ in module.named_parameters()}
    for name, each in counting.items():
        tg.nn.utils.parametrize.register_parametrization(module, name, each)
        each.times = 0
    module(tg.ones(*shape))
    assert {name: each.times for name, each in counting.items()} == dict.fromkeys(counting, 1)


def test_what_is_computed_is_not_assigned_but_its_original_is() -> None:
    module = of(tg).weight_norm(tg.nn.Linear(2, 1, bias=False))
    with pytest.raises(AttributeError, match=r"cannot be assigned; write to their original in no_grad\(\)"):
        module.weight = tg.ones(1, 2)
    with tg.no_grad():
        module.parametrizations.weight.original0.fill_(5.0)
        module.parametrizations.weight.original1.copy_(tg.tensor([[3.0, 4.0]]))
    np.testing.assert_allclose(module.weight.detach().numpy(), [[3, 4]], rtol=1e-6)
