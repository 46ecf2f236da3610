// The strips of all steps of long computations, where the window is chosen that the page shows in full detail.

/** @import { Windows } from "../core/windows.js" */
/** @import { Page } from "./page.js" */
import { alike, cellWords, placeOf, starts, stepsIn, windowOf } from "../core/windows.js";
import { byId, element, looks, roving, the } from "../shared/elements.js";
import { lineOf } from "./strip.js";

/**
 * @param {Windows} windows
 * @param {(window: number, pick?: number) => void} go opens a window, and chooses a step of it
 */
export function windowsOf({ runs }, go) {
  const isNew = looks();
  const first = starts(runs);
  const longest = Math.max(...runs.map(({ steps }) => steps.length));
  let open = 0;
  const rows = runs.map((whole, m) => {
    const buttons = (whole.series[0]?.cells ?? []).map(([cell]) => {
      const window = windowOf(whole, cell);
      const act = () => go(first[m] + window, cell - stepsIn(whole, window)[0]);
      return element("button", { type: "button", onclick: act });
    });
    const words = `Size of the gradient at all time steps${runs.length > 1 ? `, ${whole.name}` : ""}: choose those to show`;
    const strip = element("div", { class: "strip-of thin", role: "toolbar", "aria-label": words }, ...buttons);
    roving(strip);
    const line = lineOf(strip, whole.steps.length, longest, runs.length > 1 ? { name: whole.name, n: m, go: () => go(alike(runs, open)[m]) } : null);
    return { ...line, buttons };
  });
  byId("windows-bar").hidden = false;
  byId("all").replaceChildren(...rows.map(({ row }) => row));
  byId("earlier").addEventListener("click", () => go(open + 1));
  byId("later").addEventListener("click", () => go(open - 1));

  /** @param {Page} page */
  return ({ run, state }) => {
    open = state.run;
    const here = placeOf(runs, open);
    const { steps } = runs[here.run];
    const [from, to] = stepsIn(runs[here.run], here.window);
    byId("window-now").textContent = to ? `t = ${steps[from]} to ${steps[to - 1]} of ${steps.length.toLocaleString("en")}` : "no time steps";
    the("earlier", HTMLButtonElement).disabled = here.window === windowOf(runs[here.run], 0);
    the("later", HTMLButtonElement).disabled = here.window === 0;
    runs.forEach((whole, m) => {
      const shown = whole.series.find(({ name }) => name === run.series[state.series]?.name) ?? whole.series[0];
      const gradient = `d${run.nodes[run.loss].name}/d${shown?.name}[t]`;
      const told = shown?.verdict ?? "";
      if (runs.length > 1) rows[m].show(m === here.run, told);
      else byId("window-told").textContent = told && `carried by ${shown.name}: ${told}`;
      shown?.cells.forEach((cell, n) => {
        const isOpen = m === here.run && cell[1] >= from && cell[0] < to;
        const button = rows[m].buttons[n];
        if (!isNew(button, `${isOpen} ${gradient}`)) return;
        const words = cellWords(whole, gradient, cell);
        button.className = `${cell[2]}${isOpen ? " open" : ""}`;
        button.style.setProperty("--high", String(cell[3]));
        button.title = words;
        button.setAttribute("aria-label", words);
        button.setAttribute("aria-pressed", String(isOpen));
      });
    });
  };
}
