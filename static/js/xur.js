/** Xûr's page: update the countdown, and show what Bungie sends late. */
import { keepFolds } from "./folds.js";

const MAX_RELOADS = 12;
const RELOAD_PAUSE = 2500;
const COUNTDOWN_INTERVAL = 20_000;
/** @type {[number, string][]} */
const UNITS = [
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
];

/**
 * Format a duration in its two largest units, as the server does.
 *
 * @param {number} seconds
 * @returns {string}
 */
function formatDuration(seconds) {
  let remaining = Math.max(Math.floor(seconds), 0);
  const amounts = [];
  for (const [size, unit] of UNITS) {
    const count = Math.floor(remaining / size);
    remaining -= count * size;
    if (count) amounts.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
  }
  return amounts.slice(0, 2).join(" ") || "less than a minute";
}

function updateCountdown() {
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    const until = Date.parse(time.getAttribute("datetime") ?? "");
    const text = Number.isNaN(until) ? "" : formatDuration((until - Date.now()) / 1000);
    if (text && text !== time.textContent) time.textContent = text;
  }
}

/**
 * Load the page again while Bungie's answer is pending.
 *
 * @param {number} reloads how often at most
 */
async function loadPending(reloads) {
  const main = document.querySelector("main[data-pending]");
  if (!main || !reloads) return;
  await new Promise((resolve) => setTimeout(resolve, RELOAD_PAUSE));
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (response.ok && !response.redirected) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const newMain = page.querySelector("main[data-xur]");
      // Replacing the content would take the focus from a player who uses the keyboard in it.
      if (newMain && !main.querySelector(":focus")) {
        keepFolds(main, newMain);
        main.replaceChildren(...newMain.childNodes);
        main.toggleAttribute("data-pending", newMain.hasAttribute("data-pending"));
      }
    }
  } catch {
    // The link "Look again" stays on the page.
  }
  await loadPending(reloads - 1);
}

setInterval(updateCountdown, COUNTDOWN_INTERVAL);
void loadPending(MAX_RELOADS);
