// The playground: settings, a network that starts anew with each, its training, and questions about it.

/** @import { Options, Pass } from "../core/recall.js" */
import { judged } from "../core/flow.js";
import { number } from "../core/numbers.js";
import { QUESTIONS } from "../core/questions.js";
import { Adam, Recall, random } from "../core/recall.js";
import { byId, carried, element, resized, said, say, the } from "../shared/elements.js";
import { applyTheme, dark, isDark } from "../shared/theme.js";
import { drawCurve, drawHeat, drawLedger, drawNet, widths } from "./pictures.js";

/** @type {Options} */
const FIRST = {
  cell: "tanh", norm: false, every: false, T: 20, radius: 0.9, forget: 0, rate: -2, clip: false, seed: 0,
};
const SLIDERS = /** @type {const} */ (["T", "radius", "forget", "rate", "seed"]);
const SWITCHES = /** @type {const} */ (["norm", "clip", "every"]);
const [MOST_STEPS, EVERY] = [2000, 5]; // steps of training, and between two looks
const [FRAME, READ] = [10, 250]; // milliseconds of work a frame, and between two changes of words, which nobody reads faster

const recall = new Recall(carried());
const state = {
  options: { ...FIRST },
  /** @type {"light" | "dark" | null} */ theme: null,
  weights: recall.start(FIRST),
  adam: new Adam(recall.start(FIRST)),
  draw: random(0),
  pass: /** @type {Pass | null} */ (null),
  losses: /** @type {number[]} */ ([]),
  rights: /** @type {number[]} */ ([]),
  looks: /** @type {number[][]} */ ([]),
  training: false,
  question: 0,
};

/** The settings of an address; nonsense is brought into range. @param {URLSearchParams} address */
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
  const words = Object.entries(options)
    .filter(([name, value]) => value !== FIRST[/** @type {keyof Options} */ (name)])
    .map(([name, value]) => `${name}=${typeof value === "boolean" ? Number(value) : value}`);
  say([...words, ...(theme ? [`dark=${Number(isDark(theme))}`] : [])].join("&"));
}

/** A new network with the settings, before any training. */
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

let worded = 0; // when words were changed last

function work() {
  if (!state.training) return;
  const until = performance.now() + FRAME;
  do trainOnce();
  while (state.training && performance.now() < until);
  if (state.training && until < worded + READ) draw(false);
  else {
    worded = until;
    show();
  }
  requestAnimationFrame(work);
}

function show() {
  const { options, pass, losses, rights } = state;
  applyTheme(state.theme, byId("theme"));
  const told = {
    T: String(options.T),
    radius: options.radius.toFixed(2),
    forget: `${options.forget} (open ${(100 / (1 + Math.exp(-options.forget))).toFixed(0)} %)`,
    rate: (10 ** options.rate).toPrecision(2),
    seed: String(options.seed),
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
  byId("verdict").textContent =
    options.T === 1 ? "There is one step: the gradient has no way to go."
    : total > 0 ? `The gradient ${word}: × ${number(factor)} a step, × ${number(total)} from step ${options.T} back to step 1.`
    : `The gradient is ${word}.`;
  byId("detail").textContent =
    `What is judged is dL/d${along}, carried back from the last step. ${WHY[options.cell]} ` +
    `|dL/dW_hh| = ${Number.isFinite(pass.size) ? number(pass.size) : pass.size}, the sum of ${options.T} terms.`;
  draw(true);
  const latest = rights.slice(-20);
  const share = latest.reduce((sum, right) => sum + right, 0) / (latest.length || 1);
  byId("trained").textContent = losses.length
    ? `${losses.length} steps of Adam: loss ${number(losses[losses.length - 1])}, right in ${(100 * share).toFixed(0)} % of the last ${latest.length} batches`
    : "not yet: press Train";
}

/** The pictures, with or without the words in them. @param {boolean} words */
function draw(words) {
  const { pass, losses, looks } = state;
  if (!pass) return;
  const [net, ledger, curve] = widths();
  drawNet(pass, net, words);
  drawLedger(pass, ledger, words);
  drawCurve(losses, recall.sizes.classes, curve);
  drawHeat(looks, Math.max(100, losses.length) / EVERY, MOST_STEPS / EVERY);
}

/** @type {Record<string, string>} */
const WHY = {
  tanh: "Every step back multiplies by W_hh transposed and by tanh′, which is at most 1.",
  relu: "Every step back multiplies by W_hh transposed and by ReLU′, which is 0 or 1.",
  lstm: "Every step back multiplies it by the forget gate f, and adds what comes through the other gates.",
  gru: "Every step back multiplies it by the update gate z, and adds what comes through the candidate n.",
};

function ask() {
  const { text, answers } = QUESTIONS[state.question];
  byId("question").textContent = text;
  byId("answer").textContent = "";
  byId("answers").replaceChildren(
    ...answers.map((each, n) => element("button", { type: "button", "aria-pressed": "false", onclick: () => look(n) }, each)),
  );
}

/** Set what was asked about, and say whether the guess was right. @param {number} guess */
function look(guess) {
  const { settings, answers, right, why } = QUESTIONS[state.question];
  state.options = { ...FIRST, seed: state.options.seed, ...settings };
  begin();
  if (!state.pass) return;
  [...byId("answers").children].forEach((button, n) => button.setAttribute("aria-pressed", String(n === guess)));
  const { total } = judged(state.pass.carried);
  const found = right(total, state.pass);
  byId("answer").textContent = `${found === guess ? "Yes" : `No: ${answers[found]}`} (× ${number(total)} in all). ${why}`;
}

for (const name of SLIDERS) {
  the(name, HTMLInputElement).addEventListener("input", (event) => {
    state.options[name] = Number(/** @type {HTMLInputElement} */ (event.target).value);
    if (name === "rate") {
      show();
      write();
    } else begin();
  });
}
for (const name of SWITCHES) {
  the(name, HTMLInputElement).addEventListener("change", (event) => {
    state.options[name] = /** @type {HTMLInputElement} */ (event.target).checked;
    if (name === "clip") write();
    else begin();
  });
}
the("cell", HTMLSelectElement).addEventListener("change", (event) => {
  state.options.cell = /** @type {HTMLSelectElement} */ (event.target).value;
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
resized(byId("pictures"), show);
window.addEventListener("hashchange", ({ newURL }) => {
  read(said(newURL));
  begin();
});

read(said());
begin();
ask();
