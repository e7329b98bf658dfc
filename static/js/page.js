// @ts-check
/** The page as a whole: reading one that the server sent, and putting its parts in place. */

/** What a new page brings along; all else stays as it is. */
const PARTS = ["main", "freshness", "notices"];

/** @returns {HTMLElement | null} the inventory, when this page is it */
export const inventory = () => document.querySelector("[data-inventory]");

/** @returns {boolean} one owner is shown at a time */
export const narrow = () => window.matchMedia("(max-width: 899px)").matches;

/**
 * @param {Response} response
 * @returns {Promise<Document>}
 */
export async function read(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/**
 * Put the parts of another page in place of ours, at the same scroll position.
 *
 * @param {Document} page
 * @param {{keepOwner: boolean}} how keep the owner that a phone shows, rather than the page's
 */
export function swap(page, { keepOwner }) {
  const owner = /** @type {HTMLInputElement | null} */ (document.querySelector(".tabs :checked"))?.value;
  const { scrollX, scrollY } = window;
  for (const id of PARTS) {
    const old = document.getElementById(id);
    const fresh = page.getElementById(id);
    if (!old || !fresh) continue;
    keepPictures(old, fresh);
    old.replaceChildren(...fresh.childNodes);
    if (fresh.dataset.columns) old.dataset.columns = fresh.dataset.columns;
  }
  if (keepOwner && owner) show(owner);
  document.title = page.title;
  window.scrollTo(scrollX, scrollY);
}

/**
 * Move loaded pictures over to the new tiles: a new element would flash while it loads.
 *
 * @param {HTMLElement} old
 * @param {HTMLElement} fresh
 */
function keepPictures(old, fresh) {
  /** @type {Map<string, HTMLImageElement[]>} */
  const loaded = new Map();
  for (const image of old.querySelectorAll("img")) {
    const same = loaded.get(image.src);
    if (same) same.push(image);
    else loaded.set(image.src, [image]);
  }
  for (const image of fresh.querySelectorAll("img")) {
    const kept = loaded.get(image.src)?.pop();
    if (kept && kept.className === image.className) image.replaceWith(kept);
  }
}

/** @param {string} owner whose column a phone is to show */
function show(owner) {
  for (const tab of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(".tabs input"))) {
    if (tab.value === owner) tab.checked = true;
  }
}

/**
 * Say something in the place of messages, in the look that the server's have.
 *
 * @param {string} text
 * @param {HTMLAnchorElement[]} ways links to go on with
 */
export function complain(text, ways = []) {
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.textContent = text;
  for (const way of ways) message.append(" ", way);
  const close = document.createElement("form");
  close.method = "dialog";
  const button = document.createElement("button");
  button.className = "quiet";
  button.setAttribute("aria-label", "Close this message");
  button.textContent = "✕";
  close.append(button);
  const notice = document.createElement("dialog");
  notice.className = "notice refused";
  notice.setAttribute("aria-label", "Message");
  notice.open = true;
  notice.append(message, close);
  document.getElementById("notices")?.replaceChildren(notice);
}

/**
 * @param {string} label
 * @param {string} href
 * @returns {HTMLAnchorElement}
 */
export function link(label, href) {
  const made = document.createElement("a");
  made.href = href;
  made.textContent = label;
  return made;
}
