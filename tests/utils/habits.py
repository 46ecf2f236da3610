"""What programs rely on in data sets, samplers and loaders."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Callable
from itertools import islice
from typing import Any

from tests.side_by_side import Program, Programs, refused

PROGRAMS = Programs()

#: What is done otherwise here, and why.
KEPT = {
    "patience without workers": "a ValueError at once, where PyTorch raises AssertionError in the first epoch",
    "a truth value for a number": "it is no number of draws",
    "too far below in joined data sets": "an IndexError, as for every index that is too small",
    "a negative part": "it cannot be meant",
    "tensors of different lengths as data": "a ValueError where PyTorch raises AssertionError, and no tensors are none",
}


class Failing:
    """Samples of which some cannot be read, or only the first time."""

    def __init__(self, *bad: int, once: bool = False) -> None:
        self.bad, self.once = set(bad), once

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> int:
        if index in self.bad:
            if self.once:
                self.bad.remove(index)
            raise ValueError(f"sample {index}")
        return index


def walked(batches: Any, most: int = 12) -> list[Any]:
    """What an iterator gives, errors by their type, until it ends."""
    found: list[Any] = []
    for _ in range(most):
        try:
            found.append(next(batches))
        except StopIteration:
            return [*found, "end"]
        except Exception as error:
            found.append(type(error).__name__)
    return found


def after_an_error(**options: Any) -> Program:
    return lambda tg: walked(iter(tg.utils.data.DataLoader(Failing(1, 4), **options)))


for name, options in {
    "one by one": {"batch_size": None},
    "batches": {"batch_size": 2},
    "batches of three": {"batch_size": 3, "drop_last": True},
    "batches of its own": {"batch_sampler": [[0, 1], [2], [4, 5], [3]]},
    "an order of its own": {"sampler": [5, 4, 3], "batch_size": 1},
}.items():
    PROGRAMS[f"after an error in a sample, {name}"] = after_an_error(**options)  # type: ignore[arg-type]


@PROGRAMS
def after_an_error_in_the_collation(tg: Any) -> Any:
    def collate(samples: Any) -> Any:
        if 2 in samples:
            raise ValueError("no")
        return samples

    return walked(iter(tg.utils.data.DataLoader(range(6), batch_size=2, collate_fn=collate)))


def stream(tg: Any, give: Callable[[], Any]) -> Any:
    class Stream(tg.utils.data.IterableDataset):  # type: ignore[misc]
        def __iter__(self) -> Any:
            return give()

    return Stream()


class Restless:
    """An iterator that fails at 2 and goes on."""

    def __init__(self) -> None:
        self.now = 0

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> int:
        self.now += 1
        if self.now == 2:
            raise ValueError("2")
        if self.now > 5:
            raise StopIteration
        return self.now


def failing_numbers() -> Any:
    yield 1
    raise ValueError("no more")


def after_an_error_in_a_stream(give: Callable[[], Any], size: int | None) -> Program:
    return lambda tg: walked(iter(tg.utils.data.DataLoader(stream(tg, give), batch_size=size)))


for name, give in {"that goes on": Restless, "that is a generator": failing_numbers}.items():
    for size in (None, 1, 2):
        PROGRAMS[f"after an error in a stream {name}, {size}"] = after_an_error_in_a_stream(give, size)


@PROGRAMS
def an_iterator_that_is_over_stays_over(tg: Any) -> Any:
    batches = iter(tg.utils.data.DataLoader(range(2)))
    return [walked(batches), walked(batches)]


@PROGRAMS
def an_iterator_is_its_own_iterator_and_has_a_length(tg: Any) -> Any:
    batches = iter(tg.utils.data.DataLoader(range(5), batch_size=2))
    next(batches)
    return [iter(batches) is batches, len(batches)]


@PROGRAMS
def two_epochs_at_once(tg: Any) -> Any:
    loader = tg.utils.data.DataLoader(range(3))
    return [[int(a) * 10 + int(b) for a in loader for b in loader]]


@PROGRAMS
def a_loader_changed_later(tg: Any) -> Any:
    loader = tg.utils.data.DataLoader(range(4), batch_size=2)
    found = [
        refused(setattr, loader, name, value)
        for name, value in (("batch_size", 3), ("sampler", [1]), ("batch_sampler", [[1]]), ("drop_last", True))
    ]
    loader.collate_fn = lambda samples: sum(samples)
    return [found, list(loader)]


@PROGRAMS
def a_sampler_is_asked_again_every_epoch(tg: Any) -> Any:
    class Growing:
        epochs = 0

        def __iter__(self) -> Any:
            self.epochs += 1
            return iter(range(self.epochs))

    loader = tg.utils.data.DataLoader(range(9), sampler=Growing(), batch_size=1)
    return [[batch.tolist() for batch in loader] for _ in range(3)]


@PROGRAMS
def a_data_set_that_gives_several_at_once(tg: Any) -> Any:
    class Several:
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> int:
            raise AssertionError

        def __getitems__(self, indices: list[int]) -> list[int]:
            return [index * 10 for index in indices]

    return list(tg.utils.data.DataLoader(Several(), batch_size=2))


@PROGRAMS
def workers_and_what_belongs_to_them(tg: Any) -> Any:
    def read(options: dict[str, Any]) -> None:
        list(tg.utils.data.DataLoader(range(2), **options))

    seen: list[Any] = []
    given: list[dict[str, Any]] = [
        {"pin_memory": True},
        {"pin_memory": 1},
        {"num_workers": 0, "timeout": 0},
        {"num_workers": -1},
        {"timeout": -1},
        {"prefetch_factor": 2},
        {"persistent_workers": True},
        {"worker_init_fn": print},
        {"in_order": False},
        {"pin_memory_device": "cpu"},
        {"multiprocessing_context": None},
    ]
    for options in given:
        seen.append(refused(read, options))
    return seen


@PROGRAMS
def options_that_contradict_each_other(tg: Any) -> Any:
    make, found = tg.utils.data.DataLoader, []
    for options in (
        {"batch_size": 0},
        {"batch_size": 2.0},
        {"batch_size": True},
        {"sampler": [1], "shuffle": True},
        {"batch_sampler": [[1]], "batch_size": 2},
        {"batch_sampler": [[1]], "drop_last": True},
        {"batch_size": None, "drop_last": True},
        {"shuffle": False, "sampler": [0]},
    ):
        found.append(refused(make, range(3), **options))
    return found


@PROGRAMS
def very_many_draws(tg: Any) -> Any:
    draws = tg.utils.data.RandomSampler(range(3), replacement=True, num_samples=10**10)
    repeats = tg.utils.data.RandomSampler(range(3), num_samples=10**10)
    return [len(draws), len(list(islice(draws, 100))), [sorted(islice(iter(repeats), 3))]]


@PROGRAMS
def very_many_batches(tg: Any) -> Any:
    draws = tg.utils.data.RandomSampler(range(3), replacement=True, num_samples=10**10)
    loader = tg.utils.data.DataLoader(range(3), sampler=draws, batch_size=4)
    return [len(loader), len(list(islice(loader, 3)))]


@PROGRAMS
def numbers_of_draws(tg: Any) -> Any:
    make, found = tg.utils.data.RandomSampler, []
    for count in (0, -1, 2.5, None):
        found.append(refused(make, range(3), replacement=True, num_samples=count))
    return [*found, refused(lambda: make(range(3), replacement="yes")), refused(lambda: make([]))]


@PROGRAMS
def drawing_by_weight(tg: Any) -> Any:
    make = tg.utils.data.WeightedRandomSampler
    return [
        refused(lambda: list(make([1.0, 2.0], 3, replacement=False))),
        refused(lambda: list(make([0.0, 0.0], 1))),
        refused(lambda: list(make([-1.0, 2.0], 1))),
        list(make([0.0, 1.0, 0.0], 4)),
    ]


@PROGRAMS
def batches_of_batches(tg: Any) -> Any:
    data = tg.utils.data
    sampler = data.BatchSampler(data.SequentialSampler(range(7)), 3, False)
    loader = data.DataLoader(tg.arange(7), sampler=sampler, batch_size=None)
    return [list(sampler), [batch.tolist() for batch in loader], len(loader)]


@PROGRAMS
def collation_of_what_is_nested(tg: Any) -> Any:
    Point = namedtuple("Point", "x y")
    collate = tg.utils.data.default_collate
    found = [
        collate([Point(1, 2.0), Point(3, 4.0)]),
        collate([OrderedDict(a=1), OrderedDict(a=2)]),
        collate([{"a": ["x", 1]}, {"a": ["y", 2]}]),
        collate([(1, "b"), (2, "c")]),
        collate([True, False]),
        collate(["a", "b"]),
        collate([b"a"]),
    ]
    return [[type(each).__name__, getattr(each, "tolist", lambda each=each: each)()] for each in found[3:5]] + [
        found[0].x.tolist(),
        found[1]["a"].tolist(),
        found[2]["a"][1].tolist(),
        found[5:],
        refused(lambda: collate([])),
        refused(lambda: collate([{"a": 1}, {"b": 1}])),
        refused(lambda: collate([None])),
    ]


@PROGRAMS
def joined_data_sets(tg: Any) -> Any:
    data = tg.utils.data
    both = data.ConcatDataset([range(3), range(10, 12)])
    return [[both[i] for i in range(-5, 5)], refused(lambda: both[5]), len(both)]


@PROGRAMS
def parts_of_data_sets(tg: Any) -> Any:
    part = tg.utils.data.Subset(range(10, 20), [3, 1])
    return [[part[0], part[-1], len(part)], refused(lambda: part[2]), part.__getitems__([1, 0])]


@PROGRAMS
def splitting(tg: Any) -> Any:
    split, found = tg.utils.data.random_split, []
    for lengths in ([2, 3], [2, 2], [0.5, 0.5], [0.3, 0.3], [0.2, 0.8, 0.0], [1.0], [5]):
        told = refused(split, range(5), lengths)
        found.append([told, [len(part) for part in split(range(5), lengths)] if told == "accepted" else []])
    return found


@PROGRAMS
def tensors_as_data(tg: Any) -> Any:
    make = tg.utils.data.TensorDataset
    pairs = make(tg.arange(3), tg.arange(6).reshape(3, 2))
    return [pairs[1], pairs[-1], len(pairs)]


@PROGRAMS
def patience_without_workers(tg: Any) -> Any:
    return refused(lambda: list(tg.utils.data.DataLoader(range(2), timeout=5)))


@PROGRAMS
def a_truth_value_for_a_number(tg: Any) -> Any:
    return refused(lambda: tg.utils.data.RandomSampler(range(3), num_samples=True))


@PROGRAMS
def too_far_below_in_joined_data_sets(tg: Any) -> Any:
    return refused(lambda: tg.utils.data.ConcatDataset([range(3)])[-4])


@PROGRAMS
def a_negative_part(tg: Any) -> Any:
    return refused(lambda: tg.utils.data.random_split(range(5), [-1, 6]))


@PROGRAMS
def tensors_of_different_lengths_as_data(tg: Any) -> Any:
    make = tg.utils.data.TensorDataset
    return [refused(lambda: make(tg.arange(3), tg.arange(2))), refused(make)]
