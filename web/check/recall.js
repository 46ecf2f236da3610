// Runs the playground's network: reads {data, settings, steps} and prints weights, batches and passes of every setting.
import { readFileSync } from "node:fs";
import { Adam, Recall, random } from "../core/recall.js";

const { data, settings, steps } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const recall = new Recall(data);
const plain = (value) => JSON.parse(JSON.stringify(value, (_, x) => (ArrayBuffer.isView(x) ? Array.from(x) : x)));
const told = settings.map((o) => {
  const weights = recall.start(o);
  const before = plain(weights);
  const draw = random(77 + o.seed);
  const adam = new Adam(weights);
  const batches = [];
  let first = null;
  for (let n = 0; n < steps; n += 1) {
    const batch = recall.batch(o, draw);
    const pass = recall.pass(o, weights, batch);
    first ??= plain(pass);
    adam.step(weights, pass.gradients, o);
    batches.push(plain(batch));
  }
  return { before, after: plain(weights), batches, first };
});
console.log(JSON.stringify(told));
