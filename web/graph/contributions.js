// Contributions: what adds up to a gradient, in the order of time; as bars with their formulas, many as columns.

/** @import { Page } from "./page.js" */
/** @import { Use } from "../core/clock.js" */
import { finite, number } from "../core/numbers.js";
import { stepOf } from "../core/words.js";
import { element, roving } from "../shared/elements.js";

const MOST_BARS = 8;

/**
 * @param {Page} page
 * @param {Use[]} uses in the order of the way back
 * @param {(to: number, key: string) => HTMLElement} link
 */
export function contributions(page, uses, link) {
  const { run, state } = page;
  const inTime = [...uses].reverse();
  const largest = Math.max(0, ...inTime.map(({ share }) => finite(share.size)).filter(Number.isFinite));
  /** @param {Use} use */
  const place = ({ target }) => stepOf(run, target) || run.nodes[target].name;
  /** @param {Use} use */
  const percent = ({ share, at }) =>
    at <= state.moment && largest > 0 ? `${(100 * Math.min(1, finite(share.size) / largest)).toFixed(2)}%` : "0";
  return inTime.length > MOST_BARS
    ? columns(page, inTime, place, percent)
    : bars(page, inTime, place, percent, link);
}

/**
 * @param {Page} page
 * @param {Use[]} inTime
 * @param {(use: Use) => string} place
 * @param {(use: Use) => string} percent
 * @param {(to: number, key: string) => HTMLElement} link
 */
function bars({ state }, inTime, place, percent, link) {
  const rows = inTime.map((use, n) => {
    const isKnown = use.at <= state.moment;
    const bar = element("span", { class: `bar ${use.share.css}` });
    bar.style.width = percent(use);
    return element(
      "tr",
      { class: isKnown ? (use.at === state.moment ? "now" : null) : "future" },
      element("th", { scope: "row" }, place(use)),
      element("td", { class: "bars" }, bar),
      element("td", { class: "size" }, isKnown ? number(use.share.size) : ""),
      element("td", {}, element("code", {}, use.rule ?? "..."), " by ", link(use.target, `use${n}`)),
    );
  });
  return element("table", { class: "contributions" }, element("tbody", {}, ...rows));
}

/**
 * Columns side by side, and the words of the one that is pointed at.
 *
 * @param {Page} page
 * @param {Use[]} inTime
 * @param {(use: Use) => string} place
 * @param {(use: Use) => string} percent
 */
function columns(page, inTime, place, percent) {
  const { run, state } = page;
  /** @param {Use} use */
  const words = (use) =>
    use.at > state.moment
      ? `${place(use)}: not yet`
      : `${place(use)}: size ${number(use.share.size)} = |${use.rule ?? "..."}| by ${run.nodes[use.target].name}`;
  const known = inTime.filter(({ at }) => at <= state.moment);
  const largest = Math.max(...known.map(({ share }) => finite(share.size)));
  const strongest = known.find(({ share }) => finite(share.size) === largest);
  const silence = strongest ? `largest: ${words(strongest)}` : "none of them is known yet";
  const say = element("p", { class: "facts", "aria-live": "polite" }, silence);
  const buttons = inTime.map((use, n) => {
    const bar = element("span", { class: `bar ${use.share.css}` });
    bar.style.height = percent(use);
    const tell = () => (say.textContent = words(use));
    const attributes = {
      type: "button",
      class: use.at === state.moment ? "now" : null,
      "data-key": `use${n}`,
      "aria-label": words(use),
      onclick: () => page.choose(use.target),
      onfocus: tell,
      onpointerenter: tell,
      onpointerleave: () => (say.textContent = silence),
    };
    return element("button", attributes, bar);
  });
  const chart = element("div", { class: "columns", role: "toolbar", "aria-label": "Contributions in the order of time" }, ...buttons);
  const ends = [inTime[0], inTime[inTime.length - 1]].map((use) => element("span", {}, place(use)));
  const axis = element("div", { class: "ends" }, ...ends);
  for (const each of [chart, axis]) each.style.maxWidth = `${inTime.length * 35}px`;
  roving(chart);
  return element("div", { class: "chart" }, chart, axis, say);
}
