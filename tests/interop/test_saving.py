"""save and load: what comes back is what was saved, other readers understand the file, and an old file survives."""

import io
import json
import math
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import numpy as safetensors

import tinygrad_rnn as tg
from tinygrad_rnn import nn, optim

DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"]
DTYPES += ["float16", "float32", "float64"]


def saved(data: Any) -> Any:
    """``data`` after a journey through a file."""
    file = io.BytesIO()
    tg.save(data, file)
    file.seek(0)
    return tg.load(file)


def same(a: Any, b: Any) -> bool:
    """Equal in type, structure and every bit."""
    if isinstance(a, tg.Tensor):
        return type(b) is tg.Tensor and a.requires_grad is b.requires_grad and same(a.array, b.array)
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(map(repr, a)) == list(map(repr, b)) and all(map(same, a.values(), b.values()))
    if isinstance(a, float):
        return math.isnan(b) if math.isnan(a) else (a == b and math.copysign(1, a) == math.copysign(1, b))
    return bool(a == b)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 3), (1, 1)])
def test_tensors_of_every_type_and_shape(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 2 if dtype == "bool" else 100, shape).astype(dtype)
    assert same(saved(tg.from_numpy(array)), tg.from_numpy(array))
    assert same(saved({"x": array}), {"x": array})


def test_numbers_keep_every_bit() -> None:
    bits = np.array([0x7F800001, 0xFFC12345, 0x80000000, 0x00000001, 0x7F7FFFFF], np.uint32)
    assert same(saved(tg.from_numpy(bits.view(np.float32))), tg.from_numpy(bits.view(np.float32)))


def test_memory_order_and_byte_order_do_not_matter() -> None:
    array = np.arange(6.0).reshape(2, 3)
    assert same(saved(tg.from_numpy(array.T)), tg.from_numpy(np.ascontiguousarray(array.T)))
    assert same(saved(tg.from_numpy(array[:, ::-2])), tg.from_numpy(np.ascontiguousarray(array[:, ::-2])))
    assert same(saved(array.astype(">f8")), array)


def tied(lib: Any) -> Any:
    model = lib.nn.Sequential(lib.nn.Linear(2, 2, bias=False), lib.nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    return model


def twice(lib: Any, of: Callable[[Any], Any]) -> Any:
    x = lib.ones(3)
    return [x, of(x)]


def model_and_state(lib: Any) -> Any:
    model = tied(lib)
    state = model.state_dict()
    return [state["0.weight"], model[1].weight, state["1.weight"]]


#: What lies in one memory, or does not, by the list of it.
SHARED: dict[str, Callable[[Any], list[Any]]] = {
    "a tensor twice": lambda lib: twice(lib, lambda x: x),
    "a tensor and what was detached": lambda lib: twice(lib, lambda x: x.detach()),
    "a tensor and its parameter": lambda lib: twice(lib, lib.nn.Parameter),
    "a parameter and its data": lambda lib: (lambda p: [p, p.data])(lib.nn.Parameter(lib.ones(3))),
    "a tensor and its copy": lambda lib: twice(lib, lambda x: x.clone()),
    "tied weights": lambda lib: list(tied(lib).state_dict().values()),
    "tied weights, beside another": lambda lib: [*tied(lib).state_dict().values(), *tied(lib).state_dict().values()],
    "parameters and a state dict": model_and_state,
}


@pytest.mark.parametrize("name", SHARED)
def test_what_lies_in_one_memory_does_so_again(name: str, tmp_path: Path) -> None:
    def outcome(lib: Any) -> list[list[float]]:
        lib.save(SHARED[name](lib), tmp_path / "file")
        loaded = lib.load(tmp_path / "file", weights_only=False)
        for number, each in enumerate(loaded):
            each.detach().reshape(-1)[number] = 5 + number
        return [each.reshape(-1)[: len(loaded)].tolist() for each in loaded]

    torch = pytest.importorskip("torch")
    with torch.no_grad(), tg.no_grad():
        found, wanted = ([[value >= 5 for value in each] for each in outcome(lib)] for lib in (tg, torch))
    assert found == wanted


def test_a_model_beside_its_state_and_a_tensor_twice_are_one() -> None:
    model = tied(tg)
    for order in (slice(None), slice(None, None, -1)):
        state, loaded = sorted(saved([model.state_dict(), model][order]), key=callable)
        loaded[1].weight.detach()[0, 0] = 7
        assert loaded[0].weight is loaded[1].weight and state["0.weight"][0, 0] == state["1.weight"][0, 0] == 7
    a, b, numbers = saved([tg.ones(2)] * 2 + [np.ones(2)])
    assert a is b and not np.shares_memory(a.numpy(), numbers)
    for made in (twice(tg, lambda x: x.numpy()), twice(tg, lambda x: x.numpy())[::-1]):
        one, other = map(np.asarray, saved(made))
        assert np.shares_memory(one, other)  # PyTorch writes arrays apart


def test_other_readers_find_shared_tensors_by_all_their_names(tmp_path: Path) -> None:
    tg.save(tied(tg).state_dict(), tmp_path / "file")
    assert sorted(safetensors.load_file(tmp_path / "file")) == ["0.weight", "1.weight"]


def test_what_was_loaded_can_be_written_to() -> None:
    loaded = saved([tg.zeros(3), np.zeros(3)])
    loaded[0][0] = 5
    loaded[1][0] = 5
    assert loaded[0].tolist() == loaded[1].tolist() == [5, 0, 0]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers() | st.booleans() | st.none() | st.tuples(st.integers()), inner)
    ),
    max_leaves=12,
)


