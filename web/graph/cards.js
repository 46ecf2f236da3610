// Cards: what of a value and its gradient is known at the moment, and rings around the two that matter.

/** @import { Page } from "./page.js" */
/** @import { Part } from "../core/clock.js" */
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
    if (!isNew(card, `${page.live?.version} ${isKnown} ${gradient?.part} ${part?.count} ${now === id}`)) return;
    card.classList.toggle("future", !isKnown);
    card.dataset.gradient = gradient?.part ?? "none";
    const lines = page.live?.isChanged ? page.live.card(id) : null;
    if (lines) drawNumbers(card, lines, run.nodes[id].gradient?.css ?? "gnone");
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
      if (page.live?.isChanged) drawStrip(mark, id);
    }
    ring("ring-now", now, 4);
    ring("ring-selected", state.selected, 8);
  };
}

/** A mark in the colours of a size instead of those it was drawn in. @param {Element} mark @param {string} look */
export function colour(mark, look) {
  for (const name of [...mark.classList].filter((each) => /^g(\d|none|zero|tiny|bad)$/.test(each))) mark.classList.remove(name);
  mark.classList.add("live", look);
}

/**
 * New numbers where the old ones stand, or all of them in the last place where they need another number of places.
 *
 * @param {SVGGElement} card
 * @param {{ value: string[][], gradient: string[][] | null }} lines
 * @param {string} look
 */
function drawNumbers(card, lines, look) {
  for (const kind of /** @type {const} */ (["value", "gradient"])) {
    const part = card.querySelector(`.${kind}`);
    const wanted = lines[kind];
    if (!part || !wanted) continue;
    const places = /** @type {SVGTextElement[]} */ ([...part.querySelectorAll("text")].slice(1));
    for (const place of places) {
      // Where a number ends, it goes on to end: a letter of the cards is 5.4 wide.
      place.dataset.end ??= String(Number(place.getAttribute("x")) + 5.4 * (place.textContent ?? "").length);
      place.setAttribute("x", place.dataset.end);
      place.setAttribute("text-anchor", "end");
    }
    const texts = wanted.flat().filter(Boolean);
    const fits = texts.length === places.length;
    places.forEach((place, n) => {
      place.textContent = fits ? texts[n] : n === places.length - 1 ? texts.join(" ") : "";
    });
    if (kind === "gradient") colour(part, look);
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
