"""What slides over a sequence beside PyTorch's: values, first and second derivatives, refusals."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
Function = Callable[..., Any]


def cases() -> Iterator[tuple[str, Function, list[Any]]]:
    """A name, a function of a library and tensors, and the shapes of these."""
    options: dict[str, Any]
    for stride, padding, dilation, groups, size in itertools.product((1, 2), (0, 1, "same"), (1, 2), (1, 2), (1, 3)):
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        yield (
            f"conv1d {size} {options}",
            (lambda lib, *xs, options=options: lib.nn.functional.conv1d(*xs, **options)),
            [(2, 4, 6), (6, 4 // groups, size), (6,)],
        )
    for stride, padding, longer, dilation, groups in itertools.product((1, 3), (0, 1), (0, 1), (1, 2), (1, 2)):
        options = {
            "stride": stride,
            "padding": padding,
            "output_padding": longer,
            "groups": groups,
            "dilation": dilation,
        }
        yield (
            f"conv_transpose1d {options}",
            (lambda lib, *xs, options=options: lib.nn.functional.conv_transpose1d(*xs, **options)),
            [(2, 4, 3), (4, 6 // groups, 3), (6,)],
        )
    steps: tuple[int | None, ...] = (None, 1, 2)
    for size, step, padding, dilation, up in itertools.product((2, 3), steps, (0, 1, 2), (1, 2), (False, True)):
        options = {"stride": step, "padding": padding, "dilation": dilation, "ceil_mode": up, "return_indices": True}
        yield (
            f"max_pool1d {size} {options}",
            (lambda lib, x, size=size, options=options: lib.nn.functional.max_pool1d(x, size, **options)),
            [(2, 3, 7)],
        )
    for size, step, padding, up, counted in itertools.product((2, 3), steps, (0, 1), (False, True), (False, True)):
        options = {"stride": step, "padding": padding, "ceil_mode": up, "count_include_pad": counted}
        yield (
            f"avg_pool1d {size} {options}",
            (lambda lib, x, size=size, options=options: lib.nn.functional.avg_pool1d(x, size, **options)),
            [(2, 3, 7)],
        )
    for size, kind in itertools.product((1, 3, 5, 7), ("avg", "max")):
        yield (
            f"adaptive_{kind}_pool1d {size}",
            (lambda lib, x, size=size, kind=kind: getattr(lib.nn.functional, f"adaptive_{kind}_pool1d")(x, size)),
            [(2, 3, 7)],
        )
    for power, up in itertools.product((1, 2, 2.5, math.inf, -math.inf), (False, True)):
        yield (
            f"lp_pool1d {power} {up}",
            (lambda lib, x, power=power, up=up: lib.nn.functional.lp_pool1d(x.abs(), power, 3, 2, up)),
            [(2, 3, 8)],
        )
    lengths: list[dict[str, Any]] = [{"size": size} for size in (1, 5, 7, 16)] + [
        {"scale_factor": factor, "recompute_scale_factor": again}
        for factor, again in itertools.product((0.3, 1.5, (2,)), (None, True))
    ]
    modes: list[dict[str, Any]] = [{"mode": mode} for mode in ("nearest", "nearest-exact", "area", "linear")]
    modes += [{"mode": "linear", "align_corners": True}]
    for length, mode in itertools.product(lengths, modes):
        options = length | mode
        yield (
            f"interpolate {options}",
            (lambda lib, x, options=options: lib.nn.functional.interpolate(x, **options)),
            [(2, 3, 7)],
        )
    for groups in (1, 2, 4):
        yield (
            f"group_norm {groups}",
            (lambda lib, *xs, groups=groups: lib.nn.functional.group_norm(xs[0], groups, *xs[1:])),
            [(3, 4, 5), (4,), (4,)],
        )
    yield "unfold", (lambda lib, x: x.unfold(1, 3, 2)), [(2, 9, 2)]


CASES = {name: (function, shapes) for name, function, shapes in cases()}


def derivatives(lib: Any, function: Function, arrays: list[Any]) -> list[Any]:
    """Results, and the first and second derivatives of a number made of the first of them."""
    xs = [lib.tensor(array).requires_grad_() for array in arrays]
    made = function(lib, *xs)
    results = made if isinstance(made, tuple) else (made,)
    wave = lib.tensor(np.cos(np.arange(results[0].numel()))).reshape(results[0].shape)
    slopes = lib.autograd.grad((results[0] ** 2 * wave).sum(), xs, create_graph=True)
    bends = lib.autograd.grad(sum((slope**2).sum() for slope in slopes), xs)
    return [x.detach().numpy() for x in (*results, *slopes, *bends)]


@pytest.mark.parametrize("name", CASES)
def test_equals_torch(name: str) -> None:
    function, shapes = CASES[name]
    arrays = [RNG.normal(size=shape) for shape in shapes]
    try:
        wanted = derivatives(torch, function, arrays)
    except RuntimeError:
        with pytest.raises(RuntimeError):
            derivatives(tg, function, arrays)
        return
    for mine, theirs in zip(derivatives(tg, function, arrays), wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("Conv1d", {"padding": 1, "padding_mode": "circular"}),
        ("Conv1d", {"padding": "same", "padding_mode": "reflect", "dilation": 2}),
        ("Conv1d", {"padding": 2, "padding_mode": "replicate", "stride": 2, "bias": False}),
        ("ConvTranspose1d", {"stride": 2, "padding": 1}),
    ],
    ids=str,
)
def test_modules(kind: str, options: dict[str, Any]) -> None:
    theirs = getattr(torch.nn, kind)(4, 6, 3, **options)
    ours = getattr(tg.nn, kind)(4, 6, 3, **options)
    assert ours.extra_repr() == theirs.extra_repr()
    ours.load_state_dict({name: tg.tensor(x.numpy()) for name, x in theirs.state_dict().items()})
    x = RNG.normal(size=(2, 4, 9)).astype(np.float32)
    np.testing.assert_allclose(
        ours(tg.tensor(x)).detach().numpy(), theirs(torch.tensor(x)).detach().numpy(), rtol=1e-5, atol=1e-6
    )


#: For interpolate, each beside one word of what is said.
OUT_OF_PLACE: dict[str, tuple[Function, str]] = {
    "an image": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4, 4), 3, mode="bilinear"), "stay out"),
    "a volume": (lambda lib, F: F.interpolate(lib.ones(1, 2, 2, 2, 2), 3, mode="trilinear"), "stay out"),
    "a mode for images": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4), 3, mode="bicubic"), "stay out"),
    "antialias": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4), 3, mode="linear", antialias=True), "antialias"),
    "no length": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4)), "one size or one scale_factor"),
    "two lengths": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4), 3, 2.0), "one size or one scale_factor"),
    "two axes": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4), (3, 3)), "one size or one scale_factor"),
    "corners of steps": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4), 3, align_corners=True), "align_corners"),
    "a size again": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4), 3, recompute_scale_factor=True), "recompute"),
    "integers": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4).long(), 3), "x.float()"),
    "nothing left": (lambda lib, F: F.interpolate(lib.ones(2, 3, 4), scale_factor=0.2), "at least one"),
    "nothing given": (lambda lib, F: F.interpolate(lib.ones(2, 0, 4), 2), "at least one"),
}


@pytest.mark.parametrize("name", OUT_OF_PLACE)
def test_another_length_that_is_refused(name: str) -> None:
    call, word = OUT_OF_PLACE[name]
    with pytest.raises((NotImplementedError, RuntimeError, ValueError), match=re.escape(word)):
        call(tg, tg.nn.functional)
    if "image" not in name and "volume" not in name:
        with pytest.raises((NotImplementedError, RuntimeError, ValueError)):
            call(torch, torch.nn.functional)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_the_nearest_is_that_of_torch(mode: str, kind: str) -> None:
    """Where rounding decides, PyTorch's gradient is not always that of its own result, so values alone are compared."""
    for length, factor in itertools.product((4, 7, 10, 33, 100), (0.3, 0.9, 1.3, 3.7)):
        x = np.arange(length, dtype=kind)[None, None]
        mine, theirs = (lib.nn.functional.interpolate(lib.tensor(x), None, factor, mode).numpy() for lib in (tg, torch))
        np.testing.assert_array_equal(mine, theirs, strict=True)


