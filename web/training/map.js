// The map: a square for every step of training and time step, what becomes of the gradient, the loss beside it.

/** @import { Place } from "./place.js" */
/** @import { Reader, Training } from "../core/training.js" */
import { SHADES, look, number } from "../core/numbers.js";
import { lossAxis, scaleOf, shown, stretches, ticks } from "../core/training.js";
import { byId, element, shape, the } from "../shared/elements.js";

/**
 * @param {Training} training
 * @param {Reader} reader
 * @param {Place} place
 */
export function drawMap(training, reader, place) {
  const { left, top, height, end, loss } = place;
  const root = document.documentElement;
  root.style.setProperty("--left", `${left}px`);
  root.style.setProperty("--right", `${loss}px`);
  paint(training, reader, place);
  const over = the("over", SVGSVGElement);
  over.setAttribute("height", String(top + height + 6));
  const above = ticks(place.across, place.ticks).map((c) =>
    shape("text", { x: place.centre(c), y: 12, "text-anchor": "middle" }, reader.watched.times[c]),
  );
  const beside = ticks(training.steps.length, height / 17).map((r) =>
    shape("text", { x: left - 7, y: place.middle(r) + 4, "text-anchor": "end" }, training.steps[r].toLocaleString("en")),
  );
  const cursor = shape("g", { id: "cursor" });
  over.replaceChildren(...above, ...beside, ...verdicts(reader, place), ...lossCurve(training, place, end - loss), cursor);
  legend(training, reader);
}

/**
 * @param {Training} training
 * @param {Reader} reader
 * @param {Place} place
 */
function paint({ steps }, reader, { left, top, room, height, across, x, y }) {
  const canvas = the("cells", HTMLCanvasElement);
  const sharp = window.devicePixelRatio || 1;
  Object.assign(canvas, { width: room * sharp, height: height * sharp });
  Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`, width: `${room}px`, height: `${height}px` });
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(sharp, sharp);
  const colours = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => colours.getPropertyValue(`--${name}`).trim();
  /** @type {Record<string, string>} */
  const fills = { gnone: colour("panel"), gzero: colour("zero"), gtiny: colour("card"), gbad: colour("broken") };
  for (let n = 0; n < SHADES; n += 1) fills[`g${n}`] = colour(`fill${n}`);
  const gap = height / steps.length > 8 && room / across > 8 ? 1 : 0;
  const scale = scaleOf(reader);
  for (let r = 0; r < steps.length; r += 1) {
    for (let c = 0; c < across; c += 1) {
      pen.fillStyle = fills[look(shown(reader, r, c), scale)];
      pen.fillRect(x(c), y(r), x(c + 1) - x(c) - gap, y(r + 1) - y(r) - gap);
    }
  }
}

/**
 * What became of the gradient, in words, with a bracket over the rows of which it is true.
 *
 * @param {Reader} reader
 * @param {Place} place
 */
function verdicts({ watched }, { left, room, top, y }) {
  const at = left + room + 6;
  return stretches(watched.verdicts).flatMap(([from, to, verdict]) => {
    const [above, below] = [top + y(from) + 1, top + y(to) - 2];
    const bracket = shape("path", { class: "bracket", fill: "none", d: `M${at},${above}h3V${Math.max(above, below)}h-3` });
    if (below - above <= 9) return [bracket];
    const [word] = verdict.split(":");
    return [bracket, shape("text", { class: "word", x: at + 8, y: (above + below) / 2 + 4 }, word)];
  });
}

/**
 * Where the loss of every row is; null where it is no number.
 *
 * @param {Training} training
 * @param {Place} place
 */
export function lossPoints({ losses }, { end, loss: wide, middle }) {
  const axis = lossAxis(losses);
  return losses.map((loss, r) =>
    typeof loss === "number" ? { x: end - wide + 6 + axis.place(loss) * (wide - 24), y: middle(r) } : null,
  );
}

/**
 * The loss runs down beside the rows.
 *
 * @param {Training} training
 * @param {Place} place
 * @param {number} start
 */
function lossCurve(training, place, start) {
  const { isLogarithmic, least, most, isEmpty } = lossAxis(training.losses);
  const stop = start + place.loss - 12;
  byId("loss-name").textContent = isLogarithmic ? "loss (log)" : "loss";
  const points = lossPoints(training, place);
  const path = points.map((at, r) => (at ? `${r && points[r - 1] ? "L" : "M"}${at.x.toFixed(1)},${at.y.toFixed(1)}` : ""));
  const rules = [start, stop].map((at) => shape("path", { class: "rule", d: `M${at},${place.top}v${place.height}` }));
  const curve = shape("path", { class: "curve", d: path.join("") });
  const bad = points.flatMap((at, r) =>
    at ? [] : [shape("circle", { class: "point bad", r: 3.5, cx: stop, cy: place.middle(r) })],
  );
  const ends = [];
  if (!isEmpty && !place.isNarrow) {
    ends.push(shape("text", { x: start, y: 12 }, number(least)));
    if (most > least) ends.push(shape("text", { x: stop, y: 12, "text-anchor": "end" }, number(most)));
  }
  return [...rules, curve, ...ends, ...bad];
}

/** What a size is called that has no shade. @type {Record<string, string>} */
const OTHERS = { gtiny: "smaller", gzero: "exactly 0", gbad: "NaN or infinite", gnone: "nothing to show" };

/**
 * @param {Training} training
 * @param {Reader} reader
 */
function legend({ steps }, reader) {
  const scale = scaleOf(reader);
  const ramp = Array.from({ length: SHADES }, (_, n) => element("i", { class: `g${n}` }));
  const all = new Set(steps.flatMap((_, r) => reader.watched.times.map((__, c) => look(shown(reader, r, c), scale))));
  const letter = reader.watched.name.split("/").pop()?.split(" ")[0];
  const what = reader.relative ? `|dL/d${letter}_t| : |dL/d${letter}_T|` : `|dL/d${letter}_t|`;
  const rest = Object.entries(OTHERS).filter(([css]) => all.has(css));
  byId("legend").replaceChildren(
    element("span", {}, what),
    element("span", { class: "ramp" }, `1e${scale[0]}\u00a0`, ...ramp, `\u00a01e${scale[1]}`),
    ...rest.map(([css, words]) => element("span", {}, element("i", { class: css }), ` ${words}`)),
  );
}
