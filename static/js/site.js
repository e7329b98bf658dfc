// Everything here only smooths what works without it: links stay links, forms stay forms.
import { tick } from "./age.js";
import { watchForms } from "./forms.js";
import { watchKeys } from "./keys.js";
import { watchTiles } from "./panel.js";
import { watchPictures } from "./pictures.js";

watchForms();
watchTiles();
watchKeys();
watchPictures();
tick();
