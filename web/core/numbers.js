// Numbers, written as on the cards: three digits, and a power of ten for the very small and the very large.

/** @import { Numbers, Size } from "./run.js" */

/**
 * A number with so many decimals. Both JavaScript and Python round what the bits say exactly; of two that are equally
 * near JavaScript takes the larger, Python the one with an even last digit.
 *
 * @param {number} x
 * @param {number} decimals
 * @param {"toFixed" | "toExponential"} write
 */
function rounded(x, decimals, write) {
  const power = write === "toFixed" ? 0 : Math.floor(Math.log10(Math.abs(x)));
  const part = (Math.abs(x) / 10 ** power) * 10 ** decimals;
  if (Math.abs(part - Math.floor(part) - 0.5) > 1e-6) return x[write](decimals); // far from the middle, as nearly all are
  // What lies this near to the middle lies on it: the bits of a number leave larger gaps.
  const [mantissa, exponent] = x[write](decimals + 25).split("e");
  const kept = mantissa.slice(0, mantissa.length - 25);
  if (!/^50*$/.test(mantissa.slice(-25)) || !/[02468]\.?$/.test(kept)) return x[write](decimals);
  return exponent === undefined ? kept.replace(/\.$/, "") : `${kept}e${exponent}`;
}

/**
 * The text of a number, the same as Python's `number`.
 *
 * @param {Size} x
 * @param {boolean} [whole] an integer, or a truth value
 * @param {number} [digits]
 */
export function number(x, whole = false, digits = 3) {
  if (typeof x === "string") return x; // NaN and infinity
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (whole && size < 1e6) return String(x);
  if (size >= 1e-3 && size < 1e4) {
    const decimals = Math.min(4, Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
    const text = rounded(x, decimals, "toFixed");
    if (Math.abs(Number(text)) < 1e4) return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  }
  return rounded(x, Math.min(1, digits - 1), "toExponential").replace("+", "");
}

/** A number as JSON has it. @param {number} x @returns {Size} */
export const sized = (x) => (Number.isFinite(x) ? x : Number.isNaN(x) ? "NaN" : x > 0 ? "inf" : "-inf");

/** How many colours there are for sizes. */
export const SHADES = 8;

/**
 * How far up its scale, from one power of ten to another, a size is, 0 .. 1 from its lower to its upper end.
 *
 * @param {number} size
 * @param {[number, number]} scale
 */
export const heightOn = (size, [low, high]) => (Math.log10(size) - low) / (high - low);

/**
 * The class of a size, as on cards and strips.
 *
 * @param {Size | null} size
 * @param {[number, number]} scale
 */
export function look(size, scale) {
  if (size === null) return "gnone";
  if (typeof size === "string") return "gbad";
  if (size === 0) return "gzero";
  const place = heightOn(size, scale) * SHADES;
  return place < 0 ? "gtiny" : `g${Math.min(Math.trunc(place), SHADES - 1)}`;
}

/** @param {Size} size */
export const finite = (size) => (typeof size === "number" ? size : Infinity);

/** @param {number[]} shape */
export const count = (shape) => shape.reduce((product, n) => product * n, 1);

/**
 * An array as rows of text, with ".." where there is more than the page carries; null of an empty one.
 *
 * @param {Numbers} array
 */
export function tableOf({ shape, rows, whole }) {
  const size = count(shape);
  if (size === 0) return null;
  const isVector = shape.length < 2;
  const [first] = rows;
  const shown = isVector && first.length > 8 ? inRowsOf(8, first) : rows;
  const across = shape[shape.length - 1];
  const moreRight = !isVector && across > first.length;
  const moreBelow = isVector ? size > first.length : size / across > rows.length;
  const texts = shown.map((row) => [...row.map((x) => number(x, whole)), ...(moreRight ? [".."] : [])]);
  return moreBelow ? [...texts, shown[0].map(() => "..")] : texts;
}

/**
 * @param {number} most
 * @param {Size[]} all
 */
const inRowsOf = (most, all) =>
  Array.from({ length: Math.ceil(all.length / most) }, (_, n) => all.slice(most * n, most * n + most));
