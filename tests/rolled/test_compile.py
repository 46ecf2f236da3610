"""``compile``: the same results and gradients as eager code, in every call; and eager code where that cannot be."""

import threading
import warnings
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import layout
from tinygrad_rnn import nn
from tinygrad_rnn.nn import functional as F

from .networks import COMPILED, H, N, T, weights

Array = np.ndarray[Any, Any]


def gradients(parameters: list[tg.Tensor], run: Callable[[], Any]) -> tuple[float, list[Array]]:
    for p in parameters:
        p.grad = None
    loss = run()
    return loss.item(), [np.zeros(p.shape) if p.grad is None else np.array(p.grad) for p in parameters]


def walked(loss: tg.Tensor) -> tg.Tensor:
    loss.backward()
    return loss


def eager(f: Callable[..., Any], batch: list[tg.Tensor]) -> tg.Tensor:
    return walked(f(*batch))


def close(a: Array, b: Array, tolerance: float) -> bool:
    return bool(np.abs(a - b).max() <= tolerance * max(np.abs(b).max(), 1e-30))


@pytest.fixture
def double() -> Any:
    tg.set_default_dtype(tg.float64)
    yield
    tg.set_default_dtype(tg.float32)


@pytest.mark.parametrize("name", COMPILED)
def test_equal_to_eager(name: str, double: Any) -> None:
    """Every call has other data and other weights."""
    tg.manual_seed(0)
    network = COMPILED[name]()
    fast = tg.compile(network.f)
    for seed in range(3):
        batch = network.batch(seed, np.float64)
        for p in network.parameters:
            p.detach().numpy()[...] *= 0.9
        loss, wanted = gradients(network.parameters, partial(eager, network.f, batch))
        for run in (partial(eager, fast, batch), partial(fast.forward_backward, *batch)):
            found, given = gradients(network.parameters, run)
            assert found == pytest.approx(loss, rel=1e-10)
            assert all(close(a, b, 1e-10) for a, b in zip(given, wanted, strict=True))
    assert "as it is written" not in fast.explain()


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPILED)
def test_equal_to_eager_in_place(name: str, double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large values are computed where others were that are not read again; here all count as large."""
    monkeypatch.setattr(layout, "_LARGE", 1)
    test_equal_to_eager(name, double)


def test_large_values_are_not_kept_twice() -> None:
    w = tg.ones(1, requires_grad=True)
    fast = tg.compile(lambda x: (x * w + 1).tanh().sum())
    small, large = (str(fast.program(tg.randn(n))).count(f" = empty(({n},)") for n in (4, 200_000))
    assert (small, large) == (8, 3)  # x, tanh, and what goes back


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("bias", [0.0, -20.0])
def test_single_precision_with_closed_gates(kind: str, bias: float) -> None:
    tg.manual_seed(0)
    m = getattr(nn, kind)(N, H)
    x, y = tg.randn(T, 3, N), tg.randn(T, 3, H)
    m.bias_ih_l0.detach().numpy()[:H] += bias if kind != "RNN" else 0.0
    f: Any = lambda x, y: ((m(x)[0] - y) ** 2).mean()  # noqa: E731
    fast = tg.compile(f)
    fast(x, y)
    parameters = list(m.parameters())
    loss, wanted = gradients(parameters, lambda: walked(f(x, y)))
    found, given = gradients(parameters, lambda: fast.forward_backward(x, y))
    assert found == pytest.approx(loss, rel=1e-6)
    for a, b in zip(given, wanted, strict=True):
        rows = a.reshape(-1, H, *a.shape[1:]), b.reshape(-1, H, *b.shape[1:])  # each gate by its own measure
        assert all(close(p, q, 1e-5) for p, q in zip(*rows, strict=True))


def small() -> tuple[Any, Any, tg.Tensor, tg.Tensor]:
    tg.manual_seed(0)
    m = nn.RNN(N, H)
    return m, (lambda x, y: ((m(x)[0] - y) ** 2).mean()), tg.randn(T, 3, N), tg.randn(T, 3, H)


def test_gradients_accumulate_and_scale() -> None:
    m, f, x, y = small()
    fast = tg.compile(f)
    fast(x, y)
    parameters = list(m.parameters())
    _, one = gradients(parameters, lambda: walked(f(x, y)))
    _, two = gradients(parameters, lambda: (fast.forward_backward(x, y), walked(fast(x, y)))[1])
    _, half = gradients(parameters, lambda: walked(fast(x, y) * 0.5))
    for a, b, c in zip(one, two, half, strict=True):
        assert close(b, 2 * a, 1e-5) and close(c, a / 2, 1e-5)


def test_two_calls_are_alive_at_once() -> None:
    m, f, x, y = small()
    fast = tg.compile(f)
    fast(x, y)
    other = tg.randn(T, 3, N)
    parameters = list(m.parameters())
    _, wanted = gradients(parameters, lambda: walked(f(x, y) + 3 * f(other, y)))
    _, found = gradients(parameters, lambda: walked(fast(x, y) + 3 * fast(other, y)))
    assert all(close(a, b, 1e-5) for a, b in zip(found, wanted, strict=True))


def test_gradients_of_arguments_and_of_what_they_came_from() -> None:
    m, f, x, y = small()
    fast = tg.compile(f)
    fast(x, y)
    scale = tg.tensor(1.5, requires_grad=True)
    for g in (f, fast, fast):
        for p in (scale, *m.parameters()):
            p.grad = None
        leaf = x.clone().requires_grad_()
        g(leaf * scale, y).backward()
        found = [np.array(p.grad) for p in (scale, leaf, m.weight_hh_l0)]
        if g is f:
            wanted = found
    for a, b in zip(found, wanted, strict=True):
        assert close(np.asarray(a), np.asarray(b), 1e-5)


def test_several_results_and_a_state_for_the_next_chunk() -> None:
    tg.manual_seed(0)
    m = nn.LSTM(N, H)

    def f(x: Any, y: Any, state: Any) -> Any:
        out, state = m(x, state)
        return ((out - y) ** 2).mean(), state

    fast = tg.compile(f)
    x, y = tg.randn(2 * T, 3, N), tg.randn(2 * T, 3, H)
    found = []
    for g in (f, fast, fast):
        m.zero_grad()
        state = tg.zeros(1, 3, H), tg.zeros(1, 3, H)
        first, state = g(x[:T], y[:T], state)
        second, state = g(x[T:], y[T:], state)
        (first + second + state[1].sum()).backward()
        found.append([second.item(), *(np.array(p.grad) for p in m.parameters())])
    for each in found[1:]:
        assert all(close(np.asarray(a), np.asarray(b), 1e-4) for a, b in zip(each, found[0], strict=True))
    loss, (h, c) = fast.forward_backward(x[:T], y[:T], (tg.zeros(1, 3, H), tg.zeros(1, 3, H)))
    assert not loss.requires_grad and h.shape == c.shape == (1, 3, H)


def test_training_is_the_same() -> None:
    losses = []
    for compiled in (False, True):
        m, f, x, y = small()
        optimizer = tg.optim.Adam(m.parameters(), lr=0.01)
        g = tg.compile(f) if compiled else f
        row = []
        for _ in range(20):
            optimizer.zero_grad()
            loss = g(x, y)
            loss.backward()
            nn.utils.clip_grad_norm_(m.parameters(), 1.0)
            optimizer.step()
            row.append(loss.item())
        losses.append(row)
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def forms(fast: Any) -> int:
    return len(fast.explain().splitlines())


def test_another_form_is_another_program() -> None:
    m, f, x, y = small()
    fast = tg.compile(f)
    fast(x, y)
    fast(x, y)
    assert forms(fast) == 1
    fast(x[:4], y[:4])
    assert forms(fast) == 2
    with tg.no_grad():
        assert fast(x, y).item() == pytest.approx(f(x, y).item(), rel=1e-6)
        assert not fast(x, y).requires_grad
    assert forms(fast) == 3
    m.weight_hh_l0.data = m.weight_hh_l0.detach().clone() * 0.5  # another array
    for _ in range(2):
        assert fast(x, y).item() == pytest.approx(f(x, y).item(), rel=1e-6)


def test_numbers_of_the_closure_decide() -> None:
    m, _, x, y = small()
    weight = 1.0
    f: Any = lambda x, y: weight * ((m(x)[0] - y) ** 2).mean()  # noqa: E731
    fast = tg.compile(f)
    one = [fast(x, y).item() for _ in range(2)]
    weight = 3.0
    assert fast(x, y).item() == pytest.approx(3 * one[1], rel=1e-6)


def test_lengths_as_an_argument() -> None:
    tg.manual_seed(0)
    m = nn.GRU(N, H)
    f: Any = lambda x, lengths: (m(x, lengths=lengths)[0] ** 2).sum()  # noqa: E731
    fast, x = tg.compile(f), tg.randn(T, 3, N)
    for lengths in ([T, 4, 2], [T, 4, 2], [3, T, 3], tg.tensor([T, 1, 5]), tg.tensor([T, 2, 5]), tg.tensor([T, 2, 5])):
        assert fast(x, lengths).item() == pytest.approx(f(x, lengths).item(), rel=1e-5)
    assert "as it is written" not in fast.explain()


def test_a_threshold_that_moves_with_the_steps(double: Any) -> None:
    f: Any = lambda x: sum(tg.where(x[t] > 0.1 * t, x[t], 0.0).sum() for t in range(9))  # noqa: E731
    fast = tg.compile(f)
    for _ in range(3):
        x = tg.randn(9, 5)
        assert fast(x).item() == pytest.approx(f(x).item(), rel=1e-12)
    assert "9 steps" in fast.explain()


@pytest.mark.slow
def test_packed_sequences_and_losses_that_look_at_their_targets(double: Any) -> None:
    tg.manual_seed(0)
    m, head = nn.LSTM(N, H), nn.Linear(H, H)

    def inside(x: Any, lengths: Any) -> Any:
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        return (nn.utils.rnn.pad_packed_sequence(m(packed)[0])[0] ** 2).sum()

    def given(packed: Any, x: Any) -> Any:
        return (nn.utils.rnn.pad_packed_sequence(m(packed)[0])[0] * x.sum(-1, keepdim=True)).sum()

    def losses(x: Any, y: Any) -> Any:
        return F.kl_div(head(m(x)[0]), y, reduction="sum") + F.softplus(head(m(x)[0]) * 30).sum()

    def batch(f: Any, k: int) -> Any:
        x, lengths = tg.randn(T, 3, N), tg.tensor([[T, 4, 2], [3, T, 3], [1, 1, T]][k % 3])
        if f is given:
            x = x.detach()
            return [nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False), x]
        return [x, lengths] if f is inside else [x, tg.relu(tg.randn(T, 3, H))]

    parameters: list[tg.Tensor] = [*m.parameters(), *head.parameters()]
    for f in (inside, given, losses):
        fast = tg.compile(f)
        for k in range(6):
            each = batch(f, k)
            loss, wanted = gradients(parameters, partial(eager, f, each))
            found, made = gradients(parameters, partial(eager, fast, each))
            assert found == pytest.approx(loss, rel=1e-10)
            assert all(close(a, b, 1e-10) for a, b in zip(made, wanted, strict=True))
        assert "as it is written" not in fast.explain()


def test_the_same_tensor_twice_is_two_arguments() -> None:
    x, head = small()[2], nn.Linear(N, N)
    g: Any = lambda x, y: ((head(x) - y) ** 2).mean()  # noqa: E731
    fast = tg.compile(g)
    for a, b in ((x, x), (x, x), (x, x + 1), (x, x + 1)):
        assert fast(a, b).item() == pytest.approx(g(a, b).item(), rel=1e-6)
    table = nn.Embedding(5, 5)
    g = lambda x, y: F.cross_entropy(table(x), y)  # noqa: E731
    fast, ids, others = tg.compile(g), tg.tensor([0, 1, 2, 4]), tg.tensor([3, 1, 0, 0])
    for a, b in ((ids, ids.clone()), (ids, others), (others, ids)):
        assert fast(a, b).item() == pytest.approx(g(a, b).item(), rel=1e-6)


def branches(x: Any, y: Any) -> Any:
    return (x * 2).sum() if y.sum() > 0 else x.sum()


def leaves_the_graph(x: Any, y: Any) -> Any:
    return (x * float(np.asarray(y.numpy()).mean())).sum()


def overwrites(x: Any, y: Any) -> Any:
    h = x * 1
    h[0] = y[0]
    return h.sum()


def reads_an_array(x: Any, y: Any) -> Any:
    return (x * tg.tensor(y.array * 2)).sum()


def differentiates(x: Any, y: Any) -> Any:
    loss = (x * x * y).sum()
    loss.backward(retain_graph=True)
    return loss


REFUSED = {
    "backward": (differentiates, "numbers that backward() has read"),
    "bool": (branches, "numbers that item() has read"),
    "numpy": (leaves_the_graph, "numbers that numpy() has read"),
    "in place": (overwrites, "changed in place"),
    "an array": (reads_an_array, "comes from no argument"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_a_program_runs_as_it_is_written(name: str) -> None:
    f, reason = REFUSED[name]
    fast = tg.compile(f)
    rng = np.random.default_rng(0)
    said = []
    for k in range(3):
        x = tg.tensor(rng.standard_normal((3, 2)), dtype=tg.float32, requires_grad=True)
        y = tg.tensor(rng.standard_normal((3, 2)) + (-3) ** k, dtype=tg.float32)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = fast(x, y)
        said += caught
        found.backward()
        given = np.array(x.grad)
        x.grad = None
        walked(f(x, y))
        assert np.array_equal(given, np.asarray(x.grad))
    assert len(said) == 1 and reason in str(said[0].message), said
    if name != "in place":
        assert "test_compile.py:" in str(said[0].message)
    assert reason in fast.explain()


def with_dropout() -> dict[str, Any]:
    between, cell = nn.LSTM(N, H, num_layers=3, dropout=0.4, bidirectional=True), nn.RNNCell(N, H)
    variational = nn.Recurrent([nn.RecurrentDropout(nn.GRUCell(N, H), 0.5, 0.3)])

    def each_step(x: Any) -> Any:
        h, total = None, tg.zeros(())
        for t in range(T):
            h = cell(F.dropout(x[t], 0.3) if t else x[t], h)
            total = total + h.sum()
        return total

    def noise(x: Any) -> Any:
        return (x + tg.randn(*x.shape)).sum()

    return {
        "plain": lambda x: F.dropout(x, 0.5).sum(),
        "between layers": lambda x: (between(x)[0] ** 2).sum(),
        "the same at every step": lambda x: (variational(x)[0] ** 2).sum(),
        "another one at every step": each_step,
        "noise": noise,
    }


@pytest.mark.parametrize("name", with_dropout())
def test_random_numbers_are_those_of_eager_code(name: str, double: Any) -> None:
    f = with_dropout()[name]
    fast, found = tg.compile(f), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if name == "noise" else "error")
        for g in (f, fast, fast.forward_backward):
            tg.manual_seed(1)
            found.append([g(tg.randn(T, 3, N).requires_grad_()).item() for _ in range(4)])
    assert found[0] == pytest.approx(found[1], rel=1e-10) and found[0] == pytest.approx(found[2], rel=1e-10)
    assert len(set(found[0])) == 4 and ("as it is written" in fast.explain()) == (name == "noise")


def test_numbers_from_a_generator_of_ones_own_are_drawn_once() -> None:
    generator = tg.Generator()
    f: Any = lambda x: F.dropout(x, 0.5, generator=generator).sum()  # noqa: E731
    fast, x, found = tg.compile(f), tg.randn(40), []
    for g in (f, fast):
        generator.manual_seed(1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append([g(x).item() for _ in range(4)])
    assert found[0] == found[1]


def test_modes_of_modules() -> None:
    tg.manual_seed(0)
    m = nn.Sequential(nn.Linear(N, H), nn.Dropout(0.5))
    fast, x = tg.compile(m), tg.randn(3, N)
    m.eval()
    for _ in range(2):
        assert np.allclose(fast(x).detach().numpy(), m(x).detach().numpy(), atol=1e-6)
    assert "a program" in fast.explain()
    m.train()
    assert len({fast(x).sum().item() for _ in range(4)}) > 1
    assert [name for name, _ in fast.named_parameters()] == [name for name, _ in m.named_parameters()]


def test_negative_classes_do_not_count() -> None:
    table = nn.Embedding(200, 200)
    f: Any = lambda x, y: F.cross_entropy(table(x), y)  # noqa: E731
    fast, x = tg.compile(f), tg.tensor([0, 1, 2, 4])
    for y in ([1, 2, 3, 4], [5, 6, 7, 8], [1, -100, 3, -100]):
        assert fast(x, tg.tensor(y)).item() == pytest.approx(f(x, tg.tensor(y)).item(), rel=1e-5)
    with pytest.raises(IndexError):
        fast(tg.tensor([0, 1, -1, 2]), tg.tensor([0, 0, 0, 0]))


def test_weights_changed_before_the_backward_pass_are_refused() -> None:
    m, f, x, y = small()
    fast = tg.compile(f)
    fast(x, y)
    loss = fast(x, y)
    with tg.no_grad():
        m.weight_hh_l0 *= 2
    with pytest.raises(RuntimeError, match="changed"):
        loss.backward()


def test_no_second_derivative_without_a_graph() -> None:
    _, f, x, y = small()
    fast = tg.compile(f)
    fast(x, y)
    with pytest.raises(RuntimeError, match="create_graph"):
        fast(x, y).backward(create_graph=True)


def test_hooks_of_parameters_are_called() -> None:
    m, f, x, y = small()
    fast = tg.compile(f)
    fast.forward_backward(x, y)
    seen: list[Any] = []
    handle = m.weight_hh_l0.register_hook(seen.append)
    fast.forward_backward(x, y)
    handle.remove()
    assert len(seen) == 1


def test_what_reads_something_else_at_every_call_runs_as_it_is_written() -> None:
    calls: list[int] = []

    def counted(x: tg.Tensor) -> tg.Tensor:
        return (x * x).sum() * len(calls)

    fast, x = tg.compile(counted), tg.tensor([1.0, 2.0])
    with pytest.warns(UserWarning, match="is another at every call; make it an argument"):
        for k in range(9):
            calls.append(k)
            assert fast(x).item() == 5 * len(calls)
    assert "as it is written, since what it reads" in fast.explain()


def test_a_number_that_changes_now_and_then_has_programs_of_its_own() -> None:
    settings, x = {"scale": 0.0}, tg.ones(2)
    fast = tg.compile(lambda x: (x * settings["scale"]).sum())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for scale in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0):
            settings["scale"] = scale + 10
            assert str(scale + 10) in str(fast.program(x))  # and is not run
            settings["scale"] = scale
            assert [fast(x).item() for _ in range(2)] == [2 * scale] * 2
    assert forms(fast) == 12


def test_programs_are_bounded_in_number() -> None:
    fast = tg.compile(lambda x: (x * x).sum())
    with pytest.warns(UserWarning, match="oldest program is forgotten"):
        for size in range(1, 20):
            fast(tg.ones(size))
    assert forms(fast) == 16


def test_threads_compile_and_train_at_once() -> None:
    found: dict[int, list[float]] = {}

    def train(seed: int) -> None:
        W, x = tg.tensor(np.eye(3) * seed, requires_grad=True), tg.ones(4, 3, dtype=tg.float64)
        fast = tg.compile(lambda x: (tg.tanh(x @ W) ** 2).sum())
        found[seed] = [fast.forward_backward(x).item() for _ in range(50)]

    threads = [threading.Thread(target=train, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in (1, 2):
        assert found[seed] == pytest.approx([12 * np.tanh(seed) ** 2] * 50)


def test_backend_and_decorator() -> None:
    with pytest.raises(ValueError, match="'auto', 'numpy' or 'numba'"):
        tg.compile(lambda x: x, backend="fast")

    def double(x: Any) -> Any:
        """Doubled."""
        return x * 2

    f = tg.compile(backend="numpy")(double)
    assert f.__doc__ == "Doubled." and f(tg.ones(2)).tolist() == [2, 2]


def test_what_is_read_without_history_is_read_anew() -> None:
    """A network that gives targets alone has small parameters, and some that are one number everywhere."""
    target: Any = nn.Linear(2, 2)
    target.bias.detach().numpy()[...] = 0
    w = tg.ones(2, requires_grad=True)

    def loss(x: Any) -> Any:
        with tg.no_grad():
            wanted = target(x)
        return ((x * w - wanted) ** 2).sum()

    fast = tg.compile(loss)
    for _ in range(3):
        x = tg.randn(3, 2)
        assert fast(x).item() == pytest.approx(loss(x).item(), rel=1e-6)
        for p in target.parameters():
            p.detach().numpy()[...] += 1
    assert "a program" in fast.explain() and forms(fast) == 1


def test_the_program_of_a_function() -> None:
    (W,) = weights((H, N))
    fast = tg.compile(lambda x: F.linear(x, W).sum())
    text = str(fast.program(tg.randn(3, N)))
    assert "def forward(given_x)" in text and text == str(fast.program(tg.randn(3, N)))
    with pytest.raises(RuntimeError, match="runs as it is written"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tg.compile(branches).program(tg.randn(2, 2), tg.randn(2, 2))


class Scaled(nn.Module):
    """A module with a number that may change from call to call."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.alpha = nn.Linear(2, 2), 0.5

    def forward(self, x: tg.Tensor) -> Any:
        return (self.layer(x) * self.alpha).sum()


def test_what_objects_hold_may_change_from_call_to_call() -> None:
    model, settings, weights = Scaled(), SimpleNamespace(k=1.0), [tg.ones(2, requires_grad=True)]
    x = tg.randn(4, 2)

    def scaled(x: tg.Tensor) -> Any:
        return (x * settings.k * weights[0]).sum()

    fast, faster = tg.compile(model), tg.compile(scaled)
    for step, k in enumerate((0.5, 0.5, 2, 2.0, 0.5)):
        model.alpha = settings.k = k
        if step == 3:
            model.layer.weight, weights[0] = nn.Parameter(tg.ones(2, 2)), tg.full((2,), 5.0, requires_grad=True)
        assert fast(x).item() == model(x).item()
        assert faster(x).item() == scaled(x).item()


def test_what_is_read_may_change_and_stay_the_same_object() -> None:
    m, scales = nn.Linear(N, 1), [2.0]
    fast, x = tg.compile(lambda x: (m(x) * scales[0]).sum()), tg.ones(3, N)
    for scale, learns in ((2.0, True), (5.0, True), (5.0, False), (5.0, True)):
        scales[0] = scale
        m.weight.requires_grad_(learns)
        for _ in range(3):
            m.zero_grad()
            fast.forward_backward(x)
            weight, bias = m.parameters()
            assert bias.grad is not None
            assert bias.grad.item() == 3 * scale
            assert (weight.grad is not None) is learns


FIXED = tg.tensor([1.0, 2.0])
#: What may come back, of one argument and a parameter.
RESULTS: dict[str, Callable[[Any, Any], Any]] = {
    "a number": lambda x, w: (x * w).sum(),
    "detached": lambda x, w: x.detach() * 2,
    "one of two detached": lambda x, w: ((x * w).sum(), (x * 3).detach()),
    "the first of two detached": lambda x, w: ((x * 3).detach().sum(), (x * w).sum()),
    "an argument detached on the way": lambda x, w: (x.detach() * w).sum(),
    "without the argument": lambda x, w: (w * w).sum(),
    "of nothing given": lambda x, w: tg.ones(2) * 2,
    "of what is not tracked": lambda x, w: FIXED * 2,
    "many numbers": lambda x, w: x * w,
    "none": lambda x, w: None,
    "nothing": lambda x, w: (),
    "a Python number": lambda x, w: 3.0,
    "a tensor and none": lambda x, w: {"loss": (x * w).sum(), "more": None},
}


@pytest.mark.filterwarnings("ignore:.*runs as it is written")
@pytest.mark.parametrize("name", RESULTS)
def test_what_comes_back_has_a_history_if_it_has_one(name: str) -> None:
    w = tg.tensor([3.0, -1.0], requires_grad=True)

    def f(x: Any) -> Any:
        return RESULTS[name](x, w)

    def backward(result: Any) -> Any:
        parts(result)[0].backward()
        return result

    def told(call: Callable[[Any], Any]) -> list[Any]:
        """Of three calls what came back, or how it was refused, and the gradients."""
        lines = []
        for numbers in ([1.0, 2.0], [0.5, -2.0], [4.0, 1.0]):
            x, w.grad = tg.tensor(numbers, requires_grad=True), None
            try:
                found: Any = [each.tolist() for each in parts(call(x))]
            except (RuntimeError, IndexError):
                found = "refused"
            lines.append((found, *(None if each.grad is None else each.grad.tolist() for each in (x, w))))
        return lines

    fast, once = tg.compile(f), tg.compile(f)
    expected = told(lambda x: backward(f(x)))
    assert told(lambda x: backward(fast(x))) == expected
    assert told(once.forward_backward) == expected
    x = tg.ones(2, requires_grad=True)
    assert [each.requires_grad for each in parts(fast(x))] == [each.requires_grad for each in parts(f(x))]


def test_an_array_may_be_exchanged() -> None:
    w, holder = tg.tensor([3.0, -1.0], requires_grad=True), SimpleNamespace()
    holder.w = w
    for f in (lambda x: (x * w).sum(), lambda x: (x * w.detach()).sum(), lambda x: (x * holder.w.detach()).sum()):
        fast, x = tg.compile(f), tg.ones(2)
        for numbers in ([3.0, -1.0], [3.0, -1.0], [10.0, 20.0], [3.0, -1.0]):
            w.data = tg.tensor(numbers)
            assert fast(x).item() == sum(numbers)
            assert fast(x).item() == sum(numbers)


@pytest.mark.parametrize("tracked", [True, False])
def test_what_is_read_is_not_to_change_before_the_backward_pass(tracked: bool) -> None:
    w = tg.tensor([3.0, -1.0], requires_grad=tracked)
    fast, x = tg.compile(lambda x: (x * w.detach()).sum()), tg.ones(2, requires_grad=True)
    for _ in range(2):
        loss = fast(x)
    with tg.no_grad():
        w *= 2
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()
    fast(x).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [6.0, -2.0]


def parts(result: Any) -> list[Any]:
    """The tensors in a result."""
    each = result.values() if isinstance(result, dict) else result if isinstance(result, tuple) else [result]
    return [one for one in each if isinstance(one, tg.Tensor)]


def chunked(m: Any, x: Any) -> Any:
    half = len(x) // 2
    first, state = m(x[:half])
    return tg.cat([first, m(x[half:], state)[0]])


def beside(m: Any, x: Any) -> Any:
    with tg.no_grad():
        target = m(x * 0.5)[0]
    return m(x)[0] * target


def stepwise(m: Any, x: Any) -> Any:
    h = tg.zeros(*x.shape[1:-1], H)
    for row in m(x)[0]:
        h = tg.tanh(0.5 * h + row)
    return h


def called_in_steps(m: Any, x: Any) -> Any:
    loss = tg.zeros(())
    for t in range(4):
        with tg.step(t + 1):
            loss = loss + (m(x * (t + 1.0))[0] ** 2).mean()
    return loss


def windows(m: Any, x: Any) -> Any:
    return tg.cat([part.output for part in nn.truncated_bptt(m, x, window=12)])


def named_results(m: Any, x: Any) -> Any:
    output, _ = m(x)
    output.name = "outputs"
    return output * m(output[..., :1] * x)[0]


def hidden(m: Any, x: Any, k: int = 0) -> Any:
    """The last state h, or of an LSTM with ``k`` = 1 the memory c."""
    state = m(x)[1]
    return state[k] if isinstance(state, tuple) else state


#: What is done with a layer of 24 steps.
USED: dict[str, Callable[[Any, Any], Any]] = {
    "outputs": lambda m, x: m(x)[0],
    "the last output": lambda m, x: m(x)[0][-1],
    "some outputs": lambda m, x: m(x)[0][2:5] * 3,
    "the last state": hidden,
    "the last memory": partial(hidden, k=1),
    "all results": lambda m, x: tg.cat([each.reshape(-1) for each in (m(x)[0], hidden(m, x), hidden(m, x, 1))]),
    "two calls": lambda m, x: m(x)[0] * m(x * 2)[0],
    "one detached": lambda m, x: m(x)[0] * m(x * 0.1)[0].detach(),
    "all detached": lambda m, x: x * m(x * 2)[0].detach().mean(),
    "without history": beside,
    "a state for the next chunk": chunked,
    "windows": windows,
    "read step by step": stepwise,
    "in steps": called_in_steps,
    "results with names": named_results,
}
#: Without all steps what is computed without a history has no names, and the last step may be one for itself.
OTHER_TEXTS = {"one detached", "all detached", "the last memory", "all results"}
LAYER: dict[str, dict[str, Any]] = {
    "": {},
    "two layers": {"num_layers": 2},
    "both ways": {"bidirectional": True},
    "two layers, both ways": {"num_layers": 2, "bidirectional": True},
    "without bias": {"bias": False},
    "with a projection": {"proj_size": H - 1},
    "relu": {"nonlinearity": "relu"},
    "unbatched": {},
    "tracked": {},
    "frozen": {},
}
OF_ONE = {"with a projection": "LSTM", "relu": "RNN"}
OF_ITS_SIZE = {"read step by step", "results with names"}


@pytest.mark.parametrize(
    ("kind", "options", "used"),
    [
        pytest.param(kind, options, used, marks=pytest.mark.slow if options else ())
        for kind in ("RNN", "LSTM", "GRU")
        for options in LAYER
        for used in USED
        if OF_ONE.get(options, kind) == kind
        and not (used in OF_ITS_SIZE and LAYER[options].keys() & {"bidirectional", "proj_size"})
    ],
)
def test_a_layer_of_many_steps_is_the_program_of_its_steps(
    kind: str, options: str, used: str, double: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers and gradients are eager's, and the text is what all steps one by one give."""
    tg.manual_seed(0)
    m = getattr(nn, kind)(N, H, **LAYER[options])
    m.requires_grad_(options != "frozen")
    parameters, fast = list(m.parameters()), tg.compile(partial(USED[used], m))
    for _ in range(2):
        x = tg.randn(*((24, N) if options == "unbatched" else (24, 3, N)))
        x.requires_grad_(options in ("tracked", "frozen"))
        found = []
        for f in (partial(USED[used], m), fast):
            for each in (x, *parameters):
                each.grad = None
            y = f(x)
            if y.requires_grad:
                (y * y.detach()).sum().backward()
            found.append([y.detach().numpy(), *(None if p.grad is None else p.grad.numpy() for p in (x, *parameters))])
        for a, b in zip(*found, strict=True):
            assert (a is None) is (b is None)
            assert a is None or close(b, a, 1e-9)
    assert "as it is written" not in fast.explain()
    if used not in OTHER_TEXTS and options != "frozen":
        monkeypatch.setattr("tinygrad_rnn.nn.recurrent.MANY", 24)
        assert str(tg.compile(partial(USED[used], m)).program(x)) == str(fast.program(x))


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_of_a_layer_a_few_steps_are_looked_at(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    m = getattr(nn, kind)(N, H, num_layers=2, bidirectional=True)
    counts: list[int] = []

    def looked_at(*given: Any) -> Any:
        counts[-1] += 1
        return given  # it opens places that are arrays, of which there are none here

    monkeypatch.setattr("tinygrad_rnn.rolled.recording.opened", looked_at)
    for steps in (20, 20, 200):  # at the first the layer itself is new
        counts.append(0)
        tg.compile(lambda x: m(x)[0].sum())(tg.randn(steps, 2, N))
    assert 0 < counts[1] == counts[2] < 400


def test_a_fault_of_ours_ends_nobodys_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr("tinygrad_rnn.rolled.compiling.Program", broken)
    fast, x = tg.compile(lambda x: (x * x).sum()), tg.tensor([1.0, 2.0], requires_grad=True)
    with pytest.warns(UserWarning, match=r"a fault of this package \(ValueError: broken\)"):
        assert fast(x).item() == 5
    fast(x).backward()
    assert x.grad is not None and x.grad.tolist() == [2, 4]
