"""Schedules of the learning rate step for step beside PyTorch, and by themselves."""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.optim.cases import STEPS
from tests.optim.record import recorded
from tests.optim.schedules import SCHEDULES, prepared, run_schedule, steps
from tinygrad_rnn import nn, optim
from tinygrad_rnn.optim import lr_scheduler as schedules

pytestmark = pytest.mark.usefixtures("torch_in_double")
PATHS = recorded()
every_schedule = pytest.mark.parametrize("name", SCHEDULES)
same: Any = np.testing.assert_allclose
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


def sgd(lr: float = 0.1, **options: Any) -> optim.SGD:
    return optim.SGD([nn.Parameter([1.0])], lr=lr, **options)


def rates(schedule: Any, optimizer: Any, count: int) -> list[float]:
    """The first learning rate and those after each of ``count`` steps."""
    found = [optimizer.param_groups[0]["lr"]]
    for _ in range(count):
        optimizer.step()
        schedule.step()
        found.append(optimizer.param_groups[0]["lr"])
    return found


@every_schedule
def test_equals_the_recorded_path(name: str) -> None:
    path = run_schedule(tg, name)
    assert path.shape == (STEPS, 13)
    same(path, PATHS[name], **CLOSE)


@every_schedule
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_equals_torch(name: str, kind: str) -> None:
    torch = pytest.importorskip("torch")
    same(run_schedule(tg, name, kind), run_schedule(torch, name, kind), **CLOSE)


@every_schedule
def test_goes_on_from_saved_state(name: str) -> None:
    problem, optimizer, schedule = prepared(tg, name)
    whole = steps(problem, optimizer, schedule, range(20))
    problem, optimizer, schedule = prepared(tg, name)
    steps(problem, optimizer, schedule, range(9))
    states = copy.deepcopy((optimizer.state_dict(), schedule.state_dict()))
    _, optimizer, schedule = prepared_for(tg, name, problem)
    optimizer.load_state_dict(states[0])
    schedule.load_state_dict(states[1])
    np.testing.assert_array_equal(steps(problem, optimizer, schedule, range(9, 20)), whole[9:])


@every_schedule
def test_goes_on_from_the_state_of_torch(name: str) -> None:
    torch = pytest.importorskip("torch")
    theirs, their_optimizer, their_schedule = prepared(torch, name)
    steps(theirs, their_optimizer, their_schedule, range(9))
    mine, optimizer, schedule = prepared(tg, name)
    for p, q in zip(mine.parameters, theirs.parameters, strict=True):
        p.data.copy_(tg.tensor(q.detach().numpy()))
    optimizer.load_state_dict(their_optimizer.state_dict())
    schedule.load_state_dict(their_schedule.state_dict())
    same(
        steps(mine, optimizer, schedule, range(9, 30)),
        steps(theirs, their_optimizer, their_schedule, range(9, 30)),
        **CLOSE,
    )


def prepared_for(lib: Any, name: str, problem: Any) -> tuple[Any, Any, Any]:
    """As ``prepared``, for parameters that are there."""
    _, optimizer, schedule = prepared(lib, name)
    parameters = iter(problem.parameters)
    for group in optimizer.param_groups:
        group["params"] = [next(parameters) for _ in group["params"]]
    return problem, optimizer, schedule


@every_schedule
@pytest.mark.parametrize("last_epoch", [0, 6, 19, 20])
def test_begins_in_the_middle_as_torch_does(name: str, last_epoch: int) -> None:
    if name in {"warm up, then fall", "three in a row", "chained"} or name.startswith("plateau"):
        return  # made of schedules, or without a last_epoch
    torch = pytest.importorskip("torch")
    found = []
    for lib in (tg, torch):
        first = lib.optim.SGD([lib.nn.Parameter(lib.ones(1)), lib.nn.Parameter(lib.ones(1))], momentum=0.9)
        one, two = first.param_groups[0]["params"]
        optimizer = lib.optim.SGD([{"params": [one], "lr": 0.1}, {"params": [two], "lr": 0.05}], momentum=0.9)
        SCHEDULES[name](lib.optim.lr_scheduler, optimizer)  # leaves what it needs in the groups
        for group in optimizer.param_groups:
            group["lr"] = 0.03
        schedule = Resumed(lib.optim.lr_scheduler, last_epoch).make(name, optimizer)
        path = [schedule.get_last_lr()]
        for _ in range(12):
            optimizer.step()
            schedule.step()
            path.append(schedule.get_last_lr())
        found.append(np.array(path))
    same(*found, **CLOSE)


