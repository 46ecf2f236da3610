"""A browser for the tests of the page: chromium without a window, driven by selenium."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.viz.page.walker import END, FLAGS, Walker


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives the browser is slow: to start it alone takes seconds, and every process of tests starts its own."""
    for item in items:
        if "driver" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The browser. Tests that need it are skipped where there is none; in CI a skip is a failure."""
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


@pytest.fixture
def walk(driver: Any, tmp_path: Path) -> Iterator[Callable[..., Walker]]:
    """Open a page: ``walk(html, "#k=3")``, at its end if nothing else is said, where all is known.

    Whatever the browser complains about fails the test.
    """
    walkers: list[Walker] = []

    def start(html: str, address: str = END) -> Walker:
        path = tmp_path / f"page{len(walkers)}.html"
        path.write_text(html, encoding="utf-8")
        walkers.append(Walker(driver, path.as_uri()))
        walkers[-1].open(address)
        return walkers[-1]

    yield start
    for walker in walkers:
        walker.reset()
    complaints = [entry["message"] for entry in driver.get_log("browser")]
    assert complaints == []