@pytest.mark.parametrize("options", [{"scale_factor": 2}, {"size": 3, "mode": "linear"}], ids=str)
def test_upsample(options: dict[str, Any]) -> None:
    mine, theirs = (lib.nn.Upsample(**options) for lib in (tg, torch))
    assert repr(mine) == repr(theirs)
    x = RNG.normal(size=(2, 4, 5))
    np.testing.assert_allclose(mine(tg.tensor(x)).numpy(), theirs(torch.tensor(x)).numpy(), rtol=1e-12)


def test_what_a_pool_found_goes_back() -> None:
    x = tg.tensor([[[1.0, 4.0, 2.0, 3.0, 9.0]]])
    found, places = tg.nn.MaxPool1d(2, return_indices=True)(x)
    assert tg.nn.MaxUnpool1d(2)(found, places).tolist() == [[[0, 4, 0, 3]]]
    assert tg.nn.MaxUnpool1d(2)(found, places, output_size=x.size()).tolist() == [[[0, 4, 0, 3, 0]]]


def test_channels_are_dropped_whole() -> None:
    tg.manual_seed(0)
    kept = tg.nn.Dropout1d(0.5)(tg.ones(200, 10, 4)).numpy()
    assert set(np.unique(kept)) == {0.0, 2.0} and (kept == kept[..., :1]).all() and 0.4 < (kept > 0).mean() < 0.6
