// Folding: a step becomes a narrow column. Nothing is laid out again, x is mapped by a function that never falls.

/** @import { Run } from "./run.js" */
/** @typedef {(x: number) => number} Place */

export const FOLDED = 34;
export const BETWEEN_FOLDED = 4;

/**
 * Where x goes when some steps are folded. Between two folded steps the gap is closed if nothing is in it.
 *
 * @param {Run} run
 * @param {Set<number>} folded
 * @returns {Place}
 */
export function placesOf({ frames, nodes }, folded) {
  /** @type {[number, number][]} x and where it goes, at both ends of every straight piece */
  const bends = [];
  let shift = 0;
  const columns = frames.map(({ box: [left, , width] }, n) => ({ n, left, right: left + width }));
  columns.sort((a, b) => a.left - b.left);
  /** @type {(low: number, high: number) => boolean} */
  const isTaken = (low, high) => nodes.some(({ frame, box: [x] }) => frame === null && x >= low - 1 && x < high);
  columns.forEach(({ n, left, right }, at) => {
    if (!folded.has(n)) return;
    bends.push([left, left + shift]);
    shift += FOLDED - (right - left);
    bends.push([right, right + shift]);
    const after = columns[at + 1];
    if (after && folded.has(after.n) && !isTaken(right, after.left)) shift += BETWEEN_FOLDED - (after.left - right);
  });
  return (x) => along(bends, x);
}

/**
 * Along the piece between two bends, and as far as the last bend before it elsewhere.
 *
 * @param {[number, number][]} bends
 * @param {number} x
 */
function along(bends, x) {
  if (bends.length === 0 || x <= bends[0][0]) return x;
  let low = 0;
  let high = bends.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (bends[middle][0] <= x) low = middle;
    else high = middle - 1;
  }
  const [from, to] = bends[low];
  if (low === bends.length - 1) return to + (x - from);
  const [nextFrom, nextTo] = bends[low + 1];
  return to + ((x - from) * (nextTo - to)) / (nextFrom - from || 1);
}

/**
 * The data of an SVG path with every x moved.
 *
 * @param {string} path
 * @param {Place} place
 */
export function bent(path, place) {
  let isX = false;
  return path.replace(/-?[\d.]+/g, (text) => {
    isX = !isX;
    return isX ? place(Number(text)).toFixed(1) : text;
  });
}

/**
 * Whether a line cannot be seen: it is inside a folded step, or joins two that stand side by side.
 *
 * @param {Run} run
 * @param {Set<number>} folded
 * @param {number} n the line
 * @param {number} low where it begins
 * @param {number} high where it ends
 */
export function isSwallowed({ frames, nodes, lines }, folded, n, low, high) {
  if (folded.size === 0) return false;
  const [, operation, other] = lines[n];
  const here = nodes[operation].frame;
  const there = nodes[other].frame;
  if (here !== null && there !== null && folded.has(here) && folded.has(there)) return Math.abs(here - there) <= 1;
  return [...folded].some((frame) => frames[frame].box[0] <= low && high <= frames[frame].box[0] + frames[frame].box[2]);
}

/**
 * Steps as "2,3,7-12", counted from 1; two in a row as "2-3".
 *
 * @param {Set<number>} folded
 */
export function wordsOf(folded) {
  /** @type {[number, number][]} */
  const runs = [];
  for (const n of [...folded].sort((a, b) => a - b)) {
    const run = runs[runs.length - 1];
    if (run && run[1] === n - 1) run[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([from, to]) => (from === to ? `${from + 1}` : `${from + 1}-${to + 1}`)).join(",");
}

/**
 * What such words say, of as many steps as there are; nonsense says nothing.
 *
 * @param {string} words
 * @param {number} steps
 */
export function foldsIn(words, steps) {
  /** @type {Set<number>} */
  const found = new Set();
  for (const part of words.split(",")) {
    const [from, to = from] = part.split("-").map(Number);
    for (let n = Math.max(1, from); n <= Math.min(to, steps); n += 1) found.add(n - 1);
  }
  return found;
}

/**
 * The steps after some were folded; or, where all of those are folded, opened.
 *
 * @param {Set<number>} folded
 * @param {number[]} which
 */
export function toggled(folded, which) {
  const result = new Set(folded);
  const folding = !which.every((n) => folded.has(n));
  for (const n of which) {
    if (folding) result.add(n);
    else result.delete(n);
  }
  return result;
}
