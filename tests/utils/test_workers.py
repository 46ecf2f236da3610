"""Workers of a DataLoader: the batches of a loader without them, and nothing left behind however it ends."""

import gc
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.cli.process import eventually
from tinygrad_rnn.utils.data import (
    DataLoader,
    IterableDataset,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
    get_worker_info,
)

MEMORY = Path("/dev/shm")
#: Quick to start, which most of these tests are not about: from a process that has imported what is needed.
WORKERS: dict[str, Any] = {}
if "forkserver" in multiprocessing.get_all_start_methods():
    WORKERS["multiprocessing_context"] = multiprocessing.get_context("forkserver")
    WORKERS["multiprocessing_context"].set_forkserver_preload(["pytest", __name__])
TWO = {"num_workers": 2, **WORKERS}
posix = pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")


class Pair(NamedTuple):
    left: Any
    right: Any


class Samples:
    """Ten samples of a kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __len__(self) -> int:
        return 10

    def __getitem__(self, i: int) -> Any:
        match self.kind:
            case "nested":
                inner = (tg.tensor([i, i + 1.0]), [np.full((2, 3), i, np.int16), np.float32(i)])
                return {
                    "a": Pair(i, OrderedDict(b=inner)),
                    "text": f"nr {i}",
                    "bytes": b"x" * i,
                    "empty": tg.ones(0, 2),
                }
            case "lengths":
                return np.arange(i * 1000, dtype=np.int32)
            case "floats":
                return tg.full((3,), i, dtype=tg.float16), np.asfortranarray(np.full((4, 5), i))[:, ::2], i > 4, 1.5 * i
            case "drawn":
                return tg.rand(2), random.random(), np.random.rand()
            case "told":
                told = get_worker_info()
                return (0, 0) if told is None else (told.id, os.getpid())
            case "late" if i == 3:
                time.sleep(60)
            case "fails" if i in (1, 4):
                raise KeyError(f"no sample {i}")
            case "odd error" if i == 1:
                raise Odd(1, 2)
            case "exits" if i == 3:
                os._exit(3)
            case "killed" if i == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            case "history" if i == 3:
                return tg.ones(2, requires_grad=True) * 2
            case "function" if i == 3:
                return lambda: None
        return i


class Odd(Exception):
    """Cannot be made again from what it says."""

    def __init__(self, a: int, b: int) -> None:
        super().__init__(f"{a} and {b}")


class Stream(IterableDataset[int]):
    """Numbers of which worker k gives batches k, k + n, ...; or, each worker, parts of unequal lengths."""

    def __init__(self, batch: int = 1, parts: tuple[int, ...] = (), bad: int = -1) -> None:
        self.batch, self.parts, self.bad = batch, parts, bad

    def __iter__(self) -> Iterator[int]:
        told = get_worker_info()
        which, count = (0, 1) if told is None else (told.id, told.num_workers)
        if self.parts:
            yield from range(100 * which, 100 * which + self.parts[which])
            return
        for i in range(11):
            if i == self.bad:
                raise ValueError("bad")
            if i // self.batch % count == which:
                yield i


def plain(value: Any) -> Any:
    """Types, values and shapes."""
    if isinstance(value, tg.Tensor):
        return str(value.dtype), tuple(value.shape), value.tolist(), value.requires_grad, value.array.flags.writeable
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.tolist()
    if isinstance(value, dict):
        return type(value), {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), [plain(each) for each in value]
    return type(value), value


def listed(samples: list[Any]) -> list[Any]:
    return samples


def second(samples: list[Any]) -> Any:
    return tg.nn.Parameter(tg.ones(2)), samples[-1]


class Broken:
    """A sampler that fails."""

    def __iter__(self) -> Iterator[int]:
        yield from (1, 2)
        raise ValueError("no more")


def walked(loader: Any, epochs: int = 1) -> list[Any]:
    """Batches and errors, and what is drawn between them and afterwards."""
    found: list[Any] = []
    tg.manual_seed(4)
    for _ in range(epochs):
        batches = iter(loader)
        while True:
            try:
                found.append(plain(next(batches)))
            except StopIteration:
                break
            except Exception as error:
                found.append((type(error), str(error)))
            found.append(tg.rand(1).item())
    return [*found, tg.rand(1).item()]


ROWS = TensorDataset(tg.arange(22).reshape(11, 2), tg.arange(11.0))
SAME: dict[str, tuple[Any, dict[str, Any]]] = {
    "shuffled": (Samples("nested"), {"batch_size": 3, "shuffle": True}),
    "rows": (ROWS, {"batch_size": 4, "shuffle": True, "drop_last": True}),
    "part of rows": (Subset(ROWS, [5, 1, 7]), {"batch_size": 2}),
    "one by one": (Samples("floats"), {"batch_size": None}),
    "an order of its own": (Samples("floats"), {"batch_size": 2, "sampler": [9, 9, 0]}),
    "batches of its own": (Samples(""), {"batch_sampler": [[1], [2, 3], [], [4, 5, 6]], "collate_fn": listed}),
    "weighted": (Samples(""), {"sampler": WeightedRandomSampler([1.0] * 9 + [5.0], 30), "batch_size": 4}),
    "drawn again and again": (Samples(""), {"sampler": tg.utils.data.RandomSampler(range(10), num_samples=33)}),
    "many draws": (
        Samples(""),
        {"sampler": tg.utils.data.RandomSampler(range(10), True, 9000), "batch_size": 1000, "collate_fn": len},
    ),
    "a generator": (Samples(""), {"shuffle": True, "generator": tg.Generator().manual_seed(1)}),
    "growing batches": (Samples("lengths"), {"collate_fn": listed, "batch_size": 2}),
    "parameters": (Samples(""), {"collate_fn": second, "batch_size": 5}),
    "a stream": (Stream(), {"batch_size": None}),
    "a stream in batches": (Stream(3), {"batch_size": 3}),
    "a stream in whole batches": (Stream(3), {"batch_size": 3, "drop_last": True}),
    "errors": (Samples("fails"), {"batch_size": 2}),
    "an error of the sampler": (Samples(""), {"sampler": Broken()}),
    "no samples": (TensorDataset(tg.ones(0, 2)), {"batch_size": 2}),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if k > 5 else []) for k, name in enumerate(SAME)]
)
def test_batches_and_random_numbers_are_those_without_workers(name: str) -> None:
    data, options = SAME[name]
    made = options.get("generator")
    start = made and made.get_state()
    expected = walked(DataLoader(data, **options))
    if made:
        made.set_state(start)
    options = TWO | options | {"prefetch_factor": 3, "num_workers": 1 if name == "rows" else 2}
    assert walked(DataLoader(data, **options)) == expected


def test_epochs_of_workers_that_stay() -> None:
    expected = walked(DataLoader(ROWS, batch_size=3, shuffle=True), epochs=3)
    loader = DataLoader(ROWS, batch_size=3, shuffle=True, persistent_workers=True, in_order=False, **TWO)
    assert walked(loader, epochs=3) == expected
    assert next(iter(loader))[0].shape == (3, 2)  # an epoch that is left after a batch
    assert walked(loader, epochs=3) == expected
    told = DataLoader(Samples("told"), persistent_workers=True, **TWO)
    first, again = ([tuple(map(int, each)) for each in told] for _ in range(2))
    assert first == again and [id for id, _ in first] == [0, 1] * 5 and len({pid for _, pid in first}) == 2


def test_an_iterator_that_is_over_stays_over_and_knows_its_length() -> None:
    batches = iter(DataLoader(ROWS, batch_size=4, num_workers=1, **WORKERS))
    assert (len(batches), len(list(batches)), list(batches)) == (3, 3, [])  # type: ignore[arg-type]


@pytest.mark.parametrize(("parts", "size"), [((1, 7, 4), 2), ((0, 3, 0), None), ((5, 0, 9), 3)])
@pytest.mark.filterwarnings("ignore:This DataLoader will create 3")
def test_streams_in_parts_come_in_the_order_of_pytorch(parts: tuple[int, ...], size: int | None) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils import data

    class Theirs(data.IterableDataset[int]):
        def __iter__(self) -> Iterator[int]:
            which = getattr(data.get_worker_info(), "id", 0)
            yield from range(100 * which, 100 * which + parts[which])

    theirs = data.DataLoader(Theirs(), size, num_workers=3, multiprocessing_context="fork")
    expected = [each.tolist() if isinstance(each, torch.Tensor) else each for each in theirs]
    ours = DataLoader(Stream(parts=parts), size, num_workers=3, **WORKERS)
    assert [each.tolist() if isinstance(each, tg.Tensor) else each for each in ours] == expected


def seeded(id: int) -> None:
    told = get_worker_info()
    assert told is not None and told.id == id
    tg.manual_seed(7)
    random.seed(7)
    np.random.seed(7)


def test_random_numbers_of_samples() -> None:
    def epochs(seed: int, **options: Any) -> list[Any]:
        tg.manual_seed(seed)
        loader = DataLoader(Samples("drawn"), batch_size=2, **options, **TWO)
        return [plain(list(loader)) for _ in range(2)]

    found = epochs(1)
    assert found == epochs(1) and found != epochs(2) and found[0] != found[1]
    assert len({str(each) for each in found[0][1]}) == 5  # no worker repeats another
    mine = epochs(3, worker_init_fn=seeded)
    assert mine[0] == mine[1] and mine[0][1][0] == mine[0][1][1]
    assert get_worker_info() is None


def test_errors_come_with_their_lines() -> None:
    with pytest.raises(KeyError, match="no sample 1") as caught:
        list(DataLoader(Samples("fails"), **TWO))
    (note,) = caught.value.__notes__
    assert note.startswith("in worker 1 (process ") and 'raise KeyError(f"no sample {i}")' in note
    with pytest.raises(RuntimeError, match=r"^Odd: 1 and 2\n"):
        list(DataLoader(Samples("odd error"), num_workers=1, **WORKERS))
    batches = iter(DataLoader(Stream(bad=2), num_workers=1, **WORKERS))
    assert [next(batches).item() for _ in range(2)] == [0, 1]
    with pytest.raises(ValueError, match=r"^bad\n"):
        next(batches)
    assert list(batches) == []


def refusing(id: int) -> None:
    raise ValueError(f"worker {id} cannot begin")


def test_an_error_before_the_first_sample() -> None:
    with pytest.raises(ValueError, match=r"^worker 0 cannot begin\n"):
        list(DataLoader(Samples(""), worker_init_fn=refusing, **TWO))


SENT = (
    r"^what workers need cannot be sent to them \(.*{}.*\): define the data set, collate_fn and worker_init_fn, "
    r"and all they hold, at the top of a module, not in a function or as a lambda, or use num_workers=0$"
)


@pytest.mark.parametrize(
    ("part", "data", "options"),
    [
        ("<lambda>", range(3), {"collate_fn": lambda samples: samples}),
        ("<lambda>", range(3), {"worker_init_fn": lambda id: None}),
        ("<lambda>", [lambda: None], {}),
        ("use x.detach", TensorDataset(tg.ones(2, requires_grad=True) * 2), {}),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_starts(part: str, data: Any, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=SENT.format(part)):
        iter(DataLoader(data, num_workers=2, **options))


@pytest.mark.parametrize("kind", ["history", "function"])
def test_a_batch_that_cannot_be_handed_over(kind: str) -> None:
    batches = iter(DataLoader(Samples(kind), collate_fn=listed, **TWO))
    found = []
    with pytest.raises(TypeError, match=r"^a worker cannot hand over this batch \(.*\); use num_workers=0\n"):
        for batch in batches:
            found += batch
    assert [*found, *(i for batch in batches for i in batch)] == [0, 1, 2, 4, 5, 6, 7, 8, 9]


@posix
@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("exits", {}, "of the DataLoader ended with exit code 3"),
        ("killed", {}, "of the DataLoader was ended by SIGKILL; the system does that when memory runs out"),
        ("late", {"timeout": 0.2}, "gave no batch within 0.2 seconds"),
    ],
)
def test_a_worker_that_gives_no_batch(kind: str, options: dict[str, Any], message: str) -> None:
    before = set(MEMORY.glob(f"tg-{os.getpid()}-*"))
    batches = iter(DataLoader(Samples(kind), batch_size=None, **options, **TWO))
    found = []
    with pytest.raises(RuntimeError) as caught:
        for batch in batches:
            found.append(batch)
    which = "[01]" if kind == "late" else 1
    assert re.match(rf"worker {which} \(process \d+\) {message}", str(caught.value))
    if kind != "late":
        assert found == [0, 1, 2] and list(batches) == []
    del batches, caught
    gc.collect()
    assert set(MEMORY.glob(f"tg-{os.getpid()}-*")) <= before


@posix
def test_workers_that_stay_are_replaced_when_one_was_killed() -> None:
    loader = DataLoader(Samples("told"), persistent_workers=True, **TWO)
    killed = int([pid for _, pid in loader][1])
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(RuntimeError, match=r"was ended by SIGKILL"):
        list(loader)
    assert len(list(loader)) == 10


#: A program with workers; how it ends is said by its argument.
PROGRAM = """
import os, sys, time
import numpy as np
from tinygrad_rnn.utils.data import DataLoader, get_worker_info

