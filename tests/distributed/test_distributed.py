"""Several processes compute what one computes: their calls, their gradients, their samples."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.cli.process import ROOT, environment
from tests.distributed.training import CASES, train
from tinygrad_rnn import distributed

MPIEXEC = Path(sys.executable).with_name("mpiexec")
needs_mpi = pytest.mark.skipif(not (distributed.is_available() and MPIEXEC.exists()), reason="needs the extra [mpi]")


def launch(processes: int, *arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """A program in several processes; processes=0 starts it as it is, by itself."""
    starter = [str(MPIEXEC), "-n", str(processes)] if processes else []
    command = [*starter, sys.executable, "-W", "error", *arguments]
    kept: dict[str, Any] = {"cwd": ROOT, "env": environment() | {"OMP_NUM_THREADS": "1"}, "timeout": 300} | options
    return subprocess.run(command, capture_output=True, text=True, check=False, **kept)


@needs_mpi
@pytest.mark.parametrize("processes", [0, 1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_calls(processes: int) -> None:
    done = launch(processes, "-m", "tests.distributed.calls")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def alone() -> dict[str, np.ndarray[Any, Any]]:
    """The weights of one process that knows nothing of others."""
    return {case: np.concatenate([each.ravel() for each in train(**CASES[case]).values()]) for case in CASES}


@pytest.mark.slow
@needs_mpi
@pytest.mark.parametrize("processes", [1, 2, 3, 4])
def test_weights_are_those_of_one_process_with_the_whole_batch(
    processes: int, alone: dict[str, np.ndarray[Any, Any]], tmp_path: Path
) -> None:
    done = launch(processes, "-m", "tests.distributed.training", str(tmp_path))
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / f"{processes}.npz")
    assert sorted(found) == sorted(CASES)
    worst = {case: float(abs(found[case] - alone[case]).max()) for case in CASES}
    assert {case: error for case, error in worst.items() if not error < 1e-12} == {}


@needs_mpi
def test_an_exception_in_one_process_ends_all() -> None:
    began = time.monotonic()
    done = launch(
        3,
        "-c",
        "from tinygrad_rnn import distributed\ndistributed.init_process_group()\n"
        "if distributed.get_rank() == 1: raise KeyError('mine')\ndistributed.barrier()",
    )
    assert done.returncode == 1 and "KeyError: 'mine'" in done.stderr
    assert time.monotonic() - began < 60  # without an end the others wait for ever


PROLOGUE = """
import sys, time
import tinygrad_rnn as tg
from tinygrad_rnn import distributed, nn
distributed.init_process_group()
rank = distributed.get_rank()
"""


@needs_mpi
@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "waiting"),
    [
        ("if rank == 1: sys.exit(2)\ndistributed.all_reduce(tg.zeros(2))", "all_reduce"),
        ("if rank != 1: distributed.barrier()", "barrier"),
        ("if rank == 1: distributed.destroy_process_group(); sys.exit()\ndistributed.barrier()", "barrier"),
        (
            "model = nn.parallel.DistributedDataParallel(nn.RNN(1, 1))\nfor step in range(3 + (rank != 1)):\n"
            "    model(tg.zeros(3, 1, 1))[0].sum().backward()",
            "all_reduce",
        ),
    ],
)
def test_who_waits_for_a_process_that_has_ended_is_told(program: str, waiting: str) -> None:
    done = launch(2, "-c", PROLOGUE + program, timeout=60)
    assert done.returncode == 1, done.stderr
    assert f"RuntimeError: rank 0 waits in {waiting}" in done.stderr and "for rank 1, which has ended" in done.stderr


@needs_mpi
@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    [
        "distributed.barrier()\ntime.sleep((3 - rank) / 4)",
        # the last process has its numbers from the third one, and waits when the first one has ended
        "if rank == 2: time.sleep(0.7)\ndistributed.broadcast(tg.zeros(2))",
        "distributed.all_reduce(tg.zeros(2))\nif rank: distributed.destroy_process_group()\ntime.sleep(rank / 4)",
    ],
)
def test_processes_may_end_one_after_the_other(program: str) -> None:
    done = launch(4, "-c", PROLOGUE + program + "\nprint('done', flush=True)", timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("done") == 4 and not done.stderr  # lines of several processes may run together


LONELY = "from tinygrad_rnn import distributed\ndistributed.init_process_group()"


@pytest.mark.parametrize(
    ("before", "surroundings", "message"),
    [
        ("import sys\nsys.modules['mpi4py'] = None", {}, "pip install 'tinygrad-rnn[mpi]'"),
        pytest.param(
            "import warnings\nwarnings.simplefilter('ignore')",
            {"OMPI_COMM_WORLD_SIZE": "2"},
            "made for another MPI",
            marks=needs_mpi,
        ),
    ],
)
def test_what_is_missing_is_said(before: str, surroundings: dict[str, str], message: str) -> None:
    done = launch(0, "-c", f"{before}\n{LONELY}", env=environment() | surroundings)
    assert done.returncode == 1 and message in done.stderr.splitlines()[-1]


def test_before_the_processes_have_met() -> None:
    assert not distributed.is_initialized()
    for call in (distributed.get_rank, distributed.barrier, lambda: distributed.all_reduce(tg.zeros(2))):
        with pytest.raises(ValueError, match=r"call init_process_group\(\) first"):
            call()
    with pytest.raises(ValueError, match="backend='nccl' was given"):
        distributed.init_process_group("nccl")


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(("size", "replicas"), [(10, 2), (10, 3), (7, 4), (2, 5), (1, 1), (0, 2)])
def test_sampler_against_torch(
    size: int, replicas: int, shuffle: bool, drop_last: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.data import DistributedSampler

    def ours(count: int, generator: Any) -> Any:  # the order itself is numpy's
        return tg.randperm(count, generator=tg.Generator().manual_seed(generator.initial_seed()))

    monkeypatch.setattr(torch, "randperm", ours)
    for rank in range(replicas):
        options: dict[str, Any] = {"shuffle": shuffle, "seed": 3, "drop_last": drop_last}
        one = tg.utils.data.DistributedSampler(range(size), replicas, rank, **options)
        other = DistributedSampler(range(size), replicas, rank, **options)  # type: ignore[var-annotated,arg-type]
        for epoch in (0, 1):
            one.set_epoch(epoch)
            other.set_epoch(epoch)
            assert list(one) == list(other) and len(one) == len(other)


def test_sampler_refuses_a_rank_that_is_none() -> None:
    for rank in (-1, 2):
        with pytest.raises(ValueError, match=f"rank {rank} is none of 2 processes"):
            tg.utils.data.DistributedSampler(range(4), 2, rank)
