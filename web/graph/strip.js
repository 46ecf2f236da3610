// The strips of sizes: one for every run; that of the open one shows what is known at the moment.

/** @import { Page } from "./page.js" */
/** @import { Gradient, Run } from "../core/run.js" */
import { number } from "../core/numbers.js";
import { gradientName } from "../core/words.js";
import { byId, element, looks, roving, the } from "../shared/elements.js";

/** @param {Page} page */
export function stripView(page) {
  const { run, runs, clock, state } = page;
  const select = the("heat-state", HTMLSelectElement);
  const isNew = looks();
  const longest = Math.max(...runs.map(({ frames }) => frames.length));
  const isThin = longest > (runs.length > 1 ? 40 : 60);
  const rows = runs.map((each, n) => rowOf(page, n, longest, isThin));
  const seriesWords = run.series.map(({ name }) => `|d${run.nodes[run.loss].name}/d${name}[t]|`);
  byId("heat-bar").hidden = runs.every(({ series }) => series.length === 0);
  byId("heats").replaceChildren(...rows.map(({ row }) => row));
  select.replaceChildren(...seriesWords.map((words, n) => element("option", { value: n }, words)));
  select.hidden = run.series.length < 2;
  byId("heat-name").textContent = select.hidden ? (seriesWords[0] ?? "") : "";
  page.listen(select, "change", () => page.change({ series: Number(select.value), folded: new Set(state.folded) }));

  /**
   * A step in the strip, if it looks different now: its label or number, and the size where there is room for it.
   *
   * @param {HTMLElement} button
   * @param {Run} of
   * @param {number} n
   * @param {number | null} id the value whose gradient it shows
   * @param {Gradient | null} gradient
   * @param {string} more classes
   */
  function fill(button, of, n, id, gradient, more = "") {
    const look = `${gradient?.css ?? "gnone"}${more}`;
    if (!isNew(button, `${look} ${id} ${gradient?.size}`)) return;
    const { step, label } = of.frames[n];
    const size = gradient ? number(gradient.size) : "";
    const short = of.frames.length <= 25 && label ? label : String(step);
    const first = of.frames.length <= 10 ? label || `t = ${step}` : short;
    const words = of.frames.length <= 10 && size ? [first, size] : [first];
    const known = id === null || !gradient ? "not known yet" : `size of ${gradientName(of, id)}${words[1] ? "" : ` is ${size}`}`;
    // Who speaks to the page says what can be read on it: the name begins with that.
    const where = first === `t = ${step}` ? "" : `, t = ${step}${label && first !== label ? ` (${label})` : ""}`;
    const title = `${words.join(" ")}: ${known}${where}`;
    button.className = look;
    button.replaceChildren(...words.flatMap((word, m) => [m ? " " : "", element("span", {}, word)]));
    button.title = title;
    button.setAttribute("aria-label", title);
  }

  /** @param {number} n */
  function drawOpen(n) {
    const id = page.stateOf(n);
    const gradient = id === null ? null : clock.gradientOf(id, state.moment);
    const known = gradient?.part === "whole" ? gradient : null;
    const isChosen = id !== null && state.selected === id;
    const more = `${state.folded.has(n) ? " folded" : ""}${isChosen ? " chosen" : ""}`;
    fill(rows[runs.indexOf(run)].buttons[n], run, n, id, known, more);
  }

  return () => {
    select.value = String(state.series);
    runs.forEach((each, m) => {
      // The same series of the other runs, at their end.
      const series = each.series.find(({ name }) => name === run.series[state.series]?.name) ?? each.series[0];
      rows[m].show(each === run, series?.verdict ?? "");
      rows[m].buttons.forEach((button, n) => {
        if (each === run) return drawOpen(n);
        const id = series?.ids[n] ?? null;
        return fill(button, each, n, id, id === null ? null : each.nodes[id].gradient);
      });
    });
  };
}

/**
 * @param {Page} page
 * @param {number} n the run
 * @param {number} longest
 * @param {boolean} isThin
 */
function rowOf(page, n, longest, isThin) {
  const { runs } = page;
  const { name, frames } = runs[n];
  const isOpen = runs[n] === page.run;
  const isAlone = runs.length === 1;
  const buttons = frames.map((_, frame) => {
    const id = () => page.stateOf(frame);
    const choose = () => id() !== null && page.choose(Number(id()));
    const acts = { onclick: choose, ondblclick: () => page.toggleFold([frame]) };
    return element("button", { type: "button", ...(isOpen ? acts : { onclick: () => page.go(n, frame) }) });
  });
  const words = `Size of the gradient by time step${isAlone ? "" : `, ${name}`}`;
  const look = isThin ? "strip-of thin" : "strip-of";
  const strip = element("div", { class: look, id: isOpen ? "heat" : null, role: "toolbar", "aria-label": words }, ...buttons);
  roving(strip);
  const line = lineOf(strip, frames.length, longest, isAlone ? null : { name, n, go: () => page.go(n) });
  return { ...line, buttons };
}

/**
 * A strip in its row, with the button of its run before and the verdict after it where there are several.
 *
 * @param {HTMLElement} strip
 * @param {number} length
 * @param {number} longest
 * @param {{ name: string, n: number, go: () => void } | null} run
 */
export function lineOf(strip, length, longest, run) {
  if (!run) return { row: element("div", { class: "heat-row" }, strip), show() {} };
  strip.style.flexGrow = String(length);
  const gap = element("div", { class: "gap" });
  gap.style.flexGrow = String(longest - length);
  const open = element("button", { type: "button", class: "run", onclick: run.go }, run.name);
  const verdict = element("p", { class: "verdict" });
  const row = element("div", { "data-run": run.n }, open, element("div", { class: "strip-room" }, strip, gap), verdict);
  return {
    row,
    /** @param {boolean} isOpen @param {string} words */
    show(isOpen, words) {
      row.className = isOpen ? "heat-row open" : "heat-row";
      open.setAttribute("aria-pressed", String(isOpen));
      verdict.textContent = words;
    },
  };
}
