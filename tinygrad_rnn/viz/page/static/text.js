// Made by web/build.js from web/text/main.js and what it imports: change it there.
"use strict";
(() => {
  // core/numbers.js
  function rounded(x, decimals, write) {
    const power = write === "toFixed" ? 0 : Math.floor(Math.log10(Math.abs(x)));
    const part = Math.abs(x) / 10 ** power * 10 ** decimals;
    if (Math.abs(part - Math.floor(part) - 0.5) > 1e-6) return x[write](decimals);
    const [mantissa, exponent] = x[write](decimals + 25).split("e");
    const kept = mantissa.slice(0, mantissa.length - 25);
    if (!/^50*$/.test(mantissa.slice(-25)) || !/[02468]\.?$/.test(kept)) return x[write](decimals);
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
  function add(total, part) {
    for (let i = 0; i < part.length; i += 1) total[i] += part[i];
  }

  // core/reader.js
  function floats(text2) {
    const bytes = Uint8Array.from(atob(text2), (letter) => letter.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  }
  function product(step, weights) {
    const { values, run, forward } = openTape(step.tape);
    for (const [name, numbers] of Object.entries(weights)) values[step.given[name]].set(numbers);
    run(0, forward);
    const moving = /* @__PURE__ */ new Set([step.given.x ?? step.given.h]);
    const first = step.tape.code.findIndex(([, , args]) => args.some((arg) => moving.has(arg)));
    return { values, forward, ahead: () => run(first, forward), back: () => run(forward) };
  }
  var Reader = class {
    /** @param {any} data */
    constructor(data2) {
      this.data = data2;
      this.embedding = floats(data2.embedding);
      this.layers = data2.layers.map(({ x, h, weights }) => ({
        x,
        h,
        fromX: product(x, { W: floats(weights.W_x), b: floats(weights.b_x) }),
        fromH: product(h, { W: floats(weights.W_h), b: floats(weights.b_h) }),
        /** One tape for each step: it keeps what the cell computed. @type {ReturnType<typeof openTape>[]} */
        cells: []
      }));
      this.head = product(data2.head, { W: floats(data2.read.W), b: floats(data2.read.b) });
      this.head.values[data2.head.seed][0] = 1;
      this.ids = [];
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
      let x = this.row(id);
      for (const { x: toX, h: toH, fromX, fromH, cells } of this.layers) {
        cells[t] ??= openTape(cell.tape);
        const { values, run, forward } = cells[t];
        const state2 = t > 0 ? cells[t - 1].values[cell.result] : new Float64Array(values[cell.result].length);
        if (cell.given.state !== void 0) values[cell.given.state].set(state2);
        fromX.values[toX.given.x].set(x);
        fromH.values[toH.given.x].set(state2.subarray(0, hidden));
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
      const carried2 = this.layers.map(() => new Float64Array(top.cells[last].values[cell.result].length));
      add(carried2[carried2.length - 1], this.head.values[head.gradients.h]);
      const along = new Array(count);
      const size = new Array(count);
      for (let t = last; t >= 0; t -= 1) {
        for (let layer = this.layers.length - 1; layer >= 0; layer -= 1) {
          const { x: toX, h: toH, fromX, fromH, cells } = this.layers[layer];
          const { values, run, forward } = cells[t];
          values[cell.seed].set(carried2[layer]);
          run(forward);
          fromX.values[toX.seed].set(values[cell.gradients.a]);
          fromH.values[toH.seed].set(values[cell.gradients.r]);
          fromX.back();
          fromH.back();
          carried2[layer].fill(0);
          if (cell.gradients.state !== void 0) carried2[layer].set(values[cell.gradients.state]);
          add(carried2[layer], fromH.values[toH.gradients.x]);
          const g = fromX.values[toX.gradients.x];
          if (layer > 0) add(carried2[layer - 1], g);
          else {
            const x = this.row(this.ids[t]);
            along[t] = g.reduce((sum, each, i) => sum + each * x[i], 0);
            size[t] = Math.sqrt(g.reduce((sum, each) => sum + each * each, 0));
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
      return ["h", ...this.data.kind === "lstm" ? ["c"] : [], ...Object.keys(this.data.cell.values)];
    }
    /** The units of a layer after every token that was read. @param {string} letter @param {number} layer */
    units(letter, layer) {
      const { cell, hidden } = this.data;
      const start = letter === "c" ? hidden : 0;
      const place = cell.values[letter] ?? cell.result;
      return this.ids.map((_, t) => this.layers[layer].cells[t].values[place].subarray(start, start + hidden));
    }
  };

  // core/tokens.js
  var JOINERS = ["200c", "200d", "2060", "00ad"].map((code) => `\\u${code}`).join("");
  var INSIDE = `\\p{L}\\p{N}_\\p{M}${JOINERS}`;
  var WORD = `[${INSIDE}]+(?:['\u2019\u2011\xB7\u05F3\u05F4-][${INSIDE}]+)*`;
  var SIGN = `[^${INSIDE}\\s](?:\\u200d[^\\p{L}\\p{N}_\\s]|[\\p{M}${JOINERS}])*`;
  var WORDS = new RegExp(`${WORD}|${SIGN}`, "gu");
  var cut = (text2, level) => level === "char" ? Array.from(text2) : text2.match(WORDS) ?? [];
  var Vocabulary = class {
    /** @param {{tokens: string[], level: "word" | "char", lower: boolean, unknown: string | null}} data */
    constructor({ tokens, level, lower, unknown }) {
      this.tokens = tokens;
      this.level = level;
      this.lower = lower;
      this.ids = new Map(tokens.map((token, id) => [token, id]));
      this.other = unknown === null ? -1 : this.ids.get(unknown) ?? -1;
    }
    /**
     * A text as ids, at most so many; what is not known is the unknown token, or left out, and told.
     *
     * @param {string} text
     * @param {number} most
     */
    encode(text2, most) {
      const tokens = cut(this.lower ? text2.toLowerCase() : text2, this.level);
      const strange = [...new Set(tokens.filter((token) => !this.ids.has(token)))];
      const ids = tokens.map((token) => this.ids.get(token) ?? this.other).filter((id) => id >= 0);
      return { ids: ids.slice(0, most), strange, more: Math.max(0, ids.length - most) };
    }
    /** A token as it is shown. @param {number} id */
    shown(id) {
      const token = this.tokens[id];
      return { " ": "\u2423", "\n": "\u23CE", "	": "\u21E5" }[token] ?? token;
    }
    /** A token as it is read aloud. @param {number} id */
    said(id) {
      const token = this.tokens[id];
      return { " ": "space", "\n": "line end", "	": "tab" }[token] ?? token;
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
  var said = (address2 = location.href) => new URLSearchParams(new URL(address2).hash.slice(1).replaceAll("+", "%2B"));
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

  // shared/theme.js
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var isDark = (theme) => theme ? theme === "dark" : dark.matches;
  function applyTheme(theme, button) {
    if (theme) document.documentElement.dataset.theme = theme;
    button.textContent = isDark(theme) ? "Light" : "Dark";
  }

  // text/units.js
  function partsOf(name) {
    const colour = parseInt(getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1), 16);
    return [colour >> 16, colour >> 8 & 255, colour & 255];
  }
  function drawUnits(units) {
    const canvas = the("units", HTMLCanvasElement);
    const [width, height] = [units.length, units[0].length];
    canvas.width = width;
    canvas.height = height;
    canvas.style.height = `${height * Math.max(3, Math.min(8, Math.floor(320 / height)))}px`;
    const context = canvas.getContext("2d");
    if (!context) return;
    const colours = [partsOf("--input"), partsOf("--parameter")];
    const image = context.createImageData(width, height);
    const { data: data2 } = image;
    let most = 1;
    for (const each of units) for (const value of each) most = Math.max(most, Math.abs(value));
    units.forEach((each, t) => {
      for (let n = 0; n < height; n += 1) {
        const [colour, at] = [colours[each[n] < 0 ? 1 : 0], 4 * (n * width + t)];
        data2[at] = colour[0];
        data2[at + 1] = colour[1];
        data2[at + 2] = colour[2];
        data2[at + 3] = 255 * Math.abs(each[n]) / most;
      }
    });
    context.putImageData(image, 0, 0);
  }
  function frame(unit, step, units, steps) {
    Object.assign(byId("mark").style, {
      left: `${100 * step / steps}%`,
      top: `${100 * unit / units}%`,
      width: `${100 / steps}%`,
      height: `${100 / units}%`
    });
  }

  // text/main.js
  var [MOST, LIKELY, NAMED] = [250, 10, 5];
  var MEANS = {
    h: "h, the state",
    c: "c, the cell state",
    i: "i, the input gate",
    f: "f, the forget gate",
    g: "g, the candidate",
    o: "o, the output gate",
    r: "r, the reset gate",
    z: "z, the update gate",
    n: "n, the candidate"
  };
  var data = carried();
  var reader = new Reader(data);
  var vocabulary = new Vocabulary(data);
  var text = the("text", HTMLTextAreaElement);
  var state = {
    /** How many tokens come before the prediction that is explained; null: all. @type {number | null} */
    at: null,
    /** @type {number | null} */
    token: null,
    /** @type {"light" | "dark" | null} */
    theme: null,
    unit: 0,
    step: 0
  };
  var before = () => Math.min(state.at ?? reader.ids.length, reader.ids.length);
  var percent = (share) => `${(100 * share).toFixed(Math.abs(share) < 0.0995 ? 1 : 0)} %`;
  function sharesOf({ product: product2, size }) {
    const sized = the("measure", HTMLSelectElement).value === "size";
    const all = sized ? size : product2.map((x) => -x);
    const total = all.reduce((sum, x) => sum + Math.abs(x), 0);
    return all.map((x) => total > 0 ? x / total : 0);
  }
  function read() {
    const { ids, strange, more } = vocabulary.encode(text.value, MOST);
    reader.read(ids);
    const known = vocabulary.other >= 0 ? `read as ${vocabulary.tokens[vocabulary.other]}` : "left out";
    byId("note").textContent = [
      strange.length ? `Not known, and ${known}: ${strange.slice(0, 8).join(" ")}${strange.length > 8 ? " ..." : ""}.` : "",
      more ? `Only the first ${MOST} are read, ${more} are left.` : ""
    ].join(" ");
    say(`text=${encodeURIComponent(text.value)}${state.theme ? `&dark=${Number(isDark(state.theme))}` : ""}`);
    show();
  }
  function show() {
    applyTheme(state.theme, byId("theme"));
    const { ids } = reader;
    const count = before();
    byId("empty").hidden = ids.length > 0;
    byId("shown").hidden = ids.length === 0;
    if (!ids.length) return;
    const likely = reader.expected(count, LIKELY);
    const token = state.token ?? (count < ids.length ? ids[count] : likely[0].token);
    const found = reader.explain(count, token);
    const shares = sharesOf(found);
    showStrip(shares, count);
    showWords(found, shares, count);
    byId("likely").replaceChildren(
      ...likely.map((each) => element("li", {}, element(
        "button",
        { type: "button", "aria-pressed": String(each.token === token), onclick: () => choose(each.token) },
        element("span", {}, vocabulary.shown(each.token)),
        ` ${percent(each.p)}`,
        bar(each.p)
      )))
    );
    showUnits();
  }
  function bar(share) {
    const made = element("i", { class: "bar", "aria-hidden": "true" });
    made.style.width = `${Math.max(1, 100 * share)}%`;
    return made;
  }
  var look = (share, most) => share === 0 ? "gzero" : `g${Math.max(0, Math.min(7, Math.round(7 * Math.abs(share) / most)))}${share < 0 ? " against" : ""}`;
  function showStrip(shares, count) {
    const most = Math.max(...shares.map(Math.abs)) || 1;
    const strip = byId("strip");
    const { ids } = reader;
    while (strip.children.length > ids.length + 1) strip.lastElementChild?.remove();
    while (strip.children.length < ids.length + 1) {
      const place = strip.children.length;
      strip.append(element("button", { type: "button", onclick: () => choosePlace(place) }));
    }
    [...strip.children].forEach((button, t) => {
      const [shown, name] = t < ids.length ? [vocabulary.shown(ids[t]), vocabulary.said(ids[t])] : ["?", ""];
      const spoken = t < count ? `${percent(shares[t])} of the prediction` : t === count ? "is predicted" : "comes later";
      const wanted = {
        class: `${t < count ? look(shares[t], most) : "later"} ${t === count ? "now" : ""}`,
        tabindex: t === count ? "0" : "-1",
        "aria-label": name ? `${name}, ${spoken}` : "what comes next"
      };
      for (const [key, value] of Object.entries(wanted)) if (button.getAttribute(key) !== value) button.setAttribute(key, value);
      if (button.textContent !== shown) button.textContent = shown;
    });
  }
  function showWords({ token, p }, shares, count) {
    const { ids } = reader;
    const order = shares.map((_, t) => t).sort((s, t) => Math.abs(shares[t]) - Math.abs(shares[s]) || t - s).slice(0, NAMED);
    const where = count === ids.length ? "next" : `as token ${count + 1}`;
    byId("verdict").textContent = `\u201C${vocabulary.said(token)}\u201D ${where}: p = ${percent(p)}, ${number(-Math.log(p))} nats.`;
    byId("most").replaceChildren(...order.map((t) => element("li", {}, `\u201C${vocabulary.said(ids[t])}\u201D, ${count - t === 1 ? "the last one" : `${count - t} back`}: ${percent(shares[t])}`)));
  }
  function choosePlace(t) {
    if (t === 0) {
      byId("verdict").textContent = "The first token is only read: nothing comes before it that it could be predicted from.";
      return;
    }
    state.at = t === reader.ids.length ? null : t;
    state.token = null;
    show();
    byId("strip").children[t].focus();
  }
  function choose(token) {
    state.token = token;
    show();
    [...byId("likely").querySelectorAll("button")].find((each) => each.getAttribute("aria-pressed") === "true")?.focus();
  }
  function showUnits() {
    drawUnits(unitsChosen());
    point(state.unit, state.step);
  }
  var unitsChosen = () => reader.units(the("letter", HTMLSelectElement).value, Number(the("layer", HTMLSelectElement).value));
  function point(unit, step) {
    const { ids } = reader;
    state.unit = Math.max(0, Math.min(data.hidden - 1, unit));
    state.step = Math.max(0, Math.min(ids.length - 1, step));
    const letter = the("letter", HTMLSelectElement).value;
    const value = number(unitsChosen()[state.step][state.unit]);
    const told = `${letter} of unit ${state.unit + 1} after \u201C${vocabulary.said(ids[state.step])}\u201D (token ${state.step + 1}) is ${value}`;
    byId("value").textContent = `${told}. Point, or move with the arrow keys.`;
    byId("units").setAttribute("aria-label", `${MEANS[letter]} of ${data.hidden} units after ${ids.length} tokens; ${told}`);
    frame(state.unit, state.step, data.hidden, ids.length);
  }
  byId("strip").addEventListener("keydown", (event) => {
    const count = reader.ids.length;
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = [...byId("strip").children].indexOf(
      /** @type {HTMLElement} */
      document.activeElement
    );
    choosePlace(Math.max(1, Math.min(count, at + step)));
  });
  byId("units").addEventListener("keydown", (event) => {
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
    if (!down && !right) return;
    event.preventDefault();
    point(state.unit + down, state.step + right);
  });
  byId("units").addEventListener("pointermove", (event) => {
    const { left, top, width, height } = byId("units").getBoundingClientRect();
    point(
      Math.floor((event.clientY - top) / height * data.hidden),
      Math.floor((event.clientX - left) / width * reader.ids.length)
    );
  });
  text.addEventListener("input", () => {
    Object.assign(state, { at: null, token: null });
    read();
  });
  the("measure", HTMLSelectElement).addEventListener("change", show);
  the("letter", HTMLSelectElement).addEventListener("change", showUnits);
  the("layer", HTMLSelectElement).addEventListener("change", showUnits);
  byId("theme").addEventListener("click", () => {
    state.theme = isDark(state.theme) ? "light" : "dark";
    read();
  });
  dark.addEventListener("change", show);
  window.addEventListener("resize", () => reader.ids.length && showUnits());
  the("letter", HTMLSelectElement).append(...reader.letters.map((letter) => element("option", { value: letter }, MEANS[letter])));
  the("layer", HTMLSelectElement).append(
    ...reader.layers.map((_, n) => element("option", { value: n }, `layer ${n + 1}`))
  );
  byId("layers").hidden = reader.layers.length < 2;
  var address = said();
  text.value = address.get("text") ?? data.text;
  if (address.has("dark")) state.theme = address.get("dark") === "1" ? "dark" : "light";
  read();
})();
