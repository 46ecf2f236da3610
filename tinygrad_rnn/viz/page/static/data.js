// The data of a run, and what follows from it: the moment at which every value, gradient and line comes to be.

// Listeners are for as long as the run is open.
const listen = (target, kind, act, options = {}) => target.addEventListener(kind, act, { signal: life, ...options });

const { nodes, edges, frames, lines } = data;
const lossName = nodes[data.loss].name;

// Moments: 0, nothing is computed; 1 .. N, the operations forwards; N + 1, dL/dL = 1; then they go backwards to 2N + 1.
const operations = nodes.map((node, id) => id).filter((id) => nodes[id].operation);
const N = operations.length;
const LAST = 2 * N + 1;
const order = new Map(operations.map((id, n) => [id, n + 1]));
const valueAt = nodes.map((node, id) => order.get(id) ?? 0);
const backAt = nodes.map((node, id) => (order.has(id) ? 2 * N + 2 - order.get(id) : Infinity));

// What adds to the gradient of a value, in the order in which it does.
const uses = nodes.map((node, id) =>
  (node.gradient && data.uses[id] ? data.uses[id] : []).map(([edge, sum]) => {
    const [, target, rule, share] = edges[edge];
    return { target, rule, share, sum, at: backAt[target] };
  }),
);
// What an operation hands back to its arguments.
const handsBack = nodes.map(() => []);
for (const [source, target, rule, share] of edges) {
  if (share && nodes[source].gradient) handsBack[target].push({ source, rule, share });
}
const gradientAt = nodes.map((node, id) =>
  !node.gradient ? Infinity : uses[id].length ? uses[id][uses[id].length - 1].at : N + 1,
);

// The operation whose turn it is; none before the first, and the loss when the way back begins.
function current(moment) {
  if (moment === 0) return null;
  if (moment <= N) return operations[moment - 1];
  return moment === N + 1 ? data.loss : operations[LAST - moment];
}

// The gradient of a value as far as it is known: the sum of the contributions until then, or all of it.
function gradientOf(id, moment) {
  const whole = nodes[id].gradient;
  if (!whole) return null;
  if (moment >= gradientAt[id]) return { ...whole, part: "whole" };
  const known = uses[id].filter((use) => use.at <= moment);
  if (known.length === 0) return null;
  return { ...known[known.length - 1].sum, part: "part", count: known.length };
}

// "t = 3" and, where a value is in no step, its place.
const stepWords = (id) => (nodes[id].frame === null ? "" : `t = ${frames[nodes[id].frame].step}`);
const d = (name) => `d${lossName}/d${name}`;
