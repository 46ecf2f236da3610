// A run whose numbers can be changed: what the tape computes anew is written into the run, as Python writes it there.

/** @import { Gradient, Numbers, Run, Size, Sum } from "./run.js" */
/** @import { Values, Written } from "./tape.js" */
import { sentence } from "./flow.js";
import { look, number, sized } from "./numbers.js";
import { openTape } from "./tape.js";

/**
 * @typedef {object} LiveData where on the tape the numbers of a run are, as live.py writes it
 * @property {Written} tape
 * @property {number[]} values of nodes
 * @property {(number | null)[]} gradients of nodes
 * @property {(number | null)[]} shares of edges
 * @property {Record<string, number[]>} sums of the values whose gradient is a sum, after each use
 * @property {number[]} leaves the nodes whose numbers can be changed
 * @property {[low: number, high: number]} scale of the colours, powers of ten
 * @property {State[]} states
 * @property {[id: number, what: string][]} fixed what was computed before the graph and stays as it was: a mask, places, random numbers
 * @property {number} hidden how many leaves with a gradient are in the graph and not shown
 * @property {Program | null} program what computes the same in Python
 *
 * @typedef {{text: string, given: [name: string, id: number, dtype: string][], parameters: number, wanted: number[]}} Program
 *   its text, what it is given (parameters first), and of which values it returns the gradients
 *
 * @typedef {object} State a state: its values, the last step last; up to the last one the loss depended on
 * @property {number[]} ids
 * @property {(number | null)[]} [enters] where what comes in there is on the tape, if that is more than the last step's
 * @property {(number | null)[]} [carried] and what is carried back from the last step
 *
 * @typedef {{ id: number, at: number, was: number, is: number }} Change a number of a leaf, by its place in the array
 */

const [LINE, BLANK, WRITTEN, ROWS] = [15, 1 / 2, 4, 8]; // as numbers.py and content.py have them

