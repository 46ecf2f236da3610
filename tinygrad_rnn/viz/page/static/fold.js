// Folding: a step becomes a narrow column. Nothing is laid out again, x is mapped by a function that never falls.

const drawing = document.getElementById("drawing");
const FOLDED = 34;
const BETWEEN_FOLDED = 4;
const folded = new Set();

// Folded steps are kept out of the document, where they would cost the browser time at every change.
const marks = new Map([drawing, closed].flatMap((root) => Array.from(root.querySelectorAll("g[id]"), (mark) => [mark.id, mark])));
const marked = (id) => marks.get(id);
const cards = nodes.map((node, id) => marked(`n${id}`));
const steps = frames.map((frame, n) => marked(`step${n}`));
const lineMarks = lines.map((line, n) => marked(`e${n}`));
const legend = document.getElementById("legend");
const columns = frames.map((frame, n) => ({ n, left: frame.box[0], right: frame.box[0] + frame.box[2] }));
columns.sort((a, b) => a.left - b.left);

// Lines that leave their step, with the numbers in their paths, read when they are first needed.
const between = lineMarks.flatMap((mark, n) => (mark.closest(".step") ? [] : [{ n, mark, shapes: null }]));

function readShapes(line) {
  line.shapes = Array.from(line.mark.children, (node) => {
    const key = node.tagName === "path" ? "d" : node.tagName === "polygon" ? "points" : null;
    const text = key ? node.getAttribute(key) : "";
    const xs = key ? text.match(/-?[\d.]+/g).map(Number).filter((x, n) => n % 2 === 0) : [Number(node.getAttribute("cx"))];
    return { node, key, text, low: Math.min(...xs), high: Math.max(...xs) };
  });
  line.low = Math.min(...line.shapes.map((one) => one.low));
  line.high = Math.max(...line.shapes.map((one) => one.high));
}

// The map as straight pieces: [x, x'] at every bend. Between two folded steps the gap is closed if nothing is in it.
let bends = [];
function setBends() {
  bends = [];
  let shift = 0;
  columns.forEach(({ n, left, right }, at) => {
    if (folded.has(n)) {
      bends.push([left, left + shift]);
      shift += FOLDED - (right - left);
      bends.push([right, right + shift]);
    }
    const after = columns[at + 1];
    if (after && folded.has(n) && folded.has(after.n) && !gapIsUsed(right, after.left)) {
      shift += BETWEEN_FOLDED - (after.left - right);
    }
  });
}
const gapIsUsed = (low, high) => nodes.some(({ frame, box }) => frame === null && box[0] >= low - 1 && box[0] < high);

// Where x goes: along the piece between two bends, and as far as the last bend before it elsewhere.
function place(x) {
  if (bends.length === 0 || x <= bends[0][0]) return x;
  let low = 0;
  let high = bends.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (bends[middle][0] <= x) low = middle;
    else high = middle - 1;
  }
  const [from, to] = bends[low];
  if (low === bends.length - 1) return to + (x - from);
  const [nextFrom, nextTo] = bends[low + 1];
  return to + ((x - from) * (nextTo - to)) / (nextFrom - from || 1);
}

// Where a card is now; one in a folded step is the step's column.
function boxOf(id) {
  const { frame, box } = nodes[id];
  if (frame !== null && folded.has(frame)) return columnBox(frame);
  return [place(box[0]), box[1], box[2], box[3]];
}
function columnBox(frame) {
  const [left, top, , height] = frames[frame].box;
  return [place(left), top, FOLDED, height];
}

function isHidden(line) {
  const [, operation, other] = lines[line.n];
  const here = nodes[operation].frame;
  const there = nodes[other].frame;
  // Between two folded steps that stand side by side a line would have no length.
  if (here !== null && there !== null && folded.has(here) && folded.has(there)) {
    return here === there || Math.abs(here - there) === 1;
  }
  return columns.some(({ n, left, right }) => folded.has(n) && left <= line.low && line.high <= right);
}

function shiftBy(node, dx) {
  if (dx === 0) node.removeAttribute("transform");
  else node.setAttribute("transform", `translate(${dx.toFixed(1)} 0)`);
}

