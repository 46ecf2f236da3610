// The panel: all about one value: its numbers, its gradient, and where that comes from.

const panel = document.getElementById("panel");
let selected = null;
let pinned = false;

const ROLES = {
  input: "input",
  constant: "data",
  op: "intermediate result",
  state: "state",
  parameter: "parameter",
  loss: "loss",
};

function drawPanel() {
  ring(selected, document.getElementById("ring-selected"));
  const focus = panel.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  if (selected === null) {
    const words = "Nothing is computed yet. Inputs, parameters and the start are given; one operation after the other computes the rest.";
    panel.replaceChildren(element("p", { class: "hint" }, words));
    return;
  }
  const scrolled = panel.scrollTop;
  panel.replaceChildren(...[identity, valueBlock, gradientBlock, reasonBlock, onwardsBlock].map((make) => make(selected)).filter(Boolean));
  panel.scrollTop = scrolled;
  if (focus) panel.querySelector(`[data-key="${focus}"]`)?.focus({ preventScroll: true });
}

const block = (title, ...children) => element("div", { class: "block" }, element("h3", {}, ...[title].flat()), ...children.filter(Boolean));
const code = (text) => element("code", {}, text);
const goTo = (id, key) => element("button", { type: "button", class: "link", "data-key": key, onclick: () => choose(id) }, nodes[id].name);

function identity(id) {
  const { name, kind, formula, operation, value, place } = nodes[id];
  // For what was not computed here the formula is a word for what it is.
  const role = operation ? ROLES[kind] : formula;
  const size = value.shape.length ? value.shape.join(" × ") : "a single number";
  const where = place.filter((one) => !/^t=-?\d+$/.test(one)).join(" / ");
  const facts = [role, size, stepWords(id), where && `in ${where}`].filter(Boolean).join(", ");
  return element(
    "div",
    { class: "block identity" },
    element("h2", {}, name),
    element("p", { class: "facts" }, facts),
    operation ? code(`${name} = ${formula}`) : null,
    pinned
      ? element("button", { type: "button", class: "quiet", "data-key": "follow", onclick: unpin, title: "Esc" }, "Follow the computation")
      : null,
  );
}

function valueBlock(id) {
  if (valueAt[id] > moment) return block("value", element("p", { class: "hint" }, "not computed yet"));
  return block("value", table(nodes[id].value), rangeOf(nodes[id].value));
}

function rangeOf(array) {
  if (!array.range) return null;
  const [low, high] = array.range.map((x) => number(x, array.whole));
  return element("p", { class: "facts" }, `from ${low} to ${high}`);
}

function gradientBlock(id) {
  if (!nodes[id].gradient) return block("gradient", element("p", { class: "hint" }, "none: nothing comes back to it"));
  const gradient = gradientOf(id, moment);
  const title = d(nodes[id].name);
  if (!gradient) return block(title, element("p", { class: "hint" }, "not known yet"));
  const chip = element("span", { class: `chip ${gradient.css}` }, `size ${number(gradient.size)}`);
  const note = gradient.part === "part" ? `the sum of ${gradient.count} of ${uses[id].length} so far` : null;
  return block([title, " ", chip], table(gradient), note && element("p", { class: "facts" }, note));
}

// Where the gradient comes from.
function reasonBlock(id) {
  const from = uses[id];
  if (!nodes[id].gradient) return cutNote(id);
  if (from.length === 0) return block("where the way back begins", code(`${d(nodes[id].name)} = 1`), sumNote());
  if (from.length > 1) return sumBlock(id);
  const [{ target, rule }] = from;
  return block(
    "by the chain rule",
    code(`${d(nodes[id].name)} = ${rule ?? "..."}`),
    element("p", { class: "facts" }, "used by ", goTo(target, "use0"), ` = ${nodes[target].formula}`),
    cutNote(id),
  );
}

// Readers that were given the numbers only.
function cutNote(id) {
  const readers = edges.flatMap(([source, target, , , cut]) => (source === id && cut ? [target] : []));
  if (readers.length === 0) return null;
  const links = readers.flatMap((target, n) => [n ? ", " : "", goTo(target, `cut${n}`)]);
  return element("p", { class: "facts" }, "detached on the way to ", ...links, ": no gradient comes back from there");
}

