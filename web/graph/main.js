// The page of a graph, of several runs of which one is open, or of long runs of which a window is. To open one is to
// begin afresh on its drawing.

/** @import { Run, State } from "../core/run.js" */
/** @import { Windows } from "../core/windows.js" */
import { runIn } from "../core/address.js";
import { carried, said, the } from "../shared/elements.js";
import { unpacked } from "../shared/packed.js";
import { Page } from "./page.js";
import { windowsOf } from "./windows.js";
import { alike, elsewhere } from "../core/windows.js";

/** @typedef {{ run: Run, parts: Element[] }} Part a run, its drawing and its folded steps */

/** @type {Run[]} */
const runs = carried();
const long = document.getElementById("windows")?.textContent;
/** @type {Windows | null} */
const windows = long ? JSON.parse(long) : null;
const count = windows ? windows.packed.length + 1 : runs.length;
const drawWindows = windows && windowsOf(windows, go);
/** @type {State} */
const state = {
  run: 0,
  moment: 0,
  playing: false,
  folded: new Set(),
  series: 0,
  selected: null,
  pinned: false,
  changes: "",
  sought: "",
  found: -1,
  zoom: 1,
  theme: null,
  touring: false,
  keys: true,
};

// The drawings with their folded steps, as they came. A page with one run needs its own only once.
const drawings = runs.map((_, n) => {
  if (n > 0) return [...the(`run${n}`, HTMLTemplateElement).content.children];
  const closed = /** @type {Element} */ (the("closed", HTMLTemplateElement).content.firstElementChild);
  const first = [the("drawing", SVGSVGElement), closed];
  return count > 1 ? first.map((part) => /** @type {Element} */ (part.cloneNode(true))) : first;
});

/** The runs that were unpacked. @type {Map<number, Run>} */
const seen = new Map();

/** @param {number} n @returns {Promise<Part>} */
async function partOf(n) {
  const packed = n > 0 && windows?.packed[n - 1];
  if (!packed) return { run: runs[n], parts: count > 1 ? drawings[n].map((part) => document.importNode(part, true)) : drawings[n] };
  /** @type {[Run, string, string]} */
  const [came, drawn, folded] = await unpacked(packed);
  const run = seen.get(n) ?? came; // whose numbers may have been changed
  seen.set(n, run);
  const around = `<svg xmlns="http://www.w3.org/2000/svg">${folded}</svg>`;
  return { run, parts: [drawn, around].map((text) => document.adoptNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement)) };
}

/** @type {Page | null} */
let page = null;
/** Which was asked for last: one that takes longer to unpack does not come after it. */
let asked = 0;

/**
 * @param {number} n
 * @param {(opened: Page) => void} then
 */
async function open(n, then) {
  asked = n;
  const { run, parts: [drawing, closed] } = await partOf(n);
  if (asked !== n) return;
  page?.close();
  the("drawing", SVGSVGElement).replaceWith(drawing);
  state.run = n;
  const doors = windows ? alike(windows.runs, n) : [...runs.keys()];
  /** @param {string} text */
  const far = (text) => windows && elsewhere(windows.runs, n, text);
  page = new Page(windows ? [run] : runs, run, state, closed, { go, doors, far }, drawWindows);
  then(page);
}

/**
 * To another run; the button that was pressed to go there keeps the focus, and a step that was picked is chosen, or what
 * was sought there.
 *
 * @param {number} n
 * @param {number} [pick]
 * @param {string} [sought]
 */
function go(n, pick, sought = "") {
  /** @param {Page} opened */
  const choose = (opened) => pick !== undefined && opened.stateOf(pick) !== null && opened.choose(Number(opened.stateOf(pick)));
  if (page && n === state.run) return choose(page);
  const isRun = document.activeElement?.classList.contains("run") && !windows; // those of windows stay
  const before = page && { run: page.run, clock: page.clock, state: { ...state } };
  return open(n, (opened) => {
    if (before) opened.beginLike(before);
    choose(opened);
    if (sought) opened.seek(sought, true);
    const button = isRun ? document.querySelector(`[data-run="${n}"] .run`) : null;
    /** @type {HTMLElement | null} */ (button)?.focus();
  });
}

document.body.classList.add("live");
// The address of the event: the page may have written its own since.
window.addEventListener("hashchange", ({ newURL }) => {
  const wanted = runIn(count, said(newURL));
  if (page && wanted === state.run) page.begin(said(newURL), false);
  else open(wanted, (opened) => opened.begin(said(newURL), false));
});
open(runIn(count, said()), (opened) => opened.begin(said(), true));
