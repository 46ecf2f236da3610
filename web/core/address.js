// The address: a state in words, so that a moment can be linked to.

/** @import { Clock } from "./clock.js" */
/** @import { Run, State } from "./run.js" */
import { foldsIn, wordsOf } from "./folding.js";

/** @typedef {{ has(key: string): boolean, get(key: string): string | null }} Said what an address says */

/**
 * @param {Run} run
 * @param {State} state
 */
export function written(run, state) {
  const parts = [`fold=${wordsOf(state.folded)}`];
  // Without a moment a page begins with the tour; with a value alone it shows what became of it.
  if (!state.touring || state.pinned) parts.unshift(`k=${state.moment}`);
  if (state.run > 0) parts.unshift(`run=${state.run}`);
  if (state.pinned && state.selected !== null) parts.push(`sel=${encodeURIComponent(run.nodes[state.selected].name)}`);
  if (state.series) parts.push(`state=${state.series}`);
  if (!state.keys) parts.push("keys=0");
  if (state.changes) parts.push(`set=${state.changes}`);
  if (state.theme) parts.push(`dark=${state.theme === "dark" ? 1 : 0}`);
  return parts.join("&");
}

/**
 * What an address says of a run. A moment or a theme it does not name is not in it; nonsense is brought into range. Of a
 * value alone the last moment is meant.
 *
 * @param {Run} run
 * @param {Clock} clock
 * @param {Said} said
 * @returns {Partial<State>}
 */
export function read(run, clock, said) {
  const asked = said.get("k") ?? (said.has("sel") ? Infinity : null);
  const named = said.has("sel") ? run.nodes.findIndex(({ name }) => name === said.get("sel")) : -1;
  return {
    folded: said.has("fold") ? foldsIn(said.get("fold") ?? "", run.frames.length) : new Set(run.folded),
    series: Math.min(Math.max(0, Number(said.get("state")) || 0), Math.max(0, run.series.length - 1)),
    pinned: named >= 0,
    selected: named >= 0 ? named : null,
    keys: said.get("keys") !== "0",
    ...(said.has("set") ? { changes: said.get("set") ?? "" } : {}),
    ...(asked === null ? {} : { moment: clock.within(Number(asked)) }),
    ...(said.has("dark") ? { theme: said.get("dark") === "1" ? "dark" : "light" } : {}),
  };
}

/**
 * @param {number} runs
 * @param {Said} said
 */
export const runIn = (runs, said) => Math.min(runs - 1, Math.max(0, Math.trunc(Number(said.get("run"))) || 0));

/**
 * The state of one run carried over to another, as far as there is such a thing: the moment, what the strip shows, the
 * folded steps and what was chosen.
 *
 * @param {{ run: Run, clock: Clock, state: State }} from
 * @param {{ run: Run, clock: Clock }} to
 * @returns {Partial<State>}
 */
export function carried({ run, clock, state }, { run: other, clock: otherClock }) {
  const { selected } = state;
  const name = state.pinned && selected !== null ? run.nodes[selected].name : null;
  const named = name === null ? -1 : other.nodes.findIndex((node) => node.name === name);
  const series = other.series.findIndex((each) => each.name === run.series[state.series]?.name);
  return {
    moment: otherClock.within(otherClock.momentOf(clock.shareOf(state.moment))),
    series: Math.max(0, series),
    folded: other.frames.length === run.frames.length ? new Set(state.folded) : new Set(other.folded),
    pinned: named >= 0,
    selected: named >= 0 ? named : null,
  };
}
