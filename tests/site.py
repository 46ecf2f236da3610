"""The built site in a browser, as its readers see it: `python -m tests.site build/site` has axe judge every page.

axe-core comes with `npm ci` in web/. Each page is opened at two widths, light and dark, with the network off.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

from tests.viz.page.walker import FLAGS, Walker

AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations'], iframes: false, preload: false}).then(
  ({violations}) => done(violations.flatMap(({id, nodes}) => nodes.map((one) => `${id}: ${one.html.slice(0, 200)}`))),
  (error) => done([`${error}`]));
"""
#: What scrolls up and down inside a page, formulas whose full stop begins the next line, and options torn at a hyphen.
LAYOUT = """
const scrolled = [...document.querySelectorAll('article :is(math, pre, .output, .table-wrapper)')].filter(
  (one) => ['auto', 'scroll'].includes(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight);
const torn = [...document.querySelectorAll('article math[display=inline]')].filter((one) => {
  if (!/^[.,:;?!)]/.test(one.nextSibling?.data ?? '')) return false;
  const sign = new Range();
  sign.setStart(one.nextSibling, 0);
  sign.setEnd(one.nextSibling, 1);
  return sign.getBoundingClientRect().left < one.getBoundingClientRect().right - 2;
});
const cut = [...document.querySelectorAll('article code .pre')].filter(
  (one) => one.textContent.startsWith('-') && one.getClientRects().length > 1);
return [...scrolled.map((one) => `scrolls up and down: ${one.outerHTML.slice(0, 200)}`),
        ...torn.map((one) => `torn from what follows: ${one.textContent}`),
        ...cut.map((one) => `torn at a hyphen: ${one.textContent}`)];
"""
INSIDE = "return [document.scrollingElement.clientHeight, document.scrollingElement.scrollHeight]"
#: Wide and light, narrow and dark; the command looks at all four.
MODES = ((1280, "light"), (400, "dark"))
EVERY_MODE = tuple(product((1280, 400), ("light", "dark")))


def faults(driver: Any, page: Path, modes: Iterable[tuple[int, str]] = MODES) -> Iterator[str]:
    """What is wrong with a page: what axe says, what the browser complains about, what is too wide or too high."""
    walker = Walker(driver, page.as_uri())
    driver.set_script_timeout(300)  # a long page on a busy machine
    for width, scheme in modes:
        walker.resize(width, 900)
        walker.pretend(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
        driver.get_log("browser")  # of what was open before
        walker.open()
        walker.run(AXE.read_text("utf-8"))
        found = driver.execute_async_script(RUN)
        found += walker.run(LAYOUT) + framed(driver)
        found += [entry["message"] for entry in driver.get_log("browser")]
        if walker.run("return document.documentElement.scrollWidth") > width:
            found.append("wider than the window")
        yield from (f"{page.name} at {width}, {scheme}: {each}" for each in found)
    walker.reset()


def framed(driver: Any) -> list[str]:
    """Which pages inside the page have more to show than their frames."""
    found = []
    for frame in driver.find_elements("tag name", "iframe"):
        title = frame.get_attribute("title")
        driver.execute_script("arguments[0].scrollIntoView()", frame)  # a frame out of sight is not laid out anew
        driver.switch_to.frame(frame)
        until = time.monotonic() + 5
        while (sizes := driver.execute_script(INSIDE))[0] < sizes[1] and time.monotonic() < until:
            time.sleep(0.05)
        high, needed = sizes
        found += [f"{title} is {needed} pixels high in a frame of {high}"] if needed > high else []
        driver.switch_to.default_content()
    return found


def main(site: Path) -> int:
    """Judge every page but those to download, which `tests/viz/page` judges, and all listings of code but two."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver, count = webdriver.Chrome(options=options), 0
    try:
        for page in sorted(site.rglob("*.html")):
            listing = "_modules" in page.parts and page.stem not in {"index", "walk"}
            if not listing and "_downloads" not in page.parts:
                for fault in faults(driver, page, EVERY_MODE):
                    print(fault)
                    count += 1
    finally:
        driver.quit()
    print(f"{count} faults")
    return min(count, 1)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]).resolve()))
