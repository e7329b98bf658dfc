/** Keyboard shortcuts, and the help sheet that lists them. */
import { create, find, findBoard, narrowWindow, targetOf } from "./dom.js";
import { saveView } from "./view.js";

const SEARCH = "[role='search'] input, input[type='search']";

/** Single keys: key, what it does, and the action. @type {[string, string, () => void][]} */
const SHORTCUTS = [
  ["/", "Search", focusSearch],
  ["r", "Refresh", () => submit("#refresh")],
  ["u", "Undo the last action, or redo it", () => submit("#undo form")],
  ["c", "Go to the character", () => goToCharacter(findBoard()?.dataset.shown ?? "0")],
  ["1", "Go to the first character", () => goToCharacter("0")],
  ["2", "Go to the second character", () => goToCharacter("1")],
  ["3", "Go to the third character", () => goToCharacter("2")],
  ["v", "Go to the vault", goToVault],
  ["?", "Show this list", openHelp],
];

/** Keys of focused elements: they cannot be switched off. */
const OTHER_KEYS = [
  ["Tab", "Go to the next group of items"],
  ["← → ↑ ↓", "Go to another item of the group"],
  ["Home, End", "Go to the first or the last item of the group"],
  ["Enter", "Open the item"],
  ["Escape", "Close what is open"],
];

/** Single keys of a focused item: the module of the keys carries them out. */
const ITEM_KEYS = [
  ["m 1, m 2, m 3", "Move the item to the first, second or third character"],
  ["m v", "Move the item to the vault"],
  ["m m", "Move the item to the shown character"],
];

/** @type {HTMLDialogElement | null} */
let help = null;

export function watchShortcuts() {
  const button = find("[data-shortcuts]");
  if (!findBoard() || !button) return;
  button.hidden = false;
  button.addEventListener("click", openHelp);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (findBoard()?.dataset.singleKeys === "off" || find("dialog[open], [data-sheet]")) return;
    if (targetOf(event).closest("input:not([type='radio']), select, textarea, [contenteditable]")) return;
    const action = SHORTCUTS.find(([key]) => key === event.key)?.[2];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function focusSearch() {
  const search = find(SEARCH);
  if (search instanceof HTMLInputElement) {
    search.focus();
    search.select();
  }
}

/** @param {string} selector of a form */
function submit(selector) {
  const form = find(selector);
  if (form instanceof HTMLFormElement) form.requestSubmit();
}

/** @param {string} index */
function goToCharacter(index) {
  const column = index === "vault" ? "0" : index;
  find(`.owner-tabs [data-index="${column}"]`)?.click();
  find(`.owner.column-${column} a.tile`)?.focus();
}

function goToVault() {
  if (narrowWindow.matches) find("#on-vault")?.click();
  find(".vault-section > summary, .item-table a")?.focus();
}

function openHelp() {
  help ??= createHelp();
  const singleKeys = find("input", help);
  if (singleKeys instanceof HTMLInputElement) singleKeys.checked = findBoard()?.dataset.singleKeys !== "off";
  help.showModal();
}

function createHelp() {
  const shortcuts = SHORTCUTS.filter(([key]) => key !== "/" || find(SEARCH));
  const rows = [...OTHER_KEYS, ...ITEM_KEYS, ...shortcuts].map(([key = "", description = ""]) =>
    create("tr", {}, create("th", { scope: "row" }, create("kbd", {}, key)), create("td", {}, String(description))),
  );
  const close = create("button", { class: "btn-close", "aria-label": "Close" });
  const title = create("h2", { class: "h5 m-0", id: "shortcuts-title" }, "Keyboard shortcuts");
  const singleKeys = create("input", {
    class: "form-check-input",
    type: "checkbox",
    role: "switch",
    id: "single-keys",
  });
  const label = create("label", { class: "form-check-label", for: "single-keys" }, "Shortcuts of a single key");
  singleKeys.addEventListener("change", () => setSingleKeys(singleKeys.matches(":checked")));
  const dialog = document.createElement("dialog");
  dialog.className = "shortcuts-dialog bg-body text-body border rounded-3 p-3";
  dialog.setAttribute("aria-labelledby", "shortcuts-title");
  dialog.append(
    create("form", { method: "dialog", class: "d-flex justify-content-between" }, title, close),
    create("table", { class: "table table-sm my-3" }, create("tbody", {}, ...rows)),
    create("div", { class: "form-check form-switch" }, singleKeys, label),
  );
  document.body.append(dialog);
  return dialog;
}

/** @param {boolean} isOn */
function setSingleKeys(isOn) {
  const board = findBoard();
  if (board) board.dataset.singleKeys = isOn ? "on" : "off";
  void saveView({ single_keys: isOn ? "1" : "0" });
}
