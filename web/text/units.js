// The units as a heat map: a row for every unit, a column for every token; colour is the sign, its depth the size.

import { byId, the } from "../shared/elements.js";

/** The three parts of a colour such as #2d6cab. @param {string} name */
function partsOf(name) {
  const colour = parseInt(getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1), 16);
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

/** @param {Float64Array[]} units  of every token */
export function drawUnits(units) {
  const canvas = the("units", HTMLCanvasElement);
  const [width, height] = [units.length, units[0].length];
  canvas.width = width;
  canvas.height = height;
  canvas.style.height = `${height * Math.max(3, Math.min(8, Math.floor(320 / height)))}px`;
  const context = canvas.getContext("2d");
  if (!context) return;
  const colours = [partsOf("--input"), partsOf("--parameter")];
  const image = context.createImageData(width, height);
  const { data } = image;
  let most = 1;
  for (const each of units) for (const value of each) most = Math.max(most, Math.abs(value));
  units.forEach((each, t) => {
    for (let n = 0; n < height; n += 1) {
      const [colour, at] = [colours[each[n] < 0 ? 1 : 0], 4 * (n * width + t)];
      data[at] = colour[0];
      data[at + 1] = colour[1];
      data[at + 2] = colour[2];
      data[at + 3] = (255 * Math.abs(each[n])) / most;
    }
  });
  context.putImageData(image, 0, 0);
}

/** Frame one of them. @param {number} unit @param {number} step @param {number} units @param {number} steps */
export function frame(unit, step, units, steps) {
  Object.assign(byId("mark").style, {
    left: `${(100 * step) / steps}%`, top: `${(100 * unit) / units}%`, width: `${100 / steps}%`, height: `${100 / units}%`,
  });
}
