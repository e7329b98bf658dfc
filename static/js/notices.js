/** Notices in the two permanent live regions: what was done, and what was refused. */
import { create, find, findAll, targetOf } from "./dom.js";

/** How long a notice of something done stays; Bootstrap's Toast waits while it has focus or pointer. */
const DELAY = 6000;

/** The element that had the focus before a notice got it. @type {EventTarget | null} */
let previousFocus = null;

export function watchNotices() {
  for (const notice of findAll("#notices .done[data-notice]")) startTimer(notice);
  document.addEventListener("click", (event) => {
    if (targetOf(event).closest("[data-close-notice]")) removeNotice(targetOf(event).closest("[data-notice]"));
  });
  document.addEventListener("keydown", (event) => {
    const notice = targetOf(event).closest("[data-notice]");
    if (event.key !== "Escape" || !notice || event.defaultPrevented) return;
    event.preventDefault();
    removeNotice(notice);
  });
  find("#notices")?.addEventListener("focusin", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Element && relatedTarget.closest("#notices"))) previousFocus = relatedTarget;
  });
}

/**
 * Show the notices of a newer page. They take the place of older reports, whose undo is no longer possible.
 *
 * @param {Document} page
 */
export function adoptNotices(page) {
  for (const notice of findAll("#notices .done, #notices [data-connection]")) removeNotice(notice);
  for (const notice of findAll("#notices [data-notice]", page)) addNotice(notice);
}

/**
 * Show a notice of something that did not succeed.
 *
 * @param {string} text
 * @param {HTMLElement[]} actions links and buttons
 */
export function showRefusal(text, ...actions) {
  const message = create("p", {}, text, ...actions.flatMap((action) => [" ", action]));
  const button = create("button", {
    type: "button",
    class: "btn-close",
    "aria-label": "Close this message",
    "data-close-notice": "",
  });
  const body = create("div", { class: "toast-body" }, message);
  const notice = create("div", { class: "toast show notice refused", "data-notice": "" }, body, button);
  addNotice(notice);
  return notice;
}

/**
 * Say that the site does not answer.
 *
 * @param {() => void} [retry] what the player can do again
 */
export function showUnreachable(retry) {
  const button = create("button", { type: "button", class: "btn btn-link" }, "Try again");
  const notice = showRefusal("The site cannot be reached. Nothing was sent.", ...(retry ? [button] : []));
  notice.dataset.connection = "lost";
  button.addEventListener("click", () => {
    removeNotice(notice);
    retry?.();
  });
}

/** Remove the notices that the site cannot be reached: it has answered. */
export function removeConnectionNotices() {
  for (const notice of findAll('#notices [data-connection="lost"]')) removeNotice(notice);
}

/** @param {Document} page an error page: its text and its links become a notice */
export function showError(page) {
  const sentences = findAll("[data-error] h1, [data-error] h1 + p", page).map(({ textContent }) => textContent?.trim());
  const links = findAll("[data-error] .page-links a", page).map((link) =>
    create("a", { href: link.getAttribute("href") ?? "" }, link.textContent ?? ""),
  );
  const text = sentences.length
    ? sentences.join(". ")
    : "The site sent an answer that cannot be shown. Look again to see the current state.";
  showRefusal(text, ...(links.length ? links : [create("a", { href: location.href }, "Look again")]));
}

/** @param {HTMLElement} notice */
function addNotice(notice) {
  const isDone = notice.classList.contains("done");
  const region = find(isDone ? "#notices-done" : "#notices-refused");
  for (const older of findAll("[data-notice]", region ?? notice)) {
    if (older.textContent?.trim() === notice.textContent?.trim()) removeNotice(older);
  }
  region?.append(notice);
  if (isDone) startTimer(notice);
}

/** @param {HTMLElement} notice */
function startTimer(notice) {
  const { bootstrap } = /** @type {{bootstrap?: {Toast: new (e: Element, o: object) => {show(): void}}}} */ (
    globalThis
  );
  if (!bootstrap) return; // The notice stays until it is closed.
  notice.addEventListener("hidden.bs.toast", () => removeNotice(notice));
  new bootstrap.Toast(notice, { delay: DELAY }).show();
}

/** @param {Element | null} notice */
function removeNotice(notice) {
  const hadFocus = notice?.contains(document.activeElement);
  notice?.remove();
  if (!hadFocus) return;
  const target = previousFocus instanceof HTMLElement && previousFocus.isConnected ? previousFocus : find("#main");
  target?.focus({ preventScroll: true });
}
