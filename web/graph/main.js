// The page of a graph, or of several runs of which one is open. To open one is to begin afresh on its drawing.

/** @import { Run, State } from "../core/run.js" */
import { runIn } from "../core/address.js";
import { byId, carried, said, the } from "../shared/elements.js";
import { Page } from "./page.js";

/** @type {Run[]} */
const runs = carried();
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
  return runs.length > 1 ? first.map((part) => /** @type {Element} */ (part.cloneNode(true))) : first;
});

/** @type {Page | null} */
let page = null;

/** @param {number} n */
function open(n) {
  page?.close();
  const [drawing, closed] = runs.length > 1 ? drawings[n].map((part) => document.importNode(part, true)) : drawings[n];
  the("drawing", SVGSVGElement).replaceWith(drawing);
  state.run = n;
  page = new Page(runs, state, closed, go);
  return page;
}

/**
 * To another run; the button that was pressed to go there keeps the focus, and a step that was picked is chosen.
 *
 * @param {number} n
 * @param {number} [pick]
 */
function go(n, pick) {
  const before = page && { run: page.run, clock: page.clock, state: { ...state } };
  const isRun = document.activeElement?.classList.contains("run");
  const opened = open(n);
  if (before) opened.beginLike(before);
  if (pick !== undefined) byId("heat").querySelectorAll("button")[pick].click();
  const button = isRun ? document.querySelector(`[data-run="${n}"] .run`) : null;
  /** @type {HTMLElement | null} */ (button)?.focus();
}

document.body.classList.add("live");
// The address of the event: the page may have written its own since.
window.addEventListener("hashchange", ({ newURL }) => {
  const wanted = runIn(runs.length, said(newURL));
  (page && wanted === state.run ? page : open(wanted)).begin(said(newURL), false);
});
open(runIn(runs.length, said())).begin(said(), true);
