"""The site is built without a warning, needs nothing from elsewhere, and does not come about with a mistake in it."""

import os
import re
import shutil
import subprocess
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import tinygrad_rnn as tg
from tests.prose import ELSEWHERE, computed, unfounded
from tests.public import public
from tests.site import AXE, faults
from tests.viz.inside import LIGHT

pytest.importorskip("myst_nb")
nbformat = pytest.importorskip("nbformat")
NotebookClient = pytest.importorskip("nbclient").NotebookClient
support = pytest.importorskip("selenium.webdriver.support.wait")

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


#: A page of each kind, which axe judges here; `python -m tests.site` is for all of them.
KINDS = (
    "index.html",
    "search.html",
    "glossary.html",
    "textbook.html",
    "ten-minutes.html",
    "api/data.html",
    "claims/sequences.html",
    "learn/start.html",
    "learn/sum.html",
    "learn/vanishing.html",
    "learn/cures.html",
)
#: What a learner types, and a page that answers it.
SOUGHT = {
    "vanishing": "learn/vanishing.html",
    "forget gate": "learn/lstm.html",
    "gradcheck": "learn/nudging.html",
    "cross entropy": "learn/words.html",
    "truncation": "learn/truncation.html",
    "clipping": "learn/cures.html",
    "softmax": "learn/words.html",
    "attention": "learn/attention.html",
    "embedding": "learn/words.html",
    "bptt by hand": "learn/by-hand.html",
    "learning rate": "learn/words.html",
}


@pytest.mark.slow
def test_the_site_is_built_and_can_be_read_by_everybody_without_a_network(tmp_path: Path, driver: Any) -> None:
    site = tmp_path / "site"
    done = build(ROOT / "docs", site)
    assert done.returncode == 0, done.stderr
    pages = list(site.rglob("*.html"))
    assert len(pages) > 25
    fetched = re.compile(r"<(?:script|img|iframe|link)[^>]*(?:src|href)=\"(?:https?:)?//")
    assert {page.name: found[0] for page in pages if (found := fetched.search(page.read_text("utf-8")))} == {}
    addresses = {each for page in pages for each in re.findall(r'href="(https?:[^"]*)"', page.read_text("utf-8"))}
    assert [each for each in addresses if not re.fullmatch(r"https?://[\w.-]+\.[a-z]+(/[^\s<>]*)?", each)] == []
    coloured = {file.name: file.read_text("utf-8") for file in (site / "_images").glob("*.svg")}
    assert [name for name, svg in coloured.items() if LIGHT.fills[3] in svg and "prefers-color-scheme" not in svg] == []
    api = {page.name: page.read_text("utf-8") for page in (site / "api").glob("*.html")}
    assert [(name, how) for name, html in api.items() for how in torn(html)] == []
    assert misplaced("".join(api.values())) == []
    assert unfounded_numbers(site, {}) == {}
    assert unfounded_numbers(site, PLANTED) == {page: [wrong.split()[-1]] for page, (_, wrong) in PLANTED.items()}
    assert AXE.exists(), "npm ci in web/ brings axe-core"
    driver.execute_cdp_cmd("Network.enable", {})
    off = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", off)
    assert [fault for name in KINDS for fault in faults(driver, site / name)] == []
    driver.get((site / "search.html").as_uri())
    assert (
        "Words typed into the field" in driver.find_element("tag name", "article").text
    )  # where nothing is sought yet
    assert {word: page for word, page in SOUGHT.items() if page not in results(driver, site, word)} == {}
    for name in ("start", "prices"):
        (notebook,) = (site / "_downloads").rglob(f"{name}.ipynb")
        elsewhere = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(
            nbformat.read(notebook, as_version=4), resources=elsewhere
        ).execute()  # raises what a cell raises


CUT = """<!doctype html><html lang="en"><title>A</title><main><article><h1>A</h1>
<math display="block" tabindex="0" style="display: block; overflow-x: auto; height: 5px"><mi>y</mi></math>
<p style="width: 0"><math display="inline"><mi>x</mi></math>.</p>
<p style="width: 0"><code><span class="pre">--help</span></code></p>
<iframe title="inner" style="height: 100px" srcdoc="<div style='height: 900px'></div>"></iframe></article></main>"""


@pytest.mark.slow
def test_what_is_cut_on_a_page_is_noticed(tmp_path: Path, driver: Any) -> None:
    page = tmp_path / "cut.html"
    page.write_text(CUT, "utf-8")
    found = [fault.partition(": ")[2] for fault in faults(driver, page, [(1280, "light")])]
    assert [fault.partition(":")[0].partition(" is ")[0] for fault in found] == [
        "scrolls up and down",
        "torn from what follows",
        "torn at a hyphen",
        "inner",
    ]


