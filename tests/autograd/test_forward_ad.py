"""``autograd.forward_ad`` beside PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

from .programs import numbers, refusal

forward_ad = tg.autograd.forward_ad

CASES: dict[str, tuple[Callable[..., Any], list[tuple[int, ...]]]] = {
    "one argument": (lambda lib, x: lib.sin(x) * x, [(3,)]),
    "two": (lambda lib, a, b: a @ b.tanh(), [(2, 3), (3, 4)]),
    "of a number": (lambda lib, x: (x**3).sum(), [(2, 2)]),
    "itself": (lambda lib, x: x, [(3,)]),
    "in place, later": (lambda lib, x: (x * 1).mul_(x), [(3,)]),
    "nothing of it": (lambda lib, x: lib.ones(3), [(3,)]),
    "what is flat there": (lambda lib, x: lib.relu(-lib.abs(x)), [(3,)]),
    "a loop": (lambda lib, x, W: sum_of_states(lib, x, W), [(5, 2), (2, 2)]),
}


def sum_of_states(lib: Any, x: Any, W: Any) -> Any:
    h = lib.zeros(2, dtype=x.dtype)
    for each in x:
        h = lib.tanh(each + W @ h)
    return h.sum()


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # which PyTorch uses there itself
@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_values_tangents_and_what_they_go_on_to(case: str, requires_grad: bool) -> None:
    torch = pytest.importorskip("torch")
    function, shapes = CASES[case]
    found = []
    for lib, ad in ((tg, forward_ad), (torch, torch.autograd.forward_ad)):
        xs = [numbers(lib, *shape, seed=k) for k, shape in enumerate(shapes)]
        vs = [numbers(lib, *shape, seed=k + 9) for k, shape in enumerate(shapes)]
        for each in [*xs, *vs]:
            each.requires_grad_(requires_grad)
        with ad.dual_level():
            y = ad.unpack_dual(function(lib, *map(ad.make_dual, xs, vs)))
        told = [y.primal.requires_grad, y.tangent is None or y.tangent.requires_grad]
        gradients = []
        if y.primal.requires_grad and y.tangent is not None:
            (y.primal.sum() + (y.tangent**2).sum()).backward()
            gradients = [each.grad for each in [*xs, *vs]]
        found.append((told, [y.primal.detach(), y.tangent if y.tangent is None else y.tangent.detach(), *gradients]))
    (told, ours), (expected, theirs) = found
    assert told == expected
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine is None) == (other is None)
        if mine is not None:
            np.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=1e-12, atol=1e-12)


def test_a_tangent_lasts_as_long_as_its_level() -> None:
    x, v = tg.ones(2), tg.ones(2)
    with forward_ad.dual_level():
        y = forward_ad.make_dual(x, v) * 2
        assert forward_ad.unpack_dual(y).tangent is not None
    assert forward_ad.unpack_dual(y).tangent is None


def test_what_cannot_be_is_refused() -> None:
    x = tg.ones(2)
    outside = refusal(lambda: forward_ad.make_dual(x, x), RuntimeError)
    with forward_ad.dual_level():
        with tg.no_grad():
            unrecorded = refusal(lambda: forward_ad.make_dual(x, x), RuntimeError)
        for wrong in (tg.ones(3), x.double()):
            with pytest.raises(RuntimeError, match=r"needs real numbers and a tangent like them, got \(2,\) of"):
                forward_ad.make_dual(x, wrong)
        with pytest.raises(RuntimeError, match="about to be changed in place"):
            forward_ad.make_dual(x, x).add_(1)
        with pytest.raises(RuntimeError, match=r"levels do not nest: use func\.jvp"), forward_ad.dual_level():
            pass
    assert outside == unrecorded == "RuntimeError"