@given(plain)
def test_plain_data(data: Any) -> None:
    assert same(saved(data), data)


@given(st.dictionaries(st.text(max_size=3) | st.integers(0, 3), st.lists(st.just(tg.ones(1)), max_size=2)))
def test_names_of_tensors_never_collide(data: Any) -> None:
    assert same(saved(data), data)


def test_names_that_mean_something_else() -> None:
    data: dict[Any, Any] = {"a.b": tg.tensor(1), "a": {"b": tg.tensor(2)}, "a.b#2": tg.tensor(3), "": tg.tensor(4)}
    data |= {"__metadata__": tg.tensor(5), "\ud800": tg.tensor(6), 1: tg.tensor(7), "1": tg.tensor(8)}
    assert same(saved(data), data)


def test_large_numbers() -> None:
    data = [10**5000, -(2**63), 2**63, -(2**63) - 1, 1e308, 5e-324, -0.0, math.inf, -math.inf, math.nan]
    assert same(saved(data), data)


def test_numpys_numbers_and_subclasses_of_plain_types() -> None:
    assert same(saved([np.float32(0.1), np.int64(3), np.bool_(True)]), [np.float32(0.1), np.int64(3), np.bool_(True)])
    data = (OrderedDict(b=1, a=tg.zeros(2).shape), nn.Linear(1, 1).load_state_dict(nn.Linear(1, 1).state_dict()))
    assert same(saved(data), ({"b": 1, "a": (2,)}, ([], [])))


def test_tensors_that_require_a_gradient() -> None:
    weight = nn.Parameter(tg.ones(2))
    loaded = saved({"leaf": weight, "made": weight * 2, "constant": tg.ones(2)})
    assert {name: tensor.requires_grad for name, tensor in loaded.items()} == {
        "leaf": True,
        "made": True,
        "constant": False,
    }
    assert loaded["made"].is_leaf


@pytest.mark.parametrize("kind", [optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad])
def test_training_goes_on_from_a_checkpoint_as_if_nothing_had_been(kind: Any, tmp_path: Path) -> None:
    def start() -> tuple[nn.Module, Any, tg.Generator]:
        tg.manual_seed(3)
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        options = {"momentum": 0.9} if kind is optim.SGD else {}
        return model, kind(model.parameters(), lr=0.05, **options), tg.Generator().manual_seed(7)

    def train(model: nn.Module, optimizer: Any, generator: tg.Generator, steps: int) -> list[Any]:
        for _ in range(steps):
            optimizer.zero_grad()
            (model(tg.randn(5, 3, generator=generator)) ** 2).sum().backward()
            optimizer.step()
        return [p.tolist() for p in model.parameters()]

    model, optimizer, generator = start()
    train(model, optimizer, generator, 3)
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "random": generator.get_state()}
    path = tmp_path / "checkpoint.safetensors"
    tg.save({**state, "epoch": 3}, path)
    expected = train(model, optimizer, generator, 3)

    model, optimizer, generator = start()
    loaded = tg.load(path)
    assert loaded["epoch"] == 3
    model.load_state_dict(loaded["model"])
    optimizer.load_state_dict(loaded["optimizer"])
    generator.set_state(loaded["random"])
    assert train(model, optimizer, generator, 3) == expected


