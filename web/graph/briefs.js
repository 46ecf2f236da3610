// Briefs: what stands on a card that is too far away for all of it. They are made when they are first needed.

/** @import { Page } from "./page.js" */
import { levelOf, roomOf, shortened } from "../core/level.js";
import { count, number } from "../core/numbers.js";
import { looks, shape } from "../shared/elements.js";

/** @typedef {{ mark: SVGGElement, ground: SVGRectElement, name: SVGTextElement, size: SVGTextElement }} Brief */

/** @param {Page} page */
export function briefsView(page) {
  const { run, clock, marks, state } = page;
  const isNew = looks();
  /** @type {Map<number, Brief>} */
  const briefs = new Map();

  /** @param {number} id */
  function made(id) {
    const mark = shape("g", { "aria-hidden": "true" });
    const parts = { mark, ground: shape("rect"), name: shape("text", { class: "name" }), size: shape("text") };
    mark.append(parts.ground, parts.name, parts.size);
    // A thick border is a shape of its own, as wide as the card or nearly so.
    for (const outline of marks.cards[id].querySelectorAll(":scope > polygon")) {
      const xs = [.../** @type {SVGPolygonElement} */ (outline).points].map(({ x }) => x);
      outline.classList.toggle("outline", Math.max(...xs) - Math.min(...xs) > run.nodes[id].box[2] - 4);
    }
    marks.cards[id].append(mark);
    briefs.set(id, parts);
    return parts;
  }

  /**
   * A single number, or two; more do not fit.
   *
   * @param {number} id
   */
  function valueOf(id) {
    const { shape: sides, rows, whole } = run.nodes[id].value;
    const isShort = clock.valueAt[id] <= state.moment && count(sides) <= 2;
    return isShort ? rows.flat().map((x) => number(x, whole)).join("  ") : "";
  }

  /** @param {number} id */
  function draw(id) {
    const { name, box } = run.nodes[id];
    const [left, top, width, height] = box;
    const { isTwo, letters } = roomOf(width, height, state.zoom);
    const isTile = levelOf(state.zoom) === "tiles";
    const gradient = clock.gradientOf(id, state.moment);
    const value = gradient ? number(gradient.size) : valueOf(id);
    const short = isTwo && !isTile && value.length <= letters ? value : "";
    const look = `brief ${gradient?.css ?? "gnone"}${gradient?.part === "part" ? " so-far" : ""}`;
    const parts = briefs.get(id) ?? made(id);
    if (!isNew(parts.mark, `${look} ${short} ${letters} ${isTile}`)) return;
    parts.mark.setAttribute("class", gradient || short ? look : "brief");
    // The name stands on the colour of the card, the number on that of the gradient; one alone, or none, on both.
    const isSplit = short !== "";
    const from = gradient && isSplit ? height / 2 : 0;
    const place = { x: left + 2, y: top + 2 + from, width: width - 4, height: height - 4 - from };
    for (const [key, side] of Object.entries(place)) parts.ground.setAttribute(key, String(side));
    for (const [text, words, y] of /** @type {const} */ ([
      [parts.name, isTile ? "" : shortened(name, letters), isSplit ? 0.27 : 0.5],
      [parts.size, short, 0.76],
    ])) {
      text.textContent = words;
      text.setAttribute("x", String(left + width / 2));
      text.setAttribute("y", String(top + height * y));
    }
    parts.name.classList.toggle("on-gradient", Boolean(gradient) && !isSplit);
  }

  return () => {
    const level = levelOf(state.zoom);
    marks.drawing.dataset.level = level;
    if (level === "full") return;
    run.nodes.forEach(({ frame }, id) => {
      if (frame === null || !state.folded.has(frame)) draw(id);
    });
  };
}
