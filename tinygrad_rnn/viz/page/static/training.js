// A training: the map of gradient sizes, a cursor on it, and the row under the cursor as bars.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const root = document.documentElement;
const SHADES = 8;
const rows = data.steps.length;

// What is shown: a state, a scale, and the square under the cursor.
const said = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
const named = data.states.findIndex((state) => state.name === said.get("state"));
let state = data.states[named < 0 ? data.main : named];
let relative = said.get("scale") !== "absolute";
let row = said.has("step") ? nearest(data.steps, Number(said.get("step"))) : rows - 1;
let column = said.has("t") ? state.times.indexOf(said.get("t")) : -1; // -1: the whole row
let follows = !said.has("step"); // the cursor stays at the last row until it is moved

function nearest(numbers, wanted) {
  const distance = (n) => Math.abs(numbers[n] - wanted);
  return numbers.reduce((best, _, n) => (distance(n) < distance(best) ? n : best), 0);
}

const size = (r, c) => state.sizes[r][c] ?? null;
// A size, or its ratio to that of the last step; null where there is nothing to show.
function shown(r, c) {
  const here = size(r, c);
  if (!relative || typeof here !== "number") return here;
  return state.lasts[r] === null ? null : here / state.lasts[r];
}
const scale = () => state.scales[relative ? "relative" : "absolute"];

// The class of a size, as on cards and strips.
function look(x) {
  if (x === null) return "gnone";
  if (typeof x === "string") return "gbad";
  if (x === 0) return "gzero";
  const [low, high] = scale();
  const place = ((Math.log10(x) - low) / (high - low)) * SHADES;
  return place < 0 ? "gtiny" : `g${Math.min(Math.trunc(place), SHADES - 1)}`;
}

// ---- where everything is

let place = {};
function measure() {
  const narrow = window.innerWidth < 640;
  const left = narrow ? 44 : 64;
  const right = narrow ? 146 : 290; // what became of the gradient, and the loss
  const room = Math.max(60, byId("map").clientWidth - left - right);
  const unit = Math.min(26, Math.max(260, window.innerHeight - 380) / rows);
  const height = Math.max(rows, Math.round(unit * rows));
  place = { narrow, left, right, room, top: 18, height, loss: narrow ? 48 : 140, across: state.times.length };
  root.style.setProperty("--left", `${left}px`);
  root.style.setProperty("--right", `${place.loss}px`);
}
const x = (c) => Math.round((c * place.room) / place.across);
const y = (r) => Math.round((r * place.height) / rows);
const middle = (r) => place.top + (y(r) + y(r + 1)) / 2;

// ---- the map

function paint() {
  const canvas = byId("cells");
  const sharp = window.devicePixelRatio || 1;
  Object.assign(canvas, { width: place.room * sharp, height: place.height * sharp });
  Object.assign(canvas.style, { left: `${place.left}px`, top: `${place.top}px`, width: `${place.room}px`, height: `${place.height}px` });
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  const colours = getComputedStyle(root);
  const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
  const fills = { gnone: colour("panel"), gzero: colour("zero"), gtiny: colour("card"), gbad: colour("broken") };
  for (let n = 0; n < SHADES; n++) fills[`g${n}`] = colour(`fill${n}`);
  const gap = place.height / rows > 8 && place.room / place.across > 8 ? 1 : 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < place.across; c++) {
      pen.fillStyle = fills[look(shown(r, c))];
      pen.fillRect(x(c), y(r), x(c + 1) - x(c) - gap, y(r + 1) - y(r) - gap);
    }
  }
}

// Numbers along an axis: every one if there is room, else those that fit, the last among them.
function ticks(count, room) {
  const every = Math.max(1, Math.ceil(count / Math.max(2, Math.floor(room))));
  const found = Array.from({ length: count }, (_, n) => n).filter((n) => (count - 1 - n) % every === 0);
  return found[0] === 0 || found[0] < every / 2 ? found : [0, ...found];
}

function draw() {
  measure();
  paint();
  const { left, room, top, height, loss } = place;
  const over = byId("over");
  over.setAttribute("height", top + height + 6);
  const marks = [];
  for (const c of ticks(place.across, room / (7 * Math.max(...state.times.map((t) => t.length)) + 12))) {
    marks.push(shape("text", { x: left + (x(c) + x(c + 1)) / 2, y: 12, "text-anchor": "middle" }, state.times[c]));
  }
  for (const r of ticks(rows, height / 17)) {
    marks.push(shape("text", { x: left - 7, y: middle(r) + 4, "text-anchor": "end" }, data.steps[r].toLocaleString("en")));
  }
  marks.push(...verdicts(), ...lossCurve(left + place.room + place.right - loss), shape("g", { id: "cursor" }));
  over.replaceChildren(...marks);
  legend();
  point();
}

