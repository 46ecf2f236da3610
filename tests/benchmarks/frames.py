"""How many frames a second the playground shows while it trains: `python tests/benchmarks/frames.py`, with chromium.

For every cell, with and without layer norm, at T = 50: frames and training steps of a second, and what the page's
thread works for a frame by its own clock, which counts no other program: in all, and of that in what.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

from tests.viz.page.walker import FLAGS
from tinygrad_rnn.viz import Playground

SECONDS = 4
KEYS = {"all": "TaskDuration", "script": "ScriptDuration", "style": "RecalcStyleDuration", "layout": "LayoutDuration"}
COUNT = """
window.frames_seen = 0;
const ask = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (act) => ask((now) => { window.frames_seen += 1; act(now); });
"""
STEPS = "return Number.parseInt(document.getElementById('trained').textContent) || 0"


def measure(driver: Any, address: str, cell: str, norm: bool) -> str:
    def told() -> dict[str, float]:
        metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        named = {each["name"]: float(each["value"]) for each in metrics}
        counted = {"frames": driver.execute_script("return frames_seen"), "steps": driver.execute_script(STEPS)}
        return named | counted | {"time": time.perf_counter()}

    driver.get("about:blank")
    driver.get(f"{address}#cell={cell}&T=50&norm={int(norm)}")
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    driver.execute_script(COUNT + "document.getElementById('train').click()")
    time.sleep(1)
    before = told()
    time.sleep(SECONDS)
    after = told()
    gone = {name: after[name] - value for name, value in before.items()}
    frames, steps = (gone[name] / gone["time"] for name in ("frames", "steps"))
    work = "".join(f", {name} {1e3 * gone[key] / max(gone['frames'], 1):.1f} ms" for name, key in KEYS.items())
    return f"{cell:5} {'norm' if norm else '':4} {frames:5.1f} frames/s, {steps:6.1f} steps/s; a frame{work}"


def main() -> None:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, "--window-size=1280,1000"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options)
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "play.html"
            file.write_text(Playground().html, encoding="utf-8")
            for cell in ("tanh", "relu", "gru", "lstm"):
                for norm in (False, True):
                    print(measure(driver, file.as_uri(), cell, norm), flush=True)
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
