// The tape: a graph and its backward pass as instructions on plain arrays, run again on other numbers (see tape.py).
// It knows nothing of a page, of shapes or of derivatives; no code is made at run time.

/**
 * @typedef {Float64Array | Float32Array | Uint8Array} Values
 * @typedef {() => unknown} Instruction
 * @typedef {number[] | {first: number, axes: [number, number][]}} Places  entries by number; or the first, and size and step of every axis
 * @typedef {{names: string[], sizes: number[], kinds: string, code: [number, number, number[], any?][],
 *   leaves: Record<string, number[] | string>, forward: number}} Written  as tape.py writes it
 */

/** @type {Record<string, Float64ArrayConstructor | Float32ArrayConstructor | Uint8ArrayConstructor>} */
const ARRAYS = { d: Float64Array, f: Float32Array, i: Float64Array, b: Uint8Array };

/** @param {number} a @param {number} b */
const larger = (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : a > b ? a : b);
/** @param {number} a @param {number} b */
const smaller = (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : a < b ? a : b);

/** As Python's: the sign of the divisor. @param {number} a @param {number} b */
function remainder(a, b) {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** @param {number} a @param {number} b */
function quotient(a, b) {
  const rest = a % b;
  const whole = (a - rest) / b;
  return b === 0 ? a / b : Math.round(rest !== 0 && rest < 0 !== b < 0 ? whole - 1 : whole);
}

/** Halves go to the even neighbour. @param {number} x */
function even(x) {
  const floor = Math.floor(x);
  const over = x - floor;
  return over < 0.5 || (over === 0.5 && floor % 2 === 0) ? floor : over >= 0.5 ? floor + 1 : x;
}

// Rational approximations by W. J. Cody, Mathematics of Computation 23 (1969), highest power first.
const NEAR = [
  [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
  [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
];
const MIDDLE = [
  [
    2.1531153547440383e-08, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
    881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
  ],
  [
    1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
    4362.619090143247, 3439.3676741437216, 1230.3393548037495,
  ],
];
/** @param {number[][]} parts @param {number} z */
const ratio = (parts, z) => parts.map((each) => each.reduce((sum, c) => sum * z + c, 0)).reduce((p, q) => p / q);

/** @param {number} x */
function erf(x) {
  const size = Math.abs(x);
  if (Number.isNaN(size)) return size;
  if (size <= 0.46875) return x * ratio(NEAR, x * x);
  return Math.sign(x) * (size < 6 ? 1 - Math.exp(-size * size) * ratio(MIDDLE, size) : 1);
}

/** Exact also where it is small, by a continued fraction (Abramowitz & Stegun, 7.1.14). @param {number} x @returns {number} */
function erfc(x) {
  if (x < 0) return 2 - erfc(-x);
  if (!(x > 4)) return x <= 0.46875 ? 1 - erf(x) : Math.exp(-x * x) * ratio(MIDDLE, x);
  let below = x;
  for (let k = 40; k > 0; k -= 1) below = x + k / 2 / below;
  return Math.exp(-x * x) / (below * Math.sqrt(Math.PI));
}

/** The logarithm of a sum of powers of a base. @param {number} a @param {number} b @param {number} base */
function sumOfPowers(a, b, base) {
  if (a === b) return a + Math.LN2 / Math.log(base);
  return Number.isNaN(a - b) ? NaN : Math.max(a, b) + Math.log1p(base ** -Math.abs(a - b)) / Math.log(base);
}

/** @param {number} x */
const isBelow = (x) => x < 0 || Object.is(x, -0);

/** @param {boolean} condition */
const truth = (condition) => (condition ? 1 : 0);

/** Entry by entry; the most common ones, for which a call for every entry is too slow, below. Truth values are 0 and 1. @type {Record<string, (a: number, b: number, c: number) => number>} */
const ENTRYWISE = {
  floor_divide: quotient,
  remainder,
  pow: (a, b) => (b === 2 ? a * a : a === 1 ? 1 : a ** b),
  exp: Math.exp, expm1: Math.expm1, log: Math.log, log1p: Math.log1p, log2: Math.log2, log10: Math.log10,
  sqrt: Math.sqrt, sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh, cosh: Math.cosh,
  asin: Math.asin, acos: Math.acos, atan: Math.atan, asinh: Math.asinh, acosh: Math.acosh, atanh: Math.atanh,
  exp2: (x) => 2 ** x, hypot: (a, b) => Math.hypot(a, b), fmod: (a, b) => a % b,
  sinc: (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)),
  logaddexp: (a, b) => sumOfPowers(a, b, Math.E), logaddexp2: (a, b) => sumOfPowers(a, b, 2),
  xlogy: (a, b) => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b)),
  copysign: (a, b) => (isBelow(b) ? -Math.abs(a) : Math.abs(a)), signbit: (x) => truth(isBelow(x)),
  fmax: (a, b) => (a >= b || Number.isNaN(b) ? a : b), fmin: (a, b) => (a <= b || Number.isNaN(b) ? a : b),
  heaviside: (a, b) => (a === 0 ? b : truth(a > 0)),
  atan2: Math.atan2, abs: Math.abs, floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc,
  erf, erfc,
  softplus: (x) => (x === Infinity ? x : Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  maximum: larger,
  minimum: smaller,
  where: (condition, a, b) => (condition ? a : b),
  sign: (x) => truth(x > 0) - truth(x < 0),
  eq: (a, b) => truth(a === b), ne: (a, b) => truth(a !== b),
  lt: (a, b) => truth(a < b), le: (a, b) => truth(a <= b), gt: (a, b) => truth(a > b), ge: (a, b) => truth(a >= b),
  // NaN is true, as in C
  logical_and: (a, b) => truth(a !== 0 && b !== 0), logical_or: (a, b) => truth(a !== 0 || b !== 0),
  logical_xor: (a, b) => truth((a === 0) !== (b === 0)), logical_not: (a) => truth(a === 0),
  bitwise_and: (a, b) => a & b, bitwise_or: (a, b) => a | b, bitwise_xor: (a, b) => a ^ b,
  isnan: (x) => truth(Number.isNaN(x)), isinf: (x) => truth(Math.abs(x) === Infinity),
  isposinf: (x) => truth(x === Infinity), isneginf: (x) => truth(x === -Infinity),
  isfinite: (x) => truth(Number.isFinite(x)),
};

/** Entry by entry, by an option or the kind of the result. @type {Record<string, (option: any, kind: string) => (x: number) => number>} */
const CHOSEN = {
  round: (decimals) => (x) => even(x * 10 ** (decimals ?? 0)) / 10 ** (decimals ?? 0),
  to: (_, kind) => (kind === "i" ? Math.trunc : kind === "b" ? (x) => truth(x !== 0) : (x) => x),
  bitwise_not: (_, kind) => (kind === "b" ? (x) => truth(x === 0) : (x) => -x - 1),
};

/** Where entries come from, or go to. @param {Places} map */
function places(map) {
  if (Array.isArray(map)) return Int32Array.from(map);
  let found = Int32Array.of(map.first);
  for (const [size, step] of map.axes) {
    const next = new Int32Array(found.length * size);
    for (let n = 0; n < next.length; n += 1) next[n] = found[Math.floor(n / size)] + (n % size) * step;
    found = next;
  }
  return found;
}

/**
 * A function without arguments that does something for every row of n entries.
 *
 * @param {number} length
 * @param {number} n
 * @param {(start: number, end: number, row: number) => unknown} f
 */
function rows(length, n, f) {
  return () => {
    for (let start = 0, row = 0; start < length; start += n, row += 1) f(start, start + n, row);
  };
}

/** Where the largest entry is, or the first that is NaN. @param {Values} x @param {number} start @param {number} end */
function largestAt(x, start, end) {
  let best = start;
  for (let i = start; i < end; i += 1) {
    if (Number.isNaN(x[i])) return i;
    if (x[i] > x[best]) best = i;
  }
  return best;
}

/** Of how many entries in a row the place is the same. @param {Places} map */
function runOf(map) {
  const last = Array.isArray(map) ? null : map.axes[map.axes.length - 1];
  return last && last[1] === 0 ? last[0] : 1;
}

/** An argument with a single entry meets every entry of the others: its places are these, and'ed with 0. @param {Values} x @param {Values} y */
const mask = (x, y) => (x.length === 1 && y.length !== 1 ? 0 : -1);

// Loops that are run most are functions of arrays: what a closure holds is looked up at every turn, what it was given is not.

/** @type {Record<string, (y: Values, a: Values, b: Values, i: number, j: number) => void>} */
const ARITHMETIC = {
  add(y, a, b, i, j) { for (let t = 0; t < y.length; t += 1) y[t] = a[t & i] + b[t & j]; },
  sub(y, a, b, i, j) { for (let t = 0; t < y.length; t += 1) y[t] = a[t & i] - b[t & j]; },
  mul(y, a, b, i, j) { for (let t = 0; t < y.length; t += 1) y[t] = a[t & i] * b[t & j]; },
  div(y, a, b, i, j) { for (let t = 0; t < y.length; t += 1) y[t] = a[t & i] / b[t & j]; },
  neg(y, a) { for (let t = 0; t < y.length; t += 1) y[t] = -a[t]; },
  tanh(y, a) { for (let t = 0; t < y.length; t += 1) y[t] = Math.tanh(a[t]); },
  sigmoid(y, a) { for (let t = 0; t < y.length; t += 1) y[t] = 1 / (1 + Math.exp(-a[t])); },
};

/** @param {Values} y @param {Values} x @param {Int32Array} from */
function gather(y, x, from) {
  for (let i = 0; i < from.length; i += 1) y[i] = x[from[i]];
}

/** Every place for n entries. @param {Values} y @param {Values} x @param {Int32Array} from @param {number} n */
function spread(y, x, from, n) {
  for (let i = 0, start = 0; start < y.length; i += n, start += n) y.fill(x[from[i]], start, start + n);
}

/** Added up by n entries that have the same place. @param {Values} y @param {Values} x @param {Int32Array} to @param {number} n */
function collect(y, x, to, n) {
  for (let i = 0; i < to.length; ) {
    const place = to[i];
    let sum = 0;
    for (const end = i + n; i < end; i += 1) sum += x[i];
    y[place] += sum;
  }
}

/** Four columns at once: every entry of a is read for four products. @param {Values} y @param {Values} a @param {Values} b @param {number} m @param {number} k @param {number} n */
function multiply(y, a, b, m, k, n) {
  for (let row = 0, at = 0; at < y.length; row += 1, at += n) {
    const first = row * k;
    const start = Math.floor(row / m) * k * n;
    let column = 0;
    for (; column + 3 < n; column += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let i = 0, j = start + column; i < k; i += 1, j += n) {
        const factor = a[first + i];
        s0 += factor * b[j];
        s1 += factor * b[j + 1];
        s2 += factor * b[j + 2];
        s3 += factor * b[j + 3];
      }
      y[at + column] = s0;
      y[at + column + 1] = s1;
      y[at + column + 2] = s2;
      y[at + column + 3] = s3;
    }
    for (; column < n; column += 1) {
      let sum = 0;
      for (let i = 0; i < k; i += 1) sum += a[first + i] * b[start + i * n + column];
      y[at + column] = sum;
    }
  }
}

