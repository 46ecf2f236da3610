// Light and dark: what the reader chose, else what the system says.

/** What the system says; listen to it for "change". */
export const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** @param {"light" | "dark" | null} theme */
export const isDark = (theme) => (theme ? theme === "dark" : dark.matches);

/**
 * Show a theme; the button says the other one.
 *
 * @param {"light" | "dark" | null} theme
 * @param {HTMLElement} button
 */
export function applyTheme(theme, button) {
  if (theme) document.documentElement.dataset.theme = theme;
  button.textContent = isDark(theme) ? "Light" : "Dark";
}
