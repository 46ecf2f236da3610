// A page that answers: numbers of leaves are typed or dragged, and everything follows; steps of descent, a check, a curve.

/** @import { Page } from "./page.js" */
/** @import { Live } from "../core/live.js" */
import { number } from "../core/numbers.js";
import { indexOf, pythonOf } from "../core/python.js";
import { byId, element, shape, the } from "../shared/elements.js";

const [CURVE, DRAG, NAMED] = [120, 3, 3]; // losses kept, points a pointer moves before it drags, what is named one by one

/** @param {number} x */
const short = (x) => String(Number(x.toPrecision(6)));

/** The bar of what can be done to all numbers at once. @param {Page} page */
export function liveView(page) {
  const { run, live } = page;
  const told = byId("live-told");
  byId("live-controls").hidden = live === null;
  if (live === null) {
    told.textContent = "not" in run.live ? `The numbers of this page cannot be changed: ${run.live.not}.` : "";
    return () => {};
  }
  const { first } = live;
  const losses = [first];
  const rate = the("rate", HTMLInputElement);
  /** @param {() => void} act */
  const then = (act) => () => {
    act();
    page.changed();
  };
  /** @param {number} times */
  const descend = (times) => {
    for (let n = 0; n < times; n += 1) {
      live.descend(Number(rate.value) || 0);
      losses.push(live.loss);
    }
  };
  page.listen(byId("descend"), "click", then(() => descend(1)));
  page.listen(byId("descend10"), "click", then(() => descend(10)));
  page.listen(byId("undo"), "click", then(() => {
    live.reset();
    losses.length = 1;
  }));
  page.listen(byId("copy"), "click", () => copied(page, live));
  dragged(page, live);

  return () => {
    if (!Object.is(losses[losses.length - 1], live.loss)) losses.push(live.loss); // NaN is itself
    losses.splice(1, Math.max(0, losses.length - CURVE));
    const changed = live.changes.length;
    const name = run.nodes[run.loss].name;
    const [[id, what] = [0, ""], ...more] = live.data.fixed;
    const named = what && (more.length ? `masks, places or random numbers of ${more.length + 1} operations` : `the ${what} of ${run.nodes[id].name}`);
    told.textContent = changed
      ? `${name} = ${number(live.loss)}, was ${number(first)}; ${changed} ${changed === 1 ? "number is" : "numbers are"} changed${named && `; ${named} ${more.length || what.endsWith("s") ? "stay" : "stays"} as before`}`
      : "Choose a value without an operation and change its numbers: type, or drag them on its card.";
    /** @type {HTMLButtonElement} */ (byId("undo")).disabled = changed === 0;
    /** @type {HTMLButtonElement} */ (byId("copy")).disabled = changed === 0;
    drawCurve(losses);
  };
}

/** @param {number[]} losses */
function drawCurve(losses) {
  const svg = the("losses", SVGSVGElement);
  svg.toggleAttribute("hidden", losses.length < 3);
  const finite = losses.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const points = losses.map((loss, n) => {
    const height = Number.isFinite(loss) ? (loss - low) / (high - low || 1) : 1;
    return `${(1 + (98 * n) / (losses.length - 1 || 1)).toFixed(1)},${(27 - 24 * height).toFixed(1)}`;
  });
  svg.replaceChildren(shape("polyline", { points: points.join(" ") }));
  svg.setAttribute("aria-label", `the loss after each change: from ${number(losses[0])} to ${number(losses[losses.length - 1])}`);
}

/** @param {Page} page @param {Live} live */
function copied(page, live) {
  const text = pythonOf(page.run, live);
  const place = the("python", HTMLTextAreaElement);
  place.value = text;
  the("copying", HTMLDialogElement).showModal();
  place.select();
  navigator.clipboard?.writeText(text).catch(() => {});
}

/** Numbers are dragged on the cards of leaves that write them out. @param {Page} page @param {Live} live */
function dragged(page, live) {
  const { marks, run } = page;
  for (const id of live.before.keys()) {
    marks.cards[id].classList.add("leaf");
    const count = run.nodes[id].value.rows.flat().length;
    const texts = [...marks.cards[id].querySelectorAll(".value text")].slice(1);
    if (texts.length !== count) continue; // a range of many numbers stands there
    texts.forEach((text, at) => {
      text.classList.add("dragged");
      page.listen(text, "pointerdown", (event) => {
        event.stopPropagation(); // the picture stays where it is
        page.choose(id, { reveal: false });
        const start = live.entry(id, at);
        followed(event, (distance) => page.set([{ id, at, is: moved(start, distance / 4) }]));
      });
    });
  }
}

/**
 * A number that is typed or dragged to the sides.
 *
 * @param {Page} page
 * @param {Live} live
 * @param {number} id
 * @param {number} at
 */
