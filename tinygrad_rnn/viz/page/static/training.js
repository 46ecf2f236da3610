// Made by web/build.js from web/training/main.js and what it imports: change it there.
"use strict";
(() => {
  // core/training.js
  var SHADES = 8;
  function nearest(numbers, wanted) {
    const distance = (n) => Math.abs(numbers[n] - wanted);
    return numbers.reduce((best, _, n) => distance(n) < distance(best) ? n : best, 0);
  }
  var scaleOf = ({ watched, relative }) => watched.scales[relative ? "relative" : "absolute"];
  function shown({ watched, relative }, row, column) {
    const size = watched.sizes[row][column] ?? null;
    if (!relative || typeof size !== "number") return size;
    const last2 = watched.lasts[row];
    return last2 === null ? null : size / last2;
  }
  var heightOn = (size, [low, high]) => (Math.log10(size) - low) / (high - low);
  function look(size, scale) {
    if (size === null) return "gnone";
    if (typeof size === "string") return "gbad";
    if (size === 0) return "gzero";
    const place2 = heightOn(size, scale) * SHADES;
    return place2 < 0 ? "gtiny" : `g${Math.min(Math.trunc(place2), SHADES - 1)}`;
  }
  function ticks(count, room) {
    const every = Math.max(1, Math.ceil(count / Math.max(2, Math.floor(room))));
    const found = Array.from({ length: count }, (_, n) => n).filter((n) => (count - 1 - n) % every === 0);
    return found[0] === 0 || found[0] < every / 2 ? found : [0, ...found];
  }
  function stretches(verdicts2) {
    const found = [];
    verdicts2.forEach((verdict, n) => {
      const before = found[found.length - 1];
      if (before && before[2] === verdict) before[1] = n + 1;
      else found.push([n, n + 1, verdict]);
    });
    return found;
  }
  function lossAxis(losses) {
    const known = losses.filter((loss) => typeof loss === "number");
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const isLogarithmic = least > 0 && most / least > 30;
    const along = (loss) => isLogarithmic ? Math.log(loss) : loss;
    const span = along(most) - along(least) || 1;
    const place2 = (loss) => (along(loss) - along(least)) / span;
    return { isLogarithmic, place: place2, least, most, isEmpty: known.length === 0 };
  }

  // shared/elements.js
  function the(id, kind) {
    const found = document.getElementById(id);
    if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} #${id}`);
    return found;
  }
  var byId = (id) => the(id, HTMLElement);
  var carried = () => JSON.parse(byId("data").textContent ?? "");
  var said = (address = location.href) => new URLSearchParams(new URL(address).hash.slice(1).replaceAll("+", "%2B"));
  function say(words) {
    try {
      history.replaceState(null, "", `#${words}`);
    } catch {
    }
  }
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") made.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : String(value));
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }
  function shape(tag, attributes = {}, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text !== void 0) made.textContent = text;
    return made;
  }

  // shared/theme.js
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var isDark = (theme) => theme ? theme === "dark" : dark.matches;
  function applyTheme(theme, button) {
    if (theme) document.documentElement.dataset.theme = theme;
    button.textContent = isDark(theme) ? "Light" : "Dark";
  }

  // core/numbers.js
  function rounded(x, decimals, write) {
    const power = write === "toFixed" ? 0 : Math.floor(Math.log10(Math.abs(x)));
    const part = Math.abs(x) / 10 ** power * 10 ** decimals;
    if (Math.abs(part - Math.floor(part) - 0.5) > 1e-6) return x[write](decimals);
    const [mantissa, exponent] = x[write](decimals + 25).split("e");
    const kept = mantissa.slice(0, mantissa.length - 25);
    if (!/^50*$/.test(mantissa.slice(-25)) || !/[02468]\.?$/.test(kept)) return x[write](decimals);
    return exponent === void 0 ? kept.replace(/\.$/, "") : `${kept}e${exponent}`;
  }
  function number(x, whole = false, digits = 3) {
    if (typeof x === "string") return x;
    if (x === 0) return "0";
    const size = Math.abs(x);
    if (whole && size < 1e6) return String(x);
    if (size >= 1e-3 && size < 1e4) {
      const decimals = Math.min(4, Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
      const text = rounded(x, decimals, "toFixed");
      if (Math.abs(Number(text)) < 1e4) return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
    }
    return rounded(x, 1, "toExponential").replace("+", "");
  }

  // training/map.js
  function drawMap(training2, reader2, place2) {
    const { left, top, height, end, loss } = place2;
    const root = document.documentElement;
    root.style.setProperty("--left", `${left}px`);
    root.style.setProperty("--right", `${loss}px`);
    paint(training2, reader2, place2);
    const over = the("over", SVGSVGElement);
    over.setAttribute("height", String(top + height + 6));
    const above = ticks(place2.across, place2.ticks).map(
      (c) => shape("text", { x: place2.centre(c), y: 12, "text-anchor": "middle" }, reader2.watched.times[c])
    );
    const beside = ticks(training2.steps.length, height / 17).map(
      (r) => shape("text", { x: left - 7, y: place2.middle(r) + 4, "text-anchor": "end" }, training2.steps[r].toLocaleString("en"))
    );
    const cursor = shape("g", { id: "cursor" });
    over.replaceChildren(...above, ...beside, ...verdicts(reader2, place2), ...lossCurve(training2, place2, end - loss), cursor);
    legend(training2, reader2);
  }
  function paint({ steps }, reader2, { left, top, room, height, across, x, y }) {
    const canvas = the("cells", HTMLCanvasElement);
    const sharp = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: room * sharp, height: height * sharp });
    Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`, width: `${room}px`, height: `${height}px` });
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.scale(sharp, sharp);
    const colours = getComputedStyle(document.documentElement);
    const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
    const fills = { gnone: colour("panel"), gzero: colour("zero"), gtiny: colour("card"), gbad: colour("broken") };
    for (let n = 0; n < SHADES; n += 1) fills[`g${n}`] = colour(`fill${n}`);
    const gap = height / steps.length > 8 && room / across > 8 ? 1 : 0;
    const scale = scaleOf(reader2);
    for (let r = 0; r < steps.length; r += 1) {
      for (let c = 0; c < across; c += 1) {
        pen.fillStyle = fills[look(shown(reader2, r, c), scale)];
        pen.fillRect(x(c), y(r), x(c + 1) - x(c) - gap, y(r + 1) - y(r) - gap);
      }
    }
  }
  function verdicts({ watched }, { left, room, top, y }) {
    const at = left + room + 6;
    return stretches(watched.verdicts).flatMap(([from, to, verdict]) => {
      const [above, below] = [top + y(from) + 1, top + y(to) - 2];
      const bracket = shape("path", { class: "bracket", fill: "none", d: `M${at},${above}h3V${Math.max(above, below)}h-3` });
      if (below - above <= 9) return [bracket];
      const [word] = verdict.split(":");
      return [bracket, shape("text", { class: "word", x: at + 8, y: (above + below) / 2 + 4 }, word)];
    });
  }
  function lossPoints({ losses }, { end, loss: wide, middle }) {
    const axis = lossAxis(losses);
    return losses.map(
      (loss, r) => typeof loss === "number" ? { x: end - wide + 6 + axis.place(loss) * (wide - 24), y: middle(r) } : null
    );
  }
  function lossCurve(training2, place2, start) {
    const { isLogarithmic, least, most, isEmpty } = lossAxis(training2.losses);
    const stop = start + place2.loss - 12;
    byId("loss-name").textContent = isLogarithmic ? "loss (log)" : "loss";
    const points = lossPoints(training2, place2);
    const path = points.map((at, r) => at ? `${r && points[r - 1] ? "L" : "M"}${at.x.toFixed(1)},${at.y.toFixed(1)}` : "");
    const rules = [start, stop].map((at) => shape("path", { class: "rule", d: `M${at},${place2.top}v${place2.height}` }));
    const curve = shape("path", { class: "curve", d: path.join("") });
    const bad = points.flatMap(
      (at, r) => at ? [] : [shape("circle", { class: "point bad", r: 3.5, cx: stop, cy: place2.middle(r) })]
    );
    const ends = [];
    if (!isEmpty && !place2.isNarrow) {
      ends.push(shape("text", { x: start, y: 12 }, number(least)));
      if (most > least) ends.push(shape("text", { x: stop, y: 12, "text-anchor": "end" }, number(most)));
    }
    return [...rules, curve, ...ends, ...bad];
  }
  var OTHERS = { gtiny: "smaller", gzero: "exactly 0", gbad: "NaN or infinite", gnone: "nothing to show" };
  function legend({ steps }, reader2) {
    const scale = scaleOf(reader2);
    const ramp = Array.from({ length: SHADES }, (_, n) => element("i", { class: `g${n}` }));
    const all = new Set(steps.flatMap((_, r) => reader2.watched.times.map((__, c) => look(shown(reader2, r, c), scale))));
    const letter = reader2.watched.name.split("/").pop()?.split(" ")[0];
    const what = reader2.relative ? `|dL/d${letter}_t| : |dL/d${letter}_T|` : `|dL/d${letter}_t|`;
    const rest = Object.entries(OTHERS).filter(([css]) => all.has(css));
    byId("legend").replaceChildren(
      element("span", {}, what),
      element("span", { class: "ramp" }, `1e${scale[0]}\xA0`, ...ramp, `\xA01e${scale[1]}`),
      ...rest.map(([css, words]) => element("span", {}, element("i", { class: css }), ` ${words}`))
    );
  }

  // training/place.js
  function placeOf({ steps }, { watched }) {
    const isNarrow = window.innerWidth < 640;
    const [left, right, loss] = isNarrow ? [44, 146, 48] : [64, 290, 140];
    const across = watched.times.length;
    const room = Math.max(60, byId("map").clientWidth - left - right);
    const unit = Math.min(26, Math.max(260, window.innerHeight - 380) / steps.length);
    const height = Math.max(steps.length, Math.round(unit * steps.length));
    const top = 18;
    const x = (column) => Math.round(column * room / across);
    const y = (row) => Math.round(row * height / steps.length);
    return {
      ...{ isNarrow, left, right, loss, across, room, height, top, x, y },
      end: left + room + right,
      middle: (row) => top + (y(row) + y(row + 1)) / 2,
      centre: (column) => left + (x(column) + x(column + 1)) / 2,
      /** For so many numbers is there room below each other across the map. */
      ticks: room / (7 * Math.max(...watched.times.map(({ length }) => length)) + 12)
    };
  }

  // training/row.js
  function drawRow(training2, reader2, place2) {
    const { row, column } = reader2;
    const { left, top, end, x, y, middle } = place2;
    const [from, to] = column < 0 ? [0, place2.across] : [column, column + 1];
    const square = {
      x: left + x(from) - 0.5,
      y: top + y(row) - 1,
      width: Math.max(3, x(to) - x(from)),
      height: Math.max(3, y(row + 1) - y(row)) + 1
    };
    const loss = lossPoints(training2, place2)[row];
    the("cursor", SVGGElement).replaceChildren(
      shape("path", { class: "level", d: `M${left},${middle(row)}H${end}` }),
      shape("rect", { class: "cursor", ...square }),
      shape("circle", { class: loss ? "point" : "point bad", r: 4.5, cx: loss?.x ?? end - 12, cy: middle(row) })
    );
    byId("said").replaceChildren(...sentence(training2, reader2));
    the("bars", SVGSVGElement).replaceChildren(...bars(reader2, place2));
  }
  function sentence({ steps, losses }, { watched, row, column }) {
    const isBefore = row === 0 && steps[0] === 0;
    const when = isBefore ? "Before training" : `After ${steps[row].toLocaleString("en")} steps of training`;
    const what = watched.sentences[row] ? `${watched.name} ${watched.sentences[row]}.` : `${watched.name} was not there.`;
    const words = [element("strong", {}, when), `, loss ${number(losses[row])}: `, what];
    const size = watched.sizes[row][column] ?? null;
    if (size === null) return words;
    const last2 = watched.lasts[row];
    const ratio = last2 === null || typeof size !== "number" ? "" : `, ${number(size / last2)} of the last step's`;
    return [...words, element("br"), `t = ${watched.times[column]}: |dL/d${watched.name}_t| = ${number(size)}${ratio}`];
  }
  function bars(reader2, place2) {
    const scale = scaleOf(reader2);
    const [low, high] = scale;
    const [top, tall] = [8, 118];
    const marks = [];
    for (let n = Math.ceil(low); n <= high; n += 1) {
      const at = top + tall * (1 - (n - low) / (high - low));
      marks.push(shape("path", { class: "rule", d: `M${place2.left},${at}h${place2.room}` }));
      marks.push(shape("text", { x: place2.left - 7, y: at + 4, "text-anchor": "end" }, `1e${n}`));
    }
    for (let c = 0; c < place2.across; c += 1) {
      const size = shown(reader2, reader2.row, c);
      if (size === null) continue;
      const part = typeof size === "string" ? 1 : size === 0 ? 0 : heightOn(size, scale);
      const height = Math.min(1, Math.max(0.012, part)) * tall;
      const wide = place2.x(c + 1) - place2.x(c);
      const [gap, width] = wide > 6 ? [1, wide - 3] : [0, wide];
      const at = { x: place2.left + place2.x(c) + gap, y: top + tall - height };
      marks.push(shape("rect", { class: `bar ${look(size, scale)}`, ...at, width, height }));
    }
    for (const c of ticks(place2.across, place2.ticks)) {
      const at = { x: place2.centre(c), y: top + tall + 15 };
      marks.push(shape("text", { ...at, "text-anchor": "middle" }, reader2.watched.times[c]));
    }
    return marks;
  }

  // training/words.js
  function drawWords(training2, reader2) {
    const { watched } = reader2;
    const rows = training2.steps.length;
    const step = (row) => training2.steps[row].toLocaleString("en");
    const records = `${rows} of ${training2.records.toLocaleString("en")} records are shown: of each group the last, or one that is broken.`;
    const squares = `Each square joins ${watched.joined} time steps and shows the largest size.`;
    byId("notes").textContent = [training2.records > rows && records, watched.joined > 1 && squares].filter(Boolean).join(" ");
    const before = `at step ${step(0)} ${watched.sentences[0]}; at step ${step(rows - 1)} `;
    byId("summary").textContent = `${watched.name} ${rows > 1 ? before : ""}${watched.sentences[rows - 1]}`;
    byId("table").replaceChildren(table(training2, reader2));
  }
  function table({ steps, losses }, { watched }) {
    const { name, times, sizes, sentences } = watched;
    const head = ["step", "loss", `|dL/d${name}| at t = ${times[0]}`, `at t = ${times[times.length - 1]}`, "what becomes of it"];
    const rows = steps.map((step, r) => {
      const known = sizes[r].filter((size) => size !== null);
      const ends = known.length ? [known[0], known[known.length - 1]].map((size) => number(size)) : ["", ""];
      return [step.toLocaleString("en"), number(losses[r]), ...ends, sentences[r]];
    });
    return element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((text) => element("td", {}, text)))))
    );
  }

  // training/main.js
  var training = carried();
  var last = training.steps.length - 1;
  var reader = begin(said());
  var place;
  function begin(address) {
    const watched = training.states.find(({ name }) => name === address.get("state")) ?? training.states[training.main];
    const theme = address.get("dark") === "1" ? "dark" : "light";
    return {
      watched,
      relative: address.get("scale") !== "absolute",
      row: address.has("step") ? nearest(training.steps, Number(address.get("step"))) : last,
      column: watched.times.indexOf(address.get("t") ?? ""),
      follows: !address.has("step"),
      theme: address.has("dark") ? theme : null
    };
  }
  function writeAddress() {
    const { watched, relative, follows, row, column, theme } = reader;
    const parts = {
      state: watched.name,
      scale: relative ? null : "absolute",
      step: follows ? null : training.steps[row],
      t: watched.times[column] ?? null,
      dark: theme && Number(isDark(theme))
    };
    const kept = Object.entries(parts).filter(([, value]) => value !== null);
    say(kept.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join("&"));
  }
  function draw() {
    applyTheme(reader.theme, byId("theme"));
    place = placeOf(training, reader);
    drawMap(training, reader, place);
    point();
  }
  function point() {
    drawRow(training, reader, place);
    writeAddress();
  }
  function move(row, column) {
    reader.row = Math.min(last, Math.max(0, row));
    reader.column = Math.min(place.across - 1, Math.max(-1, column));
    reader.follows = false;
    point();
  }
  function moveUnder(event) {
    const box = byId("map").getBoundingClientRect();
    const [right, down] = [event.clientX - box.left - place.left, event.clientY - box.top - place.top];
    const column = right < 0 || right >= place.room ? -1 : Math.floor(right * place.across / place.room);
    move(Math.floor(down * (last + 1) / place.height), column);
  }
  function listen() {
    const map = byId("map");
    map.addEventListener("pointermove", (event) => (event.pointerType === "mouse" || event.buttons) && moveUnder(event));
    map.addEventListener("pointerdown", moveUnder);
    map.addEventListener("keydown", (event) => {
      const { row, column } = reader;
      const ways = {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        Home: [0, column],
        End: [last, column],
        PageUp: [row - 10, column],
        PageDown: [row + 10, column]
      };
      if (!ways[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      move(...ways[event.key]);
    });
    const select = the("state", HTMLSelectElement);
    const { watched, relative } = reader;
    select.append(...training.states.map((each) => element("option", { value: each.name, selected: each === watched }, each.name)));
    select.addEventListener("change", () => {
      reader.watched = training.states[select.selectedIndex];
      reader.column = Math.min(reader.column, reader.watched.times.length - 1);
      drawWords(training, reader);
      draw();
    });
    for (
      const choice of
      /** @type {NodeListOf<HTMLInputElement>} */
      document.getElementsByName("scale")
    ) {
      choice.checked = choice.value === "relative" === relative;
      choice.addEventListener("change", () => {
        reader.relative = choice.value === "relative";
        draw();
      });
    }
    byId("theme").addEventListener("click", () => {
      reader.theme = isDark(reader.theme) ? "light" : "dark";
      draw();
    });
    dark.addEventListener("change", draw);
    window.matchMedia("print").addEventListener("change", draw);
    new ResizeObserver(draw).observe(document.body);
  }
  function reload() {
    if (the("reload", HTMLInputElement).checked && !document.hidden) location.reload();
  }
  byId("reloading").hidden = !training.goesOn;
  if (training.goesOn) setInterval(reload, 5e3);
  listen();
  drawWords(training, reader);
  draw();
})();