class Samples:
    def __len__(self):
        return 1000
    def __getitem__(self, i):
        if i == 40:
            time.sleep(60)
        return np.full((1000,), os.getpid()), i

if GUARD:
    seen = {}  # in the order of the workers, of which the first is the one that sleeps
    for batch in DataLoader(Samples(), batch_size=4, num_workers=2):
        seen[int(batch[0][0, 0])] = True
        if len(seen) == 2 and batch[1][0] >= 16:
            print(*seen, flush=True)
            if "raise" in sys.argv:
                raise ValueError("of the program")
            if "exit" in sys.argv:
                sys.exit(3)
            seen = {}
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def gone(pids: list[int], own: int) -> bool:
    """Whether these processes end, and leave no memory."""
    return eventually(lambda: not any(map(alive, pids)) and not list(MEMORY.glob(f"tg-{own}-*")))


@posix
@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "told", "whom", "last"),
    [
        ("an error", "raise", None, "ValueError: of the program"),
        ("its end", "exit", None, ""),
        ("Ctrl-C", signal.SIGINT, "group", "KeyboardInterrupt"),
        ("terminated", signal.SIGTERM, "main", ""),
        ("all terminated", signal.SIGTERM, "group", ""),
        ("killed", signal.SIGKILL, "main", ""),
        ("a worker terminated", signal.SIGTERM, "worker", "of the DataLoader was ended by SIGTERM"),
        ("a worker killed", signal.SIGKILL, "worker", "use fewer workers or smaller batches"),
    ],
    ids=lambda value: value if isinstance(value, str) and value else "",
)
def test_nothing_is_left_behind(how: str, told: Any, whom: str | None, last: str, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.replace("GUARD", '__name__ == "__main__"'))
    given = [told] if whom is None else []
    process = subprocess.Popen(
        [sys.executable, str(file), *given],
        env=os.environ | {"PYTHONPATH": str(Path(tg.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    workers = [int(pid) for pid in line.split()]
    assert len(workers) == 2, process.stderr.read() if process.stderr else ""
    if whom == "group":
        os.killpg(process.pid, told)
    elif whom:
        os.kill(process.pid if whom == "main" else workers[0], told)
    _, errors = process.communicate(timeout=60)
    assert gone([*workers, process.pid], process.pid)
    if told == signal.SIGKILL and whom == "main":  # Python puts away what it left, and says so if there was any
        assert not errors or ("leaked shared_memory" in errors and "Traceback" not in errors), errors
        return
    assert "leaked" not in errors and errors.count("Traceback") == (1 if last else 0), errors
    assert (errors.splitlines() or [""])[-1].endswith(last), errors
    if not last:
        assert not errors


@pytest.mark.slow
def test_what_only_a_prompt_knows_is_told_so() -> None:
    program = (
        PROGRAM.replace("GUARD", "True").replace("class Samples", "class Unknown").replace("Samples()", "Unknown()")
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(Path(tg.__file__).parents[1])},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    said = (
        "\nTypeError: Can't get attribute 'Unknown' on .*: define in a module what workers need, and not in a notebook"
    )
    assert done.returncode == 1 and re.search(said, done.stderr), done.stderr


@pytest.mark.slow
def test_a_program_that_is_not_guarded_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.replace("GUARD", "True"))
    done = subprocess.run(
        [sys.executable, str(file), "exit"],
        env=os.environ | {"PYTHONPATH": str(Path(tg.__file__).parents[1])},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 1 and done.stderr.count("Traceback") == 1, done.stderr
    assert done.stderr.splitlines()[-1] == (
        "RuntimeError: num_workers=2: a worker imports the program, which starts to read there again; put what it does "
        'under `if __name__ == "__main__":`, or use num_workers=0'
    )
