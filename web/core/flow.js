// What becomes of a gradient on its way back, in the words of the library (explain/flow.py).

import { number } from "./numbers.js";

const LIMITS = /** @type {[number, string][]} */ ([
  [1e-3, "vanishes"],
  [1, "shrinks"],
  [1e3, "grows"],
]);

/** The smallest numbers of full precision. @type {Record<string, number>} */
const TINY = { float32: 2 ** -126, float64: 2 ** -1022 };

/**
 * What the gradient is multiplied by from the last step to the first, in all and in a step, and a word for it.
 *
 * @param {number[]} sizes of what is carried, the first step first
 * @param {number[]} [times] the numbers of the steps
 * @param {number[]} [whole] sizes of all that is there, where more enters than is carried
 * @param {string} [dtype] the type of the gradients
 */
export function judged(sizes, times = sizes.map((_, n) => n + 1), whole = sizes, dtype = "float64") {
  const finite = sizes.map((size, n) => Number.isFinite(size) && Number.isFinite(whole[n]));
  const broken = finite.lastIndexOf(false);
  if (broken >= 0) {
    const where = finite.lastIndexOf(true, broken) < 0 ? "from" : "first at";
    return { word: `broken: NaN or infinite gradients ${where} t = ${times[broken]}`, total: NaN, factor: NaN };
  }
  const last = sizes[sizes.length - 1];
  const total = last ? sizes[0] / last : 0;
  // Where the numbers begin anew another loop goes on with the state.
  const strides = times.slice(1).map((time, n) => time - times[n]);
  const steps = strides.reduce((sum, stride) => sum + (stride * strides[0] > 0 ? Math.abs(stride) : 1), 0);
  const factor = total ** (1 / Math.max(1, steps));
  if (!sizes[0]) return { word: zeros(sizes, times, dtype, whole === sizes ? 1 : last), total, factor };
  if (!last) return { word: `exactly 0 after t = ${times[sizes.map(Boolean).lastIndexOf(true)]}`, total, factor };
  if (sizes.length < 2) return { word: "arrives at one step alone", total, factor };
  if (total >= 0.5 && total < 2 && factor >= 0.9 && factor < 1.1) return { word: "keeps its size", total, factor };
  return { word: LIMITS.find(([limit]) => total < limit)?.[1] ?? "explodes", total, factor };
}

/** @param {number[]} sizes @param {number[]} times @param {string} dtype @param {number} unit what is computed as 1 */
function zeros(sizes, times, dtype, unit) {
  const first = sizes.findIndex((size) => size > 0);
  if (first < 0) return "exactly 0 at every step";
  const [here, after = 0] = sizes.slice(first);
  // As much smaller again it would be no number of the type any more.
  const how = after && here * (here / after) < TINY[dtype] * unit ? `vanishes to 0 in ${dtype}` : "exactly 0";
  const later = times.filter((_, n) => n > first && !sizes[n]);
  const more = later.length === 1 ? ` and at t = ${later[0]}` : ` and at ${later.length.toLocaleString("en")} steps after it`;
  return `${how} before t = ${times[first]}${later.length ? more : ""}`;
}

/**
 * The same as a sentence, "vanishes: x 0.5 a step, x 1.0e-15 in all".
 *
 * @param {number[]} sizes
 * @param {number[]} times
 * @param {number[]} whole
 * @param {string} dtype
 */
export function sentence(sizes, times, whole, dtype) {
  const { word, total, factor } = judged(sizes, times, whole, dtype);
  return total > 0 && sizes.length > 1 ? `${word}: x ${number(factor)} a step, x ${number(total)} in all` : word;
}