class Resumed:
    """The module of schedules, each of which is told ``last_epoch``."""

    def __init__(self, module: Any, last_epoch: int) -> None:
        self.module, self.last_epoch = module, last_epoch

    def make(self, name: str, optimizer: Any) -> Any:
        return SCHEDULES[name](self, optimizer)

    def __getattr__(self, kind: str) -> Any:
        def make(optimizer: Any, *args: Any, **kwargs: Any) -> Any:
            return getattr(self.module, kind)(optimizer, *args, last_epoch=self.last_epoch, **kwargs)

        return make


COMBINED: dict[str, Callable[[Any, Any, int], Any]] = {
    "two in a row": lambda s, o, e: s.SequentialLR(o, [s.ConstantLR(o, 0.1, 9), s.ExponentialLR(o, 0.9)], [4], e),
    "three in a row": lambda s, o, e: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=2), s.CosineAnnealingLR(o, 5), s.StepLR(o, 2, 0.5)], [2, 5], last_epoch=e
    ),
    "restarts": lambda s, o, e: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=2), s.CosineAnnealingWarmRestarts(o, 2)], [2], e
    ),
    "functions": lambda s, o, e: s.SequentialLR(
        o, [s.MultiplicativeLR(o, lambda _: 0.5), s.LambdaLR(o, lambda t: 0.9**t)], [3], e
    ),
    "told the epoch too": lambda s, o, e: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 9, last_epoch=e), s.ExponentialLR(o, 0.9, last_epoch=e)], [4], e
    ),
    "chained": lambda s, o, e: s.ChainedScheduler([s.ConstantLR(o, 0.1, 3, e), s.ExponentialLR(o, 0.9, e)]),
    "chained steps": lambda s, o, e: s.ChainedScheduler([s.LinearLR(o, 0.5, last_epoch=e), s.StepLR(o, 2, 0.5, e)]),
    "a chain, then another": lambda s, o, e: s.SequentialLR(
        o, [s.ChainedScheduler([s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)]), s.ExponentialLR(o, 0.5)], [3], e
    ),
    "a row in a row": lambda s, o, e: s.SequentialLR(
        o, [s.SequentialLR(o, [s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)], [2]), s.StepLR(o, 1)], [4], e
    ),
    "a row in a chain": lambda s, o, e: s.ChainedScheduler(
        [s.SequentialLR(o, [s.ConstantLR(o, 0.1, 2), s.ExponentialLR(o, 0.9)], [2], e), s.ExponentialLR(o, 0.5, e)]
    ),
}


@pytest.mark.parametrize("loaded", [True, False], ids=["with the learning rate", "with the first learning rate only"])
@pytest.mark.parametrize("name", COMBINED)
def test_a_combination_goes_on_as_if_it_had_never_stopped(name: str, loaded: bool) -> None:
    def path(optimizer: Any, last_epoch: int, steps: int) -> list[float]:
        schedule, rates = COMBINED[name](tg.optim.lr_scheduler, optimizer, last_epoch), []
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return rates

    def made() -> Any:
        return tg.optim.SGD([tg.nn.Parameter(tg.ones(1))], lr=1.0)

    whole = path(made(), -1, 10)
    for done in range(1, 8):
        first, second = made(), made()
        path(first, -1, done)
        second.load_state_dict(first.state_dict())
        if not loaded:
            second.param_groups[0]["lr"] = 1.0
        np.testing.assert_allclose(path(second, done - 1, 10 - done), whole[done:], rtol=1e-12)


