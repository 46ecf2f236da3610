// Folds: steps as narrow columns, and the signs that fold them.

/** @import { Page } from "./page.js" */
/** @import { Box } from "../core/run.js" */
/** @import { Place } from "../core/folding.js" */
import { FOLDED, bent, isSwallowed, placesOf } from "../core/folding.js";
import { number } from "../core/numbers.js";
import { gradientName } from "../core/words.js";
import { shape } from "../shared/elements.js";

/**
 * @typedef {{ node: SVGGraphicsElement, key: string | null, text: string, low: number, high: number }} Piece
 * @typedef {{ n: number, mark: SVGGElement, pieces: Piece[] | null }} Crossing a line that leaves its step
 */

/** @param {Page} page */
export function foldsOf(page) {
  const { run, marks, state } = page;
  const { nodes, frames } = run;
  /** @type {Set<number> | null} what is drawn folded */
  let drawn = null;
  /** @type {Place} */
  let place = (x) => x;
  /** @type {Crossing[]} */
  const crossings = marks.lines.flatMap((mark, n) => (mark.closest(".step") ? [] : [{ n, mark, pieces: null }]));
  frames.forEach((_, n) => marks.steps[n].append(toggleOf(page, n)));

  /** @type {(frame: number) => Box} */
  function columnBox(frame) {
    const [left, top, , height] = frames[frame].box;
    return [place(left), top, FOLDED, height];
  }

  function applyFolds() {
    place = placesOf(run, state.folded);
    marks.steps.forEach((step, n) => {
      if (state.folded.has(n)) step.remove();
      else if (!marks.home.contains(step)) {
        marks.home.insertBefore(step, marks.steps.find((other, m) => m > n && marks.home.contains(other)) ?? null);
      }
      shift(step, place(frames[n].box[0]) - frames[n].box[0]);
    });
    marks.cards.forEach((card, id) => {
      const { frame, box } = nodes[id];
      if (frame === null) shift(card, place(box[0]) - box[0]);
    });
    for (const line of crossings) moveLine(line);
    shift(marks.legend, place(run.legend) - run.legend);
    const inOrder = [...state.folded].sort((a, b) => frames[a].box[0] - frames[b].box[0]);
    marks.folded.replaceChildren(...inOrder.map((n) => columnOf(page, n, columnBox(n))));
    const [left, top, width, height] = run.box;
    marks.drawing.setAttribute("viewBox", `${left} ${top} ${place(left + width) - left} ${height}`);
  }

  /** @param {Crossing} line */
  function moveLine(line) {
    if (line.pieces === null && state.folded.size === 0) return;
    line.pieces ??= piecesOf(line.mark);
    const low = Math.min(...line.pieces.map((piece) => piece.low));
    const high = Math.max(...line.pieces.map((piece) => piece.high));
    const isGone = isSwallowed(run, state.folded, line.n, low, high);
    line.mark.classList.toggle("gone", isGone);
    if (!isGone) for (const piece of line.pieces) movePiece(piece, place);
  }

  return {
    draw() {
      if (drawn !== state.folded) applyFolds();
      drawn = state.folded;
      const now = page.clock.current(state.moment);
      for (const n of state.folded) drawColumn(page, n, now !== null && nodes[now].frame === n);
    },

    /**
     * Where a card is now; one in a folded step is the step's column.
     *
     * @param {number} id
     * @returns {Box}
     */
    boxOf(id) {
      const { frame, box } = nodes[id];
      if (frame !== null && state.folded.has(frame)) return columnBox(frame);
      return [place(box[0]), box[1], box[2], box[3]];
    },

    columnBox,

    /**
     * The sign that folds a step.
     *
     * @param {number} n
     * @returns {Box}
     */
    toggleBox(n) {
      const [left, top, width] = frames[n].box;
      return [place(left) + width - 25, top + 7, 18, 18];
    },

    /** @param {number} n */
    focus(n) {
      const heir = document.getElementById(state.folded.has(n) ? `column${n}` : `toggle${n}`);
      if (document.activeElement === document.body) heir?.focus({ preventScroll: true });
    },
  };
}

