"""What programs rely on in optimisers and schedules of the learning rate."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.side_by_side import Program, Programs, refused

PROGRAMS = Programs()

#: What is done otherwise here, and why.
KEPT = {
    "an option of a group that the optimiser does not have": "it is more often misspelt than meant",
    "a word in the state": "kept; PyTorch puts a generator in its place",
    "no state at all": "a TypeError, as for everything that is no dictionary",
    "a parameter given twice": "it would be moved twice in each step",
    "two implementations at once": "neither is chosen",
}


def parameters(tg: Any) -> list[Any]:
    made = [tg.nn.Parameter(tg.tensor([1.0, -2.0])), tg.nn.Parameter(tg.tensor([[0.5]]))]
    for number, p in enumerate(made):
        p.grad = tg.full(tuple(p.shape), 0.1 * (number + 1))
    return made


def moved(tg: Any, optimizer: Any, steps: int = 3) -> list[Any]:
    for _ in range(steps):
        optimizer.step()
    return [p.tolist() for group in optimizer.param_groups for p in group["params"]]


ALL: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.1, "momentum": 0.9},
    "Adam": {},
    "AdamW": {},
    "NAdam": {},
    "RAdam": {},
    "Adamax": {},
    "RMSprop": {},
    "Adagrad": {},
    "Adadelta": {},
}


# --- arguments that choose an implementation -------------------------------------------------------------------------


def chosen(name: str, **options: Any) -> Program:
    def run(tg: Any) -> Any:
        made = getattr(tg.optim, name)(parameters(tg), **ALL[name], **options)
        return [moved(tg, made), sorted(made.param_groups[0])[:0]]

    return run


for name in ALL:
    for options in ({"foreach": True}, {"foreach": False}, {"differentiable": False}, {"capturable": False}):
        if "capturable" not in options or name not in ("SGD", "Adagrad"):
            PROGRAMS[f"{name} {options}"] = chosen(name, **options)
for name in ("Adam", "AdamW", "SGD", "Adagrad"):
    for options in ({"fused": True}, {"fused": False}):
        PROGRAMS[f"{name} {options}"] = chosen(name, **options)
for name in ("Adam", "SGD"):
    PROGRAMS[f"{name} with an unknown option"] = chosen(name, momentun=0.9)


# --- ranges of options -----------------------------------------------------------------------------------------------

RANGES: dict[str, list[dict[str, Any]]] = {
    "SGD": [{"lr": -1.0}, {"momentum": -0.1}, {"weight_decay": -1.0}, {"nesterov": True}, {"momentum": 2.0}],
    "Adam": [{"lr": -1.0}, {"betas": (1.0, 0.9)}, {"betas": (0.9, -0.1)}, {"eps": -1.0}, {"weight_decay": -1.0}],
    "RMSprop": [{"alpha": -0.1}, {"alpha": 1.5}, {"momentum": -1.0}, {"eps": -1.0}],
    "Adagrad": [{"lr_decay": -1.0}, {"initial_accumulator_value": -1.0}, {"eps": -1.0}],
    "Adadelta": [{"rho": 1.1}, {"rho": -0.1}, {"eps": -1.0}],
    "NAdam": [{"momentum_decay": -1.0}, {"betas": (0.0, 0.0)}],
    "RAdam": [{"lr": float("nan")}, {"betas": (0.9, 1.0)}],
    "Adamax": [{"lr": -0.1}, {"weight_decay": -0.1}],
    "Adafactor": [{"eps": (None, -1.0)}, {"eps": (-1.0, 0.1)}, {"d": 0.5}, {"beta2_decay": 0.1}, {"lr": -1.0}],
}


def out_of_range(name: str) -> Program:
    return lambda tg: [refused(getattr(tg.optim, name), parameters(tg), **row) for row in RANGES[name]]


for name in RANGES:
    PROGRAMS[f"{name} out of range"] = out_of_range(name)


# --- what is changed between steps -----------------------------------------------------------------------------------


def changed(name: str, **options: Any) -> Program:
    """A run whose group gets other options after two steps."""

    def run(tg: Any) -> Any:
        made = getattr(tg.optim, name)(parameters(tg), **ALL[name])
        first = moved(tg, made, 2)
        made.param_groups[0].update(options)
        return [first, moved(tg, made, 3)]

    return run


CHANGES: dict[str, list[dict[str, Any]]] = {
    "SGD": [{"lr": 0.5}, {"momentum": 0.0}, {"dampening": 0.5}, {"weight_decay": 0.1}, {"maximize": True}],
    "Adam": [{"lr": 0.5}, {"betas": (0.5, 0.5)}, {"eps": 0.1}, {"weight_decay": 0.1}, {"maximize": True}],
    "AdamW": [{"weight_decay": 0.5}, {"maximize": True}, {"amsgrad": False}],
    "RMSprop": [{"alpha": 0.5}, {"eps": 0.1}, {"weight_decay": 0.1}],
    "Adagrad": [{"lr_decay": 0.5}, {"eps": 0.1}],
    "Adadelta": [{"rho": 0.5}, {"eps": 0.1}],
    "NAdam": [{"momentum_decay": 0.1}, {"decoupled_weight_decay": True, "weight_decay": 0.1}],
    "RAdam": [{"betas": (0.5, 0.5)}, {"decoupled_weight_decay": True, "weight_decay": 0.1}],
    "Adamax": [{"betas": (0.5, 0.5)}, {"eps": 0.1}],
}
for name, several in CHANGES.items():
    for options in several:
        PROGRAMS[f"{name} changed to {options}"] = changed(name, **options)


@PROGRAMS
def a_learning_rate_that_is_a_tensor(tg: Any) -> Any:
    made = tg.optim.SGD(parameters(tg), lr=tg.tensor(0.1))
    return moved(tg, made)


@PROGRAMS
def momentum_added_later_to_plain_descent(tg: Any) -> Any:
    made = tg.optim.SGD(parameters(tg), lr=0.1)
    moved(tg, made, 1)
    made.param_groups[0]["momentum"] = 0.5
    return moved(tg, made)


@PROGRAMS
def a_parameter_without_gradient_is_left_alone(tg: Any) -> Any:
    given = parameters(tg)
    given[0].grad = None
    made = tg.optim.Adam(given)
    moved(tg, made)
    return [moved(tg, made), len(made.state), len(made.state_dict()["state"])]


@PROGRAMS
def options_of_ones_own_are_kept(tg: Any) -> Any:
    made = tg.optim.SGD(parameters(tg), lr=0.1)
    made.param_groups[0]["note"] = "mine"
    state = copy.deepcopy(made.state_dict())
    other = tg.optim.SGD(parameters(tg), lr=0.5)
    other.load_state_dict(state)
    return [state["param_groups"][0]["note"], other.param_groups[0].get("note"), other.param_groups[0]["lr"]]


@PROGRAMS
def an_option_of_a_group_that_the_optimiser_does_not_have(tg: Any) -> Any:
    return refused(lambda: tg.optim.SGD([{"params": parameters(tg), "momentun": 0.9}], lr=0.1))


@PROGRAMS
def an_entry_of_a_group_that_is_no_option(tg: Any) -> Any:
    made = tg.optim.SGD([{"params": parameters(tg), "name": "rnn", "lr_scale": 0.5}], lr=0.1)
    return [made.param_groups[0]["name"], made.state_dict()["param_groups"][0]["lr_scale"], moved(tg, made)]


@PROGRAMS
def a_word_in_the_state(tg: Any) -> Any:
    made = tg.optim.SGD(parameters(tg), lr=0.1)
    made.state[made.param_groups[0]["params"][0]]["note"] = "mine"
    made.load_state_dict(made.state_dict())
    return made.state[made.param_groups[0]["params"][0]]["note"] == "mine"


@PROGRAMS
def no_state_at_all(tg: Any) -> Any:
    return refused(lambda: tg.optim.SGD(parameters(tg), lr=0.1).load_state_dict(None))


@PROGRAMS
def a_parameter_given_twice(tg: Any) -> Any:
    return refused(lambda: tg.optim.SGD([parameters(tg)[0]] * 2, lr=0.1))


@PROGRAMS
def two_implementations_at_once(tg: Any) -> Any:
    return refused(lambda: tg.optim.Adam(parameters(tg), fused=True, foreach=True))


@PROGRAMS
def entries_of_ones_own_in_the_state(tg: Any) -> Any:
    given = parameters(tg)
    made = tg.optim.SGD(given, lr=0.1)
    made.state[given[1]]["count"] = 3
    other = tg.optim.SGD(parameters(tg), lr=0.1)
    other.load_state_dict(made.state_dict())
    return [other.state[p] for p in other.param_groups[0]["params"]]


@PROGRAMS
def a_state_that_belongs_to_nothing(tg: Any) -> Any:
    made = tg.optim.SGD(parameters(tg), lr=0.1)
    bad = [[], {}, {"state": {}}, {"state": {}, "param_groups": [{"params": [0]}]}]
    return [refused(made.load_state_dict, state) for state in bad]


@PROGRAMS
def a_state_with_a_group_too_many(tg: Any) -> Any:
    made = tg.optim.SGD(parameters(tg), lr=0.1)
    state = made.state_dict()
    state["param_groups"] = state["param_groups"] * 2
    return refused(lambda: made.load_state_dict(state))


@PROGRAMS
def what_a_closure_gives(tg: Any) -> Any:
    found = []
    for name in ("SGD", "Adam", "LBFGS"):
        p = tg.nn.Parameter(tg.tensor([1.0, 2.0]))
        made = getattr(tg.optim, name)([p], lr=0.1)

        def closure(p: Any = p, made: Any = made) -> Any:
            made.zero_grad()
            loss = (p * p).sum()
            loss.backward()
            return loss

        with tg.no_grad():
            found.append([float(made.step(closure)), p.tolist()])
    return found


@PROGRAMS
def what_is_no_list_of_parameters(tg: Any) -> Any:
    p = parameters(tg)[0]
    bad = [p, [], [1.0], [p * 2], [{"params": [p]}, {"params": [p]}], "ab", None, [None], [{"lr": 0.1}]]
    return [refused(tg.optim.SGD, given, lr=0.1) for given in bad]


@PROGRAMS
def groups_added_later(tg: Any) -> Any:
    first, second = parameters(tg)
    made = tg.optim.Adam([first])
    bad = [refused(lambda: made.add_param_group({"params": [first]})), refused(lambda: made.add_param_group([second]))]
    made.add_param_group({"params": second, "lr": 0.1})
    return [bad, moved(tg, made), made.param_groups[1]["betas"]]


@PROGRAMS
def the_order_of_a_set_is_refused(tg: Any) -> Any:
    return refused(lambda: tg.optim.SGD({"params": set(parameters(tg))}["params"], lr=0.1))


@PROGRAMS
def a_subclass_that_overrides_what_is_called(tg: Any) -> Any:
    seen: list[str] = []

    class Own(tg.optim.SGD):  # type: ignore[misc]
        def add_param_group(self, param_group: Any) -> None:
            seen.append("group")
            super().add_param_group(param_group)

        def zero_grad(self, set_to_none: bool = True) -> None:
            seen.append("zero")
            super().zero_grad(set_to_none)

        def step(self, closure: Any = None) -> Any:
            seen.append("step")
            return super().step(closure)

    made = Own(parameters(tg), lr=0.1)
    moved(tg, made, 1)
    made.zero_grad()
    return seen


@PROGRAMS
def an_optimiser_written_for_torch(tg: Any) -> Any:
    class Sign(tg.optim.Optimizer):  # type: ignore[misc]
        def __init__(self, params: Any, lr: float = 0.1) -> None:
            super().__init__(params, {"lr": lr})

        def step(self, closure: Any = None) -> Any:
            with tg.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        state = self.state[p]
                        state.setdefault("count", 0)
                        state["count"] += 1
                        p.add_(tg.sign(p.grad), alpha=-group["lr"])

    made = Sign(parameters(tg))
    return [moved(tg, made), [entry["count"] for entry in made.state.values()]]


@PROGRAMS
def copies(tg: Any) -> Any:
    made = tg.optim.Adam(parameters(tg))
    moved(tg, made, 1)
    twin = copy.deepcopy(made)
    return [moved(tg, twin), [p.tolist() for p in made.param_groups[0]["params"]]]


@PROGRAMS
def gradients_that_are_kept_by_somebody(tg: Any) -> Any:
    given = parameters(tg)
    kept = given[0].grad
    made = tg.optim.SGD(given, lr=0.1)
    made.zero_grad(set_to_none=False)
    return [kept.tolist(), given[0].grad is kept]


@PROGRAMS
def clipping(tg: Any) -> Any:
    found: list[Any] = []
    for kind in (2, 1, 0.5, float("inf"), "inf", 0):
        given = parameters(tg)
        norm = tg.nn.utils.clip_grad_norm_(given, 0.1, kind)
        found.append([norm.item(), [p.grad.tolist() for p in given]])
    return found


@PROGRAMS
def clipping_what_is_not_finite(tg: Any) -> Any:
    found: list[Any] = []
    for kind in (2, 1, float("inf")):
        for bad in (float("nan"), float("inf"), -float("inf")):
            given = parameters(tg)
            given[1].grad[0] = bad
            found.append(refused(tg.nn.utils.clip_grad_norm_, given, 1.0, kind, error_if_nonfinite=True))
            total = tg.nn.utils.clip_grad_norm_(given, 1.0, kind)
            found.append([total.item(), [p.grad.tolist() for p in given]])
    return found


@PROGRAMS
def clipping_an_iterator(tg: Any) -> Any:
    given = parameters(tg)
    total = tg.nn.utils.clip_grad_norm_((p for p in given), 0.1, foreach=False)
    tg.nn.utils.clip_grad_value_((p for p in given), 0.01, foreach=None)
    return [total.item(), [p.grad.tolist() for p in given], tg.nn.utils.clip_grad_norm_([], 1.0).item()]


# --- schedules -------------------------------------------------------------------------------------------------------

SCHEDULES: dict[str, Callable[[Any, Any, int], Any]] = {
    "StepLR": lambda s, o, e: s.StepLR(o, 2, 0.5, last_epoch=e),
    "MultiStepLR": lambda s, o, e: s.MultiStepLR(o, [2, 2, 5], 0.5, last_epoch=e),
    "ConstantLR": lambda s, o, e: s.ConstantLR(o, 0.5, 3, last_epoch=e),
    "LinearLR": lambda s, o, e: s.LinearLR(o, 0.25, 1.0, 4, last_epoch=e),
    "ExponentialLR": lambda s, o, e: s.ExponentialLR(o, 0.9, last_epoch=e),
    "PolynomialLR": lambda s, o, e: s.PolynomialLR(o, 5, 2.0, last_epoch=e),
    "CosineAnnealingLR": lambda s, o, e: s.CosineAnnealingLR(o, 4, 0.01, last_epoch=e),
    "CosineAnnealingWarmRestarts": lambda s, o, e: s.CosineAnnealingWarmRestarts(o, 3, 2, last_epoch=e),
    "LambdaLR": lambda s, o, e: s.LambdaLR(o, lambda t: 0.9**t, last_epoch=e),
    "MultiplicativeLR": lambda s, o, e: s.MultiplicativeLR(o, lambda t: 0.9, last_epoch=e),
    "CyclicLR": lambda s, o, e: s.CyclicLR(o, 0.1, 0.5, 3, cycle_momentum=False, last_epoch=e),
    "OneCycleLR": lambda s, o, e: s.OneCycleLR(o, 0.5, 20, last_epoch=e),
}


def path(tg: Any, optimizer: Any, schedule: Any, steps: int) -> list[float]:
    rates = []
    for _ in range(steps):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        schedule.step()
    return rates


def going_on(name: str, epochs: int) -> Program:
    """A run in which the schedule is made anew, by the state of the optimiser and last_epoch."""

    def run(tg: Any) -> Any:
        first = tg.optim.SGD(parameters(tg), lr=0.4, momentum=0.9)
        begun = path(tg, first, SCHEDULES[name](tg.optim.lr_scheduler, first, -1), epochs)
        second = tg.optim.SGD(parameters(tg), lr=0.4, momentum=0.9)
        second.load_state_dict(first.state_dict())
        return [begun, path(tg, second, SCHEDULES[name](tg.optim.lr_scheduler, second, epochs - 1), 6)]

    return run


for name in SCHEDULES:
    for epochs in (1, 3, 4):
        PROGRAMS[f"{name} going on after {epochs}"] = going_on(name, epochs)


def stepped_by_hand(name: str) -> Program:
    """Somebody else changes the learning rate, in the middle."""

    def run(tg: Any) -> Any:
        made = tg.optim.SGD(parameters(tg), lr=0.4, momentum=0.9)
        schedule = SCHEDULES[name](tg.optim.lr_scheduler, made, -1)
        first = path(tg, made, schedule, 3)
        made.param_groups[0]["lr"] = 1.0
        return [first, path(tg, made, schedule, 6), schedule.get_last_lr(), schedule.last_epoch]

    return run


def saved_and_loaded(name: str) -> Program:
    def run(tg: Any) -> Any:
        made = tg.optim.SGD(parameters(tg), lr=0.4, momentum=0.9)
        schedule = SCHEDULES[name](tg.optim.lr_scheduler, made, -1)
        path(tg, made, schedule, 4)
        other = tg.optim.SGD(parameters(tg), lr=0.4, momentum=0.9)
        again = SCHEDULES[name](tg.optim.lr_scheduler, other, -1)
        again.load_state_dict(schedule.state_dict())
        other.load_state_dict(made.state_dict())
        return path(tg, other, again, 6)

    return run


for name in SCHEDULES:
    PROGRAMS[f"{name} stepped by hand"] = stepped_by_hand(name)
    PROGRAMS[f"{name} saved and loaded"] = saved_and_loaded(name)


@PROGRAMS
def a_learning_rate_tensor_under_a_schedule(tg: Any) -> Any:
    made = tg.optim.SGD(parameters(tg), lr=tg.tensor(0.4))
    return path(tg, made, tg.optim.lr_scheduler.StepLR(made, 1, 0.5), 4)


@PROGRAMS
def combined_schedules(tg: Any) -> Any:
    s = tg.optim.lr_scheduler
    combinations: list[Callable[[Any], Any]] = [
        lambda o: s.SequentialLR(o, [s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)], [2]),
        lambda o: s.SequentialLR(o, [s.LinearLR(o, 0.1, total_iters=3), s.CosineAnnealingLR(o, 5)], [3]),
        lambda o: s.SequentialLR(o, [s.ExponentialLR(o, 0.9), s.StepLR(o, 1), s.ConstantLR(o)], [2, 4]),
        lambda o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)]),
        lambda o: s.ChainedScheduler([s.LinearLR(o, 0.5), s.StepLR(o, 2)]),
    ]
    found: list[Any] = []
    for combine in combinations:
        made = tg.optim.SGD(parameters(tg), lr=1.0)
        schedule = combine(made)
        found.append([path(tg, made, schedule, 7), schedule.get_last_lr()])
    return found


@PROGRAMS
def a_plateau(tg: Any) -> Any:
    made = tg.optim.SGD(parameters(tg), lr=1.0)
    schedule = tg.optim.lr_scheduler.ReduceLROnPlateau(made, patience=1, factor=0.5, cooldown=1, min_lr=0.1)
    rates = []
    for loss in (1.0, 1.0, 1.0, 1.0, float("nan"), 0.5, 0.6, 0.6, 0.6, 0.6, float("inf")):
        schedule.step(loss)
        rates.append([made.param_groups[0]["lr"], schedule.num_bad_epochs, schedule.cooldown_counter])
    other = tg.optim.lr_scheduler.ReduceLROnPlateau(made)
    other.load_state_dict(schedule.state_dict())
    return [rates, other.best, other.patience, other.factor, schedule.get_last_lr()]


@PROGRAMS
def a_group_added_under_a_schedule(tg: Any) -> Any:
    first, second = parameters(tg)
    made = tg.optim.SGD([first], lr=1.0)
    schedule = tg.optim.lr_scheduler.StepLR(made, 1)
    made.add_param_group({"params": [second], "lr": 0.5})
    return refused(schedule.step)


@PROGRAMS
def a_schedule_of_what_is_no_optimiser(tg: Any) -> Any:
    return [refused(tg.optim.lr_scheduler.StepLR, made, 1) for made in (None, 0.1, [1])]
