// Cards: what of a value and its gradient is known at the moment, and rings around the two that matter.

/** @import { Page } from "./page.js" */
/** @import { Part } from "../core/clock.js" */
import { levelOf } from "../core/level.js";
import { number } from "../core/numbers.js";
import { cardWords, gradientName } from "../core/words.js";
import { looks, shape } from "../shared/elements.js";

/** @param {Page} page */
export function cardsView(page) {
  const { run, clock, marks, state } = page;
  const isNew = looks();
  for (const card of marks.cards) {
    card.setAttribute("role", "button");
    card.setAttribute("tabindex", "-1");
  }
  page.listen(marks.drawing, "click", (event) => {
    const card = event.target.closest(".card");
    if (card) page.choose(Number(card.id.slice(1)), { reveal: false });
  });

  /**
   * @param {number} id
   * @param {number | null} now
   */
  function drawCard(id, now) {
    const card = marks.cards[id];
    if (!card.isConnected) return; // in a folded step
    const gradient = clock.gradientOf(id, state.moment);
    const isKnown = clock.valueAt[id] <= state.moment;
    const part = gradient?.part === "part" ? gradient : null;
    const level = levelOf(state.zoom);
    if (!isNew(card, `${page.live?.version} ${level === "full"} ${isKnown} ${gradient?.part} ${part?.count} ${now === id}`)) return;
    card.classList.toggle("future", !isKnown);
    card.dataset.gradient = gradient?.part ?? "none";
    // What cannot be read from here is written when the reader comes closer.
    if (page.live?.isChanged && level === "full") drawNumbers(card, page.live.card(id), run.nodes[id].gradient?.css ?? "gnone");
    drawPartial(card, part);
    card.setAttribute("aria-label", cardWords(run, clock, id, state.moment));
    if (now === id) card.setAttribute("aria-current", "step");
    else card.removeAttribute("aria-current");
  }

  /**
   * @param {string} which
   * @param {number | null} id
   * @param {number} room
   */
  function ring(which, id, room) {
    const mark = document.getElementById(which);
    mark?.classList.toggle("gone", id === null);
    if (id === null) return;
    const [x, y, width, height] = page.folds.boxOf(id);
    const box = { x: x - room, y: y - room, width: width + 2 * room, height: height + 2 * room };
    for (const [key, value] of Object.entries(box)) mark?.setAttribute(key, String(value));
  }

  /** The size of a state's gradient at the head of its step. @param {Element} mark @param {number} id */
  function drawStrip(mark, id) {
    const { gradient } = run.nodes[id];
    const text = mark.querySelector("text");
    if (!gradient || !text) return;
    text.dataset.middle ??= String(Number(text.getAttribute("x")) + text.getComputedTextLength() / 2);
    text.setAttribute("x", text.dataset.middle);
    text.setAttribute("text-anchor", "middle");
    text.textContent = `|${gradientName(run, id)}| = ${number(gradient.size)}`;
    colour(mark, gradient.css);
  }

  return () => {
    const now = clock.current(state.moment);
    marks.drawing.dataset.phase = clock.isForward(state.moment) ? "forward" : "backward";
    marks.cards.forEach((_, id) => drawCard(id, now));
    for (const [id, mark] of marks.strips) {
      mark.classList.toggle("future", clock.gradientAt[id] > state.moment);
      if (page.live?.isChanged && mark.isConnected) drawStrip(mark, id);
    }
    ring("ring-now", now, 4);
    ring("ring-selected", state.selected, 8);
  };
}

/** @type {WeakMap<Element, string>} */
const shades = new WeakMap();

/** A mark in the colours of a size instead of those it was drawn in. @param {Element} mark @param {string} look */
export function colour(mark, look) {
  if (shades.get(mark) === look) return;
  for (const name of [...mark.classList].filter((each) => /^g(\d|none|zero|tiny|bad)$/.test(each))) mark.classList.remove(name);
  mark.classList.add("live", look);
  shades.set(mark, look);
}

