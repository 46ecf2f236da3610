// The recall task and its network: remember the first of T symbols, by steps that are run forward along time and back.

import { openTape } from "./tape.js";

/**
 * @typedef {{cell: string, norm: boolean, every: boolean, T: number, radius: number, forget: number, rate: number,
 *   clip: boolean, seed: number}} Options  `every`: the loss is read at every step; `rate`: a power of ten
 * @typedef {Record<string, Float64Array>} Arrays
 * @typedef {{x: Uint8Array, y: Uint8Array}} Batch  symbols (T, batch) and classes (batch)
 * @typedef {{loss: number, right: number, gradients: Arrays, h: number[], c: number[] | null, enters: number[],
 *   carried: number[], terms: number[], size: number}} Pass  `terms`: shares of the steps in dL/dW_hh, adding up to 1
 */

const WEIGHTS = ["W_xh", "W_hh", "b"];

/** Numbers from 0 to 1 that follow from a seed: mulberry32. @param {number} seed */
export function random(seed) {
  let state = Math.trunc(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {() => number} draw */
const normal = (draw) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());

/** The Euclidean norm. @param {ArrayLike<number>} xs */
export function norm(xs, start = 0, end = xs.length) {
  let sum = 0;
  for (let i = start; i < end; i += 1) sum += xs[i] * xs[i];
  return Math.sqrt(sum);
}

/** A matrix whose eigenvalues all have the absolute value 1, in rows. @param {number} n @param {() => number} draw */
function orthogonal(n, draw) {
  /** @type {Float64Array[]} */
  const rows = [];
  for (let i = 0; i < n; i += 1) {
    const row = Float64Array.from({ length: n }, () => normal(draw));
    for (let pass = 0; pass < 2; pass += 1) {
      // Gram and Schmidt; the second pass takes away what rounding left
      for (const other of rows) {
        const along = row.reduce((sum, x, k) => sum + x * other[k], 0);
        for (let k = 0; k < n; k += 1) row[k] -= along * other[k];
      }
    }
    const size = norm(row);
    rows.push(row.map((x) => x / size));
  }
  return rows;
}

/** The network of the page, from the data that playground.py writes. */
export class Recall {
  /** @param {any} data */
  constructor(data) {
    this.data = data;
    this.sizes = data.sizes;
    this.head = { ...data.head, open: openTape(data.head.tape) };
    /** @type {Record<string, any>} */
    this.opened = {};
  }

  /** The step of a cell, and T tapes of it: each keeps what its time step computed, not what comes back. @param {Options} o */
  step(o) {
    const key = `${o.cell} ${o.norm}`;
    const step = this.data.steps[o.cell][Number(o.norm)];
    const tapes = (this.opened[key] ??= [openTape(step.tape)]);
    while (tapes.length < o.T) tapes.push(openTape(step.tape, tapes[0]));
    return { ...step, tapes };
  }

  /** Weights to begin with: W_hh orthogonal times the radius, a block for each gate. @param {Options} o @returns {Arrays} */
  start(o) {
    const { symbols, classes, hidden } = this.sizes;
    const gates = this.data.gates[o.cell];
    const draw = random(1000 + o.seed);
    const W_xh = Float64Array.from({ length: gates * hidden * symbols }, () => 0.5 * normal(draw));
    const W_hh = new Float64Array(gates * hidden * hidden);
    for (let gate = 0; gate < gates; gate += 1) {
      orthogonal(hidden, draw).forEach((row, i) => {
        W_hh.set(row.map((x) => o.radius * x), (gate * hidden + i) * hidden);
      });
    }
    const W_hy = Float64Array.from({ length: classes * hidden }, () => normal(draw) / Math.sqrt(hidden));
    const b = new Float64Array(gates * hidden);
    if (o.cell === "lstm") b.fill(o.forget, hidden, 2 * hidden); // gates i, f, g, o
    return { W_xh, W_hh, b, W_hy, b_y: new Float64Array(classes) };
  }

  /** Sequences that begin with the symbol to remember and go on with noise. @param {Options} o @param {() => number} draw @returns {Batch} */
  batch(o, draw) {
    const { batch, symbols, classes } = this.sizes;
    const y = Uint8Array.from({ length: batch }, () => Math.floor(draw() * classes));
    const x = Uint8Array.from({ length: o.T * batch }, (_, n) =>
      n < batch ? y[n] : classes + Math.floor(draw() * (symbols - classes)),
    );
    return { x, y };
  }

  /** The loss after step t from its h: the loss, and into `enters` what it adds to dL/dh. @param {Arrays} p @param {Float64Array} state @param {number} scale */
  #read(p, state, scale) {
    const { open, given, result, seed } = this.head;
    open.values[given.h].set(state.subarray(0, open.values[given.h].length));
    open.values[given.W_hy].set(p.W_hy);
    open.values[given.b_y].set(p.b_y);
    open.values[seed][0] = scale;
    open.run();
    return open.values[result][0] * scale;
  }

  /** One pass forward and back through time. @param {Options} o @param {Arrays} p @param {Batch} data @returns {Pass} */
  pass(o, p, { x, y }) {
    const { batch, symbols, classes, hidden } = this.sizes;
    const { tapes, given, gradients, inner, result, seed } = this.step(o);
    const head = this.head;
    const width = tapes[0].values[given.state].length;
    const half = batch * hidden;

    /** @type {Float64Array[]} */
    const states = [new Float64Array(width)];
    for (let t = 1; t <= o.T; t += 1) {
      const { values, run, forward } = tapes[t - 1];
      for (const name of WEIGHTS) values[given[name]].set(p[name]);
      values[given.x].fill(0);
      for (let n = 0; n < batch; n += 1) values[given.x][n * symbols + x[(t - 1) * batch + n]] = 1;
      values[given.state].set(states[t - 1]);
      run(0, forward);
      states.push(values[result]);
    }

    const total = /** @type {Arrays} */ ({});
    for (const name of Object.keys(p)) total[name] = new Float64Array(p[name].length);
    head.open.values[head.given.y].fill(0);
    for (let n = 0; n < batch; n += 1) head.open.values[head.given.y][n * classes + y[n]] = 1;
    const read = o.every ? o.T : 1; // so many losses, whose mean is the loss
    const entering = new Float64Array(half);
    let loss = 0;
    let right = 0;
    /** @param {number} t */
    const enter = (t) => {
      entering.fill(0);
      if (!o.every && t < o.T) return;
      loss += this.#read(p, states[t], 1 / read);
      entering.set(head.open.values[head.gradients.h]);
      for (const name of ["W_hy", "b_y"]) add(total[name], head.open.values[head.gradients[name]]);
      if (t === o.T) right = this.#rightOf(p, states[t], y);
    };

    // BPTT: from the last step to the first, with the gradient of the state after each.
    const found = { h: zeros(o.T), c: inner.c === undefined ? null : zeros(o.T), enters: zeros(o.T) };
    /** @type {Float64Array[]} */
    const terms = [];
    const g = new Float64Array(width);
    for (let t = o.T; t >= 1; t -= 1) {
      const { values, run, forward } = tapes[t - 1];
      enter(t);
      for (let i = 0; i < half; i += 1) g[i] += entering[i];
      values[seed].set(g);
      run(forward);
      found.enters[t - 1] = norm(entering);
      found.h[t - 1] = norm(g, 0, half);
      if (found.c) found.c[t - 1] = norm(values[inner.c]);
      for (const name of WEIGHTS) {
        const part = values[gradients[name]];
        add(total[name], part);
        if (name === "W_hh") terms.push(Float64Array.from(part));
      }
      g.set(values[gradients.state]);
    }
    const carried = o.every ? this.#carried(o, p, states[o.T]) : (found.c ?? found.h);

    const size = norm(total.W_hh);
    const shares = terms.reverse().map((term) => (size ? product(term, total.W_hh) / size ** 2 : 0));
    return { loss, right, gradients: total, ...found, carried, terms: shares, size };
  }

  /** How often the largest output is the right one. @param {Arrays} p @param {Float64Array} state @param {Uint8Array} y */
  #rightOf(p, state, y) {
    const { batch, classes, hidden } = this.sizes;
    let right = 0;
    for (let n = 0; n < batch; n += 1) {
      const scores = Array.from({ length: classes }, (_, k) => {
        let sum = p.b_y[k];
        for (let j = 0; j < hidden; j += 1) sum += p.W_hy[k * hidden + j] * state[n * hidden + j];
        return sum;
      });
      right += Number(scores.indexOf(Math.max(...scores)) === y[n]) / batch;
    }
    return right;
  }

  /** What is left at each step of the last step's gradient alone, whatever enters in between; after a pass. @param {Options} o @param {Arrays} p @param {Float64Array} last */
  #carried(o, p, last) {
    const { tapes, gradients, inner, seed } = this.step(o);
    const carried = zeros(o.T);
    this.#read(p, last, 1 / o.T);
    const g = new Float64Array(last.length);
    g.set(this.head.open.values[this.head.gradients.h]);
    for (let t = o.T; t >= 1; t -= 1) {
      const { values, run, forward } = tapes[t - 1];
      values[seed].set(g);
      run(forward);
      carried[t - 1] = norm(inner.c === undefined ? g : values[inner.c]);
      g.set(values[gradients.state]);
    }
    return carried;
  }
}

