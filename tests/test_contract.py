"""The promises of docs/contract.md, kept; and the generated pages, as their script writes them."""

import doctest
import importlib.util
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

from .contract_cases import KEPT, KINKS, REFUSED, TYPED, Kept, Kink, Refused, Typed

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # kinks divide by zero on purpose


def script() -> Any:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", script().PAGES)
def test_the_committed_page_is_what_the_script_writes(page: str) -> None:
    written = (ROOT / page).read_text(encoding="utf-8")
    assert written == script().PAGES[page](), "run: python docs/generate.py"


def test_pytorch_has_the_counterparts_that_are_named() -> None:
    torch = pytest.importorskip("torch")
    for operation in tg.ops.TABLE.values():
        found: Any = torch
        for part in operation.torch.split(".")[1:]:
            found = getattr(found, part)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.situation)
def test_refused_and_explained(case: Refused) -> None:
    kind, _, text = script().message(case).partition(": ")
    assert kind == case.error
    assert [words for words in case.says if words not in text] == []


@pytest.mark.parametrize("case", KINKS, ids=lambda case: f"{case.code} at {case.at}")
@pytest.mark.parametrize("library", ["tinygrad_rnn", "torch"])
def test_kinks(case: Kink, library: str) -> None:
    lib = pytest.importorskip(library)
    if library == "torch" and not case.torch:
        return
    numbers = {"inf": np.inf, "NaN": np.nan}
    x = lib.tensor(eval(case.at, numbers), requires_grad=True)
    namespace = {name: getattr(lib, name) for name in dir(lib)} | {"x": x, "w": lib.ones_like(x)}
    y = eval(case.code, {}, namespace)
    (slope,) = lib.autograd.grad(y.sum(), x)
    np.testing.assert_allclose(y.detach().numpy(), np.array(eval(case.value, numbers)), rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(slope.numpy(), np.array(eval(case.slope, numbers)), rtol=1e-4, atol=1e-30)


@pytest.mark.parametrize("case", TYPED, ids=lambda case: case.code)
def test_types(case: Typed) -> None:
    assert str(eval(case.code, {"tg": tg, "np": np}).dtype).removeprefix("tinygrad_rnn.") == case.dtype


@pytest.mark.parametrize("case", KEPT, ids=lambda case: case.title)
def test_sessions(case: Kept) -> None:
    session = textwrap.dedent(case.session).strip() + "\n"
    test = doctest.DocTestParser().get_doctest(session, {"tg": tg, "np": np}, case.title, None, None)
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    report: list[str] = []
    runner.run(test, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)
