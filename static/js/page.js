/** The page: read a page of the server, and replace what has changed. */
import { find, findAll, findBoard, keepFocus } from "./dom.js";
import { keepFolds } from "./folds.js";
import { adoptNotices, showUnreachable } from "./notices.js";
import { selectShownTab } from "./tabs.js";

/** Name of the event that is sent after the page was replaced. */
export const REPLACED = "page-replaced";

/**
 * @param {Response} response
 * @returns {Promise<Document>}
 */
export async function readPage(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/**
 * Ask for the inventory's parts that this page does not show: the server answers with the parts whose
 * digests are not in the header.
 *
 * @returns {Record<string, string>} headers of a request for the inventory
 */
export function pageHeaders() {
  const digests = findAll("[data-part]").map((part) => part.dataset.part);
  return { Accept: "text/html", "X-Parts": digests.join(",") };
}

/**
 * Show the inventory of a response. When the changed parts do not fit into this page, the whole page is fetched.
 *
 * @param {Response} response
 * @param {Document} page the content of the response
 */
export async function showInventory(response, page) {
  if (replacePage(page)) return;
  const address = response.url;
  try {
    replacePage(await readPage(await fetch(address, { headers: { Accept: "text/html" } })));
  } catch {
    showUnreachable(() => location.assign(address));
  }
}

/**
 * Show a newer page: the whole page, or the parts that have changed. The player keeps the scroll positions,
 * the shown owner, the folds, the focus and the open panel.
 *
 * @param {Document} page
 * @returns {boolean} false when the answer has too little, so that the whole page is needed
 */
function replacePage(page) {
  const main = find("#main");
  const newMain = find("#main", page);
  if (!main || !newMain) return true;
  const restoreFocus = keepFocus(document);
  const { scrollX, scrollY } = window;
  const columnScroll = find(".characters")?.scrollTop ?? 0;
  const isPartial = "changes" in newMain.dataset;
  let isComplete = true;
  if (isPartial) {
    isComplete = replaceParts(newMain);
  } else {
    keepFolds(main, newMain);
    keepLoadedImages(main, newMain);
    replaceMain(main, newMain);
    for (const id of ["freshness", "undo", "skip-undo"]) replacePart(find(`#${id}`, page));
    selectShownTab();
  }
  adoptNotices(page);
  document.dispatchEvent(new Event(REPLACED));
  find(".characters")?.scrollTo({ top: columnScroll, behavior: "instant" });
  window.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
  restoreFocus();
  return isComplete;
}

/**
 * @param {HTMLElement} newMain the main element of an answer with the changed parts
 * @returns {boolean} false when a part has no counterpart: then the whole page is needed
 */
function replaceParts(newMain) {
  const newBoard = find("[data-board]", newMain);
  const board = findBoard();
  if (!board || !newBoard || board.dataset.characters !== newBoard.dataset.characters) return false;
  copyBoardData(board, newBoard, true);
  const parts = /** @type {HTMLElement[]} */ ([...newMain.children].filter((part) => part !== newBoard));
  return parts.map(replacePart).every(Boolean);
}

/**
 * @param {HTMLElement} board
 * @param {HTMLElement} newBoard
 * @param {boolean} keepsOwner the player goes on seeing the same owner
 */
function copyBoardData(board, newBoard, keepsOwner) {
  for (const [key, value] of Object.entries(newBoard.dataset)) {
    if (key !== "panelOpen" && !(key === "shown" && keepsOwner)) board.dataset[key] = value;
  }
}

/**
 * @param {HTMLElement | null} newPart takes the place of the part with the same id
 * @returns {boolean} there is such a part
 */
function replacePart(newPart) {
  const part = newPart && document.getElementById(newPart.id);
  if (!part) return false;
  keepFolds(part, newPart);
  keepLoadedImages(part, newPart);
  part.replaceWith(newPart);
  return true;
}

/**
 * @param {HTMLElement} main
 * @param {HTMLElement} newMain
 */
function replaceMain(main, newMain) {
  const board = findBoard();
  const newBoard = find("[data-board]", newMain);
  const panel = find("#panel");
  const newPanel = find("#panel", newMain);
  if (!board || !newBoard || !panel || !newPanel) {
    main.replaceChildren(...newMain.childNodes);
    return;
  }
  const { shown } = board.dataset;
  const isShownOwnerThere = find(`.owner-tabs [data-index="${shown}"]`, newBoard);
  copyBoardData(board, newBoard, Boolean(isShownOwnerThere));
  // The panel stays where it is: an element that is moved loses its focus and its scroll position.
  replaceSiblings(panel, newPanel);
  replaceSiblings(board, newBoard);
}

/**
 * @param {HTMLElement} kept
 * @param {HTMLElement} newElement the element in the place of *kept* on the newer page
 */
function replaceSiblings(kept, newElement) {
  const newSiblings = [...(newElement.parentElement?.children ?? [])];
  const index = newSiblings.indexOf(newElement);
  for (const sibling of [...(kept.parentElement?.children ?? [])]) if (sibling !== kept) sibling.remove();
  kept.before(...newSiblings.slice(0, index));
  kept.after(...newSiblings.slice(index + 1));
}

/**
 * Move loaded images to the new tiles: a new image element would flash while it loads.
 *
 * @param {HTMLElement} oldRoot
 * @param {HTMLElement} newRoot
 */
function keepLoadedImages(oldRoot, newRoot) {
  /** @type {Map<string, HTMLImageElement[]>} */
  const loadedImages = new Map();
  for (const image of oldRoot.querySelectorAll("img")) {
    if (image.closest("#panel")) continue;
    const sameImages = loadedImages.get(image.src);
    if (sameImages) sameImages.push(image);
    else loadedImages.set(image.src, [image]);
  }
  for (const image of newRoot.querySelectorAll("img")) {
    const loadedImage = loadedImages.get(image.src)?.pop();
    if (loadedImage && loadedImage.className === image.className) image.replaceWith(loadedImage);
  }
}
