/**
 * Drag and drop of items, by pointer events: a mouse drags at once, a finger after a long press, before which
 * it scrolls. The targets are marked as soon as the server has said where the item can go.
 */
import { bringTo, itemOf, loadDestinations } from "./destinations.js";
import { create, find, findAll, ITEM_LINK, narrowWindow, targetOf } from "./dom.js";
import { chooseDestination, placeOf, scrollStep } from "./drop-rules.js";
import { REPLACED } from "./page.js";

/** @typedef {import("./drop-rules.js").Destinations} Destinations */
/** @typedef {import("./drop-rules.js").Place} Place */

/** How long a finger rests on an item before it drags, in milliseconds. */
const LONG_PRESS = 400;

/** How far a mouse moves before it drags, and a finger before it scrolls, in pixels. */
const MOUSE_TOLERANCE = 6;
const TOUCH_TOLERANCE = 10;

/** How long a dragged item rests on a tab until its owner is shown, in milliseconds. */
const TAB_DELAY = 600;

/** A click can follow the end of a drag by a finger this late, in milliseconds. */
const TOUCH_CLICK_DELAY = 300;

const MARKS = ["drop-allowed", "drop-refused", "drop-over"];

/** @typedef {{tile: HTMLElement, pointerId: number, isTouch: boolean, x: number, y: number}} Press */

/** A pressed tile that is not dragged yet. @type {Press & {timer: number} | null} */
let press = null;

/**
 * The drag under way, until the item is dropped and the destinations are known.
 *
 * @typedef {object} Drag
 * @property {Place | null} place
 * @property {Destinations | null} destinations
 * @property {Promise<Destinations | null>} request
 * @property {boolean} isDropped
 * @property {HTMLElement | null} tab the tab under the pointer
 * @property {number} tabTimer
 */

/** @type {Press & Drag | null} */
let drag = null;

/** The pointer's release at the end of a drag can be a click, also after the drag was cancelled. */
let isClickSwallowed = false;

const label = create("span", {});
const picture = create("div", { class: "drag-picture", "aria-hidden": "true" });

export function watchDrag() {
  document.addEventListener("pointerdown", startPress);
  document.addEventListener("pointermove", movePointer);
  document.addEventListener("pointerup", dropItem);
  document.addEventListener("pointerup", allowClicks);
  document.addEventListener("pointercancel", cancel);
  document.addEventListener("pointercancel", allowClicks);
  document.addEventListener(REPLACED, cancel);
  window.addEventListener("blur", cancel);
  document.addEventListener("keydown", cancelByKey, { capture: true });
  document.addEventListener("click", swallowClick, { capture: true });
  document.addEventListener("contextmenu", (event) => {
    if (drag || isClickSwallowed) event.preventDefault();
  });
  document.addEventListener("dragstart", (event) => {
    if (targetOf(event).closest(`[data-board] ${ITEM_LINK}`)) event.preventDefault();
  });
  // The browser asks this listener before it scrolls, so it has to be there before the finger is.
  const preventScroll = (/** @type {TouchEvent} */ event) => {
    if (drag && event.cancelable) event.preventDefault();
  };
  find("#main")?.addEventListener("touchmove", preventScroll, { passive: false });
}

