// The panel: all about one value: its numbers, its gradient, and where that comes from.

/** @import { Page } from "./page.js" */
/** @import { Numbers, Size } from "../core/run.js" */
import { number, tableOf } from "../core/numbers.js";
import { ROLES } from "../core/roles.js";
import { productAlong, waysOf } from "../core/ways.js";
import { gradientName, isInPart, stepOf } from "../core/words.js";
import { byId, element } from "../shared/elements.js";
import { contributions } from "./contributions.js";
import { editor } from "./live.js";

const START = "Nothing is computed yet. Inputs, parameters and the start are given; one operation after the other computes the rest.";

/** So many operations of a way are named, and of so many the derivatives are multiplied out. */
const MOST_LINKS = 8;

/** @param {Page} page */
export function panelView(page) {
  const { state } = page;
  const panel = byId("panel");
  let [drawn, scrolled] = ["", 0];
  page.listen(panel, "scroll", () => { scrolled = panel.scrollTop; }); // asked for in between, the browser would lay all out
  return () => {
    const { selected } = state;
    const look = `${selected} ${state.moment} ${state.pinned} ${page.live?.version}`;
    if (look === drawn) return;
    drawn = look;
    const focus = panel.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.key
      : undefined;
    const before = scrolled;
    panel.replaceChildren(...(selected === null ? [hint(START)] : blocksOf(page, selected)));
    if (before) panel.scrollTop = before;
    const again = focus ? panel.querySelector(`[data-key="${focus}"]`) : null;
    /** @type {HTMLElement | null} */ (again)?.focus({ preventScroll: true });
  };
}

/** @param {string} words */
const hint = (words) => element("p", { class: "hint" }, words);
/** @param {...(Node | string)} words */
const facts = (...words) => element("p", { class: "facts" }, ...words);
/** @param {string} text */
const code = (text) => element("code", {}, text);

/**
 * @param {string | (Node | string)[]} title
 * @param {...(Node | null)} children
 */
const block = (title, ...children) =>
  element("div", { class: "block" }, element("h3", {}, ...[title].flat()), ...children);

/** @param {Numbers} array */
function table(array) {
  const rows = tableOf(array);
  if (!rows) return element("p", { class: "numbers" }, "empty");
  const cell = (/** @type {string} */ text) => element("td", { class: text === ".." ? "more" : null }, text);
  return element("table", { class: "numbers" }, element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell)))));
}

/**
 * @param {Page} page
 * @param {number} id
 * @returns {HTMLElement[]}
 */
