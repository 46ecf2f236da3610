// The page of a text model: a text, what every prediction in it depends on, what may follow, and the units.

/** @import { Explained } from "../core/reader.js" */
import { number } from "../core/numbers.js";
import { Reader } from "../core/reader.js";
import { Vocabulary } from "../core/tokens.js";
import { byId, carried, element, said, say, the } from "../shared/elements.js";
import { applyTheme, dark, isDark } from "../shared/theme.js";
import { drawUnits, frame } from "./units.js";

const [MOST, LIKELY, NAMED] = [250, 10, 5]; // tokens read, candidates shown, tokens named in words
/** @type {Record<string, string>} */
const MEANS = {
  h: "h, the state", c: "c, the cell state", i: "i, the input gate", f: "f, the forget gate", g: "g, the candidate",
  o: "o, the output gate", r: "r, the reset gate", z: "z, the update gate", n: "n, the candidate",
};

const data = carried();
const reader = new Reader(data);
const vocabulary = new Vocabulary(data);
const text = the("text", HTMLTextAreaElement);
const state = {
  /** How many tokens come before the prediction that is explained; null: all. @type {number | null} */ at: null,
  /** @type {number | null} */ token: null,
  /** @type {"light" | "dark" | null} */ theme: null,
  unit: 0,
  step: 0,
};

