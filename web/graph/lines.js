// Lines: which of them something went along already, and along which it goes now; words for what the mouse is on.

/** @import { Page } from "./page.js" */
import { lineWords } from "../core/words.js";
import { colour } from "./cards.js";
import { looks, shape } from "../shared/elements.js";

/** @param {Page} page */
export function linesView(page) {
  const { run, clock, marks, state } = page;
  const isNew = looks();
  page.listen(marks.drawing, "pointerover", (event) => tell(event.target.closest(".card, .line")));

  /**
   * A title, made when the mouse gets there.
   *
   * @param {SVGGElement | null} mark
   */
  function tell(mark) {
    if (!mark) return;
    const title = mark.querySelector(":scope > title") ?? mark.appendChild(shape("title"));
    const isCard = mark.classList.contains("card");
    title.textContent = isCard ? mark.getAttribute("aria-label") : lineWords(run, clock, run.lines[Number(mark.id.slice(1))]);
  }

  return () => {
    const now = clock.current(state.moment);
    run.lines.forEach(([backward, operation, , shares], n) => {
      if (!marks.lines[n].isConnected) return; // in a folded step
      const at = backward ? clock.backAt[operation] : clock.valueAt[operation];
      const isFuture = at > state.moment;
      const isFlowing = operation === now && at === state.moment;
      if (!isNew(marks.lines[n], `${page.live?.version} ${isFuture} ${isFlowing}`)) return;
      if (backward && page.live?.isChanged) colour(marks.lines[n], page.live.lookOfLine(shares ?? []));
      marks.lines[n].classList.toggle("future", isFuture);
      marks.lines[n].classList.toggle("flowing", isFlowing);
    });
  };
}
