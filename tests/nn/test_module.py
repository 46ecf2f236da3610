"""Module: what it finds, names, loads, prints, and where it says its operations were recorded."""

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn


class Block(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.lin = nn.Linear(size, size)
        self.scale = nn.Parameter(tg.ones(size))
        self.register_buffer("steps", tg.zeros(1))
        self.register_buffer("scratch", tg.zeros(2), persistent=False)

    def forward(self, x: tg.Tensor) -> Any:
        return tg.tanh(self.lin(x)) * self.scale


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Block(2)
        self.blocks = nn.ModuleList([Block(2), Block(2)])
        self.head = nn.Linear(2, 1, bias=False)
        self.offset = nn.Parameter(tg.zeros(1))

    def forward(self, x: tg.Tensor) -> Any:
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x) + self.offset


NAMES = [
    "offset",
    "first.scale",
    "first.lin.weight",
    "first.lin.bias",
    "blocks.0.scale",
    "blocks.0.lin.weight",
    "blocks.0.lin.bias",
    "blocks.1.scale",
    "blocks.1.lin.weight",
    "blocks.1.lin.bias",
    "head.weight",
]


def test_parameters_are_found_in_the_order_of_torch() -> None:
    model = Model()
    assert [name for name, _ in model.named_parameters()] == NAMES
    assert [name for name, _ in model.named_parameters(recurse=False)] == ["offset"]
    assert [name for name, _ in model.first.named_parameters(prefix="a")] == ["a.scale", "a.lin.weight", "a.lin.bias"]
    assert [p.name for p in model.parameters()] == NAMES
    assert [name for name, _ in model.named_buffers()][:2] == ["first.steps", "first.scratch"]
    assert len(list(model.buffers())) == 6
    assert [name for name, _ in model.named_children()] == ["first", "blocks", "head"]
    assert [name for name, _ in model.named_modules()][:4] == ["", "first", "first.lin", "blocks"]
    assert len(list(model.modules())) == 9
    assert next(iter(model.children())) is model.first


def test_a_shared_part_counts_once_and_is_saved_under_both_names() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(2, 2)
            self.b = self.a
            self.c = nn.Linear(2, 2)
            self.c.weight = self.a.weight

    model = Shared()
    assert [name for name, _ in model.named_parameters()] == ["a.weight", "a.bias", "c.bias"]
    every = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    assert every == ["a.weight", "a.bias", "b.weight", "b.bias", "c.weight", "c.bias"]
    assert list(model.state_dict()) == every
    assert [name for name, _ in model.named_children()] == ["a", "c"]
    assert [p.name for p in model.parameters()] == ["a.weight", "a.bias", "c.bias"]
    # One module has one name, wherever it is called from.
    assert model.a(tg.ones(2)).place.path == model.b(tg.ones(2)).place.path == ("a",)


def test_every_operation_knows_the_part_it_was_recorded_in() -> None:
    model = Model()
    loss = model(tg.ones(2)).sum()
    places = {t.place.path for t in tg.history(loss) if t.primitive is not None}
    assert places == {
        (),
        ("Model",),
        ("Model", "first"),
        ("Model", "first", "lin"),
        ("Model", "blocks.0"),
        ("Model", "blocks.0", "lin"),
        ("Model", "blocks.1"),
        ("Model", "blocks.1", "lin"),
        ("Model", "head"),
    }


def test_the_scope_is_left_after_an_error() -> None:
    with pytest.raises(RuntimeError):
        nn.Linear(2, 1)(tg.ones(3))
    assert tg.ones(1).place.path == ()


def test_train_and_eval_reach_every_part() -> None:
    model = Model()
    assert model.eval() is model and not any(m.training for m in model.modules())
    assert model.train() is model and all(m.training for m in model.modules())


def test_apply_goes_from_the_inside_out() -> None:
    seen: list[nn.Module] = []
    block = Block(2)
    assert block.apply(seen.append) is block
    assert seen == [block.lin, block]


def test_freeze_zero_and_convert() -> None:
    model = Model()
    model(tg.ones(2)).sum().backward()
    gradients = [p.grad for p in model.parameters()]
    assert all(g is not None for g in gradients)
    model.zero_grad(set_to_none=False)
    assert all(p.grad is not None and not p.grad.numpy().any() for p in model.parameters())
    identities = [id(p) for p in model.parameters()]
    model.double()
    assert {p.dtype for p in (*model.parameters(), *model.buffers())} == {tg.float64}
    assert {p.grad.dtype for p in model.parameters() if p.grad is not None} == {tg.float64}
    assert [id(p) for p in model.parameters()] == identities
    assert {p.dtype for p in model.float().parameters()} == {tg.float32}
    assert {p.dtype for p in model.to("cpu", tg.float64).parameters()} == {tg.float64}
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())
    assert not any(p.requires_grad for p in model.requires_grad_(False).parameters())
    assert all(p.requires_grad for p in model.requires_grad_().parameters())


