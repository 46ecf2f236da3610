// The strip of all steps of a long computation, where the window is chosen that the page shows in full detail.

/** @import { Windows } from "../core/windows.js" */
/** @import { Page } from "./page.js" */
import { cellWords, stepsIn, windowOf } from "../core/windows.js";
import { byId, element, looks, roving, the } from "../shared/elements.js";

/**
 * @param {Windows} windows
 * @param {(window: number, pick?: number) => void} go opens a window, and chooses a step of it
 */
export function windowsOf(windows, go) {
  const { steps, series } = windows;
  const last = windowOf(windows, 0);
  const isNew = looks();
  let open = 0;
  const buttons = (series[0]?.cells ?? []).map(([first]) => {
    const window = windowOf(windows, first);
    return element("button", { type: "button", onclick: () => go(window, first - stepsIn(windows, window)[0]) });
  });
  byId("windows-bar").hidden = false;
  byId("all").replaceChildren(...buttons);
  roving(byId("all"));
  byId("earlier").addEventListener("click", () => go(open + 1));
  byId("later").addEventListener("click", () => go(open - 1));

  /** @param {Page} page */
  return ({ run, state }) => {
    open = state.run;
    const [from, to] = stepsIn(windows, open);
    const shown = series.find(({ name }) => name === run.series[state.series]?.name) ?? series[0];
    const gradient = `d${run.nodes[run.loss].name}/d${shown?.name}[t]`;
    byId("window-now").textContent = `t = ${steps[from]} to ${steps[to - 1]} of ${steps.length.toLocaleString("en")}`;
    byId("window-told").textContent = shown?.verdict ? `carried by ${shown.name}: ${shown.verdict}` : "";
    the("earlier", HTMLButtonElement).disabled = open === last;
    the("later", HTMLButtonElement).disabled = open === 0;
    shown?.cells.forEach((cell, n) => {
      const isOpen = cell[1] >= from && cell[0] < to;
      if (!isNew(buttons[n], `${isOpen} ${gradient}`)) return;
      const words = cellWords(windows, gradient, cell);
      buttons[n].className = `${cell[2]}${isOpen ? " open" : ""}`;
      buttons[n].style.setProperty("--high", String(cell[3]));
      buttons[n].title = words;
      buttons[n].setAttribute("aria-label", words);
      buttons[n].setAttribute("aria-pressed", String(isOpen));
    });
  };
}
