"""Tensors print as in PyTorch: fixed examples, and generated numbers of every size beside PyTorch itself."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_rnn as tg

EXAMPLES: list[tuple[Any, str]] = [
    (tg.tensor(1.0), "tensor(1.)"),
    (tg.tensor(3), "tensor(3)"),
    (tg.tensor([True, False]), "tensor([ True, False])"),
    (tg.tensor([1.0, 2.5]), "tensor([1.0000, 2.5000])"),
    (tg.tensor([1.0, -20.0, float("nan")]), "tensor([  1., -20.,  nan])"),
    (tg.tensor([0.00001, 1.0]), "tensor([1.0000e-05, 1.0000e+00])"),
    (tg.tensor([1e9]), "tensor([1.0000e+09])"),
    (tg.tensor([[1, 20], [300, 4]]), "tensor([[  1,  20],\n        [300,   4]])"),
    (tg.tensor([1.0], dtype=tg.float64), "tensor([1.], dtype=float64)"),
    (tg.tensor([1], dtype=tg.int32), "tensor([1], dtype=int32)"),
    (tg.zeros(0), "tensor([])"),
    (tg.zeros(2, 0, dtype=tg.int64), "tensor([], size=(2, 0), dtype=int64)"),
    (tg.ones(2, requires_grad=True), "tensor([1., 1.], requires_grad=True)"),
    (tg.ones(2, requires_grad=True) * 2, "tensor([2., 2.], grad_fn=<MulBackward0>)"),
    (tg.zeros(2, 2, 1), "tensor([[[0.],\n         [0.]],\n\n        [[0.],\n         [0.]]])"),
    (tg.arange(1001), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"),
    (tg.zeros(2, 3).shape, "Size([2, 3])"),
]

NAMES: list[tuple[Any, str]] = [
    (lambda x: x + 1, "AddBackward0"),
    (lambda x: x - 1, "SubBackward0"),
    (lambda x: x / 2, "DivBackward0"),
    (lambda x: -x, "NegBackward0"),
    (lambda x: x**2, "PowBackward0"),
    (lambda x: x**x, "PowBackward1"),
    (lambda x: x.exp(), "ExpBackward0"),
    (lambda x: x.log1p(), "Log1PBackward0"),
    (lambda x: x.log2(), "Log2Backward0"),
    (lambda x: x.sum(), "SumBackward0"),
    (lambda x: x.sum(0), "SumBackward1"),
    (lambda x: x.mean(), "MeanBackward0"),
    (lambda x: x.mean(1), "MeanBackward1"),
    (lambda x: x.max(), "MaxBackward1"),
    (lambda x: x.amax(0), "AmaxBackward0"),
    (lambda x: x @ x, "MmBackward0"),
    (lambda x: x @ x[0], "MvBackward0"),
    (lambda x: x[0] @ x[0], "DotBackward0"),
    (lambda x: x.tanh(), "TanhBackward0"),
    (lambda x: x.sigmoid(), "SigmoidBackward0"),
    (lambda x: x.relu(), "ReluBackward0"),
    (lambda x: x.softmax(0), "SoftmaxBackward0"),
    (lambda x: x.log_softmax(0), "LogSoftmaxBackward0"),
    (lambda x: x.logsumexp(0), "LogsumexpBackward0"),
    (lambda x: x.view(4), "ViewBackward0"),
    (lambda x: x.t(), "TBackward0"),
    (lambda x: x.transpose(0, 1), "TransposeBackward0"),
    (lambda x: x.permute(1, 0), "PermuteBackward0"),
    (lambda x: x.unsqueeze(0), "UnsqueezeBackward0"),
    (lambda x: x[:1].squeeze(0), "SqueezeBackward1"),
    (lambda x: x[0], "SelectBackward0"),
    (lambda x: x[:1], "SliceBackward0"),
    (lambda x: x[[0]], "IndexBackward0"),
    (lambda x: x[:, 0], "SelectBackward0"),
    (lambda x: x.expand(1, 2, 2), "ExpandBackward0"),
    (lambda x: x.clamp(0, 1), "ClampBackward1"),
    (lambda x: x.abs(), "AbsBackward0"),
    (lambda x: x.prod(0), "ProdBackward1"),
    (lambda x: x.cumsum(0), "CumsumBackward0"),
    (lambda x: x.norm(), "LinalgVectorNormBackward0"),
    (lambda x: x.norm(3), "LinalgVectorNormBackward0"),
    (lambda x: x.flip(0), "FlipBackward0"),
    (lambda x: x.double(), "ToCopyBackward0"),
    (lambda x: x.erf(), "ErfBackward0"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), EXAMPLES, ids=[text.splitlines()[0] for _, text in EXAMPLES])
def test_prints(value: Any, expected: str) -> None:
    assert repr(value) == expected == str(value)


@pytest.mark.parametrize(("f", "name"), NAMES, ids=[name for _, name in NAMES])
def test_the_name_of_what_made_it(f: Any, name: str) -> None:
    y = f(tg.ones(2, 2, requires_grad=True))
    if name != "TBackward0":  # a transposition like any other here
        assert y.grad_fn.name() == name and f"grad_fn=<{name}>" in repr(y)
    torch = pytest.importorskip("torch")
    assert f(torch.ones(2, 2, requires_grad=True)).grad_fn.name() == name


def test_what_made_the_arguments() -> None:
    x, c = tg.ones(2, requires_grad=True), tg.ones(2)
    y = (x * c).exp()
    assert x.grad_fn is None and y.grad_fn is not None and repr(y.grad_fn) == "<ExpBackward0>"
    ((product, _),) = y.grad_fn.next_functions
    assert product is not None and product.name() == "MulBackward0"
    (first, _), (second, _) = product.next_functions
    assert first is not None and first.name() == "AccumulateGrad" and first.variable is x and second is None


def test_format() -> None:
    assert f"{tg.tensor(1.23456):.2f} {tg.tensor(7):3d} {tg.tensor([1.0])}" == "1.23   7 tensor([1.])"


def test_prints_as_torch(compared: Counter[str]) -> None:
    torch = pytest.importorskip("torch")

    @settings(max_examples=400)
    @given(
        st.lists(st.integers(0, 12), max_size=3),
        st.sampled_from(["float32", "float64", "int64", "int32", "bool", "float16"]),
        st.sampled_from(["plain", "whole", "one size", "many sizes", "not finite", "large", "long"]),
        st.integers(0, 1000),
        st.booleans(),
    )
    def run(shape: list[int], dtype: str, kind: str, seed: int, graph: bool) -> None:
        rng = np.random.default_rng(seed)
        a = np.asarray(
            rng.standard_normal([1100] if kind == "long" else [40, 30, *shape[:1]] if kind == "large" else shape)
        )
        if kind in ("whole", "not finite"):
            a = np.round(a * 10.0 ** rng.integers(0, 10))
        if kind == "not finite":
            a = np.where(rng.random(a.shape) < 0.3, [np.nan, np.inf, -np.inf, 0.0][seed % 4], a)
        if kind in ("one size", "many sizes"):
            a = a * 10.0 ** rng.integers(-7, 8, a.shape if kind == "many sizes" else None)
        with np.errstate(all="ignore"):
            a = (a if dtype.startswith("float") else np.nan_to_num(a, posinf=7, neginf=-7)).astype(dtype)
        graph = graph and dtype.startswith("float")
        mine, theirs = tg.tensor(a, requires_grad=graph), torch.tensor(a, requires_grad=graph)
        if graph and seed % 2:
            mine, theirs = mine * 1, theirs * 1
        expected = repr(theirs).replace("torch.", "")
        # Without "torch." a line can be long enough for a note that PyTorch puts on the next.
        assert re.sub(r"\s+", " ", repr(mine)) == re.sub(r"\s+", " ", expected)
        if "dtype" not in expected:
            assert repr(mine) == expected
        compared["printed"] += 1

    run()
    assert compared["printed"] >= 300


OPTIONS: list[dict[str, Any]] = [
    {},
    {"precision": 2},
    {"precision": 7, "linewidth": 120},
    {"threshold": 5, "edgeitems": 1},
    {"profile": "short"},
    {"profile": "full"},
    {"profile": "full", "precision": 1},
    {"sci_mode": True},
    {"sci_mode": False, "precision": 8},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options_as_in_torch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=size) * 10.0**e for size in [(5,), (3, 4), (40, 50), (1001,)] for e in (-6, 0, 9)]
    arrays += [np.array([1.0, 2, 300]), np.array([1e5, 1, np.inf, np.nan]), np.arange(2000.0)]
    try:
        for lib in (tg, torch):
            lib.set_printoptions(**options)
        for array in arrays:
            assert repr(tg.tensor(array, dtype=tg.float32)) == repr(torch.tensor(array, dtype=torch.float32))
    finally:
        for lib in (tg, torch):
            lib.set_printoptions(profile="default")


def test_options() -> None:
    x = tg.tensor([0.123456, 10.0])
    try:
        tg.set_printoptions(precision=2)
        assert repr(x) == "tensor([ 0.12, 10.00])"
        tg.set_printoptions(sci_mode=True, threshold=1, edgeitems=1)
        assert repr(tg.tensor([1.5, 2.5, 3.5])) == "tensor([1.50e+00,  ..., 3.50e+00])"
    finally:
        tg.set_printoptions(profile="default")
    assert repr(x) == "tensor([ 0.1235, 10.0000])"
    with pytest.raises(ValueError) as error:
        tg.set_printoptions(profile="long")
    assert str(error.value) == "a profile is one of default, short, full; 'long' was given"
