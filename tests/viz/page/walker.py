"""A reader's hands and eyes: what can be done to a page in a browser and seen on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1500,950",
)

#: The address of the last moment of any page of a graph.
END = "#k=1e9"

GO = """
const slider = document.getElementById('slider');
slider.value = arguments[0];
slider.dispatchEvent(new Event('input', {bubbles: true}));
"""
CARDS = """
const seen = {};
for (const card of document.querySelectorAll('.card')) {
  const part = card.dataset.gradient;
  const row = card.querySelector(part === 'part' ? '.partial' : '.gradient');
  const texts = part === 'none' || !row ? [] : [...row.querySelectorAll('text')].map((text) => text.textContent.trim());
  seen[card.id.slice(1)] = [!card.classList.contains('future'), part, texts];
}
return seen;
"""


class Walker:
    """One page in the browser."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, fragment: str = "") -> None:
        """Load the page anew, with a fragment like ``#k=3``."""
        self.driver.get("about:blank")
        self.driver.get(self.address + fragment)  # which may come back before the page is there
        there = "return location.href !== 'about:blank' && document.readyState === 'complete'"
        self.wait(lambda: self.run(there), "the page")

    def reset(self) -> None:
        """Undo what ``pretend`` and ``resize`` did."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def pretend(self, media: str = "", **features: str) -> None:
        """Make the browser claim a medium, or features: ``prefers_color_scheme="dark"``."""
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": listed})

    def resize(self, width: int, height: int) -> None:
        """A window of that size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def run(self, script: str, *args: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *args)

    def each(self, script: str, given: Iterable[Any]) -> Any:
        """What a script returns for one argument after the other; in one call, for between two the page is painted."""
        return self.run(f"const one = function () {{ {script} }}; return arguments[0].map((x) => one(x));", [*given])

    def find(self, css: str) -> Any:
        """The first element that fits."""
        return self.driver.find_element("css selector", css)

    def text(self, css: str) -> str:
        """The text of the first element that fits."""
        return str(self.run("return document.querySelector(arguments[0]).textContent", css)).strip()

    def count(self, css: str) -> int:
        """How many elements fit."""
        return int(self.run("return document.querySelectorAll(arguments[0]).length", css))

    def click(self, css: str) -> None:
        """Click with the mouse on the middle of an element."""
        self.find(css).click()

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        from selenium.webdriver import ActionChains

        actions = ActionChains(self.driver, duration=0)
        for key in keys:
            actions = actions.send_keys(key)
        actions.perform()

    def go(self, moment: int) -> None:
        """Move the slider."""
        self.run(GO, moment)

    def gone(self, moments: Iterable[int]) -> Any:
        """Move the slider to one moment after the other: where it is then, and all cards."""
        return self.each(f"{GO} return [Number(slider.value), (() => {{ {CARDS} }})()];", moments)

    @property
    def moment(self) -> int:
        """Where the slider is."""
        return int(self.run("return Number(document.getElementById('slider').value)"))

    @property
    def fragment(self) -> dict[str, str]:
        """What the address says."""
        pairs = str(self.run("return location.hash.slice(1)")).split("&")
        return dict(pair.split("=", 1) for pair in pairs if pair)

    @property
    def cards(self) -> dict[str, tuple[bool, str, list[str]]]:
        """For every card: is its value known, how much of its gradient, and the texts of that."""
        found: dict[str, tuple[bool, str, list[str]]] = self.run(CARDS)
        return found

    @property
    def chosen(self) -> str:
        """The name in the panel."""
        return self.text("#panel h2")

    def wait(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        end = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < end, f"waited in vain: {what}"
            time.sleep(0.02)
