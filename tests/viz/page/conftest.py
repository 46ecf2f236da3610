"""Pages, opened in the browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.viz.page.walker import END, Walker


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
