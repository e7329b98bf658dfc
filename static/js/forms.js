// @ts-check
/** Forms without a page load: the same request, and the page that comes back takes its place. */
import { close, current, mark, open } from "./panel.js";
import { complain, inventory, link, narrow, read, swap } from "./page.js";

/** The form that is under way: one at a time, and never the same twice. @type {HTMLFormElement | null} */
let busy = null;

/** Send marked forms of the inventory by fetch; elsewhere only keep them from going twice. */
export function watchForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
    if (busy) {
      event.preventDefault();
      return;
    }
    busy = form;
    form.setAttribute("aria-busy", "true");
    if (!("enhance" in form.dataset) || !inventory()) {
      window.setTimeout(rest, 10_000); // the player may have stopped the page from loading
      return;
    }
    event.preventDefault();
    void send(form, event.submitter).finally(() => rest());
  });
  // Back from the next page, as the browser kept this one.
  window.addEventListener("pageshow", rest);
}

/** What was last posted by a form, as long as its outcome is not known. @type {WeakMap<HTMLFormElement, {body: string, key: string}>} */
const sent = new WeakMap();

/**
 * Choose the key by which the server recognizes a repeated post: the same one as long as the same is
 * asked for and no answer has come, a new one else. The form's own key is good for one post only.
 *
 * @param {HTMLFormElement} form
 * @param {FormData} fields
 */
function keepKey(form, fields) {
  if (!fields.has("idempotency_key")) return;
  fields.delete("idempotency_key");
  const body = new URLSearchParams(/** @type {any} */ (fields)).toString();
  const last = sent.get(form);
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = last?.body === body ? last.key : [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  sent.set(form, { body, key });
  fields.set("idempotency_key", key);
}

function rest() {
  busy?.removeAttribute("aria-busy");
  busy = null;
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
async function send(form, submitter) {
  const fields = new FormData(form, submitter);
  keepKey(form, fields);
  let page;
  let response;
  try {
    // A text keeps its meaning whatever a field is called: form.action may be an input.
    response = await fetch(form.getAttribute("action") ?? "", {
      method: "POST",
      headers: { Accept: "text/html" },
      body: new URLSearchParams(/** @type {any} */ (fields)),
    });
    page = await read(response);
  } catch {
    complain("No answer came back. Nothing is known of what happened: the game may have done it or not.", [
      link("Look again", window.location.href),
    ]);
    return;
  }
  if (response.ok) sent.delete(form); // the outcome is known: the next post is another one
  if (!response.ok) {
    refuse(page);
  } else if (page.querySelector("[data-inventory]")) {
    settle(form, fields, page, new URL(response.url));
  } else {
    window.location.assign(response.url);
  }
}

/** @param {Document} page an error page: its words become a message, its ways on stay */
function refuse(page) {
  const words = [...page.querySelectorAll("[data-error] h1, [data-error] h1 + p")].map((one) => one.textContent?.trim());
  const ways = /** @type {HTMLAnchorElement[]} */ ([...page.querySelectorAll("[data-error] .doors a")]);
  complain(
    words.length ? words.join(". ") : "The site did not give a usable answer. Look again to see what is true.",
    ways.length ? ways.map((way) => link(way.textContent ?? "", way.href)) : [link("Look again", window.location.href)],
  );
}

/**
 * Show the inventory that came back, with the focus where the player's mind is.
 *
 * @param {HTMLFormElement} form
 * @param {FormData} fields
 * @param {Document} page
 * @param {URL} address
 */
function settle(form, fields, page, address) {
  const beside = Boolean(form.closest("dialog"));
  const refused = Boolean(page.querySelector("#notices .refused"));
  const focused = document.activeElement?.id;
  swap(page, { keepOwner: !address.searchParams.has("on") });
  window.history.replaceState(null, "", address);
  mark();
  if (beside) {
    const tile = current();
    if (form.dataset.enhance === "stay" && tile && !refused) {
      void open(tile);
      return;
    }
    if (refused) return;
    close();
    land(fields);
  } else if (focused) {
    const again = document.getElementById(focused);
    (again ?? document.querySelector("#freshness button, #main"))?.focus({ preventScroll: true });
  } else {
    /** @type {HTMLElement | null} */ (document.querySelector("#freshness button"))?.focus({ preventScroll: true });
  }
}

/** @param {FormData} fields what was moved, and where to */
function land(fields) {
  const instance = String(fields.get("item_instance_id") ?? "");
  const owner = String(fields.get("destination") ?? fields.get("character_id") ?? "");
  const hash = String(fields.get("item_hash") ?? "");
  const tile = instance
    ? document.getElementById(`i${instance}`)
    : document.querySelector(`.tile[data-item-hash="${CSS.escape(hash)}"][data-owner="${CSS.escape(owner)}"]`);
  if (!(tile instanceof HTMLElement)) {
    document.getElementById("main")?.focus({ preventScroll: true });
    return;
  }
  tile.classList.add("landed");
  tile.focus({ preventScroll: true });
  if (narrow()) tile.scrollIntoView({ block: "center" });
}
