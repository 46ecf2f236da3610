// The beginning: what the address says, the keys, and the first picture.

let ready = false;
let writing = null;

// Steps as "2,3,7-12", counted from 1.
function foldWords() {
  const sorted = [...folded].sort((a, b) => a - b);
  const runs = [];
  for (const n of sorted) {
    const run = runs[runs.length - 1];
    if (run && run[1] === n - 1) run[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([from, to]) => (from === to ? `${from + 1}` : `${from + 1}-${to + 1}`)).join(",");
}
function foldsIn(words) {
  const found = [];
  for (const part of words.split(",")) {
    const [from, to = from] = part.split("-").map(Number);
    for (let n = Math.max(1, from); n <= Math.min(to, frames.length); n += 1) found.push(n - 1);
  }
  return found;
}

// The address holds the state, so that a moment can be linked to. Browsers limit how often it may be written.
function writeAddress() {
  if (!ready) return;
  clearTimeout(writing);
  writing = setTimeout(() => {
    const parts = [`k=${moment}`, `fold=${foldWords()}`];
    if (pinned && selected !== null) parts.push(`sel=${encodeURIComponent(nodes[selected].name)}`);
    if (chosenLetter) parts.push(`state=${chosenLetter}`);
    if (document.documentElement.dataset.theme) parts.push(`dark=${isDark() ? 1 : 0}`);
    try {
      history.replaceState(null, "", `#${parts.join("&")}`);
    } catch {
      // A page inside another may not have an address to write to.
    }
  }, 250);
}

function readAddress() {
  const said = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
  if (said.has("dark")) setTheme(said.get("dark") === "1" ? "dark" : "light");
  folded.clear();
  for (const n of said.has("fold") ? foldsIn(said.get("fold")) : data.folded) folded.add(n);
  chosenLetter = Math.min(Math.max(0, Number(said.get("state")) || 0), Math.max(0, data.letters.length - 1));
  const named = said.has("sel") ? nodes.findIndex((node) => node.name === said.get("sel")) : -1;
  pinned = named >= 0;
  selected = pinned ? named : null;
  return said.has("k") ? Number(said.get("k")) : null;
}

// The weight that joins a step to the next is what the page is about: it is shown at first.
function firstChoice() {
  let best = null;
  nodes.forEach((node, id) => {
    if (node.kind !== "parameter" || uses[id].length < 2) return;
    const joins = uses[id].filter((use) => edges.some(([source, target]) => target === use.target && nodes[source].kind === "state" && nodes[source].frame !== nodes[target].frame));
    const weight = [joins.length > 0, uses[id].length];
    if (!best || weight[0] > best.weight[0] || (weight[0] === best.weight[0] && weight[1] > best.weight[1])) best = { id, weight };
  });
  return best ? best.id : data.loss;
}

function listen() {
  byId("first").addEventListener("click", () => step(0));
  byId("back").addEventListener("click", () => step(moment - 1));
  byId("next").addEventListener("click", () => step(moment + 1));
  byId("last").addEventListener("click", () => step(LAST));
  byId("play").addEventListener("click", togglePlay);
  byId("slider").addEventListener("input", (event) => step(Number(event.target.value)));
  byId("fold").addEventListener("click", () => toggleFold(frames.map((frame, n) => n)));
  byId("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
  dark.addEventListener("change", () => setTheme(null));
  byId("help").addEventListener("click", () => byId("about").showModal());
  byId("closer").addEventListener("click", () => setZoom(zoom * 1.25));
  byId("farther").addEventListener("click", () => setZoom(zoom / 1.25));
  byId("fit").addEventListener("click", fit);
  byId("find").addEventListener("input", (event) => find(event.target.value));
  byId("find").addEventListener("keydown", (event) => {
    if (event.key === "Enter") nextMatch(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      event.target.value = "";
      find("");
      event.target.blur();
    }
    event.stopPropagation();
  });
  byId("heat-state").addEventListener("change", (event) => {
    chosenLetter = Number(event.target.value);
    refreshFolds();
  });
  drawing.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (card) choose(Number(card.id.slice(1)), { go: false });
  });
  drawing.addEventListener("pointerover", (event) => tell(event.target.closest(".card, .line")));
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => start(false));
}

// Words for what the mouse is on, made when it gets there.
function tell(mark) {
  if (!mark) return;
  const title = mark.querySelector(":scope > title") ?? mark.appendChild(shape("title"));
  title.textContent = mark.classList.contains("card") ? mark.getAttribute("aria-label") : lineWords(lines[Number(mark.id.slice(1))]);
}
function lineWords([backward, operation, other]) {
  if (!backward) return `${nodes[other].name} goes into ${nodes[operation].name} = ${nodes[operation].formula}`;
  const { rule, share } = handsBack[operation].find((one) => one.source === other) ?? {};
  const sum = uses[other].length > 1 ? ", one of its contributions" : "";
  return share ? `${d(nodes[other].name)}${sum}: ${rule ?? "..."}, size ${number(share.size)}` : "";
}

const KEYS = {
  ArrowLeft: () => step(moment - 1),
  ArrowRight: () => step(moment + 1),
  Home: () => step(0),
  End: () => step(LAST),
  " ": togglePlay,
  "/": () => byId("find").select(),
  "+": () => setZoom(zoom * 1.25),
  "=": () => setZoom(zoom * 1.25),
  "-": () => setZoom(zoom / 1.25),
  0: fit,
  Escape: unpin,
};
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("about").open) return;
  const { target } = event;
  const pressing = event.key === "Enter" || event.key === " ";
  if (pressing && target.closest("svg [role=button]")) {
    event.preventDefault();
    target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    return;
  }
  if (event.key === " " && target.closest("button, select")) return;
  if (target.closest("select") || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
}

function summary() {
  const known = frames.map((frame, n) => [frame, stateOf(n)]).filter(([, state]) => state !== null && nodes[state].gradient);
  const sizes = known.map(([frame, state]) => `step ${frame.step} ${number(nodes[state].gradient.size)}`).join(", ");
  return `${data.subtitle}. ${known.length ? `Size of the gradient of the state: ${sizes}.` : ""}`;
}

function start(first) {
  const asked = readAddress();
  applyFolds();
  byId("heat-state").value = chosenLetter;
  byId("fold").textContent = folded.size === frames.length ? "Open all steps" : "Fold all steps";
  openView();
  const begins = asked === null && first;
  show(begins ? LAST : asked ?? moment, { follow: !begins });
  if (begins && pinned) bringIntoView(selected);
  if (begins && !pinned) {
    selected = firstChoice();
    drawPanel();
    drawHeat();
  }
}

document.body.classList.add("live");
byId("model").replaceChildren(...data.model.map((formula) => element("code", {}, formula)));
byId("fold").hidden = frames.length === 0;
byId("slider").max = LAST;
byId("summary").textContent = summary();
cards.forEach((card) => {
  card.setAttribute("role", "button");
  card.setAttribute("tabindex", "0");
});
addToggles();
makeHeat();
setTheme(null);
listen();
start(true);
ready = true;
