// Made by web/build.js from web/graph/main.js and what it imports: change it there.
"use strict";
(() => {
  // core/folding.js
  var FOLDED = 34;
  var BETWEEN_FOLDED = 4;
  function placesOf({ frames, nodes }, folded) {
    const bends = [];
    let shift2 = 0;
    const columns2 = frames.map(({ box: [left, , width] }, n) => ({ n, left, right: left + width }));
    columns2.sort((a, b) => a.left - b.left);
    const isTaken = (low, high) => nodes.some(({ frame, box: [x] }) => frame === null && x >= low - 1 && x < high);
    columns2.forEach(({ n, left, right }, at) => {
      if (!folded.has(n)) return;
      bends.push([left, left + shift2]);
      shift2 += FOLDED - (right - left);
      bends.push([right, right + shift2]);
      const after = columns2[at + 1];
      if (after && folded.has(after.n) && !isTaken(right, after.left)) shift2 += BETWEEN_FOLDED - (after.left - right);
    });
    return (x) => along(bends, x);
  }
  function along(bends, x) {
    if (bends.length === 0 || x <= bends[0][0]) return x;
    let low = 0;
    let high = bends.length - 1;
    while (low < high) {
      const middle = low + high + 1 >> 1;
      if (bends[middle][0] <= x) low = middle;
      else high = middle - 1;
    }
    const [from, to] = bends[low];
    if (low === bends.length - 1) return to + (x - from);
    const [nextFrom, nextTo] = bends[low + 1];
    return to + (x - from) * (nextTo - to) / (nextFrom - from || 1);
  }
  function bent(path, place) {
    let isX = false;
    return path.replace(/-?[\d.]+/g, (text) => {
      isX = !isX;
      return isX ? place(Number(text)).toFixed(1) : text;
    });
  }
  function isSwallowed({ frames, nodes, lines }, folded, n, low, high) {
    if (folded.size === 0) return false;
    const [, operation, other] = lines[n];
    const here = nodes[operation].frame;
    const there = nodes[other].frame;
    if (here !== null && there !== null && folded.has(here) && folded.has(there)) return Math.abs(here - there) <= 1;
    return [...folded].some((frame) => frames[frame].box[0] <= low && high <= frames[frame].box[0] + frames[frame].box[2]);
  }
  function wordsOf(folded) {
    const runs2 = [];
    for (const n of [...folded].sort((a, b) => a - b)) {
      const run = runs2[runs2.length - 1];
      if (run && run[1] === n - 1) run[1] = n;
      else runs2.push([n, n]);
    }
    return runs2.map(([from, to]) => from === to ? `${from + 1}` : `${from + 1}-${to + 1}`).join(",");
  }
  function foldsIn(words, steps) {
    const found = /* @__PURE__ */ new Set();
    for (const part of words.split(",")) {
      const [from, to = from] = part.split("-").map(Number);
      for (let n = Math.max(1, from); n <= Math.min(to, steps); n += 1) found.add(n - 1);
    }
    return found;
  }
  function toggled(folded, which) {
    const result = new Set(folded);
    const folding = !which.every((n) => folded.has(n));
    for (const n of which) {
      if (folding) result.add(n);
      else result.delete(n);
    }
    return result;
  }

  // core/address.js
  function written(run, state2) {
    const parts = [`fold=${wordsOf(state2.folded)}`];
    if (!state2.touring || state2.pinned) parts.unshift(`k=${state2.moment}`);
    if (state2.run > 0) parts.unshift(`run=${state2.run}`);
    if (state2.pinned && state2.selected !== null) parts.push(`sel=${encodeURIComponent(run.nodes[state2.selected].name)}`);
    if (state2.series) parts.push(`state=${state2.series}`);
    if (!state2.keys) parts.push("keys=0");
    if (state2.changes) parts.push(`set=${state2.changes}`);
    if (state2.theme) parts.push(`dark=${state2.theme === "dark" ? 1 : 0}`);
    return parts.join("&");
  }
  function read(run, clock, said2) {
    const asked = said2.get("k") ?? (said2.has("sel") ? Infinity : null);
    const named = said2.has("sel") ? run.nodes.findIndex(({ name }) => name === said2.get("sel")) : -1;
    return {
      folded: said2.has("fold") ? foldsIn(said2.get("fold") ?? "", run.frames.length) : new Set(run.folded),
      series: Math.min(Math.max(0, Number(said2.get("state")) || 0), Math.max(0, run.series.length - 1)),
      pinned: named >= 0,
      selected: named >= 0 ? named : null,
      keys: said2.get("keys") !== "0",
      ...said2.has("set") ? { changes: said2.get("set") ?? "" } : {},
      ...asked === null ? {} : { moment: clock.within(Number(asked)) },
      ...said2.has("dark") ? { theme: said2.get("dark") === "1" ? "dark" : "light" } : {}
    };
  }
  var runIn = (runs2, said2) => Math.min(runs2 - 1, Math.max(0, Math.trunc(Number(said2.get("run"))) || 0));
  function carried({ run, clock, state: state2 }, { run: other, clock: otherClock }) {
    const { selected } = state2;
    const name = state2.pinned && selected !== null ? run.nodes[selected].name : null;
    const named = name === null ? -1 : other.nodes.findIndex((node) => node.name === name);
    const series = other.series.findIndex((each) => each.name === run.series[state2.series]?.name);
    return {
      moment: otherClock.within(otherClock.momentOf(clock.shareOf(state2.moment))),
      series: Math.max(0, series),
      folded: other.frames.length === run.frames.length ? new Set(state2.folded) : new Set(other.folded),
      pinned: named >= 0,
      selected: named >= 0 ? named : null
    };
  }

  // shared/elements.js
  function the(id, kind) {
    const found = document.getElementById(id);
    if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} #${id}`);
    return found;
  }
  var byId = (id) => the(id, HTMLElement);
  var carried2 = () => JSON.parse(byId("data").textContent ?? "");
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
  function shape(tag, attributes = {}, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text !== void 0) made.textContent = text;
    return made;
  }
  function roving(row) {
    const buttons = (
      /** @type {HTMLElement[]} */
      [...row.children]
    );
    const stopAt = (here) => buttons.forEach((button, n) => button.setAttribute("tabindex", n === here ? "0" : "-1"));
    stopAt(Math.max(0, buttons.findIndex((button) => button.classList.contains("now"))));
    row.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -buttons.length, End: buttons.length }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const at = buttons.findIndex((button) => button === document.activeElement);
      const to = Math.min(buttons.length - 1, Math.max(0, at + step));
      stopAt(to);
      buttons[to].focus();
    });
  }
  function looks() {
    const last = /* @__PURE__ */ new Map();
    return (mark, look) => {
      if (last.get(mark) === look) return false;
      last.set(mark, look);
      return true;
    };
  }

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
      const text = rounded(x, decimals, "toFixed");
      if (Math.abs(Number(text)) < 1e4) return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
    }
    return rounded(x, 1, "toExponential").replace("+", "");
  }
  var finite = (size) => typeof size === "number" ? size : Infinity;
  var count = (shape2) => shape2.reduce((product, n) => product * n, 1);
  function tableOf({ shape: shape2, rows: rows3, whole }) {
    const size = count(shape2);
    if (size === 0) return null;
    const isVector = shape2.length < 2;
    const [first] = rows3;
    const shown = isVector && first.length > 8 ? inRowsOf(8, first) : rows3;
    const across = shape2[shape2.length - 1];
    const moreRight = !isVector && across > first.length;
    const moreBelow = isVector ? size > first.length : size / across > rows3.length;
    const texts = shown.map((row) => [...row.map((x) => number(x, whole)), ...moreRight ? [".."] : []]);
    return moreBelow ? [...texts, shown[0].map(() => "..")] : texts;
  }
  var inRowsOf = (most, all) => Array.from({ length: Math.ceil(all.length / most) }, (_, n) => all.slice(most * n, most * n + most));

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
  function sentence(sizes, times, whole) {
    const { word, total, factor } = judged(sizes, times, whole);
    return total > 0 ? `${word}: x ${number(factor)} a step, x ${number(total)} in all` : word;
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
  function openTape({ names, sizes, kinds, code: code2, leaves, forward }) {
    const values = sizes.map((size, number2) => new ARRAYS[kinds[number2]](size));
    for (const [number2, given] of Object.entries(leaves)) values[Number(number2)].set(unpacked(given, kinds[Number(number2)]));
    const program = code2.map(
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

  // core/live.js
  var [LINE, WRITTEN, ROWS, SHADES] = [15, 4, 8, 8];
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
  function rangeOf(values) {
    let [low, high] = [Infinity, -Infinity];
    for (const x of values) {
      if (Number.isNaN(x)) return [NaN, NaN];
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    return [low, high];
  }
  function numbersOf(values, { shape: shape2, whole }) {
    const across = shape2.length < 2 ? values.length : shape2[shape2.length - 1];
    const [count2, width] = shape2.length < 2 ? [1, Math.min(across, ROWS * ROWS)] : [Math.min(values.length / (across || 1), ROWS), Math.min(across, ROWS)];
    const rows3 = Array.from({ length: count2 }, (_, n) => Array.from(values.slice(n * across, n * across + width), sized));
    const [low, high] = rangeOf(values);
    const shown = rows3.reduce((sum, row) => sum + row.length, 0);
    return {
      shape: shape2,
      size: sized(sizeOf(values)),
      rows: rows3.length ? rows3 : [[]],
      ...whole ? { whole } : {},
      ...shown < values.length ? { range: (
        /** @type {[Size, Size]} */
        [sized(low), sized(high)]
      ) } : {}
    };
  }
  function gridLines(values, shape2, whole) {
    const rows3 = shape2.slice(0, -1).reduce((product, n) => product * n, 1);
    if (values.length > WRITTEN || rows3 > 2) return null;
    const texts = Array.from(values, (x) => number(sized(x), whole));
    for (const lines of rows3 === 2 ? [2] : [1, 2]) {
      const columns2 = Math.ceil(texts.length / lines);
      if (Math.max(...texts.map((text) => text.length)) <= Math.floor((LINE + 1) / columns2) - 1) {
        const padded = [...texts, ...new Array(columns2 * lines - texts.length).fill("")];
        return Array.from({ length: lines }, (_, n) => padded.slice(n * columns2, (n + 1) * columns2));
      }
    }
    return null;
  }
  var sized = (x) => Number.isFinite(x) ? x : Number.isNaN(x) ? "NaN" : x > 0 ? "inf" : "-inf";
  function valueLines(values, shape2, whole) {
    if (values.length === 0) return [["empty"]];
    const grid = gridLines(values, shape2, whole);
    if (grid) return grid;
    const [low, high] = rangeOf(values);
    return [[Number.isNaN(low) ? "has NaN" : `${number(sized(low), whole, 2)} .. ${number(sized(high), whole, 2)}`]];
  }
  var gradientLines = (values, shape2) => values.length === 0 ? [["empty"]] : gridLines(values, shape2, false) ?? [[`size ${number(sized(sizeOf(values)))}`]];
  var endOf = (sizes) => sizes.map((size) => size !== 0).lastIndexOf(true) + 1 || sizes.length;
  var OTHER_END = "not judged: the gradient now begins at another step than when this was drawn";
  var Live = class {
    /**
     * @param {Run} run is changed in place
     * @param {LiveData} data
     */
    constructor(run, data) {
      this.run = run;
      this.data = data;
      this.tape = openTape(data.tape);
      this.tape.run();
      this.before = new Map(data.leaves.map((id) => [id, Float64Array.from(this.values(id))]));
      this.drawn = run.nodes.map(({ value, gradient }) => ({ value, gradient }));
      this.judged = run.series.filter(({ verdict }) => verdict !== "");
      this.version = 0;
      this.isChanged = false;
      this.scaled = /* @__PURE__ */ new Map();
    }
    /** All numbers of a node. @param {number} id */
    values = (id) => this.tape.values[this.data.values[id]];
    /** Whether the numbers of a node can be changed. @param {number} id */
    isLeaf = (id) => this.before.has(id);
    /** @param {number} id @param {number} at */
    entry = (id, at) => this.values(id)[at];
    /** The loss, the sum of its numbers if it has several. */
    get loss() {
      return Array.from(this.values(this.run.loss)).reduce((sum, x) => sum + x, 0);
    }
    /** Change numbers of leaves and compute all anew. @param {{id: number, at: number, is: number}[]} changes */
    change(changes) {
      for (const { id, at, is } of changes) this.values(id)[at] = is;
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
      values.set(base.map((x) => x * factor));
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
      const step = (isSingle ? 0.01 : 1e-5) * Math.max(1, Math.abs(x));
      const [up, down] = [x + step, x - step].map((moved2) => {
        values[at] = moved2;
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
        gradient: gradient && slot !== null ? gradientLines(this.tape.values[slot], gradient.shape) : null
      };
    }
    /** The class of a size on the scale of the page. @param {number} size */
    look(size) {
      if (!Number.isFinite(size)) return "gbad";
      if (size === 0) return "gzero";
      const [low, high] = this.data.scale;
      const place = (Math.log10(size) - low) / (high - low) * SHADES;
      return place < 0 ? "gtiny" : `g${Math.min(Math.trunc(place), SHADES - 1)}`;
    }
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
        const size = sizeOf(tape.values[slot]);
        Object.assign(share, { size: sized(size), css: this.look(size) });
      });
      const carried3 = this.#carried();
      for (const series of this.judged) series.verdict = this.#verdict(series.ids, carried3);
      for (const [source, uses] of Object.entries(run.uses)) {
        uses.forEach(([, sum], n) => {
          const slot = data.sums[source]?.[n];
          if (!sum || slot === void 0) return;
          const values = tape.values[slot];
          Object.assign(sum, this.#gradient(values, sum), { lines: gradientLines(values, sum.shape) });
        });
      }
    }
    /**
     * What becomes of the gradients of these values, each of a step, as explain/flow.py says it.
     *
     * @param {(number | null)[]} ids
     * @param {Map<number, number | null>} carried
     */
    #verdict(ids, carried3) {
      const { nodes, frames } = this.run;
      const all = ids.filter((id) => id !== null && nodes[id].gradient !== null).map(Number).sort((a, b) => a - b);
      const known = all.slice(0, endOf(all.map(this.#gradientSize)));
      if (known.length < 2) return "";
      const parts = known.map((id) => carried3.get(id));
      if (parts.includes(null)) return OTHER_END;
      const sizes = known.map(this.#gradientSize);
      const times = known.map((id) => frames[nodes[id].frame ?? 0].step);
      return sentence(parts.includes(void 0) ? sizes : parts.map(Number), times, sizes);
    }
    /** @param {number | null} slot */
    #sizeAt = (slot) => sizeOf(this.tape.values[slot ?? -1] ?? []);
    /** @param {number} id */
    #gradientSize = (id) => this.#sizeAt(this.data.gradients[id]);
    /**
     * What is left at values of states of the gradient at their last step, where more enters before; null where that is
     * another step than it was.
     */
    #carried() {
      const found = /* @__PURE__ */ new Map();
      for (const loop of this.data.loops) {
        const enters = loop.map((state2) => state2.enters.map(this.#sizeAt));
        const isElsewhere = loop.some(({ ids }, n) => endOf(ids.map(this.#gradientSize)) !== enters[n].length);
        if (!isElsewhere && enters.every((sizes) => sizes.slice(0, -1).every((size) => size === 0))) continue;
        const top = Math.max(...enters.map((sizes) => sizes[sizes.length - 1]));
        for (const { ids, carried: carried3 } of loop) {
          const sizes = carried3.map((slot) => top > 0 && top < Infinity ? this.#sizeAt(slot) : top);
          if (isElsewhere) for (const id of ids) found.set(id, null);
          else if (sizes[sizes.length - 1] !== 0) sizes.forEach((size, n) => found.set(ids[n], size));
        }
      }
      return found;
    }
    /** @param {Values} values @param {Gradient | Sum} before @returns {Gradient} */
    #gradient(values, before) {
      return { ...numbersOf(values, before), css: this.look(sizeOf(values)) };
    }
  };
  var wordsOfChanges = (changes) => changes.map(({ id, at, is }) => `${id}.${at}=${is}`).join("_");
  function changesIn(words, live) {
    return words.split("_").flatMap((word) => {
      const found = /^(\d+)\.(\d+)=(-?[\d.e+-]+)$/.exec(word);
      if (!found) return [];
      const [id, at, is] = found.slice(1).map(Number);
      return live.isLeaf(id) && at < (live.before.get(id)?.length ?? 0) && Number.isFinite(is) ? [{ id, at, is }] : [];
    });
  }

  // core/roles.js
  var ROLES = {
    input: "input",
    constant: "data",
    op: "intermediate result",
    state: "state",
    parameter: "parameter",
    loss: "loss"
  };

  // core/choice.js
  function matching({ nodes }, text) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return [];
    const found = nodes.flatMap(
      ({ name, formula, place, kind }, id) => [name, formula, ROLES[kind], ...place].some((each) => each.toLowerCase().includes(wanted)) ? [id] : []
    );
    const isNamed = found.filter((id) => nodes[id].name.toLowerCase() === wanted);
    return [...isNamed, ...found.filter((id) => !isNamed.includes(id))];
  }
  function mainValue({ nodes, edges, loss }, { uses }) {
    const joints = /* @__PURE__ */ new Set();
    for (const [source, target] of edges) {
      if (nodes[source].kind === "state" && nodes[source].frame !== nodes[target].frame) joints.add(target);
    }
    let best = { id: loss, joins: false, count: 1 };
    nodes.forEach(({ kind }, id) => {
      if (kind !== "parameter" || uses[id].length < 2) return;
      const here = { id, joins: uses[id].some(({ target }) => joints.has(target)), count: uses[id].length };
      if (here.joins === best.joins ? here.count > best.count : here.joins) best = here;
    });
    return best.id;
  }

  // core/clock.js
  function clockOf({ nodes, edges, loss, ...run }) {
    const operations = nodes.flatMap(({ operation }, id) => operation ? [id] : []);
    const count2 = operations.length;
    const last = 2 * count2 + 1;
    const order = new Map(operations.map((id, n) => [id, n + 1]));
    const valueAt = nodes.map((_, id) => order.get(id) ?? 0);
    const backAt = valueAt.map((at) => at ? last + 1 - at : Infinity);
    const uses = nodes.map(
      ({ gradient }, id) => (gradient && run.uses[id] || []).flatMap(([edge, sum]) => {
        const [, target, rule, share] = edges[edge];
        return share ? [{ target, rule, share, sum, at: backAt[target] }] : [];
      })
    );
    const handsBack = nodes.map(() => []);
    for (const [source, target, rule, share] of edges) {
      if (share && nodes[source].gradient) handsBack[target].push({ source, rule, share });
    }
    const gradientAt = nodes.map(
      ({ gradient }, id) => !gradient ? Infinity : uses[id].length ? uses[id][uses[id].length - 1].at : count2 + 1
    );
    return {
      operations,
      count: count2,
      last,
      valueAt,
      backAt,
      gradientAt,
      uses,
      handsBack,
      /** @param {number} moment */
      isForward: (moment) => moment <= count2,
      /**
       * The operation whose turn it is; none before the first, and the loss when the way back begins.
       *
       * @param {number} moment
       */
      current(moment) {
        if (moment === 0) return null;
        if (moment <= count2) return operations[moment - 1];
        return moment === count2 + 1 ? loss : operations[last - moment];
      },
      /**
       * The gradient of a value as far as it is known: the sum of the contributions until then, or all of it.
       *
       * @param {number} id
       * @param {number} moment
       * @returns {Known | null}
       */
      gradientOf(id, moment) {
        const whole = nodes[id].gradient;
        if (!whole) return null;
        if (moment >= gradientAt[id]) return { ...whole, part: "whole" };
        const known = uses[id].filter(({ at }) => at <= moment);
        const sum = known[known.length - 1]?.sum;
        return sum ? { ...sum, part: "part", count: known.length } : null;
      },
      /**
       * How far a moment is: 0 .. 1 on the way to the loss, above 1 on the way back.
       *
       * @param {number} moment
       */
      shareOf: (moment) => moment <= count2 ? moment / count2 : 1 + (moment - count2) / (count2 + 1),
      /** @param {number} share */
      momentOf: (share) => share <= 1 ? Math.round(share * count2) : count2 + Math.round((share - 1) * (count2 + 1)),
      /** @param {number} moment */
      within: (moment) => Math.min(last, Math.max(0, Math.round(moment) || 0)),
      /** Milliseconds a moment is shown for: three operations take half a second, a long computation a minute. */
      pace: Math.min(600, Math.max(60, 6e4 / last))
    };
  }

  // shared/theme.js
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var isDark = (theme) => theme ? theme === "dark" : dark.matches;
  function applyTheme(theme, button) {
    if (theme) document.documentElement.dataset.theme = theme;
    button.textContent = isDark(theme) ? "Light" : "Dark";
  }

  // core/level.js
  var SMALLEST = 8;
  var READABLE = 11;
  var FULL = 1;
  var NAMES = 0.5;
  var LINE2 = 13;
  var LETTER = 6.9;
  var levelOf = (zoom) => zoom >= FULL ? "full" : zoom >= NAMES ? "names" : "tiles";
  function firstZoom(whole) {
    const readable = READABLE / SMALLEST;
    if (whole >= 0.9 * FULL) return Math.min(1.6, Math.max(readable, whole));
    return Math.max(NAMES + 0.1, whole);
  }
  function roomOf(width, height, zoom) {
    return { isTwo: height * zoom >= 2 * LINE2, letters: Math.max(1, Math.floor((width * zoom - 6) / LETTER)) };
  }
  function shortened(name, letters) {
    if (name.length <= letters) return name;
    const kept = Math.max(1, letters - 1);
    const end = Math.floor(kept / 2);
    return `${name.slice(0, kept - end)}\u2026${end ? name.slice(-end) : ""}`;
  }

  // graph/briefs.js
  function briefsView(page2) {
    const { run, clock, marks, state: state2 } = page2;
    const isNew = looks();
    const briefs = /* @__PURE__ */ new Map();
    function made(id) {
      const mark = shape("g", { "aria-hidden": "true" });
      const parts = { mark, ground: shape("rect"), name: shape("text", { class: "name" }), size: shape("text") };
      mark.append(parts.ground, parts.name, parts.size);
      for (const outline of marks.cards[id].querySelectorAll(":scope > polygon")) {
        const xs = [.../** @type {SVGPolygonElement} */
        outline.points].map(({ x }) => x);
        outline.classList.toggle("outline", Math.max(...xs) - Math.min(...xs) > run.nodes[id].box[2] - 4);
      }
      marks.cards[id].append(mark);
      briefs.set(id, parts);
      return parts;
    }
    function valueOf(id) {
      const { shape: sides, rows: rows3, whole } = run.nodes[id].value;
      const isShort = clock.valueAt[id] <= state2.moment && count(sides) <= 2;
      return isShort ? rows3.flat().map((x) => number(x, whole)).join("  ") : "";
    }
    function draw(id) {
      const { name, box } = run.nodes[id];
      const [left, top, width, height] = box;
      const { isTwo, letters } = roomOf(width, height, state2.zoom);
      const isTile = levelOf(state2.zoom) === "tiles";
      const gradient = clock.gradientOf(id, state2.moment);
      const value = gradient ? number(gradient.size) : valueOf(id);
      const short2 = isTwo && !isTile && value.length <= letters ? value : "";
      const look = `brief ${gradient?.css ?? "gnone"}${gradient?.part === "part" ? " so-far" : ""}`;
      const parts = briefs.get(id) ?? made(id);
      if (!isNew(parts.mark, `${look} ${short2} ${letters} ${isTile}`)) return;
      parts.mark.setAttribute("class", gradient || short2 ? look : "brief");
      const isSplit = short2 !== "";
      const from = gradient && isSplit ? height / 2 : 0;
      const place = { x: left + 2, y: top + 2 + from, width: width - 4, height: height - 4 - from };
      for (const [key, side] of Object.entries(place)) parts.ground.setAttribute(key, String(side));
      for (
        const [text, words, y] of
        /** @type {const} */
        [
          [parts.name, isTile ? "" : shortened(name, letters), isSplit ? 0.27 : 0.5],
          [parts.size, short2, 0.76]
        ]
      ) {
        text.textContent = words;
        text.setAttribute("x", String(left + width / 2));
        text.setAttribute("y", String(top + height * y));
      }
      parts.name.classList.toggle("on-gradient", Boolean(gradient) && !isSplit);
    }
    return () => {
      const level = levelOf(state2.zoom);
      marks.drawing.dataset.level = level;
      if (level === "full") return;
      run.nodes.forEach(({ frame }, id) => {
        if (frame === null || !state2.folded.has(frame)) draw(id);
      });
    };
  }

  // graph/camera.js
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  function cameraOf(page2) {
    const { state: state2, marks } = page2;
    const picture = byId("picture");
    let drawn = "";
    const size = () => {
      const { x, y, width, height } = marks.drawing.viewBox.baseVal;
      return { left: x, top: y, width, height };
    };
    const room = () => ({ across: picture.offsetWidth - 16, down: picture.offsetHeight - 16 });
    const fitting = () => Math.min(room().across / size().width, room().down / size().height);
    function draw() {
      const { width, height } = size();
      const look = `${width} ${height} ${state2.zoom}`;
      if (look === drawn) return;
      drawn = look;
      marks.drawing.setAttribute("width", (width * state2.zoom).toFixed(1));
      marks.drawing.setAttribute("height", (height * state2.zoom).toFixed(1));
      marks.drawing.style.setProperty("--zoom", state2.zoom.toFixed(3));
    }
    function setZoom(wanted, x = picture.clientWidth / 2, y = picture.clientHeight / 2) {
      const before = state2.zoom;
      const zoom = Math.min(4, Math.max(0.05, wanted));
      page2.change({ zoom });
      picture.scrollLeft = (picture.scrollLeft + x) * zoom / before - x;
      picture.scrollTop = (picture.scrollTop + y) * zoom / before - y;
    }
    dragging(page2, picture);
    page2.listen(
      picture,
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const box = picture.getBoundingClientRect();
        setZoom(state2.zoom * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
      },
      { passive: false }
    );
    return {
      draw,
      closer: () => setZoom(state2.zoom * 1.25),
      farther: () => setZoom(state2.zoom / 1.25),
      fit: () => setZoom(Math.min(1.6, fitting())),
      open: () => setZoom(firstZoom(fitting())),
      picture,
      size,
      /** What of the picture is seen, in its own coordinates; what is smaller than its window stands in the middle. */
      seen() {
        const { left, top, width, height } = size();
        const { scrollLeft, scrollTop, clientWidth, clientHeight } = picture;
        return {
          left: left + (scrollLeft - Math.max(0, clientWidth - width * state2.zoom) / 2) / state2.zoom,
          top: top + (scrollTop - Math.max(0, clientHeight - height * state2.zoom) / 2) / state2.zoom,
          width: clientWidth / state2.zoom,
          height: clientHeight / state2.zoom
        };
      },
      /**
       * Bring a point of the picture into the middle.
       *
       * @param {number} x
       * @param {number} y
       */
      lookAt(x, y) {
        const { left, top } = size();
        const [across, down] = [(x - left) * state2.zoom, (y - top) * state2.zoom];
        picture.scrollTo({ left: across - picture.clientWidth / 2, top: down - picture.clientHeight / 2 });
      },
      /**
       * Bring a part of the picture into view, with some room around it.
       *
       * @param {Box} box
       */
      reveal(box) {
        const { left, top } = size();
        const [x, y, width, height] = box.map((each) => each * state2.zoom);
        const { scrollLeft, scrollTop, clientWidth, clientHeight } = picture;
        const target = {
          left: shifted(scrollLeft, x - left * state2.zoom, width, clientWidth),
          top: shifted(scrollTop, y - top * state2.zoom, Math.min(height, clientHeight - 40), clientHeight)
        };
        const far = Math.hypot(target.left - scrollLeft, target.top - scrollTop);
        const isSudden = calm.matches || far > 2e3 || state2.playing;
        if (far > 1) picture.scrollTo({ ...target, behavior: isSudden ? "auto" : "smooth" });
      }
    };
  }
  function shifted(scrolled, at, size, across) {
    const margin = Math.min(24, (across - size) / 2);
    const isSeen = at >= scrolled + margin && at + size <= scrolled + across - margin;
    return isSeen ? scrolled : at - (across - size) / 2;
  }
  function dragging(page2, picture) {
    let grip = null;
    let isDragged = false;
    page2.listen(picture, "pointerdown", (event) => {
      isDragged = false;
      if (event.pointerType === "mouse" && event.button === 0) {
        grip = { x: event.clientX, y: event.clientY, left: picture.scrollLeft, top: picture.scrollTop };
      }
    });
    page2.listen(window, "pointermove", (event) => {
      if (!grip) return;
      const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
      if (Math.hypot(dx, dy) > 4) {
        isDragged = true;
        picture.classList.add("dragging");
      }
      if (isDragged) picture.scrollTo({ left: grip.left - dx, top: grip.top - dy, behavior: "instant" });
    });
    for (const end of ["pointerup", "pointercancel", "blur"]) {
      page2.listen(window, end, () => {
        grip = null;
        picture.classList.remove("dragging");
      });
    }
    page2.listen(picture, "click", (event) => isDragged && event.stopPropagation(), { capture: true });
  }

  // core/words.js
  var gradientName = ({ nodes, loss }, id) => `d${nodes[loss].name}/d${nodes[id].name}`;
  function stepOf({ nodes, frames }, id) {
    const { frame } = nodes[id];
    return frame === null ? "" : `t = ${frames[frame].step}`;
  }
  function cardWords({ nodes }, clock, id, moment) {
    const { name, formula, operation, value } = nodes[id];
    const what = operation ? `${name} = ${formula}` : `${name}, ${formula}`;
    if (clock.valueAt[id] > moment) return `${what}, not computed yet`;
    const isShort = value.rows.length === 1 && value.rows[0].length <= 4;
    const numbers = isShort ? value.rows[0].map((x) => number(x, value.whole)).join(" ") : `of shape ${value.shape.join(" by ")}`;
    const gradient = clock.gradientOf(id, moment);
    const soFar = gradient?.part === "part" ? " so far" : "";
    return `${what}, value ${numbers}${gradient ? `, gradient size ${number(gradient.size)}${soFar}` : ""}`;
  }
  function lineWords(run, clock, [backward, operation, other]) {
    const { nodes } = run;
    if (!backward) return `${nodes[other].name} goes into ${nodes[operation].name} = ${nodes[operation].formula}`;
    const given = clock.handsBack[operation].find(({ source }) => source === other);
    if (!given) return "";
    const isSummed = clock.uses[other].length > 1 ? ", one of its contributions" : "";
    return `${gradientName(run, other)}${isSummed}: ${given.rule ?? "..."}, size ${number(given.share.size)}`;
  }
  function caption(run, clock, moment) {
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
  function tourWords(run, clock, moment) {
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
    const sum = `${nodes[main].name} is used ${clock.uses[main].length} times, and its gradient is the sum of what each use sends back.`;
    return [3, isShared ? sum : "Choose a card to see its numbers, and the chain rule that gave its gradient."];
  }
  function summary({ name, subtitle, frames, nodes, series }) {
    const sizes = frames.flatMap(({ step }, n) => {
      const state2 = series[0]?.ids[n] ?? null;
      const gradient = state2 === null ? null : nodes[state2].gradient;
      return gradient ? [`step ${step} ${number(gradient.size)}`] : [];
    });
    const gradients = sizes.length ? `Size of the gradient of the state: ${sizes.join(", ")}.` : "";
    return `${name ? `${name}: ` : ""}${subtitle}. ${gradients}`;
  }

  // graph/cards.js
  function cardsView(page2) {
    const { run, clock, marks, state: state2 } = page2;
    const isNew = looks();
    for (const card of marks.cards) {
      card.setAttribute("role", "button");
      card.setAttribute("tabindex", "-1");
    }
    page2.listen(marks.drawing, "click", (event) => {
      const card = event.target.closest(".card");
      if (card) page2.choose(Number(card.id.slice(1)), { reveal: false });
    });
    function drawCard(id, now) {
      const card = marks.cards[id];
      if (!card.isConnected) return;
      const gradient = clock.gradientOf(id, state2.moment);
      const isKnown = clock.valueAt[id] <= state2.moment;
      const part = gradient?.part === "part" ? gradient : null;
      const level = levelOf(state2.zoom);
      if (!isNew(card, `${page2.live?.version} ${level === "full"} ${isKnown} ${gradient?.part} ${part?.count} ${now === id}`)) return;
      card.classList.toggle("future", !isKnown);
      card.dataset.gradient = gradient?.part ?? "none";
      if (page2.live?.isChanged && level === "full") drawNumbers(card, page2.live.card(id), run.nodes[id].gradient?.css ?? "gnone");
      drawPartial(card, part);
      card.setAttribute("aria-label", cardWords(run, clock, id, state2.moment));
      if (now === id) card.setAttribute("aria-current", "step");
      else card.removeAttribute("aria-current");
    }
    function ring(which, id, room) {
      const mark = document.getElementById(which);
      mark?.classList.toggle("gone", id === null);
      if (id === null) return;
      const [x, y, width, height] = page2.folds.boxOf(id);
      const box = { x: x - room, y: y - room, width: width + 2 * room, height: height + 2 * room };
      for (const [key, value] of Object.entries(box)) mark?.setAttribute(key, String(value));
    }
    function drawStrip(mark, id) {
      const { gradient } = run.nodes[id];
      const text = mark.querySelector("text");
      if (!gradient || !text) return;
      text.dataset.middle ??= String(Number(text.getAttribute("x")) + text.getComputedTextLength() / 2);
      text.setAttribute("x", text.dataset.middle);
      text.setAttribute("text-anchor", "middle");
      text.textContent = `|${gradientName(run, id)}| = ${number(gradient.size)}`;
      colour(mark, gradient.css);
    }
    return () => {
      const now = clock.current(state2.moment);
      marks.drawing.dataset.phase = clock.isForward(state2.moment) ? "forward" : "backward";
      marks.cards.forEach((_, id) => drawCard(id, now));
      for (const [id, mark] of marks.strips) {
        mark.classList.toggle("future", clock.gradientAt[id] > state2.moment);
        if (page2.live?.isChanged && mark.isConnected) drawStrip(mark, id);
      }
      ring("ring-now", now, 4);
      ring("ring-selected", state2.selected, 8);
    };
  }
  var shades = /* @__PURE__ */ new WeakMap();
  function colour(mark, look) {
    if (shades.get(mark) === look) return;
    for (const name of [...mark.classList].filter((each) => /^g(\d|none|zero|tiny|bad)$/.test(each))) mark.classList.remove(name);
    mark.classList.add("live", look);
    shades.set(mark, look);
  }
  var rows2 = /* @__PURE__ */ new WeakMap();
  var [ADVANCE, SMALL, LABEL] = [5.4, 4.3, 30];
  function rowsOf(card) {
    return ["value", "gradient"].flatMap((kind) => {
      const part = card.querySelector(`.${kind}`);
      if (!part) return [];
      const [label, ...places2] = (
        /** @type {SVGTextElement[]} */
        [...part.querySelectorAll("text")]
      );
      const first = places2.map(({ textContent }) => textContent ?? "");
      places2.forEach((place, n) => {
        place.setAttribute("x", String(Number(place.getAttribute("x")) + ADVANCE * first[n].length));
        place.setAttribute("text-anchor", "end");
      });
      return [{ part, places: places2, first, left: Number(label.getAttribute("x")) + LABEL, ghost: null }];
    });
  }
  function drawNumbers(card, lines, look) {
    if (!rows2.has(card)) rows2.set(card, rowsOf(card));
    for (const row of rows2.get(card) ?? []) {
      const { part, places: places2, first, left } = row;
      const isGradient = part.classList.contains("gradient");
      const texts = (isGradient ? lines.gradient ?? [] : lines.value).flat().filter(Boolean);
      if (texts.length === 0) continue;
      const fits = texts.length === places2.length;
      places2.forEach((place, n) => {
        const text = fits ? texts[n] : n === places2.length - 1 ? texts.join(" ") : "";
        if (place.textContent !== text) place.textContent = text;
      });
      if (isGradient) colour(part, look);
      const was = `was ${first[0].replace("size ", "")}`;
      const room = Number(places2[0].getAttribute("x")) - ADVANCE * texts[0].length - left - SMALL;
      const isSaid = places2.length === 1 && texts[0] !== first[0] && SMALL * was.length <= room;
      if (isSaid && !row.ghost) {
        row.ghost = shape("text", { class: "ghost", x: left, y: places2[0].getAttribute("y") ?? 0 }, was);
        part.append(row.ghost);
      } else if (!isSaid) {
        row.ghost?.remove();
        row.ghost = null;
      }
    }
  }
  function drawPartial(card, sum) {
    card.querySelector(".partial")?.remove();
    const row = sum && gradientRow(card);
    if (!sum || !row) return;
    const [left, top, right, bottom] = row;
    const middle = (top + bottom) / 2 + 3;
    const lines = sum.lines.length * 11 <= bottom - top ? sum.lines : [[`size ${number(sum.size)}`]];
    const mark = shape("g", { class: `partial ${sum.css}` });
    mark.append(
      shape("rect", { x: left, y: top, width: right - left, height: bottom - top }),
      shape("text", { class: "label", x: left + 2, y: middle }, "grad"),
      ...lines.flatMap((line, n) => {
        const y = middle + 11 * (n - (lines.length - 1) / 2);
        const wide = (right - left - 34) / line.length;
        return line.map((text, m) => shape("text", { x: right - 2 - wide * (line.length - 1 - m), y }, text));
      })
    );
    card.append(mark);
  }
  function gradientRow(card) {
    const grounds = (
      /** @type {NodeListOf<SVGPolygonElement>} */
      card.querySelectorAll(".gradient polygon")
    );
    const points = Array.from(grounds).flatMap((ground) => [...ground.points]);
    if (points.length === 0) return null;
    const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  }

  // graph/controls.js
  function controlsView(page2) {
    const { run, state: state2, marks, camera } = page2;
    const help = the("about", HTMLDialogElement);
    const field2 = the("find", HTMLInputElement);
    const isNew = looks();
    byId("model").replaceChildren(...run.model.map((formula) => element("code", {}, formula)));
    byId("summary").textContent = summary(run);
    byId("fold").hidden = run.frames.length === 0;
    const clicks = {
      fold: () => page2.toggleFold(run.frames.map((_, n) => n)),
      theme: () => page2.toggleTheme(),
      help: () => help.showModal(),
      closer: camera.closer,
      farther: camera.farther,
      fit: camera.fit
    };
    for (const [id, act] of Object.entries(clicks)) page2.listen(byId(id), "click", act);
    page2.listen(field2, "input", () => page2.seek(field2.value));
    page2.listen(field2, "keydown", (event) => {
      if (event.key === "Enter") page2.nextMatch(event.shiftKey ? -1 : 1);
      if (event.key === "Escape") {
        page2.seek("");
        field2.blur();
      }
      event.stopPropagation();
    });
    const keys = the("keys", HTMLInputElement);
    page2.listen(keys, "change", () => page2.change({ keys: keys.checked }));
    page2.listen(dark, "change", () => page2.change({}));
    byId("key").querySelector("svg")?.remove();
    byId("key").append(legendOf(page2));
    page2.listen(marks.drawing, "pointerdown", () => byId("key").removeAttribute("open"));
    function drawFound() {
      const matches = matching(run, state2.sought);
      const said2 = !state2.sought.trim() ? "" : matches.length ? `${matches.length} found` : "none";
      byId("found").textContent = state2.found < 0 ? said2 : `${state2.found + 1} of ${matches.length}`;
      if (field2.value !== state2.sought) field2.value = state2.sought;
      if (!isNew(field2, state2.sought)) return;
      marks.cards.forEach((card, id) => card.classList.toggle("match", matches.includes(id)));
    }
    return () => {
      byId("fold").textContent = state2.folded.size === run.frames.length ? "Open all steps" : "Fold all steps";
      applyTheme(state2.theme, byId("theme"));
      keys.checked = state2.keys;
      drawFound();
    };
  }
  function legendOf({ marks }) {
    const { x, y, width, height } = marks.legend.getBBox();
    const enlarged = { width: 1.4 * (width + 2), height: 1.4 * (height + 2) };
    const drawn = shape("svg", { viewBox: `${x - 1} ${y - 1} ${width + 2} ${height + 2}`, "aria-hidden": "true", ...enlarged });
    drawn.append(...[...marks.legend.children].map((each) => each.cloneNode(true)));
    return drawn;
  }

  // graph/folds.js
  function foldsOf(page2) {
    const { run, marks, state: state2 } = page2;
    const { nodes, frames } = run;
    let drawn = null;
    let place = (x) => x;
    const crossings = marks.lines.flatMap((mark, n) => mark.closest(".step") ? [] : [{ n, mark, pieces: null }]);
    frames.forEach((_, n) => marks.steps[n].append(toggleOf(page2, n)));
    function columnBox(frame) {
      const [left, top, , height] = frames[frame].box;
      return [place(left), top, FOLDED, height];
    }
    function applyFolds() {
      place = placesOf(run, state2.folded);
      marks.steps.forEach((step, n) => {
        if (state2.folded.has(n)) step.remove();
        else if (!marks.home.contains(step)) {
          marks.home.insertBefore(step, marks.steps.find((other, m) => m > n && marks.home.contains(other)) ?? null);
        }
        shift(step, place(frames[n].box[0]) - frames[n].box[0]);
      });
      marks.cards.forEach((card, id) => {
        const { frame, box } = nodes[id];
        if (frame === null) shift(card, place(box[0]) - box[0]);
      });
      for (const line of crossings) moveLine(line);
      shift(marks.legend, place(run.legend) - run.legend);
      const inOrder = [...state2.folded].sort((a, b) => frames[a].box[0] - frames[b].box[0]);
      marks.folded.replaceChildren(...inOrder.map((n) => columnOf(page2, n, columnBox(n))));
      const [left, top, width, height] = run.box;
      marks.drawing.setAttribute("viewBox", `${left} ${top} ${place(left + width) - left} ${height}`);
    }
    function moveLine(line) {
      if (line.pieces === null && state2.folded.size === 0) return;
      line.pieces ??= piecesOf(line.mark);
      const low = Math.min(...line.pieces.map((piece) => piece.low));
      const high = Math.max(...line.pieces.map((piece) => piece.high));
      const isGone = isSwallowed(run, state2.folded, line.n, low, high);
      line.mark.classList.toggle("gone", isGone);
      if (!isGone) for (const piece of line.pieces) movePiece(piece, place);
    }
    return {
      draw() {
        if (drawn !== state2.folded) applyFolds();
        drawn = state2.folded;
        const now = page2.clock.current(state2.moment);
        for (const n of state2.folded) drawColumn(page2, n, now !== null && nodes[now].frame === n);
      },
      /**
       * Where a card is now; one in a folded step is the step's column.
       *
       * @param {number} id
       * @returns {Box}
       */
      boxOf(id) {
        const { frame, box } = nodes[id];
        if (frame !== null && state2.folded.has(frame)) return columnBox(frame);
        return [place(box[0]), box[1], box[2], box[3]];
      },
      columnBox,
      /**
       * The sign that folds a step.
       *
       * @param {number} n
       * @returns {Box}
       */
      toggleBox(n) {
        const [left, top, width] = frames[n].box;
        return [place(left) + width - 25, top + 7, 18, 18];
      },
      /** @param {number} n */
      focus(n) {
        const heir = document.getElementById(state2.folded.has(n) ? `column${n}` : `toggle${n}`);
        if (document.activeElement === document.body) heir?.focus({ preventScroll: true });
      }
    };
  }
  function piecesOf(mark) {
    return (
      /** @type {SVGGraphicsElement[]} */
      [...mark.children].map((node) => {
        const key = { path: "d", polygon: "points" }[node.tagName] ?? null;
        const text = key && node.getAttribute(key) || "";
        const numbers = (text.match(/-?[\d.]+/g) ?? []).map(Number);
        const xs = key ? numbers.filter((_, n) => n % 2 === 0) : [Number(node.getAttribute("cx"))];
        return { node, key, text, low: Math.min(...xs), high: Math.max(...xs) };
      })
    );
  }
  function movePiece({ node, key, text, low, high }, place) {
    const isRigid = node.tagName !== "path" || Math.abs(place(low) - low - (place(high) - high)) < 0.01;
    if (key) node.setAttribute(key, isRigid ? text : bent(text, place));
    const middle = (low + high) / 2;
    shift(node, isRigid ? place(middle) - middle : 0);
  }
  function shift(mark, dx) {
    if (dx === 0) mark.removeAttribute("transform");
    else mark.setAttribute("transform", `translate(${dx.toFixed(1)} 0)`);
  }
  function columnOf(page2, n, [x, top, width, height]) {
    const state2 = page2.stateOf(n);
    const column = shape("g", { class: "column", id: `column${n}`, role: "button", tabindex: -1 });
    column.append(
      shape("rect", { class: "ground", x, y: top, width, height }),
      shape("text", { class: "number", x: x + width / 2, y: top + 18 }, String(page2.run.frames[n].step))
    );
    if (state2 !== null && page2.run.nodes[state2].gradient) {
      const [centre, middle] = [x + width / 2, top + 72];
      column.append(
        shape("rect", { class: "size", x: x + 3, y: top + 30, width: width - 6, height: 84 }),
        shape("text", { class: "size", x: centre, y: middle, transform: `rotate(-90 ${centre} ${middle})` })
      );
    }
    column.append(shape("title"));
    column.addEventListener("click", () => page2.toggleFold([n]));
    return column;
  }
  function drawColumn(page2, n, isNow) {
    const column = document.getElementById(`column${n}`);
    const state2 = page2.stateOf(n);
    const gradient = state2 === null ? null : page2.clock.gradientOf(state2, page2.state.moment);
    const known = gradient?.part === "whole" ? gradient : null;
    const size = known ? number(known.size) : "";
    const said2 = known && state2 !== null ? `, size of ${gradientName(page2.run, state2)} ${size}` : "";
    const words = `Step ${page2.run.frames[n].step}, folded${said2}`;
    column?.setAttribute("class", `column ${known?.css ?? "gnone"}${isNow ? " now" : ""}`);
    column?.setAttribute("aria-label", words);
    column?.querySelector("title")?.replaceChildren(words);
    column?.querySelector("text.size")?.replaceChildren(size);
  }
  function toggleOf(page2, n) {
    const { step, box } = page2.run.frames[n];
    const [left, top, width] = box;
    const x = left + width - 17;
    const words = `Fold step ${step}`;
    const toggle = shape("g", { class: "toggle", id: `toggle${n}`, role: "button", tabindex: -1, "aria-label": words });
    toggle.append(
      shape("rect", { x: x - 8, y: top + 7, width: 18, height: 18, rx: 3 }),
      shape("path", { d: `M${x - 4} ${top + 12}l4 4-4 4m10-8-4 4 4 4` }),
      shape("title", {}, words)
    );
    toggle.addEventListener("click", () => page2.toggleFold([n]));
    return toggle;
  }

  // graph/keys.js
  function keysOf(page2) {
    const { state: state2, clock, camera } = page2;
    const help = the("about", HTMLDialogElement);
    const acts = {
      ArrowLeft: () => page2.step(state2.moment - 1),
      ArrowRight: () => page2.step(state2.moment + 1),
      Home: () => page2.step(0),
      End: () => page2.step(clock.last),
      " ": () => page2.togglePlay(),
      "/": () => the("find", HTMLInputElement).select(),
      "+": camera.closer,
      "=": camera.closer,
      "-": camera.farther,
      0: camera.fit,
      Escape: () => page2.unpin()
    };
    if (page2.runs.length > 1) page2.runs.slice(0, 9).forEach((_, n) => acts[n + 1] = () => page2.go(n));
    page2.listen(document, "keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
      const { key, target } = event;
      const isPressing = key === "Enter" || key === " ";
      if (isPressing && target.closest("svg [role=button]")) {
        event.preventDefault();
        target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
        return;
      }
      if (target.closest("select") || key === " " && target.closest("button")) return;
      if (!Object.hasOwn(acts, key) || key.length === 1 && !state2.keys) return;
      event.preventDefault();
      acts[key]();
    });
  }

  // graph/lines.js
  function linesView(page2) {
    const { run, clock, marks, state: state2 } = page2;
    const isNew = looks();
    page2.listen(marks.drawing, "pointerover", (event) => tell(event.target.closest(".card, .line")));
    function tell(mark) {
      if (!mark) return;
      const title = mark.querySelector(":scope > title") ?? mark.appendChild(shape("title"));
      const isCard = mark.classList.contains("card");
      title.textContent = isCard ? mark.getAttribute("aria-label") : lineWords(run, clock, run.lines[Number(mark.id.slice(1))]);
    }
    return () => {
      const now = clock.current(state2.moment);
      run.lines.forEach(([backward, operation, , shares], n) => {
        if (!marks.lines[n].isConnected) return;
        const at = backward ? clock.backAt[operation] : clock.valueAt[operation];
        const isFuture = at > state2.moment;
        const isFlowing = operation === now && at === state2.moment;
        if (!isNew(marks.lines[n], `${page2.live?.version} ${isFuture} ${isFlowing}`)) return;
        if (backward && page2.live?.isChanged) colour(marks.lines[n], page2.live.lookOfLine(shares ?? []));
        marks.lines[n].classList.toggle("future", isFuture);
        marks.lines[n].classList.toggle("flowing", isFlowing);
      });
    };
  }

  // core/python.js
  function indexOf(dimensions, at) {
    if (dimensions.length === 0) return "";
    let rest = at;
    const index = [...dimensions].reverse().map((size) => {
      const here = rest % size;
      rest = Math.floor(rest / size);
      return here;
    });
    return `[${index.reverse().join(", ")}]`;
  }
  var literal = (x) => Number.isFinite(x) ? String(x) : `float("${x}")`;
  function pythonOf({ nodes, loss, scalar }, live) {
    const { program } = live.data;
    const { changes } = live;
    const place = ({ id, at }) => `${nodes[id].name}${indexOf(nodes[id].value.shape, at)}`;
    if (!program || changes.some(({ id }) => !program.given.some(([, other]) => other === id))) {
      const lines = changes.map(({ id, at, is }) => `${nodes[id].name}.data${indexOf(nodes[id].value.shape, at) || "[...]"} = ${literal(is)}`);
      return `${lines.join("\n")}
`;
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
      ""
    ].join("\n");
  }

  // graph/live.js
  var [CURVE, DRAG, NAMED] = [120, 3, 3];
  var short = (x) => String(Number(x.toPrecision(6)));
  function liveView(page2) {
    const { run, live } = page2;
    const told = byId("live-told");
    byId("live-controls").hidden = live === null;
    if (live === null) {
      told.textContent = "not" in run.live ? `The numbers of this page cannot be changed: ${run.live.not}.` : "";
      return () => {
      };
    }
    const first = live.loss;
    const losses = [first];
    const rate = the("rate", HTMLInputElement);
    const then = (act) => () => {
      act();
      page2.changed();
    };
    const descend = (times) => {
      for (let n = 0; n < times; n += 1) {
        live.descend(Number(rate.value) || 0);
        losses.push(live.loss);
      }
    };
    page2.listen(byId("descend"), "click", then(() => descend(1)));
    page2.listen(byId("descend10"), "click", then(() => descend(10)));
    page2.listen(byId("undo"), "click", then(() => {
      live.reset();
      losses.length = 1;
    }));
    page2.listen(byId("copy"), "click", () => copied(page2, live));
    dragged(page2, live);
    return () => {
      if (!Object.is(losses[losses.length - 1], live.loss)) losses.push(live.loss);
      losses.splice(1, Math.max(0, losses.length - CURVE));
      const changed = live.changes.length;
      const name = run.nodes[run.loss].name;
      const [[id, what] = [0, ""], ...more] = live.data.fixed;
      const named = what && (more.length ? `what ${more.length + 1} masks and places say` : `the ${what} of ${run.nodes[id].name}`);
      told.textContent = changed ? `${name} = ${number(live.loss)}, was ${number(first)}; ${changed} ${changed === 1 ? "number is" : "numbers are"} changed${named && `; ${named} stays as it was`}` : "Choose a value without an operation and change its numbers: type, or drag them on its card.";
      byId("undo").disabled = changed === 0;
      byId("copy").disabled = changed === 0;
      drawCurve(losses);
    };
  }
  function drawCurve(losses) {
    const svg = the("losses", SVGSVGElement);
    svg.toggleAttribute("hidden", losses.length < 3);
    const finite2 = losses.filter(Number.isFinite);
    const [low, high] = [Math.min(...finite2), Math.max(...finite2)];
    const points = losses.map((loss, n) => {
      const height = Number.isFinite(loss) ? (loss - low) / (high - low || 1) : 1;
      return `${(1 + 98 * n / (losses.length - 1 || 1)).toFixed(1)},${(27 - 24 * height).toFixed(1)}`;
    });
    svg.replaceChildren(shape("polyline", { points: points.join(" ") }));
    svg.setAttribute("aria-label", `the loss after each change: from ${number(losses[0])} to ${number(losses[losses.length - 1])}`);
  }
  function copied(page2, live) {
    const text = pythonOf(page2.run, live);
    const place = the("python", HTMLTextAreaElement);
    place.value = text;
    the("copying", HTMLDialogElement).showModal();
    place.select();
    navigator.clipboard?.writeText(text).catch(() => {
    });
  }
  function dragged(page2, live) {
    const { marks, run } = page2;
    for (const id of live.before.keys()) {
      marks.cards[id].classList.add("leaf");
      const count2 = run.nodes[id].value.rows.flat().length;
      const texts = [...marks.cards[id].querySelectorAll(".value text")].slice(1);
      if (texts.length !== count2) continue;
      texts.forEach((text, at) => {
        text.classList.add("dragged");
        page2.listen(text, "pointerdown", (event) => {
          event.stopPropagation();
          page2.choose(id, { reveal: false });
          const start = live.entry(id, at);
          followed(event, (distance) => page2.set([{ id, at, is: moved(start, distance / 4) }]));
        });
      });
    }
  }
  function field(page2, live, id, at) {
    const { name, value } = page2.run.nodes[id];
    const was = live.before.get(id)?.[at] ?? 0;
    const now = live.entry(id, at);
    const words = `${name}${indexOf(value.shape, at)}`;
    const input = element("input", {
      type: "text",
      inputmode: "decimal",
      spellcheck: "false",
      autocomplete: "off",
      value: short(now),
      "data-key": `entry${at}`,
      "aria-label": words,
      title: now === was ? `${words}: type, or drag to the sides` : `${words} was ${short(was)}`,
      class: now === was ? null : "changed",
      onchange: ({ target }) => {
        const is = Number(target.value.replace(",", "."));
        if (target.value.trim() && Number.isFinite(is)) page2.set([{ id, at, is }]);
        else Object.assign(target, { value: short(live.entry(id, at)) });
      },
      onkeydown: (event) => {
        event.stopPropagation();
        const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        page2.set([{ id, at, is: moved(live.entry(id, at), step) }]);
      },
      onpointerdown: (event) => {
        const start = live.entry(id, at);
        followed(event, (distance) => page2.set([{ id, at, is: moved(start, distance / 4) }]));
      }
    });
    return input;
  }
  var moved = (x, steps) => Number((x + steps * Math.max(0.01, 0.01 * Math.abs(x))).toPrecision(6));
  function followed({ clientX, pointerId }, act) {
    let isDragging = false;
    const life = new AbortController();
    const follow = (event) => {
      if (event.pointerId !== pointerId) return;
      const distance = event.clientX - clientX;
      isDragging ||= Math.abs(distance) > DRAG;
      if (isDragging) act(distance);
    };
    window.addEventListener("pointermove", follow, { signal: life.signal });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => life.abort(), { signal: life.signal });
  }
  function editor(page2, live, id) {
    const { value } = page2.run.nodes[id];
    const count2 = value.shape.reduce((product, n) => product * n, 1);
    const isVector = value.shape.length < 2;
    const across = isVector ? Math.min(8, count2) : value.shape[value.shape.length - 1];
    const rows3 = Array.from(
      { length: Math.min(8, Math.ceil(count2 / across)) },
      (_, row) => Array.from({ length: Math.min(8, across, count2 - row * across) }, (__, n) => row * across + n)
    );
    const table2 = element("table", { class: "numbers fields" }, element("tbody", {}, ...rows3.map(
      (row) => element("tr", {}, ...row.map((at) => element("td", {}, field(page2, live, id, at))))
    )));
    const factor = element("input", {
      type: "range",
      min: "0",
      max: "2",
      step: "0.05",
      value: String(live.factor(id)),
      "data-key": "factor",
      "aria-label": "all numbers times",
      oninput: ({ target }) => {
        live.scale(id, Number(target.value));
        page2.changed();
      }
    });
    const square = value.shape.length === 2 && value.shape[0] === value.shape[1];
    const scaled = element("label", { class: "scaled" }, `${square ? "all, and the spectral radius," : "all"} \xD7 ${live.factor(id).toFixed(2)}`, factor);
    const said2 = element("p", { class: "facts" });
    const nudged = element("button", { type: "button", class: "quiet", "data-key": "nudge", onclick: () => {
      const at = Math.max(0, rows3.flat().findIndex((n) => live.entry(id, n) !== live.before.get(id)?.[n]));
      const { step, difference, rule } = live.nudge(id, at);
      said2.textContent = `${page2.run.nodes[id].name}${indexOf(value.shape, at)} \xB1 ${number(step)}: the loss changes by ${number(difference)} for 1, the chain rule says ${number(rule)}`;
    } }, "Check by a nudge");
    return element("div", {}, table2, count2 > 1 ? scaled : null, nudged, said2, staying(page2, live));
  }
  function staying(page2, { data: { fixed, hidden } }) {
    const named = fixed.slice(0, NAMED).flatMap(([id, what], n) => [
      `${n ? ", " : ""}the ${what} of `,
      element("button", { type: "button", class: "link", "data-key": `fixed${n}`, onclick: () => page2.choose(id) }, page2.run.nodes[id].name)
    ]);
    const more = fixed.length > NAMED ? ` and ${fixed.length - NAMED} more` : "";
    const outside = hidden ? `${hidden} ${hidden === 1 ? "tensor that is" : "tensors that are"} not shown; ` : "";
    return element("p", { class: "facts" }, "Stays as it was: ", ...named, `${more}${named.length ? "; " : ""}${outside}what Python decided by an if or computed outside of the graph.`);
  }

  // graph/marks.js
  function marksOf({ nodes, frames, lines }, closed) {
    const drawing = the("drawing", SVGSVGElement);
    const all = /* @__PURE__ */ new Map();
    for (const root of [drawing, closed]) {
      for (const mark of root.querySelectorAll("g")) if (mark.id) all.set(mark.id, mark);
    }
    const marked = (id) => {
      const mark = all.get(id);
      if (!mark) throw new TypeError(`the drawing has no #${id}`);
      return mark;
    };
    const steps = frames.map((_, n) => marked(`step${n}`));
    return {
      drawing,
      steps,
      cards: nodes.map((_, id) => marked(`n${id}`)),
      lines: lines.map((_, n) => marked(`e${n}`)),
      home: marked("steps"),
      folded: marked("folded"),
      legend: marked("legend"),
      /** The strips in the heads of the steps by the state whose gradient they show. */
      strips: new Map(
        steps.flatMap((step) => Array.from(step.querySelectorAll(".strip"), (mark) => [Number(mark.id.slice(1)), mark]))
      )
    };
  }

  // graph/minimap.js
  var WIDEST = 220;
  var HIGHEST = 90;
  var SHARE = 0.3;
  function minimapView(page2) {
    const { run, clock, marks, state: state2, camera } = page2;
    const map = the("minimap", HTMLCanvasElement);
    let scale = 1;
    function draw() {
      const { left, top, width, height } = camera.size();
      const seen = camera.seen();
      map.hidden = seen.width > 0.92 * width && seen.height > 0.75 * height;
      if (map.hidden) return;
      scale = Math.min(Math.min(WIDEST, SHARE * camera.picture.clientWidth) / width, HIGHEST / height);
      const sharp = window.devicePixelRatio || 1;
      Object.assign(map, { width: Math.ceil(width * scale * sharp), height: Math.ceil(height * scale * sharp) });
      Object.assign(map.style, { width: `${width * scale}px`, height: `${height * scale}px` });
      const pen = map.getContext("2d");
      if (!pen) return;
      const styles = getComputedStyle(document.documentElement);
      const colours = /* @__PURE__ */ new Map();
      const colour2 = (name) => {
        if (!colours.has(name)) colours.set(name, styles.getPropertyValue(`--${name}`).trim());
        return colours.get(name) ?? "";
      };
      pen.scale(sharp * scale, sharp * scale);
      pen.translate(-left, -top);
      const shown = /* @__PURE__ */ new Set();
      run.nodes.forEach(({ frame, kind }, id) => {
        if (frame !== null && state2.folded.has(frame)) {
          if (shown.has(frame)) return;
          shown.add(frame);
        }
        const gradient = clock.gradientOf(id, state2.moment);
        const shade = gradient && /^g(\d)$/.exec(gradient.css);
        const plain = kind === "parameter" ? "parameter" : clock.valueAt[id] <= state2.moment ? "border" : "panel-border";
        pen.fillStyle = colour2(shade ? `fill${shade[1]}` : gradient?.css === "gbad" ? "broken" : plain);
        pen.globalAlpha = marks.cards[id].classList.contains("aside") ? 0.3 : 1;
        pen.fillRect(...page2.folds.boxOf(id));
      });
      pen.globalAlpha = 1;
      pen.strokeStyle = colour2("text");
      pen.lineWidth = 1.5 / scale;
      const inset = pen.lineWidth / 2;
      const right = Math.min(seen.left + seen.width, left + width) - inset;
      const bottom = Math.min(seen.top + seen.height, top + height) - inset;
      const [x, y] = [Math.max(seen.left, left) + inset, Math.max(seen.top, top) + inset];
      pen.strokeRect(x, y, right - x, bottom - y);
    }
    let isWaiting = false;
    function soon() {
      if (isWaiting) return;
      isWaiting = true;
      requestAnimationFrame(() => {
        isWaiting = false;
        draw();
      });
    }
    page2.listen(camera.picture, "scroll", soon);
    page2.listen(window, "resize", soon);
    for (const kind of ["pointerdown", "pointermove"]) {
      page2.listen(map, kind, (event) => {
        if (!event.buttons) return;
        event.preventDefault();
        if (kind === "pointerdown") map.setPointerCapture(event.pointerId);
        const { left, top } = camera.size();
        camera.lookAt(left + event.offsetX / scale, top + event.offsetY / scale);
      });
    }
    return soon;
  }

  // core/ways.js
  function waysOf({ nodes, edges, loss }, id) {
    const readers = nodes.map(() => []);
    for (const [source, target, , , isCut] of edges) if (!isCut) readers[source].push(target);
    const counts = nodes.map(() => 0);
    const next = nodes.map(() => null);
    const lengths = nodes.map(() => Infinity);
    counts[loss] = 1;
    lengths[loss] = 0;
    for (let here = nodes.length - 1; here >= id; here -= 1) {
      for (const reader of readers[here]) {
        counts[here] += counts[reader];
        if (lengths[reader] + 1 < lengths[here]) [lengths[here], next[here]] = [lengths[reader] + 1, reader];
      }
    }
    const on = /* @__PURE__ */ new Set([id]);
    for (let here = id; here < nodes.length; here += 1) {
      if (on.has(here)) {
        for (const reader of readers[here]) if (counts[reader]) on.add(reader);
      }
    }
    const shortest = [id];
    for (let here = next[id]; here !== null; here = next[here]) shortest.push(here);
    return { on, count: counts[id], shortest };
  }
  function productAlong({ nodes, edges, loss }, way) {
    let product = "";
    for (let n = way.length - 2; n >= 0; n -= 1) {
      const [source, target] = [way[n], way[n + 1]];
      const rule = edges.find(([from, to]) => from === source && to === target)?.[2];
      if (!rule) return null;
      const whole = `d${nodes[loss].name}/d${nodes[target].name}`;
      if (target === loss) product = rule;
      else if (rule.split(whole).length === 2) product = rule.replace(whole, () => /[ ]/.test(product) ? `(${product})` : product);
      else return null;
    }
    return product;
  }

  // graph/contributions.js
  var MOST_BARS = 8;
  function contributions(page2, uses, link) {
    const { run, state: state2 } = page2;
    const inTime = [...uses].reverse();
    const largest = Math.max(0, ...inTime.map(({ share }) => finite(share.size)).filter(Number.isFinite));
    const place = ({ target }) => stepOf(run, target) || run.nodes[target].name;
    const percent = ({ share, at }) => at <= state2.moment && largest > 0 ? `${(100 * Math.min(1, finite(share.size) / largest)).toFixed(2)}%` : "0";
    return inTime.length > MOST_BARS ? columns(page2, inTime, place, percent) : bars(page2, inTime, place, percent, link);
  }
  function bars({ state: state2 }, inTime, place, percent, link) {
    const rows3 = inTime.map((use, n) => {
      const isKnown = use.at <= state2.moment;
      const bar = element("span", { class: `bar ${use.share.css}` });
      bar.style.width = percent(use);
      return element(
        "tr",
        { class: isKnown ? use.at === state2.moment ? "now" : null : "future" },
        element("th", { scope: "row" }, place(use)),
        element("td", { class: "bars" }, bar),
        element("td", { class: "size" }, isKnown ? number(use.share.size) : ""),
        element("td", {}, element("code", {}, use.rule ?? "..."), " by ", link(use.target, `use${n}`))
      );
    });
    return element("table", { class: "contributions" }, element("tbody", {}, ...rows3));
  }
  function columns(page2, inTime, place, percent) {
    const { run, state: state2 } = page2;
    const words = (use) => use.at > state2.moment ? `${place(use)}: not yet` : `${place(use)}: size ${number(use.share.size)} = |${use.rule ?? "..."}| by ${run.nodes[use.target].name}`;
    const known = inTime.filter(({ at }) => at <= state2.moment);
    const largest = Math.max(...known.map(({ share }) => finite(share.size)));
    const strongest = known.find(({ share }) => finite(share.size) === largest);
    const silence = strongest ? `largest: ${words(strongest)}` : "none of them is known yet";
    const say2 = element("p", { class: "facts", "aria-live": "polite" }, silence);
    const buttons = inTime.map((use, n) => {
      const bar = element("span", { class: `bar ${use.share.css}` });
      bar.style.height = percent(use);
      const tell = () => say2.textContent = words(use);
      const attributes = {
        type: "button",
        class: use.at === state2.moment ? "now" : null,
        "data-key": `use${n}`,
        "aria-label": words(use),
        onclick: () => page2.choose(use.target),
        onfocus: tell,
        onpointerenter: tell,
        onpointerleave: () => say2.textContent = silence
      };
      return element("button", attributes, bar);
    });
    const chart = element("div", { class: "columns", role: "toolbar", "aria-label": "Contributions in the order of time" }, ...buttons);
    const ends = [inTime[0], inTime[inTime.length - 1]].map((use) => element("span", {}, place(use)));
    const axis = element("div", { class: "ends" }, ...ends);
    for (const each of [chart, axis]) each.style.maxWidth = `${inTime.length * 35}px`;
    roving(chart);
    return element("div", { class: "chart" }, chart, axis, say2);
  }

  // graph/panel.js
  var START = "Nothing is computed yet. Inputs, parameters and the start are given; one operation after the other computes the rest.";
  var MOST_LINKS = 8;
  function panelView(page2) {
    const { state: state2 } = page2;
    const panel = byId("panel");
    let [drawn, scrolled] = ["", 0];
    page2.listen(panel, "scroll", () => {
      scrolled = panel.scrollTop;
    });
    return () => {
      const { selected } = state2;
      const look = `${selected} ${state2.moment} ${state2.pinned} ${page2.live?.version}`;
      if (look === drawn) return;
      drawn = look;
      const focus = panel.contains(document.activeElement) ? (
        /** @type {HTMLElement} */
        document.activeElement.dataset.key
      ) : void 0;
      const before = scrolled;
      panel.replaceChildren(...selected === null ? [hint(START)] : blocksOf(page2, selected));
      if (before) panel.scrollTop = before;
      const again = focus ? panel.querySelector(`[data-key="${focus}"]`) : null;
      again?.focus({ preventScroll: true });
    };
  }
  var hint = (words) => element("p", { class: "hint" }, words);
  var facts = (...words) => element("p", { class: "facts" }, ...words);
  var code = (text) => element("code", {}, text);
  var block = (title, ...children) => element("div", { class: "block" }, element("h3", {}, ...[title].flat()), ...children);
  function table(array) {
    const rows3 = tableOf(array);
    if (!rows3) return element("p", { class: "numbers" }, "empty");
    const cell = (text) => element("td", { class: text === ".." ? "more" : null }, text);
    return element("table", { class: "numbers" }, element("tbody", {}, ...rows3.map((row) => element("tr", {}, ...row.map(cell)))));
  }
  function blocksOf(page2, id) {
    const { run, clock, state: state2 } = page2;
    const { nodes, edges } = run;
    const node = nodes[id];
    const known = clock.gradientOf(id, state2.moment);
    const own = gradientName(run, id);
    const link = (to, key) => element("button", { type: "button", class: "link", "data-key": key, onclick: () => page2.choose(to) }, nodes[to].name);
    function identity() {
      const role = node.operation ? ROLES[node.kind] : node.formula;
      const size = node.value.shape.length ? node.value.shape.join(" \xD7 ") : "a single number";
      const where = node.place.filter((one) => !/^t=-?\d+$/.test(one)).join(" / ");
      const follow = { type: "button", class: "quiet", "data-key": "follow", onclick: () => page2.unpin(), title: "Esc" };
      return element(
        "div",
        { class: "block identity" },
        element("h2", {}, node.name),
        facts([role, size, stepOf(run, id), where && `in ${where}`].filter(Boolean).join(", ")),
        node.operation ? code(`${node.name} = ${node.formula}`) : null,
        state2.pinned ? element("button", follow, "Follow the computation") : null
      );
    }
    function value() {
      if (clock.valueAt[id] > state2.moment) return block("value", hint("not computed yet"));
      const stays = page2.live?.changes.length ? page2.live.data.fixed.find(([reader]) => reader === id) : null;
      if (page2.live?.isLeaf(id)) return block("value", editor(page2, page2.live, id));
      const [low, high] = (node.value.range ?? []).map((x) => number(x, node.value.whole));
      const range = low === void 0 ? null : facts(`from ${low} to ${high}`);
      const was = before(node.value.size, page2.live?.drawn[id].value.size);
      return block("value", table(node.value), range, was, stays ? facts(`its ${stays[1]} stays as it was`) : null);
    }
    function gradient() {
      if (!node.gradient) return block("gradient", hint("none: nothing comes back to it"));
      if (!known) return block(own, hint("not known yet"));
      const chip = element("span", { class: `chip ${known.css}` }, `size ${number(known.size)}`);
      const note = known.part === "part" ? facts(`the sum of ${known.count} of ${clock.uses[id].length} so far`) : null;
      return block([own, " ", chip], table(known), note, before(known.size, page2.live?.drawn[id].gradient?.size));
    }
    function before(now, was = now) {
      return number(now) === number(was) ? null : facts(`of size ${number(was)} before the changes`);
    }
    function reason() {
      const from = clock.uses[id];
      if (!node.gradient) return cut();
      if (from.length === 0) {
        const note = run.scalar ? null : facts("for every number of it: the gradients are those of their sum");
        return block("where the way back begins", code(`${own} = 1`), note);
      }
      if (from.length > 1) {
        const sum = block(`${own} is the sum of ${from.length} contributions`, contributions(page2, from, link), cut());
        sum.classList.add("wide");
        return sum;
      }
      const [{ target, rule }] = from;
      const user = facts("used by ", link(target, "use0"), ` = ${nodes[target].formula}`);
      return block("by the chain rule", code(`${own} = ${rule ?? "..."}`), user, cut());
    }
    function cut() {
      const readers = edges.flatMap(([source, target, , , isCut]) => source === id && isCut ? [target] : []);
      if (readers.length === 0) return null;
      const links = readers.flatMap((target, n) => [n ? ", " : "", link(target, `cut${n}`)]);
      return facts("detached on the way to ", ...links, ": no gradient comes back from there");
    }
    function onwards() {
      if (clock.handsBack[id].length === 0) return null;
      const isKnown = clock.backAt[id] <= state2.moment;
      const rows3 = clock.handsBack[id].map(
        ({ source, rule, share }, n) => element(
          "li",
          { class: isKnown ? null : "future" },
          element("span", {}, `d${nodes[run.loss].name}/d`, link(source, `back${n}`)),
          code(`${clock.uses[source].length > 1 ? "+=" : "="} ${rule ?? "..."}`),
          element("span", { class: `chip ${isKnown ? share.css : "gnone"}` }, isKnown ? `size ${number(share.size)}` : "not yet")
        )
      );
      return block("and hands back", element("ul", { class: "hands" }, ...rows3));
    }
    function ways() {
      if (!state2.pinned || id === run.loss) return null;
      const { count: count2, shortest } = waysOf(run, id);
      const title = `${count2 === 1 ? "one way" : `${number(count2, true)} ways`} to ${nodes[run.loss].name}`;
      if (count2 === 0) return block(`no way to ${nodes[run.loss].name}`, hint("the loss does not depend on it"));
      const through = shortest.slice(1);
      const links = through.slice(0, MOST_LINKS).flatMap((each, n) => [n ? " \u2192 " : "", link(each, `way${n}`)]);
      const rest = through.length > MOST_LINKS ? [` \u2192 ... ${through.length - MOST_LINKS} more`] : [];
      const product = through.length > MOST_LINKS || !node.gradient ? null : productAlong(run, shortest);
      return block(title, facts(count2 === 1 ? "" : "the shortest: ", ...links, ...rest), product ? code(product) : null);
    }
    return [identity(), value(), gradient(), reason(), onwards(), ways()].filter((each) => each !== null);
  }

  // core/roam.js
  var SIDES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  var isSide = (key) => Object.hasOwn(SIDES, key);
  function neighbour(boxes, from, side) {
    const [alongX, alongY] = SIDES[side];
    const [left, top, width, height] = boxes[from];
    let best = -1;
    let least = Infinity;
    boxes.forEach(([otherLeft, otherTop, otherWidth, otherHeight], n) => {
      const dx = otherLeft + otherWidth / 2 - (left + width / 2);
      const dy = otherTop + otherHeight / 2 - (top + height / 2);
      const gapX = Math.max(0, Math.abs(dx) - (width + otherWidth) / 2);
      const gapY = Math.max(0, Math.abs(dy) - (height + otherHeight) / 2);
      const ahead = dx * alongX + dy * alongY;
      const [gap, aside] = alongX ? [gapY, Math.abs(dy)] : [gapX, Math.abs(dx)];
      const distance = ahead + 3 * gap + aside / 4;
      if (ahead > 1 && distance < least) [best, least] = [n, distance];
    });
    return best;
  }

  // graph/roam.js
  function roamView(page2) {
    const { marks, state: state2, clock } = page2;
    let stop = null;
    const all = () => (
      /** @type {NodeListOf<SVGElement>} */
      marks.drawing.querySelectorAll("[role=button]")
    );
    function boxOf(mark) {
      const n = Number(mark.id.replace(/\D/g, ""));
      if (mark.classList.contains("card")) return page2.folds.boxOf(n);
      if (mark.classList.contains("column")) return page2.folds.columnBox(n);
      return page2.folds.toggleBox(n);
    }
    function stopAt(mark) {
      stop?.setAttribute("tabindex", "-1");
      mark.setAttribute("tabindex", "0");
      stop = mark;
    }
    const picture = byId("picture");
    page2.listen(picture, "focusin", (event) => {
      const mark = event.target.closest("[role=button]");
      if (mark) stopAt(mark);
    });
    page2.listen(picture, "keydown", (event) => {
      if (!isSide(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
      const here = event.target.closest("[role=button]");
      if (!here?.matches(":focus-visible")) return;
      event.preventDefault();
      event.stopPropagation();
      const found = [...all()];
      const boxes = found.map(boxOf);
      const to = neighbour(boxes, found.indexOf(here), event.key);
      if (to < 0) return;
      found[to].focus({ preventScroll: true });
      page2.camera.reveal(boxes[to]);
    });
    return () => {
      if (stop?.isConnected) return;
      const id = state2.selected ?? clock.current(state2.moment) ?? 0;
      const { frame } = page2.run.nodes[id];
      const isFolded = frame !== null && state2.folded.has(frame);
      const mark = isFolded ? document.getElementById(`column${frame}`) : marks.cards[id];
      if (mark instanceof SVGElement) stopAt(mark);
    };
  }

  // graph/stepper.js
  function stepperView(page2) {
    const { run, clock, state: state2 } = page2;
    const slider = the("slider", HTMLInputElement);
    let timer;
    slider.max = String(clock.last);
    const clicks = {
      first: () => page2.step(0),
      back: () => page2.step(state2.moment - 1),
      next: () => page2.step(state2.moment + 1),
      last: () => page2.step(clock.last),
      play: () => page2.togglePlay()
    };
    for (const [id, act] of Object.entries(clicks)) page2.listen(byId(id), "click", act);
    page2.listen(slider, "input", () => page2.step(Number(slider.value)));
    function tick() {
      page2.show(state2.moment + 1);
      if (state2.moment === clock.last) page2.change({ playing: false });
    }
    return () => {
      const { moment, playing } = state2;
      if (playing) timer ??= setInterval(tick, clock.pace);
      else timer = clearInterval(timer) ?? void 0;
      byId("play").classList.toggle("on", playing);
      byId("play-word").textContent = playing ? "Pause" : "Play";
      const [phase, deed] = caption(run, clock, moment);
      byId("phase").textContent = phase;
      byId("deed").textContent = deed;
      byId("caption").dataset.phase = clock.isForward(moment) ? "forward" : "backward";
      byId("caption").setAttribute("aria-live", playing ? "off" : "polite");
      slider.value = String(moment);
      slider.setAttribute("aria-valuetext", phase);
      for (const id of ["first", "back"]) the(id, HTMLButtonElement).disabled = moment === 0;
      for (const id of ["next", "last"]) the(id, HTMLButtonElement).disabled = moment === clock.last;
    };
  }

  // graph/strip.js
  function stripView(page2) {
    const { run, runs: runs2, clock, state: state2 } = page2;
    const select = the("heat-state", HTMLSelectElement);
    const isNew = looks();
    const longest = Math.max(...runs2.map(({ frames }) => frames.length));
    const isThin = longest > (runs2.length > 1 ? 40 : 60);
    const rows3 = runs2.map((each, n) => rowOf(page2, n, longest, isThin));
    const seriesWords = run.series.map(({ name }) => `|d${run.nodes[run.loss].name}/d${name}[t]|`);
    byId("heat-bar").hidden = runs2.every(({ series }) => series.length === 0);
    byId("heats").replaceChildren(...rows3.map(({ row }) => row));
    select.replaceChildren(...seriesWords.map((words, n) => element("option", { value: n }, words)));
    select.hidden = run.series.length < 2;
    byId("heat-name").textContent = select.hidden ? seriesWords[0] ?? "" : "";
    page2.listen(select, "change", () => page2.change({ series: Number(select.value), folded: new Set(state2.folded) }));
    function fill(button, of, n, id, gradient, more = "") {
      const look = `${gradient?.css ?? "gnone"}${more}`;
      if (!isNew(button, `${look} ${id} ${gradient?.size}`)) return;
      const { step, label } = of.frames[n];
      const size = gradient ? number(gradient.size) : "";
      const short2 = of.frames.length <= 25 && label ? label : String(step);
      const first = of.frames.length <= 10 ? label || `t = ${step}` : short2;
      const words = of.frames.length <= 10 && size ? [first, size] : [first];
      const known = id === null || !gradient ? "not known yet" : `size of ${gradientName(of, id)}${words[1] ? "" : ` is ${size}`}`;
      const where = first === `t = ${step}` ? "" : `, t = ${step}${label && first !== label ? ` (${label})` : ""}`;
      const title = `${words.join(" ")}: ${known}${where}`;
      button.className = look;
      button.replaceChildren(...words.flatMap((word, m) => [m ? " " : "", element("span", {}, word)]));
      button.title = title;
      button.setAttribute("aria-label", title);
    }
    function drawOpen(n) {
      const id = page2.stateOf(n);
      const gradient = id === null ? null : clock.gradientOf(id, state2.moment);
      const known = gradient?.part === "whole" ? gradient : null;
      const isChosen = id !== null && state2.selected === id;
      const more = `${state2.folded.has(n) ? " folded" : ""}${isChosen ? " chosen" : ""}`;
      fill(rows3[state2.run].buttons[n], run, n, id, known, more);
    }
    return () => {
      select.value = String(state2.series);
      runs2.forEach((each, m) => {
        const series = each.series.find(({ name }) => name === run.series[state2.series]?.name) ?? each.series[0];
        rows3[m].verdict.textContent = series?.verdict ?? "";
        rows3[m].buttons.forEach((button, n) => {
          if (m === state2.run) return drawOpen(n);
          const id = series?.ids[n] ?? null;
          return fill(button, each, n, id, id === null ? null : each.nodes[id].gradient);
        });
      });
    };
  }
  function rowOf(page2, n, longest, isThin) {
    const { runs: runs2, state: state2 } = page2;
    const { name, frames } = runs2[n];
    const isOpen = n === state2.run;
    const isAlone = runs2.length === 1;
    const buttons = frames.map((_, frame) => {
      const id = () => page2.stateOf(frame);
      const choose = () => id() !== null && page2.choose(Number(id()));
      const acts = { onclick: choose, ondblclick: () => page2.toggleFold([frame]) };
      return element("button", { type: "button", ...isOpen ? acts : { onclick: () => page2.go(n, frame) } });
    });
    const words = `Size of the gradient by time step${isAlone ? "" : `, ${name}`}`;
    const look = isThin ? "strip-of thin" : "strip-of";
    const strip = element("div", { class: look, id: isOpen ? "heat" : null, role: "toolbar", "aria-label": words }, ...buttons);
    strip.style.flexGrow = String(frames.length);
    roving(strip);
    const verdict = element("p", { class: "verdict" });
    if (isAlone) return { row: element("div", { class: "heat-row" }, strip), buttons, verdict };
    const gap = element("div", { class: "gap" });
    gap.style.flexGrow = String(longest - frames.length);
    const open2 = element("button", { type: "button", class: "run", "aria-pressed": String(isOpen), onclick: () => page2.go(n) }, name);
    const room = element("div", { class: "strip-room" }, strip, gap);
    const row = element("div", { class: isOpen ? "heat-row open" : "heat-row", "data-run": n }, open2, room, verdict);
    return { row, buttons, verdict };
  }

  // graph/tour.js
  function tourView(page2) {
    const { run, clock, state: state2 } = page2;
    const tour = byId("tour");
    const last = () => state2.moment === clock.last;
    const next = () => page2.step(clock.isForward(state2.moment) ? clock.count + 1 : clock.last);
    page2.listen(byId("begin"), "click", () => page2.togglePlay());
    page2.listen(byId("tour-next"), "click", () => last() ? page2.change({ touring: false }) : next());
    page2.listen(byId("tour-end"), "click", () => page2.change({ touring: false }));
    return () => {
      const pressed = tour.contains(document.activeElement) ? document.activeElement : null;
      tour.hidden = !state2.touring;
      const begins = state2.moment === 0 && !state2.playing;
      tour.classList.toggle("begins", begins);
      byId("begin").hidden = !begins;
      const [at, words] = tourWords(run, clock, state2.moment);
      byId("tour-at").textContent = `${at} of 3`;
      byId("tour-words").textContent = words;
      byId("tour-next").textContent = last() ? "Done" : "Next";
      byId("tour-end").hidden = last();
      if (pressed?.checkVisibility() === false) byId(state2.touring && last() ? "tour-next" : "play").focus();
    };
  }

  // graph/ways.js
  function waysView(page2) {
    const { run, marks, state: state2 } = page2;
    let drawn = null;
    return () => {
      const chosen = state2.pinned ? state2.selected : null;
      if (chosen === drawn) return;
      drawn = chosen;
      const on = chosen === null ? null : waysOf(run, chosen).on;
      marks.cards.forEach((card, id) => card.classList.toggle("aside", on !== null && !on.has(id)));
      run.lines.forEach(([, operation, other], n) => {
        marks.lines[n].classList.toggle("aside", on !== null && !(on.has(operation) && on.has(other)));
      });
    };
  }

  // graph/page.js
  var MOST = 4e3;
  var lives = /* @__PURE__ */ new WeakMap();
  function liveOf(run) {
    if ("not" in run.live) return null;
    const live = lives.get(run) ?? new Live(run, run.live);
    lives.set(run, live);
    return live;
  }
  var Page = class {
    #life = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #writing;
    /**
     * @param {Run[]} runs
     * @param {State} state of which `run` says which one is open
     * @param {Element} closed the steps that are folded at first
     * @param {(run: number, pick?: number) => void} go opens another run, and chooses a step there
     */
    constructor(runs2, state2, closed, go2) {
      this.runs = runs2;
      this.run = runs2[state2.run];
      this.state = state2;
      this.go = go2;
      this.clock = clockOf(this.run);
      this.live = liveOf(this.run);
      this.marks = marksOf(this.run, closed);
      this.folds = foldsOf(this);
      this.camera = cameraOf(this);
      this.views = [
        this.folds.draw,
        this.camera.draw,
        ...[cardsView, briefsView, linesView, waysView, minimapView, roamView].map((view) => view(this)),
        ...[stripView, panelView, stepperView, controlsView, tourView, liveView].map((view) => view(this))
      ];
      keysOf(this);
    }
    /** Ends what the page listens to and writes, so that another run can be opened. */
    close() {
      this.change({ playing: false, sought: "" });
      this.#life.abort();
      clearTimeout(this.#writing);
    }
    /**
     * Listen for as long as the run is open.
     *
     * @param {EventTarget} target
     * @param {string} kind
     * @param {(event: any) => void} act
     * @param {AddEventListenerOptions} [options]
     */
    listen(target, kind, act, options = {}) {
      target.addEventListener(kind, act, { signal: this.#life.signal, ...options });
    }
    /** @param {Partial<State>} part */
    change(part) {
      Object.assign(this.state, part);
      for (const draw of this.views) draw();
      clearTimeout(this.#writing);
      this.#writing = setTimeout(() => say(written(this.run, this.state)), 250);
    }
    /**
     * Begin at what an address says.
     *
     * @param {{ has(key: string): boolean, get(key: string): string | null }} said
     * @param {boolean} isFirst whether the page was opened just now
     */
    begin(said2, isFirst) {
      const asked = read(this.run, this.clock, said2);
      const moment = asked.moment ?? this.state.moment;
      const now = this.clock.current(moment);
      const touring = asked.moment === void 0 && (isFirst || this.state.touring);
      if (this.live && asked.changes !== void 0) {
        this.live.reset();
        this.live.change(changesIn(asked.changes, this.live));
      }
      this.#open({ ...asked, moment, touring, selected: asked.selected ?? now }, now ?? asked.selected ?? null);
    }
    /**
     * Begin where the reader is on the page of another run, as far as there is such a thing.
     *
     * @param {{ run: Run, clock: Clock, state: State }} before
     */
    beginLike(before) {
      const part = carried(before, this);
      const now = this.clock.current(part.moment ?? 0);
      this.#open({ ...part, selected: part.selected ?? now }, now);
    }
    /**
     * @param {Partial<State>} part
     * @param {number | null} seen what to bring into view
     */
    #open(part, seen) {
      this.change(part);
      this.camera.open();
      if (seen !== null) this.reveal(seen);
    }
    /** The value of a step the strip speaks of: the one of the chosen series. */
    stateOf(frame) {
      return this.run.series[this.state.series]?.ids[frame] ?? null;
    }
    // ---- numbers
    /** @param {{id: number, at: number, is: number}[]} changes */
    set(changes) {
      this.live?.change(changes);
      this.changed();
    }
    /** Everything anew, after numbers were changed. */
    changed() {
      const words = this.live ? wordsOfChanges(this.live.changes) : "";
      this.change({ changes: words.length > MOST ? "" : words });
    }
    // ---- time
    /**
     * Go to a moment; the view and the panel follow unless something was chosen.
     *
     * @param {number} wanted
     */
    show(wanted) {
      const moment = this.clock.within(wanted);
      const now = this.clock.current(moment);
      const ends = this.state.touring && moment === this.clock.last;
      const selected = ends ? mainValue(this.run, this.clock) : now;
      this.change({ moment, ...this.state.pinned ? {} : { selected } });
      if (now !== null) this.reveal(now);
    }
    /**
     * Go to a moment by hand, which ends playing.
     *
     * @param {number} wanted
     */
    step(wanted) {
      this.change({ playing: false });
      this.show(wanted);
    }
    togglePlay() {
      const { playing, moment } = this.state;
      if (!playing && moment === this.clock.last) this.show(0);
      this.change({ playing: !playing });
    }
    // ---- choosing
    /**
     * @param {number} id
     * @param {{ reveal?: boolean }} [how]
     */
    choose(id, { reveal = true } = {}) {
      this.change({ selected: id, pinned: true });
      if (reveal) this.reveal(id);
    }
    /** Follow the computation again. */
    unpin() {
      this.change({ pinned: false, selected: this.clock.current(this.state.moment) });
    }
    /** @param {string} sought */
    seek(sought) {
      this.change({ sought, found: -1 });
    }
    /** @param {number} direction */
    nextMatch(direction) {
      const matches = matching(this.run, this.state.sought);
      if (matches.length === 0) return;
      const found = (this.state.found + direction + matches.length) % matches.length;
      const { frame } = this.run.nodes[matches[found]];
      if (frame !== null && this.state.folded.has(frame)) this.toggleFold([frame]);
      this.change({ found });
      this.choose(matches[found]);
    }
    // ---- looks
    /**
     * Bring a card into view.
     *
     * @param {number} id
     */
    reveal(id) {
      this.camera.reveal(this.folds.boxOf(id));
    }
    /** @param {number[]} which */
    toggleFold(which) {
      this.change({ folded: toggled(this.state.folded, which) });
      if (which.length === 1) this.folds.focus(which[0]);
    }
    toggleTheme() {
      this.change({ theme: isDark(this.state.theme) ? "light" : "dark" });
    }
  };

  // graph/main.js
  var runs = carried2();
  var state = {
    run: 0,
    moment: 0,
    playing: false,
    folded: /* @__PURE__ */ new Set(),
    series: 0,
    selected: null,
    pinned: false,
    changes: "",
    sought: "",
    found: -1,
    zoom: 1,
    theme: null,
    touring: false,
    keys: true
  };
  var drawings = runs.map((_, n) => {
    if (n > 0) return [...the(`run${n}`, HTMLTemplateElement).content.children];
    const closed = (
      /** @type {Element} */
      the("closed", HTMLTemplateElement).content.firstElementChild
    );
    const first = [the("drawing", SVGSVGElement), closed];
    return runs.length > 1 ? first.map((part) => (
      /** @type {Element} */
      part.cloneNode(true)
    )) : first;
  });
  var page = null;
  function open(n) {
    page?.close();
    const [drawing, closed] = runs.length > 1 ? drawings[n].map((part) => document.importNode(part, true)) : drawings[n];
    the("drawing", SVGSVGElement).replaceWith(drawing);
    state.run = n;
    page = new Page(runs, state, closed, go);
    return page;
  }
  function go(n, pick) {
    const before = page && { run: page.run, clock: page.clock, state: { ...state } };
    const isRun = document.activeElement?.classList.contains("run");
    const opened = open(n);
    if (before) opened.beginLike(before);
    if (pick !== void 0) byId("heat").querySelectorAll("button")[pick].click();
    const button = isRun ? document.querySelector(`[data-run="${n}"] .run`) : null;
    button?.focus();
  }
  document.body.classList.add("live");
  window.addEventListener("hashchange", ({ newURL }) => {
    const wanted = runIn(runs.length, said(newURL));
    (page && wanted === state.run ? page : open(wanted)).begin(said(newURL), false);
  });
  open(runIn(runs.length, said())).begin(said(), true);
})();