def test_other_readers_find_the_tensors_by_their_names(tmp_path: Path) -> None:
    model = nn.LSTM(2, 3)
    tg.save(model.state_dict(), tmp_path / "a")
    arrays = safetensors.load_file(tmp_path / "a")
    assert {name: array.shape for name, array in arrays.items()} == {
        "weight_ih_l0": (12, 2),
        "weight_hh_l0": (12, 3),
        "bias_ih_l0": (12,),
        "bias_hh_l0": (12,),
    }
    np.testing.assert_array_equal(arrays["weight_ih_l0"], model.state_dict()["weight_ih_l0"].array)
    tg.save({"model": model.state_dict(), "steps": [tg.ones(2)]}, tmp_path / "b")
    assert {"model.weight_ih_l0", "steps.0"} <= set(safetensors.load_file(tmp_path / "b"))


def test_the_same_data_make_the_same_file(tmp_path: Path) -> None:
    data = {"b": tg.ones(3), "a": [1, 2.5, "x", None], "c": {"d": tg.zeros(2, 2)}}
    tg.save(data, tmp_path / "a")
    tg.save(data, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_files_of_others_are_a_dictionary_of_their_tensors(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {"b": np.arange(3), "a": np.ones((2, 2), np.float16)}
    safetensors.save_file(arrays, tmp_path / "a", metadata={"format": "pt"})
    loaded = tg.load(tmp_path / "a")
    assert set(loaded) == {"a", "b"} and all(same(loaded[k], tg.from_numpy(v)) for k, v in arrays.items())


# Modules


class Net(nn.Module):
    """A module of a user's, with everything that modules have."""

    made = 0

    def __init__(self, size: int) -> None:
        super().__init__()
        Net.made += 1
        self.table = nn.Embedding(5, size)
        self.rnn = nn.LSTM(size, 4, bidirectional=True)
        self.out = self.also = nn.Linear(8, 5)
        self.parts = [nn.Parameter(tg.ones(2)), self.table.weight, {"a": (1, 2.5)}]
        self.first, self.last = nn.functional.relu, tg.tanh
        self.register_buffer("steps", tg.tensor([1, 2]))
        self.register_parameter("bias", None)

    def forward(self, x: Any) -> Any:
        return self.last(self.first(self.out(self.rnn(self.table(x))[0])))


def hooked(module: nn.Module) -> nn.Module:
    module.register_forward_hook(lambda module, args, output: None)
    return module


def local() -> nn.Module:
    class Local(nn.Module):
        pass

    return Local()


def test_a_module_of_a_user(tmp_path: Path) -> None:
    path, net, x = tmp_path / "net", Net(3).eval(), tg.tensor([[1, 2], [0, 4]])
    net.rnn.weight_hh_l0.requires_grad_(False)
    tg.save({"net": net, "epoch": 3, "again": [net]}, path)
    before = Net.made
    for message in ("if you trust it", "if you trust it"):
        with pytest.raises(tg.SavedFileError, match=message):
            tg.load(path)
        with tg.serialization.safe_globals([Net]):
            found = tg.load(path)
            assert tg.serialization.get_safe_globals() == [Net]
    assert Net.made == before  # no constructor was called
    assert found["epoch"] == 3 and found["again"][0] is found["net"]
    made = found["net"]
    assert made(x).tolist() == net(x).tolist() and repr(made) == repr(net) and not made.training
    assert made.also is made.out and made.parts[1] is made.table.weight and made.parts[2] == {"a": (1, 2.5)}
    assert [(n, p.requires_grad) for n, p in made.named_parameters()] == [
        (n, p.requires_grad) for n, p in net.named_parameters()
    ]
    assert [*made.state_dict()] == [*net.state_dict()] and made.table.weight.name == net.table.weight.name
    assert isinstance(tg.load(path, weights_only=False)["net"], Net)


OWN: list[Any] = [
    nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2), nn.BatchNorm1d(3), nn.GRU(2, 3, 2, dropout=0.5),
    nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Flatten()), nn.CrossEntropyLoss(weight=tg.ones(3)),
    nn.Bilinear(2, 2, 2, bias=False), nn.LSTMCell(2, 3), nn.ModuleDict({"a": nn.PReLU(2)}),
    nn.ParameterList([nn.Parameter(tg.ones(1))]),
]  # fmt: skip


