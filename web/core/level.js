// Levels: what a card shows from how far away. Near it shows all; from farther its name and one number, large enough to
// be read; from far away its colour.

/** @typedef {"full" | "names" | "tiles"} Level */

/** The smallest text of a full card, in the units of the drawing, and the smallest that is read without effort. */
const SMALLEST = 8;
const READABLE = 11;
const FULL = 1;
const NAMES = 0.5;
/** Height of a line of a short card, and width of one of its letters, on the screen. */
const LINE = 13;
const LETTER = 6.9;

/**
 * @param {number} zoom
 * @returns {Level}
 */
export const levelOf = (zoom) => (zoom >= FULL ? "full" : zoom >= NAMES ? "names" : "tiles");

/**
 * The zoom to begin with, at which every text can be read: all of the picture if it can be, with short cards if it must
 * be; else as much of it as there is room for.
 *
 * @param {number} whole the zoom at which all of the picture is seen
 */
export function firstZoom(whole) {
  const readable = READABLE / SMALLEST;
  if (whole >= 0.9 * FULL) return Math.min(1.6, Math.max(readable, whole));
  return Math.max(NAMES + 0.1, whole);
}

/**
 * How many lines a card of that size has room for, and how many letters.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} zoom
 */
export function roomOf(width, height, zoom) {
  return { isTwo: height * zoom >= 2 * LINE, letters: Math.max(1, Math.floor((width * zoom - 6) / LETTER)) };
}

/**
 * A name that has to fit, cut in its middle.
 *
 * @param {string} name
 * @param {number} letters
 */
export function shortened(name, letters) {
  if (name.length <= letters) return name;
  const kept = Math.max(1, letters - 1);
  const end = Math.floor(kept / 2);
  return `${name.slice(0, kept - end)}…${end ? name.slice(-end) : ""}`;
}