// What became of the gradient, in words, with a bracket over the rows of which it is true.
function verdicts() {
  const at = place.left + place.room + 6;
  const marks = [];
  for (let from = 0, to; from < rows; from = to) {
    to = from + 1;
    while (to < rows && state.verdicts[to] === state.verdicts[from]) to++;
    const [above, below] = [place.top + y(from) + 1, place.top + y(to) - 2];
    marks.push(shape("path", { class: "bracket", fill: "none", d: `M${at},${above}h3V${Math.max(above, below)}h-3` }));
    if (below - above > 9) {
      const word = state.verdicts[from].split(":")[0];
      marks.push(shape("text", { class: "word", x: at + 8, y: (above + below) / 2 + 4 }, word));
    }
  }
  return marks;
}

// The loss runs down beside the rows, on a logarithmic axis if it falls far.
function lossCurve(start) {
  const width = place.loss - 12;
  const known = data.losses.filter((loss) => typeof loss === "number");
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const logarithmic = least > 0 && most / least > 30;
  const along = (loss) => (logarithmic ? Math.log(loss) : loss);
  const span = along(most) - along(least) || 1;
  const across = (loss) => start + 6 + ((along(loss) - along(least)) / span) * (width - 12);
  byId("loss-name").textContent = logarithmic ? "loss (log)" : "loss";
  place.pointOf = (r) => (typeof data.losses[r] === "number" ? across(data.losses[r]) : start + width);
  const line = data.losses.map((loss, r) => (typeof loss === "number" ? [across(loss), middle(r)] : null));
  const path = line.map((at, r) => (at ? `${r && line[r - 1] ? "L" : "M"}${at[0].toFixed(1)},${at[1].toFixed(1)}` : "")).join("");
  const marks = [start, start + width].map((at) => shape("path", { class: "rule", d: `M${at},${place.top}v${place.height}` }));
  marks.push(shape("path", { class: "curve", d: path }));
  if (known.length && !place.narrow) {
    marks.push(shape("text", { x: start, y: 12 }, number(least)));
    if (most > least) marks.push(shape("text", { x: start + width, y: 12, "text-anchor": "end" }, number(most)));
  }
  line.forEach((at, r) => at || marks.push(shape("circle", { class: "point bad", r: 3.5, cx: start + width, cy: middle(r) })));
  return marks;
}

function power(exponent) {
  return `1e${exponent}`;
}

function legend() {
  const [low, high] = scale();
  const ramp = Array.from({ length: SHADES }, (_, n) => element("i", { class: `g${n}` }));
  const item = (css, words) => element("span", {}, element("i", { class: css }), ` ${words}`);
  const all = new Set(state.sizes.flatMap((_, r) => state.times.map((_, c) => look(shown(r, c)))));
  const letter = state.name.split("/").pop().split(" ")[0];
  const what = relative ? `|dL/d${letter}_t| : |dL/d${letter}_T|` : `|dL/d${letter}_t|`;
  const rest = { gtiny: "smaller", gzero: "exactly 0", gbad: "NaN or infinite", gnone: "nothing to show" };
  byId("legend").replaceChildren(
    element("span", {}, what),
    element("span", { class: "ramp" }, `${power(low)}\u00a0`, ...ramp, `\u00a0${power(high)}`),
    ...Object.entries(rest).filter(([css]) => all.has(css)).map(([css, words]) => item(css, words)),
  );
}

// ---- the cursor, and what it points at

function point() {
  const marks = [shape("path", { class: "level", d: `M${place.left},${middle(row)}H${place.left + place.room + place.right}` })];
  const [top, tall] = [place.top + y(row), Math.max(3, y(row + 1) - y(row))];
  const [from, to] = column < 0 ? [0, place.across] : [column, column + 1];
  marks.push(shape("rect", { class: "cursor", x: place.left + x(from) - 0.5, y: top - 1, width: Math.max(3, x(to) - x(from)), height: tall + 1 }));
  const isBad = typeof data.losses[row] !== "number";
  marks.push(shape("circle", { class: isBad ? "point bad" : "point", r: 4.5, cx: place.pointOf(row), cy: middle(row) }));
  byId("cursor").replaceChildren(...marks);
  byId("said").replaceChildren(...sentence());
  bars();
  const at = { state: state.name, scale: relative ? null : "absolute", step: follows ? null : data.steps[row], t: column < 0 ? null : state.times[column], dark: root.dataset.theme ? Number(isDark()) : null };
  const kept = Object.entries(at).filter(([, value]) => value !== null && value !== undefined);
  history.replaceState(null, "", `#${kept.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}`);
}

function sentence() {
  const [step, loss] = [data.steps[row].toLocaleString("en"), number(data.losses[row])];
  const words = [element("strong", {}, row === 0 && data.steps[0] === 0 ? "Before training" : `After ${step} steps of training`), `, loss ${loss}: `];
  words.push(state.sentences[row] ? `${state.name} ${state.sentences[row]}.` : `${state.name} was not there.`);
  if (column >= 0 && size(row, column) !== null) {
    const ratio = state.lasts[row] === null || typeof size(row, column) !== "number" ? "" : `, ${number(size(row, column) / state.lasts[row])} of the last step's`;
    words.push(element("br"), `t = ${state.times[column]}: |dL/d${state.name}_t| = ${number(size(row, column))}${ratio}`);
  }
  return words;
}

