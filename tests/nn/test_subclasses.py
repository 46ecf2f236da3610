"""Subclasses of modules: what is theirs stays theirs, and what the base does it does whoever else is a base."""

import dataclasses
import inspect
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

NETWORK = ["RNN", "GRU", "LSTM", "RNNBase"]
CELL = ["RNNCell", "GRUCell", "LSTMCell", "RNNCellBase"]
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys([*NETWORK, *CELL, "Linear", "LayerNormLSTMCell"], (2, 3)),
    **dict.fromkeys(["BatchNorm1d", "LayerNorm", "RMSNorm"], (3,)),
    **dict.fromkeys(["MultiheadAttention", "TransformerDecoderLayer", "TransformerEncoderLayer"], (4, 2)),
    **dict.fromkeys(["TransformerDecoder", "TransformerEncoder"], (nn.Linear(2, 2), 1)),
    **dict.fromkeys(["Conv1d", "ConvTranspose1d"], (2, 2, 3)),
    **dict.fromkeys(["LazyConv1d", "LazyConvTranspose1d"], (2, 3)),
    **dict.fromkeys(["CircularPad1d", "ReflectionPad1d", "ReplicationPad1d", "ZeroPad1d", "LazyLinear"], (3,)),
    **dict.fromkeys(["AdaptiveAvgPool1d", "AdaptiveMaxPool1d", "AvgPool1d", "MaxPool1d", "MaxUnpool1d"], (2,)),
    "ConstantPad1d": (1, 0.0),
    "LPPool1d": (2, 3),
    "GroupNorm": (2, 4),
    "Bilinear": (2, 3, 4),
    "Transformer": (4, 2, 1, 1, 8),
    "Embedding": (5, 3),
    "EmbeddingBag": (5, 3),
    "LocalResponseNorm": (2,),
    "InstanceNorm1d": (3,),
    "Threshold": (0.1, 2.0),
    "Unflatten": (1, (1, 2)),
    "Recurrent": ([tg.relu],),
    "RecurrentDropout": (nn.RNNCell(2, 3),),
}
MODULES: dict[str, type[Any]] = {
    name: value for name, value in vars(nn).items() if inspect.isclass(value) and issubclass(value, nn.Module)
}


def made(kind: type[Any], name: str) -> Any:
    return kind(*ARGUMENTS.get(name, ()))


def numbers(module: nn.Module) -> dict[str, Any]:
    return {name: tensor.detach().tolist() for name, tensor in module.named_parameters()}


# --- new initial values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["BatchNorm1d", "LayerNorm", "RMSNorm", "Embedding"])
def test_new_initial_values_are_for_the_parameters_of_the_base(name: str) -> None:
    module = made(MODULES[name], name)
    if name == "RMSNorm":
        module.bias = nn.Parameter(tg.full((3,), 7.0))  # of a subclass: it has none
    module.extra, module.part = nn.Parameter(tg.full((3,), 5.0)), nn.Linear(2, 2)
    own = ["weight"] if name == "RMSNorm" else ["weight", "bias"]
    others = {key: value for key, value in numbers(module).items() if key not in own}
    module.weight.array[...] = 9
    module.reset_parameters()
    found = numbers(module)
    assert {key: found[key] for key in others} == others
    assert 9 not in np.asarray(found["weight"])


@pytest.mark.parametrize("name", [*NETWORK, *CELL])
def test_a_forget_bias_is_for_the_forget_gates_of_an_lstm(name: str) -> None:
    def opened(amount: float) -> dict[str, Any]:
        module = made(MODULES[name], name)
        module.forget_bias = amount
        module.bias_ih_gate = nn.Parameter(tg.zeros(12))  # of a subclass
        tg.manual_seed(0)
        module.reset_parameters()
        return numbers(module)

    usual, other = opened(0.0), opened(10.0)
    expected = {"LSTM": ["bias_ih_l0"], "LSTMCell": ["bias_ih"]}.get(name, [])
    assert [key for key in usual if usual[key] != other[key]] == expected


# --- names ----------------------------------------------------------------------------------------------------------

