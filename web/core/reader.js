// A text model that reads: tokens to states and probabilities, and back to what a prediction depends on. Its steps are
// tapes (see live_text.py); time, and the order of layers, is a loop here.

import { add } from "./recall.js";
import { openTape } from "./tape.js";

/**
 * @typedef {{tape: any, given: Record<string, number>, gradients: Record<string, number>, values: Record<string, number>,
 *   result: number, seed: number}} Step
 * @typedef {{token: number, p: number, product: number[], size: number[]}} Explained  of every token that was read
 */

/** The floats of a text in base 64. @param {string} text */
function floats(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

/** A step whose tape holds its weights: only what changes is computed again. @param {Step} step @param {Record<string, Float32Array>} weights */
function product(step, weights) {
  const { values, run, forward } = openTape(step.tape);
  for (const [name, numbers] of Object.entries(weights)) values[step.given[name]].set(numbers);
  run(0, forward);
  // What does not depend on x comes first: the transposed weights.
  const moving = new Set([step.given.x ?? step.given.h]);
  const first = step.tape.code.findIndex((/** @type {any} */ [, , args]) => args.some((/** @type {number} */ arg) => moving.has(arg)));
  return { values, forward, ahead: () => run(first, forward), back: () => run(forward) };
}

export class Reader {
  /** @param {any} data */
  constructor(data) {
    this.data = data;
    this.embedding = floats(data.embedding);
    this.layers = data.layers.map((/** @type {any} */ { x, h, weights }) => ({
      x, h,
      fromX: product(x, { W: floats(weights.W_x), b: floats(weights.b_x) }),
      fromH: product(h, { W: floats(weights.W_h), b: floats(weights.b_h) }),
      /** One tape for each step: it keeps what the cell computed. @type {ReturnType<typeof openTape>[]} */
      cells: [],
    }));
    this.head = product(data.head, { W: floats(data.read.W), b: floats(data.read.b) });
    this.head.values[data.head.seed][0] = 1;
    /** @type {number[]} */
    this.ids = [];
    /** log p of every token after each of those read. @type {Float64Array[]} */
    this.logs = [];
  }

  /** The row of the table for a token. @param {number} id */
  row(id) {
    const { inputs } = this.data;
    return this.embedding.subarray(id * inputs, (id + 1) * inputs);
  }

  /** Read tokens; where they begin like those read before, only the rest is computed. @param {number[]} ids */
  read(ids) {
    let t = 0;
    while (t < ids.length && t < this.ids.length && ids[t] === this.ids[t]) t += 1;
    this.logs.length = t;
    for (; t < ids.length; t += 1) this.logs.push(this.#step(t, ids[t]));
    this.ids = [...ids];
  }

  /** One step of all layers, and what is expected after it. @param {number} t @param {number} id */
  #step(t, id) {
    const { cell, hidden, head } = this.data;
    /** @type {ArrayLike<number>} */
    let x = this.row(id);
    for (const { x: toX, h: toH, fromX, fromH, cells } of this.layers) {
      cells[t] ??= openTape(cell.tape);
      const { values, run, forward } = cells[t];
      const state = t > 0 ? cells[t - 1].values[cell.result] : new Float64Array(values[cell.result].length);
      if (cell.given.state !== undefined) values[cell.given.state].set(state); // a plain RNN reads h by a product alone
      fromX.values[toX.given.x].set(x);
      fromH.values[toH.given.x].set(state.subarray(0, hidden));
      fromX.ahead();
      fromH.ahead();
      values[cell.given.a].set(fromX.values[toX.result]);
      values[cell.given.r].set(fromH.values[toH.result]);
      run(0, forward);
      x = values[cell.result].subarray(0, hidden);
    }
    this.head.values[head.given.h].set(x);
    this.head.ahead();
    return Float64Array.from(this.head.values[head.values.logs]);
  }

  /**
   * What -log p(token) after the first `count` tokens depends on: BPTT from there, to the rows of the table.
   *
   * @param {number} count
   * @param {number} token
   * @returns {Explained}
   */
  explain(count, token) {
    const { cell, hidden, head } = this.data;
    const last = count - 1;
    const top = this.layers[this.layers.length - 1];
    this.head.values[head.given.h].set(top.cells[last].values[cell.result].subarray(0, hidden));
    this.head.values[head.given.y].fill(0);
    this.head.values[head.given.y][token] = 1;
    this.head.ahead();
    this.head.back();
    /** dL/d(state) of every layer, on its way back. @type {Float64Array[]} */
    const carried = this.layers.map(() => new Float64Array(top.cells[last].values[cell.result].length));
    add(carried[carried.length - 1], this.head.values[head.gradients.h]);
    /** @type {number[]} */
    const along = new Array(count);
    /** @type {number[]} */
    const size = new Array(count);
    for (let t = last; t >= 0; t -= 1) {
      for (let layer = this.layers.length - 1; layer >= 0; layer -= 1) {
        const { x: toX, h: toH, fromX, fromH, cells } = this.layers[layer];
        const { values, run, forward } = cells[t];
        values[cell.seed].set(carried[layer]);
        run(forward);
        fromX.values[toX.seed].set(values[cell.gradients.a]);
        fromH.values[toH.seed].set(values[cell.gradients.r]);
        fromX.back();
        fromH.back();
        carried[layer].fill(0);
        if (cell.gradients.state !== undefined) carried[layer].set(values[cell.gradients.state]);
        add(carried[layer], fromH.values[toH.gradients.x]);
        const g = fromX.values[toX.gradients.x];
        if (layer > 0) add(carried[layer - 1], g);
        else {
          const x = this.row(this.ids[t]);
          along[t] = g.reduce((/** @type {number} */ sum, /** @type {number} */ each, /** @type {number} */ i) => sum + each * x[i], 0);
          size[t] = Math.sqrt(g.reduce((/** @type {number} */ sum, /** @type {number} */ each) => sum + each * each, 0));
        }
      }
    }
    return { token, p: Math.exp(this.logs[last][token]), product: along, size };
  }

  /** The likeliest tokens after the first `count`. @param {number} count @param {number} most */
  expected(count, most) {
    const logs = this.logs[count - 1];
    const order = Array.from(logs.keys()).sort((i, j) => logs[j] - logs[i] || i - j);
    return order.slice(0, most).map((token) => ({ token, p: Math.exp(logs[token]) }));
  }

  /** What there is to show of the units: h, of an LSTM c and its gates, of a GRU its gates. */
  get letters() {
    return ["h", ...(this.data.kind === "lstm" ? ["c"] : []), ...Object.keys(this.data.cell.values)];
  }

  /** The units of a layer after every token that was read. @param {string} letter @param {number} layer */
  units(letter, layer) {
    const { cell, hidden } = this.data;
    const start = letter === "c" ? hidden : 0;
    const place = cell.values[letter] ?? cell.result;
    return this.ids.map((_, t) => this.layers[layer].cells[t].values[place].subarray(start, start + hidden));
  }
}
