/** The hover card: the full label of a tile, for a mouse or a keyboard. Screen readers have the label itself. */
import { create, findBoard, targetOf } from "./dom.js";
import { placeCard } from "./geometry.js";
import { REPLACED } from "./page.js";

const SHOW_DELAY = 250;
/** In this time the pointer can go from the tile to the card. */
const HIDE_DELAY = 150;

const card = create("div", { class: "hover-card", role: "tooltip", "aria-hidden": "true", hidden: "" });
/** The tile of the card, also before the card is shown. @type {Element | null} */
let currentTile = null;
let timer = 0;

export function watchHoverCard() {
  if (!findBoard()) return;
  document.body.append(card);
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const target = targetOf(event);
    const tile = target.closest("a.tile");
    if (tile) plan(tile);
    else if (card.contains(target)) window.clearTimeout(timer);
    else if (currentTile && !currentTile.matches(":focus-visible")) hide(HIDE_DELAY);
  });
  document.documentElement.addEventListener("pointerleave", () => hide());
  document.addEventListener("focusin", (event) => {
    const tile = targetOf(event).closest("a.tile:focus-visible");
    if (tile) plan(tile);
  });
  document.addEventListener("focusout", () => {
    if (!currentTile?.matches(":hover")) hide();
  });
  document.addEventListener("click", dismiss);
  document.addEventListener("scroll", followScroll, { capture: true, passive: true });
  document.addEventListener(REPLACED, () => hide());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || card.hidden) return;
    event.preventDefault(); // The panel stays open.
    dismiss();
  });
}

/** A card of the keyboard comes back at the new place of its tile: the focus itself can scroll. */
function followScroll() {
  if (card.hidden) return;
  const tile = currentTile?.matches(":focus-visible") ? currentTile : null;
  hide();
  if (tile) plan(tile);
}

/** Hide the card until the pointer or the focus comes to another tile. */
function dismiss() {
  window.clearTimeout(timer);
  card.hidden = true;
}

/** @param {Element} tile */
function plan(tile) {
  if (tile === currentTile && card.hidden) return;
  window.clearTimeout(timer);
  if (tile === currentTile) return;
  card.hidden = true;
  currentTile = tile;
  timer = window.setTimeout(show, SHOW_DELAY);
}

/** @param {number} delay */
function hide(delay = 0) {
  window.clearTimeout(timer);
  if (delay && !card.hidden) {
    timer = window.setTimeout(hide, delay);
    return;
  }
  card.hidden = true;
  currentTile = null;
}

function show() {
  if (!currentTile?.isConnected) return;
  const name = currentTile.querySelector(".tile-name")?.textContent ?? "";
  const label = currentTile.querySelector(".tile-label")?.textContent ?? "";
  card.replaceChildren(create("b", {}, name), create("div", {}, label.replace(/^[\s,]+/, "")));
  card.hidden = false;
  const { left, top } = placeCard(currentTile.getBoundingClientRect(), card.getBoundingClientRect(), window);
  Object.assign(card.style, { left: `${left}px`, top: `${top}px` });
}
