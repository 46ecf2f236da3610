"""Parameters that move together end where those that move one at a time end, to the bit, whatever is done to them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import together
from tests.optim.cases import CASES, name_of
from tinygrad_rnn import nn, optim

SHAPES: list[tuple[int, ...]] = [(3,), (), (2, 3), (0,), (4, 1), (3, 5), (5,), (70, 30), (2, 2), (1,)]
Run = dict[str, Any]


def started(kind: str, options: dict[str, Any]) -> Run:
    """Ten parameters, two of which are float64 and one column by column, and their optimiser."""
    rng = np.random.default_rng(5)
    params = [nn.Parameter(tg.tensor(rng.normal(size=shape), dtype=tg.float32)) for shape in SHAPES]
    params += [nn.Parameter(tg.tensor(rng.normal(size=(2,)), dtype=dtype)) for dtype in (tg.float64, tg.float16) * 3]
    params[5].array = np.asfortranarray(params[5].array)
    return {"rng": rng, "params": params, "optimizer": getattr(optim, kind)(params, **options)}


def step(run: Run) -> None:
    for number, p in enumerate(run["params"]):
        drawn = tg.tensor(run["rng"].normal(size=tuple(p.shape)), dtype=p.dtype)
        p.grad = None if number in run.get("frozen", ()) else drawn
    run.get("before", lambda params: None)(run["params"])
    run["optimizer"].step()


def thaw(run: Run) -> None:
    """Some parameters are a step behind the others from now on."""
    run["frozen"] = (1, 2, 7)
    step(run)
    run["frozen"] = ()


def grow(run: Run) -> None:
    more = [nn.Parameter(tg.ones(*shape)) for shape in SHAPES[:4]]
    options = {"lr": 0.3, "weight_decay": 0.2}
    kept = {key: value for key, value in options.items() if key in run["optimizer"].defaults}
    run["optimizer"].add_param_group({"params": more, **kept})
    run["params"] = run["params"] + more


def reload(run: Run) -> None:
    run["optimizer"].load_state_dict(copy.deepcopy(run["optimizer"].state_dict()))


def load_elsewhere(run: Run) -> None:
    made = type(run["optimizer"])(run["params"])
    made.load_state_dict(run["optimizer"].state_dict())
    run["optimizer"] = made


def duplicate(run: Run) -> None:
    """A copy goes on, with parameters of its own, while the first does something else."""
    both = copy.deepcopy({"params": run["params"], "optimizer": run["optimizer"]})
    step({**run, "rng": np.random.default_rng(0)})
    run.update(both)


def edit_states(run: Run) -> None:
    """States are somebody's to change: another array, another kind of number, a word beside them."""
    states = [run["optimizer"].state[p] for p in run["params"]]
    for number, state in enumerate(states[:4]):
        for name, value in state.items():
            if isinstance(value, np.ndarray):
                state[name] = value.astype(np.float64) if number == 0 else np.asarray(value + 1)
    for state in states[8:]:
        state["note"] = ["mine"]
    states[5].clear()
    if "step" in states[6]:
        states[6]["step"] += 5


def replace_numbers(run: Run) -> None:
    for p in run["params"][:6]:
        p.data = p.detach() * 2
    run["params"][8].data = tg.ones(4, 2, dtype=tg.float32)[::2]  # which skips rows


def tie(run: Run) -> None:
    """Two parameters in the memory of one, and a third that sees part of it."""
    run["params"][4].data = tg.zeros(4, 1)
    run["params"][8].data = run["params"][4].data.view(2, 2)
    run["params"][0].data = run["params"][6].data[:3]


def share_numbers(run: Run) -> None:
    run["params"][11].data = run["params"][13].data = run["params"][15].data


def odd_gradients(run: Run) -> None:
    def before(params: Any) -> None:
        params[0].grad.array = params[0].grad.array.astype(np.float64)
        params[2].grad.array = np.asfortranarray(params[2].grad.array)
        params[6].grad = tg.tensor([np.nan, np.inf, -np.inf, 0.0, -0.0], dtype=tg.float32)

    run["before"] = before