function field(page, live, id, at) {
  const { name, value } = page.run.nodes[id];
  const was = live.before.get(id)?.[at] ?? 0;
  const now = live.entry(id, at);
  const words = `${name}${indexOf(value.shape, at)}`;
  const input = element("input", {
    type: "text", inputmode: "decimal", spellcheck: "false", autocomplete: "off", value: short(now), "data-key": `entry${at}`,
    "aria-label": words, title: now === was ? `${words}: type, or drag to the sides` : `${words} was ${short(was)}`,
    class: now === was ? null : "changed",
    onchange: (/** @type {{target: HTMLInputElement}} */ { target }) => {
      const is = Number(target.value.replace(",", "."));
      if (target.value.trim() && Number.isFinite(is)) page.set([{ id, at, is }]);
      else Object.assign(target, { value: short(live.entry(id, at)) });
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      event.stopPropagation(); // the keys of a field are not the page's
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      page.set([{ id, at, is: moved(live.entry(id, at), step) }]);
    },
    onpointerdown: (/** @type {PointerEvent} */ event) => {
      const start = live.entry(id, at);
      followed(event, (distance) => page.set([{ id, at, is: moved(start, distance / 4) }]));
    },
  });
  return input;
}

/** A number so many hundredths of its size (of 1 for small ones) away. @param {number} x @param {number} steps */
const moved = (x, steps) => Number((x + steps * Math.max(0.01, 0.01 * Math.abs(x))).toPrecision(6));

/** Follow a pointer that was pressed until it is let go. @param {PointerEvent} event @param {(distance: number) => void} act */
function followed({ clientX, pointerId }, act) {
  let isDragging = false;
  const life = new AbortController();
  /** @param {PointerEvent} event */
  const follow = (event) => {
    if (event.pointerId !== pointerId) return;
    const distance = event.clientX - clientX;
    isDragging ||= Math.abs(distance) > DRAG;
    if (isDragging) act(distance);
  };
  window.addEventListener("pointermove", follow, { signal: life.signal });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => life.abort(), { signal: life.signal });
}

/**
 * The numbers of a leaf as fields, a factor for all of it, and the check of its derivative.
 *
 * @param {Page} page
 * @param {Live} live
 * @param {number} id
 */
export function editor(page, live, id) {
  const { value } = page.run.nodes[id];
  const count = value.shape.reduce((product, n) => product * n, 1);
  const isVector = value.shape.length < 2;
  const across = isVector ? Math.min(8, count) : value.shape[value.shape.length - 1];
  const rows = Array.from({ length: Math.min(8, Math.ceil(count / across)) }, (_, row) =>
    Array.from({ length: Math.min(8, across, count - row * across) }, (__, n) => row * across + n),
  );
  const table = element("table", { class: "numbers fields" }, element("tbody", {}, ...rows.map((row) =>
    element("tr", {}, ...row.map((at) => element("td", {}, field(page, live, id, at)))),
  )));
  const factor = element("input", {
    type: "range", min: "0", max: "2", step: "0.05", value: String(live.factor(id)), "data-key": "factor",
    "aria-label": "all numbers times",
    oninput: (/** @type {{target: HTMLInputElement}} */ { target }) => {
      live.scale(id, Number(target.value));
      page.changed();
    },
  });
  const square = value.shape.length === 2 && value.shape[0] === value.shape[1];
  const scaled = element("label", { class: "scaled" }, `${square ? "all, and the spectral radius," : "all"} × ${live.factor(id).toFixed(2)}`, factor);
  const said = element("p", { class: "facts" });
  const nudged = element("button", { type: "button", class: "quiet", "data-key": "nudge", onclick: () => {
    const at = Math.max(0, rows.flat().findIndex((n) => live.entry(id, n) !== live.before.get(id)?.[n]));
    const { step, difference, rule } = live.nudge(id, at);
    said.textContent = `${page.run.nodes[id].name}${indexOf(value.shape, at)} ± ${number(step)}: the loss changes by ${number(difference)} for 1, the chain rule says ${number(rule)}`;
  } }, "Check by a nudge");
  return element("div", {}, table, count > 1 ? scaled : null, nudged, said, staying(page, live));
}

/** What does not follow, whatever is changed. @param {Page} page @param {Live} live */
function staying(page, { data: { fixed, hidden } }) {
  const named = fixed.slice(0, NAMED).flatMap(([id, what], n) => [
    `${n ? ", " : ""}the ${what} of `,
    element("button", { type: "button", class: "link", "data-key": `fixed${n}`, onclick: () => page.choose(id) }, page.run.nodes[id].name),
  ]);
  const more = fixed.length > NAMED ? ` and ${fixed.length - NAMED} more` : "";
  const outside = hidden ? `${hidden} ${hidden === 1 ? "tensor that is" : "tensors that are"} not shown; ` : "";
  return element("p", { class: "facts" }, "Stays as it was: ", ...named, `${more}${named.length ? "; " : ""}${outside}what Python decided by an if or computed outside of the graph.`);
}