const sumNote = () => (data.scalar ? null : element("p", { class: "facts" }, "for every number of it: the gradients are those of their sum"));

function sumBlock(id) {
  const inTime = [...uses[id]].reverse();
  const largest = Math.max(...inTime.map((use) => finite(use.share.size)).filter(Number.isFinite), 0);
  const title = `${d(nodes[id].name)} is the sum of ${inTime.length} contributions`;
  const made = inTime.length > 8 ? columnChart(inTime, largest) : barList(inTime, largest);
  const whole = block(title, made, cutNote(id));
  whole.classList.add("wide");
  return whole;
}

const shareOf = (use, largest) => (largest > 0 ? Math.min(1, finite(use.share.size) / largest) : 0);
const useWords = (use) => stepWords(use.target) || nodes[use.target].name;

function barList(inTime, largest) {
  const rows = inTime.map((use, n) => {
    const known = use.at <= moment;
    const bar = element("span", { class: `bar ${use.share.css}` });
    bar.style.width = known ? `${(100 * shareOf(use, largest)).toFixed(2)}%` : "0";
    return element(
      "tr",
      { class: known ? (use.at === moment ? "now" : null) : "future" },
      element("th", { scope: "row" }, useWords(use)),
      element("td", { class: "bars" }, bar),
      element("td", { class: "size" }, known ? number(use.share.size) : ""),
      element("td", {}, code(use.rule ?? "..."), " by ", goTo(use.target, `use${n}`)),
    );
  });
  return element("table", { class: "contributions" }, element("tbody", {}, ...rows));
}

// Many contributions: columns side by side, and the words of the one that is pointed at.
function columnChart(inTime, largest) {
  const say = element("p", { class: "facts", "aria-live": "polite" });
  const words = (use) =>
    use.at > moment
      ? `${useWords(use)}: not yet`
      : `${useWords(use)}: size ${number(use.share.size)} = |${use.rule ?? "..."}| by ${nodes[use.target].name}`;
  const known = inTime.filter((use) => use.at <= moment);
  const strongest = known.reduce((best, use) => (best && finite(best.share.size) >= finite(use.share.size) ? best : use), null);
  const silence = strongest ? `largest: ${words(strongest)}` : "none of them is known yet";
  say.textContent = silence;
  const buttons = inTime.map((use, n) => {
    const bar = element("span", { class: `bar ${use.share.css}` });
    bar.style.height = use.at <= moment ? `${(100 * shareOf(use, largest)).toFixed(2)}%` : "0";
    const tell = () => (say.textContent = words(use));
    return element(
      "button",
      {
        type: "button",
        class: use.at === moment ? "now" : null,
        "data-key": `use${n}`,
        "aria-label": words(use),
        onclick: () => choose(use.target),
        onfocus: tell,
        onpointerenter: tell,
        onpointerleave: () => (say.textContent = silence),
      },
      bar,
    );
  });
  const chart = element("div", { class: "columns", role: "toolbar", "aria-label": "Contributions in the order of time" }, ...buttons);
  roving(chart);
  const across = `${inTime.length * 35}px`;
  chart.style.maxWidth = across;
  const ends = [inTime[0], inTime[inTime.length - 1]].map((use) => element("span", {}, useWords(use)));
  const axis = element("div", { class: "ends" }, ...ends);
  axis.style.maxWidth = across;
  return element("div", { class: "chart" }, chart, axis, say);
}

// What the operation hands back.
function onwardsBlock(id) {
  if (handsBack[id].length === 0) return null;
  const rows = handsBack[id].map(({ source, rule, share }, n) => {
    const sign = uses[source].length > 1 ? "+=" : "=";
    const known = backAt[id] <= moment;
    return element(
      "li",
      { class: known ? null : "future" },
      element("span", {}, "d", lossName, "/d", goTo(source, `back${n}`)),
      code(`${sign} ${rule ?? "..."}`),
      element("span", { class: `chip ${known ? share.css : "gnone"}` }, known ? `size ${number(share.size)}` : "not yet"),
    );
  });
  return block("and hands back", element("ul", { class: "hands" }, ...rows));
}