# What an object has beside what every module has: a name outside this table is free for a subclass.
SEQUENCE = (
    "_all_weights _at_once _batch_axis _check_input _dropped _final _flat_weights _flat_weights_names "
    "_layers _prepared _run _state _states _time_axis "
    "_ways all_weights batch_first bias bias_hh_l0 bias_ih_l0 bidirectional dropout flatten_parameters gates "
    "hidden_size input_size longest_with_own_products num_layers output_size proj_size reset_parameters weight_hh_l0 "
    "weight_ih_l0"
)
ONE_STEP = "_check bias bias_hh bias_ih gates hidden_size initial_state input_size reset_parameters weight_hh weight_ih"
NORM = "elementwise_affine eps normalized_shape reset_parameters weight"
APPLIED = "_apply_to _by_name _function _keep _options"
TAKEN = {
    "RNNBase": SEQUENCE,
    "RNN": SEQUENCE + " activation nonlinearity",
    "GRU": SEQUENCE,
    "LSTM": SEQUENCE + " forget_bias",
    "RNNCellBase": ONE_STEP,
    "RNNCell": ONE_STEP + " activation nonlinearity",
    "GRUCell": ONE_STEP,
    "LSTMCell": ONE_STEP + " forget_bias",
    "LayerNorm": NORM + " bias",
    "RMSNorm": NORM,
    "BatchNorm1d": "_buffer_names affine bias eps momentum num_batches_tracked num_features reset_parameters "
    "reset_running_stats running_mean running_var track_running_stats weight",
    "Embedding": "embedding_dim from_pretrained max_norm norm_type num_embeddings padding_idx reset_parameters "
    "scale_grad_by_freq weight",
    "Linear": "bias in_features out_features reset_parameters weight",
    "Dropout": "generator inplace p",
    "Flatten": "end_dim start_dim",
    "MSELoss": APPLIED + " reduction",
    "HuberLoss": APPLIED + " delta reduction",
    "CrossEntropyLoss": APPLIED + " ignore_index label_smoothing reduction weight",
    "BCEWithLogitsLoss": APPLIED + " pos_weight reduction weight",
    "ReLU": APPLIED + " inplace",
    "GELU": APPLIED + " approximate",
    "Tanh": APPLIED,
}
OF_EVERY_MODULE = (
    "_adopt _buffer_names _hooks _label _label_of_part _named_tensors _own_hooks _relabel _tree _vacant_names "
    # PyTorch's, for subclasses to override or to read
    "_apply _buffers _get_name _load_from_state_dict _modules _parameters _save_to_state_dict _version"
)


@pytest.mark.parametrize("name", TAKEN)
def test_a_module_takes_no_names_but_these(name: str) -> None:
    module = made(MODULES[name], name)
    found = {each for each in dir(module) if not each.startswith("__") and hasattr(module, each)}
    assert found - set(dir(nn.Module)) - {"_is_protocol"} == set(TAKEN[name].split()) - set(dir(nn.Module))


def test_no_module_takes_private_names_but_these() -> None:
    found = {each for each in dir(nn.Module) if each.startswith("_") and not each.startswith("__")}
    assert found == set(OF_EVERY_MODULE.split())


@pytest.mark.parametrize("name", ["_register", "_start", "__post_init__", "letters"])
@pytest.mark.parametrize("kind", MODULES)
def test_a_subclass_may_have_a_method_of_any_other_name(kind: str, name: str) -> None:
    def refuse(self: Any) -> None:
        raise AssertionError(f"{name} is the subclass's own")

    module = made(type("Own", (MODULES[kind],), {name: refuse}), kind)
    module.register_buffer("kept", tg.zeros(1))
    repr(module)


@pytest.mark.parametrize("name", ["nonlinearity", "letters", "forget_bias", "options", "function"])
@pytest.mark.parametrize("kind", ["GRU", "GRUCell", "RNNBase", "LayerNorm", "MSELoss", "Flatten", "Dropout"])
def test_a_subclass_may_have_a_buffer_of_any_other_name(kind: str, name: str) -> None:
    module = made(MODULES[kind], kind)
    assert not hasattr(module, name)
    module.register_buffer(name, tg.zeros(1))
    assert name in module.state_dict() and kind in repr(module)


