/** An item beside the board: the docked panel, on a narrow window a sheet. The address is that of the item. */
import { create, find, findAll, findBoard, ITEM_LINK, keepFocus, narrowWindow, targetOf } from "./dom.js";
import { keepFolds } from "./folds.js";
import { removeConnectionNotices, showError, showUnreachable } from "./notices.js";
import { REPLACED, readPage } from "./page.js";
import { updateAddress } from "./tabs.js";

/** Address of the item in the panel; "" when the panel is closed. */
let openAddress = "";
/** @type {AbortController | null} */
let currentRequest = null;
/** The script itself goes back in the history: the panel is closed already. */
let isGoingBack = false;
/** Elements that cannot be used while the sheet is open. @type {HTMLElement[]} */
let inertElements = [];

/** Open an item's panel when the player clicks its tile; every other click stays a link. */
export function watchPanel() {
  openAddress = withoutFragment(find("#panel [data-item-url]")?.dataset.itemUrl ?? "");
  update();
  document.addEventListener("click", openClickedTile);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && openAddress && !event.defaultPrevented && !find("dialog[open]")) closePanel();
  });
  window.addEventListener("popstate", followHistory);
  narrowWindow.addEventListener("change", updateSheet);
  document.addEventListener(REPLACED, update);
}

export const isPanelOpen = () => openAddress !== "";

/** @param {MouseEvent} event */
function openClickedTile(event) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  const target = targetOf(event);
  const address = target.closest(`[data-board] ${ITEM_LINK}`)?.getAttribute("href");
  if (openAddress && target.closest("#panel [data-close], [data-backdrop]")) closePanel();
  else if (address) void openItem(withoutFragment(address));
  else return;
  event.preventDefault();
}

/** Show what the address says, after the player went back or forward. */
function followHistory() {
  const { pathname, search } = location;
  const address = /\/(items|stacks)[/]/.test(pathname) ? pathname + search : "";
  if (!isGoingBack && address !== openAddress) {
    if (address) void openItem(address, { isNew: false });
    else hidePanel();
  }
  isGoingBack = false;
  if (address) return;
  history.scrollRestoration = "auto";
  updateAddress();
}

/**
 * Open an item's panel. An item that is opened while another one is open takes its place in the history.
 *
 * @param {string} address
 * @param {{isNew: boolean}} options isNew: the address is not yet in the history
 */
async function openItem(address, { isNew } = { isNew: true }) {
  const dock = find("#panel");
  const panel =
    address === openAddress ? find("[data-panel]") : await fetchPanel(address, () => openItem(address, { isNew }));
  if (!dock || panel === "gone" || !panel) return;
  if (isNew && openAddress) history.replaceState(history.state && { item: address }, "", address);
  else if (isNew) {
    // Going back closes the panel where the player is then, not where it was opened.
    history.scrollRestoration = "manual";
    history.pushState({ item: address }, "", address);
    history.scrollRestoration = "auto";
  }
  openAddress = address;
  dock.hidden = false;
  dock.replaceChildren(panel);
  dock.scrollTop = 0;
  update();
  dock.focus({ preventScroll: true });
  if (!narrowWindow.matches) findTile()?.scrollIntoView({ block: "nearest" });
}

/** Show the item of the open panel as it is now; close the panel when the item is gone. */
export async function refreshPanel() {
  const dock = find("#panel");
  if (!openAddress || !dock) return;
  const address = openAddress;
  const panel = await fetchPanel(address, refreshPanel);
  if (address !== openAddress || !panel) return;
  if (panel === "gone") {
    closePanel();
    return;
  }
  const restoreFocus = keepFocus(dock);
  const { scrollTop } = dock;
  keepFolds(dock, panel);
  dock.replaceChildren(panel);
  dock.scrollTop = scrollTop;
  restoreFocus();
}

/**
 * @param {string} address
 * @param {() => Promise<void>} retry what the player can do when the site cannot be reached
 * @returns {Promise<HTMLElement | "gone" | null>} null: a notice says why, or a newer request was sent
 */