/** @param {Float64Array} total @param {ArrayLike<number>} part */
export function add(total, part) {
  for (let i = 0; i < part.length; i += 1) total[i] += part[i];
}

/** @param {ArrayLike<number>} one @param {ArrayLike<number>} other */
function product(one, other) {
  let sum = 0;
  for (let i = 0; i < one.length; i += 1) sum += one[i] * other[i];
  return sum;
}

/** @param {number} n @returns {number[]} */
const zeros = (n) => new Array(n).fill(0);

/** Adam (Kingma & Ba 2015), after the gradient was clipped to the norm 1 if that is asked for. */
export class Adam {
  /** @param {Arrays} p */
  constructor(p) {
    this.count = 0;
    this.means = Object.entries(p).map(([name, values]) => ({
      name, first: new Float64Array(values.length), second: new Float64Array(values.length),
    }));
  }

  /** @param {Arrays} p @param {Arrays} gradients @param {Options} o */
  step(p, gradients, o) {
    this.count += 1;
    const size = Math.sqrt(Object.values(gradients).reduce((sum, g) => sum + norm(g) ** 2, 0));
    const factor = o.clip ? Math.min(1, 1 / (size + 1e-6)) : 1; // as clip_grad_norm_
    const [one, two] = [1 - 0.9 ** this.count, 1 - 0.999 ** this.count];
    for (const { name, first, second } of this.means) {
      const [values, g] = [p[name], gradients[name]];
      for (let i = 0; i < g.length; i += 1) {
        const d = g[i] * factor;
        first[i] += 0.1 * (d - first[i]);
        second[i] += 0.001 * (d * d - second[i]);
        values[i] -= (10 ** o.rate * (first[i] / one)) / (Math.sqrt(second[i] / two) + 1e-8);
      }
    }
  }
}
