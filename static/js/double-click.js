/** A double click on an item moves it to the shown character, if the player wants that. */
import { findShownCharacter, moveTo } from "./destinations.js";
import { findBoard, ITEM_LINK, targetOf } from "./dom.js";

/** In this time, in milliseconds, a second click makes a double click. */
const DELAY = 250;

/** The tile that was clicked once. @type {HTMLElement | null} */
let clickedTile = null;
let timer = 0;

export function watchDoubleClick() {
  document.addEventListener("click", handleClick, { capture: true });
}

/**
 * The first click waits: the panel that it opens would shift the tiles under the second click.
 *
 * @param {MouseEvent} event
 */
function handleClick(event) {
  /** @type {HTMLElement | null} */
  const tile = targetOf(event).closest(`[data-board] ${ITEM_LINK}`);
  // A click without a detail is the Enter key's or a script's.
  if (!tile || !event.detail || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (findBoard()?.dataset.doubleClick !== "on") return;
  event.preventDefault();
  window.clearTimeout(timer);
  if (tile === clickedTile) {
    clickedTile = null;
    void moveTo(tile, findShownCharacter());
    return;
  }
  clickedTile = tile;
  timer = window.setTimeout(() => {
    clickedTile = null;
    tile.click();
  }, DELAY);
}