async function fetchPanel(address, retry) {
  currentRequest?.abort();
  currentRequest = new AbortController();
  const { signal } = currentRequest;
  const tile = findTile(address);
  tile?.setAttribute("aria-busy", "true");
  try {
    const url = `${address}${address.includes("?") ? "&" : "?"}part=panel`;
    const response = await fetch(url, { headers: { Accept: "text/html" }, signal });
    const page = await readPage(response);
    const panel = find("[data-panel]", page);
    if (signal.aborted) return null;
    removeConnectionNotices();
    if (response.ok && panel && !response.redirected) return panel;
    if (response.status === 404 && address === openAddress) return "gone";
    if (response.ok) location.assign(address);
    else showError(page);
  } catch {
    if (!signal.aborted) showUnreachable(() => void retry());
  } finally {
    tile?.removeAttribute("aria-busy");
  }
  return null;
}

/** Close the panel; the focus returns to the item's tile, the address to that of the inventory. */
export function closePanel() {
  if (!openAddress) return;
  const inventoryAddress = find("#panel [data-close]")?.getAttribute("href") ?? "/inventory/";
  hidePanel();
  if (history.state?.item) {
    isGoingBack = true;
    history.back();
  } else {
    history.replaceState(null, "", withoutFragment(inventoryAddress));
    updateAddress();
  }
}

function hidePanel() {
  currentRequest?.abort();
  const tile = findTile();
  const dock = find("#panel");
  openAddress = "";
  if (dock) dock.hidden = true;
  dock?.replaceChildren();
  update();
  tile?.focus();
  if (document.activeElement !== tile) find("#main")?.focus({ preventScroll: true });
}

/** Mark the board and the item's tile, and switch between docked panel and sheet. */
function update() {
  for (const tile of findAll(`${ITEM_LINK}.open`)) {
    tile.classList.remove("open");
    tile.removeAttribute("aria-current");
  }
  findBoard()?.toggleAttribute("data-panel-open", openAddress !== "");
  const tile = findTile();
  tile?.classList.add("open");
  tile?.setAttribute("aria-current", "true");
  const skipLink = find('.skip-links [href="#panel"]');
  if (skipLink) skipLink.hidden = openAddress === "";
  updateTitle();
  updateSheet();
}

/** Name the page by the item in the panel. */
function updateTitle() {
  const itemTitle = find("#panel-title");
  if (itemTitle) find("#panel")?.setAttribute("aria-labelledby", itemTitle.id);
  else find("#panel")?.removeAttribute("aria-labelledby");
  const name = itemTitle?.textContent?.trim() ?? "Inventory";
  const heading = find("#page-title");
  if (!heading) return;
  heading.textContent = name;
  document.title = `${name} · ${document.title.split(" · ").at(-1)}`;
}

/** On a narrow window nothing but the sheet and the notices can be used. The sheet is not modal: notices stay above it. */
function updateSheet() {
  const dock = find("#panel");
  const isSheet = openAddress !== "" && narrowWindow.matches;
  for (const element of inertElements) element.inert = false;
  inertElements = [];
  find("[data-backdrop]")?.remove();
  dock?.toggleAttribute("data-sheet", isSheet);
  document.body.classList.toggle("overflow-hidden", isSheet);
  if (!dock || !isSheet) return;
  /** @type {HTMLElement | null} */
  let ancestor = dock;
  for (; ancestor && ancestor !== document.body; ancestor = ancestor.parentElement) {
    for (const element of findAll(":scope > :not([inert], #notices, dialog)", ancestor.parentElement ?? dock)) {
      if (element !== ancestor) inertElements.push(element);
    }
  }
  for (const element of inertElements) element.inert = true;
  dock.before(create("div", { class: "sheet-backdrop", "data-backdrop": "" }));
}

/** @param {string} address */
function findTile(address = openAddress) {
  return address ? find(`${ITEM_LINK}[href="${CSS.escape(address)}"]`) : null;
}

/** @param {string} address */
const withoutFragment = (address) => address.split("#", 1)[0] ?? address;
