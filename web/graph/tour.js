// The tour: one big button to begin with, and three sentences that go with what is shown.

/** @import { Page } from "./page.js" */
import { tourWords } from "../core/words.js";
import { byId } from "../shared/elements.js";

/** @param {Page} page */
export function tourView(page) {
  const { run, clock, state } = page;
  const tour = byId("tour");
  const last = () => state.moment === clock.last;
  const next = () => page.step(clock.isForward(state.moment) ? clock.count + 1 : clock.last);
  page.listen(byId("begin"), "click", () => page.togglePlay());
  page.listen(byId("tour-next"), "click", () => (last() ? page.change({ touring: false }) : next()));
  page.listen(byId("tour-end"), "click", () => page.change({ touring: false }));

  return () => {
    const pressed = tour.contains(document.activeElement) ? document.activeElement : null;
    tour.hidden = !state.touring;
    const begins = state.moment === 0 && !state.playing;
    tour.classList.toggle("begins", begins);
    byId("begin").hidden = !begins;
    const [at, words] = tourWords(run, clock, state.moment);
    byId("tour-at").textContent = `${at} of 3`;
    byId("tour-words").textContent = words;
    byId("tour-next").textContent = last() ? "Done" : "Next";
    byId("tour-end").hidden = last();
    // What was pressed is gone: what leads on takes the focus.
    if (pressed?.checkVisibility() === false) byId(state.touring && last() ? "tour-next" : "play").focus();
  };
}
