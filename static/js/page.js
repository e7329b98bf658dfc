/** The page: read a page of the server, replace the changed elements, show a notice. */

/** Ids of the elements that a new page replaces. */
const REPLACED_IDS = ["main", "freshness", "notices"];

/** @returns {HTMLElement | null} the main element of the inventory page; null on another page */
export const findInventory = () => document.querySelector("[data-inventory]");

/** @returns {boolean} the window is narrow: one owner is shown at a time */
export const isNarrow = () => window.matchMedia("(max-width: 899px)").matches;

/**
 * @param {Response} response
 * @returns {Promise<Document>}
 */
export async function readPage(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/**
 * Replace the elements of this page by those of another page, at the same scroll position.
 *
 * @param {Document} page
 * @param {{keepOwner: boolean}} options keepOwner: a narrow window goes on showing the same owner
 */
export function replacePage(page, { keepOwner }) {
  const selectedTab = /** @type {HTMLInputElement | null} */ (document.querySelector(".owner-tabs :checked"));
  const owner = selectedTab?.value;
  const { scrollX, scrollY } = window;
  for (const id of REPLACED_IDS) {
    const oldElement = document.getElementById(id);
    const newElement = page.getElementById(id);
    if (!oldElement || !newElement) continue;
    keepLoadedImages(oldElement, newElement);
    oldElement.replaceChildren(...newElement.childNodes);
    if (newElement.dataset.columns) oldElement.dataset.columns = newElement.dataset.columns;
  }
  if (keepOwner && owner) selectOwner(owner);
  document.title = page.title;
  window.scrollTo(scrollX, scrollY);
}

/**
 * Move loaded images to the new tiles: a new image element would flash while it loads.
 *
 * @param {HTMLElement} oldElement
 * @param {HTMLElement} newElement
 */
function keepLoadedImages(oldElement, newElement) {
  /** @type {Map<string, HTMLImageElement[]>} */
  const loadedImages = new Map();
  for (const image of oldElement.querySelectorAll("img")) {
    const sameImages = loadedImages.get(image.src);
    if (sameImages) sameImages.push(image);
    else loadedImages.set(image.src, [image]);
  }
  for (const image of newElement.querySelectorAll("img")) {
    const loadedImage = loadedImages.get(image.src)?.pop();
    if (loadedImage && loadedImage.className === image.className) image.replaceWith(loadedImage);
  }
}

/** @param {string} owner the owner that a narrow window shows */
function selectOwner(owner) {
  for (const tab of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(".owner-tabs input"))) {
    if (tab.value === owner) tab.checked = true;
  }
}

/**
 * Show a notice that looks like a notice of the server.
 *
 * @param {string} text
 * @param {HTMLAnchorElement[]} links
 */
export function showNotice(text, links = []) {
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.textContent = text;
  for (const link of links) message.append(" ", link);
  const closeForm = document.createElement("form");
  closeForm.method = "dialog";
  const button = document.createElement("button");
  button.className = "quiet-button";
  button.setAttribute("aria-label", "Close this message");
  button.textContent = "✕";
  closeForm.append(button);
  const notice = document.createElement("dialog");
  notice.className = "notice refused";
  notice.setAttribute("aria-label", "Message");
  notice.open = true;
  notice.append(message, closeForm);
  document.getElementById("notices")?.replaceChildren(notice);
}

/**
 * @param {string} label
 * @param {string} href
 * @returns {HTMLAnchorElement}
 */
export function createLink(label, href) {
  const anchor = document.createElement("a");
  anchor.href = href;
  anchor.textContent = label;
  return anchor;
}
