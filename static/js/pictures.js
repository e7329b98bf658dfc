/** A placeholder takes the place of an image that fails to load. */

export function watchPictures() {
  document.addEventListener("error", (event) => replaceImage(event.target), { capture: true });
  // Images that failed before this module was loaded.
  for (const image of document.images) {
    if (image.complete && image.currentSrc && !image.naturalWidth) replaceImage(image);
  }
}

/** @param {EventTarget | null} image */
function replaceImage(image) {
  if (!(image instanceof HTMLImageElement)) return;
  // These images are decoration: without them the background shows.
  if (image.matches(".head-banner, .head-emblem, .panel-screenshot, .tile-season")) {
    image.remove();
    return;
  }
  const placeholder = document.createElement("i");
  placeholder.className = "blank";
  image.replaceWith(placeholder);
}
