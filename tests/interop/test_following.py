"""Programs in PyTorch, followed: the same loss to the bit, PyTorch's own gradients, and nothing left behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import backpropagate

torch: Any = pytest.importorskip("torch")

from tests.interop.torch_programs import PROGRAMS, all_tensors  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True"),
]

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(torch.float32)


class Witness(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
    """Notes all results of PyTorch that require a gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.results: dict[int, Any] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if torch.is_grad_enabled():
            self.results |= {id(each): each for each in all_tensors(result) if each.requires_grad}
        return result


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if "num_layers" in name else name for name in PROGRAMS]
)
def test_a_program_is_the_same_followed(name: str, dtype: str) -> None:
    torch.set_default_dtype(getattr(torch, dtype))
    run, leaves = PROGRAMS[name].build()
    torch.manual_seed(1)
    plain = run()
    plain.backward()
    alone = {key: None if each.grad is None else each.grad.clone() for key, each in leaves.items()}
    for each in leaves.values():
        each.grad = None
    torch.manual_seed(1)
    with Witness() as witness, tg.following() as tape:
        loss = run()
    assert torch.equal(plain, loss)
    assert set(tape.by_torch) == PROGRAMS[name].by_torch
    own = tape[loss]
    assert len(tg.viz.scene_of(own).frames) == PROGRAMS[name].steps

    # What PyTorch says of every result and every leaf.
    results = [each for each in witness.results.values() if not each.is_leaf]
    for each in results:
        each.retain_grad()
    before = {key: each.total for key, each in ledgers(loss, leaves).items()}
    loss.backward()
    assert all(torch.equal(each.grad, alone[key]) for key, each in leaves.items() if each.grad is not None)
    largest = max(each.grad.abs().max().item() for each in [*leaves.values(), *results] if each.grad is not None)
    found, compared = {id(node): g for node, g, _ in backpropagate(own)}, 0
    for each in [*results, *leaves.values()]:
        if each.grad is not None and not each.is_complex():
            stand_in = known(tape, each)
            if stand_in is not None and id(stand_in) in found:
                compared += 1
                difference = np.abs(found[id(stand_in)] - each.grad.numpy()).max(initial=0)
                assert difference <= TOLERANCE[dtype] * largest, each.grad_fn
    assert compared >= 1

    # Ledgers, after the backward pass and a step of training, too.
    with torch.no_grad():
        for each in leaves.values():
            each.add_(1)
    after = ledgers(loss, leaves)
    assert after.keys() == {key for key, each in leaves.items() if each.grad is not None}
    for key, ledger in after.items():
        if leaves[key]._backward_hooks:  # which change the sum
            continue
        np.testing.assert_allclose(ledger.total, leaves[key].grad, rtol=0, atol=TOLERANCE[dtype] * largest)
        np.testing.assert_array_equal(ledger.total, before[key])
        np.testing.assert_allclose(sum(use.gradient for use in ledger), ledger.total, rtol=0, atol=1e-5 * largest)


def known(tape: Any, tensor: Any) -> Any:
    try:
        return tape[tensor]
    except KeyError:
        return None


