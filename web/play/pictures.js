// What the playground draws: the unrolled network with its gradients, the ledger of W_hh, and the training.

/** @import { Pass } from "../core/recall.js" */
import { look as lookOf, number, sized } from "../core/numbers.js";
import { byId, redrawn, the } from "../shared/elements.js";

const [LEFT, RIGHT] = [46, 16];

/** @param {number} size */
const text = (size) => (Number.isFinite(size) ? number(size) : String(size));

/** The class of a size in proportion to the last step's: one shade for a factor of ten. @param {number} ratio */
const shade = (ratio) => lookOf(sized(ratio), [-7.5, 0.5]);

/** A picture as wide as its place. @param {string} id @param {number} height @param {number} wide */
function opened(id, height, wide) {
  const svg = the(id, SVGSVGElement);
  const right = Math.max(280, wide) - RIGHT;
  const box = `0 0 ${right + RIGHT} ${height}`;
  if (svg.getAttribute("viewBox") !== box) svg.setAttribute("viewBox", box);
  return { svg, right, ...redrawn(svg) };
}

/** What a mark says to a pointer. @param {SVGElement} mark @param {string} words */
const title = (mark, words) => redrawn(mark).mark("title", {}, words);

/** How wide the pictures are; asked before anything is drawn, or the browser would lay out the page for each. */
export const widths = () => ["net", "ledger", "curve"].map((id) => the(id, SVGSVGElement).clientWidth);

/** A place in a picture, as short as one sees it. @param {number} x */
const short = (x) => Math.round(10 * x) / 10;

/** Where step t stands: its middle, and how broad its marks are. @param {number} steps @param {number} right */
const columns = (steps, right) => {
  const width = (right - LEFT) / steps;
  return { width, broad: Math.max(2, Math.min(44, 0.72 * width)), at: (/** @type {number} */ n) => LEFT + (n + 0.5) * width };
};

/** @param {Pass} pass @param {number} wide @param {boolean} told  with what is read, not seen */
export function drawNet(pass, wide, told) {
  const { h, c, enters, carried } = pass;
  const steps = h.length;
  const { svg, right, mark, end } = opened("net", 252, wide);
  const { width, broad, at } = columns(steps, right);
  const last = Math.max(h[steps - 1], c?.[steps - 1] ?? 0) || 1;
  const [top, bottom] = [84, 236];
  const logs = [...h, ...(c ?? [])].filter((size) => size > 0 && Number.isFinite(size)).map((size) => Math.log10(size / last));
  const high = Math.ceil(Math.max(0, ...logs) + 0.01);
  const low = Math.max(high - 16, Math.min(high - 3, Math.floor(Math.min(0, ...logs))));
  const y = (/** @type {number} */ size) =>
    top + ((high - Math.min(high, Math.max(low, Math.log10(size / last)))) / (high - low)) * (bottom - top);
  const every = Math.max(1, Math.ceil((high - low) / 5));
  for (let decade = high; decade >= low; decade -= every) {
    const line = y(last * 10 ** decade);
    mark("line", { x1: LEFT, x2: right, y1: line, y2: line });
    mark("text", { x: LEFT - 6, y: line + 4, "text-anchor": "end" }, decade === 0 ? "1" : `1e${decade}`);
  }
  for (let n = 0; n < steps; n += 1) {
    const x = at(n);
    const [look, way] = [shade(h[n] / last), shade(carried[n] / carried[steps - 1])];
    if (n > 0) {
      const ends = { x1: x - width + broad / 2, x2: x - broad / 2 };
      mark("line", { ...ends, y1: 24, y2: 24, class: "ahead" });
      const arrives = carried[n - 1] / carried[steps - 1];
      const broadness = arrives > 0 ? Math.max(0.8, Math.min(6, 6 + Math.log10(arrives))) : 0.8;
      mark("line", { ...ends, y1: 38, y2: 38, class: `back ${shade(arrives)}`, "stroke-width": short(broadness) });
    }
    mark("rect", { x: x - broad / 2, y: 14, width: broad, height: 34, rx: 3, class: `cell ${way} ${n ? "" : "first"}` });
    if (width > 24 || n === 0 || n === steps - 1 || ((n + 1) % (width < 8 ? 10 : 5) === 0 && n < steps - 3)) {
      mark("text", { x, y: 64, "text-anchor": "middle" }, String(n + 1));
    }
    const bars = [{ size: h[n], kind: `size ${look}`, name: "h" }];
    if (c) bars.push({ size: c[n], kind: "other", name: "c" });
    bars.forEach(({ size, kind, name }, k) => {
      const height = size > 0 ? bottom - y(size) + 1 : 0;
      const place = { x: x - broad / 2 + (k * broad) / bars.length, width: broad / bars.length - 0.5 };
      const bar = mark("rect", { ...place, y: short(bottom - height), height: short(height), class: kind });
      if (told) title(bar, `|dL/d${name}_${n + 1}| = ${text(size)}`);
    });
    if (enters[n] > 0 && enters[n] !== h[n]) {
      const height = bottom - y(enters[n]) + 1;
      const place = { x: x - broad / 2 - 1, width: broad + 1, y: short(bottom - height), height: short(height) };
      const bar = mark("rect", { ...place, class: "entering" });
      if (told) title(bar, `the loss adds ${text(enters[n])}`);
    }
  }
  end();
  if (!told) return;
  svg.setAttribute("aria-label", `sizes of dL/dh from step 1 to step ${steps}: ${h.map(text).join(", ")}`);
  byId("net-note").textContent =
    "Boxes and the coloured lines: what is carried back of the last step's gradient. " +
    `Bars: |dL/dh|${c ? ", outlined: |dL/dc|" : ""}, as multiples of the last step's` +
    `${enters.some((size, n) => size > 0 && n < steps - 1) ? "; dashed: what the loss adds at that step itself" : ""}.`;
}

