/** Ways to move an item without its panel: drag and drop, double click, keys. */
import { findBoard } from "./dom.js";
import { watchDoubleClick } from "./double-click.js";
import { watchDrag } from "./drag.js";
import { watchMoveKeys } from "./move-keys.js";

export function watchGestures() {
  if (!findBoard()) return;
  watchDrag(); // The click at the end of a drag is no click for the double click.
  watchDoubleClick();
  watchMoveKeys();
}
