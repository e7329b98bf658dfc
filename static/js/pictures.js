// @ts-check
/** A picture that does not come is drawn: browsers would show a torn page. */

export function watchPictures() {
  document.addEventListener("error", (event) => replace(event.target), { capture: true });
  // Those that failed before this module came.
  for (const image of document.images) {
    if (image.complete && image.currentSrc && !image.naturalWidth) replace(image);
  }
}

/** @param {EventTarget | null} image */
function replace(image) {
  if (!(image instanceof HTMLImageElement)) return;
  if (image.matches(".banner, .shot, .emblem")) {
    image.remove();
    return;
  }
  const blank = document.createElement("i");
  blank.className = "blank";
  image.replaceWith(blank);
}
