// The kinds of values, in words.

/** @type {Record<string, string>} */
export const ROLES = {
  input: "input",
  constant: "data",
  op: "intermediate result",
  state: "state",
  parameter: "parameter",
  loss: "loss",
};
