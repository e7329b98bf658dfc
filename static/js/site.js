// The pages work without these scripts: links stay links, forms stay forms.
import { watchAge } from "./age.js";
import { watchFolds } from "./folds.js";
import { watchForms } from "./forms.js";
import { watchGestures } from "./gestures.js";
import { watchGridKeys } from "./grid-keys.js";
import { watchHoverCard } from "./hover-card.js";
import { watchJumpBar } from "./jump.js";
import { watchLinks } from "./links.js";
import { watchNotices } from "./notices.js";
import { watchPanel } from "./panel.js";
import { watchPictures } from "./pictures.js";
import { watchGame } from "./refresh.js";
import { watchShortcuts } from "./shortcuts.js";
import { watchTabs } from "./tabs.js";

// Escape closes one thing at a time: the first of these modules that has something open.
watchGestures();
watchHoverCard();
watchFolds();
watchNotices();
watchPanel();
// A click on a tile is taken before a click on a link.
watchJumpBar();
watchLinks();
watchForms();
watchTabs();
watchGridKeys();
watchShortcuts();
watchPictures();
watchAge();
watchGame();
