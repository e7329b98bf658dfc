/** A link to a page of the site is followed when the site answers: the browser's error page never replaces the page. */
import { isReachable } from "./connection.js";
import { targetOf } from "./dom.js";
import { showUnreachable } from "./notices.js";

export function watchLinks() {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
      return;
    /** @type {HTMLAnchorElement | null} */
    const link = targetOf(event).closest("a[href]");
    if (!link || link.origin !== location.origin || link.target) return;
    if (link.hash && link.pathname + link.search === location.pathname + location.search) return;
    event.preventDefault();
    void follow(link.href);
  });
}

/** @param {string} address */
async function follow(address) {
  if (await isReachable()) location.assign(address);
  else showUnreachable(() => void follow(address));
}
