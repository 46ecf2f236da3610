// Made by web/build.js from web/play/main.js and what it imports: change it there.
"use strict";
(() => {
  // core/numbers.js
  function rounded(x, decimals, write2) {
    const power = write2 === "toFixed" ? 0 : Math.floor(Math.log10(Math.abs(x)));
    const part = Math.abs(x) / 10 ** power * 10 ** decimals;
    if (Math.abs(part - Math.floor(part) - 0.5) > 1e-6) return x[write2](decimals);
    const [mantissa, exponent] = x[write2](decimals + 25).split("e");
    const kept = mantissa.slice(0, mantissa.length - 25);
    if (!/^50*$/.test(mantissa.slice(-25)) || !/[02468]\.?$/.test(kept)) return x[write2](decimals);
    return exponent === void 0 ? kept.replace(/\.$/, "") : `${kept}e${exponent}`;
  }
  function number(x, whole = false, digits = 3) {
    if (typeof x === "string") return x;
    if (x === 0) return "0";
    const size = Math.abs(x);
    if (whole && size < 1e6) return String(x);
    if (size >= 1e-3 && size < 1e4) {
      const decimals = Math.min(4, Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
      const text2 = rounded(x, decimals, "toFixed");
      if (Math.abs(Number(text2)) < 1e4) return text2.includes(".") ? text2.replace(/\.?0+$/, "") : text2;
    }
    return rounded(x, 1, "toExponential").replace("+", "");
  }

  // core/flow.js
  var LIMITS = (
    /** @type {[number, string][]} */
    [
      [1e-3, "vanishes"],
      [0.1, "shrinks"],
      [10, "keeps its size"],
      [1e3, "grows"]
    ]
  );
  function judged(sizes, times = sizes.map((_, n) => n + 1), whole = sizes) {
    const broken = sizes.map((size, n) => Number.isFinite(size) && Number.isFinite(whole[n])).lastIndexOf(false);
    if (broken >= 0) return { word: `broken: NaN or infinite gradients from t = ${times[broken]}`, total: NaN, factor: NaN };
    const last = sizes[sizes.length - 1];
    const total = last ? sizes[0] / last : 1;
    const factor = total ** (1 / Math.max(1, sizes.length - 1));
    if (total === 0) return { word: `exactly 0 before t = ${times[sizes.findIndex((size) => size > 0)]}`, total, factor };
    return { word: LIMITS.find(([limit]) => total < limit)?.[1] ?? "explodes", total, factor };
  }

  // core/questions.js
  var REACH = ["less than a thousandth", "between a thousandth and ten times", "more than ten times as much"];
  var reach = (total) => total < 1e-3 ? 0 : total <= 10 ? 1 : 2;
  var QUESTIONS = [
    {
      text: "tanh, 30 steps, a radius of 0.5: how much of the last step's gradient reaches the first?",
      settings: { cell: "tanh", T: 30, radius: 0.5 },
      answers: REACH,
      right: reach,
      why: "Every step back multiplies by W_hh transposed and by tanh\u2032, which is at most 1: a power of 0.5 at best."
    },
    {
      text: "The radius is now 1, so that W_hh alone keeps every length. And through tanh?",
      settings: { cell: "tanh", T: 30, radius: 1 },
      answers: REACH,
      right: reach,
      why: "tanh\u2032 is 1 only at 0 and smaller everywhere else: a little is lost in every step, and 29 steps add up."
    },
    {
      text: "ReLU instead of tanh, radius 1.7. Its derivative is 0 or 1.",
      settings: { cell: "relu", T: 30, radius: 1.7 },
      answers: REACH,
      right: reach,
      why: "Where a unit is on, ReLU passes all on: nothing holds back a matrix that makes every length larger."
    },
    {
      text: "An LSTM as one starts it, with a bias of 0: its forget gates are half open. What does c carry over 40 steps?",
      settings: { cell: "lstm", T: 40, radius: 1, forget: 0 },
      answers: REACH,
      right: reach,
      why: "c is multiplied by f in every step, and so is its gradient: about one half, forty times over."
    },
    {
      text: "The same LSTM with a bias of 4 (f is 0.98).",
      settings: { cell: "lstm", T: 40, radius: 1, forget: 4 },
      answers: REACH,
      right: reach,
      why: "A gate that is open lets the gradient of c through as it is. That is what the LSTM is made for."
    },
    {
      text: "tanh, radius 0.9, 40 steps, and the loss is read at every step. Which steps make up most of dL/dW_hh?",
      settings: { cell: "tanh", T: 40, radius: 0.9, every: true },
      answers: ["the last five", "all alike, none is much larger", "the first five"],
      right: (_, { terms }) => {
        const size = (some) => some.reduce((sum, x) => sum + Math.abs(x), 0);
        const [first, last, all] = [size(terms.slice(0, 5)), size(terms.slice(-5)), size(terms)];
        return last > all / 2 ? 0 : first > all / 2 ? 2 : 1;
      },
      why: "A loss at every step gives every step a gradient of its own, near by: the picture looks healthy, and still nothing of the last step reaches the first."
    }
  ];

  // core/tape.js
  var ARRAYS = { d: Float64Array, f: Float32Array, i: Float64Array, b: Uint8Array };
  var larger = (a, b) => Number.isNaN(a) || Number.isNaN(b) ? NaN : a > b ? a : b;
  var smaller = (a, b) => Number.isNaN(a) || Number.isNaN(b) ? NaN : a < b ? a : b;
  function remainder(a, b) {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  }
  function quotient(a, b) {
    const rest = a % b;
    const whole = (a - rest) / b;
    return b === 0 ? a / b : Math.round(rest !== 0 && rest < 0 !== b < 0 ? whole - 1 : whole);
  }
  function even(x) {
    const floor = Math.floor(x);
    const over = x - floor;
    return over < 0.5 || over === 0.5 && floor % 2 === 0 ? floor : over >= 0.5 ? floor + 1 : x;
  }
  var NEAR = [
    [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
    [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171]
  ];
  var MIDDLE = [
    [
      21531153547440383e-24,
      0.5641884969886701,
      8.883149794388377,
      66.11919063714163,
      298.6351381974001,
      881.952221241769,
      1712.0476126340707,
      2051.0783778260716,
      1230.3393547979972
    ],
    [
      1,
      15.744926110709835,
      117.6939508913125,
      537.1811018620099,
      1621.3895745666903,
      3290.7992357334597,
      4362.619090143247,
      3439.3676741437216,
      1230.3393548037495
    ]
  ];
  var ratio = (parts, z) => parts.map((each) => each.reduce((sum, c) => sum * z + c, 0)).reduce((p, q) => p / q);
  function erf(x) {
    const size = Math.abs(x);
    if (Number.isNaN(size)) return size;
    if (size <= 0.46875) return x * ratio(NEAR, x * x);
    return Math.sign(x) * (size < 6 ? 1 - Math.exp(-size * size) * ratio(MIDDLE, size) : 1);
  }
  function erfc(x) {
    if (x < 0) return 2 - erfc(-x);
    if (!(x > 4)) return x <= 0.46875 ? 1 - erf(x) : Math.exp(-x * x) * ratio(MIDDLE, x);
    let below = x;
    for (let k = 40; k > 0; k -= 1) below = x + k / 2 / below;
    return Math.exp(-x * x) / (below * Math.sqrt(Math.PI));
  }
  function sumOfPowers(a, b, base) {
    if (a === b) return a + Math.LN2 / Math.log(base);
    return Number.isNaN(a - b) ? NaN : Math.max(a, b) + Math.log1p(base ** -Math.abs(a - b)) / Math.log(base);
  }
  var isBelow = (x) => x < 0 || Object.is(x, -0);
  var truth = (condition) => condition ? 1 : 0;
  var ENTRYWISE = {
    floor_divide: quotient,
    remainder,
    pow: (a, b) => b === 2 ? a * a : a === 1 ? 1 : a ** b,
    exp: Math.exp,
    expm1: Math.expm1,
    log: Math.log,
    log1p: Math.log1p,
    log2: Math.log2,
    log10: Math.log10,
    sqrt: Math.sqrt,
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    sinh: Math.sinh,
    cosh: Math.cosh,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    asinh: Math.asinh,
    acosh: Math.acosh,
    atanh: Math.atanh,
    exp2: (x) => 2 ** x,
    hypot: (a, b) => Math.hypot(a, b),
    fmod: (a, b) => a % b,
    sinc: (x) => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x),
    logaddexp: (a, b) => sumOfPowers(a, b, Math.E),
    logaddexp2: (a, b) => sumOfPowers(a, b, 2),
    xlogy: (a, b) => a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b),
    copysign: (a, b) => isBelow(b) ? -Math.abs(a) : Math.abs(a),
    signbit: (x) => truth(isBelow(x)),
    fmax: (a, b) => a >= b || Number.isNaN(b) ? a : b,
    fmin: (a, b) => a <= b || Number.isNaN(b) ? a : b,
    heaviside: (a, b) => a === 0 ? b : truth(a > 0),
    atan2: Math.atan2,
    abs: Math.abs,
    floor: Math.floor,
    ceil: Math.ceil,
    trunc: Math.trunc,
    erf,
    erfc,
    softplus: (x) => x === Infinity ? x : Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    maximum: larger,
    minimum: smaller,
    where: (condition, a, b) => condition ? a : b,
    sign: (x) => truth(x > 0) - truth(x < 0),
    eq: (a, b) => truth(a === b),
    ne: (a, b) => truth(a !== b),
    lt: (a, b) => truth(a < b),
    le: (a, b) => truth(a <= b),
    gt: (a, b) => truth(a > b),
    ge: (a, b) => truth(a >= b),
    // NaN is true, as in C
    logical_and: (a, b) => truth(a !== 0 && b !== 0),
    logical_or: (a, b) => truth(a !== 0 || b !== 0),
    logical_xor: (a, b) => truth(a === 0 !== (b === 0)),
    logical_not: (a) => truth(a === 0),
    bitwise_and: (a, b) => a & b,
    bitwise_or: (a, b) => a | b,
    bitwise_xor: (a, b) => a ^ b,
    isnan: (x) => truth(Number.isNaN(x)),
    isinf: (x) => truth(Math.abs(x) === Infinity),
    isposinf: (x) => truth(x === Infinity),
    isneginf: (x) => truth(x === -Infinity),
    isfinite: (x) => truth(Number.isFinite(x))
  };
  var CHOSEN = {
    round: (decimals) => (x) => even(x * 10 ** (decimals ?? 0)) / 10 ** (decimals ?? 0),
    to: (_, kind) => kind === "i" ? Math.trunc : kind === "b" ? (x) => truth(x !== 0) : (x) => x,
    bitwise_not: (_, kind) => kind === "b" ? (x) => truth(x === 0) : (x) => -x - 1
  };
  function places(map) {
    if (Array.isArray(map)) return Int32Array.from(map);
    let found = Int32Array.of(map.first);
    for (const [size, step] of map.axes) {
      const next = new Int32Array(found.length * size);
      for (let n = 0; n < next.length; n += 1) next[n] = found[Math.floor(n / size)] + n % size * step;
      found = next;
    }
    return found;
  }
  function rows(length, n, f) {
    return () => {
      for (let start = 0, row = 0; start < length; start += n, row += 1) f(start, start + n, row);
    };
  }
  function largestAt(x, start, end) {
    let best = start;
    for (let i = start; i < end; i += 1) {
      if (Number.isNaN(x[i])) return i;
      if (x[i] > x[best]) best = i;
    }
    return best;
  }
  var stride = (x, y) => x.length === 1 && y.length !== 1 ? 0 : 1;
  var BUILD = {
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
      const total = y instanceof Float32Array ? new Float64Array(y.length) : y;
      return () => {
        total.fill(0);
        for (let i = 0; i < to.length; i += 1) total[to[i]] += x[i];
        if (total !== y) y.set(total);
      };
    },
    // Four columns at once: every entry of a is read for four products.
    matmul(y, [a, b], [m, k, n]) {
      return () => {
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
      };
    },
    add(y, [a, b]) {
      const [i, j] = [stride(a, y), stride(b, y)];
      return () => {
        for (let t = 0; t < y.length; t += 1) y[t] = a[t * i] + b[t * j];
      };
    },
    sub(y, [a, b]) {
      const [i, j] = [stride(a, y), stride(b, y)];
      return () => {
        for (let t = 0; t < y.length; t += 1) y[t] = a[t * i] - b[t * j];
      };
    },
    mul(y, [a, b]) {
      const [i, j] = [stride(a, y), stride(b, y)];
      return () => {
        for (let t = 0; t < y.length; t += 1) y[t] = a[t * i] * b[t * j];
      };
    },
    div(y, [a, b]) {
      const [i, j] = [stride(a, y), stride(b, y)];
      return () => {
        for (let t = 0; t < y.length; t += 1) y[t] = a[t * i] / b[t * j];
      };
    },
    neg: (y, [a]) => () => {
      for (let t = 0; t < y.length; t += 1) y[t] = -a[t];
    },
    tanh: (y, [a]) => () => {
      for (let t = 0; t < y.length; t += 1) y[t] = Math.tanh(a[t]);
    },
    sigmoid: (y, [a]) => () => {
      for (let t = 0; t < y.length; t += 1) y[t] = 1 / (1 + Math.exp(-a[t]));
    },
    amax: (y, [x], n) => rows(x.length, n, (start, end, row) => y[row] = x[largestAt(x, start, end)]),
    argmax: (y, [x], n) => rows(x.length, n, (start, end, row) => y[row] = largestAt(x, start, end) - start),
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
    }
  };
  function builder(name, y, kind, xs, option) {
    const built = BUILD[name]?.(y, xs, option);
    if (built) return built;
    const f = ENTRYWISE[name] ?? CHOSEN[name]?.(option, kind);
    if (!f) throw new Error(`the page cannot compute ${name}`);
    const [a, b = a, c = a] = xs;
    const [i, j, k] = [a, b, c].map((x) => stride(x, y));
    return () => {
      for (let t = 0; t < y.length; t += 1) y[t] = f(a[t * i], b[t * j], c[t * k]);
    };
  }
  function unpacked(given, kind) {
    if (Array.isArray(given)) return given;
    const bytes = Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0));
    return new ARRAYS[kind](bytes.buffer);
  }
  function openTape({ names, sizes, kinds, code, leaves, forward }) {
    const values = sizes.map((size, number2) => new ARRAYS[kinds[number2]](size));
    for (const [number2, given] of Object.entries(leaves)) values[Number(number2)].set(unpacked(given, kinds[Number(number2)]));
    const program = code.map(
      ([name, result, args, option]) => builder(names[name], values[result], kinds[result], args.map((arg) => values[arg]), option)
    );
    return {
      values,
      forward,
      run(from = 0, to = program.length) {
        for (let n = from; n < to; n += 1) program[n]();
      }
    };
  }

  // core/recall.js
  var WEIGHTS = ["W_xh", "W_hh", "b"];
  function random(seed) {
    let state2 = Math.trunc(seed);
    return () => {
      state2 = state2 + 1831565813 | 0;
      let t = Math.imul(state2 ^ state2 >>> 15, 1 | state2);
      t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
      return ((t ^ t >>> 14) >>> 0) / 4294967296;
    };
  }
  var normal = (draw) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  function norm(xs, start = 0, end = xs.length) {
    let sum = 0;
    for (let i = start; i < end; i += 1) sum += xs[i] * xs[i];
    return Math.sqrt(sum);
  }
  function orthogonal(n, draw) {
    const rows2 = [];
    for (let i = 0; i < n; i += 1) {
      const row = Float64Array.from({ length: n }, () => normal(draw));
      for (let pass = 0; pass < 2; pass += 1) {
        for (const other of rows2) {
          const along = row.reduce((sum, x, k) => sum + x * other[k], 0);
          for (let k = 0; k < n; k += 1) row[k] -= along * other[k];
        }
      }
      const size = norm(row);
      rows2.push(row.map((x) => x / size));
    }
    return rows2;
  }
  var Recall = class {
    /** @param {any} data */
    constructor(data) {
      this.data = data;
      this.sizes = data.sizes;
      this.head = { ...data.head, open: openTape(data.head.tape) };
      this.opened = {};
    }
    /** The step of a cell, and T tapes of it: each keeps what its time step computed. @param {Options} o */
    step(o) {
      const key = `${o.cell} ${o.norm}`;
      const step = this.data.steps[o.cell][Number(o.norm)];
      this.opened[key] ??= [];
      while (this.opened[key].length < o.T) this.opened[key].push(openTape(step.tape));
      return { ...step, tapes: this.opened[key] };
    }
    /** Weights to begin with: W_hh orthogonal times the radius, a block for each gate. @param {Options} o @returns {Arrays} */
    start(o) {
      const { symbols, classes, hidden } = this.sizes;
      const gates = this.data.gates[o.cell];
      const draw = random(1e3 + o.seed);
      const W_xh = Float64Array.from({ length: gates * hidden * symbols }, () => 0.5 * normal(draw));
      const W_hh = new Float64Array(gates * hidden * hidden);
      for (let gate = 0; gate < gates; gate += 1) {
        orthogonal(hidden, draw).forEach((row, i) => {
          W_hh.set(row.map((x) => o.radius * x), (gate * hidden + i) * hidden);
        });
      }
      const W_hy = Float64Array.from({ length: classes * hidden }, () => normal(draw) / Math.sqrt(hidden));
      const b = new Float64Array(gates * hidden);
      if (o.cell === "lstm") b.fill(o.forget, hidden, 2 * hidden);
      return { W_xh, W_hh, b, W_hy, b_y: new Float64Array(classes) };
    }
    /** Sequences that begin with the symbol to remember and go on with noise. @param {Options} o @param {() => number} draw @returns {Batch} */
    batch(o, draw) {
      const { batch, symbols, classes } = this.sizes;
      const y = Uint8Array.from({ length: batch }, () => Math.floor(draw() * classes));
      const x = Uint8Array.from(
        { length: o.T * batch },
        (_, n) => n < batch ? y[n] : classes + Math.floor(draw() * (symbols - classes))
      );
      return { x, y };
    }
    /** The loss after step t from its h: the loss, and into `enters` what it adds to dL/dh. @param {Arrays} p @param {Float64Array} state @param {number} scale */
    #read(p, state2, scale) {
      const { open, given, result, seed } = this.head;
      open.values[given.h].set(state2.subarray(0, open.values[given.h].length));
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
      const total = (
        /** @type {Arrays} */
        {}
      );
      for (const name of Object.keys(p)) total[name] = new Float64Array(p[name].length);
      head.open.values[head.given.y].fill(0);
      for (let n = 0; n < batch; n += 1) head.open.values[head.given.y][n * classes + y[n]] = 1;
      const read2 = o.every ? o.T : 1;
      const entering = new Float64Array(half);
      let loss = 0;
      let right = 0;
      const enter = (t) => {
        entering.fill(0);
        if (!o.every && t < o.T) return;
        loss += this.#read(p, states[t], 1 / read2);
        entering.set(head.open.values[head.gradients.h]);
        for (const name of ["W_hy", "b_y"]) add(total[name], head.open.values[head.gradients[name]]);
        if (t === o.T) right = this.#rightOf(p, states[t], y);
      };
      const found = { h: zeros(o.T), c: inner.c === void 0 ? null : zeros(o.T), enters: zeros(o.T) };
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
      const carried2 = o.every ? this.#carried(o, p, states[o.T]) : found.c ?? found.h;
      const size = norm(total.W_hh);
      const shares = terms.reverse().map((term) => size ? product(term, total.W_hh) / size ** 2 : 0);
      return { loss, right, gradients: total, ...found, carried: carried2, terms: shares, size };
    }
    /** How often the largest output is the right one. @param {Arrays} p @param {Float64Array} state @param {Uint8Array} y */
    #rightOf(p, state2, y) {
      const { batch, classes, hidden } = this.sizes;
      let right = 0;
      for (let n = 0; n < batch; n += 1) {
        const scores = Array.from({ length: classes }, (_, k) => {
          let sum = p.b_y[k];
          for (let j = 0; j < hidden; j += 1) sum += p.W_hy[k * hidden + j] * state2[n * hidden + j];
          return sum;
        });
        right += Number(scores.indexOf(Math.max(...scores)) === y[n]) / batch;
      }
      return right;
    }
    /** What is left at each step of the last step's gradient alone, whatever enters in between; after a pass. @param {Options} o @param {Arrays} p @param {Float64Array} last */
    #carried(o, p, last) {
      const { tapes, gradients, inner, seed } = this.step(o);
      const carried2 = zeros(o.T);
      this.#read(p, last, 1 / o.T);
      const g = new Float64Array(last.length);
      g.set(this.head.open.values[this.head.gradients.h]);
      for (let t = o.T; t >= 1; t -= 1) {
        const { values, run, forward } = tapes[t - 1];
        values[seed].set(g);
        run(forward);
        carried2[t - 1] = norm(inner.c === void 0 ? g : values[inner.c]);
        g.set(values[gradients.state]);
      }
      return carried2;
    }
  };
  function add(total, part) {
    for (let i = 0; i < part.length; i += 1) total[i] += part[i];
  }
  function product(one, other) {
    let sum = 0;
    for (let i = 0; i < one.length; i += 1) sum += one[i] * other[i];
    return sum;
  }
  var zeros = (n) => new Array(n).fill(0);
  var Adam = class {
    /** @param {Arrays} p */
    constructor(p) {
      this.count = 0;
      this.means = Object.entries(p).map(([name, values]) => ({
        name,
        first: new Float64Array(values.length),
        second: new Float64Array(values.length)
      }));
    }
    /** @param {Arrays} p @param {Arrays} gradients @param {Options} o */
    step(p, gradients, o) {
      this.count += 1;
      const size = Math.sqrt(Object.values(gradients).reduce((sum, g) => sum + norm(g) ** 2, 0));
      const factor = o.clip ? Math.min(1, 1 / (size + 1e-6)) : 1;
      const [one, two] = [1 - 0.9 ** this.count, 1 - 0.999 ** this.count];
      for (const { name, first, second } of this.means) {
        const [values, g] = [p[name], gradients[name]];
        for (let i = 0; i < g.length; i += 1) {
          const d = g[i] * factor;
          first[i] += 0.1 * (d - first[i]);
          second[i] += 1e-3 * (d * d - second[i]);
          values[i] -= 10 ** o.rate * (first[i] / one) / (Math.sqrt(second[i] / two) + 1e-8);
        }
      }
    }
  };

  // shared/elements.js
  function the(id, kind) {
    const found = document.getElementById(id);
    if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} #${id}`);
    return found;
  }
  var byId = (id) => the(id, HTMLElement);
  var carried = () => JSON.parse(byId("data").textContent ?? "");
  var said = (address = location.href) => new URLSearchParams(new URL(address).hash.slice(1).replaceAll("+", "%2B"));
  function say(words) {
    try {
      history.replaceState(null, "", `#${words}`);
    } catch {
    }
  }
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") made.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : String(value));
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }
  function shape(tag, attributes = {}, text2) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text2 !== void 0) made.textContent = text2;
    return made;
  }

  // shared/theme.js
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var isDark = (theme) => theme ? theme === "dark" : dark.matches;
  function applyTheme(theme, button) {
    if (theme) document.documentElement.dataset.theme = theme;
    button.textContent = isDark(theme) ? "Light" : "Dark";
  }

  // play/pictures.js
  var [LEFT, RIGHT] = [46, 16];
  var text = (size) => Number.isFinite(size) ? number(size) : String(size);
  function shade(ratio2) {
    if (!Number.isFinite(ratio2)) return "gbad";
    if (ratio2 === 0) return "gzero";
    const place = Math.round(7 + Math.log10(ratio2));
    return place < 0 ? "gtiny" : `g${Math.min(7, place)}`;
  }
  function emptied(id, height) {
    const svg = the(id, SVGSVGElement);
    const right = Math.max(280, svg.clientWidth) - RIGHT;
    svg.setAttribute("viewBox", `0 0 ${right + RIGHT} ${height}`);
    svg.replaceChildren();
    return { svg, right };
  }
  var columns = (steps, right) => {
    const width = (right - LEFT) / steps;
    return { width, broad: Math.max(2, Math.min(44, 0.72 * width)), at: (n) => LEFT + (n + 0.5) * width };
  };
  function drawNet(pass) {
    const { h, c, enters, carried: carried2 } = pass;
    const steps = h.length;
    const { svg, right } = emptied("net", 252);
    const { width, broad, at } = columns(steps, right);
    const last = Math.max(h[steps - 1], c?.[steps - 1] ?? 0) || 1;
    const [top, bottom] = [84, 236];
    const logs = [...h, ...c ?? []].filter((size) => size > 0 && Number.isFinite(size)).map((size) => Math.log10(size / last));
    const high = Math.ceil(Math.max(0, ...logs) + 0.01);
    const low = Math.max(high - 16, Math.min(high - 3, Math.floor(Math.min(0, ...logs))));
    const y = (size) => top + (high - Math.min(high, Math.max(low, Math.log10(size / last)))) / (high - low) * (bottom - top);
    const every = Math.max(1, Math.ceil((high - low) / 5));
    for (let decade = high; decade >= low; decade -= every) {
      const line = y(last * 10 ** decade);
      svg.append(shape("line", { x1: LEFT, x2: right, y1: line, y2: line }));
      svg.append(shape("text", { x: LEFT - 6, y: line + 4, "text-anchor": "end" }, decade === 0 ? "1" : `1e${decade}`));
    }
    for (let n = 0; n < steps; n += 1) {
      const x = at(n);
      const [look2, way] = [shade(h[n] / last), shade(carried2[n] / carried2[steps - 1])];
      if (n > 0) {
        const ends = { x1: x - width + broad / 2, x2: x - broad / 2 };
        svg.append(shape("line", { ...ends, y1: 24, y2: 24, class: "ahead" }));
        const arrives = carried2[n - 1] / carried2[steps - 1];
        const broadness = arrives > 0 ? Math.max(0.8, Math.min(6, 6 + Math.log10(arrives))) : 0.8;
        svg.append(shape("line", { ...ends, y1: 38, y2: 38, class: `back ${shade(arrives)}`, "stroke-width": broadness }));
      }
      svg.append(shape("rect", { x: x - broad / 2, y: 14, width: broad, height: 34, rx: 3, class: `cell ${way} ${n ? "" : "first"}` }));
      if (width > 24 || n === 0 || n === steps - 1 || (n + 1) % (width < 8 ? 10 : 5) === 0 && n < steps - 3) {
        svg.append(shape("text", { x, y: 64, "text-anchor": "middle" }, String(n + 1)));
      }
      const bars = [{ size: h[n], kind: `size ${look2}`, name: "h" }];
      if (c) bars.push({ size: c[n], kind: "other", name: "c" });
      bars.forEach(({ size, kind, name }, k) => {
        const height = size > 0 ? bottom - y(size) + 1 : 0;
        const place = { x: x - broad / 2 + k * broad / bars.length, width: broad / bars.length - 0.5 };
        const bar = shape("rect", { ...place, y: bottom - height, height, class: kind });
        bar.append(shape("title", {}, `|dL/d${name}_${n + 1}| = ${text(size)}`));
        svg.append(bar);
      });
      if (enters[n] > 0 && enters[n] !== h[n]) {
        const height = bottom - y(enters[n]) + 1;
        svg.append(shape("rect", { x: x - broad / 2 - 1, width: broad + 1, y: bottom - height, height, class: "entering" }));
      }
    }
    svg.setAttribute("aria-label", `sizes of dL/dh from step 1 to step ${steps}: ${h.map(text).join(", ")}`);
    byId("net-note").textContent = `Boxes and the coloured lines: what is carried back of the last step's gradient. Bars: |dL/dh|${c ? ", outlined: |dL/dc|" : ""}, as multiples of the last step's${enters.some((size, n) => size > 0 && n < steps - 1) ? "; dashed: what the loss adds at that step itself" : ""}.`;
  }
  function drawLedger({ terms }) {
    const { svg, right } = emptied("ledger", 92);
    const { width, broad, at } = columns(terms.length, right);
    const most = Math.max(0.01, ...terms.map(Math.abs));
    terms.forEach((term, n) => {
      const height = Math.abs(term) / most * (term < 0 ? 16 : 54);
      const look2 = term < 0 ? "share against" : "share";
      const bar = shape("rect", { x: at(n) - broad / 2, width: broad, y: term < 0 ? 62 : 62 - height, height, class: look2 });
      bar.append(shape("title", {}, `step ${n + 1}: ${(100 * term).toFixed(2)} %`));
      svg.append(bar);
      if (width > 40) {
        const said2 = `${(100 * term).toFixed(Math.abs(term) < 0.01 ? 2 : 0)} %`;
        svg.append(shape("text", { x: at(n), y: 90, "text-anchor": "middle" }, said2));
      }
    });
    svg.append(shape("line", { x1: LEFT, x2: right, y1: 62, y2: 62 }));
    svg.setAttribute("aria-label", `shares of the steps: ${terms.map((term) => `${(100 * term).toFixed(2)} %`).join(", ")}`);
  }
  function drawCurve(losses, classes) {
    const { svg, right } = emptied("curve", 124);
    const [top, bottom, high] = [8, 112, 2];
    const most = Math.max(100, losses.length);
    const y = (loss) => bottom - Math.min(Number.isFinite(loss) ? loss : high, high) / high * (bottom - top);
    const chance = Math.log(classes);
    svg.append(shape("line", { x1: LEFT, x2: right, y1: bottom, y2: bottom }));
    svg.append(shape("line", { x1: LEFT, x2: right, y1: y(chance), y2: y(chance), class: "chance" }));
    svg.append(shape("text", { x: right, y: y(chance) - 5, "text-anchor": "end" }, `guessing: log ${classes} = ${chance.toFixed(3)}`));
    svg.append(shape("text", { x: LEFT - 6, y: bottom + 4, "text-anchor": "end" }, "0"));
    const points = losses.map((loss, n) => `${(LEFT + n / most * (right - LEFT)).toFixed(1)},${y(loss).toFixed(1)}`);
    svg.append(shape("polyline", { points: points.join(" ") }));
    svg.setAttribute("aria-label", losses.length ? `the loss after ${losses.length} steps is ${text(losses[losses.length - 1])}` : "no step yet");
  }
  function drawHeat(looks, most) {
    const canvas = the("heat", HTMLCanvasElement);
    const steps = looks[0]?.length ?? 1;
    canvas.width = most;
    canvas.height = steps;
    const context = canvas.getContext("2d");
    if (!context) return;
    const style = getComputedStyle(document.documentElement);
    const colours = new Map(
      ["gbad", "gzero", "gtiny", ...Array.from({ length: 8 }, (_, n) => `g${n}`)].map((look2, n) => {
        const name = n < 3 ? ["--broken", "--card", "--card"][n] : `--fill${n - 3}`;
        return [look2, style.getPropertyValue(name)];
      })
    );
    looks.forEach((sizes, column) => {
      const last = sizes[steps - 1] || 1;
      sizes.forEach((size, n) => {
        context.fillStyle = colours.get(shade(size / last)) ?? "";
        context.fillRect(column, steps - 1 - n, 1, 1);
      });
    });
    canvas.setAttribute("aria-label", `what is carried back at ${looks.length} moments of the training`);
  }

  // play/main.js
  var FIRST = {
    cell: "tanh",
    norm: false,
    every: false,
    T: 20,
    radius: 0.9,
    forget: 0,
    rate: -2,
    clip: false,
    seed: 0
  };
  var SLIDERS = (
    /** @type {const} */
    ["T", "radius", "forget", "rate", "seed"]
  );
  var SWITCHES = (
    /** @type {const} */
    ["norm", "clip", "every"]
  );
  var [MOST_STEPS, EVERY, FRAME] = [2e3, 5, 14];
  var recall = new Recall(carried());
  var state = {
    options: { ...FIRST },
    /** @type {"light" | "dark" | null} */
    theme: null,
    weights: recall.start(FIRST),
    adam: new Adam(recall.start(FIRST)),
    draw: random(0),
    pass: (
      /** @type {Pass | null} */
      null
    ),
    losses: (
      /** @type {number[]} */
      []
    ),
    rights: (
      /** @type {number[]} */
      []
    ),
    looks: (
      /** @type {number[][]} */
      []
    ),
    training: false,
    question: 0
  };
  function read(address) {
    const options = { ...FIRST };
    const cell = address.get("cell") ?? "";
    if (Object.hasOwn(recall.data.gates, cell)) options.cell = cell;
    for (const name of SWITCHES) options[name] = address.get(name) === "1";
    for (const name of SLIDERS) {
      const { min, max, step } = the(name, HTMLInputElement);
      const given = Number(address.get(name) ?? NaN);
      if (!Number.isNaN(given)) {
        const whole = Math.round(given / Number(step)) * Number(step);
        options[name] = Math.min(Number(max), Math.max(Number(min), whole));
      }
    }
    const theme = address.get("dark");
    state.theme = theme === null ? state.theme : theme === "1" ? "dark" : "light";
    state.options = options;
  }
  function write() {
    const { options, theme } = state;
    const words = Object.entries(options).filter(([name, value]) => value !== FIRST[
      /** @type {keyof Options} */
      name
    ]).map(([name, value]) => `${name}=${typeof value === "boolean" ? Number(value) : value}`);
    say([...words, ...theme ? [`dark=${Number(isDark(theme))}`] : []].join("&"));
  }
  function begin() {
    const { options } = state;
    state.weights = recall.start(options);
    state.adam = new Adam(state.weights);
    state.draw = random(77 + options.seed);
    state.pass = recall.pass(options, state.weights, recall.batch(options, random(5)));
    Object.assign(state, { losses: [], rights: [], looks: [], training: false });
    show();
    write();
  }
  function trainOnce() {
    const { options, weights, adam } = state;
    const pass = recall.pass(options, weights, recall.batch(options, state.draw));
    adam.step(weights, pass.gradients, options);
    if (state.losses.length % EVERY === 0) state.looks.push(pass.carried);
    state.losses.push(pass.loss);
    state.rights.push(pass.right);
    state.pass = pass;
    if (!Number.isFinite(pass.loss) || state.losses.length >= MOST_STEPS) state.training = false;
  }
  function work() {
    if (!state.training) return;
    const until = performance.now() + FRAME;
    do
      trainOnce();
    while (state.training && performance.now() < until);
    show();
    requestAnimationFrame(work);
  }
  function show() {
    const { options, pass, losses, rights, looks } = state;
    applyTheme(state.theme, byId("theme"));
    const told = {
      T: String(options.T),
      radius: options.radius.toFixed(2),
      forget: `${options.forget} (open ${(100 / (1 + Math.exp(-options.forget))).toFixed(0)} %)`,
      rate: (10 ** options.rate).toPrecision(2),
      seed: String(options.seed)
    };
    the("cell", HTMLSelectElement).value = options.cell;
    for (const name of SLIDERS) {
      the(name, HTMLInputElement).value = String(options[name]);
      byId(`${name}-said`).textContent = told[name];
    }
    for (const name of SWITCHES) the(name, HTMLInputElement).checked = options[name];
    the("forget", HTMLInputElement).disabled = options.cell !== "lstm";
    byId("train").textContent = state.training ? "Pause" : "Train";
    if (!pass) return;
    const { word, total, factor } = judged(pass.carried);
    const along = pass.c ? "c" : "h";
    byId("verdict").textContent = options.T === 1 ? "There is one step: the gradient has no way to go." : total > 0 ? `The gradient ${word}: \xD7 ${number(factor)} a step, \xD7 ${number(total)} from step ${options.T} back to step 1.` : `The gradient is ${word}.`;
    byId("detail").textContent = `What is judged is dL/d${along}, carried back from the last step. ${WHY[options.cell]} |dL/dW_hh| = ${Number.isFinite(pass.size) ? number(pass.size) : pass.size}, the sum of ${options.T} terms.`;
    drawNet(pass);
    drawLedger(pass);
    drawCurve(losses, recall.sizes.classes);
    drawHeat(looks, Math.max(100, losses.length) / EVERY);
    const latest = rights.slice(-20);
    const share = latest.reduce((sum, right) => sum + right, 0) / (latest.length || 1);
    byId("trained").textContent = losses.length ? `${losses.length} steps of Adam: loss ${number(losses[losses.length - 1])}, right in ${(100 * share).toFixed(0)} % of the last ${latest.length} batches` : "not yet: press Train";
  }
  var WHY = {
    tanh: "Every step back multiplies by W_hh transposed and by tanh\u2032, which is at most 1.",
    relu: "Every step back multiplies by W_hh transposed and by ReLU\u2032, which is 0 or 1.",
    lstm: "Every step back multiplies it by the forget gate f, and adds what comes through the other gates.",
    gru: "Every step back multiplies it by the update gate z, and adds what comes through the candidate n."
  };
  function ask() {
    const { text: text2, answers } = QUESTIONS[state.question];
    byId("question").textContent = text2;
    byId("answer").textContent = "";
    byId("answers").replaceChildren(
      ...answers.map((each, n) => element("button", { type: "button", "aria-pressed": "false", onclick: () => look(n) }, each))
    );
  }
  function look(guess) {
    const { settings, answers, right, why } = QUESTIONS[state.question];
    state.options = { ...FIRST, seed: state.options.seed, ...settings };
    begin();
    if (!state.pass) return;
    [...byId("answers").children].forEach((button, n) => button.setAttribute("aria-pressed", String(n === guess)));
    const { total } = judged(state.pass.carried);
    const found = right(total, state.pass);
    byId("answer").textContent = `${found === guess ? "Yes" : `No: ${answers[found]}`} (\xD7 ${number(total)} in all). ${why}`;
  }
  for (const name of SLIDERS) {
    the(name, HTMLInputElement).addEventListener("input", (event) => {
      state.options[name] = Number(
        /** @type {HTMLInputElement} */
        event.target.value
      );
      if (name === "rate") {
        show();
        write();
      } else begin();
    });
  }
  for (const name of SWITCHES) {
    the(name, HTMLInputElement).addEventListener("change", (event) => {
      state.options[name] = /** @type {HTMLInputElement} */
      event.target.checked;
      if (name === "clip") write();
      else begin();
    });
  }
  the("cell", HTMLSelectElement).addEventListener("change", (event) => {
    state.options.cell = /** @type {HTMLSelectElement} */
    event.target.value;
    begin();
  });
  byId("reset").addEventListener("click", begin);
  byId("once").addEventListener("click", () => {
    state.training = false;
    trainOnce();
    show();
  });
  byId("train").addEventListener("click", () => {
    state.training = !state.training;
    if (state.training && state.losses.length < MOST_STEPS) work();
    else show();
  });
  byId("next").addEventListener("click", () => {
    state.question = (state.question + 1) % QUESTIONS.length;
    ask();
  });
  byId("theme").addEventListener("click", () => {
    state.theme = isDark(state.theme) ? "light" : "dark";
    show();
    write();
  });
  dark.addEventListener("change", show);
  window.addEventListener("resize", show);
  window.addEventListener("hashchange", ({ newURL }) => {
    read(said(newURL));
    begin();
  });
  read(said());
  begin();
  ask();
})();
