/** The inventory refreshes by itself while the player plays and looks at it. */
import { findBoard } from "./dom.js";
import { isSending } from "./forms.js";
import { pageHeaders, readPage, showInventory } from "./page.js";

const INTERVAL = 120_000;
/** The server reads the account again when its data is older: looking more often brings nothing. */
const SHORTEST_INTERVAL = 30_000;

/** When the inventory was last asked for. */
let askedAt = performance.now();
/** An answer is under way. */
let isAsking = false;

/** Refresh every two minutes, and when the player comes back to the page. */
export function watchGame() {
  window.setInterval(() => {
    if (findBoard()?.dataset.playing === "yes") void refresh();
  }, INTERVAL);
  window.addEventListener("focus", () => void refresh());
  document.addEventListener("visibilitychange", () => void refresh());
}

/** @returns {boolean} nothing that the player does would be disturbed */
function isQuiet() {
  const focused = document.activeElement;
  const isInForm = focused?.closest("#panel form, details.dropdown[open]");
  return (
    !document.hidden &&
    navigator.onLine &&
    !isSending() &&
    !isInForm &&
    !document.documentElement.classList.contains("dragging")
  );
}

/** Show what has changed in the game. A failure changes nothing: the age of the data tells. */
async function refresh() {
  const board = findBoard();
  if (!board || isAsking || !isQuiet() || performance.now() - askedAt < SHORTEST_INTERVAL) return;
  askedAt = performance.now();
  isAsking = true;
  try {
    const response = await fetch(board.dataset.pageUrl ?? "", { headers: pageHeaders() });
    const page = await readPage(response);
    // The player may have begun something while the answer was under way.
    if (response.ok && !response.redirected && isQuiet()) await showInventory(response, page);
  } catch {
    // The site or the connection is down: the next time may be better.
  } finally {
    isAsking = false;
  }
}
