// The tape: a graph and its backward pass as instructions on plain arrays, run again on other numbers (see tape.py).
// It knows nothing of a page, of shapes or of derivatives; no code is made at run time.

const ARRAYS = { d: Float64Array, f: Float32Array, i: Float64Array, b: Uint8Array };

const larger = (a, b) => (a !== a || b !== b ? NaN : a > b ? a : b);
const smaller = (a, b) => (a !== a || b !== b ? NaN : a < b ? a : b);

// As Python's: the sign of the divisor.
function remainder(a, b) {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function quotient(a, b) {
  const rest = a % b;
  const whole = (a - rest) / b;
  return b === 0 ? a / b : Math.round(rest !== 0 && rest < 0 !== b < 0 ? whole - 1 : whole);
}

// Halves go to the even neighbour.
function even(x) {
  const floor = Math.floor(x);
  const over = x - floor;
  return over < 0.5 || (over === 0.5 && floor % 2 === 0) ? floor : over >= 0.5 ? floor + 1 : x;
}

// Rational approximations by W. J. Cody, Mathematics of Computation 23 (1969), highest power first.
const NEAR = [
  [1.85777706184603153e-1, 3.1611237438705656, 1.1386415415105016e2, 3.77485237685302e2, 3.2093775891384695e3],
  [1, 2.3601290952344121e1, 2.4402463793444417e2, 1.2826165260773723e3, 2.8442368334391706e3],
];
const MIDDLE = [
  [
    2.1531153547440385e-8, 5.6418849698867009e-1, 8.8831497943883759, 6.6119190637141629e1, 2.9863513819740013e2,
    8.8195222124176909e2, 1.7120476126340707e3, 2.0510783778260715e3, 1.2303393547979972e3,
  ],
  [
    1, 1.5744926110709835e1, 1.1769395089131250e2, 5.3718110186200986e2, 1.6213895745666903e3, 3.2907992357334596e3,
    4.3626190901432472e3, 3.4393676741437217e3, 1.2303393548037494e3,
  ],
];
const ratio = (parts, z) => parts.map((each) => each.reduce((sum, c) => sum * z + c, 0)).reduce((p, q) => p / q);

function erf(x) {
  const size = Math.abs(x);
  if (size !== size) return size;
  if (size <= 0.46875) return x * ratio(NEAR, x * x);
  return Math.sign(x) * (size < 6 ? 1 - Math.exp(-size * size) * ratio(MIDDLE, size) : 1);
}

// Entry by entry. Truth values are 0 and 1.
const ENTRYWISE = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  floor_divide: quotient,
  remainder,
  pow: (a, b) => (b === 2 ? a * a : a === 1 ? 1 : a ** b),
  exp: Math.exp, expm1: Math.expm1, log: Math.log, log1p: Math.log1p, log2: Math.log2, log10: Math.log10,
  sqrt: Math.sqrt, sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh,
  atan2: Math.atan2, abs: Math.abs, floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc,
  erf,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => (x === Infinity ? x : Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  maximum: larger,
  minimum: smaller,
  where: (condition, a, b) => (condition ? a : b),
  sign: (x) => (x > 0) - (x < 0),
  eq: (a, b) => +(a === b), ne: (a, b) => +(a !== b),
  lt: (a, b) => +(a < b), le: (a, b) => +(a <= b), gt: (a, b) => +(a > b), ge: (a, b) => +(a >= b),
  logical_and: (a, b) => +(!!a && !!b), logical_or: (a, b) => +(!!a || !!b),
  logical_xor: (a, b) => +(!a !== !b), logical_not: (a) => +!a,
  bitwise_and: (a, b) => a & b, bitwise_or: (a, b) => a | b, bitwise_xor: (a, b) => a ^ b,
  isnan: (x) => +(x !== x), isinf: (x) => +(Math.abs(x) === Infinity), isfinite: (x) => +Number.isFinite(x),
};

// Entry by entry, by a function that depends on an option or on the kind of the result.
const CHOSEN = {
  round: (decimals = 0) => (x) => even(x * 10 ** decimals) / 10 ** decimals,
  to: (_, kind) => ({ i: Math.trunc, b: (x) => +(x !== 0) })[kind] ?? ((x) => x),
  bitwise_not: (_, kind) => (kind === "b" ? (x) => +!x : (x) => -x - 1),
};

// Where entries come from, or go to: one by one, or first and [size, step] of every axis.
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

// A function without arguments for every row of n entries; `f` gets where it begins, its end, and its number.
function rows(length, n, f) {
  return () => {
    for (let start = 0, row = 0; start < length; start += n, row += 1) f(start, start + n, row);
  };
}

function largestAt(x, start, end) {
  let best = start;
  for (let i = start; i < end; i += 1) {
    if (x[i] !== x[i]) return i;
    if (x[i] > x[best]) best = i;
  }
  return best;
}

// Instructions that are no function of single entries: what fills `y` from the arguments `xs`.
const BUILD = {
  take(y, xs, map) {
    const from = places(map);
    if (xs.length === 1) {
      const [x] = xs;
      return () => {
        for (let i = 0; i < y.length; i += 1) y[i] = x[from[i]];
      };
    }
    const owner = new Int32Array(from.length);
    const inside = new Int32Array(from.length);
    const starts = [0];
    for (const x of xs) starts.push(starts.at(-1) + x.length);
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
    const total = y instanceof Float32Array ? new Float64Array(y.length) : y;
    return () => {
      total.fill(0);
      for (let i = 0; i < to.length; i += 1) total[to[i]] += x[i];
      if (total !== y) y.set(total);
    };
  },
  matmul(y, [a, b], [m, k, n]) {
    return () => {
      for (let row = 0, at = 0; at < y.length; row += 1) {
        const b0 = Math.floor(row / m) * k * n;
        for (let column = 0; column < n; column += 1, at += 1) {
          let sum = 0;
          for (let i = 0; i < k; i += 1) sum += a[row * k + i] * b[b0 + i * n + column];
          y[at] = sum;
        }
      }
    };
  },
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
    return rows(x.length, n, (start, end) => {
      const order = Array.from({ length: n }, (_, i) => i);
      order.sort((i, j) => size * (x[start + i] - x[start + j]) || i - j);
      y.set(order, start);
    });
  },
};