function blocksOf(page, id) {
  const { run, clock, state } = page;
  const { nodes, edges } = run;
  const node = nodes[id];
  const known = clock.gradientOf(id, state.moment);
  const own = gradientName(run, id);

  /**
   * @param {number} to
   * @param {string} key
   */
  const link = (to, key) =>
    element("button", { type: "button", class: "link", "data-key": key, onclick: () => page.choose(to) }, nodes[to].name);

  function identity() {
    // For what was not computed here the formula is a word for what it is.
    const role = node.operation ? ROLES[node.kind] : node.formula;
    const size = node.value.shape.length ? node.value.shape.join(" × ") : "a single number";
    const where = node.place.filter((one) => !/^t=-?\d+$/.test(one)).join(" / ");
    const follow = { type: "button", class: "quiet", "data-key": "follow", onclick: () => page.unpin(), title: "Esc" };
    return element(
      "div",
      { class: "block identity" },
      element("h2", {}, node.name),
      facts([role, size, stepOf(run, id), where && `in ${where}`].filter(Boolean).join(", ")),
      node.operation ? code(`${node.name} = ${node.formula}`) : null,
      state.pinned ? element("button", follow, "Follow the computation") : null,
    );
  }

  function value() {
    if (clock.valueAt[id] > state.moment) return block("value", hint("not computed yet"));
    const stays = page.live?.changes.length ? page.live.data.fixed.find(([reader]) => reader === id) : null;
    if (page.live?.isLeaf(id)) return block("value", editor(page, page.live, id));
    const [low, high] = (node.value.range ?? []).map((x) => number(x, node.value.whole));
    const range = low === undefined ? null : facts(`from ${low} to ${high}`);
    const was = before(node.value.size, page.live?.drawn[id].value.size);
    return block("value", table(node.value), range, was, stays ? facts(`its ${stays[1]} ${stays[1].endsWith("s") ? "stay" : "stays"} as before`) : null);
  }

  function gradient() {
    if (!node.gradient) return block("gradient", hint("none: nothing comes back to it"));
    if (!known) return block(own, hint("not known yet"));
    const chip = element("span", { class: `chip ${known.css}` }, `size ${number(known.size)}`);
    const note = known.part === "part" ? facts(`the sum of ${known.count} of ${clock.uses[id].length} so far`) : null;
    return block([own, " ", chip], table(known), note, before(known.size, page.live?.drawn[id].gradient?.size));
  }

  /** The size it had when the page was drawn, if it is another now. @param {Size} now @param {Size} [was] */
  function before(now, was = now) {
    return number(now) === number(was) ? null : facts(`of size ${number(was)} before the changes`);
  }

  /** Where the gradient comes from. */
  function reason() {
    const from = clock.uses[id];
    if (!node.gradient) return cut();
    if (from.length === 0) {
      const note = run.scalar ? null : facts("for every number of it: the gradients are those of their sum");
      return block("where the way back begins", code(`${own} = 1`), note);
    }
    const isPart = isInPart(run, id);
    if (from.length > 1 || isPart) {
      const many = `${from.length} contribution${from.length === 1 ? "" : "s"}`;
      const words = isPart ? `${many} to ${own} in the steps shown` : `${own} is the sum of ${many}`;
      const sum = block(words, contributions(page, from, link), cut());
      sum.classList.add("wide");
      return sum;
    }
    const [{ target, rule }] = from;
    const user = facts("used by ", link(target, "use0"), ` = ${nodes[target].formula}`);
    return block("by the chain rule", code(`${own} = ${rule ?? "..."}`), user, cut());
  }

  /** Readers that were given the numbers only. */
  function cut() {
    const readers = edges.flatMap(([source, target, , , isCut]) => (source === id && isCut ? [target] : []));
    if (readers.length === 0) return null;
    const links = readers.flatMap((target, n) => [n ? ", " : "", link(target, `cut${n}`)]);
    return facts("detached on the way to ", ...links, ": no gradient comes back from there");
  }

  /** What the operation hands back. */
  function onwards() {
    if (clock.handsBack[id].length === 0) return null;
    const isKnown = clock.backAt[id] <= state.moment;
    const rows = clock.handsBack[id].map(({ source, rule, share }, n) =>
      element(
        "li",
        { class: isKnown ? null : "future" },
        element("span", {}, `d${nodes[run.loss].name}/d`, link(source, `back${n}`)),
        code(`${clock.uses[source].length > 1 ? "+=" : "="} ${rule ?? "..."}`),
        element("span", { class: `chip ${isKnown ? share.css : "gnone"}` }, isKnown ? `size ${number(share.size)}` : "not yet"),
      ),
    );
    return block("and hands back", element("ul", { class: "hands" }, ...rows));
  }

  /** How what was chosen goes into the loss. */
  function ways() {
    if (!state.pinned || id === run.loss) return null;
    const { count, shortest } = waysOf(run, id);
    const title = `${count === 1 ? "one way" : `${number(count, true)} ways`} to ${nodes[run.loss].name}`;
    if (count === 0) return block(`no way to ${nodes[run.loss].name}`, hint("the loss does not depend on it"));
    const through = shortest.slice(1);
    const links = through.slice(0, MOST_LINKS).flatMap((each, n) => [n ? " → " : "", link(each, `way${n}`)]);
    const rest = through.length > MOST_LINKS ? [` → ... ${through.length - MOST_LINKS} more`] : [];
    const product = through.length > MOST_LINKS || !node.gradient ? null : productAlong(run, shortest);
    return block(title, facts(count === 1 ? "" : "the shortest: ", ...links, ...rest), product ? code(product) : null);
  }

  return [identity(), value(), gradient(), reason(), onwards(), ways()].filter((each) => each !== null);
}
