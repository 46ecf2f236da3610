// Roaming by keys: all that can be pressed in the picture is one tab stop, and the arrows go from one to the next.

/** @import { Page } from "./page.js" */
/** @import { Box } from "../core/run.js" */
import { isSide, neighbour } from "../core/roam.js";
import { byId } from "../shared/elements.js";

/** @param {Page} page */
export function roamView(page) {
  const { marks, state, clock } = page;
  /** @type {SVGElement | null} */
  let stop = null;

  /** All there is; what is in a folded step is not. */
  const all = () => /** @type {NodeListOf<SVGElement>} */ (marks.drawing.querySelectorAll("[role=button]"));

  /** @param {SVGElement} mark @returns {Box} */
  function boxOf(mark) {
    const n = Number(mark.id.replace(/\D/g, ""));
    if (mark.classList.contains("card")) return page.folds.boxOf(n);
    if (mark.classList.contains("column")) return page.folds.columnBox(n);
    return page.folds.toggleBox(n);
  }

  /** @param {SVGElement} mark */
  function stopAt(mark) {
    stop?.setAttribute("tabindex", "-1");
    mark.setAttribute("tabindex", "0");
    stop = mark;
  }

  // An SVG that listens to the focus itself would be a tab stop.
  const picture = byId("picture");
  page.listen(picture, "focusin", (event) => {
    const mark = event.target.closest("[role=button]");
    if (mark) stopAt(mark);
  });
  page.listen(picture, "keydown", (event) => {
    if (!isSide(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = event.target.closest("[role=button]");
    // Whoever pressed it with the mouse goes through time by the arrows.
    if (!here?.matches(":focus-visible")) return;
    event.preventDefault();
    event.stopPropagation();
    const found = [...all()];
    const boxes = found.map(boxOf);
    const to = neighbour(boxes, found.indexOf(here), event.key);
    if (to < 0) return;
    found[to].focus({ preventScroll: true });
    page.camera.reveal(boxes[to]);
  });

  return () => {
    if (stop?.isConnected) return;
    const id = state.selected ?? clock.current(state.moment) ?? 0;
    const { frame } = page.run.nodes[id];
    const isFolded = frame !== null && state.folded.has(frame);
    const mark = isFolded ? document.getElementById(`column${frame}`) : marks.cards[id];
    if (mark instanceof SVGElement) stopAt(mark);
  };
}