function builder(name, y, kind, xs, option) {
  if (BUILD[name]) return BUILD[name](y, xs, option);
  const f = ENTRYWISE[name] ?? CHOSEN[name]?.(option, kind);
  if (!f) throw new Error(`the page cannot compute ${name}`);
  const [a, b, c] = xs;
  // An argument with a single entry meets every entry of the others.
  const [i, j, k] = xs.map((x) => (x.length === 1 && y.length !== 1 ? 0 : 1));
  const n = y.length;
  if (xs.length === 1) return () => { for (let t = 0; t < n; t += 1) y[t] = f(a[t * i]); };
  if (xs.length === 2) return () => { for (let t = 0; t < n; t += 1) y[t] = f(a[t * i], b[t * j]); };
  return () => { for (let t = 0; t < n; t += 1) y[t] = f(a[t * i], b[t * j], c[t * k]); };
}

function unpacked(given, kind) {
  if (Array.isArray(given)) return given;
  const bytes = Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0));
  return new ARRAYS[kind](bytes.buffer);
}

/**
 * A tape ready to run. `values[number]` are typed arrays, to be read and, those of leaves, to be written;
 * `run()` computes all, `run(0, forward)` the values without the gradients.
 */
export function openTape({ names, sizes, kinds, code, leaves, forward }) {
  const values = sizes.map((size, number) => new ARRAYS[kinds[number]](size));
  for (const [number, given] of Object.entries(leaves)) values[number].set(unpacked(given, kinds[number]));
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
