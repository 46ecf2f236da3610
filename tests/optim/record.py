"""Record PyTorch's path of every case of cases.py: `python -m tests.optim.record` writes recorded/paths.npz.

Written with PyTorch 2.13.0, so that the tests of numbers run where it is not installed.
"""

from pathlib import Path

import numpy as np

from tests.optim.cases import CASES, LBFGS_CASES, Array, name_of, run, run_lbfgs
from tests.optim.schedules import SCHEDULES, run_schedule

RECORDED = Path(__file__).parent / "recorded" / "paths.npz"


def main() -> None:
    """Run all cases in PyTorch."""
    import torch

    torch.set_default_dtype(torch.float64)  # NAdam keeps a product of numbers in it
    paths = {name_of(case): run(torch, *case) for case in CASES}
    paths |= {name_of(case): run_lbfgs(torch, *case) for case in LBFGS_CASES}
    paths |= {name: run_schedule(torch, name) for name in SCHEDULES}
    RECORDED.parent.mkdir(exist_ok=True)
    with RECORDED.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            **{str(n): path for n, path in enumerate(paths.values())},
            names=np.array([*paths]),
        )
    print(f"{len(paths)} cases, {RECORDED.stat().st_size:,} bytes")


def recorded() -> dict[str, Array]:
    """The recorded paths by the names of their cases."""
    with np.load(RECORDED) as file:
        return {name: file[str(number)] for number, name in enumerate(file["names"].tolist())}


if __name__ == "__main__":
    main()
