"""Recurrent cells and networks: what is recorded, what unroll drives, what is refused and in which words."""

from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn


def ones(*shape: int) -> tg.Tensor:
    return tg.ones(*shape)


def operations(loss: tg.Tensor) -> list[tg.Tensor]:
    return [t for t in tg.history(loss) if isinstance(t, tg.Tensor) and t.primitive is not None]


# The recorded graph is the textbook's


def test_a_step_of_the_rnn_is_five_operations_with_the_letters_of_the_textbook() -> None:
    rnn = nn.RNN(2, 3)
    output, _ = rnn(ones(4, 1, 2))
    in_step = [t for t in operations(output) if t.place.time == 3]
    assert [(t.primitive.name, t.name) for t in in_step if t.primitive] == [
        ("linear", "a"),
        ("linear", "r"),
        ("add", "s"),
        ("add", "z"),
        ("tanh", "h"),
    ]
    assert {t.place.path for t in in_step} == {("RNN", "t=3")}
    biases = [t for t in operations(output) if t.name == "b_h"]
    assert len(biases) == 1 and biases[0].place.path == ("RNN",)  # the sum of the two biases is made once
    assert [p.name for p in rnn.parameters()] == ["W_xh", "W_hh", "b_xh", "b_hh"]


@pytest.mark.parametrize(
    ("kind", "letters", "count"),
    [("LSTM", ["i", "f", "g", "c", "o", "h"], 17), ("GRU", ["r", "z", "n", "h"], 21)],
)
def test_gates_carry_their_letters(kind: str, letters: list[str], count: int) -> None:
    output, _ = getattr(nn, kind)(2, 3)(ones(4, 1, 2))
    in_step = [t for t in operations(output) if t.place.time == 3]
    assert [t.name for t in in_step if t.name] == letters
    assert len(in_step) == count
    assert sum(t.primitive.name == "linear" for t in in_step if t.primitive) == 2


def test_layers_and_directions_have_scopes_and_symbols_of_their_own() -> None:
    rnn = nn.RNN(2, 3, num_layers=2, bidirectional=True)
    output, _ = rnn(ones(4, 1, 2))
    paths = {t.place.path for t in operations(output)}
    assert ("RNN", "l0", "t=1") in paths and ("RNN", "l1_reverse", "t=4") in paths and ("RNN", "t=2") in paths
    assert [p.name for p in rnn.parameters()][:5] == ["W_xh_l0", "W_hh_l0", "b_xh_l0", "b_hh_l0", "W_xh_l0_reverse"]


def test_inputs_are_read_inside_their_step() -> None:
    output, _ = nn.RNN(2, 3)(tg.ones(4, 1, 2, requires_grad=True))
    reads = [t for t in operations(output) if t.primitive and t.primitive.name == "getitem" and t.name == "x"]
    assert [t.place.time for t in reads] == [1, 2, 3, 4]


def test_the_start_states_are_named() -> None:
    cell = nn.LSTMCell(2, 3)
    h, c = cell.initial_state(ones(5, 2))
    assert (h.name, c.name, tuple(h.shape), tuple(c.shape)) == ("h0", "c0", (5, 3), (5, 3))
    for state in (None, tg.zeros(1, 1, 3)):
        output, _ = nn.RNN(2, 3)(ones(4, 1, 2), state)
        assert next(t for t in operations(output) if t.name == "r").args[0].name == "h0"


# A cell by itself, in a loop, unrolled, and the network of the same weights agree


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_cell_loop_unroll_and_network_agree(kind: str) -> None:
    tg.manual_seed(1)
    network, cell = getattr(nn, kind)(2, 3).double(), getattr(nn, kind + "Cell")(2, 3).double()
    network.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    xs = tg.randn(6, 4, 2, dtype=tg.float64)
    output, last = network(xs)
    state, by_hand = None, []
    for t, x in enumerate(xs):
        with tg.step(t + 1):
            state = cell(x, state)
        by_hand.append(state[0] if kind == "LSTM" else state)
    unrolled, end = nn.unroll(cell, xs)
    for a, b, c in zip(output, by_hand, unrolled, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-14)
        np.testing.assert_allclose(a.detach().numpy(), c.detach().numpy(), rtol=1e-14)
    final, end = (last[0], end[0]) if kind == "LSTM" else (last, end)
    np.testing.assert_allclose(final[0].detach().numpy(), end.detach().numpy(), rtol=1e-14)


