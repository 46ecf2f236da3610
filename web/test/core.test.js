// The core: the clock, folding, numbers, words, addresses and choices, on a run that can be worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";
import { carried, read, runIn, written } from "../core/address.js";
import { mainValue, matching } from "../core/choice.js";
import { clockOf } from "../core/clock.js";
import { FOLDED, bent, foldsIn, isSwallowed, placesOf, toggled, wordsOf } from "../core/folding.js";
import { judged } from "../core/flow.js";
import { firstZoom, levelOf, roomOf, shortened } from "../core/level.js";
import { heightOn, look, number, tableOf } from "../core/numbers.js";
import { lossAxis, nearest, shown, stretches, ticks } from "../core/training.js";
import { neighbour } from "../core/roam.js";
import { productAlong, waysOf } from "../core/ways.js";
import { alike, cellWords, elsewhere, placeOf, starts, stepNamed, stepsIn, windowOf } from "../core/windows.js";
import { caption, cardWords, isInPart, lineWords, summary, tourWords } from "../core/words.js";
import { unpacked } from "../shared/packed.js";
import { run } from "./example.js";

const clock = clockOf(run);
const [W, x, h1, h2, L] = [0, 1, 2, 3, 4];
const state = (part) => ({ run: 0, moment: 7, folded: new Set(), series: 0, selected: null, pinned: false, keys: true, touring: false, theme: null, ...part });

test("a run of three operations has seven moments and a beginning", () => {
  assert.equal(clock.last, 7);
  assert.deepEqual(Array.from({ length: 8 }, (_, at) => clock.current(at)), [null, h1, h2, L, L, L, h2, h1]);
  assert.deepEqual(clock.valueAt, [0, 0, 1, 2, 3]);
  assert.deepEqual(clock.backAt, [Infinity, Infinity, 7, 6, 5]);
  assert.deepEqual(clock.gradientAt, [7, Infinity, 6, 5, 4]);
});

test("a gradient is the sum of what arrived until then", () => {
  const known = (id) => Array.from({ length: 8 }, (_, at) => clock.gradientOf(id, at)).map((one) => one && [one.part, one.size]);
  const [no, part, whole] = [null, "part", "whole"];
  assert.deepEqual(known(L), [no, no, no, no, [whole, 1], [whole, 1], [whole, 1], [whole, 1]]);
  assert.deepEqual(known(h1), [no, no, no, no, no, [part, 1], [whole, 4], [whole, 4]]);
  assert.deepEqual(known(W), [no, no, no, no, no, no, [part, 6], [whole, 16]]);
  assert.deepEqual(known(x), Array(8).fill(no));
  assert.equal(clock.gradientOf(W, 6).count, 1);
});

test("moments are brought into range, and correspond to those of another run", () => {
  assert.deepEqual([-3, 2.4, 1e9, NaN].map(clock.within), [0, 2, 7, 0]);
  for (let at = 0; at <= 7; at += 1) assert.equal(clock.momentOf(clock.shareOf(at)), at);
});

test("folding moves what is to the right, keeps the order, and nothing else", () => {
  const open = placesOf(run, new Set());
  for (const at of [-50, 0, 333, 2000]) assert.equal(open(at), at);
  const first = placesOf(run, new Set([0]));
  assert.deepEqual([100, 200, 400, 620].map(first), [100, 200, 200 + FOLDED, 620 - (200 - FOLDED)]);
  const both = placesOf(run, new Set([0, 1]));
  assert.equal(both(420), 200 + FOLDED + 4);
  for (const place of [first, both]) {
    for (let at = 0; at < 1000; at += 7) assert.ok(place(at) <= place(at + 7));
  }
  // A card between two steps keeps its room.
  const between = { ...run, nodes: [...run.nodes, { ...run.nodes[x], box: [405, 0, 10, 10] }] };
  assert.equal(placesOf(between, new Set([0, 1]))(420), 200 + FOLDED + 20);
  assert.equal(bent("M10,5C20,-5 210.5,7 400,9", first), `M10.0,5C20.0,-5 ${first(210.5).toFixed(1)},7 ${first(400).toFixed(1)},9`);
});

