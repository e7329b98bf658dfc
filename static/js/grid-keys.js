/** Each cell of tiles, and each part of the table, is one tab stop; the arrow keys, Home and End move within the cell. */
import { findAll, ITEM_GROUP, ITEM_LINK, targetOf } from "./dom.js";
import { nextIndex } from "./geometry.js";
import { REPLACED } from "./page.js";

export function watchGridKeys() {
  setTabStops();
  document.addEventListener(REPLACED, setTabStops);
  document.addEventListener("focusin", (event) => {
    const tile = targetOf(event);
    if (!(tile instanceof HTMLElement) || tile.tabIndex !== -1 || !tile.matches(`${ITEM_GROUP} ${ITEM_LINK}`)) return;
    for (const stop of findAll(`${ITEM_LINK}:not([tabindex="-1"])`, tile.closest(ITEM_GROUP) ?? tile))
      stop.tabIndex = -1;
    tile.tabIndex = 0;
  });
  document.addEventListener("keydown", moveFocus);
}

/** Leave one tab stop in each cell. */
function setTabStops() {
  /** @type {Element | null} */
  let previousCell = null;
  const focused = document.activeElement;
  for (const tile of findAll(`${ITEM_GROUP} ${ITEM_LINK}`)) {
    const cell = tile.closest(ITEM_GROUP);
    if (cell === previousCell && tile !== focused) tile.tabIndex = -1;
    previousCell = cell;
  }
}

/** @param {KeyboardEvent} event */
function moveFocus(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  /** @type {HTMLElement | null} */
  const tile = targetOf(event).closest(`${ITEM_GROUP} ${ITEM_LINK}`);
  const cell = tile?.closest(ITEM_GROUP);
  if (!tile || !cell || !/^(Arrow|Home$|End$)/.test(event.key)) return;
  const tiles = findAll(ITEM_LINK, cell);
  const index = tiles.indexOf(tile);
  const places = tiles.map((sibling) => sibling.getBoundingClientRect());
  const next = nextIndex(event.key, index, places);
  if (next === index) return; // At the edge of the cell the page scrolls.
  event.preventDefault();
  tiles[next]?.focus();
}