/** How many tokens the chosen prediction has before it. */
const before = () => Math.min(state.at ?? reader.ids.length, reader.ids.length);

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(Math.abs(share) < 0.0995 ? 1 : 0)} %`;

/** Shares of all tokens: of the sizes of what they add, with its sign where there is one. @param {Explained} found */
function sharesOf({ product, size }) {
  const sized = the("measure", HTMLSelectElement).value === "size";
  const all = sized ? size : product.map((x) => -x); // -log p falls where p rises
  const total = all.reduce((sum, x) => sum + Math.abs(x), 0);
  return all.map((x) => (total > 0 ? x / total : 0));
}

function read() {
  const { ids, strange, more } = vocabulary.encode(text.value, MOST);
  reader.read(ids);
  const known = vocabulary.other >= 0 ? `read as ${vocabulary.tokens[vocabulary.other]}` : "left out";
  byId("note").textContent = [
    strange.length ? `Not known, and ${known}: ${strange.slice(0, 8).join(" ")}${strange.length > 8 ? " ..." : ""}.` : "",
    more ? `Only the first ${MOST} are read, ${more} are left.` : "",
  ].join(" ");
  say(`text=${encodeURIComponent(text.value)}${state.theme ? `&dark=${Number(isDark(state.theme))}` : ""}`);
  show();
}

function show() {
  applyTheme(state.theme, byId("theme"));
  const { ids } = reader;
  const count = before();
  byId("empty").hidden = ids.length > 0;
  byId("shown").hidden = ids.length === 0;
  if (!ids.length) return;
  const likely = reader.expected(count, LIKELY);
  const token = state.token ?? (count < ids.length ? ids[count] : likely[0].token);
  const found = reader.explain(count, token);
  const shares = sharesOf(found);
  showStrip(shares, count);
  showWords(found, shares, count);
  byId("likely").replaceChildren(
    ...likely.map((each) =>
      element("li", {}, element("button", { type: "button", "aria-pressed": String(each.token === token), onclick: () => choose(each.token) },
        element("span", {}, vocabulary.shown(each.token)), ` ${percent(each.p)}`, bar(each.p)))),
  );
  showUnits();
}

/** @param {number} share */
function bar(share) {
  const made = element("i", { class: "bar", "aria-hidden": "true" });
  made.style.width = `${Math.max(1, 100 * share)}%`;
  return made;
}

/** The class of a share: its size as a shade, and whether it speaks against. @param {number} share @param {number} most */
const look = (share, most) =>
  share === 0 ? "gzero" : `g${Math.max(0, Math.min(7, Math.round((7 * Math.abs(share)) / most)))}${share < 0 ? " against" : ""}`;

/** Buttons that are there already are kept, and changed where they differ. @param {number[]} shares @param {number} count */
function showStrip(shares, count) {
  const most = Math.max(...shares.map(Math.abs)) || 1;
  const strip = byId("strip");
  const { ids } = reader;
  while (strip.children.length > ids.length + 1) strip.lastElementChild?.remove();
  while (strip.children.length < ids.length + 1) {
    const place = strip.children.length;
    strip.append(element("button", { type: "button", onclick: () => choosePlace(place) }));
  }
  [...strip.children].forEach((button, t) => {
    const [shown, name] = t < ids.length ? [vocabulary.shown(ids[t]), vocabulary.said(ids[t])] : ["?", ""];
    const spoken = t < count ? `${percent(shares[t])} of the prediction` : t === count ? "is predicted" : "comes later";
    const wanted = {
      class: `${t < count ? look(shares[t], most) : "later"} ${t === count ? "now" : ""}`,
      tabindex: t === count ? "0" : "-1",
      "aria-label": name ? `${name}, ${spoken}` : "what comes next",
    };
    for (const [key, value] of Object.entries(wanted)) if (button.getAttribute(key) !== value) button.setAttribute(key, value);
    if (button.textContent !== shown) button.textContent = shown;
  });
}

/** @param {Explained} found @param {number[]} shares @param {number} count */
function showWords({ token, p }, shares, count) {
  const { ids } = reader;
  const order = shares.map((_, t) => t).sort((s, t) => Math.abs(shares[t]) - Math.abs(shares[s]) || t - s).slice(0, NAMED);
  const where = count === ids.length ? "next" : `as token ${count + 1}`;
  byId("verdict").textContent = `“${vocabulary.said(token)}” ${where}: p = ${percent(p)}, ${number(-Math.log(p))} nats.`;
  byId("most").replaceChildren(...order.map((t) =>
    element("li", {}, `“${vocabulary.said(ids[t])}”, ${count - t === 1 ? "the last one" : `${count - t} back`}: ${percent(shares[t])}`)));
}

/** @param {number} t */
function choosePlace(t) {
  if (t === 0) {
    byId("verdict").textContent = "The first token is only read: nothing comes before it that it could be predicted from.";
    return;
  }
  state.at = t === reader.ids.length ? null : t;
  state.token = null;
  show();
  /** @type {HTMLElement} */ (byId("strip").children[t]).focus();
}

/** @param {number} token */
function choose(token) {
  state.token = token;
  show();
  [...byId("likely").querySelectorAll("button")].find((each) => each.getAttribute("aria-pressed") === "true")?.focus();
}

function showUnits() {
  drawUnits(unitsChosen());
  point(state.unit, state.step);
}

/** The units that are shown, after every token. */
const unitsChosen = () => reader.units(the("letter", HTMLSelectElement).value, Number(the("layer", HTMLSelectElement).value));

/** Say the number of one unit. @param {number} unit @param {number} step */
function point(unit, step) {
  const { ids } = reader;
  state.unit = Math.max(0, Math.min(data.hidden - 1, unit));
  state.step = Math.max(0, Math.min(ids.length - 1, step));
  const letter = the("letter", HTMLSelectElement).value;
  const value = number(unitsChosen()[state.step][state.unit]);
  const told = `${letter} of unit ${state.unit + 1} after “${vocabulary.said(ids[state.step])}” (token ${state.step + 1}) is ${value}`;
  byId("value").textContent = `${told}. Point, or move with the arrow keys.`;
  byId("units").setAttribute("aria-label", `${MEANS[letter]} of ${data.hidden} units after ${ids.length} tokens; ${told}`);
  frame(state.unit, state.step, data.hidden, ids.length);
}

byId("strip").addEventListener("keydown", (event) => {
  const count = reader.ids.length;
  const step = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = [...byId("strip").children].indexOf(/** @type {HTMLElement} */ (document.activeElement));
  choosePlace(Math.max(1, Math.min(count, at + step)));
});
byId("units").addEventListener("keydown", (event) => {
  const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
  if (!down && !right) return;
  event.preventDefault();
  point(state.unit + down, state.step + right);
});
byId("units").addEventListener("pointermove", (event) => {
  const { left, top, width, height } = byId("units").getBoundingClientRect();
  point(
    Math.floor(((event.clientY - top) / height) * data.hidden),
    Math.floor(((event.clientX - left) / width) * reader.ids.length),
  );
});
text.addEventListener("input", () => {
  Object.assign(state, { at: null, token: null });
  read();
});
the("measure", HTMLSelectElement).addEventListener("change", show);
the("letter", HTMLSelectElement).addEventListener("change", showUnits);
the("layer", HTMLSelectElement).addEventListener("change", showUnits);
byId("theme").addEventListener("click", () => {
  state.theme = isDark(state.theme) ? "light" : "dark";
  read();
});
dark.addEventListener("change", show);

the("letter", HTMLSelectElement).append(...reader.letters.map((letter) => element("option", { value: letter }, MEANS[letter])));
the("layer", HTMLSelectElement).append(
  ...reader.layers.map((/** @type {unknown} */ _, /** @type {number} */ n) => element("option", { value: n }, `layer ${n + 1}`)),
);
byId("layers").hidden = reader.layers.length < 2;
const address = said();
text.value = address.get("text") ?? data.text;
if (address.has("dark")) state.theme = address.get("dark") === "1" ? "dark" : "light";
read();
