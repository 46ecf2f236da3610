// Words: what a page says of a value, a line, a moment.

/** @import { Clock } from "./clock.js" */
/** @import { Line, Run } from "./run.js" */
import { mainValue } from "./choice.js";
import { number } from "./numbers.js";

/**
 * dL/dh3
 *
 * @param {Run} run
 * @param {number} id
 */
export const gradientName = ({ nodes, loss }, id) => `d${nodes[loss].name}/d${nodes[id].name}`;

/**
 * "t = 3"; nothing of a value in no step.
 *
 * @param {Run} run
 * @param {number} id
 */
export function stepOf({ nodes, frames }, id) {
  const { frame } = nodes[id];
  return frame === null ? "" : `t = ${frames[frame].step}`;
}

/**
 * A card in words, at a moment.
 *
 * @param {Run} run
 * @param {Clock} clock
 * @param {number} id
 * @param {number} moment
 */
export function cardWords({ nodes }, clock, id, moment) {
  const { name, formula, operation, value } = nodes[id];
  const what = operation ? `${name} = ${formula}` : `${name}, ${formula}`;
  if (clock.valueAt[id] > moment) return `${what}, not computed yet`;
  const isShort = value.rows.length === 1 && value.rows[0].length <= 4;
  const numbers = isShort ? value.rows[0].map((x) => number(x, value.whole)).join(" ") : `of shape ${value.shape.join(" by ")}`;
  const gradient = clock.gradientOf(id, moment);
  const soFar = gradient?.part === "part" ? " so far" : "";
  return `${what}, value ${numbers}${gradient ? `, gradient size ${number(gradient.size)}${soFar}` : ""}`;
}

/**
 * A line in words.
 *
 * @param {Run} run
 * @param {Clock} clock
 * @param {Line} line
 */
export function lineWords(run, clock, [backward, operation, other]) {
  const { nodes } = run;
  if (!backward) return `${nodes[other].name} goes into ${nodes[operation].name} = ${nodes[operation].formula}`;
  const given = clock.handsBack[operation].find(({ source }) => source === other);
  if (!given) return "";
  const isSummed = clock.uses[other].length > 1 ? ", one of its contributions" : "";
  return `${gradientName(run, other)}${isSummed}: ${given.rule ?? "..."}, size ${number(given.share.size)}`;
}

/**
 * Whether a value may be used in steps that are not shown, so that its gradient is more than the sum of what is seen.
 *
 * @param {Run} run
 * @param {number} id
 */
export const isInPart = ({ nodes, window }, id) => window !== null && nodes[id].frame === null && !nodes[id].operation;

/**
 * A moment in words: which one it is, and what happens.
 *
 * @param {Run} run
 * @param {Clock} clock
 * @param {number} moment
 * @returns {[phase: string, deed: string]}
 */
export function caption(run, clock, moment) {
  const { nodes, scalar } = run;
  const now = clock.current(moment);
  if (now === null) return ["Start", "inputs, parameters and the start are given"];
  const { name, formula } = nodes[now];
  if (moment <= clock.count) return [`Forward ${moment} of ${clock.count}`, `${name} = ${formula}`];
  if (moment === clock.count + 1) {
    return ["The way back begins", `d${name}/d${name} = 1${scalar ? "" : " for every number of it"}`];
  }
  const given = clock.handsBack[now].map(({ source, rule, share }) => {
    const sign = clock.uses[source][0].share === share ? "=" : "+=";
    return `${gradientName(run, source)} ${sign} ${rule ?? "..."}`;
  });
  const phase = `Backward ${moment - clock.count - 1} of ${clock.count}`;
  return [phase, `${name} = ${formula}:  ${given.join(";  ") || "hands nothing back"}`];
}

/**
 * What happens at a moment, in one of three sentences.
 *
 * @param {Run} run
 * @param {Clock} clock
 * @param {number} moment
 * @returns {[at: number, words: string]}
 */
export function tourWords(run, clock, moment) {
  const { nodes, loss } = run;
  const { name } = nodes[loss];
  if (clock.isForward(moment)) {
    return [1, `Every card is a value, computed along the thin lines from left to right, up to ${name}.`];
  }
  if (moment < clock.last) {
    return [2, "Then gradients go the same ways back: the wider and stronger a line, the larger the gradient."];
  }
  const main = mainValue(run, clock);
  const isShared = clock.uses[main].length > 1;
  const here = isInPart(run, main) ? " in the steps shown" : "";
  const sum = `${nodes[main].name} is used ${clock.uses[main].length} times${here}, and its gradient is the sum of what each use${here && ", here and elsewhere,"} sends back.`;
  return [3, isShared ? sum : "Choose a card to see its numbers, and the chain rule that gave its gradient."];
}

/**
 * The whole run in words, for who cannot see it.
 *
 * @param {Run} run
 */
export function summary({ name, subtitle, frames, nodes, series }) {
  const sizes = frames.flatMap(({ step }, n) => {
    const state = series[0]?.ids[n] ?? null;
    const gradient = state === null ? null : nodes[state].gradient;
    return gradient ? [`step ${step} ${number(gradient.size)}`] : [];
  });
  const gradients = sizes.length ? `Size of the gradient of the state: ${sizes.join(", ")}.` : "";
  return `${name ? `${name}: ` : ""}${subtitle}. ${gradients}`;
}
