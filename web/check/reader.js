// Runs a text model: reads {data, texts} and prints tokens, probabilities and what every prediction depends on.
import { readFileSync } from "node:fs";
import { Reader } from "../core/reader.js";
import { Vocabulary } from "../core/tokens.js";

const { data, texts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const [reader, vocabulary] = [new Reader(data), new Vocabulary(data)];
const told = texts.map((text) => {
  const { ids } = vocabulary.encode(text, Infinity);
  reader.read(ids);
  const units = Object.fromEntries(reader.letters.map((letter) =>
    [letter, reader.layers.map((_, layer) => reader.units(letter, layer).map((each) => Array.from(each)))]));
  const explained = ids.map((id, t) => reader.explain(t + 1, ids[t + 1] ?? id));
  return { ids, logs: reader.logs.map((each) => Array.from(each)), units, explained };
});
console.log(JSON.stringify(told));
