// Questions to guess at before one looks; what is right is measured, never written here.

/** @import { Options, Pass } from "./recall.js" */

/**
 * @typedef {{text: string, settings: Partial<Options>, answers: string[], right: (total: number, pass: Pass) => number,
 *   why: string}} Question  `right`: the number of the right answer, from what the gradient is multiplied by in all
 */

const REACH = ["less than a thousandth", "between a thousandth and ten times", "more than ten times as much"];

/** @param {number} total */
const reach = (total) => (total < 1e-3 ? 0 : total <= 10 ? 1 : 2);

/** @type {Question[]} */
export const QUESTIONS = [
  {
    text: "tanh, 30 steps, a radius of 0.5: how much of the last step's gradient reaches the first?",
    settings: { cell: "tanh", T: 30, radius: 0.5 },
    answers: REACH,
    right: reach,
    why: "Every step back multiplies by W_hh transposed and by tanh′, which is at most 1: a power of 0.5 at best.",
  },
  {
    text: "The radius is now 1, so that W_hh alone keeps every length. And through tanh?",
    settings: { cell: "tanh", T: 30, radius: 1 },
    answers: REACH,
    right: reach,
    why: "tanh′ is 1 only at 0 and smaller everywhere else: a little is lost in every step, and 29 steps add up.",
  },
  {
    text: "ReLU instead of tanh, radius 1.7. Its derivative is 0 or 1.",
    settings: { cell: "relu", T: 30, radius: 1.7 },
    answers: REACH,
    right: reach,
    why: "Where a unit is on, ReLU passes all on: nothing holds back a matrix that makes every length larger.",
  },
  {
    text: "An LSTM as one starts it, with a bias of 0: its forget gates are half open. What does c carry over 40 steps?",
    settings: { cell: "lstm", T: 40, radius: 1, forget: 0 },
    answers: REACH,
    right: reach,
    why: "c is multiplied by f in every step, and so is its gradient: about one half, forty times over.",
  },
  {
    text: "The same LSTM with a bias of 4 (f is 0.98).",
    settings: { cell: "lstm", T: 40, radius: 1, forget: 4 },
    answers: REACH,
    right: reach,
    why: "A gate that is open lets the gradient of c through as it is. That is what the LSTM is made for.",
  },
  {
    text: "tanh, radius 0.9, 40 steps, and the loss is read at every step. Which steps make up most of dL/dW_hh?",
    settings: { cell: "tanh", T: 40, radius: 0.9, every: true },
    answers: ["the last five", "all alike, none is much larger", "the first five"],
    right: (_, { terms }) => {
      const size = (/** @type {number[]} */ some) => some.reduce((sum, x) => sum + Math.abs(x), 0);
      const [first, last, all] = [size(terms.slice(0, 5)), size(terms.slice(-5)), size(terms)];
      return last > all / 2 ? 0 : first > all / 2 ? 2 : 1;
    },
    why: "A loss at every step gives every step a gradient of its own, near by: the picture looks healthy, and still nothing of the last step reaches the first.",
  },
];
