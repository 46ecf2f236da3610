// The data of a run, as Python writes it into a page, and the state of a reader. Types only.

/** @import { LiveData } from "./live.js" */

/**
 * @typedef {number | string} Size a number; "NaN", "inf" and "-inf" are text, since JSON has no numbers for them
 *
 * @typedef {object} Numbers an array: all of a small one, else its upper left corner
 * @property {number[]} shape
 * @property {Size} size its Euclidean norm
 * @property {Size[][]} rows
 * @property {boolean} [whole] whether they are integers
 * @property {[Size, Size]} [range] the smallest and the largest, where not all are there
 *
 * @typedef {Numbers & { css: string }} Gradient with the class of its size
 * @typedef {Gradient & { lines: string[][] }} Sum the sum of some contributions, and what a card writes of it
 * @typedef {{ size: Size, css: string }} Share what goes back along an edge
 *
 * @typedef {[left: number, top: number, width: number, height: number]} Box
 *
 * @typedef {object} Value
 * @property {string} name
 * @property {string} kind input, constant, op, state, parameter or loss
 * @property {string} formula
 * @property {boolean} operation whether it was computed
 * @property {Numbers} value
 * @property {Gradient | null} gradient
 * @property {number | null} frame the step it is in
 * @property {string[]} place
 * @property {Box} box
 *
 * @typedef {[source: number, target: number, rule: string | null, share: Share | null, cut: boolean]} Edge
 * @typedef {{ step: number, label: string, box: Box }} Frame
 * @typedef {{ name: string, ids: (number | null)[], verdict: string }} Series values of which every step has one
 * @typedef {[backward: number, operation: number, other: number, shares?: number[]]} Line `shares`: of which edges it
 *   shows what goes back, added up
 *
 * @typedef {object} Run
 * @property {string} name
 * @property {string} subtitle
 * @property {string[]} model
 * @property {number} loss
 * @property {boolean} scalar whether the loss is one number
 * @property {Box} box
 * @property {number} legend the left edge of the legend
 * @property {number[]} folded the steps that are folded at first
 * @property {[first: number, last: number] | null} window the steps that are shown, if not all are
 * @property {Frame[]} frames
 * @property {Series[]} series
 * @property {Value[]} nodes
 * @property {Edge[]} edges
 * @property {Record<string, [edge: number, sum: Sum | null][]>} uses
 * @property {Line[]} lines
 * @property {LiveData | { not: string }} live
 */

/**
 * What a reader has done to a page. Everything that is drawn follows from this and from the data.
 *
 * @typedef {object} State
 * @property {number} run which of the runs is open
 * @property {number} moment 0 .. last: see clock.js
 * @property {boolean} playing
 * @property {Set<number>} folded
 * @property {number} series whose gradients the strip shows
 * @property {number | null} selected what the panel is about
 * @property {boolean} pinned whether the reader chose it, so that it stays
 * @property {string} changes what the reader has changed, in words
 * @property {string} sought
 * @property {number} found which of the values that were found is shown; -1 for none yet
 * @property {number} zoom
 * @property {"light" | "dark" | null} theme null: what the system says
 * @property {boolean} touring whether the tour is shown
 * @property {boolean} keys whether single letters and signs are shortcuts
 */

export {};
