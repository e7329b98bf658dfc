// @ts-check
/** Two keys for those who like them; neither takes one from a field, a shortcut or a dialog. */

export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const at = /** @type {HTMLElement} */ (event.target);
    if (at.isContentEditable || at.closest("input, select, textarea, dialog.aside")) return;
    if (event.key === "/") {
      const search = /** @type {HTMLInputElement | null} */ (document.querySelector("[role='search'] input"));
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "r") {
      const refresh = /** @type {HTMLFormElement | null} */ (document.getElementById("refresh"));
      if (!refresh) return;
      event.preventDefault();
      refresh.requestSubmit();
    }
  });
}
