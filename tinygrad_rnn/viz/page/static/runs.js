// Runs: the graphs of the page, of which one is open. To open one is to begin afresh on its drawing.

const runs = JSON.parse(document.getElementById("data").textContent);
const addressed = () => new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
const wanted = (said) => Math.min(runs.length - 1, Math.max(0, Math.trunc(Number(said.get("run"))) || 0));

// The drawings with their folded steps, as they came. A page with one run needs its own only once.
const parts = runs.map((run, n) => {
  if (n > 0) return [...document.getElementById(`run${n}`).content.children];
  const first = [document.getElementById("drawing"), document.getElementById("closed").content.firstElementChild];
  return runs.length > 1 ? first.map((part) => part.cloneNode(true)) : first;
});

let at = -1;
let opened = null;
let life = null;

// Open a run at an address, or, coming from another one, at the moment that corresponds to the one shown there.
function openRun(n, said, first = false) {
  const before = opened?.seen();
  life?.abort();
  life = new AbortController();
  at = n;
  const [drawing, closed] = runs.length > 1 ? parts[n].map((part) => document.importNode(part, true)) : parts[n];
  document.getElementById("drawing").replaceWith(drawing);
  opened = begin(runs[n], closed, life.signal, { runs, open: n, go });
  opened.start(said ?? opened.like(before), first);
}

// To another run; the button that was pressed to go there keeps the focus, and a step that was picked is chosen.
function go(n, pick = null) {
  const isRun = document.activeElement?.classList.contains("run");
  openRun(n, null);
  if (pick !== null) document.querySelectorAll("#heat button")[pick].click();
  if (isRun) document.querySelector(`[data-run="${n}"] .run`).focus();
}

window.addEventListener("hashchange", () => {
  const said = addressed();
  if (wanted(said) === at) opened.start(said, false);
  else openRun(wanted(said), said);
});
openRun(wanted(addressed()), addressed(), true);
