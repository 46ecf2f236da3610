// A page: an open run, what the reader has done to it, and all that a reader can do.

/** @import { Clock } from "../core/clock.js" */
/** @import { Run, State } from "../core/run.js" */
import { carried, read, written } from "../core/address.js";
import { changesIn, Live, wordsOfChanges } from "../core/live.js";
import { matching, mainValue } from "../core/choice.js";
import { clockOf } from "../core/clock.js";
import { toggled } from "../core/folding.js";
import { resized, say } from "../shared/elements.js";
import { isDark } from "../shared/theme.js";
import { briefsView } from "./briefs.js";
import { cameraOf } from "./camera.js";
import { cardsView } from "./cards.js";
import { controlsView } from "./controls.js";
import { foldsOf } from "./folds.js";
import { keysOf } from "./keys.js";
import { linesView } from "./lines.js";
import { liveView } from "./live.js";
import { marksOf } from "./marks.js";
import { minimapView } from "./minimap.js";
import { panelView } from "./panel.js";
import { roamView } from "./roam.js";
import { stepperView } from "./stepper.js";
import { stripView } from "./strip.js";
import { tourView } from "./tour.js";
import { waysView } from "./ways.js";

/** Letters of changes in an address; a browser takes some thousands. */
const MOST = 4000;
/** The runs whose numbers can be changed stay changed while another is open. @type {WeakMap<Run, Live>} */
const lives = new WeakMap();

/** @param {Run} run */
function liveOf(run) {
  if ("not" in run.live) return null;
  const live = lives.get(run) ?? new Live(run, run.live);
  lives.set(run, live);
  return live;
}

/**
 * What several modules share goes by the page. Whoever wants something to look different calls `change` or one of the
 * methods that do; then every view draws what the state says.
 */
export class Page {
  #life = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #writing;

  /**
   * @param {Run[]} runs
   * @param {Run} run which of them is open
   * @param {State} state
   * @param {Element} closed the steps that are folded at first
   * @param {object} ways
   * @param {(run: number, pick?: number, sought?: string) => void} ways.go opens another run, and chooses a step there
   * @param {number[]} ways.doors what to open to come to each of the runs
   * @param {(text: string) => { to: number, pick: number, step: number } | null} ways.far where what is sought is, if that
   *   is elsewhere
   * @param {((page: Page) => void) | null} drawWindows of long runs, of which the one that is open is a part
   */
  constructor(runs, run, state, closed, { go, doors, far }, drawWindows) {
    this.runs = runs;
    this.run = run;
    this.state = state;
    this.go = go;
    this.doors = doors;
    this.far = far;
    this.clock = clockOf(this.run);
    this.live = liveOf(this.run);
    this.marks = marksOf(this.run, closed);
    this.folds = foldsOf(this);
    this.camera = cameraOf(this);
    this.views = [
      this.folds.draw,
      this.camera.draw,
      ...[cardsView, briefsView, linesView, waysView, minimapView, roamView].map((view) => view(this)),
      ...[stripView, panelView, stepperView, controlsView, tourView, liveView].map((view) => view(this)),
      () => drawWindows?.(this),
    ];
    keysOf(this);
  }

