// Controls: finding, folding, the theme, zoom and help; what a run says of itself at the head of the page.

/** @import { Page } from "./page.js" */
import { matching } from "../core/choice.js";
import { summary } from "../core/words.js";
import { byId, element, looks, shape, the } from "../shared/elements.js";
import { applyTheme, dark } from "../shared/theme.js";

/** @param {Page} page */
export function controlsView(page) {
  const { run, state, marks, camera } = page;
  const help = the("about", HTMLDialogElement);
  const field = the("find", HTMLInputElement);
  const isNew = looks();
  byId("model").replaceChildren(...run.model.map((formula) => element("code", {}, formula)));
  byId("summary").textContent = summary(run);
  byId("fold").hidden = run.frames.length === 0;

  /** @type {Record<string, () => void>} */
  const clicks = {
    fold: () => page.toggleFold(run.frames.map((_, n) => n)),
    theme: () => page.toggleTheme(),
    help: () => help.showModal(),
    closer: camera.closer,
    farther: camera.farther,
    fit: camera.fit,
  };
  for (const [id, act] of Object.entries(clicks)) page.listen(byId(id), "click", act);
  page.listen(field, "input", () => page.seek(field.value));
  page.listen(field, "keydown", (event) => {
    if (event.key === "Enter") page.nextMatch(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      page.seek("");
      field.blur();
    }
    event.stopPropagation();
  });
  const keys = the("keys", HTMLInputElement);
  page.listen(keys, "change", () => page.change({ keys: keys.checked }));
  page.listen(dark, "change", () => page.change({}));

  byId("key").querySelector("svg")?.remove();
  byId("key").append(legendOf(page));
  // One reads it and goes on.
  page.listen(marks.drawing, "pointerdown", () => byId("key").removeAttribute("open"));

  function drawFound() {
    const matches = matching(run, state.sought);
    const far = page.far(state.sought);
    const none = run.window ? "none here" : "none";
    const said = far ? `Enter: t = ${far.step}` : !state.sought.trim() ? "" : matches.length ? `${matches.length} found` : none;
    byId("found").textContent = state.found < 0 ? said : `${state.found + 1} of ${matches.length}`;
    if (field.value !== state.sought) field.value = state.sought;
    if (!isNew(field, state.sought)) return;
    marks.cards.forEach((card, id) => card.classList.toggle("match", matches.includes(id)));
  }

  return () => {
    byId("fold").textContent = state.folded.size === run.frames.length ? "Open all steps" : "Fold all steps";
    applyTheme(state.theme, byId("theme"));
    keys.checked = state.keys;
    drawFound();
  };
}

/**
 * The legend of the drawing once more, at a size at which it can be read wherever the picture is.
 *
 * @param {Page} page
 */
function legendOf({ marks }) {
  const { x, y, width, height } = marks.legend.getBBox();
  const enlarged = { width: 1.4 * (width + 2), height: 1.4 * (height + 2) };
  const drawn = shape("svg", { viewBox: `${x - 1} ${y - 1} ${width + 2} ${height + 2}`, "aria-hidden": "true", ...enlarged });
  drawn.append(...[...marks.legend.children].map((each) => each.cloneNode(true)));
  return drawn;
}
