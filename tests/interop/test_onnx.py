"""What onnxruntime computes with an exported model, beside the model itself, also at sizes the export never saw."""

import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

Shape = tuple[int, ...]
BOTH = {0: "input_axis_0", 1: "input_axis_1"}
FIRST = {0: "input_axis_0"}


def randn(*shape: int, seed: int = 0) -> tg.Tensor:
    return tg.randn(*shape, generator=tg.Generator().manual_seed(seed))


def session(exported: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(exported, options, providers=["CPUExecutionProvider"])


def flat(result: Any) -> list[Any]:
    """The arrays in what a model returned."""
    if isinstance(result, tg.Tensor):
        return [result.array]
    return [array for part in (result.values() if isinstance(result, dict) else result) for array in flat(part)]


def check(
    model: nn.Module, example: tg.Tensor, others: Sequence[tg.Tensor] = (), atol: float = 1e-6, **options: Any
) -> dict[int, str]:
    """Export with ``example``; run both on it and on ``others``. Returns the dynamic axes."""
    file = io.BytesIO()
    axes: dict[int, str] = tg.onnx.export(model, example, file, **options)
    runner = session(file.getvalue())
    model.eval()
    for x in (example, *others):
        found = runner.run(None, {runner.get_inputs()[0].name: x.array})
        for mine, theirs in zip(flat(model(x)), found, strict=True):
            assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
            np.testing.assert_allclose(theirs, mine, rtol=1e-6, atol=atol)
    return axes


OPTIONS: list[Any] = [
    {},
    {"bias": False},
    {"bidirectional": True},
    {"num_layers": 2, "batch_first": True},
    pytest.param(
        {"num_layers": 3, "bidirectional": True, "bias": False, "batch_first": True, "dropout": 0.5},
        marks=pytest.mark.slow,
    ),
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_recurrent_networks(kind: Any, options: dict[str, Any]) -> None:
    tg.manual_seed(0)
    model = kind(3, 4, **options)
    assert check(model, randn(5, 2, 3), [randn(9, 7, 3), randn(1, 1, 3)]) == BOTH
    assert check(model, randn(5, 3), [randn(8, 3)]) == FIRST


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_subclass_is_written_step_by_step(kind: Any) -> None:
    """It may do anything, so its steps are gone into: those of a long sequence, whose input is multiplied at once."""
    tg.manual_seed(0)
    model = type("Mine", (kind,), {})(3, 4)
    check(model, randn(12, 2, 3), [randn(12, 2, 3, seed=1)])


def test_rnn_with_relu() -> None:
    tg.manual_seed(0)
    assert check(nn.RNN(3, 4, nonlinearity="relu", bidirectional=True), randn(5, 2, 3), [randn(2, 3, 3)]) == BOTH


class WithState(nn.Module):
    """A network with a first state that is computed from the input, or zeros for the batch at hand."""

    def __init__(self, zeros: bool) -> None:
        super().__init__()
        self.zeros = zeros
        self.first = nn.Linear(3, 4)
        self.lstm = nn.LSTM(3, 4, num_layers=2, batch_first=True)

    def forward(self, x: tg.Tensor) -> Any:
        h = self.first(x[:, 0]) if not self.zeros else tg.zeros(x.size(0), 4)
        return self.lstm(x, (tg.stack([h, h * 2]), tg.stack([h, h])))


@pytest.mark.parametrize("zeros", [True, False])
def test_first_states(zeros: bool) -> None:
    tg.manual_seed(0)
    assert check(WithState(zeros), randn(2, 5, 3), [randn(7, 3, 3)]) == BOTH


class FromTheTutorial(nn.Module):
    """A cell written as in PyTorch's tutorial on names, with states made for the batch at hand, one of them learned."""

    def __init__(self) -> None:
        super().__init__()
        self.i2h = nn.Linear(3 + 4, 4)
        self.start = nn.Parameter(randn(1, 4))
        self.gru = nn.GRU(4, 4)

    def forward(self, x: tg.Tensor) -> Any:
        hidden = tg.zeros(x.size(1), 4)
        for step in range(2):
            hidden = tg.tanh(self.i2h(tg.cat((x[step], hidden), 1)))
        return self.gru(hidden.unsqueeze(0), self.start.expand(1, x.size(1), 4))


def test_states_for_the_batch_at_hand() -> None:
    tg.manual_seed(0)
    assert check(FromTheTutorial(), randn(2, 3, 3), [randn(2, 1, 3), randn(2, 8, 3)])[1] == "input_axis_1"


class Tagger(nn.Module):
    """What scripts write: look up, run a bidirectional network, judge every step and the whole."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 4, padding_idx=0)
        self.rnn = nn.GRU(4, 6, batch_first=True, bidirectional=True)
        self.norm = nn.LayerNorm(12)
        self.dropout = nn.Dropout()
        self.head = nn.Linear(12, 11)

    def forward(self, ids: tg.Tensor) -> dict[str, tg.Tensor]:
        outputs, h_n = self.rnn(self.embedding(ids))
        outputs = self.dropout(self.norm(outputs))
        steps = self.head(outputs.reshape(-1, 12)).view(ids.size(0), ids.size(1), -1)
        return {
            "steps": tg.log_softmax(steps, -1),
            "last": self.head(outputs[:, -1]),
            "most": outputs.amax(1),
            "state": h_n.transpose(0, 1).flatten(1),
        }


def test_a_model_with_a_forward_of_its_own() -> None:
    tg.manual_seed(0)
    ids = tg.randint(0, 11, (3, 5))
    others = [tg.randint(0, 11, shape) for shape in ((1, 9), (4, 2), (3, 5))]
    model = Tagger().train()
    model.dropout.eval()
    assert check(model, ids, others, output_names=["steps", "last", "most", "state"]) == BOTH


def test_the_model_is_left_as_it_was() -> None:
    model = Tagger().train()
    model.dropout.eval()
    before = [set(vars(module)) | {"training"} for module in model.modules()]
    tg.onnx.export(model, tg.randint(0, 11, (3, 5)), io.BytesIO())
    assert [module.training for module in model.modules()] == [True, True, True, True, False, True]
    assert [set(vars(module)) for module in model.modules()] == before
    assert all(parameter.grad is None for parameter in model.parameters()) and tg.is_grad_enabled()


ACTIVATIONS = [*nn.options.ACTIVATIONS, "PReLU"]

MODULES: dict[str, nn.Module] = {
    "linear": nn.Linear(6, 4),
    "linear without bias": nn.Linear(6, 4, bias=False),
    "mlp": nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Dropout(), nn.Linear(4, 2), nn.Softmax(-1)),
    "identity": nn.Identity(),
    "layer norm": nn.LayerNorm(6),
    "rms norm": nn.RMSNorm(6),
    "flatten": nn.Flatten(0),
    **{
        name: getattr(nn, name)(**({"dim": -1} if "oftm" in name and name != "Softplus" else {}))
        for name in ACTIVATIONS
        if name != "Threshold"
    },
    "GELU tanh": nn.GELU(approximate="tanh"),
    "Softplus beta": nn.Softplus(beta=2.0),
    "Threshold": nn.Threshold(0.1, 2.0),
}


@pytest.mark.parametrize("name", MODULES)
def test_modules(name: str) -> None:
    model = MODULES[name]
    edge = tg.tensor([[-300.0, -1e-4, 0.0, 1e-4, 15.0, 80.0]])
    if any(each.dim() > 1 for each in model.parameters()):
        edge /= 100  # of a sum of 300 times a weight each BLAS rounds other digits away: that says nothing of the file
    axes = check(model, randn(3, 6) * 3, [randn(5, 6, seed=1), edge])
    assert 0 in axes


Function = Callable[[tg.Tensor], Any]

FUNCTIONS: dict[str, Function] = {
    "arithmetic": lambda x: ((x + 1) * x - 2 * x / 3, 1 - x, -x, abs(x), x**2, 2**x, x**3.0),
    "division": lambda x: (x // 0.7, x % 0.7, x % -0.7, x.long() // 2, x.long() % 3, x.long() / 2),
    "rounding": lambda x: (x.floor(), x.ceil(), x.round(), x.trunc(), x.sign(), (x * 3).round(decimals=1)),
    "exponentials": lambda x: (x.exp(), x.expm1(), abs(x).log(), abs(x).log1p(), abs(x).log2(), abs(x).log10()),
    "roots": lambda x: (abs(x).sqrt(), (abs(x) + 1).rsqrt(), x.reciprocal()),
    "trigonometry": lambda x: (x.sin(), x.cos(), (x / 9).tan(), x.sinh(), x.cosh(), x.erf()),
    "comparisons": lambda x: (x > 0, x >= 0, x < 0, x <= 0, x == x.round(), x != 0, x.long() < 0.5, 2 * x < x),
    "logic": lambda x: ((x > 0) & (x < 1), (x > 0) | (x < -1), (x > 0) ^ (x > 1), ~(x > 0)),
    "choices": lambda x: (tg.where(x > 0, x, x * 0.1), x.clamp(-1, 1), x.clamp(min=0.5), tg.maximum(x, x * 2 - 1)),
    "reductions": lambda x: (x.sum(), x.sum(0), x.mean(1, keepdim=True), x.amax((0, 1)), x.amin(-1), x.logsumexp(1)),
    "norms": lambda x: (x.norm(), x.norm(3, dim=1), x.norm(1.5, 0, True), x.norm(1)),
    "places": lambda x: (x.argmax(), x.argmax(1), x.argmin(0, keepdim=True)),
    "running": lambda x: x.cumsum(0),
    "shapes": lambda x: (x.T, x.unsqueeze(0), x.unsqueeze(-1).squeeze(-1), x.permute(1, 0), x.flatten(), x.reshape(-1)),
    "by sizes": lambda x: (x.view(x.size(0), -1), x.reshape(1, *x.shape), x.reshape(x.size(0), 1, x.size(1))),
    "expanding": lambda x: (x.unsqueeze(1).expand(-1, 3, -1), x.unsqueeze(0).expand(2, *x.shape)),
    "joining": lambda x: (tg.cat([x, x * 2], -1), tg.stack([x, -x], 1), tg.cat([x, x.long()], 0)),
    "taking apart": lambda x: tuple(tg.split(x, [2, 1, 3], 1)) + tuple(tg.chunk(x, 2, 1)) + tuple(x.unbind(1)),
    "indexing": lambda x: (x[0], x[-1], x[:, 1], x[:, 1:-1], x[..., ::2], x[None, :, None, 0], x[0, 1], x[1:, 2]),
    "indexing from the end": lambda x: (x[x.size(0) - 1], x[: x.size(0) - 1], x[x.size(0) - 2 :], x[: x.size(0)]),
    "indexing by several arrays": lambda x: (
        x[[0, 2, -1], [3, 1, -2]],
        x[np.array([[0], [1]]), np.array([2, 4, 4])],
        x[:, None].repeat(1, 2, 1)[[1, 0], [0, 1]],
        x[..., None][[1, 0], [0, 1], [0, 0]],
    ),
    "indexing by arrays": lambda x: (x[[0, 0, 1]], x[:, [3, 1]], x[:, np.array([[0, 1], [2, 3]])]),
    "padding": lambda x: tg.pad(x, (1, 2, 0, 1), value=0.5),
    "backwards": lambda x: (tg.flip(x, [0]), tg.flip(x, [0, 1])),
    "sums of products": lambda x: tg.einsum("ij,kj->ik", x, x[:2]),
    "products with a result": lambda x: (
        nn.functional.linear(x, x[:2] * 2),
        nn.functional.linear(x.T, tg.ones(3, len(x))),
    ),
    "products": lambda x: (x @ x.T[:, :1], tg.matmul(x.unsqueeze(1), x.unsqueeze(2))),
    "types": lambda x: (x.double(), x.long(), x.bool(), (x > 0).float(), x.long() + x, x.double() * 2),
}


class Applying(nn.Module):
    """A function as a model."""

    def __init__(self, function: Function) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: tg.Tensor) -> Any:
        return self.function(x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    axes = check(Applying(FUNCTIONS[name]), randn(4, 6), [randn(7, 6, seed=2)], atol=2e-6)
    assert 0 in axes


def convolving(padding_mode: Any = "zeros", **options: Any) -> nn.Module:
    return nn.Conv1d(4, 6, 3, padding_mode=padding_mode, **options)


BATCH, CHANNELS, LENGTH = range(3)
#: Layers on (batch, channels, length), and the axes that may have another size.
ON_SEQUENCES: dict[str, tuple[Callable[[], nn.Module], set[int]]] = {
    "Conv1d": (convolving, {BATCH, LENGTH}),
    "Conv1d of one": (lambda: nn.Conv1d(4, 6, 1), {BATCH, LENGTH}),
    "Conv1d same": (lambda: convolving(padding="same", dilation=2), {BATCH, LENGTH}),
    "Conv1d in groups": (lambda: convolving(padding=2, groups=2, stride=2, dilation=2), {BATCH, LENGTH}),
    **{
        f"Conv1d {mode}": (lambda mode=mode: convolving(mode, padding=2, dilation=2), {BATCH})  # type: ignore[misc]
        for mode in ("circular", "reflect", "replicate")
    },
    "ConvTranspose1d": (lambda: nn.ConvTranspose1d(4, 6, 3), {BATCH}),
    "ConvTranspose1d in groups": (
        lambda: nn.ConvTranspose1d(4, 6, 3, stride=3, padding=2, output_padding=2, groups=2, dilation=2),
        {BATCH},
    ),
    "weight_norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 6, 3)), {BATCH, LENGTH}),
    "MaxPool1d": (lambda: nn.MaxPool1d(3, 2, 1), {BATCH, CHANNELS, LENGTH}),
    "MaxPool1d with places": (lambda: nn.MaxPool1d(2, dilation=2, return_indices=True), {BATCH, CHANNELS}),
    "MaxPool1d to the end": (lambda: nn.MaxPool1d(4, ceil_mode=True), {BATCH, CHANNELS}),
    "AvgPool1d": (lambda: nn.AvgPool1d(3, 2, 1), {BATCH, CHANNELS}),
    "AdaptiveAvgPool1d": (lambda: nn.AdaptiveAvgPool1d(3), {BATCH, CHANNELS}),
    "AdaptiveAvgPool1d to one": (lambda: nn.AdaptiveAvgPool1d(1), {BATCH, CHANNELS, LENGTH}),
    "AdaptiveMaxPool1d": (lambda: nn.AdaptiveMaxPool1d(3), {BATCH, CHANNELS}),
    "LPPool1d": (lambda: Applying(lambda x: nn.LPPool1d(2, 3)(x.abs())), {BATCH, CHANNELS}),
    "Upsample": (lambda: nn.Upsample(scale_factor=2), {BATCH, CHANNELS}),
    "Upsample linear": (lambda: nn.Upsample(7, mode="linear"), {BATCH, CHANNELS}),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), {BATCH, LENGTH}),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(4), {BATCH, LENGTH}),
    "Dropout1d": (nn.Dropout1d, {BATCH, CHANNELS, LENGTH}),
    "ConstantPad1d": (lambda: nn.ConstantPad1d((2, 1), 0.5), {BATCH, CHANNELS, LENGTH}),
    "ReflectionPad1d": (lambda: nn.ReflectionPad1d(2), {BATCH, CHANNELS}),
    "TransformerEncoder": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(10, 2, 8, batch_first=True), 2),
        {BATCH, CHANNELS},
    ),
    "a share of the length": (lambda: Applying(lambda x: x[..., : x.shape[2] // 5]), {BATCH, CHANNELS}),
    "divided by a share": (lambda: Applying(lambda x: x / (x.shape[2] // 5)), {BATCH, CHANNELS}),
    "from the end of long ones": (
        lambda: Applying(lambda x: x[..., 5 if x.shape[2] < 20 else x.shape[2] - 5]),
        {BATCH, CHANNELS},
    ),
    "largest": (lambda: Applying(lambda x: (*x.max(1), *tg.min(x, 2, keepdim=True))), {BATCH, CHANNELS, LENGTH}),
    "picked": (lambda: Applying(lambda x: x.gather(2, x.argmax(2, True))), {BATCH, CHANNELS, LENGTH}),
    "picked by known places": (
        lambda: Applying(lambda x: x.gather(1, tg.ones(3, 1, 10, dtype=tg.int64))),
        {BATCH, CHANNELS, LENGTH},
    ),
}


@pytest.mark.parametrize("name", ON_SEQUENCES)
def test_layers_on_sequences(name: str) -> None:
    tg.manual_seed(0)
    make, dynamic = ON_SEQUENCES[name]
    shapes = [tuple(n + 5 if axis in {k} & dynamic else n for axis, n in enumerate((3, 4, 10))) for k in range(3)]
    assert set(check(make(), randn(3, 4, 10), [randn(*shape, seed=1) for shape in shapes])) == dynamic


class Mixing(nn.Module):
    """Parameters and buffers on the left of the input, frozen ones too."""

    mask: tg.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(randn(3, 4))
        self.frozen = nn.Parameter(randn(3, 4, seed=1), requires_grad=False)
        self.register_buffer("mask", tg.tensor([1.0, 0.0, 1.0]))

    def forward(self, x: tg.Tensor) -> Any:
        return self.weight @ x, self.frozen @ x, self.mask + (self.weight + self.frozen) @ x


def test_parameters_on_the_left() -> None:
    check(Mixing(), randn(4))


class Loop(nn.Module):
    """A cell and a loop over time."""

    def __init__(self, cell: Any) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, xs: tg.Tensor) -> Any:
        state = None
        for x in xs:
            state = self.cell(x, state)
        return state


@pytest.mark.parametrize("cell", [nn.RNNCell, nn.LSTMCell, nn.GRUCell])
def test_a_loop_is_unrolled_for_any_batch(cell: Any) -> None:
    tg.manual_seed(0)
    assert check(Loop(cell(3, 4)), randn(5, 2, 3), [randn(5, 7, 3)]) == {1: "input_axis_1"}


class BehindTheEnd(nn.Module):
    """What a slice that starts behind the last entry leaves is nothing, whatever the size."""

    def forward(self, x: tg.Tensor) -> tg.Tensor:
        return tg.cat([x[:, x.shape[1] :], x[:, : x.shape[1]]], 1)


def test_a_slice_behind_the_end_stays_empty() -> None:
    assert check(BehindTheEnd(), randn(2, 3), [randn(2, 5), randn(4, 1)]) == BOTH


def test_weights_are_stored_once_and_under_their_names() -> None:
    table = nn.Embedding(7, 4)

    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.rnn = table, nn.RNN(4, 4)

        def forward(self, ids: tg.Tensor) -> Any:
            x = self.rnn(self.table(ids))[0]
            return nn.functional.linear(x, self.table.weight), nn.functional.linear(x * 2, self.table.weight)

    file = io.BytesIO()
    tg.onnx.export(Tied(), tg.randint(0, 7, (3, 2)), file)
    graph = onnx.load_from_string(file.getvalue()).graph
    weights = [each.name for each in graph.initializer if len(each.dims) > 1]
    assert weights == ["table.weight", "rnn.W_l0", "rnn.R_l0", "rnn.B_l0", "table.weight.T"]


def test_names_and_axes_as_in_torch() -> None:
    file = io.BytesIO()
    axes = tg.onnx.export(
        nn.GRU(3, 4),
        (randn(5, 2, 3),),
        file,
        input_names=["series"],
        output_names=["states", "last"],
        dynamic_axes={"series": {-2: "batch"}},
    )
    assert axes == {1: "batch"}
    runner = session(file.getvalue())
    assert [(each.name, each.shape) for each in runner.get_inputs()] == [("series", [5, "batch", 3])]
    assert [(each.name, each.shape) for each in runner.get_outputs()] == [
        ("states", [5, "batch", 4]),
        ("last", [1, "batch", 4]),
    ]
    assert tg.onnx.export(nn.GRU(3, 4), randn(5, 2, 3), file, dynamic_axes={"input": [0]}) == FIRST
    assert tg.onnx.export(nn.GRU(3, 4), randn(5, 2, 3), file, dynamic_axes={}) == {}


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    tg.onnx.export(nn.Linear(2, 1), randn(1, 2), path)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert (model.producer_name, model.opset_import[0].version, model.ir_version) == ("tinygrad_rnn", 18, 8)
    assert list(tmp_path.iterdir()) == [path]
    tg.onnx.export(nn.Linear(2, 1), randn(1, 2), os.fspath(path))


def test_in_float64() -> None:
    tg.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh()).double()
    assert check(model, randn(2, 3).double(), [randn(5, 3).double()], atol=1e-12) == FIRST


class FromState(nn.Module):
    """Goes on from a state, and adds zeros that are made for the batch of the second input."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 4)

    def forward(self, x: tg.Tensor, h: tg.Tensor) -> tuple[tg.Tensor, tg.Tensor]:
        hs, after = self.rnn(x, h)
        return hs + tg.zeros(1, h.shape[1], 1), after


def test_a_model_of_two_inputs() -> None:
    runtime = pytest.importorskip("onnxruntime")
    tg.manual_seed(0)
    model, file = FromState(), io.BytesIO()
    x, h = tg.randn(5, 2, 3), tg.randn(1, 2, 4)
    axes = {"x": {0: "time", 1: "batch"}, "h": {1: "batch"}}
    names: dict[str, Any] = {"input_names": ["x", "h"], "output_names": ["hs", "after"], "metadata": {"window": "5"}}
    assert tg.onnx.export(model, (x, h), file, dynamic_axes=axes, **names) == {0: "time", 1: "batch"}
    session = runtime.InferenceSession(file.getvalue())
    shapes = [(each.name, each.shape) for each in (*session.get_inputs(), *session.get_outputs())]
    assert shapes == [
        ("x", ["time", "batch", 3]),
        ("h", [1, "batch", 4]),
        ("hs", ["time", "batch", 4]),
        ("after", [1, "batch", 4]),
    ]
    assert session.get_modelmeta().custom_metadata_map == {"window": "5"}
    for time, batch in ((5, 2), (1, 1), (9, 7)):
        x, h = tg.randn(time, batch, 3), tg.randn(1, batch, 4)
        got = session.run(None, {"x": x.numpy(), "h": h.numpy()})
        for mine, theirs in zip(model(x, h), got, strict=True):
            assert theirs == pytest.approx(mine.detach().numpy(), abs=1e-6)
    # By itself it finds what may change alone; a batch is two axes, which have to change together.
    assert tg.onnx.export(model, (x, h), io.BytesIO()) == {0: "input_0_axis_0"}
    with pytest.raises(tg.onnx.ExportError, match="axis 1 of the input cannot be dynamic"):
        tg.onnx.export(model, (x, h), io.BytesIO(), dynamic_axes={"input_0": [1]})
    with pytest.raises(tg.onnx.ExportError, match="dynamic_axes names 'z', and the inputs are input_0, input_1"):
        tg.onnx.export(model, (x, h), io.BytesIO(), dynamic_axes={"z": [1]})
