// Choice: which values a reader means, and which one is shown at first.

/** @import { Clock } from "./clock.js" */
/** @import { Run } from "./run.js" */
import { ROLES } from "./roles.js";

/**
 * The values with some text in their name, formula, role or place, or of the step "t = 3"; those of exactly that name
 * come first.
 *
 * @param {Run} run
 * @param {string} text
 */
export function matching({ nodes, frames }, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const step = /^t\s*=\s*(\d+)$/.exec(wanted);
  const found = nodes.flatMap(({ name, formula, place, kind, frame }, id) => {
    const isThen = step && frame !== null && frames[frame].step === Number(step[1]);
    return isThen || [name, formula, ROLES[kind], ...place].some((each) => each.toLowerCase().includes(wanted)) ? [id] : [];
  });
  const isNamed = found.filter((id) => nodes[id].name.toLowerCase() === wanted);
  return [...isNamed, ...found.filter((id) => !isNamed.includes(id))];
}

/**
 * The weight that joins a step to the next is what a page is about: of those the most used one; without any, the loss.
 *
 * @param {Run} run
 * @param {Clock} clock
 */
export function mainValue({ nodes, edges, loss }, { uses }) {
  /** @type {Set<number>} operations that read a state of another step */
  const joints = new Set();
  for (const [source, target] of edges) {
    if (nodes[source].kind === "state" && nodes[source].frame !== nodes[target].frame) joints.add(target);
  }
  let best = { id: loss, joins: false, count: 1 };
  nodes.forEach(({ kind }, id) => {
    if (kind !== "parameter" || uses[id].length < 2) return;
    const here = { id, joins: uses[id].some(({ target }) => joints.has(target)), count: uses[id].length };
    if (here.joins === best.joins ? here.count > best.count : here.joins) best = here;
  });
  return best.id;
}