test("a line inside what is folded cannot be seen", () => {
  const swallowed = (folds, n, low, high) => isSwallowed(run, new Set(folds), n, low, high);
  assert.equal(swallowed([], 1, 310, 430), false);
  assert.equal(swallowed([0, 1], 1, 310, 430), true);
  assert.equal(swallowed([0], 1, 310, 430), false);
  assert.equal(swallowed([0], 0, 210, 300), true);
});

test("folded steps in words and back", () => {
  assert.equal(wordsOf(new Set([11, 1, 2, 6, 7, 8])), "2-3,7-9,12");
  assert.deepEqual(foldsIn("2-3,7-9,12", 99), new Set([1, 2, 6, 7, 8, 11]));
  assert.deepEqual(foldsIn("x,-,99-100,3-1,0-2", 2), new Set([0, 1]));
  const folds = new Set([1]);
  assert.deepEqual(toggled(folds, [0, 1]), new Set([0, 1]));
  assert.deepEqual(toggled(folds, [1]), new Set());
  assert.deepEqual(folds, new Set([1]));
});

test("numbers, and arrays as tables", () => {
  const texts = [0, 12500, 13500, 0.0009999, 9999.7, 1.125, -2.375, 1e300, "NaN"].map((each) => number(each));
  assert.deepEqual(texts, ["0", "1.2e4", "1.4e4", "1.0e-3", "1.0e4", "1.12", "-2.38", "1.0e300", "NaN"]);
  assert.equal(tableOf({ shape: [0, 3], size: 0, rows: [[]] }), null);
  assert.deepEqual(tableOf({ shape: [10], size: 1, rows: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] }).map((row) => row.length), [8, 2]);
  assert.deepEqual(tableOf({ shape: [3, 3], size: 1, rows: [[1, 2], [3, 4]] }), [["1", "2", ".."], ["3", "4", ".."], ["..", ".."]]);
});

test("words", () => {
  assert.deepEqual(caption(run, clock, 0), ["Start", "inputs, parameters and the start are given"]);
  assert.deepEqual(caption(run, clock, 2), ["Forward 2 of 3", "h2 = W * h1"]);
  assert.deepEqual(caption(run, clock, 4), ["The way back begins", "dL/dL = 1"]);
  assert.deepEqual(caption(run, clock, 7), ["Backward 3 of 3", "h1 = W * x:  dL/dW += dL/dh1 * x"]);
  assert.equal(cardWords(run, clock, h1, 0), "h1 = W * x, not computed yet");
  assert.equal(cardWords(run, clock, h1, 5), "h1 = W * x, value 6, gradient size 1 so far");
  assert.equal(cardWords(run, clock, W, 7), "W, parameter, value 3, gradient size 16");
  assert.equal(lineWords(run, clock, run.lines[0]), "W goes into h1 = W * x");
  assert.equal(lineWords(run, clock, run.lines[2]), "dL/dh1, one of its contributions: dL/dh2 * W, size 3");
  assert.equal(summary(run), "two steps. Size of the gradient of the state: step 1 4, step 2 1.");
});

test("finding: what is named so comes first", () => {
  assert.deepEqual(matching(run, " H1 "), [h1, h2, L]);
  assert.deepEqual(matching(run, "parameter"), [W]);
  assert.deepEqual(matching(run, " "), []);
  assert.equal(mainValue(run, clock), W);
  const without = { ...run, nodes: run.nodes.map((node) => ({ ...node, kind: "op" })) };
  assert.equal(mainValue(without, clock), L);
});