@pytest.mark.parametrize("name", ["step", "milestones", "linear", "exponential", "cosine", "lambda", "constant"])
def test_jumps_to_an_epoch(name: str) -> None:
    """The closed form: where the chain of steps would have come to."""
    _, optimizer, schedule = prepared(tg, name)
    walked = rates(schedule, optimizer, 15)
    _, optimizer, schedule = prepared(tg, name)
    optimizer.step()
    schedule.step(13)
    same(optimizer.param_groups[0]["lr"], walked[13], rtol=1e-12)
    assert schedule.last_epoch == 13


def test_warm_restarts_take_fractions_of_epochs() -> None:
    optimizer = sgd()
    schedule = schedules.CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=3)
    found = []
    for epoch in (0.5, 1.0, 1.75, 2.0, 5.0, 7.75, 8.0, 25.9, 26.0):
        optimizer.step()
        schedule.step(epoch)
        found.append(optimizer.param_groups[0]["lr"] / 0.1)
    shares = [0.5 / 2, 1 / 2, 1.75 / 2, 0, 3 / 6, 5.75 / 6, 0, 17.9 / 18, 0]
    same(found, [(1 + math.cos(math.pi * share)) / 2 for share in shares], rtol=1e-12)
    assert schedule.last_epoch == 26


def test_two_schedules_of_one_optimiser_work_together() -> None:
    optimizer = sgd(1.0)
    first, second = schedules.ExponentialLR(optimizer, 0.9), schedules.MultiStepLR(optimizer, [2])
    for _ in range(3):
        optimizer.step()
        first.step()
        second.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.9**3 * 0.1)


def test_a_state_is_plain_data() -> None:
    optimizer = sgd()
    schedule = schedules.StepLR(optimizer, 5)
    assert schedule.state_dict() == {
        "step_size": 5,
        "gamma": 0.1,
        "base_lrs": [0.1],
        "last_epoch": 0,
        "_last_lr": [0.1],
        "_step_count": 1,
    }


def test_of_factors_callable_objects_are_kept_and_functions_are_not() -> None:
    class Decay:
        def __init__(self, rate: float) -> None:
            self.rate = rate

        def __call__(self, epoch: int) -> float:
            return self.rate**epoch

    def halve(epoch: int) -> float:
        return 0.5**epoch

    optimizer = optim.SGD([{"params": [nn.Parameter([1.0])]}, {"params": [nn.Parameter([1.0])]}], lr=1.0)
    state = schedules.LambdaLR(optimizer, [Decay(0.3), halve]).state_dict()
    assert state["lr_lambdas"] == [{"rate": 0.3}, None]
    decay = Decay(0.9)
    schedule = schedules.LambdaLR(optimizer, [decay, halve])
    schedule.load_state_dict(state)
    assert decay.rate == 0.3 and schedule.lr_lambdas == [decay, halve]


def test_a_plateau_is_told_tensors_too_and_groups_that_come_later_are_lowered() -> None:
    optimizer = sgd()
    schedule = schedules.ReduceLROnPlateau(optimizer, patience=0, factor=0.5)
    optimizer.add_param_group({"params": [nn.Parameter([1.0])], "lr": 1.0})
    for _ in range(2):
        schedule.step(tg.tensor(3.0))
    assert schedule.get_last_lr() == [0.05, 0.5] and schedule.num_bad_epochs == 0 and schedule.best == 3.0


def test_a_schedule_before_the_optimiser_is_warned_of() -> None:
    schedule = schedules.StepLR(sgd(), 5)
    with pytest.warns(UserWarning) as found:
        schedule.step()
    assert [str(each.message) for each in found] == [
        "scheduler.step() was called before optimizer.step(): the first learning rate of the schedule is skipped. "
        "Call optimizer.step() first."
    ]
    schedule.step()


