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

/**
 * Open and fold the parts of a newer version as the player left the old ones.
 *
 * @param {ParentNode} oldRoot
 * @param {ParentNode} newRoot
 */
export function keepFolds(oldRoot, newRoot) {
  const isOpenByKey = new Map(listFolds(oldRoot).map(([key, details]) => [key, details.hasAttribute("open")]));
  for (const [key, details] of listFolds(newRoot)) {
    const isOpen = isOpenByKey.get(key);
    if (isOpen !== undefined) details.toggleAttribute("open", isOpen);
  }
}

/**
 * @param {ParentNode} root
 * @returns {[string, HTMLElement][]} each fold with its key: its name or id, else its place among those without one
 */
function listFolds(root) {
  let count = 0;
  return findAll("details", root).map((details) => [details.dataset.fold ?? (details.id || `${count++}`), details]);
}
