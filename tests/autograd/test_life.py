"""Nothing keeps a graph alive but who holds it, and scopes, gradients and folds belong to who made them."""

import ast
import asyncio
import copy
import gc
import math
import sys
import threading
import tracemalloc
import warnings
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import current_place

PACKAGE = Path(tg.__file__).parent


class Exp(tg.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = x.exp()
        ctx.save_for_backward(x, y)
        ctx.set_materialize_grads(False)
        return y, y * 2

    @staticmethod
    def backward(ctx: Any, g: Any, h: Any) -> Any:
        return g * ctx.saved_tensors[1]


def hooked(y: tg.Tensor) -> Any:
    y.register_hook(lambda g: g * 2)
    return y.sum()


def hooked_module(y: tg.Tensor) -> Any:
    net = tg.nn.Linear(4, 2)
    net.register_forward_hook(lambda module, inputs, output: None)
    net.register_full_backward_hook(lambda module, inputs, outputs: None)
    net.register_forward_pre_hook(lambda module, inputs: None)
    net.register_full_backward_pre_hook(lambda module, outputs: None)
    return net(y).sum(), net.weight


def written(change: Callable[[tg.Tensor], Any]) -> Callable[[tg.Tensor], Any]:
    def write(y: tg.Tensor) -> Any:
        return change(y), y.sum()

    return write


def set_item(y: tg.Tensor, index: Any, value: Callable[[], Any]) -> None:
    y[index] = value()


def set_untracked(y: tg.Tensor) -> Any:
    buffer = tg.zeros_like(y)
    for t in range(3):
        buffer[t + 1] = buffer[t] + y[t]
    return buffer, buffer.sum()


def kept_view(y: tg.Tensor) -> Any:
    view = y[:2]
    y[2:] = view + view * 2
    return view, y.sum()


def retained_view(y: tg.Tensor) -> Any:
    view = y[:2]
    view.add_(1)
    view.retain_grad()
    return view, y.sum()


def drawn(y: tg.Tensor) -> Any:
    loss = y.sum()
    assert tg.draw(loss).svg
    return loss


def looked_at(y: tg.Tensor) -> Any:
    loss = y.sum()
    list(tg.backward_steps(loss))
    tg.contributions(loss, y)
    return loss, *tg.history(loss)


def flowing(y: tg.Tensor) -> Any:
    output, _ = tg.nn.LSTM(4, 3)(y.expand(3, 1, 4))
    loss = output.sum()
    tg.gradient_flow(loss)
    tg.draw(loss)
    return loss, output


def saved(y: tg.Tensor) -> Any:
    net, file = tg.nn.Linear(4, 2), BytesIO()
    state = {"model": net.state_dict(), "more": [y.detach()]}
    tg.save(state, file)
    file.seek(0)
    loaded = tg.load(file)
    net.load_state_dict(loaded["model"])
    return net.weight, loaded["more"][0]


def watched(y: tg.Tensor) -> Any:
    with tg.autograd.detect_anomaly():
        loss = (y * y).sum()
        loss.backward(retain_graph=True)
    return loss


def optimised(y: tg.Tensor) -> Any:
    net = tg.nn.Sequential(tg.nn.Linear(4, 2), tg.nn.BatchNorm1d(2))
    optimiser = tg.optim.Adam(net.parameters())
    schedule = tg.optim.lr_scheduler.StepLR(optimiser, 1)
    loss = net(y.expand(3, 4)).sum()
    loss.backward(retain_graph=True)
    optimiser.step()
    schedule.step()
    return loss, *net.parameters()


def of_functions(y: tg.Tensor) -> Any:
    x = y.detach()
    value, pull = tg.func.vjp(lambda a: a * a, x)
    return (
        *(x, value, *pull(x), tg.func.hessian(lambda a: (a**3).sum())(x), *tg.func.jvp(lambda a: a * a, (x,), (x,))),
        *(tg.autograd.functional.jacobian(lambda a: a * a, x), tg.func.grad(lambda a: a.sum())(x)),
        *tg.autograd.functional.hvp(lambda a: (a**3).sum(), x, x),
    )


def traced(y: tg.Tensor) -> Any:
    pytest.importorskip("onnx")
    net = tg.nn.LSTM(2, 3)
    steps = tg.nn.Sequential(tg.nn.Linear(2, 3), tg.nn.Tanh())
    tg.onnx.export(net, (tg.randn(3, 1, 2),), BytesIO())
    # By type: isinstance asks an object for its class, which some of other libraries answer with a warning.
    before = [weakref.ref(each) for each in gc.get_objects() if issubclass(type(each), tg.Tensor)]
    tg.onnx.export(steps, (tg.randn(1, 2),), BytesIO())
    assert sum(issubclass(type(each), tg.Tensor) for each in gc.get_objects()) <= len(before)
    return net.weight_ih_l0, *steps.parameters()


def a_second_derivative(y: tg.Tensor) -> Any:
    (g,) = tg.autograd.grad((y**3).sum(), y, create_graph=True)
    return g, g.sum()


#: What outlives the graphs it was made from.
KEPT: list[Any] = []


def compiled(run: Callable[[Any, tg.Tensor], Any]) -> Callable[[tg.Tensor], Any]:
    """A compiled function that is kept, run, with what it computed inside."""

    def use(y: tg.Tensor) -> Any:
        inside = weakref.WeakValueDictionary[int, tg.Tensor]()

        def squares(a: tg.Tensor) -> tg.Tensor:
            square = a * a
            inside[id(square)] = square
            return square.sum()

        KEPT.append(tg.compile(squares))
        result = run(KEPT[-1], y)
        return *inside.values(), result

    return use


def programmed(y: tg.Tensor) -> Any:
    square = y * y
    loss = square.sum()
    KEPT.append(tg.program(loss))
    KEPT[-1].forward()
    return square, loss


#: Everything public that attaches something to a graph, or reads one: what it makes is to go with who holds it.
ATTACHING: dict[str, Callable[[tg.Tensor], Any]] = {
    "register_hook": hooked,
    "hooks of modules": hooked_module,
    "retain_grad": written(lambda y: y.retain_grad()),
    "in place": written(lambda y: y.add_(1)),
    "in place by its own function": written(lambda y: y.mul_(y.exp().tanh())),
    "in place on a view": written(lambda y: y[:2].add_(1)),
    "in place on a view by its own function": written(lambda y: (v := y[:2]).mul_(v.exp() + y[2:])),
    "in place on a view of a view": written(lambda y: y[:3][1:].mul_(2)),
    "in place twice": written(lambda y: y.mul_(y.exp()).mul_(y.exp())),
    "an entry set from another": written(lambda y: set_item(y, 1, lambda: y[0] * 2)),
    "entries added to": written(lambda y: set_item(y, slice(0, 2), lambda: y[:2] + 1)),
    "a buffer filled from itself": set_untracked,
    "a view that is kept": kept_view,
    "a view that retains its gradient": retained_view,
    "detach_": written(lambda y: y.detach_()),
    "unsqueeze_": written(lambda y: y.unsqueeze_(0)),
    "Function": lambda y: Exp.apply(y)[0].sum(),
    "checkpoint": lambda y: tg.utils.checkpoint.checkpoint(lambda a: a.exp(), y, use_reentrant=False).sum(),
    "draw": drawn,
    "readers": looked_at,
    "a layer, its flow and its picture": flowing,
    "save and load": saved,
    "an ONNX file": traced,
    "detect_anomaly": watched,
    "an optimiser and a schedule": optimised,
    "func and functional": of_functions,
    "a second derivative": a_second_derivative,
    "deepcopy": lambda y: copy.deepcopy(y * y),
    "a compiled function": compiled(lambda fast, y: fast(y)),
    "forward_backward": compiled(lambda fast, y: fast.forward_backward(y.detach().requires_grad_())),
    "a compiled function's program": compiled(lambda fast, y: (fast.program(y), fast(y))[1]),
    "a program": programmed,
    "formula": lambda y: (repr(y.tanh()), y.tanh().grad_fn, y.sum())[2],
}


def tensors_in(found: Any) -> Iterator[tg.Tensor]:
    for each in found if isinstance(found, tuple) else (found,):
        if isinstance(each, tg.Tensor):
            yield each


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("use", ATTACHING.values(), ids=ATTACHING)
def test_no_circle_keeps_a_tensor_alive(use: Callable[[tg.Tensor], Any]) -> None:
    def held() -> list[weakref.ref[tg.Tensor]]:
        y = tg.ones(4, requires_grad=True) * 2
        made = list(tensors_in(use(y)))
        if made and made[-1].requires_grad and made[-1].ndim == 0:
            made[-1].backward(retain_graph=True)
        return [weakref.ref(each) for each in (y, *made)]

    assert [ref() for ref in held() if ref() is not None] == []


class Nested(ast.NodeVisitor):
    """Finds functions inside of functions that hold themselves by name, or each other: each outer call is a circle."""

    def __init__(self) -> None:
        self.inside, self.found = False, list[str]()

    def visit_FunctionDef(self, function: ast.FunctionDef) -> None:
        inner = [line for line in function.body if isinstance(line, ast.FunctionDef)]
        names = {each.name for each in inner}
        read = {each.name: {n.id for n in ast.walk(each) if isinstance(n, ast.Name)} & names for each in inner}
        for _ in inner:
            read = {name: held.union(*(read[each] for each in held)) for name, held in read.items()}
        self.found += [name for name, held in read.items() if name in held]
        used = [n.id for line in function.body for n in ast.walk(line) if isinstance(n, ast.Name)]
        if self.inside and function.name in used:
            self.found.append(function.name)
        self.inside, before = True, self.inside
        self.generic_visit(function)
        self.inside = before

    def visit_ClassDef(self, kind: ast.ClassDef) -> None:
        self.inside, before = False, self.inside
        self.generic_visit(kind)
        self.inside = before


@pytest.mark.slow
def test_no_function_inside_of_another_holds_itself() -> None:
    found: dict[str, list[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        (nested := Nested()).visit(ast.parse(path.read_text("utf-8")))
        found |= {path.name: nested.found} if nested.found else {}
    assert found == {}


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("name", ["register_hook", "in place on a view", "a buffer filled from itself", "draw"])
def test_a_loop_keeps_the_memory_of_one_step(name: str) -> None:
    w = tg.ones(1, requires_grad=True)

    def peak(steps: int) -> int:
        tracemalloc.start()
        for _ in range(steps):
            y = tg.ones(4, 5_000) * w
            made = ATTACHING[name](y)
            (made[-1] if isinstance(made, tuple) else made).backward()
            del y, made
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(2)
    assert peak(12) < 1.5 * peak(3)


# Scopes


async def walked(seen: list[int | None], t: int, other: asyncio.Event, mine: asyncio.Event) -> None:
    with tg.step(t):
        other.set()
        await mine.wait()
        seen.append((tg.ones(1, requires_grad=True) * 2).place.time)
    seen.append(current_place.get().time)


def test_tasks_have_steps_of_their_own() -> None:
    async def both() -> list[int | None]:
        seen, first, second = list[int | None](), asyncio.Event(), asyncio.Event()
        await asyncio.gather(walked(seen, 1, second, first), walked(seen, 2, first, second))
        return seen

    assert sorted(asyncio.run(both()), key=str) == [1, 2, None, None]
    assert current_place.get().path == ()


def test_a_scope_may_be_entered_again_inside_itself_and_by_tasks() -> None:
    twice = tg.scope("encoder")
    with twice:
        with twice, tg.step(2):
            assert current_place.get().path == ("encoder", "encoder", "t=2")
        assert current_place.get().path == ("encoder",)
    assert current_place.get().path == ()
    with pytest.raises(ZeroDivisionError), twice:
        raise ZeroDivisionError
    assert current_place.get().path == ()


def test_a_generator_that_ends_inside_another_scope_leaves_nothing_set() -> None:
    def generated() -> Iterator[int]:
        with tg.scope("inside"):
            yield 1

    numbers = generated()
    next(numbers)
    with tg.scope("around"):
        assert list(numbers) == []
    assert current_place.get().path == ()


def test_threads_begin_outside_of_every_scope() -> None:
    seen: list[tuple[str, ...]] = []
    with tg.scope("main"):
        thread = threading.Thread(target=lambda: seen.append(current_place.get().path))
        thread.start()
        thread.join()
    assert seen == [()]


READERS: list[Callable[[tg.Tensor, tg.Tensor], Any]] = [
    lambda loss, _: [node.primitive and node.primitive.name for node in tg.history(loss)],
    lambda loss, weight: np.array(tg.autograd.grad(loss, weight, retain_graph=True)[0]).round(4).tolist(),
    lambda loss, weight: np.array(tg.autograd.grad(loss, weight, create_graph=True)[0].detach()).round(4).tolist(),
    lambda loss, _: tg.draw(loss, view="full").dot,
    lambda loss, _: tg.draw(loss, view="cells").dot,
    lambda loss, _: tg.draw(loss, view="rolled").dot,
    lambda loss, _: tg.draw(loss, view="chain").dot,
    lambda loss, _: str(tg.gradient_flow(loss, jacobian=True)),
    lambda loss, weight: str(tg.contributions(loss, weight)),
    lambda loss, _: str(tg.program(loss)),
]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_threads_read_a_folded_graph_at_once(kind: str) -> None:
    """Each finds what it would find alone, though others unfold the graph meanwhile."""

    def network() -> tuple[tg.Tensor, tg.Tensor]:
        tg.manual_seed(0)
        layer = getattr(tg.nn, kind)(2, 3, num_layers=2)
        return layer(tg.randn(4, 1, 2))[0].sum(), layer.weight_hh_l0

    alone = [read(*network()) for read in READERS]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for n in range(8):
            loss, weight = network()
            chosen = [(3 * n + k * (n + 1)) % len(READERS) for k in range(4)]
            together = threading.Barrier(4)

            def read(which: int, *given: tg.Tensor, together: threading.Barrier = together) -> Any:
                together.wait()
                return READERS[which](*given)

            with ThreadPoolExecutor(4) as pool:
                found = list(pool.map(read, chosen, [loss] * 4, [weight] * 4))
            assert found == [alone[which] for which in chosen]
            births = [node.birth for node in tg.history(loss)]
            assert len(set(births)) == len(births)
    finally:
        sys.setswitchinterval(before)


# Who has a gradient


def integers(fill: Callable[[tg.Tensor, tg.Tensor], Any]) -> Callable[[tg.Tensor], tg.Tensor]:
    def filled(x: tg.Tensor) -> tg.Tensor:
        whole = tg.zeros(2, dtype=tg.int64)
        fill(whole, x)
        return whole

    return filled


@pytest.mark.parametrize(
    "make",
    [
        *(lambda x, name=name: getattr(x, name)() for name in ("long", "int", "bool", "isnan", "argmax", "argsort")),
        *(lambda x, dtype=dtype: x.to(dtype) for dtype in (tg.int8, tg.uint8, tg.int16, tg.bool)),
        lambda x: x.type(tg.int64),
        lambda x: x.long().float(),
        lambda x: x.detach().sum(dtype=tg.int64),
        lambda x: x == x,
        lambda x: x.max(0)[1],
        lambda x: tg.zeros_like(x),
        integers(lambda whole, x: whole.copy_(x)),
        integers(lambda whole, x: set_item(whole, 0, lambda: x[0])),
        integers(lambda whole, x: whole.fill_(x[1])),
    ],
)
def test_whole_numbers_have_no_gradient(make: Callable[[tg.Tensor], tg.Tensor]) -> None:
    result = make(tg.tensor([1.0, 2.0], requires_grad=True))
    assert not result.requires_grad and result.is_leaf
    with pytest.raises(RuntimeError, match="none requires a gradient"):
        (result.float() * 3).sum().backward()


#: What is done with the leaf ``a`` around ``y = (a * w).sum()``, and whether PyTorch gives it a gradient then.
SWITCHED: list[tuple[str, bool]] = [
    ("rec", False),
    ("on rec", True),
    ("rec on", False),
    ("on rec off", False),
    ("on off rec on", False),
    ("on rec off on", True),
    ("on off on rec", True),
    ("rec on off on", False),
    ("on rec off on off on", True),
]


def switched(T: Any, order: str) -> Any:
    a, w, y = T.ones(2), T.ones(2, requires_grad=True), None
    for what in order.split():
        if what == "rec":
            y = (a * w).sum()
        else:
            a.requires_grad_(what == "on")
    assert y is not None
    if a.requires_grad:
        found = T.autograd.grad(y, [a, w], retain_graph=True, allow_unused=True)
        assert w.grad is None and found[1].tolist() == [1.0, 1.0]
    y.backward()
    assert w.grad.tolist() == [1.0, 1.0]
    return a.grad is not None


@pytest.mark.parametrize(("order", "expected"), SWITCHED)
def test_what_was_recorded_does_not_change_when_a_gradient_is_asked_for_later(order: str, expected: bool) -> None:
    assert switched(tg, order) is expected
    torch = pytest.importorskip("torch")
    assert switched(torch, order) is expected


def test_a_layer_recorded_before_its_input_asks_gives_it_nothing() -> None:
    net, x = tg.nn.LSTM(2, 2), tg.ones(3, 1, 2)
    output, _ = net(x)
    x.requires_grad_()
    tg.draw(output.sum())
    output.sum().backward()
    assert x.grad is None and net.weight_ih_l0.grad is not None


# Gradients that are handed out


PASSED_ON: dict[str, Callable[[Any, Any], Any]] = {
    "itself": lambda x, y: x,
    "a product": lambda x, y: x * y,
    "a sum": lambda x, y: x + y,
    "negative": lambda x, y: -x - y,
    "views": lambda x, y: x.view(3) + y.reshape(1, 3)[0],
    "a total": lambda x, y: (x + y).sum(),
    "expanded": lambda x, y: (x + y).sum().expand(3),
    "transposed": lambda x, y: (x + y).reshape(3, 1).t().reshape(3),
    "joined": lambda x, y: tg.cat([x, y]),
    "used twice": lambda x, y: x + x + y,
}


@pytest.mark.parametrize("make", PASSED_ON.values(), ids=PASSED_ON)
@pytest.mark.parametrize("again", [False, True], ids=["once", "create_graph"])
@pytest.mark.parametrize("by", ["grad", "backward"])
def test_gradients_have_memory_of_their_own(make: Callable[[Any, Any], Any], again: bool, by: str) -> None:
    x, y = (tg.tensor([1.0, 2.0, 3.0], dtype=tg.float64, requires_grad=True) for _ in range(2))
    result = make(x, y)
    array = np.ones(result.shape)
    seed = tg.from_numpy(array) if array.ndim else tg.tensor(array)
    if by == "grad":
        found = tg.autograd.grad(result, [x, y], seed, create_graph=again, allow_unused=True)
    else:
        result.retain_grad()
        result.backward(seed, create_graph=again)
        found = (x.grad, y.grad, None if result.is_leaf else result.grad)
    arrays = [g.detach().numpy() for g in found if g is not None]
    values = [each.copy() for each in arrays]
    for number, each in enumerate(arrays):
        each += 7.0
        others = [*arrays[:number], *arrays[number + 1 :]]
        assert not any(np.shares_memory(each, other) for other in [*others, array, seed.numpy()])
    assert all(np.array_equal(each, value + 7) for each, value in zip(arrays, values, strict=True))


def test_a_seed_that_is_handed_on_keeps_its_history() -> None:
    x, s = tg.ones(3, requires_grad=True), tg.ones(3, requires_grad=True)
    (g,) = tg.autograd.grad(x + 0, x, s, create_graph=True)
    (g * 2).sum().backward()
    assert s.grad is not None and s.grad.tolist() == [2.0, 2.0, 2.0]


# Never a warning


def optimiser_step(kind: type[tg.optim.Optimizer], gradient: float) -> None:
    p = tg.nn.Parameter(tg.tensor([[1.0, 3e38, -1e-38]]))
    make: Any = kind
    optimiser = make([p]) if kind is tg.optim.LBFGS else make([p], lr=1e38)
    for _ in range(3):
        p.grad = tg.full((1, 3), gradient)
        optimiser.step(lambda: (p * 0).sum()) if kind is tg.optim.LBFGS else optimiser.step()


KINDS = [kind for kind in vars(tg.optim).values() if isinstance(kind, type) and issubclass(kind, tg.optim.Optimizer)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not tg.optim.Optimizer])
def test_optimisers_never_warn(kind: type[tg.optim.Optimizer]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for gradient in (math.inf, -math.inf, math.nan, 3e38, 1e-45, 0.0):
            optimiser_step(kind, gradient)


def grown(x: tg.Tensor) -> None:
    for _ in range(3):
        (x * 3e38).sum().backward()


def clipped(x: tg.Tensor) -> None:
    x.grad = x.detach()
    tg.nn.utils.clip_grad_norm_([x], 1.0)


@pytest.mark.parametrize(
    "use",
    [
        grown,
        lambda x: (x / 0).log().sum().backward(),
        lambda x: (x.exp() / x).sum().backward(create_graph=True),
        clipped,
        lambda x: (x.detach().long(), x.detach().half(), repr(x), x.detach().clone().div_(0)),
        lambda x: tg.ones(2, dtype=tg.float16).mul_(1e6),
        lambda x: (x.std(), x.var(), x.norm(), x.softmax(0), x.logsumexp(0)),
        lambda x: tg.contributions((x * x).sum(), x),
        lambda x: [str(step) for step in tg.backward_steps((x * x).sum())],
        lambda x: tg.draw((x * x / 0).sum()).svg,
        lambda x: tg.nn.LSTM(2, 2)(tg.full((3, 1, 2), math.inf))[0].sum().backward(),
        lambda x: tg.autograd.gradcheck(
            lambda a: a / 0, tg.ones(2, dtype=tg.float64, requires_grad=True), raise_exception=False
        ),
        lambda x: tg.func.hessian(lambda a: (a / 0).log().sum())(x.detach()),
        lambda x: tg.autograd.functional.jvp(lambda a: a / 0, x.detach(), x.detach()),
        lambda x: tg.utils.checkpoint.checkpoint(lambda a: (a / 0).log(), x, use_reentrant=False).sum().backward(),
        lambda x: Exp.apply(x)[0].sum().backward(),
        lambda x: (y := x * 2).register_hook(lambda g: g / 0) and y.sum().backward(),
    ],
)
def test_whoever_computes_never_warns(use: Callable[[tg.Tensor], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        use(tg.tensor([math.inf, math.nan, -math.inf, 0.0, 3e38], requires_grad=True))


@pytest.mark.parametrize("shape", [(), (1,), (2,), (0,), (1, 3)])
@pytest.mark.parametrize(
    "use",
    [
        lambda x: x * 2,
        lambda x: x.exp(),
        lambda x: x.sum(),
        lambda x: x.mean(),
        lambda x: x[1:],
        lambda x: tg.cat([x, x]),
        lambda x: tg.ones(4, 3) @ x,
        lambda x: tg.nn.functional.linear(tg.ones(2, 3), x[None], None),
    ],
)
def test_data_of_another_shape_is_no_gradient_of_that_shape(use: Any, shape: tuple[int, ...]) -> None:
    """What was computed before is as it was; only its gradient can no longer be handed to the tensor."""
    x = tg.ones(3, requires_grad=True)
    before = use(x).sum()
    x.data = tg.ones(shape)
    with pytest.raises(RuntimeError, match="data of another shape after"):
        before.backward()
    assert x.grad is None
    (x * 3).sum().backward()
    assert x.grad is not None and x.grad.tolist() == tg.full(shape, 3.0).tolist()  # type: ignore[unreachable]


def test_a_layer_that_was_given_weights_of_another_shape_since() -> None:
    net = tg.nn.RNN(2, 3)
    loss = net(tg.randn(5, 2))[0].sum()
    net.weight_ih_l0.data = tg.randn(6, 2)
    with pytest.raises(RuntimeError, match="data of another shape after"):
        loss.backward()
