// The view: zoom, moving the picture by hand, and following the computation.

const picture = document.getElementById("picture");
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
let zoom = 1;

const viewBox = () => drawing.getAttribute("viewBox").split(" ").map(Number);
// A scroll bar may come up when the picture is wider or higher than its window.
const room = () => [picture.offsetWidth - 16, picture.offsetHeight - 16];

// Zoom, and keep the point of the picture in place that is at (x, y) of the window's part that shows it.
function setZoom(wanted, x = picture.clientWidth / 2, y = picture.clientHeight / 2) {
  const before = zoom;
  zoom = Math.min(4, Math.max(0.05, wanted));
  const [, , width, height] = viewBox();
  drawing.setAttribute("width", (width * zoom).toFixed(1));
  drawing.setAttribute("height", (height * zoom).toFixed(1));
  picture.scrollLeft = ((picture.scrollLeft + x) * zoom) / before - x;
  picture.scrollTop = ((picture.scrollTop + y) * zoom) / before - y;
}

function fitting() {
  const [, , width, height] = viewBox();
  const [across, down] = room();
  return Math.min(across / width, down / height);
}
const fit = () => setZoom(Math.min(1.6, fitting()));

// The first view: everything, if it can be read then; else the whole height, if that can be read.
function openView() {
  const [, , , height] = viewBox();
  const whole = fitting();
  const tall = Math.max(0.62, Math.min(1, room()[1] / height));
  zoom = 1;
  setZoom(whole >= 0.7 ? Math.min(1.25, whole) : tall);
}

// Bring a card into view, with some room around it.
function bringIntoView(id) {
  const [left, top] = viewBox();
  const [x, y, width, height] = boxOf(id);
  const target = { left: picture.scrollLeft, top: picture.scrollTop };
  const axes = [
    ["left", (x - left) * zoom, width * zoom, picture.clientWidth],
    ["top", (y - top) * zoom, Math.min(height * zoom, picture.clientHeight - 40), picture.clientHeight],
  ];
  for (const [side, at, size, across] of axes) {
    const margin = Math.min(24, (across - size) / 2);
    if (at < target[side] + margin || at + size > target[side] + across - margin) target[side] = at - (across - size) / 2;
  }
  const far = Math.hypot(target.left - picture.scrollLeft, target.top - picture.scrollTop);
  if (far > 1) picture.scrollTo({ ...target, behavior: calm.matches || far > 2000 || isPlaying() ? "auto" : "smooth" });
}

// Dragging the picture with the mouse; fingers scroll it as any page.
let grip = null;
let dragged = false;
listen(picture, "pointerdown", (event) => {
  dragged = false;
  if (event.pointerType === "mouse" && event.button === 0) {
    grip = { x: event.clientX, y: event.clientY, left: picture.scrollLeft, top: picture.scrollTop };
  }
});
listen(window, "pointermove", (event) => {
  if (!grip) return;
  const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
  if (Math.hypot(dx, dy) > 4) {
    dragged = true;
    picture.classList.add("dragging");
  }
  if (dragged) picture.scrollTo({ left: grip.left - dx, top: grip.top - dy, behavior: "instant" });
});
for (const end of ["pointerup", "pointercancel", "blur"]) {
  listen(window, end, () => {
    grip = null;
    picture.classList.remove("dragging");
  });
}
// A click that ends a drag chooses nothing.
listen(picture, "click", (event) => dragged && event.stopPropagation(), { capture: true });
listen(
  picture,
  "wheel",
  (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = picture.getBoundingClientRect();
    setZoom(zoom * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  },
  { passive: false },
);
