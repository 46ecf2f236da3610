"""The site is built without a warning, needs nothing from elsewhere, and does not come about with a mistake in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("myst_nb")

ROOT = Path(__file__).parents[1]
RUNNING = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


def build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", f"{site}-read", str(source), str(site)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_site_is_built_and_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = build(ROOT / "docs", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 25
    fetched = re.compile(r"<(?:script|img|iframe|link)[^>]*(?:src|href)=\"(?:https?:)?//")
    assert {page.name: found[0] for page in pages if (found := fetched.search(page.read_text("utf-8")))} == {}


#: Pages with a mistake, and what the build says of it.
MISTAKEN = {
    "a cell that raises": (f"{RUNNING}# A\n\n```{{code-cell}}\n1 / 0\n```\n", "ZeroDivisionError"),
    "a number that is not so": (
        f"{RUNNING}# A\n\n```{{code-cell}}\n:tags: [remove-cell]\nassert round(0.5**2, 2) == 0.26\n```\n",
        "AssertionError",
    ),
    "a link to a page that is not there": ("# A\n\n[there](nowhere.md)\n", "nowhere.md"),
    "a picture that is not there": ("# A\n\n![there](nowhere.svg)\n", "nowhere.svg"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKEN)
def test_a_page_with_a_mistake_is_not_built(tmp_path: Path, name: str) -> None:
    page, said = MISTAKEN[name]
    source = tmp_path / "docs"
    (source / "static").mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "conf.py", source)
    shutil.copy(ROOT / "docs" / "static" / "site.css", source / "static")
    (source / "index.md").write_text(page, "utf-8")
    done = build(source, tmp_path / "site")
    assert done.returncode != 0
    assert said in done.stderr
