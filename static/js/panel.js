/** An item beside the inventory: the panel of the item's own page, in a dialog. */
import { findInventory, isNarrow, readPage } from "./page.js";

/** @type {HTMLDialogElement | null} */
let dialog = null;
/** Address of the item in the dialog: it identifies the tile also after the page was replaced. */
let selectedAddress = "";
/** @type {AbortController | null} */
let currentRequest = null;

/** Open an item's panel when the player clicks its tile; every other click stays a link. */
export function watchTiles() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
      return;
    if (dialog?.open && (target.closest(".panel-dialog [data-close]") || target === dialog)) {
      event.preventDefault();
      closePanel();
      return;
    }
    const tile = /** @type {HTMLAnchorElement | null} */ (target.closest("a.tile"));
    if (!tile || !findInventory()) return;
    event.preventDefault();
    void openPanel(tile);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && dialog?.open && !event.defaultPrevented) closePanel();
  });
}

/**
 * Fetch an item's page and show its panel. On any error the browser opens the page itself.
 *
 * @param {HTMLAnchorElement} tile
 */
export async function openPanel(tile) {
  currentRequest?.abort();
  const request = new AbortController();
  currentRequest = request;
  tile.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(tile.href, { headers: { Accept: "text/html" }, signal: request.signal });
    const panel = /** @type {HTMLElement | null} */ ((await readPage(response)).querySelector("[data-panel]"));
    if (!response.ok || response.redirected || !panel) throw new Error(`no panel at ${tile.href}`);
    if (!request.signal.aborted) showPanel(panel, tile.href);
  } catch {
    if (!request.signal.aborted) window.location.assign(tile.href);
  } finally {
    tile.removeAttribute("aria-busy");
  }
}

/**
 * @param {HTMLElement} panel
 * @param {string} address
 */
function showPanel(panel, address) {
  dialog ??= createDialog();
  // The inventory page has an h1: here the item's name is a heading below it.
  const heading = panel.querySelector("h1");
  const title = document.createElement("h2");
  title.id = "panel-title";
  title.append(...(heading?.childNodes ?? []));
  heading?.replaceWith(title);
  const closeLabel = panel.querySelector("[data-close] .visually-hidden");
  if (closeLabel) closeLabel.textContent = "Close";
  dialog.replaceChildren(panel);
  dialog.scrollTop = 0;
  selectTile(address);
  if (!dialog.open) {
    if (isNarrow()) dialog.showModal();
    else dialog.show();
  }
  dialog.focus({ preventScroll: true });
}

/** @returns {HTMLDialogElement} */
function createDialog() {
  const element = document.createElement("dialog");
  element.className = "panel-dialog";
  element.tabIndex = -1;
  element.setAttribute("aria-labelledby", "panel-title");
  element.addEventListener("close", () => {
    const tile = findSelectedTile();
    selectTile("");
    element.replaceChildren();
    tile?.focus({ preventScroll: true });
  });
  document.body.append(element);
  return element;
}

/** Close the panel; the focus returns to the item's tile. */
export function closePanel() {
  dialog?.close();
}

/** @returns {HTMLAnchorElement | null} the tile of the item in the dialog */
export function findSelectedTile() {
  if (!selectedAddress) return null;
  const tiles = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a.tile"));
  return [...tiles].find((tile) => tile.href === selectedAddress) ?? null;
}

/** Mark the tile of the item in the dialog again, after the page was replaced. */
export function markSelectedTile() {
  selectTile(selectedAddress);
}

/** @param {string} address the item's page; "" for no item */
function selectTile(address) {
  for (const tile of document.querySelectorAll(".tile.selected")) tile.classList.remove("selected");
  selectedAddress = address;
  findSelectedTile()?.classList.add("selected");
}
