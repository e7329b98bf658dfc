/** While the browser is offline, a link does not replace the page by the browser's error page. */
import { targetOf } from "./dom.js";
import { showUnreachable } from "./notices.js";

export function watchLinks() {
  document.addEventListener("click", (event) => {
    /** @type {HTMLAnchorElement | null} */
    const link = targetOf(event).closest("a[href]");
    if (!link || event.defaultPrevented || navigator.onLine || link.origin !== location.origin) return;
    if (link.hash && link.pathname + link.search === location.pathname + location.search) return;
    event.preventDefault();
    showUnreachable(() => link.click());
  });
}