function moveLine(line) {
  if (line.shapes === null) {
    if (folded.size === 0) return;
    readShapes(line);
  }
  const hidden = folded.size > 0 && isHidden(line);
  line.mark.classList.toggle("gone", hidden);
  if (hidden) return;
  for (const { node, key, text, low, high } of line.shapes) {
    const rigid = node.tagName !== "path" || Math.abs(place(low) - low - (place(high) - high)) < 0.01;
    if (key) node.setAttribute(key, rigid ? text : bent(text));
    const middle = (low + high) / 2;
    shiftBy(node, rigid ? place(middle) - middle : 0);
  }
}
function bent(path) {
  let isX = false;
  return path.replace(/-?[\d.]+/g, (text) => {
    isX = !isX;
    return isX ? place(Number(text)).toFixed(1) : text;
  });
}

// A folded step: its number, and the size of its gradient along it.
function foldedColumn(n) {
  const [x, top, width, height] = columnBox(n);
  const state = stateOf(n);
  const column = shape("g", { class: "column", id: `column${n}`, role: "button", tabindex: 0 });
  column.append(
    shape("rect", { class: "ground", x, y: top, width, height }),
    shape("text", { class: "number", x: x + width / 2, y: top + 18 }, String(frames[n].step)),
  );
  if (state !== null && nodes[state].gradient) {
    const middle = top + 64;
    column.append(
      shape("rect", { class: "size", x: x + 3, y: top + 30, width: width - 6, height: 68 }),
      shape("text", { class: "size", x: x + width / 2, y: middle, transform: `rotate(-90 ${x + width / 2} ${middle})` }),
    );
  }
  column.append(shape("title"));
  column.addEventListener("click", () => toggleFold([n]));
  return column;
}

// Draw what is folded anew. The caller shows the moment again, which colours the columns.
function applyFolds() {
  setBends();
  const home = document.getElementById("steps");
  steps.forEach((step, n) => {
    if (folded.has(n)) step.remove();
    else if (!home.contains(step)) home.insertBefore(step, steps.find((other, m) => m > n && home.contains(other)) ?? null);
    shiftBy(step, place(frames[n].box[0]) - frames[n].box[0]);
  });
  cards.forEach((card, id) => {
    if (nodes[id].frame === null) shiftBy(card, place(nodes[id].box[0]) - nodes[id].box[0]);
  });
  between.forEach(moveLine);
  shiftBy(legend, place(data.legend) - data.legend);
  document.getElementById("folded").replaceChildren(...columns.filter(({ n }) => folded.has(n)).map(({ n }) => foldedColumn(n)));
  const [left, top, width, height] = data.box;
  drawing.setAttribute("viewBox", `${left} ${top} ${place(left + width) - left} ${height}`);
}

function toggleFold(which) {
  const folding = !which.every((n) => folded.has(n));
  for (const n of which) {
    if (folding) folded.add(n);
    else folded.delete(n);
  }
  refreshFolds();
  if (which.length === 1) focusStep(which[0], folding);
}

// The thing that was clicked is gone: the one that does the opposite takes the focus.
function focusStep(n, isFolded) {
  const heir = document.getElementById(isFolded ? `column${n}` : `toggle${n}`);
  if (document.activeElement === document.body && heir) heir.focus({ preventScroll: true });
}

function addToggles() {
  frames.forEach((frame, n) => {
    const [left, top, width] = frame.box;
    const words = `Fold step ${frame.step}`;
    const toggle = shape("g", { class: "toggle", id: `toggle${n}`, role: "button", tabindex: 0, "aria-label": words });
    const x = left + width - 17;
    toggle.append(
      shape("rect", { x: x - 8, y: top + 7, width: 18, height: 18, rx: 3 }),
      shape("path", { d: `M${x - 4} ${top + 12}l4 4-4 4m10-8-4 4 4 4` }),
      shape("title", {}, words),
    );
    toggle.addEventListener("click", () => toggleFold([n]));
    steps[n].append(toggle);
  });
}
