"""Containers behave like the lists and dictionaries they stand for."""

from collections.abc import Callable
from typing import Any

import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

ODD: Any = abs


def test_a_module_list_is_a_list() -> None:
    a, b, c, d = (nn.Linear(1, 1) for _ in range(4))
    layers = nn.ModuleList([a])
    layers.append(b).extend([c])
    layers.insert(1, d)
    assert list(layers) == [a, d, b, c] and len(layers) == 4
    assert layers[0] is a and layers[-1] is c and list(layers[1:3]) == [d, b]
    assert [name for name, _ in layers.named_children()] == ["0", "1", "2", "3"]
    layers[-1] = a
    assert layers[3] is a
    del layers[0]
    assert list(layers) == [d, b, a]
    del layers[1:]
    assert list(layers) == [d] and list(layers.__add__([a, b])) == [d, a, b] and len(layers) == 1
    with pytest.raises(IndexError):
        layers[1]


def test_modules_one_after_the_other_are_repeated_and_taken_out() -> None:
    a, b = nn.Linear(2, 2), nn.Tanh()
    once = nn.Sequential(a, b)
    x = tg.randn(3, 2)
    for repeated in (once * 2, 2 * once):
        assert list(repeated) == [a, b, a, b] and len(list(repeated.parameters())) == 2 and len(once) == 2
        assert (repeated(x) == once(once(x))).all()
    same = once
    same *= 3
    assert same is once and list(once) == [a, b] * 3
    assert once.pop(-1) is b and list(once) == [a, b, a, b, a]
    layers = nn.ModuleList([a, b])
    assert layers.pop(0) is a and list(layers) == [b]
    with pytest.raises(ValueError, match="Sequential is repeated at least once; 0 was given"):
        once * 0
    with pytest.raises(TypeError, match="unsupported operand"):
        _ = once * ODD


def test_a_module_dict_is_a_dictionary() -> None:
    a, b, c = (nn.Linear(1, 1) for _ in range(3))
    parts = nn.ModuleDict({"a": a})
    parts["b"] = b
    parts.update([("c", c)])
    assert list(parts) == ["a", "b", "c"] == list(parts.keys())
    assert list(parts.values()) == [a, b, c] and dict(parts.items())["b"] is b
    assert "b" in parts and "d" not in parts and len(parts) == 3 and parts["c"] is c
    assert parts.pop("b") is b and "b" not in parts
    del parts["a"]
    assert list(parts) == ["c"]
    parts.clear()
    assert len(parts) == 0


def test_parameter_containers() -> None:
    listed = nn.ParameterList([nn.Parameter(tg.ones(1))])
    listed.append(nn.Parameter(tg.ones(2)))
    named = nn.ParameterDict({"w": nn.Parameter(tg.ones(3))})
    assert [(n, tuple(p.shape)) for n, p in listed.named_parameters()] == [("0", (1,)), ("1", (2,))]
    tensors: Any = [tg.ones(4)]
    assert isinstance(nn.ParameterList(tensors)[0], nn.Parameter)
    assert [p.numel() for p in listed] == [1, 2] and named["w"].numel() == 3
    assert [n for n, _ in named.named_parameters()] == ["w"]


def test_sequential_calls_its_parts_in_order() -> None:
    double, plus = nn.Identity(), nn.Identity()
    double.register_forward_hook(lambda module, args, output: output * 2)
    plus.register_forward_hook(lambda module, args, output: output + 1)
    assert nn.Sequential(double, plus)(tg.tensor(3.0)).item() == 7
    both = nn.Sequential({"plus": plus, "twice": double})
    assert both(tg.tensor(3.0)).item() == 8
    assert [name for name, _ in both.named_children()] == ["plus", "twice"]
    assert nn.Sequential(double, plus, double)[1:](tg.tensor(3.0)).item() == 8
    assert nn.Sequential()(5) == 5 and nn.Identity("any", thing=1)(5) == 5


def test_parts_of_a_list_carry_its_name_in_scopes() -> None:
    model: Any = nn.Module()
    model.layers = nn.ModuleList([nn.Linear(1, 1), nn.ModuleList([nn.Linear(1, 1)])])
    model.layers.append(nn.Sequential(nn.Linear(1, 1)))
    x = tg.ones(1)
    assert model.layers[0](x).place.path == ("layers.0",)
    assert model.layers[1][0](x).place.path == ("layers.1.0",)
    assert model.layers[2](x).place.path == ("layers.2", "0")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: nn.ModuleList([ODD]), TypeError, "ModuleList takes Modules; item '0' is builtin_function_or_method."),
        (lambda: nn.Sequential(nn.Tanh(), ODD), TypeError, "Sequential takes Modules; item '1' is builtin_function_or"),
        (lambda: nn.ParameterList([ODD]), TypeError, "ParameterList takes Parameters; item '0' is builtin_function_or"),
        (
            lambda: nn.ModuleDict({"pop": nn.Tanh()}),
            KeyError,
            "\"'pop' cannot name an item of ModuleDict: choose another name without dots.\"",
        ),
        (lambda: nn.ModuleDict({"a": nn.Tanh()})["b"], KeyError, "\"ModuleDict has no 'b'; it has a.\""),
        (lambda: nn.ModuleDict().pop("b"), KeyError, "\"ModuleDict has no 'b'; it has nothing.\""),
    ],
)
def test_what_containers_refuse(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call()
    assert str(error.value).startswith(message)