def test_a_loss_calls_its_function_whatever_a_subclass_calls_options() -> None:
    class Own(nn.MSELoss):
        def function(self) -> str:
            return "my own"

    loss = Own()
    loss.options = "my own"
    assert loss(tg.ones(2), tg.zeros(2)).item() == 1


# --- bases ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in MODULES if name not in (*NETWORK, "Sequential")])
def test_the_constructor_of_a_second_base_is_called(name: str) -> None:
    class Mixin:
        def __init__(self) -> None:
            self.__dict__["mixed"] = True

    assert made(type("Net", (MODULES[name], Mixin), {}), name).mixed


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_no_dataclass_and_a_subclass_may_be_one(name: str) -> None:
    kind = MODULES[name]
    assert not dataclasses.is_dataclass(kind)

    def start(self: Any) -> None:
        kind.__init__(self, *ARGUMENTS.get(name, ()))

    members = {"__annotations__": {"extra": int}, "extra": 3, "__post_init__": start}
    net: Any = dataclasses.dataclass(eq=False, repr=False)(type("Net", (kind,), members))
    assert net(extra=4).extra == 4 and net().extra == 3 and list(inspect.signature(net).parameters) == ["extra"]


def test_a_dataclass_may_have_a_field_without_a_default() -> None:
    @dataclasses.dataclass(eq=False, repr=False)
    class Net(nn.Dropout):
        q: float

    assert Net(0.25).q == 0.25


@pytest.mark.parametrize("name", [*CELL, *NETWORK])
def test_a_constructor_is_source_that_can_be_read(name: str) -> None:
    assert "hidden_size: int" in inspect.getsource(MODULES[name].__init__)


WITHOUT_THE_CONSTRUCTOR: list[tuple[type[nn.Module], dict[str, Any], str]] = [
    (nn.RNNCellBase, {"input_size": 2, "hidden_size": 3, "bias": True}, "Own(2, 3)"),
    (nn.LSTMCell, {"input_size": 2, "hidden_size": 3, "bias": True}, "Own(2, 3)"),
    (nn.GRUCell, {"input_size": 2, "hidden_size": 3, "bias": False}, "Own(2, 3, bias=False)"),
    (nn.Dropout, {"p": 0.25, "inplace": False}, "Own(p=0.25)"),
    (nn.Embedding, {"num_embeddings": 4, "embedding_dim": 2, "padding_idx": None}, "Own(4, 2)"),
    (nn.MSELoss, {"reduction": "sum"}, "Own(reduction='sum')"),
]


@pytest.mark.parametrize(("base", "attributes", "expected"), WITHOUT_THE_CONSTRUCTOR)
def test_a_module_without_the_constructor_of_its_base_is_printed(
    base: type[nn.Module], attributes: dict[str, Any], expected: str
) -> None:
    def start(self: Any) -> None:
        nn.Module.__init__(self)
        vars(self).update(attributes)

    assert repr(type("Own", (base,), {"__init__": start})()) == expected


def test_a_subclass_may_say_another_function_with_its_options() -> None:
    class Leaky(nn.ReLU, function=nn.functional.leaky_relu):
        """With the slope of the function."""

    kind: Any = Leaky
    assert repr(kind()) == "Leaky(negative_slope=0.01)" and kind(0.25)(-tg.ones(1)).item() == -0.25
    assert kind.__doc__ == "With the slope of the function."


@pytest.mark.parametrize("name", ["MaxPool1d", "AvgPool1d", "LPPool1d", "AdaptiveAvgPool1d", "MaxUnpool1d"])
def test_an_option_without_a_default_is_asked_for(name: str) -> None:
    first = next(iter(inspect.signature(MODULES[name]).parameters))
    with pytest.raises(TypeError, match=rf"{name} takes the arguments .*: {first} is missing"):
        MODULES[name]()
