// The stepper: buttons, slider, caption, and the clock that plays.

/** @import { Page } from "./page.js" */
import { caption } from "../core/words.js";
import { byId, the } from "../shared/elements.js";

/** @param {Page} page */
export function stepperView(page) {
  const { run, clock, state } = page;
  const slider = the("slider", HTMLInputElement);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  slider.max = String(clock.last);
  /** @type {Record<string, () => void>} */
  const clicks = {
    first: () => page.step(0),
    back: () => page.step(state.moment - 1),
    next: () => page.step(state.moment + 1),
    last: () => page.step(clock.last),
    play: () => page.togglePlay(),
  };
  for (const [id, act] of Object.entries(clicks)) page.listen(byId(id), "click", act);
  page.listen(slider, "input", () => page.step(Number(slider.value)));

  function tick() {
    page.show(state.moment + 1);
    if (state.moment === clock.last) page.change({ playing: false });
  }

  return () => {
    const { moment, playing } = state;
    if (playing) timer ??= setInterval(tick, clock.pace);
    else timer = clearInterval(timer) ?? undefined;
    byId("play").classList.toggle("on", playing);
    byId("play-word").textContent = playing ? "Pause" : "Play";
    const [phase, deed] = caption(run, clock, moment);
    byId("phase").textContent = phase;
    byId("deed").textContent = deed;
    byId("caption").dataset.phase = clock.isForward(moment) ? "forward" : "backward";
    // A caption a second would drown a screen reader.
    byId("caption").setAttribute("aria-live", playing ? "off" : "polite");
    slider.value = String(moment);
    slider.setAttribute("aria-valuetext", phase);
    for (const id of ["first", "back"]) the(id, HTMLButtonElement).disabled = moment === 0;
    for (const id of ["next", "last"]) the(id, HTMLButtonElement).disabled = moment === clock.last;
  };
}
