// Marks: the cards, lines and steps of the drawing by the numbers that the data knows them by.

/** @import { Run } from "../core/run.js" */
import { the } from "../shared/elements.js";

/** @typedef {ReturnType<typeof marksOf>} Marks */

/**
 * Folded steps are kept out of the document, where they would cost the browser time at every change: they are in
 * `closed` at first, and nowhere while they are folded.
 *
 * @param {Run} run
 * @param {Element} closed
 */
export function marksOf({ nodes, frames, lines }, closed) {
  const drawing = the("drawing", SVGSVGElement);
  /** @type {Map<string, SVGGElement>} */
  const all = new Map();
  for (const root of [drawing, closed]) {
    for (const mark of root.querySelectorAll("g")) if (mark.id) all.set(mark.id, mark);
  }
  /** @param {string} id */
  const marked = (id) => {
    const mark = all.get(id);
    if (!mark) throw new TypeError(`the drawing has no #${id}`);
    return mark;
  };
  const steps = frames.map((_, n) => marked(`step${n}`));
  return {
    drawing,
    steps,
    cards: nodes.map((_, id) => marked(`n${id}`)),
    lines: lines.map((_, n) => marked(`e${n}`)),
    home: marked("steps"),
    folded: marked("folded"),
    legend: marked("legend"),
    /** The strips in the heads of the steps by the state whose gradient they show. */
    strips: new Map(
      steps.flatMap((step) => Array.from(step.querySelectorAll(".strip"), (mark) => [Number(mark.id.slice(1)), mark])),
    ),
  };
}
