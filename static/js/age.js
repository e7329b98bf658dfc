// @ts-check
/** The age of what is shown goes on while the page stays open. */

const SECONDS = { s: 1, min: 60, h: 3600, d: 86400 };

/** Keep the age true, from what the server said and the time since then: no clock is compared. */
export function tick() {
  /** @type {Element | null} */
  let element = null;
  let began = 0;
  let since = 0;
  window.setInterval(() => {
    const now = document.querySelector("#freshness time");
    if (!now) return;
    if (now !== element) {
      const [count, unit] = (now.textContent ?? "").trim().split(" ");
      element = now;
      began = Number(count) * (SECONDS[/** @type {keyof SECONDS} */ (unit)] ?? Number.NaN);
      since = performance.now() - 5000;
    }
    const age = say(began + (performance.now() - since) / 1000);
    if (age && age !== now.textContent?.trim()) now.textContent = age;
  }, 5000);
}

/**
 * @param {number} seconds
 * @returns {string} in one unit, as the server says it; "" when it is not known
 */
function say(seconds) {
  if (Number.isNaN(seconds)) return "";
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} d`;
}
