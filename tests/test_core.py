"""The learner's core: small enough for one sitting, and a whole engine without the rest of the package."""

import shutil
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "tinygrad_rnn"
CORE = ("primitive", "scope", "graph", "backward", "tensor")

# The next bit of a random row is the one of two steps before: it takes a memory, and a gradient through time.
SCRIPT = """
import sys
import numpy as np
from tinygrad_rnn.engine.scope import step
from tinygrad_rnn.engine.tensor import Recorder
from tinygrad_rnn.ops.elementwise import tanh
from tinygrad_rnn.ops.reduction import mean

class Value(Recorder["Value"], results=True):
    __slots__ = ()

draw = np.random.default_rng(0)
bits = draw.integers(0, 2, (10, 64, 1)) * 2.0 - 1
parameters = W_xh, W_hh, W_hy, b_h = [
    Value.fresh(draw.standard_normal(shape) * 0.4, True) for shape in ((1, 8), (8, 8), (8, 1), (8,))
]
for update in range(300):
    h, loss = Value.fresh(np.zeros((64, 8))), 0.0
    for t, x in enumerate(bits):
        with step(t):
            h = tanh(Value.fresh(x) @ W_xh + h @ W_hh + b_h)
            if t >= 2:
                error = h @ W_hy - bits[t - 2]
                loss = loss + mean(error * error, dim=None, keepdim=False)
    loss.backward()
    for parameter in parameters:
        parameter.array -= 0.05 * parameter._grad.array
        parameter._grad = None
    print(float(loss.array))
ours = {name for name in sys.modules if name.startswith("tinygrad_rnn")}
print(*sorted(ours), file=sys.stderr)
"""


def test_the_core_is_read_in_one_sitting() -> None:
    lines = {name: len((PACKAGE / "engine" / f"{name}.py").read_text("utf-8").splitlines()) for name in CORE}
    assert sum(lines.values()) <= 450, lines


def test_the_engine_alone_trains_a_network_through_time(tmp_path: Path) -> None:
    """The engine and the table of operations in a package of their own, with nothing of PyTorch's surface."""
    (tmp_path / "tinygrad_rnn" / "numbers").mkdir(parents=True)
    (tmp_path / "tinygrad_rnn" / "__init__.py").touch()
    for folder in ("engine", "ops"):
        shutil.copytree(PACKAGE / folder, tmp_path / "tinygrad_rnn" / folder)
    for name in ("__init__", "dtypes"):
        shutil.copy(PACKAGE / "numbers" / f"{name}.py", tmp_path / "tinygrad_rnn" / "numbers")
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    losses = [float(line) for line in done.stdout.split()]
    assert losses[0] > 5 and losses[-1] < 0.5, (losses[0], losses[-1])
    loaded = done.stderr.split()
    assert not [name for name in loaded if name.split(".")[1:2] not in ([], ["engine"], ["ops"], ["numbers"])]