def test_unroll_drives_any_function() -> None:
    total = lambda x, s: s + x  # noqa: E731
    outputs, state = nn.unroll(total, [tg.tensor(float(t)) for t in range(5)], tg.tensor(0.0))
    assert [o.item() for o in outputs] == [0, 1, 3, 6, 10] and state.item() == 10
    outputs, state = nn.unroll(lambda x, s: (s * 2, s + x), tg.arange(4.0), tg.tensor(0.0))
    assert [o.item() for o in outputs] == [0, 0, 2, 6] and state.item() == 6
    outputs, state = nn.unroll(lambda x, s: (x, (s[0] + x, s[1])), tg.arange(4.0), (tg.tensor(0.0), tg.tensor(1.0)))
    assert [o.item() for o in outputs] == [0, 1, 2, 3] and [s.item() for s in state] == [6, 1]
    outputs, state = nn.unroll(total, tg.arange(4.0), tg.tensor(0.0), reverse=True)
    assert [o.item() for o in outputs] == [6, 6, 5, 3] and state.item() == 6
    outputs, state = nn.unroll(lambda x, s: (x, (x, x)), tg.arange(2.0))
    assert [o.item() for o in outputs] == [0, 1] and state[0].item() == 1


class LayerNormCell(nn.Module):
    """A cell of the user's: returns (output, state) and makes its own first state."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.GRUCell(2, 3)
        self.norm = nn.LayerNorm(3)

    def initial_state(self, x: tg.Tensor) -> Any:
        return tg.zeros(x.shape[0], 3)

    def forward(self, x: tg.Tensor, h: tg.Tensor) -> Any:
        h = self.inner(x, h)
        return self.norm(h), h


def test_unroll_drives_a_module_and_asks_it_for_its_first_state() -> None:
    outputs, state = nn.unroll(LayerNormCell(), tg.randn(5, 2, 2))
    assert len(outputs) == 5 and tuple(state.shape) == (2, 3)
    assert abs(outputs[4].detach().numpy().mean(1)).max() < 1e-6
    assert outputs[2].place.path == ("t=3", "LayerNormCell", "norm")


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
@pytest.mark.parametrize("reverse", [False, True])
def test_padding_changes_nothing(kind: str, reverse: bool) -> None:
    tg.manual_seed(2)
    cell, lengths = getattr(nn, kind)(2, 3).double(), [2, 5, 1, 4]
    xs = tg.randn(5, 4, 2, dtype=tg.float64)
    outputs, state = nn.unroll(cell, xs, lengths=lengths, reverse=reverse)
    padded = tg.stack(outputs).detach().numpy()
    for row, length in enumerate(lengths):
        alone, end = nn.unroll(cell, xs[:length, row], reverse=reverse)
        np.testing.assert_allclose(padded[:length, row], tg.stack(alone).detach().numpy(), rtol=1e-14)
        assert not padded[length:, row].any()
        for mine, other in zip(state if kind == "LSTMCell" else [state], end if kind == "LSTMCell" else [end]):  # noqa: B905
            np.testing.assert_allclose(mine[row].detach().numpy(), other.detach().numpy(), rtol=1e-14)


def test_padding_receives_no_gradient() -> None:
    xs = tg.randn(5, 2, 2).requires_grad_()
    outputs, _ = nn.unroll(nn.GRUCell(2, 3), xs, lengths=tg.tensor([5, 2]))
    tg.stack(outputs).sum().backward()
    assert xs.grad is not None
    assert xs.grad[:2, 1].numpy().all() and not xs.grad[2:, 1].numpy().any()


# Packed sequences


def test_packing_and_unpacking() -> None:
    rnn = nn.utils.rnn
    sequences = [tg.tensor([1, 2]), tg.tensor([3, 4, 5]), tg.tensor([6])]
    padded = rnn.pad_sequence(sequences, batch_first=True)
    assert padded.tolist() == [[1, 2, 0], [3, 4, 5], [6, 0, 0]]
    assert rnn.pad_sequence(sequences, padding_value=9).tolist() == [[1, 3, 6], [2, 4, 9], [9, 5, 9]]
    for first in (True, False):
        back = rnn.unpad_sequence(rnn.pad_sequence(sequences, first), tg.tensor([2, 3, 1]), first)
        assert [each.tolist() for each in back] == [each.tolist() for each in sequences]
    left = rnn.pad_sequence(sequences, batch_first=True, padding_side="left")
    assert left.tolist() == [[0, 1, 2], [3, 4, 5], [0, 0, 6]]
    packed = rnn.pack_sequence(sequences, enforce_sorted=False)
    assert packed.data.tolist() == [3, 1, 6, 4, 2, 5]
    assert packed.batch_sizes.tolist() == [3, 2, 1] and packed.lengths() == [3, 2, 1]
    assert packed.sorted_indices is not None and packed.sorted_indices.tolist() == [1, 0, 2]
    again, lengths = rnn.pad_packed_sequence(packed, batch_first=True, padding_value=-1, total_length=4)
    assert again.tolist() == [[1, 2, -1, -1], [3, 4, 5, -1], [6, -1, -1, -1]] and lengths.tolist() == [2, 3, 1]
    assert [s.tolist() for s in rnn.unpack_sequence(packed)] == [[1, 2], [3, 4, 5], [6]]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda r: r.pack_padded_sequence(ones(3, 2, 1), [2, 3]),
            RuntimeError,
            "lengths must be longest first, and [2, 3] are not: pass enforce_sorted=False to have them sorted.",
        ),
        (
            lambda r: r.pack_padded_sequence(ones(3, 2, 1), [3, 4], enforce_sorted=False),
            ValueError,
            "lengths are from 1 to the number of time steps, 3; [3, 4] was given.",
        ),
        (
            lambda r: r.pack_padded_sequence(ones(3, 2, 1), [3]),
            ValueError,
            "lengths holds one whole number per sequence of the batch of 2; [3] was given.",
        ),
        (lambda r: r.pad_sequence([]), ValueError, "pad_sequence was given no sequences."),
        (
            lambda r: r.pad_sequence([ones(1)], padding_side="top"),
            ValueError,
            "padding_side is 'left' or 'right'; 'top' was given.",
        ),
        (
            lambda r: r.pad_packed_sequence(r.pack_sequence([ones(3)]), total_length=2),
            ValueError,
            "total_length=2 is less than the longest sequence, 3.",
        ),
    ],
)
def test_what_packing_refuses(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call(nn.utils.rnn)
    assert str(error.value) == message


# Options


def test_dropout_stands_between_layers_and_only_in_training() -> None:
    tg.manual_seed(3)
    rnn = nn.RNN(2, 3, num_layers=2, dropout=0.5)
    x = tg.randn(4, 2, 2)
    assert (rnn(x)[0].detach().numpy() != rnn(x)[0].detach().numpy()).any()
    masked = [t for t in operations(rnn(x)[0]) if t.primitive and t.primitive.name == "mul"]
    assert len(masked) == 4 and {t.place.time for t in masked} == {1, 2, 3, 4}
    rnn.eval()
    np.testing.assert_array_equal(rnn(x)[0].detach().numpy(), rnn(x)[0].detach().numpy())


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_dropout_between_the_layers_of_one_warns_and_does_nothing(kind: str) -> None:
    with pytest.warns(UserWarning, match=r"dropout=0\.5 does nothing with num_layers=1") as caught:
        one = getattr(nn, kind)(2, 3, dropout=0.5)
    assert [each.filename for each in caught] == [__file__]
    x = tg.randn(4, 2, 2)
    np.testing.assert_array_equal(one(x)[0].detach().numpy(), one(x)[0].detach().numpy())
    torch = pytest.importorskip("torch")
    with pytest.warns(UserWarning, match="dropout=0.5 and num_layers=1"):
        getattr(torch.nn, kind)(2, 3, dropout=0.5)


def test_forget_bias_opens_the_forget_gates() -> None:
    for module, names in [
        (nn.LSTM(2, 3, num_layers=2, bidirectional=True, forget_bias=10.0), ["l0", "l0_reverse", "l1", "l1_reverse"]),
        (nn.LSTMCell(2, 3, forget_bias=10.0), [""]),
    ]:
        state = module.state_dict()
        for name in names:
            bias = state["bias_ih" + (f"_{name}" if name else "")].numpy()
            assert (bias[3:6] > 9).all() and (abs(bias[:3]) < 1).all() and (abs(bias[6:]) < 1).all()


def test_initial_values_are_uniform_within_one_over_root_hidden() -> None:
    tg.manual_seed(4)
    for module in (nn.RNN(50, 100), nn.LSTMCell(50, 100), nn.GRU(50, 100)):
        values = np.concatenate([p.detach().numpy().ravel() for p in module.parameters()])
        assert 0.0999 < abs(values).max() <= 0.1
        assert abs(values.mean()) < 1e-3 and abs(values.std() - 0.1 / np.sqrt(3)) < 1e-3


def test_half_of_the_work_is_not_thrown_away() -> None:
    """A long sequence costs as many operations per step as a short one, forwards and backwards."""
    embedding, rnn = nn.Embedding(5, 2), nn.RNN(2, 3)

    def visits(time: int, most: float) -> int:
        rnn.longest_with_own_products = most
        output, _ = rnn(embedding(tg.zeros(time, 1, dtype=tg.int64)))
        return len(operations(output[-1].sum()))

    # Read x, multiply it and h, add, add b, tanh; with one product before the loop: read it, multiply h and add, tanh.
    for most, each in ((np.inf, 6), (8, 3)):
        assert visits(40, most) - visits(20, most) == visits(60, most) - visits(40, most) == 20 * each


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_every_step_has_its_own_product_up_to_a_length(kind: str) -> None:
    tg.manual_seed(5)
    network, x = getattr(nn, kind)(2, 3).double(), tg.randn(9, 1, 2, dtype=tg.float64)

    def products(x: tg.Tensor) -> list[int | None]:
        made = [t for t in operations(network(x)[0]) if t.primitive.name == "linear"]
        return [t.place.time for t in made if t.args[1] is network.weight_ih_l0]

    assert products(x[:8]) == [1, 2, 3, 4, 5, 6, 7, 8] and products(x) == [None]
    at_once = network(x)[0].sum()
    network.longest_with_own_products = np.inf
    assert products(x) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    by_step = network(x)[0].sum()
    np.testing.assert_allclose(at_once.item(), by_step.item(), rtol=1e-12)
    for first, second in zip(*(tg.contributions(y, network.weight_ih_l0) for y in (at_once, by_step)), strict=True):
        assert first.time == second.time
        np.testing.assert_allclose(first.gradient, second.gradient, rtol=1e-9, atol=1e-12)


# What is refused

SHAPE = "expects an input of shape"
REFUSED: list[tuple[Any, type[Exception], str]] = [
    (
        lambda: nn.RNN(2, 3)(ones(5, 4, 7)),
        ValueError,
        "RNN expects an input of shape (time, batch, input) = (any, any, 2), or (time, input) = (any, 2) unbatched; "
        "(5, 4, 7) was given: its last axis is 7, not input_size=2.",
    ),
    (
        lambda: nn.GRU(2, 3, batch_first=True)(ones(2)),
        ValueError,
        "GRU expects an input of shape (batch, time, input) = (any, any, 2), or (time, input) = (any, 2) unbatched; "
        "(2,) was given: it has 1 axes.",
    ),
    (
        lambda: nn.LSTM(2, 3, batch_first=True)(ones(4, 0, 2)),
        ValueError,
        "LSTM expects an input of shape (batch, time, input) = (any, any, 2), or (time, input) = (any, 2) unbatched; "
        "(4, 0, 2) was given: it has no time steps.",
    ),
    (
        lambda: nn.RNN(2, 3, num_layers=2)(ones(5, 4, 2), ones(1, 4, 3)),
        ValueError,
        "RNN expects the state h_0 of shape (layers x directions, batch, hidden) = (2, 4, 3) to go with this input "
        "(batch 4); (1, 4, 3) was given.",
    ),
    (
        lambda: nn.RNN(2, 3)(ones(5, 2), ones(1, 1, 3)),
        ValueError,
        "RNN expects the state h_0 of shape (layers x directions, hidden) = (1, 3) to go with this input (unbatched); "
        "(1, 1, 3) was given.",
    ),
    (
        lambda: nn.LSTM(2, 3)(ones(5, 4, 2), (ones(1, 4, 3), ones(1, 5, 3))),
        ValueError,
        "LSTM expects the state c_0 of shape (layers x directions, batch, hidden) = (1, 4, 3) to go with this input "
        "(batch 4); (1, 5, 3) was given.",
    ),
    (
        lambda: nn.LSTM(2, 3)(ones(5, 4, 2), ones(1, 4, 3)),  # type: ignore[call-overload]
        TypeError,
        "the state of LSTM is a pair (h, c) of tensors; Tensor was given.",
    ),
    (
        lambda: nn.RNN(2, 3)(ones(5, 4, 2), (ones(1, 4, 3), ones(1, 4, 3))),  # type: ignore[call-overload]
        ValueError,
        "RNN expects the state h_0 of shape (layers x directions, batch, hidden) = (1, 4, 3) to go with this input "
        "(batch 4); tuple was given.",
    ),
    (
        lambda: nn.RNNCell(2, 3)(ones(5, 4, 2)),
        ValueError,
        "RNNCell expects one time step of shape (batch, input) = (any, 2), or (input,) = (2,) unbatched; (5, 4, 2) was "
        "given. For a whole sequence use nn.RNN, or unroll().",
    ),
    (
        lambda: nn.GRUCell(2, 3)(ones(4, 3)),
        ValueError,
        "GRUCell expects one time step of shape (batch, input) = (any, 2), or (input,) = (2,) unbatched; (4, "
        "3) was given.",
    ),
    (
        lambda: nn.LSTMCell(2, 3)(ones(4, 2), (ones(4, 3), ones(3))),
        ValueError,
        "LSTMCell expects the state c of shape (batch, hidden) = (4, 3) to go with an input of shape (4, 2); (3,) was "
        "given.",
    ),
    (
        lambda: nn.RNNCell(2, 3)(ones(2), ones(1, 3)),
        ValueError,
        "RNNCell expects the state h of shape (hidden,) = (3,) to go with an input of shape (2,); (1, 3) was given.",
    ),
    (
        lambda: nn.GRU(2, 3)(ones(4, 1, 2).double()),
        RuntimeError,
        "GRU has parameters of float32 and was given an input of float64: convert the input with x.to(float32), or the "
        "model with model.to(float64).",
    ),
    (
        lambda: nn.RNNCell(2, 3)(tg.tensor([1, 2])),
        RuntimeError,
        "RNNCell has parameters of float32 and was given an input of int64: convert the input with x.float(), or look "
        "whole numbers up in an Embedding.",
    ),
    (
        lambda: nn.RNN(2, 3)(nn.utils.rnn.pack_sequence([ones(4, 5), ones(2, 5)])),
        ValueError,
        "RNN expects an input of shape (time, batch, input) = (any, any, 2), or (time, input) = (any, 2) unbatched; "
        "(6, 5) was given: its last axis is 5, not input_size=2.",
    ),
    (
        lambda: nn.RNN(2, 3, nonlinearity="sin"),
        ValueError,
        "nonlinearity is 'tanh' or 'relu'; 'sin' was given. For another, write a cell and unroll it.",
    ),
    (lambda: nn.GRU(2, 0), ValueError, "hidden_size is a whole number of at least 1; 0 was given."),
    (lambda: nn.LSTMCell(2, 1.5), ValueError, "hidden_size is a whole number of at least 1; 1.5 was given."),  # type: ignore[arg-type]
    (lambda: nn.GRU(2, 3, num_layers=0), ValueError, "num_layers is a whole number of at least 1; 0 was given."),
    (
        lambda: nn.GRU(2, 3, dropout=1.5),
        ValueError,
        "dropout needs a probability from 0 to 1; 1.5 was given.",
    ),
    (
        lambda: nn.LSTM(2, 3, proj_size=3),
        ValueError,
        "proj_size is less than hidden_size=3 (0: no projection); 3 was given.",
    ),
    (
        lambda: nn.LSTM(2, 3, bias=False, forget_bias=1.0),
        ValueError,
        "forget_bias=1.0 needs bias=True: there is no bias to add it to.",
    ),
    (
        lambda: nn.unroll(nn.RNNCell(2, 3), []),
        ValueError,
        "unroll was given no time steps: a sequence has at least one.",
    ),
    (
        lambda: nn.unroll(lambda x, s: (x, x), ones(2)),
        TypeError,
        "the cell was given no state and returned (tensor, tensor): this may be a state or a pair (output, "
        "state). Pass "
        "the first state to unroll(), or give the cell a method initial_state(x).",
    ),
    (
        lambda: nn.unroll(lambda x, s: (x, s, s), ones(2), ones(1)),
        TypeError,
        "the cell was given the state tensor and returned (tensor, tensor, tensor): it returns a state of "
        "the same form, "
        "or a pair (output, state).",
    ),
    (
        lambda: nn.unroll(nn.RNNCell(2, 3), ones(4, 3, 2), lengths=[4, 2]),
        ValueError,
        "lengths holds one whole number per sequence of the batch of 3; [4, 2] was given.",
    ),
    (
        lambda: nn.unroll(nn.RNNCell(2, 3), ones(4, 2, 2), lengths=[4, 0]),
        ValueError,
        "lengths are from 1 to the number of time steps, 4; [4, 0] was given.",
    ),
    (
        lambda: nn.unroll(lambda x, s: x, ones(4, 2), lengths=[4, 2], reverse=True),
        ValueError,
        "with lengths and reverse=True the first state must be known: pass it to unroll().",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED, ids=[message[:60] for _, _, message in REFUSED])
def test_what_is_refused(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message
