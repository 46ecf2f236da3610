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
    ({ source, rule }) => `${d(nodes[source].name)} ${uses[source].length > 1 ? "+=" : "="} ${rule ?? "..."}`,
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

// ---- the strip of sizes

let heat = [];
function makeHeat() {
  byId("heat-bar").hidden = frames.length === 0 || frames.every((frame, n) => stateOf(n) === null);
  const select = byId("heat-state");
  select.replaceChildren(...data.letters.map((letter, n) => element("option", { value: n }, `|d${lossName}/d${letter}[t]|`)));
  select.hidden = data.letters.length < 2;
  byId("heat-name").textContent = select.hidden && data.letters.length ? `|d${lossName}/d${data.letters[0]}[t]|` : "";
  heat = frames.map((frame, n) =>
    element("button", {
      type: "button",
      onclick: () => stateOf(n) !== null && choose(stateOf(n)),
      ondblclick: () => toggleFold([n]),
    }),
  );
  byId("heat").replaceChildren(...heat);
  byId("heat").classList.toggle("thin", frames.length > 60);
  roving(byId("heat"));
}

function drawHeat() {
  heat.forEach((button, n) => {
    const state = stateOf(n);
    const gradient = state === null ? null : gradientOf(state, moment);
    const known = gradient?.part === "whole";
    const size = known ? number(gradient.size) : "";
    const look = `${known ? gradient.css : "gnone"}${folded.has(n) ? " folded" : ""}${selected !== null && selected === state ? " chosen" : ""}`;
    setLook(button, `${look} ${size}`, () => {
      button.className = look;
      const words = frames.length <= 10 ? [`t = ${frames[n].step}`, size] : [String(frames[n].step)];
      button.replaceChildren(...words.map((word) => element("span", {}, word)));
      const title = `t = ${frames[n].step}${size ? `: size of ${d(nodes[state].name)} is ${size}` : ", not known yet"}`;
      button.title = title;
      button.setAttribute("aria-label", title);
    });
  });
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