def test_integer_buffers_keep_their_type() -> None:
    module = nn.Module()
    module.register_buffer("ids", tg.tensor([1, 2]))
    assert next(module.double().buffers()).dtype == tg.int64


# State


def test_a_state_dict_goes_round() -> None:
    model, other = Model(), Model()
    state = model.state_dict()
    assert list(state) == [
        "offset",
        "first.scale",
        "first.steps",
        "first.lin.weight",
        "first.lin.bias",
        "blocks.0.scale",
        "blocks.0.steps",
        "blocks.0.lin.weight",
        "blocks.0.lin.bias",
        "blocks.1.scale",
        "blocks.1.steps",
        "blocks.1.lin.weight",
        "blocks.1.lin.bias",
        "head.weight",
    ]
    assert not any(value.requires_grad for value in state.values())
    assert state["offset"].array is model.offset.array
    assert repr(other.load_state_dict(state)) == "<All keys matched successfully>"
    for key, value in other.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), state[key].numpy())
        assert value.array is not state[key].array
    assert list(model.head.state_dict(prefix="part.")) == ["part.weight"]
    assert model.state_dict(keep_vars=True)["offset"] is model.offset


def test_everything_wrong_with_a_state_dict_is_listed_and_nothing_is_loaded() -> None:
    lin = nn.Linear(3, 2)
    before = lin.weight.detach().numpy().copy()
    with pytest.raises(RuntimeError) as error:
        lin.load_state_dict({"weight": np.ones((3, 2)), "gain": np.ones(2), "bia": np.ones(2)})
    assert str(error.value) == (
        "Linear cannot load this state dict; nothing was loaded.\n"
        "  missing: bias (2,)\n"
        "  unexpected: gain\n"
        "  unexpected: bia\n"
        "  wrong shape: weight is (2, 3) here, (3, 2) was given\n"
        "Give the state dict of a model built with the same sizes, or strict=False to skip missing and "
        "unexpected names."
    )
    with pytest.raises(RuntimeError, match="not numbers: bias is list of dtype <U1"):
        lin.load_state_dict({"weight": np.ones((2, 3)), "bias": ["a", "b"]})
    with pytest.raises(RuntimeError, match=r"wrong shape: bias is \(2,\) here, \(3,\) was given"):
        lin.load_state_dict({"weight": np.ones((2, 3)), "bias": np.ones(3)}, strict=False)
    np.testing.assert_array_equal(lin.weight.detach().numpy(), before)


def test_nothing_is_loaded_either_if_a_part_refuses_in_its_own_way() -> None:
    class Picky(nn.Linear):
        seen = 0

        def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
            super()._load_from_state_dict(state_dict, prefix, *rest)
            self.seen += 1
            if (self.weight.array > 1).any():
                raise ValueError("too large")

    model = nn.Sequential(nn.Linear(1, 1), Picky(1, 1))
    before = {name: value.tolist() for name, value in model.state_dict().items()}
    state = {name: value + 2 for name, value in model.state_dict().items()}
    for assign in (False, True):
        with pytest.raises(ValueError, match="too large"):
            model.load_state_dict(state, assign=assign)
        assert {name: value.tolist() for name, value in model.state_dict().items()} == before
        assert model[1].seen == 0


def test_strict_false_says_what_was_skipped() -> None:
    lin = nn.Linear(3, 2)
    result = lin.load_state_dict({"weight": np.ones((2, 3)), "gain": np.ones(2)}, strict=False)
    assert result.missing_keys == ["bias"] and result.unexpected_keys == ["gain"]
    assert repr(result) == "LoadResult(missing_keys=['bias'], unexpected_keys=['gain'])"
    assert (lin.weight.detach().numpy() == 1).all() and lin.weight.dtype == tg.float32


def test_loading_between_forward_and_backward_is_refused() -> None:
    lin = nn.Linear(2, 2)
    loss = lin(tg.ones(2, requires_grad=True)).sum()
    lin.load_state_dict(lin.state_dict())
    with pytest.raises(RuntimeError, match="changed in place after it was used"):
        loss.backward()


def test_deepcopy_gives_an_independent_model_with_the_same_names() -> None:
    model = Model()
    twin = copy.deepcopy(model)
    assert [name for name, _ in twin.named_parameters()] == NAMES
    assert all(isinstance(p, nn.Parameter) and p.requires_grad for p in twin.parameters())
    assert [p.name for p in twin.parameters()] == NAMES
    twin.offset.data.fill_(7.0)
    assert model.offset.item() == 0
    twin(tg.ones(2)).sum().backward()
    assert all(p.grad is None for p in model.parameters())
    assert all(p.grad is not None for p in twin.parameters())


# Hooks


