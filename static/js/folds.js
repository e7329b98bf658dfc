/** Sections that fold: the server keeps what the player folded. Menus close by themselves. */
import { find, findAll, targetOf } from "./dom.js";
import { saveView } from "./view.js";

export function watchFolds() {
  document.addEventListener("click", (event) => {
    const target = targetOf(event);
    for (const menu of findAll("details.dropdown[open]")) if (!menu.contains(target)) menu.removeAttribute("open");
    // The click comes before the change, and only the player clicks; a "toggle" event follows every change.
    const details = target.closest("summary")?.parentElement;
    if (event.defaultPrevented || !details?.dataset.fold || target.closest("summary a, summary button")) return;
    void saveView({ fold: details.dataset.fold, folded: details.hasAttribute("open") ? "1" : "0" });
  });
  document.addEventListener("keydown", (event) => {
    const menu = find("details.dropdown[open]");
    if (event.key !== "Escape" || !menu || event.defaultPrevented) return;
    event.preventDefault();
    menu.removeAttribute("open");
    find("summary", menu)?.focus();
  });
}