// The row as bars on the scale of the colours.
function bars() {
  const [low, high] = scale();
  const box = byId("bars");
  const [top, tall] = [8, 118];
  const marks = [];
  for (let n = Math.ceil(low); n <= high; n++) {
    const at = top + tall * (1 - (n - low) / (high - low));
    marks.push(shape("path", { class: "rule", d: `M${place.left},${at}h${place.room}` }));
    marks.push(shape("text", { x: place.left - 7, y: at + 4, "text-anchor": "end" }, power(n)));
  }
  for (let c = 0; c < place.across; c++) {
    const here = shown(row, c);
    if (here === null) continue;
    const part = typeof here === "string" ? 1 : here === 0 ? 0 : (Math.log10(here) - low) / (high - low);
    const high_ = Math.min(1, Math.max(0.012, part)) * tall;
    const wide = x(c + 1) - x(c);
    const [at, width] = wide > 6 ? [x(c) + 1, wide - 3] : [x(c), wide];
    marks.push(shape("rect", { class: `bar ${look(here)}`, x: place.left + at, y: top + tall - high_, width, height: high_ }));
  }
  for (const c of ticks(place.across, place.room / (7 * Math.max(...state.times.map((t) => t.length)) + 12))) {
    marks.push(shape("text", { x: place.left + (x(c) + x(c + 1)) / 2, y: top + tall + 15, "text-anchor": "middle" }, state.times[c]));
  }
  box.replaceChildren(...marks);
}

function rowsAsTable() {
  const head = ["step", "loss", `|dL/d${state.name}| at t = ${state.times[0]}`, `at t = ${state.times[state.times.length - 1]}`, "what becomes of it"];
  const cells = (r) => {
    const sizes = state.sizes[r].filter((each) => each !== null);
    const [first, last] = sizes.length ? [sizes[0], sizes[sizes.length - 1]].map((each) => number(each)) : ["", ""];
    return [data.steps[r].toLocaleString("en"), number(data.losses[r]), first, last, state.sentences[r]];
  };
  const line = (tag, texts) => element("tr", {}, ...texts.map((text) => element(tag, tag === "th" ? { scope: "col" } : {}, text)));
  byId("table").replaceChildren(element("table", {}, element("thead", {}, line("th", head)), element("tbody", {}, ...data.steps.map((_, r) => line("td", cells(r))))));
}

function open(name) {
  state = data.states.find((each) => each.name === name);
  column = Math.min(column, state.times.length - 1);
  const notes = [];
  if (data.records > rows) notes.push(`${rows} of ${data.records.toLocaleString("en")} records are shown: of each group the last, or one that is broken.`);
  if (state.joined > 1) notes.push(`Each square joins ${state.joined} time steps and shows the largest size.`);
  byId("notes").textContent = notes.join(" ");
  const [before, after] = [state.sentences[0], state.sentences[rows - 1]];
  byId("summary").textContent = rows === 1 ? `${name} ${after}` : `${name} at step ${data.steps[0]} ${before}; at step ${data.steps[rows - 1].toLocaleString("en")} ${after}`;
  rowsAsTable();
  draw();
}

// ---- hands

function move(r, c) {
  row = Math.min(rows - 1, Math.max(0, r));
  column = Math.min(place.across - 1, Math.max(-1, c));
  follows = false;
  point();
}
function under(event) {
  const box = byId("map").getBoundingClientRect();
  const [right, down] = [event.clientX - box.left - place.left, event.clientY - box.top - place.top];
  const r = Math.floor((down * rows) / place.height);
  return [r, right < 0 || right >= place.room ? -1 : Math.floor((right * place.across) / place.room)];
}
byId("map").addEventListener("pointermove", (event) => (event.pointerType === "mouse" || event.buttons) && move(...under(event)));
byId("map").addEventListener("pointerdown", (event) => move(...under(event)));
byId("map").addEventListener("keydown", (event) => {
  const ways = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
    Home: [0, column], End: [rows - 1, column], PageUp: [row - 10, column], PageDown: [row + 10, column],
  };
  if (!ways[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  move(...ways[event.key]);
});

byId("state").append(...data.states.map((each) => element("option", { value: each.name, selected: each === state }, each.name)));
byId("state").addEventListener("change", (event) => open(event.target.value));
for (const choice of document.getElementsByName("scale")) {
  choice.checked = (choice.value === "relative") === relative;
  choice.addEventListener("change", () => {
    relative = choice.value === "relative";
    draw();
  });
}

// ---- light and dark; always light on paper

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  byId("theme").textContent = isDark() ? "Light" : "Dark";
  draw();
}
byId("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
dark.addEventListener("change", () => setTheme(null));
window.matchMedia("print").addEventListener("change", draw);
if (said.has("dark")) root.dataset.theme = said.get("dark") === "1" ? "dark" : "light";
byId("theme").textContent = isDark() ? "Light" : "Dark";
new ResizeObserver(draw).observe(document.body);

// ---- a training that goes on

byId("reloading").hidden = !data.goesOn;
if (data.goesOn) {
  setInterval(() => byId("reload").checked && !document.hidden && location.reload(), 5000);
}
open(state.name);
