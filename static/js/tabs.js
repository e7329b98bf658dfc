/** The tabs of the owners: each keeps its own scroll position. */
import { find, findBoard, narrowWindow, targetOf } from "./dom.js";

/** Scroll position of each tab of a narrow window. @type {Map<string | undefined, number>} */
const scrollPositions = new Map();
let wasChanged = false;

export function watchTabs() {
  document.addEventListener("change", (event) => {
    const tab = targetOf(event);
    if (tab instanceof HTMLInputElement && tab.matches(".owner-tabs input")) changeOwner(tab.dataset.index);
  });
  // A browser can restore the tab that was selected before a reload.
  const board = findBoard();
  const index = find(".owner-tabs :checked")?.dataset.index;
  if (board && index) board.dataset.shown = index;
}

/** @param {string | undefined} index the tab that was selected */
function changeOwner(index) {
  const board = findBoard();
  if (!board || !index) return;
  scrollPositions.set(board.dataset.shown, window.scrollY);
  board.dataset.shown = index;
  if (narrowWindow.matches) window.scrollTo({ top: scrollPositions.get(index) ?? 0, behavior: "instant" });
  wasChanged = true;
  updateAddress();
}

/** Select the tab of the shown owner again, after the page was replaced. */
export function selectShownTab() {
  const index = findBoard()?.dataset.shown;
  /** @type {HTMLInputElement | null} */
  const tab = document.querySelector(`.owner-tabs [data-index="${index}"]`);
  if (tab) tab.checked = true;
}

/** Name the shown owner in the page's address, unless the address is that of an open item. */
export function updateAddress() {
  /** @type {HTMLInputElement | null} */
  const tab = document.querySelector(".owner-tabs :checked");
  if (!wasChanged || !tab || findBoard()?.hasAttribute("data-panel-open")) return;
  const address = new URL(location.href);
  address.searchParams.set("on", tab.value);
  history.replaceState(history.state, "", address);
}
