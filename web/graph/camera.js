// The camera: zoom, moving the picture by hand, and following the computation.

/** @import { Page } from "./page.js" */
/** @import { Box } from "../core/run.js" */
import { firstZoom } from "../core/level.js";
import { byId } from "../shared/elements.js";

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

/** @param {Page} page */
export function cameraOf(page) {
  const { state, marks } = page;
  const picture = byId("picture");
  let drawn = "";
  const size = () => {
    const { x, y, width, height } = marks.drawing.viewBox.baseVal;
    return { left: x, top: y, width, height };
  };
  // A scroll bar may come up when the picture is wider or higher than its window.
  const room = () => ({ across: picture.offsetWidth - 16, down: picture.offsetHeight - 16 });
  const fitting = () => Math.min(room().across / size().width, room().down / size().height);

  function draw() {
    const { width, height } = size();
    const look = `${width} ${height} ${state.zoom}`;
    if (look === drawn) return;
    drawn = look;
    marks.drawing.setAttribute("width", (width * state.zoom).toFixed(1));
    marks.drawing.setAttribute("height", (height * state.zoom).toFixed(1));
    marks.drawing.style.setProperty("--zoom", state.zoom.toFixed(3));
  }

  /**
   * Zoom, and keep the point of the picture in place that is at (x, y) of the window's part that shows it.
   *
   * @param {number} wanted
   */
  function setZoom(wanted, x = picture.clientWidth / 2, y = picture.clientHeight / 2) {
    const before = state.zoom;
    const zoom = Math.min(4, Math.max(0.05, wanted));
    page.change({ zoom });
    picture.scrollLeft = ((picture.scrollLeft + x) * zoom) / before - x;
    picture.scrollTop = ((picture.scrollTop + y) * zoom) / before - y;
  }

  dragging(page, picture);
  page.listen(
    picture,
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = picture.getBoundingClientRect();
      setZoom(state.zoom * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    },
    { passive: false },
  );

  return {
    draw,
    closer: () => setZoom(state.zoom * 1.25),
    farther: () => setZoom(state.zoom / 1.25),
    fit: () => setZoom(Math.min(1.6, fitting())),

    open: () => setZoom(firstZoom(fitting())),
    picture,
    size,

    /** What of the picture is seen, in its own coordinates; what is smaller than its window stands in the middle. */
    seen() {
      const { left, top, width, height } = size();
      const { scrollLeft, scrollTop, clientWidth, clientHeight } = picture;
      return {
        left: left + (scrollLeft - Math.max(0, clientWidth - width * state.zoom) / 2) / state.zoom,
        top: top + (scrollTop - Math.max(0, clientHeight - height * state.zoom) / 2) / state.zoom,
        width: clientWidth / state.zoom,
        height: clientHeight / state.zoom,
      };
    },

    /**
     * Bring a point of the picture into the middle.
     *
     * @param {number} x
     * @param {number} y
     */
    lookAt(x, y) {
      const { left, top } = size();
      const [across, down] = [(x - left) * state.zoom, (y - top) * state.zoom];
      picture.scrollTo({ left: across - picture.clientWidth / 2, top: down - picture.clientHeight / 2 });
    },

    /**
     * Bring a part of the picture into view, with some room around it.
     *
     * @param {Box} box
     */
    reveal(box) {
      const { left, top } = size();
      const [x, y, width, height] = box.map((each) => each * state.zoom);
      const { scrollLeft, scrollTop, clientWidth, clientHeight } = picture;
      const target = {
        left: shifted(scrollLeft, x - left * state.zoom, width, clientWidth),
        top: shifted(scrollTop, y - top * state.zoom, Math.min(height, clientHeight - 40), clientHeight),
      };
      const far = Math.hypot(target.left - scrollLeft, target.top - scrollTop);
      const isSudden = calm.matches || far > 2000 || state.playing;
      if (far > 1) picture.scrollTo({ ...target, behavior: isSudden ? "auto" : "smooth" });
    },
  };
}

/**
 * Where to scroll along one axis so that what begins at `at` can be seen: nowhere if it is, else so that it is in the
 * middle.
 *
 * @param {number} scrolled
 * @param {number} at
 * @param {number} size
 * @param {number} across
 */
function shifted(scrolled, at, size, across) {
  const margin = Math.min(24, (across - size) / 2);
  const isSeen = at >= scrolled + margin && at + size <= scrolled + across - margin;
  return isSeen ? scrolled : at - (across - size) / 2;
}

/**
 * Dragging the picture with the mouse; fingers scroll it as any page.
 *
 * @param {Page} page
 * @param {HTMLElement} picture
 */
function dragging(page, picture) {
  /** @type {{ x: number, y: number, left: number, top: number } | null} */
  let grip = null;
  let isDragged = false;
  page.listen(picture, "pointerdown", (event) => {
    isDragged = false;
    if (event.pointerType === "mouse" && event.button === 0) {
      grip = { x: event.clientX, y: event.clientY, left: picture.scrollLeft, top: picture.scrollTop };
    }
  });
  page.listen(window, "pointermove", (event) => {
    if (!grip) return;
    const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
    if (Math.hypot(dx, dy) > 4) {
      isDragged = true;
      picture.classList.add("dragging");
    }
    if (isDragged) picture.scrollTo({ left: grip.left - dx, top: grip.top - dy, behavior: "instant" });
  });
  for (const end of ["pointerup", "pointercancel", "blur"]) {
    page.listen(window, end, () => {
      grip = null;
      picture.classList.remove("dragging");
    });
  }
  // A click that ends a drag chooses nothing.
  page.listen(picture, "click", (event) => isDragged && event.stopPropagation(), { capture: true });
}
