/** The key "m" on an item, then the key of a destination: moves the item without the panel. */
import { findShownCharacter, moveTo } from "./destinations.js";
import { create, find, findAll, findBoard, ITEM_LINK, targetOf } from "./dom.js";

/** The tile whose destination the player chooses. @type {HTMLElement | null} */
let chosenTile = null;
/** Names the keys; it is in a live region while the player chooses. */
const text = create("p", {});
const prompt = create("div", { class: "toast show notice" }, create("div", { class: "toast-body" }, text));

export function watchMoveKeys() {
  document.addEventListener("keydown", handleKey, { capture: true });
  document.addEventListener("focusout", stop);
  document.addEventListener("pointerdown", stop);
}

/** @param {KeyboardEvent} event */
function handleKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.key === "Shift") return;
  if (chosenTile) chooseOwner(event, chosenTile);
  else if (event.key === "m" && findBoard()?.dataset.singleKeys !== "off") start(event);
}

/** @param {KeyboardEvent} event */
function start(event) {
  chosenTile = targetOf(event).closest(`[data-board] ${ITEM_LINK}`);
  if (!chosenTile) return;
  event.preventDefault();
  const names = findAll(".owner h2").map((heading, index) => `${index + 1} ${heading.textContent?.trim()}`);
  text.textContent = `Move to: ${[...names, "v Vault"].join(", ")}`;
  find("#notices-done")?.append(prompt);
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} tile
 */
function chooseOwner(event, tile) {
  stop();
  const owner = ownerOfKey(event.key);
  if (!owner && event.key !== "Escape") return;
  event.preventDefault();
  if (owner) void moveTo(tile, owner);
}

/** @param {string} key */
function ownerOfKey(key) {
  if (key === "v") return "vault";
  if (key === "m") return findShownCharacter();
  const index = /^[1-9]$/.test(key) ? Number(key) - 1 : -1;
  return find(`.owner-tabs [data-index="${index}"]`)?.getAttribute("value");
}

function stop() {
  chosenTile = null;
  prompt.remove();
}
