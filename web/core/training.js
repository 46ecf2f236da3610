// A training: the data that Python writes into its page, and what a square of its map shows.

/** @import { Size } from "./run.js" */

/**
 * @typedef {object} Watched a state whose gradient was looked at
 * @property {string} name
 * @property {string[]} times the time steps, "7" or "7-9" where several are joined
 * @property {number} joined
 * @property {(Size | null)[][]} sizes
 * @property {(number | null)[]} lasts what the last time step starts with
 * @property {string[]} verdicts
 * @property {string[]} sentences
 * @property {{ absolute: [number, number], relative: [number, number] }} scales powers of ten
 *
 * @typedef {object} Training
 * @property {boolean} goesOn
 * @property {number} records how many there were; not all may be shown
 * @property {number[]} steps
 * @property {Size[]} losses
 * @property {number} main which state is shown at first
 * @property {Watched[]} states
 *
 * @typedef {object} Reader what the reader has done
 * @property {Watched} watched
 * @property {boolean} relative whether sizes are compared with that of the last time step
 * @property {number} row
 * @property {number} column -1 for the whole row
 * @property {boolean} follows whether the cursor stays at the last row, until it is moved
 * @property {"light" | "dark" | null} theme
 */

/**
 * The number that is nearest to the wanted one, by its place.
 *
 * @param {number[]} numbers
 * @param {number} wanted
 */
export function nearest(numbers, wanted) {
  const distance = (/** @type {number} */ n) => Math.abs(numbers[n] - wanted);
  return numbers.reduce((best, _, n) => (distance(n) < distance(best) ? n : best), 0);
}

/** @param {Reader} reader */
export const scaleOf = ({ watched, relative }) => watched.scales[relative ? "relative" : "absolute"];

/**
 * A size, or its ratio to that of the last time step; null where there is nothing to show.
 *
 * @param {Reader} reader
 * @param {number} row
 * @param {number} column
 */
export function shown({ watched, relative }, row, column) {
  const size = watched.sizes[row][column] ?? null;
  if (!relative || typeof size !== "number") return size;
  const last = watched.lasts[row];
  return last === null ? null : size / last;
}

/**
 * What of an axis gets a number: all if there is room, else what fits, the last among them.
 *
 * @param {number} count
 * @param {number} room for so many
 */
export function ticks(count, room) {
  const every = Math.max(1, Math.ceil(count / Math.max(2, Math.floor(room))));
  const found = Array.from({ length: count }, (_, n) => n).filter((n) => (count - 1 - n) % every === 0);
  return found[0] === 0 || found[0] < every / 2 ? found : [0, ...found];
}

/**
 * Rows of one verdict that follow each other.
 *
 * @param {string[]} verdicts
 * @returns {[from: number, to: number, verdict: string][]}
 */
export function stretches(verdicts) {
  /** @type {[number, number, string][]} */
  const found = [];
  verdicts.forEach((verdict, n) => {
    const before = found[found.length - 1];
    if (before && before[2] === verdict) before[1] = n + 1;
    else found.push([n, n + 1, verdict]);
  });
  return found;
}

/**
 * The axis of the losses, logarithmic if they fall far: where one is, 0 .. 1.
 *
 * @param {Size[]} losses
 */
export function lossAxis(losses) {
  const known = losses.filter((loss) => typeof loss === "number");
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const isLogarithmic = least > 0 && most / least > 30;
  const along = (/** @type {number} */ loss) => (isLogarithmic ? Math.log(loss) : loss);
  const span = along(most) - along(least) || 1;
  const place = (/** @type {number} */ loss) => (along(loss) - along(least)) / span;
  return { isLogarithmic, place, least, most, isEmpty: known.length === 0 };
}
