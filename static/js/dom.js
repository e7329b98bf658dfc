/** Short forms of DOM calls, with the types that the other modules need. */

/** The window shows one owner at a time, and the panel as a sheet. */
export const narrowWindow = window.matchMedia("(max-width: 767.98px)");

/** Selector of the links that open an item: tiles, and rows of the table. */
export const ITEM_LINK = ":is(a.tile, a.item-link)";

/** Selector of the groups of such links: each is one tab stop. */
export const ITEM_GROUP = ":is(ul.cell, .item-table tbody)";

/**
 * @param {string} selector
 * @param {ParentNode} root
 * @returns {HTMLElement | null}
 */
export const find = (selector, root = document) => root.querySelector(selector);

/**
 * @param {string} selector
 * @param {ParentNode} root
 * @returns {HTMLElement[]}
 */
export function findAll(selector, root = document) {
  /** @type {NodeListOf<HTMLElement>} */
  const elements = root.querySelectorAll(selector);
  return [...elements];
}

/** @returns {HTMLElement | null} the board of the inventory page; null on every other page */
export const findBoard = () => find("[data-inventory] [data-board]");

/**
 * @param {Event} event
 * @returns {Element} the element that the event is about
 */
export const targetOf = (event) => (event.target instanceof Element ? event.target : document.documentElement);

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
export function create(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * Remember which element has the focus before elements are replaced.
 *
 * @param {ParentNode & Node} root the element whose content is replaced
 * @returns {(() => void)} sets the focus to the element, or to the element that took its place
 */
export function keepFocus(root) {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body || !root.contains(element)) return () => {};
  const selector = selectorOf(element);
  const index = findAll(selector, root).indexOf(element);
  return () => {
    const target = element.isConnected ? element : findAll(selector, root)[index];
    target?.focus({ preventScroll: true });
    if (document.activeElement === document.body) {
      (root instanceof HTMLElement ? root : find("#main"))?.focus({ preventScroll: true });
    }
  };
}

/**
 * @param {Element} element
 * @returns {string} a selector that finds the same element in a newer page
 */
function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const fold = element.closest("details")?.dataset.fold;
  if (fold && element.matches("summary")) return `[data-fold="${CSS.escape(fold)}"] > summary`;
  const tag = element.localName;
  let selector = tag;
  for (const name of ["href", "name", "value"]) {
    const value = element.getAttribute(name);
    if (value) selector += `[${name}="${CSS.escape(value)}"]`;
  }
  const action = element.closest("form")?.getAttribute("action");
  return action ? `form[action="${CSS.escape(action)}"] ${selector}` : selector;
}
