// What only the till needs.

import { startScanner } from "./camera.js";
import { startLikes } from "./likes.js";
import { startSounds } from "./sounds.js";
import { startWake } from "./wake.js";

startScanner();
startLikes();
startSounds();
startWake();
