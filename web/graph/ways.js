// Ways: what is not on the ways from the chosen value to the loss steps back.

/** @import { Page } from "./page.js" */
import { waysOf } from "../core/ways.js";

/** @param {Page} page */
export function waysView(page) {
  const { run, marks, state } = page;
  /** @type {number | null} */
  let drawn = null;
  return () => {
    const chosen = state.pinned ? state.selected : null;
    if (chosen === drawn) return;
    drawn = chosen;
    const on = chosen === null ? null : waysOf(run, chosen).on;
    marks.cards.forEach((card, id) => card.classList.toggle("aside", on !== null && !on.has(id)));
    run.lines.forEach(([, operation, other], n) => {
      marks.lines[n].classList.toggle("aside", on !== null && !(on.has(operation) && on.has(other)));
    });
  };
}