#: How a docstring is torn on its page where its style is not understood, and what that looks like.
TORN = {
    "a field is told apart from its class": (r"Alias for field", "<p>Alias for field number 0</p>"),
    "what stands before a colon became a type": (r"<dt[^>]*>Type<", '<dt class="field-even">Type<span>:</span></dt>'),
    "equations run together": (r"<blockquote|<p>[^<]*\S {3,}\S", "<p>m &lt;- b1 * m          v &lt;- b2 * v</p>"),
    "code became a list": (r'<dl class="simple">', '<dl class="simple"><dt>for step in backward_steps(loss):</dt>'),
    "a letter became a number": (r"<ol", '<ol class="loweralpha simple" start="16"><li></li></ol>'),
    "a line became an entry": (r"<li><p>(?:(?!</p>| – ).)*</p>", "<li><p><strong>for.</strong></p></li>"),
    "what escapes is seen": (r"\\\\[*|\"']", "a \\\\| b"),
}
#: Public names that need no entry: older names of types, what only answers, shorthands of types, and what is numpy's.
UNTOLD = re.compile(r"[A-Z]\w+Tensor|accelerator|backends|Array|Group|State|[fi]info")


def torn(html: str) -> list[str]:
    return [how for how, (pattern, _) in TORN.items() if re.search(pattern, html, re.DOTALL)]


@pytest.mark.parametrize("how", TORN)
def test_a_torn_docstring_is_noticed(how: str) -> None:
    assert torn(TORN[how][1]) == [how]


def misplaced(html: str) -> list[str]:
    """What the pages of the API tell and is not public, or no user's: the engine's part of a tensor."""
    told = set(re.findall(r'<dt class="[^"]*sig[^"]*" id="([^"]+)"', html))
    names, known = set(public()), set(dir(tg.tensor(0.0)))
    inner = {name for name in told if name.startswith("tinygrad_rnn.Tensor.") and name.rpartition(".")[2] not in known}
    classes = names - set(sys.modules)
    return sorted(inner | {name for name in told if name not in names and name.rpartition(".")[0] not in classes})


def test_what_is_public_has_a_place_in_the_api() -> None:
    """In a module that is told as a whole, among the methods of tensors, or by its name in one of the lists."""
    pages = "".join(page.read_text("utf-8") for page in (ROOT / "docs" / "api").glob("*.md"))
    whole = tuple(f"{module}." for module in re.findall(r"automodule:: (\S+)", pages))
    told = {*re.findall(r"^\.\. auto\w+:: (\S+)", pages, re.MULTILINE), *(n for n in public() if n.startswith(whole))}
    told = {name.rpartition(".")[2] for name in told} | set(dir(tg.Tensor)) | set(dir(tg.nn.Module))
    untold = {
        name
        for name in public()
        if callable(value := attrgetter(name.partition(".")[2])(tg)) and not name.startswith(whole)
        if not {name.rpartition(".")[2], getattr(value, "__name__", "")} & told
    }
    assert {name for name in untold if not UNTOLD.fullmatch(name.rpartition(".")[2])} == set()


#: A number in the prose of a page, and a wrong one to put in its place.
PLANTED = {
    "learn/cures.md": ("10^9", "10^5"),
    "learn/equations.md": ("114.76", "114.67"),
    "learn/lstm.md": ("0.0003", "0.0004"),
    "learn/sum.md": ("0.0833", "0.0838"),
    "learn/vanishing.md": ("0.9", "0.7"),
    "learn/words.md": ("tfrac15 = 1.609", "tfrac15 = 1.690"),
}


def unfounded_numbers(site: Path, planted: dict[str, tuple[str, str]]) -> dict[str, list[str]]:
    """Of every page that runs, the numbers in its prose that it does not compute."""
    found = {}
    for file in sorted((ROOT / "docs").rglob("*.md")):
        name, page = file.relative_to(ROOT / "docs"), file.read_text("utf-8")
        if "file_format: mystnb" in page:
            html = site.joinpath(name).with_suffix(".html").read_text("utf-8")
            right, wrong = planted.get(name.as_posix(), ("", ""))
            at = page.index(right)
            stated = page[:at] + wrong + page[at + len(right) :]
            found[name.as_posix()] = unfounded(stated, computed(page, html), ELSEWHERE.get(name.as_posix(), {}))
    return {name: numbers for name, numbers in found.items() if numbers}


def results(driver: Any, site: Path, word: str) -> list[str]:
    """The first ten pages that the site's search finds, opened as files."""
    driver.get(f"{(site / 'search.html').as_uri()}?q={quote(word)}")
    wait = support.WebDriverWait(driver, 30)
    wait.until(
        lambda _: driver.execute_script("return document.querySelector('#search-results p')?.textContent.trim()")
    )
    found = driver.execute_script("return [...document.querySelectorAll('#search-results li a')].map((a) => a.href)")
    return [address.partition(f"{site.as_uri()}/")[2].partition("#")[0].partition("?")[0] for address in found[:10]]


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
    for part in ("static", "templates"):
        shutil.copytree(ROOT / "docs" / part, source / part)
    shutil.copy(ROOT / "docs" / "conf.py", source)
    (source / "index.md").write_text(page, "utf-8")
    done = build(source, tmp_path / "site")
    assert done.returncode != 0
    assert said in done.stderr
