// A text as tokens, cut as Python's `words` and `characters` cut it.

// What joins letters and is neither a letter nor seen counts as part of a word, as marks do.
const JOINERS = ["200c", "200d", "2060", "00ad"].map((code) => `\\u${code}`).join("");
const INSIDE = `\\p{L}\\p{N}_\\p{M}${JOINERS}`;
const WORD = `[${INSIDE}]+(?:['’‑·׳״-][${INSIDE}]+)*`;
const SIGN = `[^${INSIDE}\\s](?:\\u200d[^\\p{L}\\p{N}_\\s]|[\\p{M}${JOINERS}])*`;
const WORDS = new RegExp(`${WORD}|${SIGN}`, "gu");

/** @param {string} text @param {"word" | "char"} level */
export const cut = (text, level) => (level === "char" ? Array.from(text) : (text.match(WORDS) ?? []));

/** What a model knows. */
export class Vocabulary {
  /** @param {{tokens: string[], level: "word" | "char", lower: boolean, unknown: string | null}} data */
  constructor({ tokens, level, lower, unknown }) {
    this.tokens = tokens;
    this.level = level;
    this.lower = lower;
    this.ids = new Map(tokens.map((token, id) => [token, id]));
    this.other = unknown === null ? -1 : (this.ids.get(unknown) ?? -1);
  }

  /**
   * A text as ids, at most so many; what is not known is the unknown token, or left out, and told.
   *
   * @param {string} text
   * @param {number} most
   */
  encode(text, most) {
    const tokens = cut(this.lower ? text.toLowerCase() : text, this.level);
    const strange = [...new Set(tokens.filter((token) => !this.ids.has(token)))];
    const ids = tokens.map((token) => this.ids.get(token) ?? this.other).filter((id) => id >= 0);
    return { ids: ids.slice(0, most), strange, more: Math.max(0, ids.length - most) };
  }

  /** A token as it is shown. @param {number} id */
  shown(id) {
    const token = this.tokens[id];
    return { " ": "␣", "\n": "⏎", "\t": "⇥" }[token] ?? token;
  }

  /** A token as it is read aloud. @param {number} id */
  said(id) {
    const token = this.tokens[id];
    return { " ": "space", "\n": "line end", "\t": "tab" }[token] ?? token;
  }
}
