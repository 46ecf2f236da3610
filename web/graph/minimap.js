// The minimap: the whole picture in a corner, where it is wider or higher than its window, and what of it is seen.

/** @import { Page } from "./page.js" */
import { the } from "../shared/elements.js";

/** On the screen; in a narrow window it leaves room for the buttons beside it. */
const WIDEST = 220;
const HIGHEST = 90;
const SHARE = 0.3;

/** @param {Page} page */
export function minimapView(page) {
  const { run, clock, marks, state, camera } = page;
  const map = the("minimap", HTMLCanvasElement);
  let scale = 1;

  function draw() {
    const { left, top, width, height } = camera.size();
    const seen = camera.seen();
    // What is a little larger than its window needs no map.
    map.hidden = seen.width > 0.92 * width && seen.height > 0.75 * height;
    if (map.hidden) return;
    scale = Math.min(Math.min(WIDEST, SHARE * camera.picture.clientWidth) / width, HIGHEST / height);
    const sharp = window.devicePixelRatio || 1;
    Object.assign(map, { width: Math.ceil(width * scale * sharp), height: Math.ceil(height * scale * sharp) });
    Object.assign(map.style, { width: `${width * scale}px`, height: `${height * scale}px` });
    const pen = map.getContext("2d");
    if (!pen) return;
    const styles = getComputedStyle(document.documentElement);
    /** @type {Map<string, string>} */
    const colours = new Map(); // asking the style is slow
    const colour = (/** @type {string} */ name) => {
      if (!colours.has(name)) colours.set(name, styles.getPropertyValue(`--${name}`).trim());
      return colours.get(name) ?? "";
    };
    pen.scale(sharp * scale, sharp * scale);
    pen.translate(-left, -top);
    const shown = new Set();
    run.nodes.forEach(({ frame, kind }, id) => {
      if (frame !== null && state.folded.has(frame)) {
        if (shown.has(frame)) return;
        shown.add(frame);
      }
      const gradient = clock.gradientOf(id, state.moment);
      const shade = gradient && /^g(\d)$/.exec(gradient.css);
      const plain = kind === "parameter" ? "parameter" : clock.valueAt[id] <= state.moment ? "border" : "panel-border";
      pen.fillStyle = colour(shade ? `fill${shade[1]}` : gradient?.css === "gbad" ? "broken" : plain);
      pen.globalAlpha = marks.cards[id].classList.contains("aside") ? 0.3 : 1;
      pen.fillRect(...page.folds.boxOf(id));
    });
    pen.globalAlpha = 1;
    pen.strokeStyle = colour("text");
    pen.lineWidth = 1.5 / scale;
    const inset = pen.lineWidth / 2;
    const right = Math.min(seen.left + seen.width, left + width) - inset;
    const bottom = Math.min(seen.top + seen.height, top + height) - inset;
    const [x, y] = [Math.max(seen.left, left) + inset, Math.max(seen.top, top) + inset];
    pen.strokeRect(x, y, right - x, bottom - y);
  }

  let isWaiting = false;
  function soon() {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      draw();
    });
  }

  page.listen(camera.picture, "scroll", soon);
  page.watch(camera.picture, soon);
  for (const kind of ["pointerdown", "pointermove"]) {
    page.listen(map, kind, (event) => {
      if (!event.buttons) return;
      event.preventDefault();
      if (kind === "pointerdown") map.setPointerCapture(event.pointerId);
      const { left, top } = camera.size();
      camera.lookAt(left + event.offsetX / scale, top + event.offsetY / scale);
    });
  }
  return soon;
}
