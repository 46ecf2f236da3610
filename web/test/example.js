// A small run, as Python would write it: h1 = W * x, h2 = W * h1, L = h1 + h2, with steps 1 and 2.

const NUMBER = (x) => ({ shape: [], size: Math.abs(x), rows: [[x]] });
const gradient = (x) => ({ ...NUMBER(x), css: "g1" });
const sum = (x) => ({ ...gradient(x), lines: [[String(x)]] });
const value = (name, kind, formula, x, dx, frame, left) => ({
  name,
  kind,
  formula,
  operation: formula.includes(" "),
  value: NUMBER(x),
  gradient: dx === null ? null : gradient(dx),
  frame,
  place: frame === null ? [] : [`t=${frame + 1}`],
  box: [left, 0, 100, 40],
});

export const run = {
  name: "",
  subtitle: "two steps",
  model: ["h[t] = W * h[t-1]"],
  loss: 4,
  scalar: true,
  box: [0, 0, 1000, 100],
  legend: 900,
  folded: [],
  window: null,
  frames: [
    { step: 1, label: "", box: [200, 0, 200, 100] },
    { step: 2, label: "", box: [420, 0, 200, 100] },
  ],
  series: [{ name: "h", ids: [2, 3], verdict: "grows" }],
  nodes: [
    value("W", "parameter", "parameter", 3, 16, null, 0),
    value("x", "input", "input", 2, null, null, 0),
    value("h1", "state", "W * x", 6, 4, 0, 210),
    value("h2", "state", "W * h1", 18, 1, 1, 430),
    value("L", "loss", "h1 + h2", 24, 1, null, 700),
  ],
  edges: [
    [0, 2, "dL/dh1 * x", { size: 8, css: "g2" }, false],
    [1, 2, null, null, false],
    [0, 3, "dL/dh2 * h1", { size: 6, css: "g2" }, false],
    [2, 3, "dL/dh2 * W", { size: 3, css: "g1" }, false],
    [2, 4, "dL/dL", { size: 1, css: "g0" }, false],
    [3, 4, "dL/dL", { size: 1, css: "g0" }, false],
  ],
  uses: { 0: [[2, sum(6)], [0, sum(14)]], 2: [[4, sum(1)], [3, sum(4)]], 3: [[5, null]] },
  lines: [[0, 2, 0], [0, 3, 2], [1, 3, 2], [1, 2, 0]],
};
