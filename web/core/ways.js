// Ways: how a value goes into the loss, which is how its gradient comes back.

/** @import { Run } from "./run.js" */

/**
 * What is on the ways from a value to the loss, the two included; what was detached leads nowhere.
 *
 * @param {Run} run
 * @param {number} id
 */
export function waysOf({ nodes, edges, loss }, id) {
  /** @type {number[][]} */
  const readers = nodes.map(() => []);
  for (const [source, target, , , isCut] of edges) if (!isCut) readers[source].push(target);
  // Values are in the order in which they were made: whoever reads one comes after it.
  /** @type {number[]} of how many ways each value reaches the loss */
  const counts = nodes.map(() => 0);
  /** @type {(number | null)[]} the next one on the shortest of them */
  const next = nodes.map(() => null);
  /** @type {number[]} */
  const lengths = nodes.map(() => Infinity);
  counts[loss] = 1;
  lengths[loss] = 0;
  for (let here = nodes.length - 1; here >= id; here -= 1) {
    for (const reader of readers[here]) {
      counts[here] += counts[reader];
      if (lengths[reader] + 1 < lengths[here]) [lengths[here], next[here]] = [lengths[reader] + 1, reader];
    }
  }
  const on = new Set([id]);
  for (let here = id; here < nodes.length; here += 1) {
    if (on.has(here)) for (const reader of readers[here]) if (counts[reader]) on.add(reader);
  }
  const shortest = [id];
  for (let here = next[id]; here !== null; here = next[here]) shortest.push(here);
  return { on, count: counts[id], shortest };
}

/**
 * The product of derivatives along a way that begins at a value and ends at the loss, "dL/dq * 2 * e @ W": every rule
 * with what comes before it in the place of the gradient it starts from. Null where a rule is not known.
 *
 * @param {Run} run
 * @param {number[]} way
 */
export function productAlong({ nodes, edges, loss }, way) {
  let product = "";
  for (let n = way.length - 2; n >= 0; n -= 1) {
    const [source, target] = [way[n], way[n + 1]];
    const rule = edges.find(([from, to]) => from === source && to === target)?.[2];
    if (!rule) return null;
    const whole = `d${nodes[loss].name}/d${nodes[target].name}`;
    if (target === loss) product = rule;
    else if (rule.split(whole).length === 2) product = rule.replace(whole, () => (/[ ]/.test(product) ? `(${product})` : product));
    else return null;
  }
  return product;
}
