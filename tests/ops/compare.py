"""Runs a case in one library and compares two runs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .cases import Array, Case, Draw, Pick

Results = dict[str, Array]


def arguments(case: Case, pick: Pick) -> tuple[list[Array], dict[str, Any]]:
    """The arrays and keywords a case is called with."""
    return case.draw(Draw(pick, case.ties))


def results(lib: Any, case: Case, arrays: Sequence[Array], options: dict[str, Any], dtype: str = "float64") -> Results:
    """Values, first and second derivatives (of the sums of all entries, weighted by fixed coefficients)."""
    tensors = [lib.from_numpy(array if array.dtype.kind != "f" else array.astype(dtype, order="K")) for array in arrays]
    leaves = [tensor.requires_grad_() for tensor in tensors if tensor.is_floating_point()]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        y = case.call(lib, *tensors, **options)
        outputs = list(y) if isinstance(y, (list, tuple)) else [y]
        found = {f"value {i}": _array(output) for i, output in enumerate(outputs)}
        for order in range(1, case.derivatives + 1):
            total = _weighted(lib, outputs, order)
            if total is None:
                break
            outputs = list(_gradients(lib, total, leaves))
            found |= {f"derivative {order} in {i}": _array(g) for i, g in enumerate(outputs)}
            if not all(np.isfinite(_array(g)).all() for g in outputs):
                break
    return found


def _array(tensor: Any) -> Array:
    return np.array(tensor.numpy(force=True))


def _weighted(lib: Any, outputs: Sequence[Any], order: int) -> Any:
    total = None
    for i, output in enumerate(outputs):
        if not output.requires_grad:
            continue
        weights = np.cos(np.arange(int(np.prod(output.shape))) + i + order).reshape(tuple(output.shape))
        part = (output * lib.tensor(weights, dtype=output.dtype)).sum()
        total = part if total is None else total + part
    return total


def _gradients(lib: Any, total: Any, leaves: Sequence[Any]) -> list[Any]:
    found = lib.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
    return [lib.zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves, strict=True)]


def compare(case: Case, found: Results, expected: Results, dtype: str = "float64") -> None:
    """Assert that two runs gave the same: values to 1e-12, derivatives to 1e-8 (in float32 to 1e-5 and 1e-4)."""
    for name, value in expected.items():
        precise = name.startswith("value")
        limit = (1e-12 if precise else 1e-8) if dtype == "float64" else (1e-5 if precise else 1e-3)
        # A derivative that vanishes identically may be recorded in one library and not in the other.
        mine = found.get(name)
        if mine is None:
            assert not precise and not value.any(), f"{case.name}: {name} is missing"
            continue
        assert mine.dtype == value.dtype, f"{case.name}: {name} is {mine.dtype}, should be {value.dtype}"
        np.testing.assert_allclose(mine, value, rtol=limit, atol=limit, err_msg=f"{case.name}: {name}", strict=True)
    for name in set(found) - set(expected):
        assert not name.startswith("value") and not found[name].any(), f"{case.name}: {name} should not be there"
