/** Where things are in the window: pure functions, without the DOM. */

/** Tiles whose tops differ by less than this many pixels are in one row. */
const ROW_TOLERANCE = 8;

/** Distance in pixels between the hover card and the edge of the window. */
const MARGIN = 8;

/**
 * @typedef {{left: number, top: number}} Place
 *
 * @param {string} key
 * @param {number} index of the focused tile
 * @param {Place[]} places the place of each tile, in the order of the document
 * @returns {number} the index of the tile that gets the focus
 */
export function nextIndex(key, index, places) {
  const last = places.length - 1;
  switch (key) {
    case "ArrowLeft":
      return Math.max(index - 1, 0);
    case "ArrowRight":
      return Math.min(index + 1, last);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowUp":
      return indexInNextRow(index, places, -1);
    case "ArrowDown":
      return indexInNextRow(index, places, 1);
    default:
      return index;
  }
}

/**
 * @param {number} index
 * @param {Place[]} places
 * @param {number} direction 1 is down, -1 is up
 * @returns {number} the nearest tile of the next row; *index* when there is no such row
 */
function indexInNextRow(index, places, direction) {
  const from = places[index];
  let nearest = index;
  let shortest = [Number.POSITIVE_INFINITY, 0];
  for (const [candidate, place] of places.entries()) {
    if (!from) break;
    const rowDistance = (place.top - from.top) * direction;
    const columnDistance = Math.abs(place.left - from.left);
    const [shortestRow = 0, shortestColumn = 0] = shortest;
    const isNearerRow = rowDistance < shortestRow - ROW_TOLERANCE;
    const isSameRow = rowDistance < shortestRow + ROW_TOLERANCE;
    if (rowDistance < ROW_TOLERANCE || !(isNearerRow || (isSameRow && columnDistance < shortestColumn))) continue;
    nearest = candidate;
    shortest = [rowDistance, columnDistance];
  }
  return nearest;
}

/**
 * Place the card below the tile, above it where there is no room below, and inside of the window.
 *
 * @param {{left: number, top: number, bottom: number}} tile
 * @param {{width: number, height: number}} size of the card
 * @param {{innerWidth: number, innerHeight: number}} view the window
 */
export function placeCard(tile, { width, height }, { innerWidth, innerHeight }) {
  const isBelow = tile.bottom + height + MARGIN <= innerHeight || tile.top < height + MARGIN;
  return {
    left: Math.max(MARGIN, Math.min(tile.left, innerWidth - width - MARGIN)),
    top: isBelow ? tile.bottom : tile.top - height,
  };
}
