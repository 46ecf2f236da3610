"""The anomaly mode names the first bad operation: what, where, when, and the line of the user's code."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import here
from tinygrad_rnn.autograd import AnomalyError, detect_anomaly, set_detect_anomaly

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def caught(program: Callable[[], Any]) -> AnomalyError:
    with pytest.raises(AnomalyError) as found, detect_anomaly():
        program()
    return found.value


def line_of(words: str) -> str:
    """``test_anomaly.py:123: the line`` for the only line that ends in these words."""
    lines = Path(__file__).read_text().splitlines()
    (number,) = [n for n, line in enumerate(lines, start=1) if line.endswith(words)]
    return f"test_anomaly.py:{number}: {lines[number - 1].strip()}"


def test_the_first_bad_operation_of_a_network_forward() -> None:
    """A ReLU network with W_hh = 1e10 I: infinite in step 4."""
    W = tg.tensor(np.eye(2) * 1e10, dtype=tg.float32, requires_grad=True)
    W.name = "W_hh"

    def run() -> None:
        h = tg.ones(2)
        for t in range(1, 9):
            with tg.scope("rnn"), tg.step(t):
                h = tg.relu(tg.nn.functional.linear(h, W))  # here it grows
                h.name = "h"
        h.sum().backward()

    error = caught(run)
    message = str(error)
    assert message.splitlines()[0] == "inf in the forward pass: W_hh @ h3, in rnn/t=4"
    assert line_of("# here it grows") in message
    assert "result: float32[2], 2 inf of 2" in message
    assert "W_hh: float32[2,2], from 0 to 1.0e10" in message and "h3: float32[2], 1.0e30" in message
    assert error.time == 4 and not error.backward and error.node.primitive is not None
    assert error.line is not None and error.line.text.endswith("# here it grows")
    assert error.line.number == int(line_of("# here it grows").split(":")[1])


def test_the_user_s_line_around_a_module() -> None:
    tg.manual_seed(0)
    net: Any = tg.nn.RNN(2, 2, nonlinearity="relu")
    with tg.no_grad():
        net.weight_hh_l0.fill_(1e30)

    def run() -> None:
        net(tg.ones(5, 1, 2))  # the whole network is one line of mine

    message = str(caught(run))
    assert "in the forward pass: h2 @ W_hh.mT" in message and "in RNN/t=" in message
    assert line_of("# the whole network is one line of mine") in message


def test_the_first_bad_rule_backward() -> None:
    x = tg.tensor([4.0, 0.0], requires_grad=True)
    x.name = "x"

    def run() -> None:
        with tg.step(3):
            y = tg.sqrt(x)  # finite, with an infinite slope
        y.sum().backward()

    error = caught(run)
    message = str(error)
    assert message.splitlines()[0] == "inf in the backward pass: dL/dx of y = sqrt(x), in t=3"
    assert line_of("# finite, with an infinite slope") in message
    assert "rule: dL/dx = dL/dy / (2 * y) = float32[2], 1 inf of 2, the others 0.25" in message
    assert "dL/dy: float32[2], 1" in message and "x: float32[2], from 0 to 4" in message
    assert error.time == 3 and error.backward


def test_a_dead_branch_forward() -> None:
    x = tg.tensor([0.0, 1.0], requires_grad=True)

    def run() -> None:
        tg.where(x > 0, tg.log(x), 0.0)

    message = str(caught(run))
    assert message.startswith("-inf in the forward pass: log(x)")
    assert "the branch of where() taken where x > 0 holds: tg.log(x)." in message
    assert (
        "Keep the bad numbers out of the operation: safe = where(x > 0, x, 1.0), then log(safe) in the branch"
        in message
    )


def test_the_other_branch_forward() -> None:
    x = tg.tensor([0.0, 1.0], requires_grad=True)
    message = str(caught(lambda: tg.where(x == 0, 0.0, 1 / x)))
    assert "the branch of where() taken where ~(x == 0) holds: 1 / x." in message
    assert "safe = where(~(x == 0), x, 1.0), then 1 / safe in the branch" in message


def test_a_dead_branch_backward() -> None:
    x = tg.tensor([0.0, 4.0], requires_grad=True)
    x.name = "x"

    def run() -> None:
        root = tg.sqrt(x) * 2
        tg.where(x > 0, root, 0.0).sum().backward()  # the dead branch is chosen here

    message = str(caught(run))
    assert message.startswith("NaN in the backward pass: dL/dx of y = sqrt(x)")
    assert "No gradient arrives there: where(), " in message
    assert line_of("# the dead branch is chosen here") in message
    assert "x stands in the branch taken where the condition holds" in message
    assert "safe = where(condition, x, 1.0), then sqrt(safe) in the branch" in message


def test_the_remedy_works() -> None:
    x = tg.tensor([0.0, 4.0], requires_grad=True)
    with detect_anomaly():
        safe = tg.where(x > 0, x, 1.0)
        tg.where(x > 0, tg.log(safe) + tg.sqrt(safe), 0.0).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [0.0, 0.5]


@pytest.mark.parametrize(
    "program",
    [
        lambda x: tg.softmax(x.masked_fill(tg.tensor([True, False, False]), -np.inf), 0).sum(),
        lambda x: tg.where(tg.tensor([True, False, False]), -np.inf, x).exp().sum(),
        lambda x: tg.maximum(x, tg.tensor(-np.inf)).sum(),
        lambda x: (x + tg.tensor([-np.inf, 0.0, 0.0])).softmax(0)[1],
    ],
)
def test_infinities_that_were_put_in_are_meant(program: Callable[[tg.Tensor], tg.Tensor]) -> None:
    x = tg.tensor([1.0, 2.0, 3.0], requires_grad=True)
    with detect_anomaly():
        program(x).backward()
    assert x.grad is not None and np.isfinite(x.grad.array).all()


def test_a_nan_from_outside_is_said_to_be_from_outside() -> None:
    w = tg.tensor([1.0, np.nan], requires_grad=True)
    w.name = "w"
    message = str(caught(lambda: w * 2))
    assert "w held NaN already: a value from outside what is recorded, data or a parameter" in message


def test_a_sum_that_overflows() -> None:
    x = tg.tensor([1e-30], dtype=tg.float32, requires_grad=True)
    x.name = "x"

    def run() -> None:
        ((x * 3e38).sum() + (x * 2e38).sum()).backward()

    message = str(caught(run))
    assert message.startswith("inf in the backward pass: dL/dx of x")
    assert "too large for float32" in message


def test_the_backward_pass_alone_can_be_watched() -> None:
    x = tg.tensor([0.0], requires_grad=True)
    y = tg.sqrt(x).sum()
    with (
        pytest.raises(AnomalyError, match="line: unknown; run the forward pass inside detect_anomaly"),
        detect_anomaly(),
    ):
        y.backward()
    assert x.grad is None
    y.backward()  # nothing was marked


def test_second_derivatives_are_watched() -> None:
    x = tg.tensor([0.0, 1.0], requires_grad=True)

    def run() -> None:
        (g,) = tg.autograd.grad((x**1.5).sum(), x, create_graph=True)
        g.sum().backward()

    error = caught(run)
    assert error.backward and "in the backward pass" in str(error)


def test_networks_pass_and_their_gradients_are_the_same() -> None:
    tg.manual_seed(0)
    net, x = tg.nn.LSTM(3, 4, num_layers=2), tg.randn(5, 2, 3)
    net(x)[0].sum().backward()
    plain = [p.grad for p in net.parameters()]
    net.zero_grad()
    with detect_anomaly():
        net(x)[0].sum().backward()
    for parameter, before in zip(net.parameters(), plain, strict=True):
        assert before is not None and parameter.grad is not None
        np.testing.assert_allclose(parameter.grad.array, before.array, rtol=1e-5, atol=1e-7)


def test_in_place_changes_keep_their_line() -> None:
    def run() -> None:
        y = tg.tensor([0.0, 1.0], requires_grad=True) * 1
        y.sqrt_() if hasattr(y, "sqrt_") else y.pow_(0.5)  # changed in place
        y.sum().backward()

    assert line_of("# changed in place") in str(caught(run))


def test_lines_only() -> None:
    x = tg.tensor([0.0], requires_grad=True)
    with detect_anomaly(check_nan=False):
        y = tg.log(x)  # remembered
    assert isinstance(y.line, tuple) and line_of("# remembered") in str(y.line)
    with pytest.raises(AnomalyError, match="# remembered"), detect_anomaly():
        y.sum().backward()


def test_on_and_off() -> None:
    x = tg.tensor([0.0], requires_grad=True)
    assert not tg.autograd.is_anomaly_enabled()
    set_detect_anomaly(True)
    assert tg.autograd.is_anomaly_enabled()
    with pytest.raises(AnomalyError):
        tg.log(x)
    with set_detect_anomaly(False):
        tg.log(x)
    with pytest.raises(AnomalyError):
        tg.log(x)
    with detect_anomaly(), detect_anomaly():
        pass
    assert tg.autograd.is_anomaly_enabled()
    set_detect_anomaly(False)
    assert not tg.autograd.is_anomaly_enabled() and here.recording is True
    assert tg.log(x).line is None


def test_recording_switches_inside() -> None:
    x = tg.tensor([0.0], requires_grad=True)
    with detect_anomaly():
        with tg.no_grad():
            tg.log(x)
            with tg.enable_grad(), pytest.raises(AnomalyError):
                tg.log(x)
            assert not tg.is_grad_enabled()
        assert tg.is_grad_enabled()
        with pytest.raises(AnomalyError):
            tg.log(x)
    with tg.no_grad():
        with detect_anomaly():
            assert not tg.is_grad_enabled()
        assert not tg.is_grad_enabled()
    assert here.recording is True


def test_it_is_the_thread_s_own() -> None:
    found = []
    with detect_anomaly():
        other = threading.Thread(target=lambda: found.append(tg.autograd.is_anomaly_enabled()))
        other.start()
        other.join()
    assert found == [False]


def test_off_it_leaves_no_trace() -> None:
    x = tg.tensor([1.0], requires_grad=True)
    assert (x * 2).line is None and here.recording is True and here.watch is None


def test_source_that_is_not_to_be_had() -> None:
    namespace: dict[str, Any] = {"tg": tg, "x": tg.tensor([0.0], requires_grad=True)}
    message = str(caught(lambda: exec("tg.where(x > 0, tg.log(x), 0.0)", namespace)))
    assert "line: <string>:1\n" in message and "If a where() further on" in message


def test_a_cell_of_a_notebook_is_not_named_by_its_temporary_file() -> None:
    code = compile("tg.log(x)", os.path.join("tmp", "ipykernel_29178", "1912208991.py"), "exec")
    message = str(caught(lambda: exec(code, {"tg": tg, "x": tg.tensor([0.0], requires_grad=True)})))
    assert "line: cell:1\n" in message
