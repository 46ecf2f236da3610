"""Steps and names are read from the running program: what a table of programs without marks is drawn as."""

import pytest

from tests.viz.unmarked import PROGRAMS, Program
from tinygrad_rnn.viz import scene_of


@pytest.mark.parametrize(("program", "steps", "names"), PROGRAMS, ids=[row[0].__name__ for row in PROGRAMS])
def test_steps_and_names_are_those_of_the_program(program: Program, steps: tuple[int, ...], names: set[str]) -> None:
    scene = scene_of(program())
    assert scene.frames == steps
    assert names <= {node.name for node in scene.nodes if node.step == 2}
