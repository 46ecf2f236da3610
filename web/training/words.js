// Words: what the page of a training says above and below the map.

/** @import { Reader, Training } from "../core/training.js" */
import { number } from "../core/numbers.js";
import { byId, element } from "../shared/elements.js";

/**
 * @param {Training} training
 * @param {Reader} reader
 */
export function drawWords(training, reader) {
  const { watched } = reader;
  const rows = training.steps.length;
  const step = (/** @type {number} */ row) => training.steps[row].toLocaleString("en");
  const records = `${rows} of ${training.records.toLocaleString("en")} records are shown: of each group the last, or one that is broken.`;
  const squares = `Each square joins ${watched.joined} time steps and shows the largest size.`;
  byId("notes").textContent = [training.records > rows && records, watched.joined > 1 && squares].filter(Boolean).join(" ");
  const before = `at step ${step(0)} ${watched.sentences[0]}; at step ${step(rows - 1)} `;
  byId("summary").textContent = `${watched.name} ${rows > 1 ? before : ""}${watched.sentences[rows - 1]}`;
  byId("table").replaceChildren(table(training, reader));
}

/**
 * The rows of the map as a table.
 *
 * @param {Training} training
 * @param {Reader} reader
 */
function table({ steps, losses }, { watched }) {
  const { name, times, sizes, sentences } = watched;
  const head = ["step", "loss", `|dL/d${name}| at t = ${times[0]}`, `at t = ${times[times.length - 1]}`, "what becomes of it"];
  const rows = steps.map((step, r) => {
    const known = sizes[r].filter((size) => size !== null);
    const ends = known.length ? [known[0], known[known.length - 1]].map((size) => number(size)) : ["", ""];
    return [step.toLocaleString("en"), number(losses[r]), ...ends, sentences[r]];
  });
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((text) => element("td", {}, text))))),
  );
}