/**
 * The shapes of a line with the numbers in their paths, read when they are first needed.
 *
 * @param {SVGGElement} mark
 */
function piecesOf(mark) {
  return /** @type {SVGGraphicsElement[]} */ ([...mark.children]).map((node) => {
    const key = { path: "d", polygon: "points" }[node.tagName] ?? null;
    const text = (key && node.getAttribute(key)) || "";
    const numbers = (text.match(/-?[\d.]+/g) ?? []).map(Number);
    const xs = key ? numbers.filter((_, n) => n % 2 === 0) : [Number(node.getAttribute("cx"))];
    return { node, key, text, low: Math.min(...xs), high: Math.max(...xs) };
  });
}

/**
 * @param {Piece} piece
 * @param {Place} place
 */
function movePiece({ node, key, text, low, high }, place) {
  const isRigid = node.tagName !== "path" || Math.abs(place(low) - low - (place(high) - high)) < 0.01;
  if (key) node.setAttribute(key, isRigid ? text : bent(text, place));
  const middle = (low + high) / 2;
  shift(node, isRigid ? place(middle) - middle : 0);
}

/**
 * @param {Element} mark
 * @param {number} dx
 */
function shift(mark, dx) {
  if (dx === 0) mark.removeAttribute("transform");
  else mark.setAttribute("transform", `translate(${dx.toFixed(1)} 0)`);
}

/**
 * A folded step: its number, and the size of its gradient along it.
 *
 * @param {Page} page
 * @param {number} n
 * @param {Box} box
 */
function columnOf(page, n, [x, top, width, height]) {
  const state = page.stateOf(n);
  const column = shape("g", { class: "column", id: `column${n}`, role: "button", tabindex: -1 });
  column.append(
    shape("rect", { class: "ground", x, y: top, width, height }),
    shape("text", { class: "number", x: x + width / 2, y: top + 18 }, String(page.run.frames[n].step)),
  );
  if (state !== null && page.run.nodes[state].gradient) {
    const [centre, middle] = [x + width / 2, top + 72];
    column.append(
      shape("rect", { class: "size", x: x + 3, y: top + 30, width: width - 6, height: 84 }),
      shape("text", { class: "size", x: centre, y: middle, transform: `rotate(-90 ${centre} ${middle})` }),
    );
  }
  column.append(shape("title"));
  column.addEventListener("click", () => page.toggleFold([n]));
  return column;
}

/**
 * @param {Page} page
 * @param {number} n
 * @param {boolean} isNow
 */
function drawColumn(page, n, isNow) {
  const column = document.getElementById(`column${n}`);
  const state = page.stateOf(n);
  const gradient = state === null ? null : page.clock.gradientOf(state, page.state.moment);
  const known = gradient?.part === "whole" ? gradient : null;
  const size = known ? number(known.size) : "";
  const said = known && state !== null ? `, size of ${gradientName(page.run, state)} ${size}` : "";
  const words = `Step ${page.run.frames[n].step}, folded${said}`;
  column?.setAttribute("class", `column ${known?.css ?? "gnone"}${isNow ? " now" : ""}`);
  column?.setAttribute("aria-label", words);
  column?.querySelector("title")?.replaceChildren(words);
  column?.querySelector("text.size")?.replaceChildren(size);
}

/**
 * The sign in the corner of a step.
 *
 * @param {Page} page
 * @param {number} n
 */
function toggleOf(page, n) {
  const { step, box } = page.run.frames[n];
  const [left, top, width] = box;
  const x = left + width - 17; // see toggleBox
  const words = `Fold step ${step}`;
  const toggle = shape("g", { class: "toggle", id: `toggle${n}`, role: "button", tabindex: -1, "aria-label": words });
  toggle.append(
    shape("rect", { x: x - 8, y: top + 7, width: 18, height: 18, rx: 3 }),
    shape("path", { d: `M${x - 4} ${top + 12}l4 4-4 4m10-8-4 4 4 4` }),
    shape("title", {}, words),
  );
  toggle.addEventListener("click", () => page.toggleFold([n]));
  return toggle;
}
