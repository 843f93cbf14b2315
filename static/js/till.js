// What only the till needs.

import { startScanner } from "./camera.js";

startScanner();
