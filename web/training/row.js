// The row under the cursor: where it is, what it says, and its sizes as bars.

/** @import { Place } from "./place.js" */
/** @import { Reader, Training } from "../core/training.js" */
import { heightOn, look, number } from "../core/numbers.js";
import { scaleOf, shown, ticks } from "../core/training.js";
import { byId, element, shape, the } from "../shared/elements.js";
import { lossPoints } from "./map.js";

/**
 * @param {Training} training
 * @param {Reader} reader
 * @param {Place} place
 */
export function drawRow(training, reader, place) {
  const { row, column } = reader;
  const { left, top, end, x, y, middle } = place;
  const [from, to] = column < 0 ? [0, place.across] : [column, column + 1];
  const square = {
    x: left + x(from) - 0.5,
    y: top + y(row) - 1,
    width: Math.max(3, x(to) - x(from)),
    height: Math.max(3, y(row + 1) - y(row)) + 1,
  };
  const loss = lossPoints(training, place)[row];
  the("cursor", SVGGElement).replaceChildren(
    shape("path", { class: "level", d: `M${left},${middle(row)}H${end}` }),
    shape("rect", { class: "cursor", ...square }),
    shape("circle", { class: loss ? "point" : "point bad", r: 4.5, cx: loss?.x ?? end - 12, cy: middle(row) }),
  );
  byId("said").replaceChildren(...sentence(training, reader));
  the("bars", SVGSVGElement).replaceChildren(...bars(reader, place));
}

/**
 * @param {Training} training
 * @param {Reader} reader
 */
function sentence({ steps, losses }, { watched, row, column }) {
  const isBefore = row === 0 && steps[0] === 0;
  const when = isBefore ? "Before training" : `After ${steps[row].toLocaleString("en")} steps of training`;
  const what = watched.sentences[row] ? `${watched.name} ${watched.sentences[row]}.` : `${watched.name} was not there.`;
  const words = [element("strong", {}, when), `, loss ${number(losses[row])}: `, what];
  const size = watched.sizes[row][column] ?? null;
  if (size === null) return words;
  const last = watched.lasts[row];
  const ratio = last === null || typeof size !== "number" ? "" : `, ${number(size / last)} of the last step's`;
  return [...words, element("br"), `t = ${watched.times[column]}: |dL/d${watched.name}_t| = ${number(size)}${ratio}`];
}

/**
 * On the scale of the colours.
 *
 * @param {Reader} reader
 * @param {Place} place
 */
function bars(reader, place) {
  const scale = scaleOf(reader);
  const [low, high] = scale;
  const [top, tall] = [8, 118];
  const marks = [];
  for (let n = Math.ceil(low); n <= high; n += 1) {
    const at = top + tall * (1 - (n - low) / (high - low));
    marks.push(shape("path", { class: "rule", d: `M${place.left},${at}h${place.room}` }));
    marks.push(shape("text", { x: place.left - 7, y: at + 4, "text-anchor": "end" }, `1e${n}`));
  }
  for (let c = 0; c < place.across; c += 1) {
    const size = shown(reader, reader.row, c);
    if (size === null) continue;
    const part = typeof size === "string" ? 1 : size === 0 ? 0 : heightOn(size, scale);
    const height = Math.min(1, Math.max(0.012, part)) * tall;
    const wide = place.x(c + 1) - place.x(c);
    const [gap, width] = wide > 6 ? [1, wide - 3] : [0, wide];
    const at = { x: place.left + place.x(c) + gap, y: top + tall - height };
    marks.push(shape("rect", { class: `bar ${look(size, scale)}`, ...at, width, height }));
  }
  for (const c of ticks(place.across, place.ticks)) {
    const at = { x: place.centre(c), y: top + tall + 15 };
    marks.push(shape("text", { ...at, "text-anchor": "middle" }, reader.watched.times[c]));
  }
  return marks;
}
