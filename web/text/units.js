// The units as a heat map: a row for every unit, a column for every token; colour is the sign, its depth the size.

import { the } from "../shared/elements.js";

/** @param {Float64Array[]} units  of every token @param {{unit: number, step: number}} chosen */
export function drawUnits(units, { unit, step }) {
  const canvas = the("units", HTMLCanvasElement);
  const [width, height] = [units.length, units[0].length];
  const [across, down] = [Math.max(1, Math.floor(900 / width)), Math.max(2, Math.min(8, Math.floor(320 / height)))];
  canvas.width = width * across;
  canvas.height = height * down;
  canvas.style.height = `${height * Math.max(3, down)}px`;
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(document.documentElement);
  const [plus, minus, mark] = ["--input", "--parameter", "--text"].map((name) => style.getPropertyValue(name));
  const most = Math.max(1, ...units.map((each) => Math.max(...each.map(Math.abs))));
  units.forEach((each, t) => {
    each.forEach((value, n) => {
      context.globalAlpha = Math.abs(value) / most;
      context.fillStyle = value < 0 ? minus : plus;
      context.fillRect(t * across, n * down, across, down);
    });
  });
  context.globalAlpha = 1;
  context.strokeStyle = mark;
  context.strokeRect(step * across + 0.5, unit * down + 0.5, across - 1, down - 1);
}
