// The clock: at which moment every value, gradient and line of a run comes to be.

/** @import { Gradient, Run, Share, Sum } from "./run.js" */

/**
 * @typedef {object} Use what adds to the gradient of a value
 * @property {number} target the operation that does
 * @property {string | null} rule
 * @property {Share} share
 * @property {Sum | null} sum all until this one; null where it is the only one
 * @property {number} at when
 *
 * @typedef {{ source: number, rule: string | null, share: Share }} Given what an operation hands back to an argument
 * @typedef {Gradient & { part: "whole" }} Whole
 * @typedef {Sum & { part: "part", count: number }} Part the sum of `count` contributions, of which more are to come
 * @typedef {Whole | Part} Known
 *
 * @typedef {ReturnType<typeof clockOf>} Clock
 */

/**
 * Moments: 0, nothing is computed; 1 .. N, the operations forwards; N + 1, dL/dL = 1; then they go backwards to 2N + 1.
 *
 * @param {Run} run
 */
export function clockOf({ nodes, edges, loss, ...run }) {
  const operations = nodes.flatMap(({ operation }, id) => (operation ? [id] : []));
  const count = operations.length;
  const last = 2 * count + 1;
  const order = new Map(operations.map((id, n) => [id, n + 1]));
  const valueAt = nodes.map((_, id) => order.get(id) ?? 0);
  const backAt = valueAt.map((at) => (at ? last + 1 - at : Infinity));

  /** @type {Use[][]} in the order in which they are added */
  const uses = nodes.map(({ gradient }, id) =>
    ((gradient && run.uses[id]) || []).flatMap(([edge, sum]) => {
      const [, target, rule, share] = edges[edge];
      return share ? [{ target, rule, share, sum, at: backAt[target] }] : [];
    }),
  );
  /** @type {Given[][]} */
  const handsBack = nodes.map(() => []);
  for (const [source, target, rule, share] of edges) {
    if (share && nodes[source].gradient) handsBack[target].push({ source, rule, share });
  }
  const gradientAt = nodes.map(({ gradient }, id) =>
    !gradient ? Infinity : uses[id].length ? uses[id][uses[id].length - 1].at : count + 1,
  );

  return {
    operations,
    count,
    last,
    valueAt,
    backAt,
    gradientAt,
    uses,
    handsBack,

    /** @param {number} moment */
    isForward: (moment) => moment <= count,

    /**
     * The operation whose turn it is; none before the first, and the loss when the way back begins.
     *
     * @param {number} moment
     */
    current(moment) {
      if (moment === 0) return null;
      if (moment <= count) return operations[moment - 1];
      return moment === count + 1 ? loss : operations[last - moment];
    },

    /**
     * The gradient of a value as far as it is known: the sum of the contributions until then, or all of it.
     *
     * @param {number} id
     * @param {number} moment
     * @returns {Known | null}
     */
    gradientOf(id, moment) {
      const whole = nodes[id].gradient;
      if (!whole) return null;
      if (moment >= gradientAt[id]) return { ...whole, part: "whole" };
      const known = uses[id].filter(({ at }) => at <= moment);
      const sum = known[known.length - 1]?.sum;
      return sum ? { ...sum, part: "part", count: known.length } : null;
    },

    /**
     * How far a moment is: 0 .. 1 on the way to the loss, above 1 on the way back.
     *
     * @param {number} moment
     */
    shareOf: (moment) => (moment <= count ? moment / count : 1 + (moment - count) / (count + 1)),

    /** @param {number} share */
    momentOf: (share) => (share <= 1 ? Math.round(share * count) : count + Math.round((share - 1) * (count + 1))),

    /** @param {number} moment */
    within: (moment) => Math.min(last, Math.max(0, Math.round(moment) || 0)),

    /** Milliseconds a moment is shown for: three operations take half a second, a long computation a minute. */
    pace: Math.min(600, Math.max(60, 60000 / last)),
  };
}