test("an address says the state, and nonsense does no harm", () => {
  const words = written(run, state({ moment: 5, folded: new Set([1]), selected: h1, pinned: true, theme: "dark" }));
  assert.equal(words, "k=5&fold=2&sel=h1&dark=1");
  assert.deepEqual(read(run, clock, new Map([["k", "5"], ["fold", "2"], ["sel", "h1"], ["dark", "1"]])), {
    folded: new Set([1]),
    series: 0,
    pinned: true,
    selected: h1,
    keys: true,
    moment: 5,
    theme: "dark",
  });
  const nothing = { folded: new Set(), series: 0, pinned: false, selected: null, keys: true };
  assert.deepEqual(read(run, clock, new Map()), nothing);
  assert.equal(read(run, clock, new Map([["keys", "0"]])).keys, false);
  assert.equal(written(run, state({ touring: true, keys: false })), "fold=&keys=0");
  assert.deepEqual(read(run, clock, new Map([["k", "x"], ["sel", "?"], ["state", "9"]])), { ...nothing, moment: 0 });
  assert.equal(read(run, clock, new Map([["sel", "h1"]])).moment, 7);
  assert.deepEqual(["2", "-1", "x", "9"].map((at) => runIn(3, new Map([["run", at]]))), [2, 0, 0, 2]);
});

test("another run opens where this one is", () => {
  const short = { ...run, frames: run.frames.slice(1), folded: [0], series: [] };
  const from = { run, clock, state: state({ moment: 6, folded: new Set([1]), selected: h2, pinned: true }) };
  assert.deepEqual(carried(from, { run, clock }), { moment: 6, series: 0, folded: new Set([1]), pinned: true, selected: h2 });
  assert.deepEqual(carried(from, { run: short, clock }).folded, new Set([0]));
});

test("ways to the loss, and the product of derivatives along one", () => {
  const ways = waysOf(run, W);
  assert.deepEqual(ways.on, new Set([W, h1, h2, L]));
  assert.equal(ways.count, 3);
  assert.deepEqual(ways.shortest, [W, h1, L]);
  assert.equal(productAlong(run, [W, h1, L]), "dL/dL * x");
  assert.equal(productAlong(run, [W, h1, h2, L]), "(dL/dL * W) * x");
  assert.deepEqual(waysOf(run, h2), { on: new Set([h2, L]), count: 1, shortest: [h2, L] });
  assert.deepEqual(waysOf(run, L), { on: new Set([L]), count: 1, shortest: [L] });
  const cut = { ...run, edges: run.edges.map(([from, to, , share]) => [from, to, null, share, from === W || from === h1]) };
  assert.deepEqual(waysOf(cut, W), { on: new Set([W]), count: 0, shortest: [W] });
  assert.equal(productAlong(cut, [W, h1, L]), null);
});

test("the neighbour on a side is rather straight ahead than near", () => {
  const boxes = [[0, 0, 10, 10], [100, 0, 10, 10], [40, 30, 10, 10], [0, 50, 10, 10]];
  assert.equal(neighbour(boxes, 0, "ArrowRight"), 1);
  assert.equal(neighbour(boxes, 0, "ArrowDown"), 3);
  assert.equal(neighbour(boxes, 0, "ArrowLeft"), -1);
  assert.equal(neighbour(boxes, 1, "ArrowLeft"), 0);
});

test("from farther away there is less, and at first nothing is too small to read", () => {
  assert.deepEqual([2, 1, 0.99, 0.5, 0.49].map(levelOf), ["full", "full", "names", "names", "tiles"]);
  for (const whole of [0.01, 0.3, 0.7, 0.89, 0.9, 1.2, 1.5, 9]) {
    const zoom = firstZoom(whole);
    // The smallest words of a full card are 8 units; those of a short one are as large as they need be.
    assert.ok(levelOf(zoom) === "names" || (levelOf(zoom) === "full" && 8 * zoom >= 11), String(whole));
  }
  assert.deepEqual(roomOf(146, 48, 0.6), { isTwo: true, letters: 11 });
  assert.deepEqual(roomOf(146, 32, 0.6), { isTwo: false, letters: 11 });
  assert.deepEqual(["W_hh", "bias_hh_l0_reverse", "ab"].map((name) => shortened(name, 9)), ["W_hh", "bias…erse", "ab"]);
  assert.equal(shortened("name", 1), "n…");
});

