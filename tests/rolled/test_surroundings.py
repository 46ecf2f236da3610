"""What a compiled function reads and changes beside its arguments, beside the function as it is written."""

import copy
import itertools
import random
import warnings
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

ONE = tg.ones(1)
SCALE = 1.0


class Net(nn.Module):
    """A module whose forward pass is a function of itself and x."""

    def __init__(self, forward: Callable[[Any, Any], Any], **held: Any) -> None:
        super().__init__()
        self.body = forward
        for name, value in held.items():
            setattr(self, name, value)

    def forward(self, x: Any) -> Any:
        return self.body(self, x)


def put(holder: Any, name: str, value: Any) -> Any:
    setattr(holder, name, value)
    return value


def calls(fast: Any, between: Callable[[int], Any] = lambda k: None) -> list[Any]:
    """Ten results, before every other of which something may be changed."""
    found = []
    for k in range(10):
        if k % 2 == 0:
            between(k // 2)
        found.append(fast(ONE * (k + 1)).tolist())
    return found


def stateful(wrap: Any) -> Any:
    m = Net(lambda m, x: put(m, "h", (0.5 * m.h + x).detach()), h=tg.zeros(1))
    return calls(wrap(m)), m.h.tolist()


def recurrent(wrap: Any) -> Any:
    tg.manual_seed(0)
    m = Net(lambda m, x: put(m, "h", m.cell(x, m.h.detach())), h=tg.zeros(2), cell=nn.RNNCell(1, 2))
    return calls(wrap(m)), m.h.tolist()


def running_mean(wrap: Any) -> Any:
    m = Net(lambda m, x: x - put(m, "mean", (0.9 * m.mean + 0.1 * x.mean(0)).detach()))
    m.register_buffer("mean", tg.zeros(()))
    return calls(wrap(m)), m.mean.tolist()


def counted(wrap: Any) -> Any:
    m = Net(lambda m, x: x * put(m, "n", m.n + 1), n=0)
    return calls(wrap(m)), m.n


def counted_by_a_global(wrap: Any) -> Any:
    def f(x: Any) -> Any:
        global SCALE
        SCALE += 1
        return x * SCALE

    global SCALE
    SCALE = 1.0
    return calls(wrap(f)), SCALE


def kept_aside(wrap: Any) -> Any:
    m, kept = Net(lambda m, x: put(m, "last", x * 2).sum(), last=None), []
    fast = wrap(m)
    for k in range(4):
        fast(ONE * k)
        kept.append(m.last.tolist())
    return kept


def kept_in_a_dictionary(wrap: Any) -> Any:
    cache: dict[str, Any] = {}

    def f(x: Any) -> Any:
        cache["h"] = x * 2
        return cache["h"].sum()

    found = calls(wrap(f))
    return found, cache["h"].tolist()


def caught_by_a_hook(wrap: Any) -> Any:
    seen: list[Any] = []
    m = Net(lambda m, x: m.part(x), part=nn.ReLU())
    m.part.register_forward_hook(lambda module, args, output: seen.append(output.tolist()))
    return calls(wrap(m)), seen


def kept_in_collections(wrap: Any) -> Any:
    last: deque[Any] = deque([tg.zeros(1)], maxlen=2)
    seen: set[int] = set()

    def f(x: Any) -> Any:
        seen.add(len(seen))
        last.append(x * len(seen))
        return last[0] + last[-1]

    return calls(wrap(f)), len(seen), [each.tolist() for each in last]


def read_from_an_iterator(wrap: Any) -> Any:
    numbers, lines = itertools.count(), (k * 10 for k in range(99))
    return calls(wrap(lambda x: x + next(numbers) + next(lines))), next(numbers), next(lines)


def random_numbers_of_others(wrap: Any) -> Any:
    random.seed(0)
    np.random.seed(0)
    return calls(wrap(lambda x: x * random.random() + np.random.rand())), random.random(), np.random.rand()


def a_collection_that_is_filled(wrap: Any) -> Any:
    weights = deque([1.0, 2.0])
    return calls(wrap(lambda x: x * sum(weights)), lambda k: weights.append(k % 2))


def made_at_the_first_call(wrap: Any) -> Any:
    def forward(m: Any, x: Any) -> Any:
        if m.w is None:
            m.w = tg.full((1,), 3.0)
        return x * m.w

    return calls(wrap(Net(forward, w=None)))


def exchanged(wrap: Any) -> Any:
    m = Net(lambda m, x: x + m.h, h=tg.zeros(1))
    return calls(wrap(m), lambda k: put(m, "h", ONE * k))


def exchanged_in_an_object(wrap: Any) -> Any:
    class Trainer:
        def __init__(self) -> None:
            self.w, self.other = tg.ones(1), [0]

        def loss(self, x: Any) -> Any:
            return self.weighted(x).sum()

        def weighted(self, x: Any) -> Any:
            return x * self.w

    trainer = Trainer()
    return calls(wrap(trainer.loss), lambda k: put(trainer, "w", ONE * (k // 2)))


def exchanged_deep_inside(wrap: Any) -> Any:
    m = Net(lambda m, x: x * m.cfg["a"]["b"] * m.w[0] * m.o.p.q, cfg={"a": {"b": 1.0}}, w=[2.0])
    m.o = SimpleNamespace(p=SimpleNamespace(q=1.0))

    def change(k: int) -> None:
        holder: Any = (m.cfg["a"], m.w, vars(m.o.p))[k % 3]
        holder[("b", 0, "q")[k % 3]] = 5.0 + k // 3

    return calls(wrap(m), change)


def a_global_of_what_it_calls(wrap: Any) -> Any:
    def scaled(x: Any) -> Any:
        return [x * SCALE for _ in range(2)][1]

    def change(k: int) -> None:
        global SCALE
        SCALE = float(k // 2)

    return calls(wrap(Net(lambda m, x: scaled(x))), change)


def an_attribute_of_a_class(wrap: Any) -> Any:
    class Config:
        scale = 1.0

    class Scaled(nn.Module):
        shift = 0.0

        @property
        def twice(self) -> float:
            return self.shift * 2 * Config.scale

        def forward(self, x: Any) -> Any:
            return x + self.twice

    def change(k: int) -> None:
        setattr((Config, Scaled)[k % 2], ("scale", "shift")[k % 2], float(k))

    return calls(wrap(Scaled()), change)


def other_structure(wrap: Any) -> Any:
    m = nn.Sequential(nn.ReLU())
    changes: list[Callable[[], Any]] = [
        lambda: None,
        lambda: m.append(nn.Threshold(5.0, 9.0)),
        lambda: m.__setitem__(0, nn.Threshold(100.0, -3.0)),
        lambda: m.__delitem__(1),
        lambda: m.insert(0, nn.Tanh()),
    ]
    return calls(wrap(m), lambda k: changes[k]())


def other_part(wrap: Any) -> Any:
    m = Net(lambda m, x: m.part(x), part=nn.ReLU())
    return calls(wrap(m), lambda k: put(m, "part", nn.Threshold(k - 1.0, 9.0)))


def hooked_later(wrap: Any) -> Any:
    m = Net(lambda m, x: m.part(x), part=nn.ReLU())
    handles: list[Any] = []
    changes: list[Callable[[], Any]] = [
        lambda: None,
        lambda: handles.append(m.part.register_forward_hook(lambda m, i, o: o * 10)),
        lambda: handles.append(m.part.register_forward_pre_hook(lambda m, i: (i[0] + 1,))),
        lambda: handles[0].remove(),
        lambda: handles[1].remove(),
    ]
    return calls(wrap(m), lambda k: changes[k]())


def without_gradients(wrap: Any) -> Any:
    fast, found = wrap(lambda x: x * 2 if tg.is_grad_enabled() else x * 3), []
    for mode in (True, False, True, False, False):
        with tg.set_grad_enabled(mode):
            found.append(fast(ONE).tolist())
    return found


def of_another_default_type(wrap: Any) -> Any:
    fast, found = wrap(lambda x: x + tg.ones(2)), []
    try:
        for dtype in (tg.float32, tg.float64, tg.float64, tg.float32):
            tg.set_default_dtype(dtype)
            found.append(fast(ONE).dtype)
    finally:
        tg.set_default_dtype(tg.float32)
    return found


def of_another_order_in_memory(wrap: Any) -> Any:
    fast, x = wrap(lambda x: x * 2 if x.is_contiguous() else x * 3), tg.ones(2, 2)
    return [fast(each).sum().item() for each in (x, x.t(), x, x.t())]


PROGRAMS = [
    stateful, recurrent, running_mean, counted, counted_by_a_global, kept_aside, kept_in_a_dictionary,
    caught_by_a_hook, kept_in_collections, read_from_an_iterator, random_numbers_of_others,
    a_collection_that_is_filled, made_at_the_first_call, exchanged, exchanged_in_an_object, exchanged_deep_inside,
    a_global_of_what_it_calls, an_attribute_of_a_class, other_structure, other_part, hooked_later, without_gradients,
    of_another_default_type, of_another_order_in_memory,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*runs as it is written")
@pytest.mark.parametrize("program", PROGRAMS)
def test_as_the_function_is_written(program: Callable[[Any], Any]) -> None:
    assert program(tg.compile) == program(lambda f: f)


# Modules and methods that are compiled


def pair(wrap: Callable[[Any], Any] = lambda m: m) -> Any:
    tg.manual_seed(0)
    return nn.ModuleDict({"r": wrap(nn.GRU(2, 3)), "o": wrap(nn.Linear(3, 1))})


def test_a_compiled_part_is_a_part() -> None:
    fast, plain, x = pair(tg.compile), pair(), tg.randn(4, 2)
    assert fast.state_dict().keys() == plain.state_dict().keys()
    assert [name for name, _ in fast.named_modules()] == [name for name, _ in plain.named_modules()]
    assert [p.tolist() for p in fast.parameters()] == [p.tolist() for p in plain.parameters()]
    for _ in range(3):
        for m in (fast, plain):
            m.zero_grad()
            m["o"](m["r"](x)[0][-1]).sum().backward()
        for p, q in zip(fast.parameters(), plain.parameters(), strict=True):
            assert p.grad is not None and q.grad is not None
            assert tg.allclose(p.grad, q.grad)
    assert "a program in numpy" in fast["r"].explain()


def test_a_compiled_module_is_that_module() -> None:
    m = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
    fast = tg.compile(m)
    assert isinstance(fast, nn.Sequential) and len(fast) == 2 and fast[0] is m[0] and fast.eager is m
    assert fast.eval() is fast and not m[1].training and fast(ONE).item() == m(ONE).item() == fast(ONE).item()
    fast.append(nn.Threshold(1e9, 7.0))
    assert m(ONE).item() == fast(ONE).item() == 7.0
    fast[2].value = 8.0
    assert m(ONE).item() == fast(ONE).item() == 8.0
    twin = copy.deepcopy(fast)
    twin[2].value = 9.0
    assert [twin(ONE).item(), fast(ONE).item(), m(ONE).item()] == [9.0, 8.0, 8.0]
    assert twin[0].weight is not m[0].weight
    m[0] = tg.compile(m[0])
    m[2] = nn.Identity()
    assert fast(ONE).item() == pytest.approx(m[0].eager(ONE).item())


def test_a_compiled_module_inside_a_compiled_function() -> None:
    m, x = pair(tg.compile), tg.randn(4, 2)
    fast = tg.compile(lambda x: m["o"](m["r"](x)[0][-1]).sum())
    for _ in range(3):
        assert fast(x).item() == pytest.approx(fast.eager(x).item())
    assert "a program in numpy" in fast.explain()


class Decorated(nn.Module):
    def __init__(self, scale: float) -> None:
        super().__init__()
        self.layer, self.scale = nn.Linear(1, 1), scale

    @tg.compile
    def forward(self, x: Any) -> Any:
        return self.twice(x) + self.layer(x)

    @tg.compile(backend="numpy")  # type: ignore[untyped-decorator]
    def twice(self, x: Any) -> Any:
        return x * 2 * self.scale


def test_methods_are_compiled_for_each_object() -> None:
    one, two = Decorated(1.0), Decorated(10.0)
    for _ in range(3):
        for m, scale in ((one, 1.0), (two, 10.0), (copy.deepcopy(two), 10.0)):
            assert m(ONE).item() == pytest.approx(2 * scale + m.layer(ONE).item())
            assert m.twice(ONE * 3).item() == 6 * scale
    assert "a program in numpy" in one.forward.explain() and one.forward is not two.forward
    assert len(list(one.parameters())) == 2 and one.state_dict().keys() == {"layer.weight", "layer.bias"}


def test_what_changes_something_says_so() -> None:
    with pytest.warns(UserWarning, match="it changes what it knows beside its arguments"):
        stateful(tg.compile)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for program in (made_at_the_first_call, other_structure, hooked_later, exchanged_deep_inside):
            program(tg.compile)
