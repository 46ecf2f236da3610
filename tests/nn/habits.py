"""What programs rely on in modules, data, optimisers and schedules: small programs for both libraries, a row each.

A program takes the library and returns plain data, or raises. What a program does that PyTorch honours and that could
be overlooked without a word belongs here: a method that is overridden, a hook, an attribute changed afterwards, an
argument.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from tests.side_by_side import Program, Programs, listed, refused

PROGRAMS = Programs()

#: What is done otherwise here, and why.
KEPT = {"modes that are none": "a TypeError as for every argument of a wrong type, where PyTorch raises ValueError"}


def linear(tg: Any, value: float = 1.0) -> Any:
    """A product of two features with known weights."""
    made = tg.nn.Linear(2, 1)
    tg.nn.init.constant_(made.weight, value)
    tg.nn.init.constant_(made.bias, value)
    return made


# --- states ----------------------------------------------------------------------------------------------------------


def counting(tg: Any) -> Any:
    """A module with a state that is no tensor."""

    class Counting(tg.nn.Module):  # type: ignore[misc]
        def __init__(self, start: int) -> None:
            super().__init__()
            self.lin = linear(tg)
            self.count = start

        def get_extra_state(self) -> Any:
            return {"count": self.count}

        def set_extra_state(self, state: Any) -> None:
            self.count = state["count"]

    return Counting


@PROGRAMS
def extra_state_goes_round(tg: Any) -> Any:
    kind = counting(tg)
    model, other = tg.nn.Sequential(kind(3), kind(4)), tg.nn.Sequential(kind(0), kind(0))
    state = model.state_dict()
    result = other.load_state_dict(state)
    return [list(state), state["0._extra_state"], other[0].count, other[1].count, str(result)]


@PROGRAMS
def extra_state_that_is_missing_or_unexpected(tg: Any) -> Any:
    model, plain = counting(tg)(3), tg.nn.Sequential(OrderedDict(lin=linear(tg)))
    missing = model.load_state_dict(plain.state_dict(), strict=False)
    unexpected = plain.load_state_dict(model.state_dict(), strict=False)
    return [
        *missing,
        *unexpected,
        refused(lambda: model.load_state_dict(plain.state_dict())),
        refused(lambda: plain.load_state_dict(model.state_dict())),
    ]


@PROGRAMS
def extra_state_that_cannot_be_set(tg: Any) -> Any:
    class Only(tg.nn.Module):  # type: ignore[misc]
        def get_extra_state(self) -> Any:
            return 1

    return [Only().state_dict(), refused(lambda: Only().load_state_dict({"_extra_state": 2}))]


@PROGRAMS
def saving_that_is_overridden(tg: Any) -> Any:
    class Own(tg.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.w = tg.nn.Parameter(tg.ones(2))

        def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
            super()._save_to_state_dict(destination, prefix, keep_vars)
            destination[prefix + "twice"] = self.w.detach() * 2

        def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
            self.seen = listed(state_dict.pop(prefix + "twice"))
            super()._load_from_state_dict(state_dict, prefix, *rest)
            self.total = float(self.w.detach().sum())

    model = tg.nn.Sequential(Own())
    state = model.state_dict()
    loaded = tg.nn.Sequential(Own())
    loaded.load_state_dict({"0.w": tg.tensor([3.0, 4.0]), "0.twice": tg.tensor([6.0, 8.0])})
    return [listed(dict(state)), loaded[0].seen, loaded[0].total, listed(loaded[0].w)]


@PROGRAMS
def an_old_name_that_is_moved_while_loading(tg: Any) -> Any:
    class Renamed(tg.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.new = tg.nn.Parameter(tg.zeros(2))

        def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
            if prefix + "old" in state_dict:
                state_dict[prefix + "new"] = state_dict.pop(prefix + "old")
            super()._load_from_state_dict(state_dict, prefix, *rest)

    model, given = tg.nn.ModuleList([Renamed()]), {"0.old": tg.ones(2)}
    result = model.load_state_dict(given)
    return [listed(model[0].new), str(result), list(given)]


@PROGRAMS
def old_names_of_parts_moved_by_the_whole(tg: Any) -> Any:
    class Whole(tg.nn.Sequential):  # type: ignore[misc]
        def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
            for key in list(state_dict):
                state_dict[key.replace("first", "0")] = state_dict.pop(key)
            super()._load_from_state_dict(state_dict, prefix, *rest)

    model = Whole(linear(tg))
    state = model.state_dict()
    result = model.load_state_dict({key.replace("0", "first"): value * 2 for key, value in state.items()})
    return [str(result), listed(model[0].weight)]


@PROGRAMS
def loading_overridden_on_one_object(tg: Any) -> Any:
    model, seen = tg.nn.Sequential(linear(tg)), list[str]()
    usual = model[0]._load_from_state_dict

    def noting(state: Any, prefix: str, *rest: Any) -> None:
        seen.append(prefix)
        usual(state, prefix, *rest)

    model[0]._load_from_state_dict = noting
    model.load_state_dict(model.state_dict())
    return seen


@PROGRAMS
def problems_told_by_a_module(tg: Any) -> Any:
    class Picky(tg.nn.Module):  # type: ignore[misc]
        def _load_from_state_dict(
            self, state_dict: Any, prefix: str, meta: Any, strict: bool, missing: Any, unexpected: Any, errors: Any
        ) -> None:
            missing.append(prefix + "a")
            unexpected.append(prefix + "b")
            if "wrong" in state_dict:
                errors.append("this is wrong")

    model = tg.nn.Sequential()
    model.append(Picky())
    return [
        *model.load_state_dict({}, strict=False),
        refused(lambda: model.load_state_dict({})),
        refused(lambda: Picky().load_state_dict({"wrong": 1}, strict=False)),
    ]


@PROGRAMS
def a_part_that_is_not_strict(tg: Any) -> Any:
    class Lenient(tg.nn.Linear):  # type: ignore[misc]
        def _load_from_state_dict(self, state_dict: Any, prefix: str, meta: Any, strict: bool, *lists: Any) -> None:
            super()._load_from_state_dict(state_dict, prefix, meta, False, *lists)

    model = tg.nn.Sequential(Lenient(2, 1), linear(tg))
    state = {"0.weight": tg.ones(1, 2), "0.more": tg.ones(1), "1.bias": tg.ones(1), "1.more": tg.ones(1)}
    return list(model.load_state_dict(state, strict=False))


@PROGRAMS
def the_version_of_a_module_comes_back(tg: Any) -> Any:
    seen: list[Any] = []

    class Versioned(tg.nn.Module):  # type: ignore[misc]
        _version = 2

        def _load_from_state_dict(self, state_dict: Any, prefix: str, local_metadata: Any, *rest: Any) -> None:
            seen.append((prefix, local_metadata.get("version")))
            super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    model = tg.nn.Sequential(Versioned(), tg.nn.Sequential(Versioned()))
    model.load_state_dict(model.state_dict())
    model.load_state_dict(dict(model.state_dict()))
    return seen


@PROGRAMS
def a_state_dict_that_a_part_overrides(tg: Any) -> Any:
    class Short(tg.nn.Linear):  # type: ignore[misc]
        def state_dict(self, *args: Any, **kwargs: Any) -> Any:
            state = super().state_dict(*args, **kwargs)
            for name in [name for name in state if name.endswith("bias")]:
                del state[name]
            return state

    return list(tg.nn.Sequential(tg.nn.Tanh(), Short(2, 1)).state_dict())


@PROGRAMS
def a_state_dict_into_a_given_dictionary(tg: Any) -> Any:
    into: Any = OrderedDict(before=1)
    given = linear(tg).state_dict(destination=into, prefix="part.")
    return [given is into, list(into)]


@PROGRAMS
def what_is_no_state_dict(tg: Any) -> Any:
    model = linear(tg)
    wrong: list[Any] = [[], None, "state", 3]
    return [refused(model.load_state_dict, value) for value in wrong]


@PROGRAMS
def a_state_dict_that_does_not_fit(tg: Any) -> Any:
    model = linear(tg)
    good = {"weight": tg.ones(1, 2), "bias": tg.ones(1)}
    wrong = [good | {"bias": tg.ones(2)}, {"weight": good["weight"]}, good | {"more": tg.ones(1)}, good | {"a.b": 1}]
    return [refused(model.load_state_dict, state) for state in wrong]


@PROGRAMS
def loading_by_assignment(tg: Any) -> Any:
    model = linear(tg)
    model.weight.requires_grad_(False)
    weight, bias = tg.nn.Parameter(tg.ones(1, 2) * 2), tg.ones(1) * 3
    model.load_state_dict({"weight": weight, "bias": bias}, assign=True)
    bias.add_(1)
    return [model.weight is weight, listed(model.weight), listed(model.bias), type(model.bias).__name__] + [
        p.requires_grad for p in model.parameters()
    ]


@PROGRAMS
def buffers_loaded_by_assignment(tg: Any) -> Any:
    model = tg.nn.BatchNorm1d(2)
    state = {name: value + 1 for name, value in model.state_dict().items()}
    model.load_state_dict(state, assign=True)
    state["running_mean"].add_(1)
    return [listed(dict(model.named_buffers())), model.num_batches_tracked is state["num_batches_tracked"]]


# --- assignment ------------------------------------------------------------------------------------------------------


def owner(tg: Any) -> Any:
    made = tg.nn.Module()
    made.register_buffer("seen", tg.zeros(2))
    made.register_parameter("none", None)
    made.weight = tg.nn.Parameter(tg.zeros(2))
    made.part = linear(tg)
    made.plain = None
    return made


def names(module: Any) -> list[Any]:
    return [
        [name for name, _ in module.named_parameters()],
        [name for name, _ in module.named_buffers()],
        [name for name, _ in module.named_modules()],
        list(module.state_dict()),
    ]


ASSIGNED: dict[str, Callable[[Any], Any]] = {
    "a parameter": lambda tg: tg.nn.Parameter(tg.ones(3)),
    "a module": lambda tg: tg.nn.Linear(2, 1, bias=False),
    "a tensor": lambda tg: tg.ones(3),
    "nothing": lambda tg: None,
    "a number": lambda tg: 1.0,
}


def assigned(attribute: str, what: str) -> Program:
    def run(tg: Any) -> Any:
        module = owner(tg)
        told = refused(lambda: setattr(module, attribute, ASSIGNED[what](tg)))
        first = names(module)
        again = refused(lambda: setattr(module, attribute, tg.ones(3)))
        return [told, first, again, names(module)]

    return run


for attribute in ("seen", "none", "weight", "part", "plain", "fresh"):
    for what in ASSIGNED:
        PROGRAMS[f"{what} assigned to {attribute}"] = assigned(attribute, what)


@PROGRAMS
def a_tensor_assigned_to_what_a_layer_does_not_have(tg: Any) -> Any:
    nn = tg.nn
    layers = {
        "bias": [
            nn.Linear(2, 1, bias=False),
            nn.Bilinear(2, 2, 1, bias=False),
            nn.LayerNorm(2, bias=False),
            nn.BatchNorm1d(2, affine=False),
            nn.BatchNorm1d(2, bias=False),
        ],
        "weight": [
            nn.LayerNorm(2, elementwise_affine=False),
            nn.RMSNorm(2, elementwise_affine=False),
            nn.BatchNorm1d(2, affine=False),
        ],
        "bias_ih": [nn.RNNCell(2, 1, bias=False), nn.GRUCell(2, 1, bias=False), nn.LSTMCell(2, 1, bias=False)],
        "running_mean": [nn.BatchNorm1d(2, track_running_stats=False)],
    }
    return [[refused(setattr, layer, name, tg.ones(1)) for layer in several] for name, several in layers.items()]


@PROGRAMS
def an_attribute_that_is_deleted_is_free(tg: Any) -> Any:
    module = owner(tg)
    del module.seen, module.weight, module.part
    module.seen, module.weight, module.part = tg.ones(1), tg.ones(1), tg.ones(1)
    return names(module)


@PROGRAMS
def registering_over_something_else(tg: Any) -> Any:
    tensor, parameter, part = tg.ones(3), tg.nn.Parameter(tg.ones(3)), linear(tg)
    return [
        refused(lambda: owner(tg).register_buffer("weight", None)),
        refused(lambda: owner(tg).register_buffer("weight", tensor)),
        refused(lambda: owner(tg).register_buffer("part", tensor)),
        refused(lambda: owner(tg).register_parameter("seen", parameter)),
        refused(lambda: owner(tg).register_parameter("part", parameter)),
        refused(lambda: owner(tg).register_module("weight", part)),
        refused(lambda: owner(tg).register_module("seen", None)),
        refused(lambda: owner(tg).register_buffer("seen", tensor)),
        refused(lambda: owner(tg).register_parameter("weight", parameter)),
        refused(lambda: owner(tg).register_module("part", part)),
    ]


@PROGRAMS
def a_parameter_computed_from_others_is_refused(tg: Any) -> Any:
    w = tg.nn.Parameter(tg.ones(2))
    return refused(lambda: owner(tg).register_parameter("weight2", w * 2))


@PROGRAMS
def a_buffer_registered_again_may_change_its_persistence(tg: Any) -> Any:
    module = owner(tg)
    module.register_buffer("seen", tg.ones(2), persistent=False)
    return names(module)


# --- what reaches the parts ------------------------------------------------------------------------------------------


@PROGRAMS
def a_part_that_overrides_train(tg: Any) -> Any:
    class Frozen(tg.nn.Sequential):  # type: ignore[misc]
        def train(self, mode: bool = True) -> Any:
            super().train(mode)
            self[0].train(False)
            return self

    model = tg.nn.Sequential(Frozen(tg.nn.Dropout(), tg.nn.Dropout()))
    modes = []
    for change in (model.train, model.eval, lambda: model.train(True)):
        change()
        modes.append([module.training for module in model.modules()])
    return modes


@PROGRAMS
def modes_that_are_none(tg: Any) -> Any:
    model = tg.nn.Sequential(linear(tg))
    return [refused(model.train, mode) for mode in ("no", 1, None, True)] + [model.training]


@PROGRAMS
def a_part_that_overrides_apply(tg: Any) -> Any:
    seen: list[str] = []

    class Own(tg.nn.Sequential):  # type: ignore[misc]
        def apply(self, fn: Any) -> Any:
            seen.append("own")
            return super().apply(fn)

    tg.nn.Sequential(Own(linear(tg))).apply(lambda module: seen.append(type(module).__name__))
    return seen


@PROGRAMS
def a_part_that_converts_what_it_keeps_aside(tg: Any) -> Any:
    class Aside(tg.nn.Linear):  # type: ignore[misc]
        def _apply(self, fn: Any, recurse: bool = True) -> Any:
            super()._apply(fn)
            self.aside = fn(tg.ones(2))
            return self

    model = tg.nn.Sequential(Aside(2, 1)).to(tg.float64)
    return [str(model[0].aside.dtype).split(".")[-1], str(model[0].weight.dtype).split(".")[-1]]


@PROGRAMS
def parts_that_override_their_lists(tg: Any) -> Any:
    class Hidden(tg.nn.Sequential):  # type: ignore[misc]
        def named_modules(self, *args: Any, **kwargs: Any) -> Any:
            return iter(())

    model = tg.nn.Sequential(Hidden(linear(tg)), linear(tg))
    return [[name for name, _ in model.named_modules()], [name for name, _ in model.named_parameters()]]


@PROGRAMS
def a_part_that_prints_itself(tg: Any) -> Any:
    class Quiet(tg.nn.Linear):  # type: ignore[misc]
        def __repr__(self) -> str:
            return "quiet"

    class Renamed(tg.nn.Tanh):  # type: ignore[misc]
        def _get_name(self) -> str:
            return "renamed"

    text = repr(tg.nn.Sequential(Quiet(2, 1), Renamed()))
    return ["quiet" in text, "renamed" in text]


@PROGRAMS
def conversion(tg: Any) -> Any:
    model = tg.nn.BatchNorm1d(2)
    bad = [refused(model.to, kind) for kind in (tg.int64, tg.bool, "nowhere", 1.5, None)]
    bad.append(refused(lambda: model.to(dtype=tg.int32)))
    model.to(tg.ones(1, dtype=tg.float64))
    return [bad[:2], bad[-1], [str(value.dtype).split(".")[-1] for value in model.state_dict().values()]]


@PROGRAMS
def gradients_cleared(tg: Any) -> Any:
    model = linear(tg)
    model(tg.ones(1, 2)).sum().backward()
    kept = model.weight.grad
    model.zero_grad(set_to_none=False)
    return [listed(kept), listed(model.weight.grad), kept is model.weight.grad]


@PROGRAMS
def gradients_cleared_by_an_optimiser(tg: Any) -> Any:
    model = linear(tg)
    model(tg.ones(1, 2)).sum().backward()
    kept = model.weight.grad
    tg.optim.SGD(model.parameters(), lr=1.0).zero_grad(set_to_none=False)
    return [listed(kept), kept is model.weight.grad]


@PROGRAMS
def a_parameter_converted_keeps_its_identity(tg: Any) -> Any:
    model = linear(tg)
    weight = model.weight
    model(tg.ones(1, 2)).sum().backward()
    model.double()
    return [model.weight is weight, str(weight.grad.dtype).split(".")[-1]]


@PROGRAMS
def a_hook_sees_modules_called_by_name(tg: Any) -> Any:
    model, seen = tg.nn.Sequential(linear(tg), linear(tg, 2.0)), []
    handles = [
        part.register_forward_hook(lambda module, args, output, name=name: seen.append((name, listed(output))))
        for name, part in model.named_children()
    ]
    model(tg.ones(1, 2))
    for handle in handles:
        handle.remove()
    model[0](tg.ones(1, 2))
    return seen


@PROGRAMS
def a_call_that_is_overridden_in_the_object(tg: Any) -> Any:
    model = linear(tg)
    model.forward = lambda x: x * 3
    return listed(model(tg.ones(2)))


# --- containers ------------------------------------------------------------------------------------------------------


@PROGRAMS
def insertion_at_the_ends_and_beyond(tg: Any) -> Any:
    found = []
    for index in (0, 2, -1, 3, -2, -4, 9):
        model = tg.nn.Sequential(tg.nn.Tanh(), tg.nn.ReLU())
        told = refused(model.insert, index, tg.nn.Sigmoid())
        found.append([index, told, [type(part).__name__ for part in model], list(dict(model.named_children()))])
    return found


@PROGRAMS
def lists_that_grow_in_place(tg: Any) -> Any:
    found = []
    for kind in (tg.nn.ModuleList, lambda parts: tg.nn.Sequential(*parts)):
        parts = kind([tg.nn.Tanh()])
        alias = parts
        parts += kind([tg.nn.ReLU()])
        found.append([alias is parts, len(alias), [name for name, _ in alias.named_children()]])
    more = tg.nn.ParameterList([tg.ones(1)])
    alias = more
    more += [tg.zeros(1)]
    return [*found, alias is more, len(alias)]


@PROGRAMS
def lists_joined(tg: Any) -> Any:
    first, second = tg.nn.ModuleList([tg.nn.Tanh()]), tg.nn.ModuleList([tg.nn.ReLU()])
    both = first + second
    return [len(both), len(first), both[1] is second[0], type(both).__name__]


@PROGRAMS
def the_order_of_dictionaries(tg: Any) -> Any:
    plain = {"b": tg.ones(1), "a": tg.zeros(1)}
    parts = {"b": tg.nn.Tanh(), "a": tg.nn.ReLU()}
    return [
        list(tg.nn.ParameterDict(plain).keys()),
        list(tg.nn.ParameterDict(list(plain.items())).keys()),
        list(tg.nn.ModuleDict(parts).keys()),
        list(tg.nn.ModuleDict(list(parts.items())).keys()),
        [name for name, _ in tg.nn.Sequential(OrderedDict(parts)).named_children()],
    ]


@PROGRAMS
def indices_of_lists(tg: Any) -> Any:
    parts = tg.nn.ModuleList([tg.nn.Tanh(), tg.nn.ReLU(), tg.nn.Sigmoid()])
    del parts[1]
    parts[-1] = tg.nn.Softmax(0)
    keys = [name for name, _ in parts.named_children()]
    return [keys, [type(part).__name__ for part in parts], *map(refused, (lambda: parts[2], lambda: parts[-3]))]


@PROGRAMS
def what_no_list_takes(tg: Any) -> Any:
    parts = tg.nn.ModuleList()
    return [refused(parts.append, value) for value in (3, "a", tg.ones(1))]


@PROGRAMS
def a_copy_is_independent(tg: Any) -> Any:
    model = tg.nn.ModuleDict({"a": linear(tg)})
    twin = copy.deepcopy(model)
    twin["b"] = linear(tg, 5.0)
    twin["a"].register_buffer("more", tg.ones(1))
    return [names(model), names(twin)]


# --- normalisation ---------------------------------------------------------------------------------------------------


def normalised(change: Callable[[Any], Any]) -> Program:
    def run(tg: Any) -> Any:
        norm = tg.nn.BatchNorm1d(2)
        x = tg.tensor([[1.0, 2.0], [3.0, 5.0], [4.0, 4.0]])
        norm(x)
        change(norm)
        outputs = [listed(norm(x)) for _ in range(2)]
        norm.eval()
        return [*outputs, listed(norm(x)), listed(dict(norm.named_buffers()))]

    return run


def without_statistics(norm: Any) -> None:
    norm.running_mean = norm.running_var = None


CHANGES: dict[str, Callable[[Any], Any]] = {
    "as it is": lambda norm: None,
    "told to keep no statistics": lambda norm: setattr(norm, "track_running_stats", False),
    "without its mean": lambda norm: setattr(norm, "running_mean", None),
    "without its statistics": without_statistics,
    "without its count": lambda norm: setattr(norm, "num_batches_tracked", None),
    "with no momentum": lambda norm: setattr(norm, "momentum", None),
    "with another momentum": lambda norm: setattr(norm, "momentum", 0.5),
    "with another eps": lambda norm: setattr(norm, "eps", 1.0),
    "without its weight": lambda norm: setattr(norm, "weight", None),
    "without its bias": lambda norm: setattr(norm, "bias", None),
    "begun again": lambda norm: norm.reset_running_stats(),
    "in evaluation without statistics": lambda norm: setattr(norm.eval(), "track_running_stats", False),
}
for change in CHANGES:
    PROGRAMS[f"normalisation {change}"] = normalised(CHANGES[change])


# --- attributes changed afterwards -----------------------------------------------------------------------------------


def changed_later(make: Callable[[Any], Any], give: Callable[[Any], Any], **options: Any) -> Program:
    """A module whose attributes are set after it was made."""

    def run(tg: Any) -> Any:
        module = make(tg)
        tg.nn.init.constant_(module.weight, 0.5) if getattr(module, "weight", None) is not None else None
        for name, value in options.items():
            setattr(module, name, value)
        return listed(module(*give(tg)))

    return run


def some(tg: Any) -> Any:
    return (tg.tensor([[-1.5, 0.5, 2.0], [1.0, -0.5, 3.0]]),)


def compared(tg: Any) -> Any:
    return (*some(tg), tg.tensor([[1.0, 0.0, 2.5], [-1.0, 2.0, 0.0]]))


def classified(tg: Any) -> Any:
    return (*some(tg), tg.tensor([2, 0]))


LATER: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], dict[str, Any]]] = {
    "ELU": (lambda tg: tg.nn.ELU(), some, {"alpha": 2.0}),
    "CELU": (lambda tg: tg.nn.CELU(), some, {"alpha": 2.0}),
    "LeakyReLU": (lambda tg: tg.nn.LeakyReLU(), some, {"negative_slope": 0.3}),
    "Softplus": (lambda tg: tg.nn.Softplus(), some, {"beta": 2.0, "threshold": 1.0}),
    "Hardtanh": (lambda tg: tg.nn.Hardtanh(), some, {"min_val": -2.0, "max_val": 0.5}),
    "Softmax": (lambda tg: tg.nn.Softmax(0), some, {"dim": 1}),
    "GLU": (lambda tg: tg.nn.GLU(1), some, {"dim": 0}),
    "GELU": (lambda tg: tg.nn.GELU(), some, {"approximate": "tanh"}),
    "Dropout": (lambda tg: tg.nn.Dropout(), some, {"p": 0.0}),
    "Dropout, all": (lambda tg: tg.nn.Dropout(), some, {"p": 1.0}),
    "Flatten": (lambda tg: tg.nn.Flatten(), some, {"start_dim": 0}),
    "LayerNorm": (lambda tg: tg.nn.LayerNorm(3), some, {"eps": 1.0, "bias": None}),
    "RMSNorm": (lambda tg: tg.nn.RMSNorm(3), some, {"eps": 1.0}),
    "MSELoss": (lambda tg: tg.nn.MSELoss(), compared, {"reduction": "sum"}),
    "L1Loss": (lambda tg: tg.nn.L1Loss(), compared, {"reduction": "none"}),
    "SmoothL1Loss": (lambda tg: tg.nn.SmoothL1Loss(), compared, {"beta": 2.0}),
    "HuberLoss": (lambda tg: tg.nn.HuberLoss(), compared, {"delta": 2.0, "reduction": "sum"}),
    "KLDivLoss": (lambda tg: tg.nn.KLDivLoss(), compared, {"log_target": True, "reduction": "sum"}),
    "CrossEntropyLoss": (lambda tg: tg.nn.CrossEntropyLoss(), classified, {"ignore_index": 0, "label_smoothing": 0.1}),
    "NLLLoss": (lambda tg: tg.nn.NLLLoss(), classified, {"ignore_index": 0, "reduction": "sum"}),
}
for kind, (make, give, options) in LATER.items():
    PROGRAMS[f"{kind} changed later"] = changed_later(make, give, **options)


@PROGRAMS
def an_embedding_changed_later(tg: Any) -> Any:
    table = tg.nn.Embedding(3, 2)
    tg.nn.init.constant_(table.weight, 1.0)
    table.padding_idx = 1
    table(tg.tensor([0, 1, 1])).sum().backward()
    return listed(table.weight.grad)


@PROGRAMS
def a_linear_layer_that_loses_its_bias(tg: Any) -> Any:
    model = linear(tg)
    model.bias = None
    return [listed(model(tg.ones(1, 2))), names(model), "bias=False" in repr(model)]


def ones_in(tg: Any, module: Any) -> Any:
    for number, parameter in enumerate(module.parameters()):
        tg.nn.init.constant_(parameter, 0.1 * (number + 1))
    return module


@PROGRAMS
def recurrent_options_changed_later(tg: Any) -> Any:
    x = tg.ones(2, 3, 4)
    net = ones_in(tg, tg.nn.LSTM(4, 2, num_layers=2))
    first = net(x)[0]
    net.batch_first = True
    second = net(x)[0]
    net.dropout = 1.0
    third = net(x)[0]
    return listed([first, second, third])


@PROGRAMS
def a_recurrent_weight_exchanged(tg: Any) -> Any:
    net = ones_in(tg, tg.nn.GRU(3, 2))
    net.weight_hh_l0 = tg.nn.Parameter(tg.zeros(6, 2))
    return [listed(net(tg.ones(2, 1, 3))[0]), names(net)[0]]


# --- losses with the arguments of old --------------------------------------------------------------------------------


def old_arguments(name: str, **options: Any) -> Program:
    def run(tg: Any) -> Any:
        inputs = {"NLLLoss": classified, "CrossEntropyLoss": classified}.get(name, compared)(tg)
        if name in ("BCELoss", "BCEWithLogitsLoss", "KLDivLoss"):
            inputs = [each.sigmoid() for each in inputs]
        loss, function = getattr(tg.nn, name)(**options), getattr(tg.nn.functional, FUNCTIONS[name])
        return [loss.reduction, loss(*inputs), function(*inputs, **options)]

    return run


FUNCTIONS = {
    "MSELoss": "mse_loss",
    "L1Loss": "l1_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "NLLLoss": "nll_loss",
    "CrossEntropyLoss": "cross_entropy",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "KLDivLoss": "kl_div",
}
for name in FUNCTIONS:
    for size_average, reduce in ((False, None), (True, None), (None, False), (None, True), (False, True)):
        PROGRAMS[f"{name} of old {size_average} {reduce}"] = old_arguments(
            name, size_average=size_average, reduce=reduce
        )


# --- what a module holds, and how it is computed ----------------------------------------------------------------------


@PROGRAMS
def what_a_module_holds_by_kind(tg: Any) -> Any:
    norm, net = tg.nn.BatchNorm1d(3), tg.nn.Sequential(tg.nn.Linear(1, 2, bias=False), tg.nn.ReLU())
    held = [[*norm._parameters], [*norm._buffers], [*norm._modules], [*net._modules], len(net._modules)]
    held += [[*net[0]._parameters], net[0]._parameters["bias"], "x" in norm._parameters, "weight" in norm._parameters]
    del norm._parameters["weight"]
    norm._buffers["x"] = tg.zeros(2)
    net._modules["1"] = tg.nn.Tanh()
    told = refused(lambda: norm._parameters["q"])
    return [*held, [*norm.state_dict()], hasattr(norm, "weight"), type(net[1]).__name__, told]


@PROGRAMS
def names_of_the_weights_of_a_network(tg: Any) -> Any:
    rnn = tg.nn.LSTM(2, 3, 2, bidirectional=True)
    return [rnn._flat_weights_names, [w.shape for w in rnn._flat_weights]]


@PROGRAMS
def hooks_on_all_modules(tg: Any) -> Any:
    seen: list[Any] = []
    kinds = tg.nn.modules.module
    handles = [
        kinds.register_module_forward_pre_hook(lambda m, x: seen.append(["pre", type(m).__name__])),
        kinds.register_module_forward_hook(lambda m, x, y: seen.append(["post", type(m).__name__])),
        kinds.register_module_full_backward_pre_hook(lambda m, g: seen.append(["back", type(m).__name__])),
        kinds.register_module_full_backward_hook(lambda m, g, h: seen.append(["done", type(m).__name__, h[0].sum()])),
    ]
    net = tg.nn.Sequential(linear(tg), tg.nn.Tanh())
    net[0].register_forward_pre_hook(lambda m, x: seen.append("own pre"))
    net[0].register_forward_hook(lambda m, x, y: seen.append("own"))
    net(tg.tensor([[0.1, 0.2]], requires_grad=True)).sum().backward()
    for handle in handles:
        handle.remove()
    net(tg.ones(1, 2))
    return seen


class _Positive:
    """exp, of what was log: a parametrization."""

    def __new__(cls, tg: Any, inverse: bool) -> Any:
        def forward(self: Any, x: Any) -> Any:
            return x.exp()

        methods = {"forward": forward, **({"right_inverse": lambda self, x: x.log()} if inverse else {})}
        return type("Positive", (tg.nn.Module,), methods)()


def parametrized(how: str, name: str, make: Callable[[Any], Any], shape: tuple[int, ...]) -> Program:
    """A few steps of descent with a parametrized weight, which becomes an ordinary one afterwards."""

    def run(tg: Any) -> Any:
        of_old, new, own = tg.nn.utils, tg.nn.utils.parametrizations, tg.nn.utils.parametrize
        module, x = make(tg), tg.arange(24.0).reshape(shape) / 24
        for i, each in enumerate(module.parameters()):
            tg.nn.init.constant_(each, 0.3 + i / 10)
        if how == "old":
            of_old.weight_norm(module, name)
        elif how == "new":
            new.weight_norm(module, name, 1)
        else:
            for _ in range(1 + (how == "twice")):
                own.register_parametrization(module, name, _Positive(tg, how == "inverse"))
        seen: list[Any] = [[*module.state_dict()], type(module).__name__, own.is_parametrized(module, name)]
        optimizer = tg.optim.SGD(module.parameters(), lr=0.01)
        for _ in range(3):
            y = module(x)
            optimizer.zero_grad()
            loss = ((y[0] if isinstance(y, tuple) else y) ** 2).mean()
            loss.backward()
            optimizer.step()
            seen += [loss, getattr(module, name).detach() * (how != "old")]
        told = refused(lambda: own.register_parametrization(module, "nothing", _Positive(tg, False)))
        if how == "old":
            of_old.remove_weight_norm(module, name)
        else:
            own.remove_parametrizations(module, name, leave_parametrized=how != "plain")
        return [*seen, told, sorted(module.state_dict()), getattr(module, name), type(module).__name__]

    return run


for how in ("old", "new", "plain", "inverse", "twice"):
    PROGRAMS[f"a weight computed, {how}"] = parametrized(how, "weight", lambda tg: tg.nn.Linear(4, 2), (6, 4))
    PROGRAMS[f"a weight of a network, {how}"] = parametrized(
        how, "weight_hh_l0", lambda tg: tg.nn.LSTM(4, 2), (3, 2, 4)
    )


# --- operations of one's own -----------------------------------------------------------------------------------------


def functions(tg: Any) -> Any:
    class Half(tg.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any) -> Any:
            return a * b

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return None, g * 2

    leaves = [tg.tensor([1.0, 2.0], requires_grad=True) for _ in range(2)]
    return Half, *leaves


@PROGRAMS
def a_function_that_gives_no_gradient(tg: Any) -> Any:
    half, a, b = functions(tg)
    half.apply(a * 3, b).sum().backward()
    return [a.grad, b.grad]


@PROGRAMS
def a_function_that_gives_no_gradient_beside_another_use(tg: Any) -> Any:
    half, a, b = functions(tg)
    (half.apply(a, b) + a).sum().backward()
    return [a.grad, b.grad]


@PROGRAMS
def a_gradient_asked_of_a_function_that_gives_none(tg: Any) -> Any:
    half, a, b = functions(tg)
    grad = tg.autograd.grad
    told = refused(lambda: grad(half.apply(a, b).sum(), a))
    return [told, *grad(half.apply(a, b).sum(), [a, b], allow_unused=True, create_graph=True)]


@PROGRAMS
def parts_named_as_what_a_container_has(tg: Any) -> Any:
    linear = tg.nn.Linear(1, 1)
    told: dict[str, str] = {}
    for made, part in ((tg.nn.ModuleDict, linear), (tg.nn.ParameterDict, linear.weight)):
        for name in ("kind", "holds", "label", "names", "parts", "place", "items", "pop", "forward", "weight"):
            told[f"{made.__name__} {name}"] = refused(lambda: made({name: part}))  # noqa: B023
    return told
