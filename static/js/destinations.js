/** Moves without the panel: the server says where an item can go, and a hidden form sends the request. */
import { create, find, findBoard } from "./dom.js";
import { chooseDestination } from "./drop-rules.js";
import { removeConnectionNotices, showRefusal, showUnreachable } from "./notices.js";

/** @typedef {import("./drop-rules.js").Destinations} Destinations */
/** @typedef {import("./drop-rules.js").Place} Place */

/**
 * The form of every gesture. It is sent like the forms of the panel. One form lets a request that is
 * repeated after a lost answer keep its idempotency key.
 */
const form = create("form", { method: "post", "data-enhance": "swap", hidden: "" });

/**
 * @param {Element} tile
 * @returns {HTMLElement | null} the element with the facts of the tile's item: the tile or its row of the table
 */
export const itemOf = (tile) => tile.closest("[data-item-hash]");

/**
 * Ask where the item of a tile can go.
 *
 * @param {HTMLElement} tile
 * @param {() => void} [retry] what the player can do when the site cannot be reached
 * @returns {Promise<Destinations | null>} null: a notice says why
 */
export async function loadDestinations(tile, retry) {
  const { itemInstanceId, itemHash = "", owner = "", location = "" } = itemOf(tile)?.dataset ?? {};
  const lost = location === "postmaster" ? "1" : "0";
  /** @type {Record<string, string>} */
  const item = itemInstanceId ? { item_instance_id: itemInstanceId } : { item_hash: itemHash, owner, lost };
  try {
    const address = `${findBoard()?.dataset.destinationsUrl}?${new URLSearchParams(item)}`;
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    const answer = await response.json();
    removeConnectionNotices();
    if (response.ok) return answer;
    const isGone = response.status === 404;
    showRefusal(isGone ? "The item is not there any more. Refresh to see where it is." : String(answer.message));
  } catch {
    showUnreachable(retry);
  }
  return null;
}

/**
 * Bring the item of a tile to a place, or say why that is not possible.
 *
 * @param {HTMLElement} tile
 * @param {Place} place
 * @param {Destinations} destinations
 * @param {string} [wordsIfThere] what is said when the item is there already
 */
export function bringTo(tile, place, destinations, wordsIfThere) {
  const choice = chooseDestination(place, destinations);
  if (!choice) {
    if (wordsIfThere) showRefusal(wordsIfThere);
  } else if (!choice.destination.is_available) showRefusal(`${choice.destination.reason} Nothing was sent.`);
  else if (find("form[aria-busy]")) showRefusal("The last action is still under way. Nothing was sent.");
  else send(tile, choice.destination);
}

/**
 * Move the item of a tile to an owner.
 *
 * @param {HTMLElement} tile
 * @param {string} owner
 */
export async function moveTo(tile, owner) {
  const destinations = await loadDestinations(tile, () => void moveTo(tile, owner));
  if (destinations) bringTo(tile, { owner }, destinations, "The item is there already. Nothing was sent.");
}

/** @returns {string} the shown character; the first one while a narrow window shows the vault */
export function findShownCharacter() {
  const { shown = "0" } = findBoard()?.dataset ?? {};
  return find(`.owner-tabs [data-index="${shown === "vault" ? "0" : shown}"]`)?.getAttribute("value") ?? "";
}

/**
 * @param {HTMLElement} tile
 * @param {import("./drop-rules.js").Destination} destination
 */
function send(tile, { action, fields }) {
  const token = find('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  const inputs = Object.entries({ csrf_token: token, idempotency_key: "", ...fields }).map(([name, value]) =>
    create("input", { type: "hidden", name, value }),
  );
  form.setAttribute("action", action);
  form.replaceChildren(...inputs);
  document.body.append(form);
  if (form instanceof HTMLFormElement) form.requestSubmit();
  if (!form.hasAttribute("aria-busy")) return; // offline: a notice says so
  tile.setAttribute("aria-busy", "true");
  const observer = new MutationObserver(() => {
    observer.disconnect();
    tile.removeAttribute("aria-busy");
  });
  observer.observe(form, { attributeFilter: ["aria-busy"] });
}
