/** Keyboard shortcuts: "/" goes to the search field, "r" refreshes. Fields and dialogs keep their keys. */

export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.isContentEditable || target.closest("input, select, textarea, dialog.panel-dialog")) return;
    if (event.key === "/") {
      const search = /** @type {HTMLInputElement | null} */ (document.querySelector("[role='search'] input"));
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "r") {
      const refreshForm = /** @type {HTMLFormElement | null} */ (document.getElementById("refresh"));
      if (!refreshForm) return;
      event.preventDefault();
      refreshForm.requestSubmit();
    }
  });
}
