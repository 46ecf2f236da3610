// Copy as Python: the program that computes what a page shows after changes, with the numbers as they are now.

/** @import { Change, Live } from "./live.js" */
/** @import { Run } from "./run.js" */
import { number } from "./numbers.js";

/** The place of a number in its array, as an index: "[0, 1]". @param {number[]} dimensions @param {number} at */
export function indexOf(dimensions, at) {
  if (dimensions.length === 0) return "";
  let rest = at;
  const index = [...dimensions].reverse().map((size) => {
    const here = rest % size;
    rest = Math.floor(rest / size);
    return here;
  });
  return `[${index.reverse().join(", ")}]`;
}

/** A number as Python reads it. @param {number} x */
const literal = (x) => (Number.isFinite(x) ? String(x) : `float("${x}")`);

/**
 * A program in numpy that needs nothing else, or where there is none the lines that make the same changes in the
 * program the graph came from.
 *
 * @param {Run} run
 * @param {Live} live
 */
export function pythonOf({ nodes, loss, scalar }, live) {
  const { program } = live.data;
  const { changes } = live;
  const place = (/** @type {Change} */ { id, at }) => `${nodes[id].name}${indexOf(nodes[id].value.shape, at)}`;
  if (!program || changes.some(({ id }) => !program.given.some(([, other]) => other === id))) {
    const lines = changes.map(({ id, at, is }) => `${nodes[id].name}.data${indexOf(nodes[id].value.shape, at) || "[...]"} = ${literal(is)}`);
    return `${lines.join("\n")}\n`;
  }
  const names = program.given.map(([name]) => name);
  const [parameters, inputs] = [names.slice(0, program.parameters), names.slice(program.parameters)];
  const given = program.given.map(([name, id, dtype]) => {
    const sides = nodes[id].value.shape.join(", ");
    return `${name} = np.array([${Array.from(live.values(id), literal).join(", ")}], "${dtype}").reshape((${sides}${sides && ","}))`;
  });
  const wanted = program.wanted.map((id) => `d${nodes[loss].name}/d${nodes[id].name}`);
  return [
    `# ${nodes[loss].name} = ${number(live.loss)}, after these changes:`,
    ...changes.map((change) => `# ${place(change)} = ${literal(change.is)}, was ${literal(change.was)}`),
    "import numpy as np",
    program.text.trimEnd(),
    "",
    "",
    ...given,
    `forward, backward = plan(${parameters.join(", ")})`,
    `results = forward(${inputs.join(", ")})`,
    `gradients = dict(zip(${JSON.stringify(wanted)}, backward(${scalar ? "" : "*map(np.ones_like, results)"})))`,
    "print(*results, gradients)",
    "",
  ].join("\n");
}
