"""A value is called after a variable of the program only if that variable held it while the program ran."""

import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import excerpt_of
from tests.viz import test_names
from tests.viz.many import GRAPHS
from tests.viz.unmarked import PROGRAMS
from tinygrad_rnn import Tensor

MAKERS: dict[str, Callable[[], Tensor]] = {
    **{name: make for name, make in GRAPHS.items() if name not in ("T 200", "T 5000")},
    **{program.__name__: program for program, *_ in PROGRAMS},
    **{program.__name__: program for program in test_names.UNPACKED},
}


ROOT = Path(__file__).parents[2]
PROGRAMS_IN = (str(ROOT / "tests"), str(ROOT / "docs"))


def key(array: Any) -> tuple[tuple[int, ...], bytes]:
    return array.shape, np.asarray(array, np.float64).tobytes()


def watched(make: Callable[[], Tensor]) -> tuple[Tensor, dict[str, set[object]]]:
    """What a program gives, and all that its variables held, line by line."""
    held = defaultdict[str, set[object]](set)
    before = sys.gettrace()

    def look(frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename.startswith(PROGRAMS_IN):
            for name, value in frame.f_locals.items():
                for each in value if isinstance(value, (list, tuple)) else [value]:
                    if isinstance(each, Tensor):
                        held[name].add(key(each.detach().numpy()))
            return look
        return None

    sys.settrace(look)
    try:
        return make(), held
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("program", MAKERS)
def test_variables_held_what_is_called_after_them(program: str) -> None:
    tg.manual_seed(1)
    loss, held = watched(MAKERS[program])
    excerpt = excerpt_of(loss)
    called = excerpt.places.read | excerpt.places.called
    wrong = [
        f"{name} = {node.primitive and node.primitive.name}"
        for node in excerpt.values
        if (name := called.get(node.birth, "")) in held and key(node.array) not in held[name]
    ]
    assert wrong == []