/** Instructions that are no function of single entries. @type {Record<string, (y: Values, xs: Values[], option: any) => Instruction | null>} */
const BUILD = {
  take(y, xs, map) {
    const from = places(map);
    if (xs.length === 1) {
      const [x] = xs;
      const n = runOf(map);
      return n > 1 ? () => spread(y, x, from, n) : () => gather(y, x, from);
    }
    const owner = new Int32Array(from.length);
    const inside = new Int32Array(from.length);
    const starts = [0];
    for (const x of xs) starts.push(starts[starts.length - 1] + x.length);
    from.forEach((place, i) => {
      owner[i] = starts.findIndex((start, k) => place >= start && place < starts[k + 1]);
      inside[i] = place - starts[owner[i]];
    });
    return () => {
      for (let i = 0; i < y.length; i += 1) y[i] = xs[owner[i]][inside[i]];
    };
  },
  // Added up in double precision.
  sum(y, [x], map) {
    const to = places(map);
    const n = runOf(map);
    const total = y instanceof Float32Array ? new Float64Array(y.length) : y;
    return () => {
      total.fill(0);
      collect(total, x, to, n);
      if (total !== y) y.set(total);
    };
  },
  matmul: (y, [a, b], [m, k, n]) => () => multiply(y, a, b, m, k, n),
  amax: (y, [x], n) => rows(x.length, n, (start, end, row) => (y[row] = x[largestAt(x, start, end)])),
  argmax: (y, [x], n) => rows(x.length, n, (start, end, row) => (y[row] = largestAt(x, start, end) - start)),
  // y_t = a_t y_(t-1) + b_t
  recurrence(y, [a, b], [n]) {
    return rows(b.length, n, (start, end) => {
      y[start] = b[start];
      for (let t = start + 1; t < end; t += 1) y[t] = a[t] * y[t - 1] + b[t];
    });
  },
  argsort(y, [x], [n, descending]) {
    const size = descending ? -1 : 1;
    return rows(x.length, n, (start) => {
      const order = Array.from({ length: n }, (_, i) => i);
      order.sort((i, j) => size * (x[start + i] - x[start + j]) || i - j);
      y.set(order, start);
    });
  },
};

