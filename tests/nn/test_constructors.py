"""Constructors: what `help` and editors show of them, and how they are inherited."""

import inspect
from typing import Any

import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

NETWORK = "input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False"
SIGNATURES = {
    "Tanh": "",
    "GELU": "approximate='none'",
    "LeakyReLU": "negative_slope=0.01, inplace=False",
    "Softmax": "dim=None",
    "Flatten": "start_dim=1, end_dim=-1",
    "Dropout": "p=0.5, inplace=False, *, generator=None",
    "Embedding": "num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, "
    "scale_grad_by_freq=False, *, device=None, dtype=None",
    "MSELoss": "reduction='mean'",
    "CrossEntropyLoss": "weight=None, ignore_index=-100, reduction='mean', label_smoothing=0.0",
    "BCEWithLogitsLoss": "weight=None, reduction='mean', pos_weight=None",
    "RNNCell": "input_size, hidden_size, bias=True, nonlinearity='tanh', device=None, dtype=None",
    "GRUCell": "input_size, hidden_size, bias=True, device=None, dtype=None",
    "LSTMCell": "input_size, hidden_size, bias=True, device=None, dtype=None, *, forget_bias=0.0",
    "RNN": NETWORK.replace("bias=", "nonlinearity='tanh', bias=") + ", device=None, dtype=None",
    "GRU": NETWORK + ", device=None, dtype=None",
    "LSTM": NETWORK + ", proj_size=0, device=None, dtype=None, *, forget_bias=0.0",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_signature_is_the_real_one(name: str) -> None:
    signature = inspect.signature(getattr(nn, name))
    plain = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    assert str(inspect.Signature(plain)) == f"({SIGNATURES[name]})"
    assert all(each.annotation is not inspect.Parameter.empty for each in signature.parameters.values())
    doc = inspect.getdoc(getattr(nn, name)) or ""
    assert doc and not doc.startswith(f"{name}("), "the docstring is written, not made of the signature"


def test_a_default_is_no_attribute_of_the_class_and_device_and_dtype_are_not_kept() -> None:
    assert not hasattr(nn.GELU, "approximate") and not hasattr(nn.LSTM, "num_layers")
    assert not hasattr(nn.LSTM(2, 3, dtype=tg.float64), "dtype") and not hasattr(nn.GRUCell(2, 3), "device")
    assert nn.LSTM(2, 3, dtype=tg.float64).weight_ih_l0.dtype == tg.float64


def test_a_subclass_may_have_a_constructor_and_fields_of_its_own() -> None:
    class Small(nn.LSTM):
        note: str

        def __init__(self, size: int) -> None:
            super().__init__(size, size, forget_bias=1.0)
            self.note = "small"

    class Leaky(nn.LeakyReLU):
        def __init__(self, slope: float) -> None:
            super().__init__(negative_slope=slope)

    assert list(inspect.signature(Small).parameters) == ["size"] and list(inspect.signature(Leaky).parameters) == [
        "slope"
    ]
    assert repr(Leaky(0.5)) == "Leaky(negative_slope=0.5)" and Small(3).forget_bias == 1.0
    assert Small(3)(tg.ones(4, 1, 3))[0].shape == (4, 1, 3)


def test_modules_are_compared_and_hashed_by_identity() -> None:
    makers: list[Any] = [lambda: nn.GELU(), lambda: nn.GRUCell(1, 2), lambda: nn.LSTM(1, 2), lambda: nn.Dropout()]
    for make in makers:
        one, other = make(), make()
        assert one != other and len({one, other, one}) == 2
