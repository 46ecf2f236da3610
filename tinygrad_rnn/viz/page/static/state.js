// State: what is drawn at a moment. Everything keeps what it looked like last, so that a step changes only what differs.

let moment = -1;
let chosenSeries = 0;
const looks = new Map();

// The value of a step the strip speaks of: the one of the chosen series.
const stateOf = (frame) => data.series[chosenSeries]?.ids[frame] ?? null;

function setLook(mark, look, change) {
  if (looks.get(mark) === look) return;
  looks.set(mark, look);
  change();
}

const strips = new Map(
  steps.flatMap((step) => Array.from(step.querySelectorAll(".strip"), (mark) => [Number(mark.id.slice(1)), mark])),
);

function drawCard(id, now) {
  const gradient = gradientOf(id, moment);
  const known = valueAt[id] <= moment;
  const part = gradient ? gradient.part : "none";
  const look = `${known} ${part} ${gradient?.count ?? ""} ${now === id}`;
  setLook(cards[id], look, () => {
    cards[id].classList.toggle("future", !known);
    cards[id].dataset.gradient = part;
    drawPartial(id, part === "part" ? gradient : null);
    cards[id].setAttribute("aria-label", cardWords(id, known, gradient));
    if (now === id) cards[id].setAttribute("aria-current", "step");
    else cards[id].removeAttribute("aria-current");
  });
}

function cardWords(id, known, gradient) {
  const { name, formula, operation, value } = nodes[id];
  const what = operation ? `${name} = ${formula}` : `${name}, ${formula}`;
  if (!known) return `${what}, not computed yet`;
  const short = value.rows.length === 1 && value.rows[0].length <= 4 ? value.rows[0].map((x) => number(x, value.whole)) : null;
  const values = `value ${short ? short.join(" ") : `of shape ${value.shape.join(" by ")}`}`;
  const grad = gradient ? `, gradient size ${number(gradient.size)}${gradient.part === "part" ? " so far" : ""}` : "";
  return `${what}, ${values}${grad}`;
}

// The sum so far stands where the whole gradient will stand.
function drawPartial(id, sum) {
  let mark = cards[id].querySelector(".partial");
  if (!sum) return mark?.remove();
  const row = gradientRow(id);
  if (!row) return undefined;
  if (!mark) {
    mark = shape("g");
    cards[id].append(mark);
  }
  mark.setAttribute("class", `partial ${sum.css}`);
  const [left, top, right, bottom] = row;
  const label = shape("text", { class: "label", x: left + 2, y: (top + bottom) / 2 + 3 }, "grad");
  // The sum so far may be longer to write than the whole.
  const all = sum.lines.length * 11 <= bottom - top ? sum.lines : [[`size ${number(sum.size)}`]];
  const texts = all.flatMap((line, n) => {
    const y = (top + bottom) / 2 + 3 + 11 * (n - (all.length - 1) / 2);
    const wide = (right - left - 34) / line.length;
    return line.map((text, m) => shape("text", { x: right - 2 - wide * (line.length - 1 - m), y }, text));
  });
  mark.replaceChildren(shape("rect", { x: left, y: top, width: right - left, height: bottom - top }), label, ...texts);
  return undefined;
}

function gradientRow(id) {
  const xs = [];
  const ys = [];
  for (const ground of cards[id].querySelectorAll(".gradient polygon")) {
    for (const { x, y } of ground.points) {
      xs.push(x);
      ys.push(y);
    }
  }
  return xs.length ? [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] : null;
}

function drawLine(n, now) {
  const [backward, operation] = lines[n];
  const at = backward ? backAt[operation] : valueAt[operation];
  const flowing = operation === now && (backward ? moment > N + 1 : moment <= N);
  setLook(lineMarks[n], `${at <= moment} ${flowing}`, () => {
    lineMarks[n].classList.toggle("future", at > moment);
    lineMarks[n].classList.toggle("flowing", flowing);
  });
}

function drawColumn(n, now) {
  const column = document.getElementById(`column${n}`);
  if (!column) return;
  const state = stateOf(n);
  const gradient = state === null ? null : gradientOf(state, moment);
  const known = gradient?.part === "whole";
  const size = known ? number(gradient.size) : "";
  column.setAttribute("class", `column ${known ? gradient.css : "gnone"}${now !== null && nodes[now].frame === n ? " now" : ""}`);
  const text = column.querySelector("text.size");
  if (text) text.textContent = size;
  const words = `Step ${frames[n].step}, folded${size ? `, size of ${d(nodes[state].name)} ${size}` : ""}`;
  column.setAttribute("aria-label", words);
  column.querySelector("title").textContent = words;
}

function ring(id, mark) {
  mark.classList.toggle("gone", id === null);
  if (id === null) return;
  const [x, y, width, height] = boxOf(id);
  const room = mark.id === "ring-now" ? 4 : 8;
  mark.setAttribute("x", x - room);
  mark.setAttribute("y", y - room);
  mark.setAttribute("width", width + 2 * room);
  mark.setAttribute("height", height + 2 * room);
}

// Draw the moment.
function draw() {
  const now = current(moment);
  drawing.dataset.phase = moment <= N ? "forward" : "backward";
  for (let id = 0; id < nodes.length; id += 1) drawCard(id, now);
  for (let n = 0; n < lines.length; n += 1) drawLine(n, now);
  for (const [id, mark] of strips) mark.classList.toggle("future", gradientAt[id] > moment);
  for (const n of folded) drawColumn(n, now);
  ring(now, document.getElementById("ring-now"));
}