def test_hooks_see_and_change_what_goes_in_and_out() -> None:
    lin = nn.Linear(2, 2)
    seen: list[Any] = []
    before = lin.register_forward_pre_hook(lambda module, args: (args[0] * 0,))
    after = lin.register_forward_hook(lambda module, args, output: seen.append((module, args, output)))
    changing = lin.register_forward_hook(lambda module, args, output: output + 1)
    x = tg.ones(2)
    y = lin(x)
    np.testing.assert_allclose(y.detach().numpy(), lin.bias.detach().numpy() + 1)  # type: ignore[union-attr]
    assert seen[0][0] is lin and seen[0][1][0].tolist() == [0, 0]
    for handle in (before, after, changing):
        handle.remove()
        handle.remove()
    np.testing.assert_allclose(lin(x).detach().numpy(), (lin.weight @ x + lin.bias).detach().numpy(), rtol=1e-6)
    assert len(seen) == 1
    with lin.register_forward_hook(lambda module, args, output: 5):
        assert lin(x) == 5
    assert isinstance(lin(x), tg.Tensor)


# Registration


def test_registration_by_name() -> None:
    module = nn.Module()
    module.register_parameter("w", nn.Parameter(tg.ones(2)))
    module.register_parameter("b", None)
    module.add_module("part", nn.Linear(1, 1))
    module.register_module("other", None)
    assert [name for name, _ in module.named_parameters()] == ["w", "part.weight", "part.bias"]
    module.b = nn.Parameter(tg.zeros(1))
    assert "b" in dict(module.named_parameters())


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda m: m.register_parameter("w", tg.ones(1)),
            TypeError,
            "register_parameter('w') was given Tensor: wrap it",
        ),
        (lambda m: m.register_buffer("w", 3), TypeError, "register_buffer('w') was given int: pass a Tensor or None."),
        (lambda m: m.add_module("w", 3), TypeError, "register_module('w') was given int, which is not a Module."),
        (lambda m: m.add_module("a.b", nn.Tanh()), KeyError, "'a.b' cannot name a part: names are non-empty strings"),
        (lambda m: m.add_module("", nn.Tanh()), KeyError, "'' cannot name a part"),
        (lambda m: m.add_module("forward", nn.Tanh()), KeyError, "Linear already has an attribute 'forward': choose"),
        (lambda m: m.register_buffer("in_features", None), KeyError, "Linear already has an attribute 'in_features'"),
        (
            lambda m: setattr(m, "weight", tg.ones(2)),
            TypeError,
            "cannot assign a plain Tensor as Linear.weight, which is a Parameter: wrap it as "
            "nn.Parameter(value), or copy "
            "the numbers with `with no_grad(): module.weight.copy_(value)`.",
        ),
        (
            lambda m: setattr(m, "weight", 1),
            TypeError,
            "cannot assign int as Linear.weight, which is a Parameter: wrap it",
        ),
        (
            lambda m: setattr(nn.Sequential(m), "0", 1),
            TypeError,
            "cannot assign int as Sequential.0, which is a part: assign a Module or None, or first delattr(",
        ),
        (
            lambda m: setattr(nn.BatchNorm1d(1), "running_var", 1),
            TypeError,
            "cannot assign int as BatchNorm1d.running_var, which is a buffer: assign a Tensor or None, or first",
        ),
        (lambda m: m.train("no"), TypeError, "train() switches training mode on (True) or off (False); 'no' was given"),
        (lambda m: m.to(tg.int64), TypeError, "the parameters of a module are real numbers, float16 to float64, and"),
        (lambda m: m.load_state_dict([]), TypeError, "load_state_dict takes a dictionary of tensors; list was given."),
        (lambda m: m.get_extra_state(), RuntimeError, "Linear has no get_extra_state(): define it to return what"),
        (lambda m: nn.Module()(1), NotImplementedError, "Module has no forward(): define it with the inputs it takes."),
    ],
)
def test_what_registration_refuses(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call(nn.Linear(2, 2))
    assert message in str(error.value).replace('"', "")


def test_parameters() -> None:
    data = tg.tensor([1.0, 2.0])
    parameter = nn.Parameter(data)
    assert parameter.array is data.array and parameter.requires_grad and parameter.is_leaf
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    assert nn.Parameter([1.0, 2.0], name="w").name == "w"
    assert repr(nn.Parameter([1.0])).startswith("Parameter containing:\ntensor([1.")
    with pytest.raises(RuntimeError, match="only real numbers can require a gradient"):
        nn.Parameter(tg.tensor([1, 2]))


def test_a_symbol_is_kept_and_a_lent_name_grows() -> None:
    inner = nn.Sequential(nn.Linear(1, 1))
    outer = nn.Module()
    outer.rnn = nn.RNN(1, 1)
    outer.net = inner
    top = nn.Module()
    top.model = outer
    assert [p.name for p in top.parameters()] == [
        "W_xh",
        "W_hh",
        "b_xh",
        "b_hh",
        "model.net.0.weight",
        "model.net.0.bias",
    ]


# Printing


def test_prints_as_a_tree_with_shapes_and_a_total() -> None:
    assert repr(Model()) == (
        "Model(  # offset (1,)\n"
        "  (first): Block(  # scale (2,)\n"
        "    (lin): Linear(in_features=2, out_features=2, bias=True)  # weight (2, 2), bias (2,)\n"
        "  )\n"
        "  (blocks): ModuleList(\n"
        "    (0): Block(  # scale (2,)\n"
        "      (lin): Linear(in_features=2, out_features=2, bias=True)  # weight (2, 2), bias (2,)\n"
        "    )\n"
        "    (1): Block(  # scale (2,)\n"
        "      (lin): Linear(in_features=2, out_features=2, bias=True)  # weight (2, 2), bias (2,)\n"
        "    )\n"
        "  )\n"
        "  (head): Linear(in_features=2, out_features=1, bias=False)  # weight (1, 2)\n"
        ")  # 27 parameters"
    )
    assert repr(nn.Tanh()) == "Tanh()"
    assert repr(nn.LSTM(1000, 2)) == (
        "LSTM(1000, 2)  # weight_ih_l0 (8, 1000), weight_hh_l0 (8, 2), bias_ih_l0 (8,), bias_hh_l0 (8,)  "
        "# 8,032 parameters"
    )
    assert "bias_ih_l1 (2,), bias_hh_l1 (2,)" not in repr(nn.RNN(1, 2, num_layers=2))
    assert "weight_ih_l1 (2, 2), weight_hh_l1 (2, 2), 2 more" in repr(nn.RNN(1, 2, num_layers=2))


OPTIONS: list[tuple[Any, str]] = [
    (
        nn.RNN(1, 2, 3, "relu", False, True, 0.5, True),
        "1, 2, num_layers=3, bias=False, batch_first=True, dropout=0.5, ",
    ),
    (nn.RNNCell(1, 2, False, "relu"), "1, 2, bias=False, nonlinearity=relu"),
    (nn.LSTM(1, 2, proj_size=1), "1, 2, proj_size=1"),
    (nn.GRUCell(1, 2), "1, 2"),
    (nn.Embedding(3, 2, padding_idx=-1), "3, 2, padding_idx=2"),
    (nn.Dropout(0.1), "p=0.1"),
    (nn.LayerNorm(3), "(3,), eps=1e-05, elementwise_affine=True"),
    (nn.RMSNorm(3), "(3,), eps=None, elementwise_affine=True"),
    (nn.Bilinear(1, 2, 3), "in1_features=1, in2_features=2, out_features=3, bias=True"),
    (nn.Flatten(), "start_dim=1, end_dim=-1"),
    (nn.LeakyReLU(0.1), "negative_slope=0.1"),
    (nn.GELU(), "approximate='none'"),
    (nn.PReLU(), "num_parameters=1"),
    (nn.MSELoss(), "reduction='mean'"),
]


@pytest.mark.parametrize(("module", "text"), OPTIONS, ids=lambda value: type(value).__name__)
def test_prints_its_options(module: nn.Module, text: str) -> None:
    assert module.extra_repr().startswith(text)


def test_names_and_order_equal_torch() -> None:
    torch = pytest.importorskip("torch")

    def build(lib: Any) -> Any:
        class Net(lib.nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.rnns = lib.nn.ModuleDict({"up": lib.nn.GRU(2, 3, num_layers=2), "down": lib.nn.LSTM(2, 3)})
                self.gain = lib.nn.Parameter(lib.ones(2))
                self.net = lib.nn.Sequential(lib.nn.Linear(2, 3), lib.nn.Tanh(), lib.nn.LayerNorm(3))
                self.params = lib.nn.ParameterList([lib.nn.Parameter(lib.ones(1)), lib.nn.Parameter(lib.ones(2))])
                self.register_buffer("count", lib.zeros(1))
                self.last = self.net[0]
                self.loss = lib.nn.CrossEntropyLoss(weight=lib.ones(3))

        return Net()

    mine, theirs = build(tg), build(torch)
    for listing in ("named_parameters", "named_buffers", "named_modules", "named_children"):
        assert [name for name, _ in getattr(mine, listing)()] == [name for name, _ in getattr(theirs, listing)()]
    assert list(mine.state_dict()) == list(theirs.state_dict())
    mine.load_state_dict(theirs.state_dict())
    theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in mine.state_dict().items()})
    order: dict[Any, list[str]] = {mine: [], theirs: []}
    for model, seen in order.items():
        model.apply(lambda m, seen=seen: seen.append(type(m).__name__))
    assert order[mine] == order[theirs]