/**
 * A row of a card: the places of its numbers, what stood there first, and where a word can stand before them.
 *
 * @typedef {{ part: Element, places: SVGTextElement[], first: string[], left: number, ghost: SVGElement | null }} Row
 */
/** @type {WeakMap<Element, Row[]>} */
const rows = new WeakMap();
const [ADVANCE, SMALL, LABEL] = [5.4, 4.3, 30]; // widths: a letter of a number, one of a word, and the label of a row

/** @param {Element} card @returns {Row[]} */
function rowsOf(card) {
  return ["value", "gradient"].flatMap((kind) => {
    const part = card.querySelector(`.${kind}`);
    if (!part) return [];
    const [label, ...places] = /** @type {SVGTextElement[]} */ ([...part.querySelectorAll("text")]);
    const first = places.map(({ textContent }) => textContent ?? "");
    places.forEach((place, n) => {
      // Where a number ends, it goes on to end.
      place.setAttribute("x", String(Number(place.getAttribute("x")) + ADVANCE * first[n].length));
      place.setAttribute("text-anchor", "end");
    });
    return [{ part, places, first, left: Number(label.getAttribute("x")) + LABEL, ghost: null }];
  });
}

/**
 * New numbers where the old ones stand, or all of them in the last place where they need another number of places; and
 * of one alone what it was.
 *
 * @param {SVGGElement} card
 * @param {{ value: string[][], gradient: string[][] | null }} lines
 * @param {string} look
 */
function drawNumbers(card, lines, look) {
  if (!rows.has(card)) rows.set(card, rowsOf(card));
  for (const row of rows.get(card) ?? []) {
    const { part, places, first, left } = row;
    const isGradient = part.classList.contains("gradient");
    const texts = (isGradient ? (lines.gradient ?? []) : lines.value).flat().filter(Boolean);
    if (texts.length === 0) continue;
    const fits = texts.length === places.length;
    places.forEach((place, n) => {
      const text = fits ? texts[n] : n === places.length - 1 ? texts.join(" ") : "";
      if (place.textContent !== text) place.textContent = text;
    });
    if (isGradient) colour(part, look);
    const was = `was ${first[0].replace("size ", "")}`;
    const room = Number(places[0].getAttribute("x")) - ADVANCE * texts[0].length - left - SMALL;
    const isSaid = places.length === 1 && texts[0] !== first[0] && SMALL * was.length <= room;
    if (isSaid && !row.ghost) {
      row.ghost = shape("text", { class: "ghost", x: left, y: places[0].getAttribute("y") ?? 0 }, was);
      part.append(row.ghost);
    } else if (!isSaid) {
      row.ghost?.remove();
      row.ghost = null;
    }
  }
}

/**
 * The sum so far stands where the whole gradient will stand.
 *
 * @param {SVGGElement} card
 * @param {Part | null} sum
 */
function drawPartial(card, sum) {
  card.querySelector(".partial")?.remove();
  const row = sum && gradientRow(card);
  if (!sum || !row) return;
  const [left, top, right, bottom] = row;
  const middle = (top + bottom) / 2 + 3;
  // The sum so far may be longer to write than the whole.
  const lines = sum.lines.length * 11 <= bottom - top ? sum.lines : [[`size ${number(sum.size)}`]];
  const mark = shape("g", { class: `partial ${sum.css}` });
  mark.append(
    shape("rect", { x: left, y: top, width: right - left, height: bottom - top }),
    shape("text", { class: "label", x: left + 2, y: middle }, "grad"),
    ...lines.flatMap((line, n) => {
      const y = middle + 11 * (n - (lines.length - 1) / 2);
      const wide = (right - left - 34) / line.length;
      return line.map((text, m) => shape("text", { x: right - 2 - wide * (line.length - 1 - m), y }, text));
    }),
  );
  card.append(mark);
}

/** @param {SVGGElement} card */
function gradientRow(card) {
  const grounds = /** @type {NodeListOf<SVGPolygonElement>} */ (card.querySelectorAll(".gradient polygon"));
  const points = Array.from(grounds).flatMap((ground) => [...ground.points]);
  if (points.length === 0) return null;
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
