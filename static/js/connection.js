/** Whether the site answers: a page that stays is better than the browser's error page. */

/** A site that takes longer counts as unreachable. */
const TIMEOUT = 5000;

/** @returns {Promise<boolean>} */
export async function isReachable() {
  if (!navigator.onLine) return false;
  try {
    await fetch("/healthz", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
    return true;
  } catch {
    return false;
  }
}
