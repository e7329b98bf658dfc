// @ts-check
/** Xûr's page without a click: the countdown goes on, and what Bungie sends late is filled in. */

const LOOKS = 12;
const PAUSE = 2500;
const UNITS = [[86400, "day"], [3600, "hour"], [60, "minute"]];

/**
 * @param {number} seconds
 * @returns {string} in the two largest units, as the server says it
 */
function lasting(seconds) {
  let left = Math.max(Math.floor(seconds), 0);
  const said = [];
  for (const [size, unit] of /** @type {[number, string][]} */ (UNITS)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count) said.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
  }
  return said.slice(0, 2).join(" ") || "less than a minute";
}

function count() {
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    const until = Date.parse(time.getAttribute("datetime") ?? "");
    const text = Number.isNaN(until) ? "" : lasting((until - Date.now()) / 1000);
    if (text && text !== time.textContent) time.textContent = text;
  }
}

/** @param {number} looks how often to look again, as long as something is on its way */
async function fill(looks) {
  const main = document.querySelector("main[data-pending]");
  if (!main || !looks) return;
  await new Promise((done) => setTimeout(done, PAUSE));
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("main[data-xur]");
      // Whoever has moved into the page with the keyboard is not to be thrown out of it.
      if (fresh && !main.querySelector(":focus")) {
        main.replaceChildren(...fresh.childNodes);
        main.toggleAttribute("data-pending", fresh.hasAttribute("data-pending"));
      }
    }
  } catch {
    // The link "Look again" stays.
  }
  await fill(looks - 1);
}

setInterval(count, 20000);
fill(LOOKS);
