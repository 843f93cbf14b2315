// Small behaviour for pages that work without it.
document.documentElement.dataset.js = "on";

import { startAmounts } from "./amount.js";
import { startPads } from "./pinpad.js";
import { startRetry } from "./retry.js";
import { startWedge } from "./wedge.js";
import { startClocks } from "./clocks.js";
import { startFocus } from "./focus.js";
import { startFills } from "./fills.js";
import { startPreview } from "./preview.js";

startAmounts();
startPads();
startRetry();
startWedge();
startClocks();
startFocus();
startFills();
startPreview();
