"""Compiled functions beside eager code, made of the same number everywhere and then given other numbers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import tinygrad_rnn as tg
from tests.side_by_side import leaves


def assert_computed_anew(function: Callable[..., Any], given: Any, tolerance: tuple[float, float], module: Any) -> None:
    """What is compiled gives the results and gradients of ``function(*given)``, or refuses as that does.

    The program is made of the first number of each tensor in ``given`` everywhere, for which places and truth values
    are those of other such numbers; then it is given the tensors themselves, and their numbers the other way round.
    A ``module`` has its parameters compared too, and is left as it was.
    """
    arrays = [each.detach().numpy() for each in leaves(given).values()]

    def f(*tensors: Any) -> Any:
        computed = [x * 1 if x.dtype.kind == "f" else x.clone() for x in tensors]
        found = leaves(function(*_filled(given, iter(computed)))).values()
        return tuple(each if each.dtype.kind == "f" else each.double() for each in found)

    fast = tg.compile(f)
    same = [np.full_like(array, array.flat[0]) for array in arrays]
    other = [array.reshape(-1)[::-1].reshape(array.shape) for array in arrays]
    for data in (same, arrays, other):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what runs as it is written
            wanted, found = _results(f, data, module), _results(fast, data, module)
        about = fast.explain()
        assert (found is None) == (wanted is None) and "a fault" not in about, about
        for a, b in zip(found or [], wanted or [], strict=True):
            assert (a is None) == (b is None), about
            if a is not None:
                assert a.dtype == b.dtype, about
                np.testing.assert_allclose(a, b, *tolerance, err_msg=about)


def _filled(value: Any, new: Iterator[Any]) -> Any:
    """The same nesting with others of its tensors."""
    if isinstance(value, tg.Tensor):
        return next(new)
    if isinstance(value, dict):
        return {key: _filled(each, new) for key, each in value.items()}
    return type(value)(_filled(each, new) for each in value) if isinstance(value, list | tuple) else value


def _results(function: Callable[..., Any], arrays: Sequence[Any], module: Any) -> Any:
    """What comes out, and the gradients of real arguments and of parameters; None if that is refused."""
    tg.manual_seed(0)
    module.zero_grad()
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    given = [tg.tensor(array, requires_grad=array.dtype.kind == "f") for array in arrays]
    try:
        found = function(*given)
        if wanted := [each.square().sum() for each in found if each.requires_grad]:
            sum(wanted).backward()
    except (RuntimeError, ValueError, TypeError, IndexError, np.linalg.LinAlgError):
        return None
    finally:
        module.load_state_dict(state)
    made = (*found, *(x.grad for x in given), *(p.grad for p in module.parameters()))
    return [None if each is None else each.detach().numpy().copy() for each in made]