  /** Ends what the page listens to and writes, so that another run can be opened. */
  close() {
    this.change({ playing: false, sought: "" });
    this.#life.abort();
    clearTimeout(this.#writing);
  }

  /**
   * Listen for as long as the run is open.
   *
   * @param {EventTarget} target
   * @param {string} kind
   * @param {(event: any) => void} act
   * @param {AddEventListenerOptions} [options]
   */
  listen(target, kind, act, options = {}) {
    target.addEventListener(kind, act, { signal: this.#life.signal, ...options });
  }

  /**
   * Act when an element has another size, for as long as the run is open.
   *
   * @param {Element} place
   * @param {() => void} act
   */
  watch(place, act) {
    this.#life.signal.addEventListener("abort", resized(place, act));
  }

  /** @param {Partial<State>} part */
  change(part) {
    Object.assign(this.state, part);
    for (const draw of this.views) draw();
    // Browsers limit how often an address may be written.
    clearTimeout(this.#writing);
    this.#writing = setTimeout(() => say(written(this.run, this.state)), 250);
  }

  /**
   * Begin at what an address says.
   *
   * @param {{ has(key: string): boolean, get(key: string): string | null }} said
   * @param {boolean} isFirst whether the page was opened just now
   */
  begin(said, isFirst) {
    const asked = read(this.run, this.clock, said);
    const moment = asked.moment ?? this.state.moment;
    const now = this.clock.current(moment);
    const touring = asked.moment === undefined && (isFirst || this.state.touring);
    if (this.live && asked.changes !== undefined) {
      this.live.reset();
      this.live.change(changesIn(asked.changes, this.live));
    }
    this.#open({ ...asked, moment, touring, selected: asked.selected ?? now }, now ?? asked.selected ?? null);
  }

  /**
   * Begin where the reader is on the page of another run, as far as there is such a thing.
   *
   * @param {{ run: Run, clock: Clock, state: State }} before
   */
  beginLike(before) {
    const part = carried(before, this);
    const now = this.clock.current(part.moment ?? 0);
    this.#open({ ...part, selected: part.selected ?? now }, now);
  }

  /**
   * @param {Partial<State>} part
   * @param {number | null} seen what to bring into view
   */
  #open(part, seen) {
    this.change(part);
    const look = () => {
      this.camera.open();
      if (seen !== null) this.reveal(seen);
      return this.camera.picture.offsetWidth > 0;
    };
    // In a frame that is hidden as yet there is nothing to look at.
    let isSeen = look();
    if (!isSeen) this.watch(this.camera.picture, () => { isSeen ||= look(); });
  }

  /** The value of a step the strip speaks of: the one of the chosen series. */
  stateOf(/** @type {number} */ frame) {
    return this.run.series[this.state.series]?.ids[frame] ?? null;
  }

  // ---- numbers

  /** @param {{id: number, at: number, is: number}[]} changes */
  set(changes) {
    this.live?.change(changes);
    this.changed();
  }

  /** Everything anew, after numbers were changed. */
  changed() {
    const words = this.live ? wordsOfChanges(this.live.changes) : "";
    this.change({ changes: words.length > MOST ? "" : words });
  }

  // ---- time

  /**
   * Go to a moment; the view and the panel follow unless something was chosen.
   *
   * @param {number} wanted
   */
  show(wanted) {
    const moment = this.clock.within(wanted);
    const now = this.clock.current(moment);
    // The tour ends at what the page is about.
    const ends = this.state.touring && moment === this.clock.last;
    const selected = ends ? mainValue(this.run, this.clock) : now;
    this.change({ moment, ...(this.state.pinned ? {} : { selected }) });
    if (now !== null) this.reveal(now);
  }

  /**
   * Go to a moment by hand, which ends playing.
   *
   * @param {number} wanted
   */
  step(wanted) {
    this.change({ playing: false });
    this.show(wanted);
  }

  togglePlay() {
    const { playing, moment } = this.state;
    if (!playing && moment === this.clock.last) this.show(0);
    this.change({ playing: !playing });
  }

  // ---- choosing

  /**
   * @param {number} id
   * @param {{ reveal?: boolean }} [how]
   */
  choose(id, { reveal = true } = {}) {
    this.change({ selected: id, pinned: true });
    if (reveal) this.reveal(id);
  }

  /** Follow the computation again. */
  unpin() {
    this.change({ pinned: false, selected: this.clock.current(this.state.moment) });
  }

  /**
   * @param {string} sought
   * @param {boolean} [isNamed] whether to go on to the value of that name, if there is one
   */
  seek(sought, isNamed) {
    this.change({ sought, found: -1 });
    const wanted = sought.trim().toLowerCase();
    if (isNamed && this.run.nodes.some(({ name }) => name.toLowerCase() === wanted)) this.nextMatch(1);
  }

  /** @param {number} direction */
  nextMatch(direction) {
    const far = this.far(this.state.sought);
    if (far) this.go(far.to, far.pick, this.state.sought);
    const matches = matching(this.run, this.state.sought);
    if (far || matches.length === 0) return;
    const found = (this.state.found + direction + matches.length) % matches.length;
    const { frame } = this.run.nodes[matches[found]];
    if (frame !== null && this.state.folded.has(frame)) this.toggleFold([frame]);
    this.change({ found });
    this.choose(matches[found]);
  }

  // ---- looks

  /**
   * Bring a card into view.
   *
   * @param {number} id
   */
  reveal(id) {
    this.camera.reveal(this.folds.boxOf(id));
  }

  /** @param {number[]} which */
  toggleFold(which) {
    this.change({ folded: toggled(this.state.folded, which) });
    // The thing that was clicked is gone: the one that does the opposite takes the focus.
    if (which.length === 1) this.folds.focus(which[0]);
  }

  toggleTheme() {
    this.change({ theme: isDark(this.state.theme) ? "light" : "dark" });
  }
}
