// Runs tapes: reads a file of [{tape, trials: [{number: numbers}]}] and prints all values of every trial.
import { readFileSync } from "node:fs";
import { openTape } from "../core/tape.js";

const plain = (x) => (Number.isFinite(x) ? x : String(x));
const told = JSON.parse(readFileSync(process.argv[2], "utf8")).map(({ tape, trials }) => {
  const open = openTape(tape);
  return trials.map((leaves) => {
    for (const [number, entries] of Object.entries(leaves)) open.values[number].set(entries.map(Number));
    open.run();
    return open.values.map((values) => Array.from(values, plain));
  });
});
console.log(JSON.stringify(told));
