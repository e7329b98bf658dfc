/** Forms without a page load: the script sends the same request and shows the page of the response. */
import { createLink, findInventory, isNarrow, readPage, replacePage, showNotice } from "./page.js";
import { closePanel, findSelectedTile, markSelectedTile, openPanel } from "./panel.js";

/** The form that is being sent: one form at a time, and each form once. @type {HTMLFormElement | null} */
let sendingForm = null;

/** Send the inventory's marked forms by fetch; prevent every other form from being sent twice. */
export function watchForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
    if (sendingForm) {
      event.preventDefault();
      return;
    }
    sendingForm = form;
    form.setAttribute("aria-busy", "true");
    if (!("enhance" in form.dataset) || !findInventory()) {
      window.setTimeout(release, 10_000); // the player can have stopped the page load
      return;
    }
    event.preventDefault();
    void send(form, event.submitter).finally(release);
  });
  // The browser shows this page again from its back-forward cache.
  window.addEventListener("pageshow", release);
}

/** What each form sent last, until its outcome is known. @type {WeakMap<HTMLFormElement, {body: string, key: string}>} */
const lastSent = new WeakMap();

/**
 * Encode the fields of a form as the browser does for a form without files.
 *
 * @param {FormData} fields
 * @returns {URLSearchParams}
 */
function encode(fields) {
  const body = new URLSearchParams();
  for (const [name, value] of fields) body.append(name, String(value));
  return body;
}

/**
 * Choose the idempotency key, by which the server recognizes a repeated post. The same fields keep
 * their key until a response arrives; other fields get a new key. The key in the page is good for one post.
 *
 * @param {HTMLFormElement} form
 * @param {FormData} fields
 */
function setIdempotencyKey(form, fields) {
  if (!fields.has("idempotency_key")) return;
  fields.delete("idempotency_key");
  const body = encode(fields).toString();
  const last = lastSent.get(form);
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const newKey = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const key = last?.body === body ? last.key : newKey;
  lastSent.set(form, { body, key });
  fields.set("idempotency_key", key);
}

/** Allow the next form to be sent. */
function release() {
  sendingForm?.removeAttribute("aria-busy");
  sendingForm = null;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
async function send(form, submitter) {
  const fields = new FormData(form, submitter);
  setIdempotencyKey(form, fields);
  let page;
  let response;
  try {
    // getAttribute: form.action would be an input with the name "action", if there is one.
    response = await fetch(form.getAttribute("action") ?? "", {
      method: "POST",
      headers: { Accept: "text/html" },
      body: encode(fields),
    });
    page = await readPage(response);
  } catch {
    showNotice("No answer arrived. The game may have carried out the action or not.", [
      createLink("Look again", window.location.href),
    ]);
    return;
  }
  if (response.ok) lastSent.delete(form); // the outcome is known: the next post is a new one
  if (!response.ok) {
    showError(page);
  } else if (page.querySelector("[data-inventory]")) {
    showInventory(form, fields, page, new URL(response.url));
  } else {
    window.location.assign(response.url);
  }
}

/** @param {Document} page an error page: its text and its links become a notice */
function showError(page) {
  const paragraphs = [...page.querySelectorAll("[data-error] h1, [data-error] h1 + p")];
  const sentences = paragraphs.map((paragraph) => paragraph.textContent?.trim());
  const anchors = /** @type {HTMLAnchorElement[]} */ ([...page.querySelectorAll("[data-error] .page-links a")]);
  const links = anchors.map((anchor) => createLink(anchor.textContent ?? "", anchor.href));
  showNotice(
    sentences.length
      ? sentences.join(". ")
      : "The site sent an answer that cannot be shown. Look again to see the current state.",
    links.length ? links : [createLink("Look again", window.location.href)],
  );
}

/**
 * Show the inventory of the response, and set the focus to the element that the player used.
 *
 * @param {HTMLFormElement} form
 * @param {FormData} fields
 * @param {Document} page
 * @param {URL} address
 */
function showInventory(form, fields, page, address) {
  const isInPanel = Boolean(form.closest("dialog"));
  const isRefused = Boolean(page.querySelector("#notices .refused"));
  const focusedId = document.activeElement?.id;
  replacePage(page, { keepOwner: !address.searchParams.has("on") });
  window.history.replaceState(null, "", address);
  markSelectedTile();
  if (isInPanel) {
    const tile = findSelectedTile();
    if (form.dataset.enhance === "stay" && tile && !isRefused) {
      void openPanel(tile);
      return;
    }
    if (isRefused) return;
    closePanel();
    showMovedTile(fields);
  } else if (focusedId) {
    const element = document.getElementById(focusedId);
    const target = element ?? document.querySelector("#freshness button, #main");
    /** @type {HTMLElement | null} */ (target)?.focus({ preventScroll: true });
  } else {
    /** @type {HTMLElement | null} */ (document.querySelector("#freshness button"))?.focus({ preventScroll: true });
  }
}

/** @param {FormData} fields the fields of the move: the item and its destination */
function showMovedTile(fields) {
  const instanceId = String(fields.get("item_instance_id") ?? "");
  const owner = String(fields.get("destination") ?? fields.get("character_id") ?? "");
  const hash = String(fields.get("item_hash") ?? "");
  const tile = instanceId
    ? document.getElementById(`i${instanceId}`)
    : document.querySelector(`.tile[data-item-hash="${CSS.escape(hash)}"][data-owner="${CSS.escape(owner)}"]`);
  if (!(tile instanceof HTMLElement)) {
    document.getElementById("main")?.focus({ preventScroll: true });
    return;
  }
  tile.classList.add("arrived");
  tile.focus({ preventScroll: true });
  if (isNarrow()) tile.scrollIntoView({ block: "center" });
}
