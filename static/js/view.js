/** Settings of the view that the server keeps. */
import { find, findBoard } from "./dom.js";

/**
 * Store settings. An error is ignored: the page shows the setting, only the next visit does not know it.
 *
 * @param {Record<string, string>} settings
 */
export async function saveView(settings) {
  const address = findBoard()?.dataset.viewUrl;
  if (!address) return;
  const token = find('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  await fetch(address, {
    method: "POST",
    keepalive: true, // the player can leave the page at once
    headers: { Accept: "application/json", "X-CSRFToken": token },
    body: new URLSearchParams(settings),
  }).catch(() => {});
}
