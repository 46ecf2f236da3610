"""Classes of one's own below Tensor and Parameter keep their names, and operations give plain tensors."""

import pickle
from types import FunctionType
from typing import Any, ClassVar

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn


class Marked(nn.Parameter):
    """Names that the engine might want for itself."""

    kind, start, results, leaf = "weight", 5, "none", False


def test_names_of_a_subclass_are_its_own() -> None:
    parameter = Marked([1.0, 2.0])
    (parameter * 2).sum().backward()
    assert parameter.grad is not None and parameter.grad.tolist() == [2.0, 2.0]
    assert type(parameter * 2) is tg.Tensor and (parameter.kind, parameter.start) == ("weight", 5)


class Counted:
    """Counts its subclasses, by a keyword of the class statement."""

    seen: ClassVar[list[tuple[str, int]]] = []

    def __init_subclass__(cls, tag: int = 0, **options: Any) -> None:
        super().__init_subclass__(**options)
        Counted.seen.append((cls.__name__, tag))


def test_others_hear_of_subclasses_too() -> None:
    class Both(nn.Parameter, Counted, tag=3):
        pass

    assert Counted.seen[-1] == ("Both", 3) and type(Both([1.0]) + 1) is tg.Tensor


@pytest.mark.parametrize(
    ("forward", "expected"),
    [(lambda x: (x.sum(), x.max()), [3.0, 2.0]), (lambda x: (x[0], x[1], x[0]), [1.0, 2.0, 1.0])],
    ids=["two", "three"],
)
def test_a_function_that_returns_a_tuple_gives_all_of_it(forward: Any, expected: list[float]) -> None:
    primitive = tg.Primitive("several", forward, lambda g, y, x: g.sum() * np.ones(2))
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = primitive(x)
    assert y.tolist() == expected
    y.sum().backward()
    assert x.grad is not None and x.grad.tolist() == [len(expected)] * 2


FUNCTIONS = {name: each for name, each in vars(tg).items() if isinstance(each, FunctionType) and name[0] != "_"}


def test_functions_are_found_by_their_names() -> None:
    assert len(FUNCTIONS) > 100
    assert [name for name, each in FUNCTIONS.items() if pickle.loads(pickle.dumps(each)) is not each] == []