@pytest.mark.parametrize("module", OWN, ids=lambda module: type(module).__name__)
def test_modules_of_ours(module: Any, tmp_path: Path) -> None:
    tg.save(module, tmp_path / "a")
    found = tg.load(tmp_path / "a")
    assert type(found) is type(module) and repr(found) == repr(module)
    mine, theirs = found.state_dict(), module.state_dict()
    assert [*mine] == [*theirs] and all(same(mine[name], theirs[name]) for name in mine)
    assert {*mine} <= {*safetensors.load_file(tmp_path / "a")}  # under their names for every reader


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"module": ["antigravity:Net", []]}, "which is not there"),
        ({"module": ["os:system", []]}, "which is not there"),
        ({"module": ["builtins:object", []]}, "which is not there"),
        ({"module": [f"{__name__}:Net.forward", []]}, "which is not there"),
        ({"module": [f"{__name__}:Net", [["a", {"function": "save"}]]]}, "description of the data is damaged"),
        ({"module": [f"{__name__}:Net", [["a", {"kind": "Net"}]]]}, "description of the data is damaged"),
        ([{"again": 0}], "description of the data is damaged"),
    ],
)
def test_what_a_file_may_not_name(data: Any, message: str, tmp_path: Path) -> None:
    entry = json.dumps({"version": 2, "data": data})
    (tmp_path / "a").write_bytes(safetensors.save({}, metadata={"tinygrad_rnn": entry}))
    with pytest.raises(tg.SavedFileError, match=message):
        tg.load(tmp_path / "a", weights_only=False)
    assert "antigravity" not in sys.modules


# Data that cannot be saved

ONLY = "only tensors, arrays, numbers, strings, None, and dictionaries, lists and tuples of them are saved"
ARRAYS = "arrays hold truth values, integers or real numbers of at most 64 bits"
CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (
            {"model": [nn.Dropout(generator=tg.Generator())]},
            TypeError,
            "cannot save data['model'][0]['generator'], a Generator: save its get_state(), and give that to "
            "set_state()",
        ),
        (
            hooked(nn.Linear(1, 1)),
            TypeError,
            "a Linear with hooks is not saved, since they are functions; remove them first",
        ),
        (
            local(),
            TypeError,
            "a Local is not saved: its class is not found as tests.interop.test_saving:local.<locals>.Local; save its "
            "state_dict(), or define the class in a file of its own",
        ),
        (
            (tg.Generator(),),
            TypeError,
            "cannot save data[0], a Generator: save its get_state(), and give that to set_state()",
        ),
        ({1, 2}, TypeError, f"cannot save data, a set: {ONLY}"),
        ({"x": object}, TypeError, f"cannot save data['x'], a type: {ONLY}"),
        ([b"x"], TypeError, f"cannot save data[0], a bytes: {ONLY}"),
        (np.array(1j), TypeError, f"cannot save data, an array of complex128: {ARRAYS}"),
        ([np.array(["a"])], TypeError, f"cannot save data[0], an array of <U1: {ARRAYS}"),
        (
            {"a": {b"k": 1}},
            TypeError,
            "cannot save data['a']: one of its keys is a bytes; keys are strings, numbers, None or tuples of them",
        ),
        (
            CYCLE,
            ValueError,
            "cannot save data[0][0][0]: nested more than 100 deep; perhaps it contains itself",
        ),
    ],
)
def test_what_cannot_be_saved(data: Any, kind: type[Exception], message: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(kind) as caught:
        tg.save(data, path)
    assert str(caught.value) == message
    assert path.read_bytes() == b"old"