def ledgers(loss: Any, leaves: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, each in leaves.items():
        try:
            found[key] = tg.contributions(loss, each)
        except RuntimeError as error:
            assert "is no result" in str(error)
    return found


class Model(torch.nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.head = torch.nn.LSTM(2, 3, batch_first=True), torch.nn.Linear(3, 1)

    def forward(self, x: Any) -> Any:
        return self.head(self.rnn(x)[0][:, -1])


@pytest.mark.slow
def test_everything_that_takes_a_loss_takes_one_of_pytorch() -> None:
    model, x, y = Model(), torch.randn(2, 4, 2), torch.randn(2, 1)
    with tg.following() as tape:
        prediction = model(x)
        loss = torch.nn.functional.mse_loss(prediction, y)
    own = tape[loss]
    assert own.item() == loss.item()
    assert tg.draw(loss).svg == tg.draw(own).svg
    assert [step.formula for step in tg.backward_steps(loss)] == [step.formula for step in tg.backward_steps(own)]
    assert tg.gradient_flow(loss, jacobian=True)["h"].times == (1, 2, 3, 4)
    ledger = tg.contributions(loss=loss, parameter=model.rnn.weight_hh_l0)
    assert (ledger.name, [use.time for use in ledger]) == ("rnn.weight_hh_l0", [1, 2, 3, 4])
    assert [each.gate for each in ledger.by_gate()][:4] == ["i", "f", "g", "o"]
    assert tg.contributions(loss, prediction)[0].operation == "prediction - y"
    assert tg.compare({"loss": loss, "first": tg.draw(loss)}).pictures["loss"].scene.loss == own_scene(own).loss
    assert "BPTT" in str(tg.program(loss))
    flow = tg.TrainingFlow()
    assert flow.record(1, loss).loss == loss.item()


def own_scene(own: Any) -> Any:
    return tg.viz.scene_of(own)


def test_a_model_is_followed_for_the_picture() -> None:
    model, x = Model(), torch.randn(2, 4, 2)
    picture = tg.draw(model, x)
    assert picture.scene is not None
    assert {node.name for node in picture.scene.nodes} >= {"h1", "c4", "rnn.weight_ih_l0", "head.bias"}
    several = tg.draw(model.rnn, x)
    assert "the sum of all numbers of the model&#39;s several results (" in several.svg
    convolution = tg.draw(torch.nn.Sequential(torch.nn.Conv2d(2, 1, 2), torch.nn.ReLU()), torch.randn(1, 2, 4, 4))
    assert "by PyTorch alone: conv2d" in convolution.svg
    assert tg.draw(lambda u: (u * model.head.weight).sum(), torch.ones(3)).scene is not None
    with torch.no_grad(), pytest.raises(ValueError, match=r"call it outside of no_grad\(\)"):
        tg.draw(model, x)


class Batched(torch.nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.head = torch.nn.Linear(2, 2)

    def forward(self, batch: Any) -> Any:
        logits = self.head(batch["x"])
        return {"loss": logits.pow(2).mean(), "logits": logits, "ids": logits.argmax(1)}


def test_what_is_differentiated_of_a_model_can_be_said() -> None:
    """loss= is a function of all that a model gives, of PyTorch's and of ours."""
    model, x, y = Model(), torch.randn(2, 4, 2), torch.randn(2, 1)
    loss = torch.nn.functional.mse_loss(model(x), y).item()
    rows: dict[str, tuple[Callable[[], Any], float | None]] = {
        "a criterion": (lambda: tg.draw(model, x, loss=lambda out: torch.nn.functional.mse_loss(out, y)), loss),
        "its second result": (lambda: tg.draw(model.rnn, x, loss=lambda out: out[1][0].sum()), None),
        "by name": (lambda: tg.draw(Batched(), {"x": torch.ones(3, 2)}, loss=lambda out: out["loss"]), None),
        "ours": (lambda: tg.draw(tg.nn.LSTM(2, 3), tg.ones(4, 2), loss=lambda out: out[1][1].sum()), None),
        "the loss itself": (lambda: tg.draw(loss=tg.ones(2, requires_grad=True).sum()), 2.0),
    }
    for name, (make, value) in rows.items():
        scene = make().scene
        assert scene.scalar, name
        assert value is None or scene.nodes[scene.loss].value.item() == value, name
    given: tuple[tuple[Any, ...], ...] = ((model, x, 3), (model, x, tg.ones(1)), (tg.ones(1, requires_grad=True), len))
    for *graph, wrong in given:
        with pytest.raises(TypeError, match="loss= is a function of what a model gives"):
            tg.draw(*graph, loss=wrong)


def test_modules_are_scopes_and_variables_are_names() -> None:
    blocks = torch.nn.ModuleList([torch.nn.Linear(2, 2), torch.nn.Sequential(torch.nn.Linear(2, 2))])

    class Stack(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.blocks = blocks

        def forward(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return x

    with tg.following() as tape, tg.scope("training"), tg.step(3):
        loss = Stack()(torch.randn(2)).sum()
    nodes = tg.history(tape[loss])
    paths = {"/".join(node.place.path) for node in nodes if node.primitive is not None}
    inside = {"Stack/blocks.0", "Stack/blocks.1/0"}
    assert paths == {"training/t=3", *(f"training/t=3/{path}" for path in inside)}
    assert {node.name for node in nodes if node.primitive is None} == {
        "x", "blocks.0.weight", "blocks.0.bias", "blocks.1.0.weight", "blocks.1.0.bias"
    }  # fmt: skip


def test_what_pytorch_computes_alone_is_written_with_the_numbers_it_was_given() -> None:
    F, x = torch.nn.functional, torch.randn(1, 2, 8, 8)
    layer = torch.nn.Conv2d(2, 3, 3, stride=2, padding=1)
    with tg.following():
        a = layer(x)
        b = F.avg_pool2d(a, 2)
        c = F.interpolate(b, scale_factor=2, mode="bilinear", align_corners=False)
        loss = F.normalize(torch.linalg.vector_norm(c, ord=3, dim=-1)).sum()
    formulas = {node.name: node.formula for node in tg.draw(loss, view="full").scene.nodes}
    assert formulas["a"] == "conv2d(x, weight, bias, (2, 2), (1, 1), (1, 1), 1)"
    assert formulas["b"] == "avg_pool2d(a, 2)"
    assert formulas["c"] == "interpolate(b, scale_factor=2, mode='bilinear')"


def test_functions_of_several_operations_stand_in_the_step_that_calls_them() -> None:
    W, h = torch.randn(3, 3, requires_grad=True), torch.ones(3)
    with tg.following():
        for _ in range(3):
            scaled = torch.nn.functional.layer_norm(
                h, (3,)
            )  # of the start, which needs no gradient, nothing is recorded
            h = torch.nn.functional.layer_norm(torch.relu(W @ scaled + 1), (3,))
        loss = h.square().sum()
    scene = tg.draw(loss).scene
    made_of = {
        node.id: [scene.nodes[edge.source] for edge in scene.edges if edge.target == node.id] for node in scene.nodes
    }
    entered = [
        made_of[node.id] for node in scene.nodes if node.step == 2 and any(a.step == 1 for a in made_of[node.id])
    ]
    assert [a.name for several in entered for a in several if a.step == 1] == [
        "h1",
        "h1",
    ]  # its mean, and less its mean


def test_parameters_and_data_are_called_as_the_program_calls_them() -> None:
    def loss() -> torch.Tensor:
        into, out, data, target = torch.nn.Linear(3, 4), torch.nn.Linear(4, 2), torch.ones(5, 3), torch.ones(5, 2)
        guess = out(into(data).relu())
        return torch.nn.functional.mse_loss(guess, target)

    with tg.following():
        scene = tg.draw(loss()).scene
    wanted = {"into.weight", "into.bias", "out.weight", "out.bias", "data", "target"}
    assert {node.name for node in scene.nodes if not node.symbol} == wanted


def test_a_loop_of_cells_is_drawn_in_steps_under_the_names_of_the_program() -> None:
    cell, head, xs = torch.nn.RNNCell(2, 3), torch.nn.Linear(3, 1), torch.randn(4, 1, 2)
    with tg.following():
        state = torch.zeros(1, 3)
        for x_t in xs:
            mixed = x_t * 2 + state[:, :2]
            state = cell(mixed, state)
        prediction = head(state)
        loss = (prediction**2).sum()
    scene = tg.draw(loss).scene
    assert scene is not None
    assert scene.frames == (1, 2, 3, 4)
    assert {node.name for node in scene.nodes} >= {"mixed1", "mixed4", "state1", "state4", "prediction"}
    assert tg.gradient_flow(loss).times == (1, 2, 3, 4)


def left_behind() -> Any:
    hooks = torch.nn.modules.module
    return (
        vars(torch.autograd.Function)["apply"],
        torch.overrides.has_torch_function,
        torch.compile,
        dict(hooks._global_forward_pre_hooks),
        dict(hooks._global_forward_hooks),
        torch._C._len_torch_function_stack(),
        tg.is_grad_enabled(),
        tg.tensor(0.0).place,
    )


@pytest.mark.parametrize("where", ["in the block", "in a module", "in a function of its own", "in a call of PyTorch"])
def test_nothing_is_left_behind_after_an_error(where: str) -> None:
    class Broken(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            raise OSError("by the user")

    class Wrong(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            raise OSError("by the user")

    def fail() -> Any:
        raise OSError("by the user")

    w = torch.randn(2, requires_grad=True)
    actions: dict[str, Callable[[], Any]] = {
        "in the block": fail,
        "in a module": lambda: torch.nn.Sequential(torch.nn.Tanh(), Broken())(w),
        "in a function of its own": lambda: Wrong.apply(w),
        "in a call of PyTorch": lambda: w @ torch.ones(5),
    }
    before = left_behind()
    with pytest.raises((OSError, RuntimeError), match=r"by the user|size"), tg.following():
        actions[where]()
    assert left_behind() == before
    with tg.following() as tape:
        loss = (w * 2).sum()
    assert tape[loss].place is before[-1]


def test_what_needs_no_gradient_takes_the_same_faster_way() -> None:
    layer = torch.nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
    model, x = torch.nn.TransformerEncoder(layer, 2).eval(), torch.randn(8, 10, 16)
    frozen = torch.nn.MultiheadAttention(16, 4, batch_first=True).eval().requires_grad_(False)
    with torch.no_grad():
        plain = model(x)
    attended = frozen(x, x, x)[0]
    with tg.following():
        with torch.no_grad():
            assert torch.equal(model(x), plain)
        assert torch.equal(frozen(x, x, x)[0], attended)


def test_following_inside_following_is_the_same() -> None:
    model, x = Model(), torch.randn(1, 3, 2)
    before = left_behind()
    with tg.following() as outer:
        with tg.following() as inner:
            assert inner is outer
        picture = tg.draw(model, x)
        loss = model(x).sum()
    assert picture.scene is not None
    assert outer[loss].item() == loss.item()
    assert left_behind() == before


def _double_unrecorded(h: Any) -> None:
    with torch.no_grad():
        h.mul_(2)


@pytest.mark.parametrize("change", [lambda h: h.data.mul_(2), _double_unrecorded, lambda h: h.detach().mul_(2)])
def test_a_result_changed_behind_its_graph_is_refused(change: Any) -> None:
    w = torch.randn(3, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"made by Tanh, was changed .* compute a new tensor"), tg.following():
        h = torch.tanh(w)
        change(h)
        (h * 2).sum()


def test_a_loss_nobody_followed_is_refused() -> None:
    model, x = Model(), torch.randn(1, 3, 2)
    with tg.following():
        loss = model(x).sum()
    for asked in (lambda: tg.draw(model(x).sum()), lambda: tg.gradient_flow(model(x).sum())):
        with pytest.raises(RuntimeError, match="computed while nobody followed"):
            asked()
    for strange in (lambda: tg.contributions(loss, torch.ones(2)), lambda: tg.draw(x)):
        with pytest.raises(RuntimeError, match="is no result, and in no graph"):
            strange()
    loss.data.add_(1)
    with pytest.raises(RuntimeError, match="or changed since"):
        tg.draw(loss)


def test_parameters_changed_through_data_are_read_anew() -> None:
    w = torch.randn(3, requires_grad=True)
    with tg.following() as tape:
        w.data.uniform_()
        loss = (w * w).sum()
        w.data = w.data + 1
        later = (w * w).sum()
    assert tape[loss].item() == loss.item()
    assert tape[later].item() == later.item()


def test_what_depends_on_a_state_is_refused_when_it_is_differentiated() -> None:
    calls: list[int] = []

    class Counting(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            calls.append(1)
            return x * len(calls)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    w = torch.randn(3, requires_grad=True)
    with tg.following():
        loss = Counting.apply(w).sum()
    with pytest.raises(RuntimeError, match="it depends on more than its arguments"):
        tg.contributions(loss, w)


def test_full_backward_hooks_are_refused() -> None:
    model, x = torch.nn.Linear(2, 2), torch.randn(2, requires_grad=True)
    model.register_full_backward_hook(lambda module, into, out: (into[0] * 3,))
    with tg.following():
        loss = model(x * 2).sum()
    with pytest.raises(RuntimeError, match="full backward hooks, which may change gradients"):
        tg.draw(loss)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Using `torch.compile")
def test_compiled_modules_are_followed_as_they_are_written() -> None:
    model, x = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh()), torch.randn(2)
    plain = model(x)
    compiled = torch.compile(model)
    with tg.following() as tape:
        result = compiled(x)
    assert torch.equal(result, plain)
    assert tape.by_torch == {}
    assert [node.primitive.name for node in tg.history(tape[result]) if node.primitive] == ["linear", "add", "tanh"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Using `torch.compile")
def test_what_is_compiled_inside_is_followed_as_it_is_written() -> None:
    code = """
import torch, tinygrad_rnn as tg
model, x, plain = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh()), torch.randn(2), torch.compile
with tg.following() as tape:
    result = torch.compile(model, backend="eager")(x)
    other = torch.compile(lambda x: model(x) * 2)(x)
assert torch.compile is plain and tape.by_torch == {}
assert [node.primitive.name for node in tg.history(tape[result]) if node.primitive] == ["linear", "add", "tanh"]
assert {node.name for node in tg.history(tape[result]) if node.primitive is None} == {"x", "0.weight", "0.bias"}
assert tape[other].shape == (2,) and torch.equal(model(x), result)
"""
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], check=True
    )  # where nothing has loaded the compiler yet


def test_compiled_code_after_the_backward_pass() -> None:
    w = torch.randn(3, 3, requires_grad=True)
    with tg.following():
        loss = torch.vmap(torch.tanh)(w * 2).sum()
    loss.backward()
    np.testing.assert_allclose(tg.contributions(loss, w).total, w.grad, rtol=1e-6)


def test_a_graph_goes_with_its_loss() -> None:
    model, x = Model(), torch.randn(2, 4, 2)
    gc.disable()
    try:
        with tg.following() as tape:
            loss = torch.nn.functional.conv2d(model(x)[None].tanh(), torch.ones(1, 1, 1, 1, requires_grad=True)).sum()
        known = [weakref.ref(node) for node in tg.history(tape[loss])]
        del loss, tape
        assert [each for each in known if each() is not None and each().primitive is not None] == []  # type: ignore[union-attr]
    finally:
        gc.enable()


def test_without_pytorch() -> None:
    code = """
import sys, tinygrad_rnn as tg
x = tg.tensor([1.0], requires_grad=True)
tg.draw((x * 2).sum()), tg.contributions((x * 2).sum(), x), tg.draw(tg.nn.Linear(1, 1), x)
assert "torch" not in sys.modules
try:
    with tg.following():
        pass
except RuntimeError as error:
    print(error)
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "`pip install torch` and `import torch` first" in done.stdout
