// Numbers, written as on the cards: three digits, and a power of ten for the very small and the very large.

// toFixed, but a tie goes to the even digit, as in Python. Only few binary digits after the point make a true tie.
function fixed(x, decimals) {
  const scaled = Math.abs(x) * 10 ** decimals;
  const tie = scaled % 1 === 0.5 && Number.isInteger(x * 2 ** (decimals + 1));
  const even = tie && Math.floor(scaled) % 2 === 0;
  return even ? ((Math.sign(x) * Math.floor(scaled)) / 10 ** decimals).toFixed(decimals) : x.toFixed(decimals);
}

function number(x, whole = false, digits = 3) {
  if (typeof x === "string") return x; // NaN and infinity
  if (x === 0) return "0";
  if (whole && Math.abs(x) < 1e6) return String(x);
  const size = Math.abs(x);
  if (size >= 1e-3 && size < 1e4) {
    const decimals = Math.min(4, Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
    const text = fixed(x, decimals);
    if (Math.abs(Number(text)) < 1e4) return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  }
  return x.toExponential(1).replace("+", "");
}

const finite = (size) => (typeof size === "number" ? size : Infinity);

// Elements are made by this alone: texts are set as text, whatever is in them.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function shape(tag, attributes = {}, text = null) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  return made;
}

// An array as a table of numbers; dots where there is more than the page carries.
function table(array) {
  const size = array.shape.reduce((product, n) => product * n, 1);
  if (size === 0) return element("p", { class: "numbers" }, "empty");
  let rows = array.rows;
  if (array.shape.length < 2 && rows[0].length > 8) {
    const all = rows[0];
    rows = Array.from({ length: Math.ceil(all.length / 8) }, (_, n) => all.slice(8 * n, 8 * n + 8));
  }
  const vector = array.shape.length < 2;
  const moreRight = !vector && array.shape[array.shape.length - 1] > rows[0].length;
  const moreBelow = vector ? size > array.rows[0].length : size / array.shape[array.shape.length - 1] > rows.length;
  const body = element("tbody");
  for (const row of rows) {
    const cells = row.map((x) => element("td", {}, number(x, array.whole)));
    body.append(element("tr", {}, ...cells, moreRight ? element("td", { class: "more" }, "..") : null));
  }
  if (moreBelow) body.append(element("tr", {}, ...rows[0].map(() => element("td", { class: "more" }, ".."))));
  return element("table", { class: "numbers" }, body);
}
