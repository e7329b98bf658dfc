/** Where a gesture brings an item: pure functions, without the DOM. */

/**
 * A destination of an item, as the server describes it. One that is neither available nor has a reason
 * is where the item is already.
 *
 * @typedef {object} Destination
 * @property {string} owner
 * @property {string} name
 * @property {boolean} is_available
 * @property {string} reason why the rules refuse it
 * @property {string} action address to which *fields* are posted
 * @property {Record<string, string>} fields
 */

/** @typedef {{move: Destination[], equip: Destination[]}} Destinations */

/**
 * What is under the pointer.
 *
 * @typedef {object} Spot
 * @property {string} owner whose column, tab or vault it is; "" for none
 * @property {string} cellId the cell; "" outside of the cells
 * @property {string} location of the tile; "" between the tiles
 * @property {string} bucketHash of the tile
 */

/**
 * Where an item is dropped.
 *
 * @typedef {object} Place
 * @property {string} owner
 * @property {boolean} [isEquippedPlace] the place of the equipped item, in the item's bucket
 * @property {boolean} [isOwnCell] the cell that the item is in
 */

/** Width of the zone at an edge in which a drag scrolls, and the longest step, in pixels. */
const SCROLL_ZONE = 48;
const LONGEST_STEP = 16;

const NO_REQUEST = { is_available: false, action: "", fields: {} };

/**
 * @param {Spot} spot
 * @param {{cellId: string, bucketHash: string}} item the dragged item
 * @returns {Place | null} null where nothing can be dropped
 */
export function placeOf(spot, item) {
  // What all characters share has cells of its own in the part of the vault.
  const owner = spot.cellId.startsWith("cell-account-") ? "account" : spot.owner;
  if (!owner) return null;
  return {
    owner,
    isEquippedPlace: spot.location === "equipped" && spot.bucketHash === item.bucketHash,
    isOwnCell: spot.cellId !== "" && spot.cellId === item.cellId,
  };
}

/**
 * @param {Place} place
 * @param {Destinations} destinations
 * @returns {{verb: string, destination: Destination} | null} null when the item is there already
 */
export function chooseDestination({ owner, isEquippedPlace = false, isOwnCell = false }, { move, equip }) {
  const verb = isEquippedPlace ? "Equip on" : "Move to";
  if (isOwnCell && !isEquippedPlace) return null;
  const destination = isEquippedPlace ? findOwner(equip, owner) : findMove(move, owner);
  if (!destination) {
    const reason = isEquippedPlace ? "This character cannot equip the item." : "The item cannot be moved there.";
    return { verb, destination: { owner, name: "", reason, ...NO_REQUEST } };
  }
  return destination.is_available || destination.reason ? { verb, destination } : null;
}

/**
 * @param {Destination[]} destinations
 * @param {string} owner
 */
const findOwner = (destinations, owner) => destinations.find((destination) => destination.owner === owner);

/**
 * @param {Destination[]} destinations
 * @param {string} owner
 */
function findMove(destinations, owner) {
  const isCharacter = owner !== "vault" && owner !== "account";
  // All characters have what one of them has of it; and everything else in the part of the vault is the vault.
  return findOwner(destinations, owner) ?? findOwner(destinations, isCharacter ? "account" : "vault");
}

/**
 * @param {number} y of the pointer
 * @param {{top: number, bottom: number}} edges of the part that scrolls
 * @returns {number} pixels to scroll in this frame: none in the middle and outside, most at the edge
 */
export function scrollStep(y, { top, bottom }) {
  if (y < top || y > bottom || bottom - top < 2 * SCROLL_ZONE) return 0;
  const depth = Math.max(top + SCROLL_ZONE - y, y - (bottom - SCROLL_ZONE), 0) / SCROLL_ZONE;
  return Math.ceil(depth * LONGEST_STEP) * (y < (top + bottom) / 2 ? -1 : 1) || 0;
}
