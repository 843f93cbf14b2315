// The camera of the idle screen. It is asked for once in the life of a page and kept; while another screen stands
// there, its track is off.

import { preference } from "./preferences.js";
import { scanned } from "./scanned.js";

const PAUSE = 80;
const GONE = 1200;
const STILL_THERE = 8000;
const video = document.createElement("video");
let stream = null;
let detector = null;
let state = "";
let timer = 0;
let last = { code: "", seen: 0, since: 0 };

const slot = () => document.querySelector("[data-camera]");

function show(next = state) {
  state = next;
  const place = slot();
  if (place) place.dataset.camera = state;
}

// The browser's own reader where it has one, else the vendored reader, which is fetched only then.
async function reader() {
  if ("BarcodeDetector" in globalThis) {
    const known = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (known.includes("qr_code")) return new BarcodeDetector({ formats: ["qr_code"] });
  }
  const vendored = await import("../vendor/barcode-detector/ponyfill.js");
  const wasm = new URL("../vendor/zxing-wasm/zxing_reader.wasm", import.meta.url).href;
  vendored.prepareZXingModule({ overrides: { locateFile: () => wasm } });
  return new vendored.BarcodeDetector({ formats: ["qr_code"] });
}

function wanted(camera) {
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  return { video: camera ? { ...size, deviceId: { exact: camera } } : { ...size, facingMode: "user" } };
}

async function ask() {
  const camera = preference("camera");
  try {
    return await navigator.mediaDevices.getUserMedia(wanted(camera));
  } catch (error) {
    // The camera that was chosen may be unplugged: any other will do.
    if (!camera || error.name === "NotAllowedError") throw error;
    return navigator.mediaDevices.getUserMedia(wanted(""));
  }
}

// Answers which camera is on, once it is.
export async function startCamera() {
  if (stream || state === "asking") return;
  if (!navigator.mediaDevices?.getUserMedia) return show("none");
  show("asking");
  try {
    stream = await ask();
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => restart(track));
    video.srcObject = stream;
    mirror(track);
    detector ??= await reader();
    show("on");
    settle();
  } catch (error) {
    stop();
    show(["NotAllowedError", "SecurityError"].includes(error.name) ? "refused" : error.name === "NotFoundError" ? "none" : "failed");
  }
}

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  video.srcObject = null;
}

// A camera that was unplugged or taken by another program is asked for again, once; then it waits for a tap.
function restart(track) {
  if (stream?.getVideoTracks()[0] !== track) return;
  stop();
  show("");
  startCamera();
}

// Customers see themselves as in a mirror, unless the camera looks away from the counter.
function mirror(track) {
  const chosen = preference("mirror");
  const away = track.getSettings().facingMode === "environment";
  video.classList.toggle("is-mirrored", chosen === "auto" ? !away : chosen === "on");
}

// After each swap: the picture moves to the screen that has a place for it, or the track rests.
function settle() {
  clearTimeout(timer);
  const place = slot();
  if (place) show();
  for (const track of stream?.getVideoTracks() ?? []) track.enabled = Boolean(place);
  if (!place || !stream) return;
  if (video.parentElement !== place) place.prepend(video);
  video.play().catch(() => {});
  last.since = last.seen = performance.now();
  timer = setTimeout(look, PAUSE);
}

async function look() {
  if (!slot()?.contains(video) || !stream) return;
  if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !document.hidden) {
    try {
      const [found] = await detector.detect(video);
      notice(found?.rawValue ?? "");
    } catch {
      // A frame that couldn't be read: the next one comes in a moment.
    }
  }
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
}

// A code that stays before the camera is read once, and again when it went away or is still there after a while.
function notice(code) {
  const now = performance.now();
  if (last.code && (now - last.seen > GONE || now - last.since > STILL_THERE)) last.code = "";
  if (!code) return;
  if (code === last.code) {
    last.seen = now;
    return;
  }
  if (!slot()) return;
  last = { code, seen: now, since: now };
  scanned(code);
}

export async function cameras() {
  const found = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return found.filter((device) => device.kind === "videoinput" && device.deviceId);
}

export function startScanner() {
  video.muted = true;
  video.playsInline = true;
  video.setAttribute("aria-hidden", "true");
  document.addEventListener("htmx:after:swap", () => {
    settle();
    if (slot() && !state) startCamera();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-camera-start]")) startCamera();
  });
  document.addEventListener("till:preference", (event) => {
    if (event.detail.name === "camera" && stream) {
      stop();
      show("");
      startCamera();
    }
    if (event.detail.name === "mirror" && stream) mirror(stream.getVideoTracks()[0]);
  });
  if (slot()) startCamera();
}
