// Elements: found, made, and filled. Texts are set as text, whatever is in them.

/** @typedef {string | number | boolean | null | ((event: any) => void)} Attribute null and false leave it out */

/**
 * The element of the template with that id.
 *
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 */
export function the(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} #${id}`);
  return found;
}

/** @param {string} id */
export const byId = (id) => the(id, HTMLElement);

/** The data that Python wrote into the page. */
export const carried = () => JSON.parse(byId("data").textContent ?? "");

/**
 * What an address says after its #.
 *
 * @param {string} [address]
 */
export const said = (address = location.href) =>
  new URLSearchParams(new URL(address).hash.slice(1).replaceAll("+", "%2B"));

/**
 * Write it. A page inside another may not have an address to write to.
 *
 * @param {string} words
 */
export function say(words) {
  try {
    history.replaceState(null, "", `#${words}`);
  } catch {
    // Nothing depends on it.
  }
}

/**
 * An element of HTML; an attribute "onclick" is a listener.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {...(Node | string | null)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * An element of SVG.
 *
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {string} [text]
 */
export function shape(tag, attributes = {}, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * A picture drawn again: `mark` is `shape` inside it, which takes the next mark of the last time and changes what differs.
 * Those that are not drawn any more go with `end`.
 *
 * @param {SVGElement} place
 */
export function redrawn(place) {
  let next = /** @type {SVGElement | null} */ (place.firstElementChild);
  return {
    /** @param {keyof SVGElementTagNameMap} tag @param {Record<string, string | number>} attributes @param {string} [text] */
    mark(tag, attributes, text) {
      const found = next;
      if (found?.tagName !== tag || found.attributes.length !== Object.keys(attributes).length) {
        const made = shape(tag, attributes, text);
        place.insertBefore(made, found);
        return made;
      }
      next = /** @type {SVGElement | null} */ (found.nextElementSibling);
      for (const [key, value] of Object.entries(attributes)) {
        const written = String(value);
        if (found.getAttribute(key) !== written) found.setAttribute(key, written);
      }
      if (text !== undefined && found.textContent !== text) found.textContent = text;
      return found;
    },
    end() {
      while (next) {
        const last = next;
        next = /** @type {SVGElement | null} */ (last.nextElementSibling);
        last.remove();
      }
    },
  };
}

/**
 * One tab stop for a row of buttons; the arrows move inside it.
 *
 * @param {HTMLElement} row
 */
export function roving(row) {
  const buttons = /** @type {HTMLElement[]} */ ([...row.children]);
  /** @param {number} here */
  const stopAt = (here) => buttons.forEach((button, n) => button.setAttribute("tabindex", n === here ? "0" : "-1"));
  stopAt(Math.max(0, buttons.findIndex((button) => button.classList.contains("now"))));
  row.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -buttons.length, End: buttons.length }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = buttons.findIndex((button) => button === document.activeElement);
    const to = Math.min(buttons.length - 1, Math.max(0, at + step));
    stopAt(to);
    buttons[to].focus();
  });
}

/**
 * Act whenever an element has another size, which it can get without the window: late in a frame, or from what is beside
 * it. The first time is soon after this call; what comes back ends it.
 *
 * @param {Element} place
 * @param {() => void} act
 */
export function resized(place, act) {
  const observer = new ResizeObserver(() => requestAnimationFrame(act));
  observer.observe(place);
  return () => observer.disconnect();
}

/** Remembers what everything looked like last, so that only what differs is drawn: `isNew(mark, look)`. */
export function looks() {
  const last = new Map();
  return (/** @type {Element} */ mark, /** @type {string} */ look) => {
    if (last.get(mark) === look) return false;
    last.set(mark, look);
    return true;
  };
}
