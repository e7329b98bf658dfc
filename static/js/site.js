// The pages work without these scripts: links stay links, forms stay forms.
import { watchAge } from "./age.js";
import { watchForms } from "./forms.js";
import { watchKeys } from "./keys.js";
import { watchTiles } from "./panel.js";
import { watchPictures } from "./pictures.js";

watchForms();
watchTiles();
watchKeys();
watchPictures();
watchAge();
