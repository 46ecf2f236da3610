// Places: where everything is on the page of a training, in a window of some size.

/** @import { Reader, Training } from "../core/training.js" */
import { byId } from "../shared/elements.js";

/** @typedef {ReturnType<typeof placeOf>} Place */

/**
 * @param {Training} training
 * @param {Reader} reader
 */
export function placeOf({ steps }, { watched }) {
  const isNarrow = window.innerWidth < 640;
  const [left, right, loss] = isNarrow ? [44, 146, 48] : [64, 290, 140]; // right: what became of it, and the loss
  const across = watched.times.length;
  const room = Math.max(60, byId("map").clientWidth - left - right);
  const unit = Math.min(26, Math.max(260, window.innerHeight - 380) / steps.length);
  const height = Math.max(steps.length, Math.round(unit * steps.length));
  const top = 18;
  const x = (/** @type {number} */ column) => Math.round((column * room) / across);
  const y = (/** @type {number} */ row) => Math.round((row * height) / steps.length);
  return {
    ...{ isNarrow, left, right, loss, across, room, height, top, x, y },
    end: left + room + right,
    middle: (/** @type {number} */ row) => top + (y(row) + y(row + 1)) / 2,
    centre: (/** @type {number} */ column) => left + (x(column) + x(column + 1)) / 2,
    /** For so many numbers is there room below each other across the map. */
    ticks: room / (7 * Math.max(...watched.times.map(({ length }) => length)) + 12),
  };
}
