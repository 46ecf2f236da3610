// Windows: long computations of which the page shows some steps at a time; which these are, and what is carried packed.

/**
 * @typedef {[first: number, last: number, css: string, height: number, range: string]} Cell some neighbouring steps,
 *   counted from 0; how high the bar of their gradient is, 0 .. 1, and its size in words
 *
 * @typedef {object} Whole all steps of a run
 * @property {string} name
 * @property {number[]} steps their numbers
 * @property {number} width of how many steps a window is; the first one may be shorter
 * @property {{ name: string, verdict: string, cells: Cell[] }[]} series
 * @property {[base: string, first: number, last: number][]} names of values, without their step; of which steps
 *
 * @typedef {{ runs: Whole[], packed: string[] }} Windows as Python writes it (viz/page/windows.py): `packed` are all windows
 *   but the first of all, run by run, backwards
 */

/**
 * The first step of a window and the one after its last. They are counted backwards, as the gradient meets them.
 *
 * @param {Whole} whole
 * @param {number} n
 */
export function stepsIn({ steps, width }, n) {
  const end = steps.length - n * width;
  return [Math.max(0, end - width), end];
}

/**
 * The window that a step is in.
 *
 * @param {Whole} whole
 * @param {number} step
 */
export const windowOf = ({ steps, width }, step) => Math.max(0, Math.floor((steps.length - 1 - step) / width));

/**
 * The number of the first window of every run among those of all.
 *
 * @param {Whole[]} runs
 */
export function starts(runs) {
  let next = 0;
  return runs.map((whole) => (next += windowOf(whole, 0) + 1) - windowOf(whole, 0) - 1);
}

/**
 * Of which run a window is, and which of its own.
 *
 * @param {Whole[]} runs
 * @param {number} n among the windows of all
 */
export function placeOf(runs, n) {
  const first = starts(runs);
  const run = first.filter((start) => start <= n).length - 1;
  return { run, window: n - first[run] };
}

/**
 * The windows of the other runs that show what a window shows: the same step, or the last one of a shorter run.
 *
 * @param {Whole[]} runs
 * @param {number} n
 */
export function alike(runs, n) {
  const { run, window } = placeOf(runs, n);
  const last = stepsIn(runs[run], window)[1] - 1;
  const first = starts(runs);
  return runs.map((whole, m) => (m === run ? n : first[m] + windowOf(whole, Math.min(last, whole.steps.length - 1))));
}

/**
 * The step that a text names, by its number or by the name of a value in it, counted from 0; -1 for none.
 *
 * @param {Whole} whole
 * @param {string} text
 */
export function stepNamed({ steps, names }, text) {
  const wanted = text.trim().toLowerCase();
  const number = /^(?:t\s*=\s*)?(\d+)$/.exec(wanted);
  if (number) return steps.indexOf(Number(number[1]));
  for (const [base, first, last] of names) {
    const [, stem, primes] = /^(.*?)((?:'+\d*)?)$/.exec(base.toLowerCase()) ?? ["", "", ""];
    const before = /\d$/.test(stem) ? `${stem}_` : stem;
    if (!wanted.startsWith(before) || !wanted.endsWith(primes)) continue;
    const at = steps.indexOf(Number(wanted.slice(before.length, wanted.length - primes.length) || NaN), first);
    if (at >= 0 && at <= last) return at;
  }
  return -1;
}

/**
 * Where in another window of the same run a text leads to, if it does.
 *
 * @param {Whole[]} runs
 * @param {number} n the window that is open
 * @param {string} text
 */
export function elsewhere(runs, n, text) {
  const { run, window } = placeOf(runs, n);
  const step = stepNamed(runs[run], text);
  const there = step < 0 ? window : windowOf(runs[run], step);
  if (there === window) return null;
  return { to: starts(runs)[run] + there, pick: step - stepsIn(runs[run], there)[0], step: runs[run].steps[step] };
}

/**
 * A cell in words, "t = 6 to 10: size of dL/dh[t] 0.2 to 0.7".
 *
 * @param {Whole} whole
 * @param {string} gradient
 * @param {Cell} cell
 */
export function cellWords({ steps }, gradient, [first, last, , , range]) {
  return `t = ${steps[first]}${first === last ? "" : ` to ${steps[last]}`}: size of ${gradient} ${range}`;
}
