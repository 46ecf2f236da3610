"""Runs random programs on this package and on PyTorch: `python -m tests.fuzz --programs 20000`, or one by its seed."""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from collections import Counter

import torch

from tests.fuzz.accepted import reason
from tests.fuzz.checking import KINDS, check, seeds
from tests.fuzz.run import finds, shrunk


def one(kind: str, seed: int) -> int:
    """Print a program and everything that differs, each with its minimal program."""
    lines = KINDS[kind](seed)
    print("\n".join(lines))
    found = finds(lines)
    for find in found:
        minimal = shrunk(lines, find)
        why = reason(find, minimal)
        print(f"\n{find.sort}: {find.says}\n  " + "\n  ".join(minimal) + (f"\n  accepted: {why}" if why else ""))
    return any(find.sort == "silent" and not reason(find, shrunk(lines, find)) for find in found)


def many(kind: str, count: int, first: int, refusals: bool) -> int:
    """Run programs until they are done or interrupted; the number of silent differences."""
    known: Counter[tuple[str, str]] = Counter()
    sums: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    began, done = time.monotonic(), 0
    try:
        for kind_of, seed in seeds(kind, count, first):
            for find, program, why in check(KINDS[kind_of](seed), known):
                accepted[why] += bool(why)
                if find.sort == "silent" and not why:
                    sums["silent"] += 1
                if not why and (refusals or find.sort == "silent"):
                    print(
                        f"\n{find.sort}: python -m tests.fuzz --seed {seed} --kind {kind_of}\n  " + "\n  ".join(program)
                    )
                    print(f"  # {find.says}", flush=True)
            done += 1
            if done % 200 == 0:
                rate = done / (time.monotonic() - began)
                print(f"\r{done:,} of {count:,}, {rate:.0f}/s, silent {sums['silent']}", end="", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
    for (sort, _), times in known.items():
        sums[sort] += times
    print(
        f"\n{done:,} programs from seed {first}: {sums['silent']} silent differences; refused here alone "
        f"{sums['loud']}, refused by PyTorch alone {sums['given']}; accepted {accepted.total() - accepted['']}"
    )
    for why, times in accepted.most_common():
        if why:
            print(f"{times:6} {why}")
    return sums["silent"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--programs", type=int, default=2_000, help="how many")
    parser.add_argument("--first", type=int, help="the first seed; otherwise that of the day")
    parser.add_argument("--seed", type=int, help="only this one, printed with all that differs")
    parser.add_argument("--kind", choices=KINDS, help="only programs of this kind")
    parser.add_argument("--refusals", action="store_true", help="print a sample of each refusal by one library alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.seed is not None:
        return one(options.kind or "tensor", options.seed)
    today = int(datetime.datetime.now(datetime.UTC).strftime("%Y%m%d")) * 100_000
    first = today if options.first is None else options.first
    return int(many(options.kind or "", options.programs, first, options.refusals) > 0)


if __name__ == "__main__":
    sys.exit(main())
