// @ts-check
/** An item beside the inventory: the panel of its own page, in a dialog. */
import { inventory, narrow, read } from "./page.js";

/** @type {HTMLDialogElement | null} */
let dialog = null;
/** Address of the item that is shown, to find its tile after the page has changed. */
let shown = "";
/** @type {AbortController | null} */
let reading = null;

/** Open an item's panel when its tile is clicked; every other click stays a link. */
export function watchTiles() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (dialog?.open && (target.closest(".aside [data-close]") || target === dialog)) {
      event.preventDefault();
      close();
      return;
    }
    const tile = /** @type {HTMLAnchorElement | null} */ (target.closest("a.tile"));
    if (!tile || !inventory()) return;
    event.preventDefault();
    void open(tile);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && dialog?.open && !event.defaultPrevented) close();
  });
}

/**
 * Fetch an item's page and show its panel; when anything fails, go to the page itself.
 *
 * @param {HTMLAnchorElement} tile
 */
export async function open(tile) {
  reading?.abort();
  const mine = new AbortController();
  reading = mine;
  tile.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(tile.href, { headers: { Accept: "text/html" }, signal: mine.signal });
    const panel = /** @type {HTMLElement | null} */ ((await read(response)).querySelector("[data-panel]"));
    if (!response.ok || response.redirected || !panel) throw new Error(`no panel at ${tile.href}`);
    if (!mine.signal.aborted) show(panel, tile.href);
  } catch {
    if (!mine.signal.aborted) window.location.assign(tile.href);
  } finally {
    tile.removeAttribute("aria-busy");
  }
}

/**
 * @param {HTMLElement} panel
 * @param {string} address
 */
function show(panel, address) {
  const place = (dialog ??= make());
  // The page has its h1; here the name is a heading below it.
  const name = panel.querySelector("h1");
  const title = document.createElement("h2");
  title.id = "panel-title";
  title.append(...(name?.childNodes ?? []));
  name?.replaceWith(title);
  const leave = panel.querySelector("[data-close] .visually-hidden");
  if (leave) leave.textContent = "Close";
  place.replaceChildren(panel);
  place.scrollTop = 0;
  choose(address);
  if (!place.open) {
    if (narrow()) place.showModal();
    else place.show();
  }
  place.focus({ preventScroll: true });
}

/** @returns {HTMLDialogElement} */
function make() {
  const made = document.createElement("dialog");
  made.className = "aside";
  made.tabIndex = -1;
  made.setAttribute("aria-labelledby", "panel-title");
  made.addEventListener("close", () => {
    const tile = current();
    choose("");
    made.replaceChildren();
    tile?.focus({ preventScroll: true });
  });
  document.body.append(made);
  return made;
}

/** Close the panel; the focus returns to the tile that it was opened from. */
export function close() {
  dialog?.close();
}

/** @returns {HTMLAnchorElement | null} the tile whose panel is open */
export function current() {
  if (!shown) return null;
  const tiles = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a.tile"));
  return [...tiles].find((tile) => tile.href === shown) ?? null;
}

/** Mark the tile whose panel is open, also after the page around it has changed. */
export function mark() {
  choose(shown);
}

/** @param {string} address */
function choose(address) {
  for (const tile of document.querySelectorAll(".tile.chosen")) tile.classList.remove("chosen");
  shown = address;
  current()?.classList.add("chosen");
}
