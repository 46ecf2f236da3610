"""The pages' script by itself: it writes numbers as Python does, so that a page says what the cards say."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.engine import number
from tests.viz.inside import digits

WEB = Path(__file__).parents[3] / "web"
WRITE = """
import { number } from "./core/numbers.js";
let text = "";
for await (const part of process.stdin) text += part;
process.stdout.write(JSON.stringify(JSON.parse(text).map(([x, whole]) => number(x, whole))));
"""


def written(values: list[float | int | str], whole: bool = False) -> list[str]:
    """What the script makes of them."""
    if shutil.which("node") is None:
        pytest.skip("needs node (Debian: apt-get install nodejs)")
    text = json.dumps([[x, whole] for x in values])
    command = ["node", "--input-type=module", "--eval", WRITE]
    found = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=WEB)
    texts: list[str] = json.loads(found.stdout)
    return texts


def some(count: int) -> list[float]:
    """Of every size; those that stand in the middle between two that could be written, and their neighbours."""
    random = np.random.default_rng(0)
    plain = random.normal(size=count // 2) * 10 ** random.uniform(-12, 12, size=count // 2)
    # 125 * 10**2 is as far from 12,000 as from 13,000; 0.125 from 0.12 as from 0.13.
    halves = (random.integers(1, 2000, size=count // 4) + 0.5) * 10.0 ** random.integers(-6, 20, size=count // 4)
    exact = random.integers(-(2**14), 2**14, size=count // 4) / 2.0 ** random.integers(0, 12, size=count // 4)
    near = [np.nextafter(halves[:2000], 0), np.nextafter(halves[:2000], np.inf)]
    edges = [0.0, -0.0, 1e-3, 9.9995e-4, 9999.4, 9999.5, 9999.6, 1e4, 12500.0, -12500.0, 13500.0, 1e300, 5e-324]
    edges += [1.25e-5, -0.5, 2.5, 0.00125, 999.5, 99.95, 1e21, 1e22]
    return [*np.concatenate([plain, halves, exact, *near]).tolist(), *edges]


@pytest.mark.slow
def test_two_hundred_thousand_numbers_are_written_as_on_the_cards() -> None:
    values = some(200_000)
    assert len(values) > 200_000
    expected = [number(x) for x in values]
    assert written(list(values)) == expected
    # A page holds them shortened, which changes nothing of what is written.
    assert written([digits(x) for x in values]) == expected


def test_whole_numbers_and_what_is_not_a_number() -> None:
    whole = [0, 1, -7, 12345, 999999, -999999, 1_000_000, 1_250_000, 1_250_001, 12_345_678, -(2**60)]
    assert written([digits(x) for x in whole], whole=True) == [number(x) for x in whole]
    odd = [float("nan"), float("inf"), -float("inf")]
    assert written([digits(x) for x in odd]) == [number(x) for x in odd] == ["NaN", "inf", "-inf"]