test("the tour goes with the moment", () => {
  assert.deepEqual([0, 3, 4, 6, 7].map((at) => tourWords(run, clock, at)[0]), [1, 1, 2, 2, 3]);
  assert.equal(tourWords(run, clock, 7)[1], "W is used 2 times, and its gradient is the sum of what each use sends back.");
  const once = { ...run, nodes: run.nodes.map((node) => ({ ...node, kind: "op" })) };
  assert.match(tourWords(once, clock, 7)[1], /^Choose a card/);
});

test("squares of a training", () => {
  const watched = { sizes: [[0.5, 2], [null, "NaN"]], lasts: [2, null], scales: {} };
  const reader = { watched, relative: true };
  assert.deepEqual([shown(reader, 0, 0), shown(reader, 1, 0), shown(reader, 1, 1)], [0.25, null, "NaN"]);
  assert.equal(shown({ watched, relative: false }, 0, 0), 0.5);
  assert.deepEqual([null, "inf", 0, 1e-9, 1e-4, 1, 50].map((size) => look(size, [-4, 0])), ["gnone", "gbad", "gzero", "gtiny", "g0", "g7", "g7"]);
  assert.equal(heightOn(0.01, [-4, 0]), 0.5);
  assert.equal(nearest([0, 10, 20], 14), 1);
  assert.deepEqual(ticks(10, 4), [0, 3, 6, 9]);
  assert.deepEqual(stretches(["a", "a", "b"]), [[0, 2, "a"], [2, 3, "b"]]);
  assert.equal(lossAxis([100, "NaN", 1]).place(10), 0.5);
  assert.equal(lossAxis([3, 1]).place(2), 0.5);
  assert.equal(lossAxis(["NaN"]).isEmpty, true);
});

test("windows cover all steps once, the last ones first", () => {
  for (const count of [201, 208, 1000]) {
    const windows = { steps: Array.from({ length: count }, (_, n) => n + 1), width: 8, name: "", series: [], names: [] };
    const seen = [];
    for (let n = windowOf(windows, 0); n >= 0; n -= 1) {
      const [from, to] = stepsIn(windows, n);
      for (let step = from; step < to; step += 1) {
        assert.equal(windowOf(windows, step), n);
        seen.push(step);
      }
    }
    assert.deepEqual(seen, [...windows.steps.keys()]);
    assert.deepEqual(stepsIn(windows, 0), [count - 8, count]);
    assert.equal(cellWords(windows, "dL/dh[t]", [5, 9, "g1", 0.5, "0.2 to 0.7"]), "t = 6 to 10: size of dL/dh[t] 0.2 to 0.7");
    assert.equal(cellWords(windows, "dL/dh[t]", [5, 5, "g1", 0.5, "0.2"]), "t = 6: size of dL/dh[t] 0.2");
  }
});

test("a window of one run has its like in the others: the same step, or the end of a shorter one", () => {
  const runs = [300, 20, 0, 250].map((count) => ({ name: "", steps: [...Array(count).keys()], width: count > 200 ? 16 : count || 1, series: [], names: [] }));
  assert.deepEqual(starts(runs), [0, 19, 20, 21]);
  assert.deepEqual([0, 18, 19, 20, 21, 36].map((n) => placeOf(runs, n)), [
    { run: 0, window: 0 }, { run: 0, window: 18 }, { run: 1, window: 0 }, { run: 2, window: 0 }, { run: 3, window: 0 }, { run: 3, window: 15 },
  ]);
  assert.deepEqual(alike(runs, 0), [0, 19, 20, 21]);
  assert.deepEqual(alike(runs, 10), [10, 19, 20, 27]);
  assert.deepEqual(alike(runs, 36), [18, 19, 20, 36]);
});

