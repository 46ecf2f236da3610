// Windows: a long computation of which the page shows some steps at a time; which these are, and what is carried packed.

/**
 * @typedef {[first: number, last: number, css: string, height: number, range: string]} Cell some neighbouring steps,
 *   counted from 0; how high the bar of their gradient is, 0 .. 1, and its size in words
 *
 * @typedef {object} Windows as Python writes it (viz/page/windows.py)
 * @property {number[]} steps the numbers of all steps
 * @property {number} width of how many steps a window is; the first one may be shorter
 * @property {{ name: string, verdict: string, cells: Cell[] }[]} series
 * @property {string[]} packed all windows but the last one, backwards
 */

/**
 * The first step of a window and the one after its last. They are counted backwards, as the gradient meets them.
 *
 * @param {Windows} windows
 * @param {number} n
 */
export function stepsIn({ steps, width }, n) {
  const end = steps.length - n * width;
  return [Math.max(0, end - width), end];
}

/**
 * The window that a step is in.
 *
 * @param {Windows} windows
 * @param {number} step
 */
export const windowOf = ({ steps, width }, step) => Math.floor((steps.length - 1 - step) / width);

/**
 * A cell in words, "t = 6 to 10: size of dL/dh[t] 0.2 to 0.7".
 *
 * @param {Windows} windows
 * @param {string} gradient
 * @param {Cell} cell
 */
export function cellWords({ steps }, gradient, [first, last, , , range]) {
  return `t = ${steps[first]}${first === last ? "" : ` to ${steps[last]}`}: size of ${gradient} ${range}`;
}