/** The Euclidean norm. @param {Values | number[]} values */
function sizeOf(values) {
  let largest = 0;
  for (const x of values) {
    if (Number.isNaN(x)) return NaN;
    largest = Math.max(largest, Math.abs(x));
  }
  if (largest === 0 || largest === Infinity) return largest;
  let sum = 0;
  for (const x of values) sum += (x / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** Smallest and largest. @param {Values} values @returns {[number, number]} */
function rangeOf(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const x of values) {
    if (Number.isNaN(x)) return [NaN, NaN];
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  return [low, high];
}

/** An array as the page knows it. @param {Values} values @param {Numbers} before of the same shape @returns {Numbers} */
function numbersOf(values, { shape, whole }) {
  const across = shape.length < 2 ? values.length : shape[shape.length - 1];
  const [count, width] = shape.length < 2 ? [1, Math.min(across, ROWS * ROWS)] : [Math.min(values.length / (across || 1), ROWS), Math.min(across, ROWS)];
  const rows = Array.from({ length: count }, (_, n) => Array.from(values.slice(n * across, n * across + width), sized));
  const [low, high] = rangeOf(values);
  const shown = rows.reduce((sum, row) => sum + row.length, 0);
  return {
    shape,
    size: sized(sizeOf(values)),
    rows: rows.length ? rows : [[]],
    ...(whole ? { whole } : {}),
    ...(shown < values.length ? { range: /** @type {[Size, Size]} */ ([sized(low), sized(high)]) } : {}),
  };
}

/** All numbers in at most two lines of equally many columns, or null if they do not fit; a vector in two lines is in brackets. @param {Values} values @param {number[]} shape @param {boolean} whole */
function gridLines(values, shape, whole) {
  const rows = shape.slice(0, -1).reduce((product, n) => product * n, 1);
  if (values.length > WRITTEN || rows > 2) return null;
  const ways = rows === 2 ? [2] : values.length < 3 ? [1] : [1, 2];
  for (const [digits, lines] of [...ways.flatMap((way) => [3, 2].map((n) => [n, way])), ...ways.map((way) => [1, way]), [3, 2]]) {
    const columns = Math.ceil(values.length / lines);
    const room = LINE / columns - BLANK;
    const texts = Array.from(values, (x, at) => {
      const [open, close] = [lines > rows && at === 0 ? "[" : "", lines > rows && at === values.length - 1 ? "]" : ""];
      const tried = [3, 2, 1].filter((n) => n >= digits).map((n) => open + number(sized(x), whole, n) + close);
      return tried.find((text) => text.length <= room) ?? "";
    });
    if (texts.includes("")) continue;
    const padded = [...texts, ...new Array(columns * lines - texts.length).fill("")];
    return Array.from({ length: lines }, (_, n) => padded.slice(n * columns, (n + 1) * columns));
  }
  return null;
}

/** A value as the lines of a card. @param {Values} values @param {number[]} shape @param {boolean} whole @returns {string[][]} */
function valueLines(values, shape, whole) {
  if (values.length === 0) return [["empty"]];
  const grid = gridLines(values, shape, whole);
  if (grid) return grid;
  const [low, high] = rangeOf(values);
  const texts = [2, 1].map((n) => `${number(sized(low), whole, n)} .. ${number(sized(high), whole, n)}`);
  return [[Number.isNaN(low) ? "has NaN" : texts[0].length > LINE ? texts[1] : texts[0]]];
}

/** A gradient as the lines of a card. @param {Values} values @param {number[]} shape @returns {string[][]} */
const gradientLines = (values, shape) =>
  values.length === 0 ? [["empty"]] : (gridLines(values, shape, false) ?? [[`size ${number(sized(sizeOf(values)))}`]]);

/** Up to the last that is not 0: later steps are no part of the way back; all if there is none. @param {number[]} sizes */
const endOf = (sizes) => sizes.map((size) => size !== 0).lastIndexOf(true) + 1 || sizes.length;

const OTHER_END = "not judged: the gradient now begins at another step than when this was drawn";

export class Live {
  /**
   * @param {Run} run is changed in place
   * @param {LiveData} data
   */
  constructor(run, data) {
    this.run = run;
    this.data = data;
    this.tape = openTape(data.tape);
    this.tape.run();
    /** The loss as it was drawn. */
    this.first = this.loss;
    /** The leaves as they were drawn. @type {Map<number, Float64Array>} */
    this.before = new Map(data.leaves.map((id) => [id, Float64Array.from(this.values(id))]));
    /** What the page said when it was drawn. */
    this.drawn = run.nodes.map(({ value, gradient }) => ({ value, gradient }));
    /** Counts the changes, so that whoever draws knows what is new. */
    this.version = 0;
    this.isChanged = false;
    /** @type {Map<number, {base: Float64Array, factor: number}>} */
    this.scaled = new Map();
  }

  /** All numbers of a node. @param {number} id */
  values = (id) => this.tape.values[this.data.values[id]];

  /** Whether the numbers of a node can be changed. @param {number} id */
  isLeaf = (id) => this.before.has(id);

  /** @param {number} id @param {number} at */
  entry = (id, at) => this.values(id)[at];

  /** The leaves of the same name: data that is read anew, by both directions of a layer, has a card for each. @param {number} id */
  #alike = (id) => this.data.leaves.filter((each) => this.run.nodes[each].name === this.run.nodes[id].name);

  /** The loss, the sum of its numbers if it has several. */
  get loss() {
    return Array.from(this.values(this.run.loss)).reduce((sum, x) => sum + x, 0);
  }

  /** Change numbers of leaves and compute all anew. @param {{id: number, at: number, is: number}[]} changes */
  change(changes) {
    for (const { id, at, is } of changes) for (const each of this.#alike(id)) this.values(each)[at] = is;
    this.scaled.clear();
    this.#compute();
  }

  /**
   * Multiply a leaf as a whole, as it was when the last other change was made: of a square matrix this is a factor of
   * its spectral radius too.
   *
   * @param {number} id
   * @param {number} factor
   */
  scale(id, factor) {
    const values = this.values(id);
    const { base } = this.scaled.get(id) ?? { base: Float64Array.from(values) };
    this.scaled.set(id, { base, factor });
    for (const each of this.#alike(id)) this.values(each).set(base.map((x) => x * factor));
    this.#compute();
  }

  /** What a leaf is multiplied by. @param {number} id */
  factor = (id) => this.scaled.get(id)?.factor ?? 1;

  /** A step of gradient descent of all leaves that are parameters, or of all. @param {number} rate */
  descend(rate) {
    const { leaves, gradients } = this.data;
    const parameters = leaves.filter((id) => this.run.nodes[id].kind === "parameter");
    for (const id of parameters.length ? parameters : leaves) {
      const slot = gradients[id];
      if (slot === null) continue;
      const [values, g] = [this.values(id), this.tape.values[slot]];
      for (let i = 0; i < values.length; i += 1) values[i] -= rate * g[i];
    }
    this.scaled.clear();
    this.#compute();
  }

  /** All leaves as they were drawn. */
  reset() {
    for (const [id, values] of this.before) this.values(id).set(values);
    this.scaled.clear();
    this.#compute();
  }

  /** What was changed. @returns {Change[]} */
  get changes() {
    return [...this.before].flatMap(([id, before]) => {
      const values = this.values(id);
      return Array.from(before, (was, at) => ({ id, at, was, is: values[at] })).filter(({ was, is }) => was !== is);
    });
  }

  /**
   * The derivative of the loss in one number of a leaf by moving it a little to both sides: what the chain rule is
   * checked against.
   *
   * @param {number} id
   * @param {number} at
   */
  nudge(id, at) {
    const values = this.values(id);
    const x = values[at];
    const isSingle = values instanceof Float32Array;
    const step = (isSingle ? 1e-2 : 1e-5) * Math.max(1, Math.abs(x));
    const [up, down] = [x + step, x - step].map((moved) => {
      values[at] = moved;
      this.tape.run(0, this.tape.forward);
      return { x: values[at], loss: this.loss };
    });
    values[at] = x;
    this.tape.run(0, this.tape.forward);
    const slot = this.data.gradients[id];
    const rule = slot === null ? 0 : this.tape.values[slot][at];
    return { step, difference: (up.loss - down.loss) / (up.x - down.x), rule };
  }

  /** What stands on a card: the lines of its value and of its gradient. @param {number} id */
  card(id) {
    const { value, gradient } = this.run.nodes[id];
    const slot = this.data.gradients[id];
    return {
      value: valueLines(this.values(id), value.shape, value.whole ?? false),
      gradient: gradient && slot !== null ? gradientLines(this.tape.values[slot], gradient.shape) : null,
    };
  }

  /** The class of a size on the scale of the page. @param {number} size */
  look = (size) => look(sized(size), this.data.scale);

  /**
   * The class of a line that shows what goes back along some edges: the sum, or the size of all where they come from
   * several values.
   *
   * @param {number[]} edges
   */
  lookOfLine(edges) {
    const known = edges.filter((n) => this.run.edges[n][3]);
    if (known.length <= 1) return this.run.edges[known[0] ?? -1]?.[3]?.css ?? "gnone";
    const parts = known.map((n) => this.tape.values[this.data.shares[n] ?? -1]).filter(Boolean);
    const sources = new Set(edges.map((n) => this.run.edges[n][0]));
    if (sources.size > 1) return this.look(Math.hypot(...parts.map(sizeOf)));
    return this.look(sizeOf(Array.from(parts[0], (_, i) => parts.reduce((sum, part) => sum + part[i], 0))));
  }

  #compute() {
    const { run, data, tape } = this;
    tape.run();
    this.version += 1;
    this.isChanged = true;
    run.nodes.forEach((node, id) => {
      const slot = data.gradients[id];
      node.value = numbersOf(this.values(id), node.value);
      if (node.gradient && slot !== null) node.gradient = this.#gradient(tape.values[slot], node.gradient);
    });
    run.edges.forEach((edge, n) => {
      const slot = data.shares[n];
      const share = edge[3];
      if (!share || slot === null) return;
      // The clock and the uses hold the same object.
      const size = sizeOf(tape.values[slot]);
      Object.assign(share, { size: sized(size), css: this.look(size) });
    });
    for (const series of run.series.filter(({ verdict }) => verdict)) {
      const own = data.states.filter(({ ids }) => ids.length > 1 && series.ids.includes(ids[0]));
      series.verdict = own.map((state) => this.#verdict(state)).reverse().join("; before that ");
    }
    for (const [source, uses] of Object.entries(run.uses)) {
      uses.forEach(([, sum], n) => {
        const slot = data.sums[source]?.[n];
        if (!sum || slot === undefined) return;
        const values = tape.values[slot];
        Object.assign(sum, this.#gradient(values, sum), { lines: gradientLines(values, sum.shape) });
      });
    }
  }

  /** What becomes of the gradient of a state, as explain/flow.py says it. @param {State} state */
  #verdict({ ids, enters, carried }) {
    const { nodes, frames } = this.run;
    const all = ids.map((id) => this.#sizeAt(this.data.gradients[id]));
    const sizes = all.slice(0, endOf(all));
    const amounts = (enters ?? []).map(this.#sizeAt);
    if (enters && amounts.length !== sizes.length) return OTHER_END;
    const whole = amounts.pop();
    const isParted = whole !== 0 && amounts.some((size) => size !== 0);
    const parts = isParted && carried?.map((slot) => (Number(whole) < Infinity ? this.#sizeAt(slot) : Number(whole)));
    const times = sizes.map((_, n) => frames[nodes[ids[n]].frame ?? 0].step);
    const dtype = this.tape.values[this.data.gradients[ids[0]] ?? -1] instanceof Float32Array ? "float32" : "float64";
    return sentence(parts || sizes, times, sizes, dtype);
  }

  /** @param {number | null} slot */
  #sizeAt = (slot) => sizeOf(this.tape.values[slot ?? -1] ?? []);

  /** @param {Values} values @param {Gradient | Sum} before @returns {Gradient} */
  #gradient(values, before) {
    return { ...numbersOf(values, before), css: this.look(sizeOf(values)) };
  }
}

/**
 * The changes as a text for an address: "12.0=0.5_12.3=-1".
 *
 * @param {Change[]} changes
 */
export const wordsOfChanges = (changes) => changes.map(({ id, at, is }) => `${id}.${at}=${is}`).join("_");

/** @param {string} words @param {Live} live */
export function changesIn(words, live) {
  return words.split("_").flatMap((word) => {
    const found = /^(\d+)\.(\d+)=(-?[\d.e+-]+)$/.exec(word);
    if (!found) return [];
    const [id, at, is] = found.slice(1).map(Number);
    return live.isLeaf(id) && at < (live.before.get(id)?.length ?? 0) && Number.isFinite(is) ? [{ id, at, is }] : [];
  });
}
