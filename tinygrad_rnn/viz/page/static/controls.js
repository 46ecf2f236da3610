// Controls: the stepper, the strip of sizes, finding, folding, the theme.

const byId = (id) => document.getElementById(id);

// One tab stop for a row of buttons; the arrows move inside it.
function roving(row) {
  const buttons = [...row.children];
  const start = Math.max(0, buttons.findIndex((button) => button.classList.contains("now")));
  buttons.forEach((button, n) => button.setAttribute("tabindex", n === start ? 0 : -1));
  row.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -buttons.length, End: buttons.length }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = buttons.indexOf(document.activeElement);
    const to = Math.min(buttons.length - 1, Math.max(0, at + step));
    buttons.forEach((button, n) => button.setAttribute("tabindex", n === to ? 0 : -1));
    buttons[to].focus();
  });
}

// ---- the stepper

function caption() {
  const now = current(moment);
  if (moment === 0) return ["Start", "inputs, parameters and the start are given"];
  const { name, formula } = nodes[now];
  if (moment <= N) return [`Forward ${moment} of ${N}`, `${name} = ${formula}`];
  if (moment === N + 1) return ["The way back begins", `d${name}/d${name} = 1${data.scalar ? "" : " for every number of it"}`];
  const given = handsBack[now].map(
    ({ source, rule, share }) => `${d(nodes[source].name)} ${uses[source][0].share === share ? "=" : "+="} ${rule ?? "..."}`,
  );
  return [`Backward ${moment - N - 1} of ${N}`, `${name} = ${formula}:  ${given.join(";  ") || "hands nothing back"}`];
}

// Go to a moment: draw it, and let the view and the panel follow unless something was chosen.
function show(wanted, { follow = true } = {}) {
  moment = Math.min(LAST, Math.max(0, Math.round(wanted) || 0));
  if (!pinned) selected = current(moment);
  draw();
  drawPanel();
  drawHeat();
  const [phase, deed] = caption();
  byId("phase").textContent = phase;
  byId("deed").textContent = deed;
  byId("caption").dataset.phase = drawing.dataset.phase;
  byId("slider").value = moment;
  byId("slider").setAttribute("aria-valuetext", phase);
  byId("first").disabled = byId("back").disabled = moment === 0;
  byId("next").disabled = byId("last").disabled = moment === LAST;
  const now = current(moment);
  if (follow && now !== null) bringIntoView(now);
  writeAddress();
}

let timer = null;
const isPlaying = () => timer !== null;
// A second and a half for every three operations; a long computation takes a minute.
const pace = () => Math.min(600, Math.max(60, 60000 / LAST));

function pause() {
  clearInterval(timer);
  timer = null;
  drawPlay();
}
function play() {
  if (moment === LAST) show(0);
  timer = setInterval(() => {
    show(moment + 1);
    if (moment === LAST) pause();
  }, pace());
  drawPlay();
}
const togglePlay = () => (isPlaying() ? pause() : play());
function drawPlay() {
  byId("play").classList.toggle("on", isPlaying());
  byId("play-word").textContent = isPlaying() ? "Pause" : "Play";
  // A caption a second would drown a screen reader.
  byId("caption").setAttribute("aria-live", isPlaying() ? "off" : "polite");
}
function step(to) {
  if (isPlaying()) pause();
  show(to);
}

// ---- choosing

function choose(id, { go = true } = {}) {
  selected = id;
  pinned = true;
  if (go) bringIntoView(id);
  drawPanel();
  writeAddress();
}
function unpin() {
  pinned = false;
  show(moment, { follow: false });
}

// ---- the strips of sizes: one for every run; that of the open one shows what is known at the moment

let heat = [];
const seriesWord = (name) => `|d${lossName}/d${name}[t]|`;
function makeHeat() {
  byId("heat-bar").hidden = others.runs.every(({ series }) => series.length === 0);
  const select = byId("heat-state");
  select.replaceChildren(...data.series.map(({ name }, n) => element("option", { value: n }, seriesWord(name))));
  select.hidden = data.series.length < 2;
  byId("heat-name").textContent = select.hidden && data.series.length ? seriesWord(data.series[0].name) : "";
  const longest = Math.max(...others.runs.map((run) => run.frames.length));
  byId("heats").replaceChildren(...others.runs.map((run, m) => heatRow(run, m, longest)));
  drawOtherHeat();
}