def test_an_optimiser_with_a_step_of_its_own_can_be_scheduled() -> None:
    class Halve(optim.Optimizer):
        def __init__(self, params: Any, lr: float) -> None:
            super().__init__(params, {"lr": lr})

        def step(self, closure: Callable[[], Any] | None = None) -> None:
            for group in self.param_groups:
                for p in group["params"]:
                    p.data.mul_(group["lr"])

    parameter = nn.Parameter([8.0])
    optimizer = Halve([parameter], lr=0.5)
    schedule = schedules.ExponentialLR(optimizer, 0.5)
    for _ in range(2):
        optimizer.step()
        schedule.step()
    assert parameter.item() == 1.0


def test_a_schedule_of_ones_own() -> None:
    class Inverse(schedules.LRScheduler):
        def get_lr(self) -> list[float]:
            return [lr / (1 + self.last_epoch) for lr in self.base_lrs]

    optimizer = sgd(1.0)
    assert rates(Inverse(optimizer), optimizer, 3) == [1, 1 / 2, 1 / 3, 1 / 4]


ADADELTA = optim.Adadelta([nn.Parameter([1.0])])
TWO = [nn.Parameter([1.0]), nn.Parameter([2.0])]
REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: schedules.StepLR(0.1, 5),  # type: ignore[arg-type]
        TypeError,
        "StepLR changes the learning rate of an optimiser; float was given.",
    ),
    *(
        (make, TypeError, f"{name} changes the learning rate of an optimiser; str was given.")
        for name, make in {
            "LambdaLR": lambda: schedules.LambdaLR("sgd", abs),  # type: ignore[arg-type]
            "CyclicLR": lambda: schedules.CyclicLR("sgd", 0.1, 1),  # type: ignore[arg-type]
            "OneCycleLR": lambda: schedules.OneCycleLR("sgd", 0.1, 10),  # type: ignore[arg-type]
            "ReduceLROnPlateau": lambda: schedules.ReduceLROnPlateau("sgd"),  # type: ignore[arg-type]
        }.items()
    ),
    (
        lambda: schedules.LambdaLR(sgd(), [abs, abs]),
        ValueError,
        "lr_lambda has 2 values, and the optimiser has 1 groups of parameters.",
    ),
    (
        lambda: schedules.LambdaLR(sgd(), 0.5),  # type: ignore[arg-type]
        TypeError,
        "lr_lambda is a function of the epoch that gives a factor; float was given.",
    ),
    (
        lambda: schedules.ConstantLR(sgd(), factor=2),
        ValueError,
        "factor is a number from 0 to 1; 2 was given.",
    ),
    (
        lambda: schedules.LinearLR(sgd(), start_factor=0),
        ValueError,
        "start_factor is a number above 0, at most 1; 0 was given.",
    ),
    (
        lambda: schedules.LinearLR(sgd(), end_factor=2),
        ValueError,
        "end_factor is a number from 0 to 1; 2 was given.",
    ),
    (
        lambda: schedules.CosineAnnealingWarmRestarts(sgd(), T_0=0),
        ValueError,
        "T_0 is a whole number of at least 1; 0 was given.",
    ),
    (
        lambda: schedules.CosineAnnealingWarmRestarts(sgd(), T_0=3).step(-1),
        ValueError,
        "an epoch cannot be negative; -1 was given.",
    ),
    (
        lambda: schedules.CyclicLR(ADADELTA, 0.1, 1),
        ValueError,
        "Adadelta has neither momentum nor betas to move: pass cycle_momentum=False.",
    ),
    (
        lambda: schedules.CyclicLR(sgd(), 0.1, 1, mode="round"),
        ValueError,
        'mode is "triangular", "triangular2" or "exp_range", or a scale_fn is given; \'round\' was given.',
    ),
    (
        lambda: schedules.CyclicLR(sgd(), 0.1, [1, 2]),
        ValueError,
        "max_lr has 2 values, and the optimiser has 1 groups of parameters.",
    ),
    (
        lambda: schedules.OneCycleLR(sgd(), 0.1, epochs=3),
        ValueError,
        "the length is not known: pass total_steps, or both epochs and steps_per_epoch.",
    ),
    (
        lambda: schedules.OneCycleLR(sgd(), 0.1, total_steps=0),
        ValueError,
        "the number of steps is a whole number of at least 1; it is 0.",
    ),
    (
        lambda: schedules.OneCycleLR(sgd(), 0.1, 10, pct_start=30),
        ValueError,
        "pct_start is a share of the steps, from 0 to 1; 30 was given.",
    ),
    (
        lambda: schedules.OneCycleLR(sgd(), 0.1, 10, anneal_strategy="exp"),
        ValueError,
        'anneal_strategy is "cos" or "linear"; \'exp\' was given.',
    ),
    (
        lambda: rates(schedules.OneCycleLR(o := sgd(), 0.1, total_steps=4), o, 5),
        ValueError,
        "this is step 5 of a schedule over 4 steps: total_steps is the number of calls of scheduler.step(), epochs "
        "times batches if it is called after every batch.",
    ),
    (
        lambda: schedules.ReduceLROnPlateau(sgd(), factor=1.0),
        ValueError,
        "factor lowers the learning rate, so it is below 1; 1.0 was given.",
    ),
    (
        lambda: schedules.ReduceLROnPlateau(sgd(), "low"),
        ValueError,
        'mode is "min" or "max"; \'low\' was given.',
    ),
    (
        lambda: schedules.ReduceLROnPlateau(sgd(), threshold_mode="both"),
        ValueError,
        'threshold_mode is "rel" or "abs"; \'both\' was given.',
    ),
    (
        lambda: schedules.SequentialLR(sgd(), [], []),
        ValueError,
        "SequentialLR needs at least one schedule, and was given none.",
    ),
    (
        lambda: schedules.SequentialLR(o := sgd(), [schedules.StepLR(o, 1)] * 2, [1, 2]),
        ValueError,
        "2 schedules need 1 milestones between them; 2 were given.",
    ),
    (
        lambda: schedules.SequentialLR(sgd(), [schedules.StepLR(sgd(), 1)], []),
        ValueError,
        "schedule 0 (StepLR) belongs to another optimiser.",
    ),
    (
        lambda: schedules.ChainedScheduler([schedules.ReduceLROnPlateau(sgd())]),
        ValueError,
        "schedule 0 is ReduceLROnPlateau, which must be told the loss: step it by itself.",
    ),
    (
        lambda: schedules.StepLR(sgd(), 3).load_state_dict(schedules.CosineAnnealingLR(sgd(), 3).state_dict()),
        ValueError,
        "this is not the state of a StepLR: there is no gamma, there is no step_size, there is a T_max, there is a "
        "eta_min; nothing was loaded.",
    ),
    (
        lambda: schedules.LRScheduler(sgd()),
        NotImplementedError,
        "LRScheduler has no get_lr(), which gives a learning rate for each group.",
    ),
    (
        lambda: optim.LBFGS(TWO).step(),
        TypeError,
        "LBFGS computes the loss several times in a step: call step(closure).",
    ),
    (
        lambda: optim.LBFGS([{"params": TWO[:1]}, {"params": TWO[1:]}]),
        ValueError,
        "LBFGS moves all parameters together: it has one group, with the same options for all.",
    ),
    (
        lambda: optim.LBFGS(TWO, line_search_fn="armijo"),
        ValueError,
        "line_search_fn is \"strong_wolfe\" or None; 'armijo' was given.",
    ),
    (lambda: optim.Adadelta(TWO, rho=1.5), ValueError, "rho is a number from 0 to 1; 1.5 was given."),
    (lambda: optim.NAdam(TWO, momentum_decay=-1), ValueError, "momentum_decay cannot be negative; -1 was given."),
]


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED, ids=[message[:50] for _, _, message in REFUSED])
def test_what_is_refused(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message


def test_going_on_without_the_first_learning_rate_is_refused() -> None:
    with pytest.raises(KeyError, match="group 0 of the optimiser does not know the learning rate it began with"):
        schedules.StepLR(sgd(), 5, last_epoch=3)