/** @param {string} name @param {Values} y @param {string} kind @param {Values[]} xs @param {any} option @returns {Instruction} */
function builder(name, y, kind, xs, option) {
  const built = BUILD[name]?.(y, xs, option);
  if (built) return built;
  const [a, b = a, c = a] = xs;
  const [i, j, k] = [a, b, c].map((x) => mask(x, y));
  const loop = ARITHMETIC[name];
  if (loop) return () => loop(y, a, b, i, j);
  const f = ENTRYWISE[name] ?? CHOSEN[name]?.(option, kind);
  if (!f) throw new Error(`the page cannot compute ${name}`);
  return () => {
    for (let t = 0; t < y.length; t += 1) y[t] = f(a[t & i], b[t & j], c[t & k]);
  };
}

/** @param {number[] | string} given @param {string} kind @returns {ArrayLike<number>} */
function unpacked(given, kind) {
  if (Array.isArray(given)) return given;
  const bytes = Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0));
  return new ARRAYS[kind](bytes.buffer);
}

/**
 * A tape ready to run. `values[number]` are typed arrays, to be read and, those of leaves, to be written;
 * `run()` computes all, `run(0, forward)` the values without the gradients.
 *
 * @param {Written} tape
 * @param {{values: Values[]}} [beside]  opened from the same: this one keeps values of its own, and writes gradients over its
 */
export function openTape({ names, sizes, kinds, code, leaves, forward }, beside) {
  const passing = new Set(beside && code.slice(forward).map(([, result]) => result));
  const values = sizes.map((size, number) =>
    beside && passing.has(number) ? beside.values[number] : new ARRAYS[kinds[number]](size),
  );
  for (const [number, given] of Object.entries(leaves)) values[Number(number)].set(unpacked(given, kinds[Number(number)]));
  const program = code.map(([name, result, args, option]) =>
    builder(names[name], values[result], kinds[result], args.map((arg) => values[arg]), option),
  );
  return {
    values,
    forward,
    run(from = 0, to = program.length) {
      for (let n = from; n < to; n += 1) program[n]();
    },
  };
}