function heatRow(run, m, longest) {
  const open = m === others.open;
  const buttons = run.frames.map((frame, n) =>
    open
      ? element("button", {
          type: "button",
          onclick: () => stateOf(n) !== null && choose(stateOf(n)),
          ondblclick: () => toggleFold([n]),
        })
      : element("button", { type: "button", onclick: () => others.go(m, n) }),
  );
  if (open) heat = buttons;
  const words = others.runs.length > 1 ? `Size of the gradient by time step, ${run.name}` : "Size of the gradient by time step";
  const thin = longest > (others.runs.length > 1 ? 40 : 60) ? "strip-of thin" : "strip-of";
  const strip = element("div", { class: thin, id: open ? "heat" : null, role: "toolbar", "aria-label": words }, ...buttons);
  strip.style.flexGrow = run.frames.length;
  const gap = element("div", { class: "gap" });
  gap.style.flexGrow = longest - run.frames.length;
  roving(strip);
  if (others.runs.length === 1) return element("div", { class: "heat-row" }, strip);
  return element(
    "div",
    { class: open ? "heat-row open" : "heat-row", "data-run": m },
    element("button", { type: "button", class: "run", "aria-pressed": String(open), onclick: () => others.go(m) }, run.name),
    element("div", { class: "strip-room" }, strip, gap),
    element("p", { class: "verdict" }),
  );
}

// A step in the strip: its label or number, and the size where there is room for it.
function fillHeat(button, { frames: all }, n, gradient, name, look) {
  const { step, label } = all[n];
  const size = gradient ? number(gradient.size) : "";
  button.className = look;
  const words = all.length <= 10 ? [label || `t = ${step}`, size] : [all.length <= 25 && label ? label : String(step)];
  button.replaceChildren(...words.map((word) => element("span", {}, word)));
  const title = `t = ${step}${label ? ` (${label})` : ""}${size ? `: size of ${name} is ${size}` : ", not known yet"}`;
  button.title = title;
  button.setAttribute("aria-label", title);
}

function drawHeat() {
  heat.forEach((button, n) => {
    const state = stateOf(n);
    const gradient = state === null ? null : gradientOf(state, moment);
    const known = gradient?.part === "whole" ? gradient : null;
    const look = `${known ? known.css : "gnone"}${folded.has(n) ? " folded" : ""}${selected !== null && selected === state ? " chosen" : ""}`;
    setLook(button, `${look} ${known?.size}`, () => fillHeat(button, data, n, known, state === null ? "" : d(nodes[state].name), look));
  });
}

// The same series of the other runs, at their end.
const seriesLike = (run) => run.series.find(({ name }) => name === data.series[chosenSeries]?.name) ?? run.series[0];
function drawOtherHeat() {
  for (const row of byId("heats").querySelectorAll("[data-run]")) {
    const run = others.runs[Number(row.dataset.run)];
    const series = seriesLike(run);
    row.querySelector(".verdict").textContent = series?.verdict ?? "";
    if (run === data) continue;
    row.querySelectorAll(".strip-of button").forEach((button, n) => {
      const node = run.nodes[series?.ids[n]];
      const gradient = node?.gradient ?? null;
      fillHeat(button, run, n, gradient, node ? `d${run.nodes[run.loss].name}/d${node.name}` : "", gradient?.css ?? "gnone");
    });
  }
}

// ---- folding

function refreshFolds() {
  applyFolds();
  draw();
  drawPanel();
  drawHeat();
  setZoom(zoom);
  byId("fold").textContent = folded.size === frames.length ? "Open all steps" : "Fold all steps";
  writeAddress();
}

// ---- finding

let matches = [];
let matchAt = -1;
function find(text) {
  for (const id of matches) cards[id].classList.remove("match");
  const wanted = text.trim().toLowerCase();
  const holds = ({ name, formula, place, kind }) => [name, formula, ROLES[kind], ...place].some((one) => one.toLowerCase().includes(wanted));
  matches = wanted ? nodes.flatMap((node, id) => (holds(node) ? [id] : [])) : [];
  // A value of exactly that name comes first.
  matches.sort((a, b) => (nodes[b].name.toLowerCase() === wanted) - (nodes[a].name.toLowerCase() === wanted));
  for (const id of matches) cards[id].classList.add("match");
  matchAt = -1;
  byId("found").textContent = wanted ? (matches.length ? `${matches.length} found` : "none") : "";
}
function nextMatch(direction) {
  if (matches.length === 0) return;
  matchAt = (matchAt + direction + matches.length) % matches.length;
  const { frame } = nodes[matches[matchAt]];
  if (frame !== null && folded.has(frame)) toggleFold([frame]);
  choose(matches[matchAt]);
  byId("found").textContent = `${matchAt + 1} of ${matches.length}`;
}

// ---- the theme

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  byId("theme").textContent = isDark() ? "Light" : "Dark";
  writeAddress();
}