def gradients_in_the_memory_of_parameters(run: Run) -> None:
    def before(params: Any) -> None:
        params[4].grad = params[4].detach()
        params[6].grad = params[8].grad = params[3].grad = None

    run["before"] = before


def schedule(run: Run) -> None:
    for group in run["optimizer"].param_groups:
        group["lr"] = tg.tensor(0.05)
        group["maximize"] = not group["maximize"]


THEN: dict[str, Callable[[Run], None]] = {
    "nothing": lambda run: None,
    **{
        change.__name__: change
        for change in (
            thaw, grow, reload, load_elsewhere, duplicate, edit_states, replace_numbers, tie, share_numbers,
            odd_gradients, gradients_in_the_memory_of_parameters, schedule,
        )
    },
}  # fmt: skip


def bits(value: Any) -> Any:
    return (value.dtype.str, value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value


def outcome(kind: str, options: dict[str, Any], change: Callable[[Run], None]) -> list[Any]:
    """All numbers and states after every step, and whether the memory stayed where it was."""
    run = started(kind, options)
    found: list[Any] = []
    for number in range(6):
        if number == 3:
            change(run)
        memory = [p.array for p in run["params"]]
        step(run)
        state = run["optimizer"].state
        found += [bits(p.array) for p in run["params"]]
        found += [{name: bits(value) for name, value in state[p].items()} for p in run["params"]]
        assert all(p.array is array for p, array in zip(run["params"], memory, strict=True))
    return found


@pytest.mark.parametrize("change", THEN.values(), ids=THEN)
@pytest.mark.parametrize(("kind", "options"), CASES, ids=map(name_of, CASES))
def test_together_as_one_at_a_time(
    kind: str, options: dict[str, Any], change: Callable[[Run], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = outcome(kind, options, change)
    monkeypatch.setattr(together, "SMALL", -1)
    assert found == outcome(kind, options, change)


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many parameters each batch had that was moved."""
    sizes: list[int] = []
    move = together.Batch.move

    def counted(batch: Any, items: Any, *rest: Any) -> None:
        sizes.append(len(items))
        move(batch, items, *rest)

    monkeypatch.setattr(together.Batch, "move", counted)
    return sizes


def test_what_moves_together(moved: list[int]) -> None:
    run = started("Adam", {})
    step(run)
    assert moved == []  # what is remembered is made by each for itself
    step(run)
    assert moved == [9, 3, 3]  # one is too large
    thaw(run)
    assert moved[3:] == [7, 3, 3]
    step(run)
    assert moved[6:] == [7, 3, 3]  # the two that were left behind are too few
    tie(run)
    step(run)
    assert len(moved) == 9


def test_a_rule_of_ones_own_sees_one_parameter_at_a_time(moved: list[int]) -> None:
    class Normed(optim.Adam):
        def update(self, p: Any, g: Any, state: Any, group: Any) -> None:
            super().update(p, g / np.linalg.norm(g), state, group)

    params = [nn.Parameter(tg.zeros(2)) for _ in range(4)]
    borrowed = optim.SGD(params)
    borrowed.update = lambda p, g, state, group: np.subtract(p, g / np.linalg.norm(g), out=p)  # type: ignore[method-assign]
    for p in params:
        p.grad = tg.tensor([3.0, 4.0])
    normed = Normed(params)
    for optimizer in (borrowed, normed, normed):
        optimizer.step()
    assert not moved and params[0].tolist() == pytest.approx([-0.602, -0.802])


def test_rooms_are_not_kept_for_every_choice_of_parameters() -> None:
    run = started("Adam", {})
    for number in range(300):
        run["frozen"] = [place for place in range(9) if number >> place & 1]
        step(run)
    assert len(run["optimizer"]._batches) <= 5 and len(run["optimizer"]._spare) <= 301
