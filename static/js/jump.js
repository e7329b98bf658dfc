/** The jump bar of the vault: goes to a section, and marks the section in view. */
import { find, findAll, targetOf } from "./dom.js";
import { REPLACED } from "./page.js";

/** @type {IntersectionObserver | null} */
let observer = null;

export function watchJumpBar() {
  observeSections();
  document.addEventListener(REPLACED, observeSections);
  document.addEventListener("click", (event) => {
    const address = targetOf(event).closest(".jump-bar a")?.getAttribute("href");
    const section = address?.startsWith("#") ? document.getElementById(address.slice(1)) : null;
    if (!section || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // The address stays that of the open item.
    if (section instanceof HTMLDetailsElement) section.open = true;
    section.scrollIntoView({ block: "start" });
    find("summary", section)?.focus({ preventScroll: true });
  });
}

/** Mark the link of the section that crosses the upper part of the window. */
function observeSections() {
  observer?.disconnect();
  observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const link = find(`.jump-bar a[href="#${CSS.escape(target.id)}"]`);
        if (isIntersecting) link?.setAttribute("aria-current", "true");
        else link?.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-25% 0px -74% 0px" },
  );
  for (const section of findAll(".vault-section[id]")) observer.observe(section);
}
