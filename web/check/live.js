// Changes numbers of pages: reads [{run, changes}] and prints what the runs say then, and what stands on the cards.
import { readFileSync } from "node:fs";
import { Live } from "../core/live.js";
import { pythonOf } from "../core/python.js";

const told = JSON.parse(readFileSync(process.argv[2], "utf8")).map(({ run, changes }) => {
  const live = new Live(run, run.live);
  live.change(changes);
  const lines = run.lines.map(([backward, , , shares]) => (backward ? live.lookOfLine(shares) : null));
  const nudges = changes.map(({ id, at }) => live.nudge(id, at));
  const python = run.live.program && pythonOf(run, live);
  delete run.live;
  return { run, cards: run.nodes.map((_, id) => live.card(id)), lines, loss: live.loss, nudges, python };
});
console.log(JSON.stringify(told));