/** @param {PointerEvent} event */
function startPress(event) {
  cancel(); // A second finger ends the drag.
  isClickSwallowed = false;
  /** @type {HTMLElement | null} */
  const tile = targetOf(event).closest(`[data-board] ${ITEM_LINK}`);
  if (!tile || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const isTouch = event.pointerType !== "mouse";
  const timer = isTouch ? window.setTimeout(startDrag, LONG_PRESS) : 0;
  press = { tile, pointerId: event.pointerId, isTouch, x: event.clientX, y: event.clientY, timer };
}

/** @param {PointerEvent} event */
function movePointer(event) {
  const { pointerId, clientX, clientY } = event;
  if (drag?.pointerId === pointerId && !drag.isDropped) {
    Object.assign(drag, { x: clientX, y: clientY });
    followPointer();
  }
  if (press?.pointerId !== pointerId) return;
  const distance = Math.hypot(clientX - press.x, clientY - press.y);
  if (press.isTouch ? distance > TOUCH_TOLERANCE : !event.buttons) endPress();
  else if (!press.isTouch && distance > MOUSE_TOLERANCE) {
    Object.assign(press, { x: clientX, y: clientY });
    startDrag();
  }
}

function startDrag() {
  if (!press) return;
  const { tile, pointerId } = press;
  const request = loadDestinations(tile);
  drag = { ...press, place: null, destinations: null, request, isDropped: false, tab: null, tabTimer: 0 };
  endPress();
  isClickSwallowed = true;
  // The mouse is followed outside of the window too. A finger is followed anyway.
  if (!drag.isTouch) tile.setPointerCapture(pointerId);
  tile.classList.add("dragged");
  document.documentElement.classList.add("dragging");
  const icon = find("img, .blank", tile)?.cloneNode();
  label.textContent = "";
  picture.replaceChildren(...(icon ? [icon] : []), label);
  document.body.append(picture);
  followPointer();
  void markTargets(drag);
  window.requestAnimationFrame(scroll);
}

/**
 * Mark the targets when the destinations arrive.
 *
 * @param {Press & Drag} started
 */
async function markTargets(started) {
  const destinations = await started.request;
  if (drag !== started) return;
  if (!destinations) {
    cancel();
    return;
  }
  started.destinations = destinations;
  for (const [element, place] of findTargets(started.tile)) {
    const choice = chooseDestination(place, destinations);
    if (choice) element.classList.add(choice.destination.is_available ? "drop-allowed" : "drop-refused");
  }
  followPointer();
}

/**
 * @param {HTMLElement} tile
 * @returns {[Element, Place][]} what can be a target: tabs, columns, the vault, and places of equipped items
 */
function findTargets(tile) {
  const bucketHash = itemOf(tile)?.dataset.bucketHash ?? "";
  /** @type {[Element | null, Place][]} */
  const targets = [[find("#vault"), { owner: "vault" }]];
  for (const tab of findAll(".owner-tabs input")) {
    const owner = tab.getAttribute("value") ?? "";
    targets.push([find(`label[for="${tab.id}"]`), { owner }], [find(`#owner-${CSS.escape(owner)}`), { owner }]);
  }
  for (const equipped of findAll(`.owner [data-location="equipped"][data-bucket-hash="${bucketHash}"]`)) {
    targets.push([equipped, { owner: equipped.dataset.owner ?? "", isEquippedPlace: true }]);
  }
  targets.push([find(`#cell-account-${bucketHash}`), { owner: "account" }]);
  return targets.flatMap(([element, place]) => (element ? [[element, place]] : []));
}

/** Move the picture to the pointer, and say what a drop there does. */
function followPointer() {
  if (!drag) return;
  const { x, y, tile } = drag;
  picture.style.translate = `${x}px ${y}px`;
  // A label near the right edge is on the left of the pointer.
  picture.classList.toggle("left", x > window.innerWidth / 2);
  const element = document.elementFromPoint(x, y);
  const cellId = tile.closest("ul.cell")?.id ?? "";
  drag.place = element && placeOf(readSpot(element), { cellId, bucketHash: itemOf(tile)?.dataset.bucketHash ?? "" });
  const target = drag.place && element?.closest(".drop-allowed, .drop-refused");
  for (const marked of findAll(".drop-over")) if (marked !== target) marked.classList.remove("drop-over");
  target?.classList.add("drop-over");
  const choice = drag.place && drag.destinations && chooseDestination(drag.place, drag.destinations);
  const { is_available: isAvailable = false, name = "", reason = "" } = choice?.destination ?? {};
  label.textContent = isAvailable ? `${choice?.verb}: ${name}` : reason;
  watchTab(element?.closest(".owner-tabs label") ?? null);
}

/**
 * @param {Element} element under the pointer
 * @returns {import("./drop-rules.js").Spot}
 */
function readSpot(element) {
  const tab = element.closest("label");
  const tabOwner = tab?.closest(".owner-tabs") ? tab.control?.getAttribute("value") : null;
  const columnOwner = element.closest(".owner")?.id.replace("owner-", "");
  /** @type {HTMLElement | null} */
  const tile = element.closest(ITEM_LINK);
  return {
    owner: tabOwner ?? columnOwner ?? (element.closest("#vault") ? "vault" : ""),
    cellId: element.closest("ul.cell")?.id ?? "",
    location: tile?.dataset.location ?? "",
    bucketHash: tile?.dataset.bucketHash ?? "",
  };
}

/**
 * Show the owner of a tab on which the item rests.
 *
 * @param {HTMLLabelElement | null} tab
 */
function watchTab(tab) {
  if (!drag || drag.tab === tab) return;
  window.clearTimeout(drag.tabTimer);
  drag.tab = tab;
  if (tab) drag.tabTimer = window.setTimeout(() => tab.control?.click(), TAB_DELAY);
}

/** Scroll while the item is near an edge. */
function scroll() {
  if (!drag || drag.isDropped) return;
  const { x, y } = drag;
  const column = document.elementFromPoint(x, y)?.closest(".characters");
  const header = find(".site-header")?.getBoundingClientRect().bottom ?? 0;
  const tabs = narrowWindow.matches ? find(".owner-tabs")?.getBoundingClientRect().top : undefined;
  // An item that rests on a tab waits for the tab's owner: the page stays where it is.
  const step = drag.tab ? 0 : scrollStep(y, { top: header, bottom: tabs ?? window.innerHeight });
  const scroller = column && column.scrollHeight > column.clientHeight && !narrowWindow.matches ? column : window;
  if (step) {
    scroller.scrollBy({ top: step, behavior: "instant" });
    followPointer();
  }
  window.requestAnimationFrame(scroll);
}

/** @param {PointerEvent} event */
async function dropItem(event) {
  endPress();
  const dropped = drag;
  if (!dropped || dropped.pointerId !== event.pointerId || dropped.isDropped) return;
  dropped.isDropped = true;
  const { place, tile } = dropped;
  window.clearTimeout(dropped.tabTimer);
  const destinations = place && (await dropped.request);
  if (drag !== dropped) return; // cancelled
  cancel();
  if (place && destinations) bringTo(tile, place, destinations);
}

/** End the drag; nothing is sent. */
function cancel() {
  endPress();
  if (!drag) return;
  window.clearTimeout(drag.tabTimer);
  drag.tile.classList.remove("dragged");
  drag = null;
  picture.remove();
  document.documentElement.classList.remove("dragging");
  for (const element of findAll(MARKS.map((mark) => `.${mark}`).join())) element.classList.remove(...MARKS);
}

function endPress() {
  window.clearTimeout(press?.timer);
  press = null;
}

/** @param {KeyboardEvent} event */
function cancelByKey(event) {
  if (event.key !== "Escape" || !drag) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  cancel();
}

/** @param {PointerEvent} event the end of a press or of a drag */
function allowClicks(event) {
  const delay = event.pointerType === "mouse" ? 0 : TOUCH_CLICK_DELAY;
  window.setTimeout(() => {
    if (!drag || drag.isDropped) isClickSwallowed = false;
  }, delay);
}

/** @param {MouseEvent} event */
function swallowClick(event) {
  // The click on the tab on which the item rests is not the player's.
  if (!isClickSwallowed || !event.isTrusted || !targetOf(event).closest("[data-board]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
