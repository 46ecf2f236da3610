"""The program of a loss computes what eager code computes, for other data and weights, from its text alone."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tinygrad_rnn as tg

from .networks import NETWORKS, Network


def eager(network: Network, batch: list[tg.Tensor]) -> tuple[float, list[np.ndarray]]:
    for p in network.parameters:
        p.grad = None
    loss = network.f(*batch)
    loss.backward()
    return loss.item(), [np.zeros(p.shape) if p.grad is None else p.grad.numpy().copy() for p in network.parameters]


def nearly(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    return bool(np.abs(a - b).max() <= tolerance * max(np.abs(b).max(), 1e-8))


@pytest.mark.parametrize("name", NETWORKS)
def test_equal_to_eager_for_other_data_and_other_weights(name: str) -> None:
    tg.set_default_dtype(tg.float64)
    try:
        tg.manual_seed(0)
        network = NETWORKS[name]()
        first = network.batch(1, np.float64)
        first[0].name, first[1].name = "x", "y"
        program = tg.program(network.f(*first))
        for seed in (1, 2, 3):
            batch = network.batch(seed, np.float64)
            # An index is an argument in the shape in which it was used.
            given = dict(zip(("x", "y"), batch, strict=True))
            arrays = [given[word].numpy().reshape(like.shape) for word, like in program.inputs.items()]
            for p in network.parameters if seed == 3 else ():
                p.detach().numpy()[...] *= 0.7
            wanted, gradients = eager(network, batch)
            (loss,) = program.forward(*arrays)
            assert float(loss) == pytest.approx(wanted, rel=1e-10)
            found = {id(p): g for p, g in zip(program.wanted, program.backward(), strict=True)}
            for p, g in zip(network.parameters, gradients, strict=True):
                assert nearly(found[id(p)], g, 1e-10), p.name
    finally:
        tg.set_default_dtype(tg.float32)


RUN = """
import sys
import numpy as np
text, data = sys.argv[1:]
arrays = dict(np.load(data))
space = {}
exec(open(text).read(), space)
call = lambda word: [arrays[f"{word}_{k}"] for k in range(sum(name.startswith(word) for name in arrays))]
forward, backward = space["plan"](*call("plan"))
results = [*forward(*call("given")), *backward()]
np.savez(data, **{f"result_{k}": each for k, each in enumerate(results)})
assert not any(name.startswith("tinygrad") for name in sys.modules)
"""


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU", "an own cell", "the README's loop", "a character model"])
def test_the_text_runs_with_numpy_alone(name: str, tmp_path: Path) -> None:
    tg.manual_seed(0)
    network = NETWORKS[name]()
    program = tg.program(network.f(*network.batch(1)))
    expected = [*program.forward(*program.inputs.values()), *program.backward()]
    (tmp_path / "program.txt").write_text(str(program), encoding="utf-8")
    arrays = {f"plan_{k}": each for k, each in enumerate(program.parameters.values())}
    arrays |= {f"given_{k}": each for k, each in enumerate(program.inputs.values())}
    np.savez(tmp_path / "data.npz", **arrays)
    command = [sys.executable, "-c", RUN, str(tmp_path / "program.txt"), str(tmp_path / "data.npz")]
    subprocess.run(command, cwd=tmp_path, check=True, env={"PATH": ""})
    found = np.load(tmp_path / "data.npz")
    for k, each in enumerate(expected):
        assert nearly(found[f"result_{k}"], each, 1e-6)  # how BLAS adds up depends on where arrays lie in memory


HOSTILE = [
    'W"); import os; os.abort() #',
    "W\nimport os",
    "class",
    "plan",
    "empty",
    "given_x",
    "1",
    "",
    "λ",
    "print",
    "match",
]


def test_there_is_no_way_back_before_the_first_way_forward() -> None:
    program = tg.program((tg.tensor([1.0, 2.0], requires_grad=True) ** 2).sum())
    with pytest.raises(RuntimeError, match=r"call forward\(\) first"):
        program.backward()
    program.forward()
    assert program.backward()[0].tolist() == [2, 4]


def test_every_name_is_an_identifier() -> None:
    """Names come from users, and the text is executed."""
    for name in HOSTILE:
        tg.manual_seed(0)
        network = NETWORKS["the README's loop"]()
        for p in network.parameters:
            p.name = name
        batch = network.batch(1)
        batch[0].name = batch[1].name = name
        program = tg.program(network.f(*batch))
        loss, gradients = eager(network, batch)
        assert float(program.forward(*program.inputs.values())[0]) == pytest.approx(loss, rel=1e-5)
        assert len(program.backward()) == len(gradients)
        assert "import os" not in str(program)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_the_text_does_not_grow_with_time(kind: str) -> None:
    m = getattr(tg.nn, kind)(3, 4)
    sizes = [len(str(tg.program((m(tg.randn(n, 2, 3))[0] ** 2).mean())).splitlines()) for n in (9, 90)]
    assert sizes[0] == sizes[1]


def test_functions_of_users_have_their_names_and_keywords_checked() -> None:
    x = tg.tensor([0.5, 1.0], requires_grad=True)
    square = tg.Primitive("s = 1\nimport os", lambda x, **options: x * x, lambda g, y, x, **options: g * (2 * x))
    program = tg.program(square(x, power=2).sum())
    assert float(program.forward()[0]) == 1.25 and np.array_equal(program.backward()[0], [1, 2])
    assert "\n    import os" not in str(program) and "\nimport os" not in str(program)
    with pytest.raises(RuntimeError, match="a keyword that is no name"):
        tg.program(square(x, **{"a=print(1), b": 1}).sum())
    with pytest.raises(RuntimeError, match="cannot be written into a program"):
        tg.program(square(x, a="), print(1").sum())


def test_every_operation_says_what_it_computes() -> None:
    m, x = tg.nn.RNN(3, 4), tg.randn(5, 2, 3)
    x.name = "x"
    program = tg.program((m(x)[0] ** 2).mean())
    lines = {line.split("#")[0].strip(): line.partition("# ")[2] for line in str(program).splitlines()}
    told = "\n".join(lines.values())
    assert "x @ W_xh.T: all 5 steps at once" in told and "h_before @ W_hh.T" in told and "h_t = tanh(" in told
    assert "the steps\n" in told and "the steps backwards: BPTT" in told
    assert "* slope_h_t" in told and "h_flat: the sum over t = one product" in told
    assert all(about for line, about in lines.items() if "out=" in line and not line.startswith("divide(loss"))
    page = program._repr_html_()
    assert page.count("<td") == 2 and page.index("def forward(given_x)") < page.index("def backward()")
