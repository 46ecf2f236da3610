"""What cannot be exported, and what the message says."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

pytest.importorskip("onnx")

X = tg.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
KNOWN = (
    "exported are the layers Embedding, RNN, LSTM, GRU and what is made of abs, add, affine, amax, amin, argmax, "
    "argmin, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, broadcast_to, cat, ceil, clamp, cos, cosh, cumsum, "
    "div, einsum, eq, erf, exp, expm1, flip, floor, floor_divide, fold, gather, ge, getitem, gt, le, linear, log, "
    "log10, log1p, log2, log_softmax, logical_and, logical_not, logical_or, logical_xor, logsumexp, lt, matmul, "
    "maximum, mean, minimum, mul, ne, neg, norm, pad, permute, pow, power_norm, prod, relu, remainder, reshape, round, "
    "rsqrt, sigmoid, sign, sin, sinh, softmax, softplus, sqrt, squeeze, stack, sub, sum, tan, tanh, to, transpose, "
    "trunc, unfold, unsqueeze, where"
)
VALUES = (
    "; ONNX export writes the operations of one run, so use where() and other operations on tensors instead of if, "
    "item() and numpy"
)


class Rolling(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return x.roll(1, 0)


class Nested(nn.Module):
    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.parts = nn.ModuleList([nn.Identity(), part])

    def forward(self, x: tg.Tensor) -> Any:
        for part in self.parts:
            x = part(x)
        return x


class Packing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(3, 2)

    def forward(self, x: tg.Tensor) -> Any:
        return self.rnn(nn.utils.rnn.pack_sequence([x]))[1]


class Numpy(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return tg.tensor(x.numpy() * 2)


class InPlace(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        y = x * 2
        y += 1
        return y


class Item(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return x * x.max().item()


class If(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return x.exp() if x.sum() > 0 else x.tanh()


class Longer(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return (x * 2).exp() if x.sum() > 0 else x.tanh()


class Constant(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return x, tg.ones(3)


class Nothing(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return "nothing"


class Masked(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return x[tg.tensor([True, False])]


class TwoArrays(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return x[None][:, [0, 1], [1, 2]]


class Bits(nn.Module):
    def forward(self, x: tg.Tensor) -> Any:
        return x.long() & 1


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Rolling(), f"the model (Rolling) uses the operation roll, which is not exported; {KNOWN}"),
        (Nested(Rolling()), f"parts.1 (Rolling) uses the operation roll, which is not exported; {KNOWN}"),
        (
            Nested(nn.LSTM(3, 4, proj_size=2)),
            "parts.1 (LSTM) has proj_size=2, which ONNX does not have; use proj_size=0",
        ),
        (
            Packing(),
            "rnn (RNN) is given a packed sequence, which ONNX does not have; export a model that takes padded "
            "sequences",
        ),
        (
            Numpy(),
            "the model (Numpy) hands a value to numpy, where it would become a constant; use the functions of "
            "tinygrad_rnn",
        ),
        (
            Nested(InPlace()),
            "parts.1 (InPlace) changes a value in place, and ONNX has no such operation; write x = x + y for x += y",
        ),
        (
            Item(),
            "what the model does depends on the values in its input: mul in the model (Item) is applied to other "
            f"constants{VALUES}",
        ),
        (
            If(),
            "what the model does depends on the values in its input: the model (If) does tanh instead of exp" + VALUES,
        ),
        (
            Longer(),
            "what the model does depends on the values in its input: the model does 1 operations instead of 2" + VALUES,
        ),
        (
            Constant(),
            "output 1 of the model does not depend on its input, as far as operations on tensors show; return what is "
            "computed from the input",
        ),
        (Nothing(), "the model returned str, and not tensors"),
        (
            Masked(),
            "the model (Masked) reads entries by an array of bool; only integers and slices, or arrays of integers "
            "alone, are exported",
        ),
        (
            TwoArrays(),
            "the model (TwoArrays) reads entries by 2 arrays, which are exported for the first axes only",
        ),
        (
            Bits(),
            "the model (Bits) combines the bits of integers, which is not exported; use truth values",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_models(model: nn.Module, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    with pytest.raises(tg.onnx.ExportError) as caught:
        tg.onnx.export(model, X, path)
    assert str(caught.value) == message
    assert not path.exists()


@pytest.mark.parametrize("dim", [2, -3])
def test_entries_along_an_axis_that_is_not_there(dim: int) -> None:
    file = io.BytesIO()
    with pytest.raises(IndexError, match=f"dimension {dim} is out of range for a tensor with 2 axes"):
        tg.onnx.export(Function(lambda x: x.gather(dim, x.argmax(1, True))), X, file)
    assert not file.getvalue()


class Looping(nn.Module):
    def forward(self, xs: tg.Tensor) -> Any:
        total: Any = 0.0
        for x in xs:
            total = total + x
        return total


class Function(nn.Module):
    """A function as a model."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: tg.Tensor) -> Any:
        return self.function(x)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: x.exp() if x.size(0) > 2 else x.tanh(), "{} does exp instead of tanh"),
        (lambda x: tg.cat([x] * x.size(0), 1), "cat in {} has 4 inputs instead of 2"),
        (
            lambda x: (lambda a, b: (a if x.size(0) > 2 else b) + a + b)(x * 2, x * 3),
            "add in {} is applied to other values",
        ),
        (lambda x: (x * 2, x * 3)[:: 1 if x.size(0) > 2 else -1], "the model returns other values"),
        (lambda x: x * x.size(0), "mul in {} is applied to other constants"),
        (lambda x: x + tg.arange(x.size(0)).unsqueeze(1), "add in {} is applied to other constants"),
        (
            lambda x: x[:1] + tg.zeros(1, 1, 1, *([1] * x.size(0))),
            "add in {} is applied to a constant of shape (1, 1, 1, 1, 1, 1, 1) instead of (1, 1, 1, 1, 1)",
        ),
        (lambda x: x.flatten().reshape(x.size(0) * 3), None),
        (
            lambda x: x.flatten().reshape(*[1] * x.size(0), -1),
            "reshape in {} has shape=(1, 1, 1, 1, -1) instead of (1, 1, -1)",
        ),
        (
            lambda x: x[:1].flatten().expand(*[1] * x.size(0), 3),
            "broadcast_to in {} has shape=(1, 1, 1, 1, 3) instead of (1, 1, 3)",
        ),
        (lambda x: x[:1].expand(2 * x.size(0), 3), "broadcast_to in {} has shape=(8, 3) instead of (4, 3)"),
        (lambda x: tg.pad(x, (0, x.size(0))), "pad in {} has widths=((0, 0), (0, 4)) instead of ((0, 0), (0, 2))"),
        (lambda x: tg.pad(x, (0, 9))[:, x.size(0)], "getitem in {} has index=(slice(None, None, None), 4) instead of"),
        (lambda x: tg.pad(x, (0, 9))[:, : x.size(0)], "getitem in {} has index=(slice(None, None, None), slice("),
        (lambda x: x.unsqueeze(0)[(0,) * (x.size(0) - 1)], "getitem in {} has index=(0, 0, 0) instead of (0,)"),
    ],
)
def test_why_an_axis_is_not_dynamic(function: Any, reason: str | None) -> None:
    if reason is None:
        assert tg.onnx.export(Function(function), X, io.BytesIO(), dynamic_axes={"input": [0]}) == {0: "input_axis_0"}
        return
    with pytest.raises(tg.onnx.ExportError) as caught:
        tg.onnx.export(Function(function), X, io.BytesIO(), dynamic_axes={"input": [0]})
    start = "axis 0 of the input cannot be dynamic: with size 4 instead of 2, "
    assert str(caught.value).startswith(start + reason.format("the model (Function)"))
    assert 0 not in tg.onnx.export(Function(function), X, io.BytesIO())


