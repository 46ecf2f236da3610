"""How large the package is: a table of lines that may be lowered, and raised only with a reason."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "tinygrad_rnn"

# Lines of Python in each part, blank ones and documentation included.
MOST = {
    "engine": 2_029,
    "ops": 1_187,
    "numbers": 597,
    "surface": 4_971,
    "autograd": 996,
    "explain": 3_108,
    "rolled": 4_267,
    "nn": 6_403,
    "optim": 1_944,
    "utils": 1_280,
    "interop": 2_749,
    "viz": 9_538,
    "lab": 8_705,
    ".": 1_143,  # the files at the top
}


def lines_in(part: str) -> int:
    files = PACKAGE.glob("*.py") if part == "." else (PACKAGE / part).rglob("*.py")
    return sum(len(file.read_text("utf-8").splitlines()) for file in files)


def test_every_part_keeps_to_its_size() -> None:
    assert {part: size for part in MOST if (size := lines_in(part)) > MOST[part]} == {}


def test_every_part_is_in_the_table() -> None:
    assert {path.parent.relative_to(PACKAGE).parts[:1] for path in PACKAGE.rglob("*.py")} == {
        () if part == "." else (part,) for part in MOST
    }
