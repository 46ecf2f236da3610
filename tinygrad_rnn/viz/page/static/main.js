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
function address() {
  const parts = [`k=${moment}`, `fold=${foldWords()}`];
  if (others.open > 0) parts.unshift(`run=${others.open}`);
  if (pinned && selected !== null) parts.push(`sel=${encodeURIComponent(nodes[selected].name)}`);
  if (chosenSeries) parts.push(`state=${chosenSeries}`);
  if (document.documentElement.dataset.theme) parts.push(`dark=${isDark() ? 1 : 0}`);
  return parts.join("&");
}
function writeAddress() {
  if (!ready || life.aborted) return;
  clearTimeout(writing);
  writing = setTimeout(() => {
    try {
      history.replaceState(null, "", `#${address()}`);
    } catch {
      // A page inside another may not have an address to write to.
    }
  }, 250);
}

function readAddress(said) {
  if (said.has("dark")) setTheme(said.get("dark") === "1" ? "dark" : "light");
  folded.clear();
  for (const n of said.has("fold") ? foldsIn(said.get("fold")) : data.folded) folded.add(n);
  chosenSeries = Math.min(Math.max(0, Number(said.get("state")) || 0), Math.max(0, data.series.length - 1));
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

function listenToAll() {
  const clicks = {
    first: () => step(0),
    back: () => step(moment - 1),
    next: () => step(moment + 1),
    last: () => step(LAST),
    play: togglePlay,
    fold: () => toggleFold(frames.map((frame, n) => n)),
    theme: () => setTheme(isDark() ? "light" : "dark"),
    help: () => byId("about").showModal(),
    closer: () => setZoom(zoom * 1.25),
    farther: () => setZoom(zoom / 1.25),
    fit,
  };
  for (const [id, act] of Object.entries(clicks)) listen(byId(id), "click", act);
  listen(byId("slider"), "input", (event) => step(Number(event.target.value)));
  listen(dark, "change", () => setTheme(null));
  listen(byId("find"), "input", (event) => find(event.target.value));
  listen(byId("find"), "keydown", (event) => {
    if (event.key === "Enter") nextMatch(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      event.target.value = "";
      find("");
      event.target.blur();
    }
    event.stopPropagation();
  });
  listen(byId("heat-state"), "change", (event) => {
    chosenSeries = Number(event.target.value);
    refreshFolds();
    drawOtherHeat();
  });
  listen(drawing, "click", (event) => {
    const card = event.target.closest(".card");
    if (card) choose(Number(card.id.slice(1)), { go: false });
  });
  listen(drawing, "pointerover", (event) => tell(event.target.closest(".card, .line")));
  listen(document, "keydown", onKey);
  life.addEventListener("abort", () => {
    pause();
    byId("find").value = "";
    find("");
    clearTimeout(writing);
  });
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
  if (target.closest("select")) return;
  const run = Number(event.key) - 1;
  if (run >= 0 && others.runs.length > 1 && run < others.runs.length) others.go(run);
  else if (Object.hasOwn(KEYS, event.key)) KEYS[event.key]();
  else return;
  event.preventDefault();
}

function summary() {
  const known = frames.map((frame, n) => [frame, stateOf(n)]).filter(([, state]) => state !== null && nodes[state].gradient);
  const sizes = known.map(([frame, state]) => `step ${frame.step} ${number(nodes[state].gradient.size)}`).join(", ");
  const name = data.name ? `${data.name}: ` : "";
  return `${name}${data.subtitle}. ${known.length ? `Size of the gradient of the state: ${sizes}.` : ""}`;
}

function start(said, first) {
  const asked = readAddress(said);
  applyFolds();
  byId("heat-state").value = chosenSeries;
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
listenToAll();

// What the runs around this one know of it: how to go to an address, and where it is, so that another can open there.
return {
  start(said, first) {
    start(said, first);
    drawOtherHeat();
    ready = true;
    writeAddress();
  },
  seen: () => ({
    share: moment <= N ? moment / N : 1 + (moment - N - 1) / N,
    series: data.series[chosenSeries]?.name,
    steps: frames.length,
    folds: foldWords(),
    chosen: pinned && selected !== null ? nodes[selected].name : null,
  }),
  // The address of the same moment in this run, as far as there is such a thing.
  like: ({ share, series, steps: count, folds, chosen }) => {
    const said = new URLSearchParams({
      k: share <= 1 ? Math.round(share * N) : N + 1 + Math.round((share - 1) * N),
      state: data.series.findIndex(({ name }) => name === series),
    });
    if (count === frames.length) said.set("fold", folds);
    if (chosen !== null) said.set("sel", chosen);
    return said;
  },
};
