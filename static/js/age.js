/** The age of the inventory counts on while the page stays open. */

/** @type {Record<string, number>} */
const SECONDS_OF_UNIT = { s: 1, min: 60, h: 3600, d: 86400 };
const INTERVAL = 5000;

/** Update the age from the server's text and the time since that text came: clocks are not compared. */
export function watchAge() {
  /** @type {Element | null} */
  let knownElement = null;
  let startAge = 0;
  let startTime = 0;
  window.setInterval(() => {
    const element = document.querySelector("#freshness time");
    if (!element) return;
    if (element !== knownElement) {
      const [count, unit] = (element.textContent ?? "").trim().split(" ");
      knownElement = element;
      startAge = Number(count) * (SECONDS_OF_UNIT[unit ?? ""] ?? Number.NaN);
      startTime = performance.now() - INTERVAL;
    }
    const age = formatAge(startAge + (performance.now() - startTime) / 1000);
    if (age && age !== element.textContent?.trim()) element.textContent = age;
  }, INTERVAL);
}

/**
 * Format an age in one unit, as the server does.
 *
 * @param {number} seconds
 * @returns {string} "" when the age is not a number
 */
export function formatAge(seconds) {
  if (Number.isNaN(seconds)) return "";
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} d`;
}
