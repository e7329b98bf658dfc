/** The page that waits for the game's definitions: it is asked for again until the site has them. */

const PAUSE = 3000;
const UNAVAILABLE = 503;

async function waitForDefinitions() {
  try {
    // Asking for the page itself lets the site try again when a download has failed.
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (response.status !== UNAVAILABLE) {
      location.reload();
      return;
    }
  } catch {
    // The site does not answer at the moment: the next time may be better.
  }
  window.setTimeout(() => void waitForDefinitions(), PAUSE);
}

window.setTimeout(() => void waitForDefinitions(), PAUSE);
