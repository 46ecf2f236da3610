"""Faults for the tests to find: each kind is made, each leaves a program, and a sample is the same every time."""

import ast

import pytest

from tests.mutation import ROOT, mutants_of, sample

CODE = '''
def f(a: int = 2, *, keep: bool = False) -> "1 < 2":
    """Not here: 1 + 1."""
    if not a or keep is None:
        raise ValueError(f"not {a + 1} here", 3 + 4)
    return (a
        - 1), {'k': -a < 3}
'''


def test_every_kind_of_fault_is_made() -> None:
    assert [(mutant.line, mutant.change) for mutant in mutants_of("engine/f.py", CODE)] == [
        (2, 'def f(a: int = [2 => 3], *, keep: bool = False) -> "1'),
        (2, 'f(a: int = 2, *, keep: bool = [False => True]) -> "1 < 2":'),
        (4, "if [not a or keep is None => not a and keep is None]:"),
        (4, "if [not a => a] or keep is None:"),
        (4, "if not a or [keep is None => keep is not None]:"),
        (6, "return ([a - 1 => a + 1]), {'k': -a < 3}"),
        (7, "- [1 => 2]), {'k': -a < 3}"),
        (7, "- 1), {'k': [-a < 3 => -a <= 3]}"),
        (7, "- 1), {'k': [-a => a] < 3}"),
        (7, "- 1), {'k': -a < [3 => 4]}"),
    ]  # fmt: skip


def test_every_fault_leaves_a_program() -> None:
    for mutant in mutants_of("engine/f.py", CODE):
        assert ast.dump(ast.parse(mutant.text)) != ast.dump(ast.parse(CODE))


@pytest.mark.slow
def test_a_sample_follows_from_the_seed() -> None:
    first, again, other = (sample(ROOT, 12, seed) for seed in (1, 1, 2))
    assert first == again != other and len(set(first)) == 12
    assert {mutant.file for mutant in sample(ROOT, 5, 0, "surface/reduction.py")} == {
        "tinygrad_rnn/surface/reduction.py"
    }
    for mutant in first:
        assert mutant.tests and all((ROOT / path).exists() for path in mutant.tests)
        ast.parse(mutant.text)