test("a step is found in the whole run by its number, or by the name of a value in it", () => {
  const names = [["h", 0, 299], ["r", 1, 299], ["l0", 0, 299], ["h'", 10, 20], ["x1'2", 5, 5]];
  const whole = { name: "", steps: Array.from({ length: 300 }, (_, n) => n + 1), width: 16, series: [], names };
  const found = { h7: 6, H300: 299, " h12 ": 11, r1: -1, r2: 1, l0_5: 4, l05: -1, "h15'": 14, "h3'": -1, "x1_6'2": 5, h301: -1, h: -1, "": -1, 7: 6, "t = 44": 43, "t=0": -1, hh7: -1 };
  for (const [text, step] of Object.entries(found)) assert.equal(stepNamed(whole, text), step, text);
  assert.deepEqual(elsewhere([whole, whole], 19, "h44"), { to: 19 + 16, pick: 15, step: 44 });
  assert.equal(elsewhere([whole], 0, "h290"), null);
  assert.equal(elsewhere([whole], 0, "nothing"), null);
});

test("what is used by steps that are not shown is not said to be the sum of those that are", () => {
  const part = { ...run, window: [1, 2] };
  assert.deepEqual([W, x, h1, L].map((id) => isInPart(part, id)), [true, true, false, false]);
  assert.equal(isInPart(run, W), false);
  assert.equal(tourWords(run, clock, 7)[1], "W is used 2 times, and its gradient is the sum of what each use sends back.");
  const words = "W is used 2 times in the steps shown, and its gradient is the sum of what each use, here and elsewhere, sends back.";
  assert.equal(tourWords(part, clock, 7)[1], words);
});

test("what Python packed is unpacked", async () => {
  const text = "H4sIAAAAAAAAA4uuViouSS0oVrJSMlQoyVew0FGIKTUwSLUEU8bJSrU60YY6RnqmOnmlOTmxsQBTvQ6tMAAAAA==";
  assert.deepEqual(await unpacked(text), [{ steps: "1 to 8, \u00e9 <" }, [1, 2.5, null]]);
});

test("a verdict is true of every step it speaks of, in the words of the library", () => {
  for (const [sizes, word] of [
    [[0, 1, 0, 2], "exactly 0 before t = 2 and at t = 3"],
    [[0, 1, 0, 0, 2], "exactly 0 before t = 2 and at 2 steps after it"],
    [[0, 0], "exactly 0 at every step"],
    [[3, 1, 0, 2, 0], "exactly 0 after t = 4"],
    [[1, NaN, 2], "broken: NaN or infinite gradients first at t = 2"],
    [[NaN, 2], "broken: NaN or infinite gradients from t = 1"],
    [[1e-320, 1e10], "vanishes"],
    [[0, 1e-170, 1], "vanishes to 0 in float64 before t = 2"],
    [[0, 1e-170, 1e-169], "exactly 0 before t = 2"],
  ])
    assert.equal(judged(sizes).word, word);
  assert.equal(judged([0, 1e-30, 1], [1, 2, 3], undefined, "float32").word, "vanishes to 0 in float32 before t = 2");
  assert.equal(judged([0, 1, 1e35], [1, 2, 3], [1, 1, 1e35], "float32").word, "vanishes to 0 in float32 before t = 2");
});

test("a factor counts the steps of a state of some steps, and of one that another loop goes on with", () => {
  for (const times of [[1, 3, 6], [6, 4, 1]]) assert.equal(judged([0.5 ** 5, 0.5 ** 3, 1], times).factor, 0.5);
  for (const times of [[1, 2, 3, 1, 2, 3], [3, 2, 1, 3, 2, 1]])
    assert.equal(judged([0, 1, 2, 3, 4, 5].map((n) => 0.5 ** (5 - n)), times).factor, 0.5);
});
