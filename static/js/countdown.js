// Keeps "18 min left" true while the page stays open, and warns once when a lease is about to end.
import { announce } from "./announce.js";

const EVERY_MS = 10_000;
const WARN_AT_SECONDS = 120;

const warned = new WeakSet();

function show(element) {
  const left = Math.floor((Date.parse(element.dateTime) - Date.now()) / 1000);
  if (left <= 0) element.textContent = "ended";
  else if (left < 60) element.textContent = "under 1 min left";
  else if (left < 3600) element.textContent = `${Math.floor(left / 60)} min left`;
  if (left < WARN_AT_SECONDS && !warned.has(element) && element.dataset.countdown) {
    warned.add(element);
    announce(element.dataset.countdown);
  }
}

export function start() {
  const all = () => document.querySelectorAll("time[data-countdown]");
  setInterval(() => {
    for (const element of all()) show(element);
  }, EVERY_MS);
}