class Remembering(nn.Module):
    """A model that keeps its last state."""

    def __init__(self) -> None:
        super().__init__()
        self.state: Any = tg.zeros(1, 3)

    def forward(self, x: tg.Tensor) -> Any:
        self.state = tg.tanh(x + self.state)
        return self.state


def test_a_model_that_remembers() -> None:
    with pytest.raises(tg.onnx.ExportError, match=r"^what the model does depends on the values in its input: "):
        tg.onnx.export(Remembering(), X, io.BytesIO())


NETWORK = nn.GRU(3, 4)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (
            Looping(),
            {"dynamic_axes": {"input": [0]}},
            "axis 0 of the input cannot be dynamic: with size 4 instead of 2, the model does 8 operations instead of 4 "
            "(a loop over this axis is unrolled: nn.RNN, LSTM and GRU run any number of steps)",
        ),
        (
            NETWORK,
            {"dynamic_axes": {"input": {-1: "features"}}},
            "axis 1 of the input cannot be dynamic: with size 4 instead of 3, the model raises ValueError: GRU expects "
            "an input of shape (time, batch, input) = (any, any, 3), or (time, input) = (any, 3) unbatched; (2, 4) was "
            "given: its last axis is 4, not input_size=3.",
        ),
        (
            NETWORK,
            {"dynamic_axes": {"output": [0]}},
            "dynamic_axes names 'output', and the input is 'input'; the axes of outputs follow from it",
        ),
        (NETWORK, {"dynamic_axes": {"input": [2]}}, "dynamic_axes names the axes [2], and the input has 2"),
        (
            NETWORK,
            {"input_names": ["a", "b"]},
            "the model has 1 input(s), which need as many different names; got ['a', 'b']",
        ),
        (
            NETWORK,
            {"output_names": ["a", "a"]},
            "the model has 2 output(s), which need as many different names; got ['a', 'a']",
        ),
    ],
)
def test_options(model: nn.Module, options: dict[str, Any], message: str) -> None:
    with pytest.raises(tg.onnx.ExportError) as caught:
        tg.onnx.export(model, X, io.BytesIO(), **options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("model", "example", "message"),
    [
        (abs, X, "export writes a Module, and was given builtin_function_or_method"),
        (NETWORK, (X, 5), "export needs an example of every input, a tensor or a tuple of tensors; got Tensor, int"),
        (NETWORK, 5, "export needs an example of every input, a tensor or a tuple of tensors; got int"),
        (NETWORK, (), "export needs an example of every input, a tensor or a tuple of tensors; got nothing"),
    ],
)
def test_arguments(model: Any, example: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        tg.onnx.export(model, example, io.BytesIO())
    assert str(caught.value) == message


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        tg.onnx.export(NETWORK, X, io.BytesIO())
    assert str(caught.value) == ('tinygrad_rnn.onnx.export needs the library onnx: pip install "tinygrad-rnn[onnx]"')


def test_what_goes_wrong_leaves_the_model_as_it_was() -> None:
    class Failing(nn.Module):
        def forward(self, x: Any) -> Any:
            raise KeyError("a mistake in the model")

    model = Nested(nn.Sequential(nn.GRU(3, 4), Failing())).train()
    with pytest.raises(KeyError, match="a mistake in the model"):
        tg.onnx.export(model, X, io.BytesIO())
    assert all(module.training and "forward" not in vars(module) for module in model.modules())
    assert tg.is_grad_enabled()
