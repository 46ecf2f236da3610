"""What holds for every test: the same random inputs every time, one browser, and in CI no test may be skipped."""

import gc
import os
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

# Each process of pytest-xdist has a core of its own: the threads of its libraries would only wait for each other. It is
# said before numpy and PyTorch are imported, which read it then.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings

import tinygrad_rnn as tg
from tests.viz.page.walker import FLAGS

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# Generated inputs are the same in every run, so that a failure is one for everybody; no limit depends on the machine.
settings.register_profile("same-every-time", derandomize=True, deadline=None, database=None, max_examples=50)
settings.load_profile("same-every-time")

#: Files of tests whose branches are counted, besides those of autograd.
COUNTED = {
    "test_branches", "test_compositions", "test_contract", "test_core", "test_corners", "test_creation", "test_errors",
    "test_help", "test_keywords", "test_printing", "test_sharing", "test_table",
}  # fmt: skip

#: Files with tests that take half a minute and more: if one of them began last, the other processes would wait for it.
LONG = {"test_site", "test_demonstrations", "test_live", "test_tape", "test_many"}

#: How a file says that all its tests are slow.
ALL_SLOW = re.compile(r"^pytestmark = .*\bpytest\.mark\.slow\b", re.MULTILINE)

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def pytest_collectstart(collector: pytest.Collector) -> None:
    if isinstance(collector, pytest.Module):
        _seed()  # what a file makes when it is imported: models in a table


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    _seed()


def _seed() -> None:
    """What is drawn without a generator of its own is the same whichever tests ran before, and in whose process."""
    random.seed(0)
    np.random.seed(0)
    tg.manual_seed(0)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that skips itself is a failure in CI."""
    return _refuse_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A file that skips itself (`pytest.importorskip`) is a failure in CI."""
    return _refuse_skips((yield))


def _refuse_skips(report: Report) -> Report:
    if IN_CI and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"in CI every test must run, and this one did not: {reason}"
    return report


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files of which no test is chosen are not imported: PyTorch's own samples take ten seconds."""
    chosen = config.option.markexpr
    if collection_path.suffix != ".py" or not re.fullmatch(r"(counted and )?not slow", chosen):
        return None
    uncounted = chosen.startswith("counted") and not _is_counted(collection_path)
    return uncounted or ALL_SLOW.search(collection_path.read_text("utf-8")) is not None or None


def _is_counted(path: Path) -> bool:
    return path.parent.name == "autograd" or path.stem in COUNTED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives the browser is slow: to start it alone takes seconds, and every process of tests starts its own.

    Branches are counted where most are taken, since that doubles the time of a test.
    """
    for item in items:
        if _is_counted(item.path):
            item.add_marker("counted")
        if "driver" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.stem not in LONG)


def pytest_collection() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """The tests themselves are a million objects that stay: the collector need not go through them again and again.

    Nor need PyTorch write down the stack, a high one below pytest, for each device that is not there and gets a seed.
    """
    gc.freeze()
    gc.enable()
    if torch := sys.modules.get("torch"):
        for device in (torch.cuda, torch.xpu, torch.mtia):
            if not device.is_available():
                device.manual_seed_all = lambda seed: None


@pytest.fixture
def driver(browser: Any) -> Iterator[Any]:
    """The browser, which shows nothing after the test: what moves on a page takes the time of other tests."""
    yield browser
    browser.get("about:blank")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Tests that need it are skipped where there is none; in CI a skip is a failure."""
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    try:
        yield found
    finally:
        found.quit()


_COMPARED: Counter[str] = Counter()


@pytest.fixture(scope="session")
def compared() -> Counter[str]:
    """How many generated cases of each kind were compared with PyTorch so far; the end of the run says it."""
    return _COMPARED


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands its counts over."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["compared"] = dict(_COMPARED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The counts of a worker of pytest-xdist that has ended."""
    _COMPARED.update(getattr(node, "workeroutput", {}).get("compared", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _COMPARED:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(_COMPARED.items()))
        terminalreporter.write_line(f"compared with PyTorch: {_COMPARED.total():,} generated cases ({kinds})")
