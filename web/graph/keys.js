// Keys of the whole page; a field, a list, a row of buttons and the picture have their own. Those that write a sign can be
// switched off: who dictates presses them by speaking.

/** @import { Page } from "./page.js" */
import { the } from "../shared/elements.js";

/** @param {Page} page */
export function keysOf(page) {
  const { state, clock, camera } = page;
  const help = the("about", HTMLDialogElement);
  /** @type {Record<string, () => void>} */
  const acts = {
    ArrowLeft: () => page.step(state.moment - 1),
    ArrowRight: () => page.step(state.moment + 1),
    Home: () => page.step(0),
    End: () => page.step(clock.last),
    " ": () => page.togglePlay(),
    "/": () => the("find", HTMLInputElement).select(),
    "+": camera.closer,
    "=": camera.closer,
    "-": camera.farther,
    0: camera.fit,
    Escape: () => page.unpin(),
  };
  if (page.doors.length > 1) page.doors.slice(0, 9).forEach((door, n) => (acts[n + 1] = () => page.go(door)));

  page.listen(document, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const { key, target } = event;
    const isPressing = key === "Enter" || key === " ";
    if (isPressing && target.closest("svg [role=button]")) {
      event.preventDefault();
      target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      return;
    }
    if (target.closest("select") || (key === " " && target.closest("button"))) return;
    if (!Object.hasOwn(acts, key) || (key.length === 1 && !state.keys)) return;
    event.preventDefault();
    acts[key]();
  });
}
