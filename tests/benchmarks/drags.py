"""How long a page takes to follow a number that is dragged: `python tests/benchmarks/drags.py`, with chromium.

Real pointer events, 200 moves at a time; what the page's own clock says around its handler, with the layout that
follows; the median of each of three rounds, and the processor time of the page's thread a move.
"""

import statistics
import tempfile
from pathlib import Path
from typing import Any

import tinygrad_rnn as tg
from tests.viz.page.walker import END, FLAGS
from tinygrad_rnn import nn, viz

MOVES, ROUNDS = 200, 3
CLOCK = """
const add = EventTarget.prototype.addEventListener;
window.took = [];
EventTarget.prototype.addEventListener = function (kind, act, options) {
  if (kind !== "pointermove" || this !== window) return add.call(this, kind, act, options);
  return add.call(this, kind, (event) => {
    const before = document.getElementById("live-told").textContent;
    const start = performance.now();
    act(event);
    document.getElementById("drawing").getBoundingClientRect();
    const end = performance.now();
    if (document.getElementById("live-told").textContent !== before) window.took.push(end - start);
  }, options);
};
"""
PLACE = """
const box = document.querySelector(".fields input").getBoundingClientRect();
return [box.x + box.width / 2, box.y + box.height / 2];
"""


def loss_of(cell: Any, steps: int) -> Any:
    tg.manual_seed(0)
    outputs, _ = cell(2, 3)(tg.randn(steps, 2))
    return (nn.Linear(3, 1)(outputs[-1]) ** 2).sum()


def measure(driver: Any, name: str, address: str) -> None:
    def pointer(kind: str, x: float, y: float) -> None:
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
        driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    def seconds() -> float:
        metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

    driver.get(address)
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    x, y = driver.execute_script(PLACE)
    medians, spent = [], seconds()
    for _ in range(ROUNDS):
        driver.execute_script("window.took.length = 0")
        pointer("mousePressed", x, y)
        for move in range(MOVES):
            pointer("mouseMoved", x + 5 + abs(40 - move % 80), y)
        pointer("mouseReleased", x, y)
        medians.append(statistics.median(driver.execute_script("return window.took")))
    each = 1000 * (seconds() - spent) / ROUNDS / MOVES
    print(f"{name}: medians {', '.join(f'{one:.1f}' for one in medians)} ms; {each:.1f} ms of processor time in all")


def main() -> None:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": CLOCK})
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, cell, steps in (("RNN, T = 10", nn.RNN, 10), ("LSTM, T = 20", nn.LSTM, 20)):
                path = Path(folder) / f"{steps}.html"
                path.write_text(viz.draw(loss_of(cell, steps)).html, encoding="utf-8")
                measure(driver, name, f"{path.as_uri()}{END}&sel=b_hh")
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