/** @param {Pass} pass @param {number} wide @param {boolean} told */
export function drawLedger({ terms }, wide, told) {
  const { svg, right, mark, end } = opened("ledger", 92, wide);
  const { width, broad, at } = columns(terms.length, right);
  const most = Math.max(0.01, ...terms.map(Math.abs));
  terms.forEach((term, n) => {
    const height = (Math.abs(term) / most) * (term < 0 ? 16 : 54);
    const look = term < 0 ? "share against" : "share";
    const y = term < 0 ? 62 : short(62 - height);
    const bar = mark("rect", { x: at(n) - broad / 2, width: broad, y, height: short(height), class: look });
    if (told) title(bar, `step ${n + 1}: ${(100 * term).toFixed(2)} %`);
    if (width > 40) {
      const said = Math.abs(term) < 5e-4 ? "0 %" : `${(100 * term).toFixed(Math.abs(term) < 0.01 ? 1 : 0)} %`;
      mark("text", { x: at(n), y: 90, "text-anchor": "middle" }, said);
    }
  });
  mark("line", { x1: LEFT, x2: right, y1: 62, y2: 62 });
  end();
  if (told) svg.setAttribute("aria-label", `shares of the steps: ${terms.map((term) => `${(100 * term).toFixed(2)} %`).join(", ")}`);
}

/** @param {number[]} losses @param {number} classes @param {number} wide */
export function drawCurve(losses, classes, wide) {
  const { svg, right, mark, end } = opened("curve", 124, wide);
  const [top, bottom, high] = [8, 112, 2];
  const most = Math.max(100, losses.length);
  const y = (/** @type {number} */ loss) => bottom - (Math.min(Number.isFinite(loss) ? loss : high, high) / high) * (bottom - top);
  const chance = Math.log(classes);
  mark("line", { x1: LEFT, x2: right, y1: bottom, y2: bottom });
  mark("line", { x1: LEFT, x2: right, y1: y(chance), y2: y(chance), class: "chance" });
  mark("text", { x: right, y: y(chance) - 5, "text-anchor": "end" }, `guessing: log ${classes} = ${chance.toFixed(3)}`);
  mark("text", { x: LEFT - 6, y: bottom + 4, "text-anchor": "end" }, "0");
  const points = losses.map((loss, n) => `${(LEFT + (n / most) * (right - LEFT)).toFixed(1)},${y(loss).toFixed(1)}`);
  mark("polyline", { points: points.join(" ") });
  end();
  svg.setAttribute("aria-label", losses.length ? `the loss after ${losses.length} steps is ${text(losses[losses.length - 1])}` : "no step yet");
}

const heat = { colours: "", looks: /** @type {number[][]} */ ([]), drawn: 0, kept: document.createElement("canvas") };

/** One column for every look at the gradients, the last time step on top. @param {number[][]} looks @param {number} most @param {number} limit  of looks */
export function drawHeat(looks, most, limit) {
  const canvas = the("heat", HTMLCanvasElement);
  const steps = looks[0]?.length ?? 1;
  const style = getComputedStyle(document.documentElement);
  const names = ["--broken", "--card", "--card", ...Array.from({ length: 8 }, (_, n) => `--fill${n}`)];
  const colours = names.map((name) => style.getPropertyValue(name));
  const { kept } = heat;
  if (heat.looks !== looks || heat.colours !== colours.join() || kept.height !== steps) {
    Object.assign(heat, { looks, colours: colours.join(), drawn: 0 });
    Object.assign(kept, { width: limit, height: steps });
  }
  const [front, back] = [canvas, kept].map((each) => each.getContext("2d"));
  if (!front || !back) return;
  for (; heat.drawn < looks.length; heat.drawn += 1) {
    const sizes = looks[heat.drawn];
    sizes.forEach((size, n) => {
      back.fillStyle = colours[LOOKS.indexOf(shade(size / (sizes[steps - 1] || 1)))];
      back.fillRect(heat.drawn, steps - 1 - n, 1, 1);
    });
  }
  Object.assign(canvas, { width: most, height: steps });
  front.drawImage(kept, 0, 0);
  canvas.setAttribute("aria-label", `what is carried back at ${looks.length} moments of the training`);
}

const LOOKS = ["gbad", "gzero", "gtiny", ...Array.from({ length: 8 }, (_, n) => `g${n}`)];
