"""The size of the gradient at every step beside hand-written backpropagation and known dynamics."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz.many import GRAPHS
from tinygrad_rnn.autograd import Flow

from . import bptt

RNG = np.random.default_rng(0)


def orthogonal(n: int) -> Any:
    return np.linalg.qr(np.random.default_rng(1).normal(size=(n, n)))[0]


def chain(rho: float, time: int = 50, hidden: int = 16, f: Any = tg.tanh, dtype: Any = tg.float64) -> tg.Tensor:
    """A loop by hand with W = rho times a rotation, and the loss at its end."""
    W = tg.tensor(rho * orthogonal(hidden), dtype=dtype, requires_grad=True)
    h = tg.tensor(np.random.default_rng(2).normal(size=hidden) * 1e-3, dtype=dtype)
    for t in range(1, time + 1):
        with tg.step(t):
            h = f(W @ h)
    return (h * h).sum() * 1e6


def test_sizes_as_by_hand() -> None:
    tg.manual_seed(0)
    net = tg.nn.RNN(3, 4).double()
    xs = RNG.normal(size=(6, 2, 3))
    output, _ = net(tg.tensor(xs))
    flow = tg.gradient_flow((output[-1] ** 2).sum())
    W, U, b, d = (np.array(p.array) for p in net.parameters())
    wanted = [np.linalg.norm(g) for g in bptt.rnn(xs, W, U, b + d)[2]]
    assert len(flow) == 1 and flow[0].name == "h" and flow.times == (1, 2, 3, 4, 5, 6)
    np.testing.assert_allclose(flow.sizes, wanted, rtol=1e-10)


@pytest.mark.parametrize(
    ("rho", "verdict"),
    [
        (0.5, "vanishes"),
        (0.93, "shrinks"),
        (1.0, "keeps its size"),
        (1.1, "grows"),
        (1.5, "explodes"),
    ],
)
def test_verdicts_of_linear_dynamics(rho: float, verdict: str) -> None:
    """Without a nonlinearity the gradient is multiplied by exactly rho in every step."""
    flow = tg.gradient_flow(chain(rho, f=lambda z: z))
    assert flow.verdict == verdict
    assert flow.factor == pytest.approx(rho) and flow.total == pytest.approx(rho**49)
    assert flow.sentence.startswith(f"{verdict}: x {rho:g} a step, x ")


@pytest.mark.parametrize(
    ("first", "word"),
    [
        (0.9e-3, "vanishes"), (1.1e-3, "shrinks"), (0.80, "shrinks"), (0.82, "keeps its size"),
        (1.20, "keeps its size"), (1.22, "grows"), (999.0, "grows"), (1001.0, "explodes"),
        (0.0, "exactly 0 before t = 2"),
        (math.nan, "broken: NaN or infinite gradients from t = 1"),
        (math.inf, "broken: NaN or infinite gradients from t = 1"),
    ],
)  # fmt: skip
def test_the_limits_of_the_verdicts(first: float, word: str) -> None:
    assert Flow("h", (1, 2, 3), (first, 1.0, 1.0), None, ()).verdict == word


@pytest.mark.parametrize(
    ("sizes", "word"),
    [
        ((0.0, 1.0, 0.0, 2.0), "exactly 0 before t = 2 and at t = 3"),
        ((0.0, 1.0, 0.0, 0.0, 2.0), "exactly 0 before t = 2 and at 2 steps after it"),
        ((0.0, 0.0), "exactly 0 at every step"),
        ((3.0, 1.0, 0.0, 2.0, 0.0), "exactly 0 after t = 4"),
        ((1.0, math.nan, 2.0), "broken: NaN or infinite gradients first at t = 2"),
        ((1e-320, 1e10), "vanishes"),  # too small for a quotient, and not 0
        ((0.0, 1e-170, 1.0), "vanishes to 0 in float64 before t = 2"),
        ((0.0, 1e-320, 1e-319), "vanishes to 0 in float64 before t = 2"),
        ((0.0, 1e-170, 1e-169), "exactly 0 before t = 2"),
    ],
)
def test_a_verdict_is_true_of_every_step_it_speaks_of(sizes: tuple[float, ...], word: str) -> None:
    flow = Flow("h", tuple(range(1, len(sizes) + 1)), sizes, None, ())
    assert flow.sentence == flow.verdict == word


def test_what_is_too_small_for_its_type_is_not_exactly_0() -> None:
    """A larger loss brings back what was lost to the type, and nothing of what is 0."""
    found = {}
    for name, make in GRAPHS.items():
        tg.manual_seed(1)
        loss = make().sum()
        try:
            flows = tg.gradient_flow(loss)
        except ValueError:
            continue
        for flow, larger in zip(flows, tg.gradient_flow(loss * 2.0**80), strict=True):
            if " 0 " in flow.verdict:
                found[name] = flow.verdict
                is_lost = np.count_nonzero(larger.sizes) > np.count_nonzero(flow.sizes)
                assert flow.verdict.startswith("vanishes to 0 in float32" if is_lost else "exactly 0"), name
    assert found.keys() == {"T 200", "T 5000", "teacher forcing", "truncated"}


@pytest.mark.parametrize("reads", [False, True])
def test_what_is_carried_is_too_small_for_its_type_from_where_it_is_by_hand(reads: bool) -> None:
    w, h, total = tg.tensor(0.5, requires_grad=True), tg.tensor(1.0), tg.tensor(0.0)
    for t in range(1, 201):
        with tg.step(t):
            h = h * w
        total = total + h * 1e-9
    # 0.5^149 is the smallest number of the type.
    flow = tg.gradient_flow(total if reads else h * 1.0).main
    assert (flow.carried is not None) == reads
    assert flow.sentence == f"vanishes to 0 in float32 before t = {200 - 149}"


@pytest.mark.parametrize(
    ("total", "word"), [(0.49, "shrinks"), (0.51, "keeps its size"), (1.9, "keeps its size"), (2.1, "grows")]
)
def test_over_many_steps_the_whole_way_tells(total: float, word: str) -> None:
    sizes = tuple(total ** (1 - t / 49) for t in range(50))
    assert Flow("h", tuple(range(1, 51)), sizes, None, ()).verdict == word


def test_the_sentence() -> None:
    assert Flow("h", (1, 2, 3), (0.25, 0.5, 1.0), None, ()).sentence == "shrinks: x 0.5 a step, x 0.25 in all"
    assert Flow("h", (1, 2), (1e-15, 1.0), None, ()).sentence == "vanishes: x 1.0e-15 a step, x 1.0e-15 in all"
    # Of a state of every other step, and of one that another loop goes on with: five steps each.
    for times, sizes in (
        ((1, 3, 6), (0.5**5, 0.5**3, 1.0)),
        ((1, 2, 3, 1, 2, 3), tuple(0.5 ** (5 - n) for n in range(6))),
    ):
        assert Flow("h", times, sizes, None, ()).factor == pytest.approx(0.5)
        assert Flow("h", times[::-1], sizes, None, ()).factor == pytest.approx(0.5)
    broken = Flow("h", (1, 2, 3), (math.inf, 4.0, 1.0), None, ())
    assert broken.sentence == "broken: NaN or infinite gradients from t = 1"
    assert Flow("h", (1,), (2.0,), None, ()).sentence == "arrives at one step alone"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_infinite_gradients_are_called_broken() -> None:
    assert tg.gradient_flow(chain(1e3, f=lambda z: z, dtype=tg.float32, time=20)).verdict.startswith("broken")


def test_states_are_told_apart_where_the_first_step_does_less() -> None:
    """What zoneout keeps of a start of zeros is not recorded, and both states are made by the same operations."""
    cell, states = tg.nn.LSTMCell(2, 3), [[tg.zeros(3)], [tg.zeros(3)]]
    for x in tg.randn(4, 2):
        new = cell(x, (states[0][-1], states[1][-1]))
        for state, now, keep in zip(states, new, (tg.rand(2, 3) < 0.3).float(), strict=True):
            state.append(keep * state[-1] + (1 - keep) * now)
    found = {tuple(node.birth for node in flow.nodes) for flow in tg.gradient_flow(states[0][-1].sum())}
    h, c = ([each.birth for each in state[1:]] for state in states)
    assert found == {tuple(h), tuple(c[:-1])}


def test_saturated_units_stop_it() -> None:
    W = tg.tensor([[50.0]], requires_grad=True)
    h = tg.ones(1)
    for t in range(1, 4):
        with tg.step(t):
            h = tg.tanh(W @ h)
    flow = tg.gradient_flow(h.sum())
    assert flow.sizes == (0.0, 0.0, 1.0) and flow.verdict == "exactly 0 before t = 3"
    assert flow.sentence == "exactly 0 before t = 3"


#: What the loss is of the outputs of all steps; the way back along the states is the same for all of them.
LOSSES: dict[str, Callable[[Any], Any]] = {
    "the last step": lambda out: (out[-1] ** 2).sum(),
    "all steps": lambda out: (out**2).mean(),
    "the first and a little of the last": lambda out: (out[0] ** 2).sum() + 1e-6 * (out[-1] ** 2).sum(),
    "every other step": lambda out: (out[1::2] ** 2).sum(),
    "the last of many, the others times 0": lambda out: (out[-1] ** 2).sum() + (out * 0).sum(),
}


@pytest.mark.parametrize("cell", [tg.nn.RNN, tg.nn.LSTM, tg.nn.GRU])
def test_the_verdict_is_of_what_is_carried_wherever_the_loss_reads(cell: Any) -> None:
    tg.manual_seed(0)
    net, x = cell(3, 8), tg.randn(30, 2, 3)
    said = {name: [flow.sentence for flow in tg.gradient_flow(loss(net(x)[0]))] for name, loss in LOSSES.items()}
    assert {tuple(words) for words in said.values()} == {tuple(said["the last step"])}
    assert all(words.startswith("vanishes: x 0.") for words in said["the last step"])


def test_what_enters_and_what_is_carried_as_by_hand() -> None:
    tg.manual_seed(0)
    net, x = tg.nn.RNN(3, 4).double(), RNG.normal(size=(6, 1, 3))
    output, _ = net(tg.tensor(x))
    flow = tg.gradient_flow((output**2).sum())
    hs = np.array(output.detach())[:, 0]
    W = np.array(net.weight_hh_l0.detach())
    left = [2 * hs[-1]]
    for h in hs[:0:-1]:
        left.append((left[-1] * (1 - h**2)) @ W)
    assert flow.main.enters is not None and flow.main.carried is not None
    np.testing.assert_allclose(flow.main.enters, np.linalg.norm(2 * hs, axis=1))
    np.testing.assert_allclose(flow.main.carried, [np.linalg.norm(g) for g in left[::-1]])
    assert flow.total == pytest.approx(flow.main.carried[0] / flow.main.carried[-1])
    assert "enters" in str(flow) and "carried" in str(flow)


Look = Callable[[str, int, Any], Any]


def clockwork(look: Look) -> Any:
    """A fast state that reads a slow one, which changes in every other step; the loss reads the fast one throughout."""
    tg.manual_seed(3)
    W, V, mix = (tg.randn(2, 2, dtype=tg.float64, requires_grad=True) for _ in range(3))
    fast, slow, loss = tg.ones(2, dtype=tg.float64), tg.ones(2, dtype=tg.float64), tg.tensor(0.0, dtype=tg.float64)
    for t in range(1, 7):
        with tg.step(t):
            fast = look("fast", t, tg.tanh(W @ fast + mix @ slow))
            if t % 2:
                slow = look("slow", t, tg.tanh(V @ slow))
        loss = loss + (fast**2).sum()
    return loss


def memory(look: Look) -> Any:
    """h and c of an LSTM without inputs; the loss reads the last h alone."""
    tg.manual_seed(3)
    W = tg.randn(8, 2, dtype=tg.float64, requires_grad=True)
    h, c = tg.ones(2, dtype=tg.float64), tg.ones(2, dtype=tg.float64)
    for t in range(1, 6):
        with tg.step(t):
            i, f, g, o = tg.chunk(W @ h, 4)
            c = look("c", t, f.sigmoid() * c + i.sigmoid() * g.tanh())
            h = look("h", t, o.sigmoid() * c.tanh())
    return (h**2).sum()


def layers(look: Look) -> Any:
    """Two layers, the upper one of which reads the lower one in every step."""
    tg.manual_seed(3)
    W, V, up = (tg.randn(2, 2, dtype=tg.float64, requires_grad=True) for _ in range(3))
    low, high = tg.ones(2, dtype=tg.float64), tg.ones(2, dtype=tg.float64)
    for t in range(1, 6):
        with tg.step(t):
            low = look("low", t, tg.tanh(W @ low))
            high = look("high", t, tg.tanh(V @ high + up @ low))
    return (high**2).sum()


@pytest.mark.parametrize("run", [clockwork, memory, layers])
def test_of_coupled_states_what_comes_from_the_state_itself_is_carried(run: Callable[[Look], Any]) -> None:
    """dL/ds_T ds_T/ds_t by moving every entry of s_t, whatever the other states hand on beside it.

    What enters at s_t moves the loss though all later values of s are held.
    """

    def moved(name: str, t: int, entry: int, by: float, hold: bool = False) -> tuple[Any, Any]:
        def look(here: str, step: int, value: Any) -> Any:
            value = value + by * tg.eye(2, dtype=tg.float64)[entry] if (here, step) == (name, t) else value
            value = base[name, step] if hold and here == name and step > t else value
            last[here] = np.array(value.detach())
            return value

        last: dict[str, Any] = {}
        return run(look).item(), last[name]

    def named(name: str, t: int, value: Any) -> Any:
        value.name = name
        base[name, t] = value.detach()
        return value

    base: dict[tuple[str, int], Any] = {}
    flow = tg.gradient_flow(run(named))
    for each in flow:
        ends = {(t, n): [moved(each.name, t, n, by) for by in (1e-5, -1e-5)] for t in each.times for n in (0, 1)}
        slopes = {key: [(a - b) / 2e-5 for a, b in zip(*pair, strict=True)] for key, pair in ends.items()}
        sizes = [np.linalg.norm([slopes[t, n][0] for n in (0, 1)]) for t in each.times]
        g = np.array([slopes[each.times[-1], n][0] for n in (0, 1)])
        wanted = [np.linalg.norm([g @ slopes[t, n][1] for n in (0, 1)]) for t in each.times]
        np.testing.assert_allclose(each.sizes, sizes, rtol=1e-6)
        np.testing.assert_allclose(each.carried or each.sizes, wanted, rtol=1e-6)
        assert each.total == pytest.approx(wanted[0] / wanted[-1], rel=1e-6)
        held = [[moved(each.name, t, n, by, True)[0] for n in (0, 1) for by in (1e-5, -1e-5)] for t in each.times]
        enters = [np.hypot(a - b, c - d) / 2e-5 for a, b, c, d in held]
        np.testing.assert_allclose(each.enters or [0.0] * (len(sizes) - 1) + sizes[-1:], enters, rtol=1e-5, atol=1e-9)
    assert {each.name for each in flow if each.carried is None} <= {"h", "high"}


def test_hooks_of_states_are_left_as_they_were() -> None:
    W = tg.tensor([[0.5]], requires_grad=True)
    seen, hs, h = [], [], tg.ones(1)
    for t in range(1, 4):
        with tg.step(t):
            h = W @ h
            h.register_hook(lambda g: seen.append(g.item()))
            hs.append(h)
    loss = tg.stack(hs).sum()
    tg.gradient_flow(loss)
    seen.clear()
    loss.backward()
    assert seen == [1.0, 1.5, 1.75]


def test_looking_changes_nothing_on_the_way() -> None:
    """A hook that is called while the flow is computed finds the states as they were left: others may use the graph."""
    W = tg.tensor(orthogonal(3), requires_grad=True)
    h, states, seen = tg.ones(3, dtype=tg.float64), list[tg.Tensor](), list[Any]()
    for t in range(1, 5):
        with tg.step(t):
            h = tg.tanh(W @ h)
        states.append(h)
    loss = tg.stack(states).sum()
    expected = tg.autograd.grad(loss, W, retain_graph=True)[0].tolist()

    def look(gradient: tg.Tensor) -> None:
        if inside:
            return
        inside.append(True)
        seen.append(tg.autograd.grad(loss, W, retain_graph=True)[0].tolist())
        inside.clear()

    inside: list[bool] = []
    states[-1].register_hook(look)
    for read in (tg.gradient_flow, tg.draw):
        read(loss)
    assert len(seen) > 2 and all(each == expected for each in seen)


def test_a_cut_history_is_exactly_0_before_the_cut() -> None:
    W = tg.tensor([[0.5]], requires_grad=True)
    total, h = tg.tensor(0.0), tg.ones(1)
    for t in range(1, 7):
        with tg.step(t):
            h = W @ (h.detach() if t == 4 else h)
        total = total + h.sum()
    flow = tg.gradient_flow(total)
    assert flow.verdict == "exactly 0 before t = 4" and all(flow.sizes)


@pytest.mark.parametrize("norm", ["spectral", "frobenius"])
def test_jacobians_as_products(norm: Any) -> None:
    """dh_T/dh_t is the product of diag(1 - h^2) W over the later steps."""
    hidden, time = 4, 6
    W = 1.3 * orthogonal(hidden)
    weight = tg.tensor(W, requires_grad=True)
    h = tg.tensor(RNG.normal(size=hidden))
    values = []
    for t in range(1, time + 1):
        with tg.step(t):
            h = tg.tanh(weight @ h)
        values.append(np.array(h.array))
    flow = tg.gradient_flow((h * h).sum(), jacobian=norm)
    product, wanted = np.eye(hidden), []
    for value in reversed(values):
        wanted.append(np.linalg.norm(product, 2 if norm == "spectral" else "fro"))
        product = product @ (np.diag(1 - value**2) @ W)
    assert flow.jacobians is not None
    np.testing.assert_allclose(flow.jacobians, wanted[::-1], rtol=1e-10)
    assert tg.gradient_flow((h * h).sum()).jacobians is None


def test_the_jacobian_of_a_batch() -> None:
    tg.manual_seed(0)
    net = tg.nn.GRU(2, 3).double()
    output, _ = net(tg.tensor(RNG.normal(size=(4, 2, 2))))
    flow = tg.gradient_flow(output[-1].sum(), jacobian=True)
    assert flow.jacobians is not None and flow.jacobians[-1] == pytest.approx(1)


def names(loss: tg.Tensor) -> list[str]:
    return sorted(flow.name for flow in tg.gradient_flow(loss))


def test_the_states_of_every_network() -> None:
    x = tg.randn(5, 2, 3)
    cases: list[tuple[Any, dict[str, Any], list[str]]] = [
        (tg.nn.RNN, {}, ["h"]),
        (tg.nn.GRU, {}, ["h"]),
        (tg.nn.LSTM, {}, ["c", "h"]),
        (tg.nn.RNN, {"num_layers": 2}, ["l0/h", "l1/h"]),
        (tg.nn.GRU, {"bidirectional": True}, ["l0/h", "l0_reverse/h"]),
        (tg.nn.LSTM, {"num_layers": 2}, ["l0/c", "l0/h", "l1/c", "l1/h"]),
    ]
    for kind, options, expected in cases:
        loss = (kind(3, 4, **options)(x)[0] ** 2).sum()
        assert names(loss) == expected
        assert all(len(flow.times) == 5 for flow in tg.gradient_flow(loss))
    backwards = tg.gradient_flow((tg.nn.RNN(3, 4, bidirectional=True)(x)[0] ** 2).sum())
    assert backwards["l0_reverse/h"].times == (5, 4, 3, 2, 1)


def test_steps_after_the_loss_are_not_counted() -> None:
    output, _ = tg.nn.RNN(3, 4)(tg.randn(6, 1, 3))
    assert tg.gradient_flow(output[2].sum()).times == (1, 2, 3)


def test_loops_by_hand() -> None:
    w = tg.tensor(0.9, requires_grad=True)

    def loop(h: tg.Tensor, *, name: str | None = None, steps: int = 4) -> tg.Tensor:
        for t in range(1, steps + 1):
            with tg.step(t):
                h = tg.tanh(h * w)
                h.name = name
        return h

    assert names(loop(tg.tensor(0.5))) == ["h"]
    assert names(loop(tg.tensor(0.5), name="memory")) == ["memory"]
    twice = tg.gradient_flow(loop(loop(tg.tensor(0.5))))  # a decoder after an encoder, both with steps 1, 2, ..
    assert [flow.name for flow in twice] == ["h (pass 1)", "h' (pass 2)"]
    assert [flow.times for flow in twice] == [(1, 2, 3, 4)] * 2


def test_two_states() -> None:
    w = tg.tensor(0.9, requires_grad=True)
    a = b = tg.tensor(0.5)
    for t in range(1, 4):
        with tg.step(t):
            a, b = tg.tanh(a * w), tg.tanh(a + b * w)
    assert names(a + b) == ["a", "b"]


def test_varying_lengths() -> None:
    tg.manual_seed(0)
    cell = tg.nn.RNNCell(2, 3)
    xs = tg.randn(5, 3, 2)
    _, state = tg.nn.unroll(cell, xs, lengths=[5, 3, 1])
    flow = tg.gradient_flow((state**2).sum())
    assert flow[0].name == "h" and flow.times == (1, 2, 3, 4, 5)


def test_it_prints() -> None:
    flow = tg.gradient_flow(chain(0.5, time=3, f=lambda z: z), jacobian=True)
    lines = str(flow).splitlines()
    assert lines[0] == "h shrinks: x 0.5 a step, x 0.25 in all"
    assert lines[1].split() == ["t", "|dL/dh_t|", "of", "the", "last", "|dh_T/dh_t|"]
    assert [line.split()[0] for line in lines[3:]] == ["3", "2", "1"]  # backwards, as the gradient goes
    assert [line.split()[2] for line in lines[3:]] == ["1", "0.5", "0.25"]
    assert [line.split()[3] for line in lines[3:]] == ["1", "0.5", "0.25"]
    assert "<table>" in flow._repr_html_() and flow["h"] is flow[0]


def test_what_is_refused() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError, match=r"found no states.*put the body of your own loop inside `with step\(t\):`"):
        tg.gradient_flow((x * x).sum())
    with pytest.raises(RuntimeError, match="starts from a single number"):
        tg.gradient_flow(x * x)
    with pytest.raises(ValueError, match="jacobian is 'spectral', 'frobenius' or False"):
        tg.gradient_flow((x * x).sum(), jacobian="nuclear")  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="there is no state 'c'; there are h"):
        tg.gradient_flow(chain(1.0, time=3))["c"]


def test_a_running_total_is_no_state() -> None:
    h, total = tg.zeros(2), tg.zeros(())
    W = tg.tensor([[0.5, 0.1], [0.0, 0.4]], requires_grad=True)
    for t in (1, 2, 3):
        with tg.step(t):
            h = tg.tanh(W @ h + 0.1)
            h.name = "h"
            total = total + (h * h).sum()
            total.name = "total"
    assert "total" not in str(tg.gradient_flow(total)) and "h " in str(tg.gradient_flow(total))


def test_a_state_of_every_other_step_is_told_by_steps() -> None:
    w, fast, slow = tg.tensor(1.0, requires_grad=True), tg.tensor(1.0), tg.tensor(1.0)
    for t in range(1, 6):
        with tg.step(t):
            fast = w * fast + 0 * slow
            if t % 2:
                slow = 0.25 * w * slow
            fast.name, slow.name = "fast", "slow"
    flow = tg.gradient_flow(slow + fast)["slow"]
    assert flow.times == (1, 3, 5) and flow.total == 0.25**2 and flow.factor == 0.25 ** (2 / 4)
