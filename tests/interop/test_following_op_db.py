"""PyTorch's own samples of all its operations, followed: the same result to the bit, and PyTorch's gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.side_by_side import listed_apart

torch: Any = pytest.importorskip("torch")
pytest.importorskip("expecttest")
common = pytest.importorskip("torch.testing._internal.common_methods_invocations")

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]

#: So many samples of an operation are followed.
MOST = 3
#: Which samples are refused when they are drawn, and why.
REFUSED = {
    "as_strided partial_views": "an argument is not all there is of its memory",
    **dict.fromkeys(("linalg.eig", "linalg.eigvals"), "complex numbers of which there are none"),
}
#: Where PyTorch's kernels round constants, how far apart gradients are.
APART = {"nn.functional.hardsigmoid": 1e-8}

INFOS = {
    f"{info.name} {info.variant_test_name}".strip(): info
    for info in common.op_db
    if info.supports_autograd and torch.float64 in info.supported_dtypes("cpu")
}


def real(tensor: Any) -> Any:
    return (torch.view_as_real(tensor) if tensor.is_complex() else tensor).to_dense()


def loss_of(info: Any, sample: Any) -> Any:
    """The sum of all that is differentiable in the results; None if nothing is."""
    torch.manual_seed(0)
    results = torch.utils._pytree.tree_leaves(info(sample.input, *sample.args, **sample.kwargs))
    found = [(1.5 * real(y)).sum() for y in results if isinstance(y, torch.Tensor) and y.requires_grad]
    return sum(found) if found else None


def samples_of(info: Any) -> list[Any]:
    try:
        found = listed_apart(lambda: info.sample_inputs("cpu", torch.float64, requires_grad=True))
    except RuntimeError:  # needs what this machine has not
        return []
    return found[:: max(1, len(found) // MOST)][:MOST]


@pytest.mark.parametrize("name", INFOS)
def test_samples_of_pytorch_followed(name: str) -> None:
    info = INFOS[name]
    for sample in samples_of(info):
        values = torch.utils._pytree.tree_leaves((sample.input, sample.args, sample.kwargs))
        leaves = [each for each in values if isinstance(each, torch.Tensor) and each.requires_grad and each.is_leaf]
        try:
            plain = loss_of(info, sample)
            if plain is None:
                continue
            expected = torch.autograd.grad(plain, leaves, allow_unused=True, retain_graph=True)
        except RuntimeError:  # a sample of what is refused there, or that needs another machine
            continue
        with tg.following():
            loss = loss_of(info, sample)
        assert torch.equal(loss, plain) or plain.isnan()
        try:
            found = [_total(loss, each) for each in leaves]
        except RuntimeError:
            assert name in REFUSED
            continue
        for mine, gradient in zip(found, expected, strict=True):
            theirs = np.zeros(()) if gradient is None else real(gradient).numpy(force=True)
            largest = np.abs(theirs[np.isfinite(theirs)]).max(initial=1.0)
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=APART.get(name, 1e-9) * largest)


def _total(loss: Any, leaf: Any) -> Any:
    """The gradient of a leaf; 0 if it is not used."""
    try:
        return tg.contributions(loss, leaf).total
    except RuntimeError as error:
        if "is no result" not in str(error):
            raise
        return np.zeros(())
