/** Forms without a page load: the script sends the same request and shows the page of the response. */
import { isReachable } from "./connection.js";
import { create, find, findBoard, narrowWindow } from "./dom.js";
import { chooseKey, encode, forgetKey } from "./idempotency.js";
import { showError, showRefusal, showUnreachable } from "./notices.js";
import { pageHeaders, readPage, showInventory } from "./page.js";
import { closePanel, isPanelOpen, refreshPanel } from "./panel.js";

/** The form that is being sent: one form at a time, and each form once. @type {HTMLFormElement | null} */
let sendingForm = null;
/** The form that the browser sends next: the site has answered a moment ago. @type {HTMLFormElement | null} */
let checkedForm = null;

/** Send the inventory's marked forms by fetch; prevent every other form from being sent twice. */
export function watchForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
    if (sendingForm || !navigator.onLine) {
      event.preventDefault();
      if (!sendingForm) showRefusal("You are offline. Nothing was sent.").dataset.connection = "lost";
      return;
    }
    sendingForm = form;
    form.setAttribute("aria-busy", "true");
    const isEnhanced = form.dataset.enhance && findBoard();
    if (!isEnhanced && form === checkedForm) {
      checkedForm = null;
      window.setTimeout(release, 10_000); // the player can have stopped the page load
      return;
    }
    event.preventDefault();
    if (isEnhanced) void send(form, event.submitter).finally(release);
    else void submitIfReachable(form, event.submitter);
  });
  // The browser shows this page again from its back-forward cache.
  window.addEventListener("pageshow", release);
}

/** @returns {boolean} a form is being sent */
export const isSending = () => Boolean(sendingForm);

/** Allow the next form to be sent. */
function release() {
  sendingForm?.removeAttribute("aria-busy");
  sendingForm = null;
}

/**
 * Let the browser send the form, and replace the page, when the site answers.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
async function submitIfReachable(form, submitter) {
  const isAnswering = await isReachable();
  release();
  if (isAnswering) {
    checkedForm = form;
    form.requestSubmit(submitter);
  } else showUnreachable(() => form.requestSubmit(submitter));
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
async function send(form, submitter) {
  const fields = new FormData(form, submitter);
  chooseKey(form, fields);
  try {
    // getAttribute: form.action would be an input with the name "action", if there is one.
    const response = await fetch(form.getAttribute("action") ?? "", {
      method: "POST",
      headers: pageHeaders(),
      body: encode(fields),
    });
    const page = await readPage(response);
    if (response.ok) forgetKey(form);
    await showAnswer(response, page, form, fields);
  } catch {
    const link = create("a", { href: location.href }, "Look again");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      void lookAgain();
    });
    showRefusal("No answer arrived. The game may have carried out the action or not.", link).dataset.connection =
      "unknown";
  }
}

/** Show the inventory as it is now, after an answer got lost. */
async function lookAgain() {
  const address = find("#panel [data-close]")?.getAttribute("href") ?? location.href;
  try {
    const response = await fetch(address, { headers: pageHeaders() });
    await showAnswer(response, await readPage(response));
  } catch {
    showUnreachable(() => void lookAgain());
  }
}

/**
 * Show the page of a response, and the item of the open panel as it is now.
 *
 * @param {Response} response
 * @param {Document} page
 * @param {HTMLFormElement} [form]
 * @param {FormData} [fields]
 */
async function showAnswer(response, page, form, fields) {
  const isInventory = find("[data-inventory]", page);
  if (response.ok && !isInventory) {
    location.assign(response.url);
    return;
  }
  const isDone = response.ok && !find("#notices .refused", page);
  // After a lock the player stays at the item.
  const isMove = fields?.has("destination") || fields?.has("character_id");
  const isFromSheet = narrowWindow.matches && form?.closest("#panel");
  if (!response.ok) showError(page);
  else await showInventory(response, page);
  if (fields && isDone) markArrivedTile(fields);
  if (isDone && isMove && isFromSheet) closePanel();
  else if (isPanelOpen()) await refreshPanel();
}

/** @param {FormData} fields the fields of a move: the item and its destination */
function markArrivedTile(fields) {
  const owner = fields.get("destination") ?? fields.get("character_id");
  const id = CSS.escape(String(fields.get("item_instance_id") ?? ""));
  const hash = CSS.escape(String(fields.get("item_hash") ?? ""));
  const item = id ? `[data-item-instance-id="${id}"]` : `[data-item-hash="${hash}"]`;
  const tile = owner ? find(`.board ${item}[data-owner="${CSS.escape(String(owner))}"]`) : null;
  if (tile?.offsetParent) tile.classList.add("arrived");
}
