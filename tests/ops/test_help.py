"""What functions and methods tell of themselves: help, signatures, and what is listed of a tensor."""

import doctest
import inspect
import pydoc
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tinygrad_rnn as tg
from tests.engine import TABLE, Operation

NAMESPACES: dict[str, Any] = {"tg": tg, "tg.Tensor": tg.Tensor, "tg.nn.functional": tg.nn.functional}
ROWS = [
    pytest.param(found, id=f"{where}.{name}")
    for where, namespace in NAMESPACES.items()
    for name in dir(namespace)
    if isinstance(found := getattr(namespace, name, None), Operation)
]


@pytest.mark.parametrize("operation", ROWS)
def test_a_row_tells_its_signature_its_formula_its_derivatives_and_an_example(operation: Operation) -> None:
    parameters = inspect.signature(operation).parameters
    assert list(parameters) == ["input", "exponent" if operation.name == "pow" else "other"][: len(parameters)]
    text = inspect.getdoc(operation) or ""
    assert text.startswith(operation.about) and "\n    y = " in text
    assert operation.about[-1] == "." and operation.about in text
    for name in operation.letters(len(parameters)):
        assert (f"dL/d{name} = " in text) is operation.differentiable
        assert (f">>> {name}.grad" in text) is operation.differentiable
    shown = pydoc.plain(pydoc.render_doc(operation))
    assert f"\n{operation.name}({', '.join(parameters)})\n" in shown and operation.about in shown
    found = doctest.DocTestParser().get_doctest(text, {"tg": tg}, operation.name, None, None)
    assert doctest.DocTestRunner(verbose=False).run(found).failed == 0
    assert len(found.examples) > 2


def test_a_bound_row_tells_the_same() -> None:
    x = tg.tensor([1.0])
    assert str(inspect.signature(x.maximum)) == "(other)"
    assert x.maximum.__doc__ == tg.maximum.__doc__ and x.maximum.__name__ == "maximum"
    assert pydoc.render_doc(x.tanh).count("dL/dx = g * (1 - y * y)") == 1


def test_every_function_and_method_has_a_sentence_and_a_signature() -> None:
    for name in dir(tg):
        function = getattr(tg, name)
        if name[0] != "_" and callable(function) and not isinstance(function, type):
            assert (inspect.getdoc(function) or "")[0].isprintable(), name
            inspect.signature(function)
    for name in dir(tg.tensor(1.0)):
        if name[0] != "_" and callable(method := getattr(tg.Tensor, name)):
            assert inspect.getdoc(method), name
            inspect.signature(method)


def test_a_row_is_public_if_it_says_what_it_is_about() -> None:
    for name, row in TABLE.items():
        assert (getattr(tg, name, None) is row) is bool(row.about)
        assert all(getattr(tg, alias) is getattr(tg.Tensor, alias) is row for alias in row.aliases)
        assert hasattr(tg.Tensor, f"{name}_") or not row.inplace


def test_importing_the_package_asks_no_operation_for_its_help() -> None:
    code = "import sys, tinygrad_rnn; assert 'tinygrad_rnn.surface.help' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)


def test_the_function_is_the_method() -> None:
    for name in ("sum", "tanh", "reshape", "clip", "topk"):
        assert getattr(tg, name) is getattr(tg.Tensor, name)


def test_a_tensor_lists_what_its_users_know() -> None:
    torch = pytest.importorskip("torch")
    x = tg.tensor([1.0])
    ours = {name for name in dir(x) if not name.startswith("__")} - set(dir(torch.tensor([1.0])))
    assert ours == {"array", "elu", "gelu", "hardtanh", "leaky_relu", "silu", "softplus", "softsign"}
    for name in ("array", "birth", "place", "name", "primitive", "args"):
        assert hasattr(x, name)
