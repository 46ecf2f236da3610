// Roaming: from one mark of the picture to its neighbour on some side.

/** @import { Box } from "./run.js" */
/** @typedef {"ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown"} Side */

/** Where a side is: along x, along y. @type {Record<Side, [number, number]>} */
const SIDES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @type {(key: string) => key is Side} */
export const isSide = (key) => Object.hasOwn(SIDES, key);

/**
 * The nearest box on a side, by its place in the list; -1 where there is none. What stands straight ahead is nearer than
 * what is as far, but off the way.
 *
 * @param {Box[]} boxes
 * @param {number} from
 * @param {Side} side
 */
export function neighbour(boxes, from, side) {
  const [alongX, alongY] = SIDES[side];
  const [left, top, width, height] = boxes[from];
  let best = -1;
  let least = Infinity;
  boxes.forEach(([otherLeft, otherTop, otherWidth, otherHeight], n) => {
    const dx = otherLeft + otherWidth / 2 - (left + width / 2);
    const dy = otherTop + otherHeight / 2 - (top + height / 2);
    const gapX = Math.max(0, Math.abs(dx) - (width + otherWidth) / 2);
    const gapY = Math.max(0, Math.abs(dy) - (height + otherHeight) / 2);
    const ahead = dx * alongX + dy * alongY;
    const [gap, aside] = alongX ? [gapY, Math.abs(dy)] : [gapX, Math.abs(dx)];
    const distance = ahead + 3 * gap + aside / 4;
    if (ahead > 1 && distance < least) [best, least] = [n, distance];
  });
  return best;
}
