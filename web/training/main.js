// The page of a training: the map of gradient sizes, a cursor on it, and the row under the cursor.

/** @import { Reader, Training } from "../core/training.js" */
/** @import { Place } from "./place.js" */
import { nearest } from "../core/training.js";
import { byId, carried, element, resized, said, say, the } from "../shared/elements.js";
import { applyTheme, dark, isDark } from "../shared/theme.js";
import { drawMap } from "./map.js";
import { placeOf } from "./place.js";
import { drawRow } from "./row.js";
import { drawWords } from "./words.js";

/** @type {Training} */
const training = carried();
const last = training.steps.length - 1;
const reader = begin(said());
/** @type {Place} */
let place;

/**
 * @param {URLSearchParams} address
 * @returns {Reader}
 */
function begin(address) {
  const watched = training.states.find(({ name }) => name === address.get("state")) ?? training.states[training.main];
  const theme = address.get("dark") === "1" ? "dark" : "light";
  return {
    watched,
    relative: address.get("scale") !== "absolute",
    row: address.has("step") ? nearest(training.steps, Number(address.get("step"))) : last,
    column: watched.times.indexOf(address.get("t") ?? ""),
    follows: !address.has("step"),
    theme: address.has("dark") ? theme : null,
  };
}

function writeAddress() {
  const { watched, relative, follows, row, column, theme } = reader;
  const parts = {
    state: watched.name,
    scale: relative ? null : "absolute",
    step: follows ? null : training.steps[row],
    t: watched.times[column] ?? null,
    dark: theme && Number(isDark(theme)),
  };
  const kept = Object.entries(parts).filter(([, value]) => value !== null);
  say(kept.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join("&"));
}

/** Everything, where the window, the colours or what is shown are new. */
function draw() {
  applyTheme(reader.theme, byId("theme"));
  place = placeOf(training, reader);
  drawMap(training, reader, place);
  point();
}

function point() {
  drawRow(training, reader, place);
  writeAddress();
}

/**
 * @param {number} row
 * @param {number} column
 */
function move(row, column) {
  reader.row = Math.min(last, Math.max(0, row));
  reader.column = Math.min(place.across - 1, Math.max(-1, column));
  reader.follows = false;
  point();
}

/** @param {PointerEvent} event */
function moveUnder(event) {
  const box = byId("map").getBoundingClientRect();
  const [right, down] = [event.clientX - box.left - place.left, event.clientY - box.top - place.top];
  const column = right < 0 || right >= place.room ? -1 : Math.floor((right * place.across) / place.room);
  move(Math.floor((down * (last + 1)) / place.height), column);
}

function listen() {
  const map = byId("map");
  map.addEventListener("pointermove", (event) => (event.pointerType === "mouse" || event.buttons) && moveUnder(event));
  map.addEventListener("pointerdown", moveUnder);
  map.addEventListener("keydown", (event) => {
    const { row, column } = reader;
    /** @type {Record<string, [number, number]>} */
    const ways = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [0, column],
      End: [last, column],
      PageUp: [row - 10, column],
      PageDown: [row + 10, column],
    };
    if (!ways[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(...ways[event.key]);
  });
  const select = the("state", HTMLSelectElement);
  const { watched, relative } = reader;
  select.append(...training.states.map((each) => element("option", { value: each.name, selected: each === watched }, each.name)));
  select.addEventListener("change", () => {
    reader.watched = training.states[select.selectedIndex];
    reader.column = Math.min(reader.column, reader.watched.times.length - 1);
    drawWords(training, reader);
    draw();
  });
  for (const choice of /** @type {NodeListOf<HTMLInputElement>} */ (document.getElementsByName("scale"))) {
    choice.checked = (choice.value === "relative") === relative;
    choice.addEventListener("change", () => {
      reader.relative = choice.value === "relative";
      draw();
    });
  }
  byId("theme").addEventListener("click", () => {
    reader.theme = isDark(reader.theme) ? "light" : "dark";
    draw();
  });
  dark.addEventListener("change", draw);
  // Paper is always light.
  window.matchMedia("print").addEventListener("change", draw);
  window.addEventListener("resize", draw); // rows are as high as the window has room for
  resized(byId("map"), draw);
}

/** A page of a training that goes on loads itself anew. */
function reload() {
  if (the("reload", HTMLInputElement).checked && !document.hidden) location.reload();
}

byId("reloading").hidden = !training.goesOn;
if (training.goesOn) setInterval(reload, 5000);
listen();
drawWords(training, reader);
draw();
