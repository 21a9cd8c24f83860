// The one registry of keys: it answers them and draws the "?" dialog.
//
// A page offers what it can do with `offer(action, run)`. A single key can be pressed by accident
// or by speech input, so one switch turns them all off (WCAG 2.1.4). No shortcut lifts a hold or
// restores an account: no such action may be added here.
import { announce } from "./announce.js";
import { open } from "./dialogs.js";
import { recall, remember } from "./stored.js";

const SHORTCUTS = [
  { scope: "Queue", keys: ["j"], label: "Next case", action: "queue.next", repeats: true },
  { scope: "Queue", keys: ["k"], label: "Previous case", action: "queue.previous", repeats: true },
  { scope: "Queue", keys: ["Enter"], label: "Open case", action: null }, // the focused link itself
  { scope: "Queue", keys: ["x"], label: "Select case", action: "queue.select" },
  { scope: "Queue", keys: ["s"], label: "Start reviewing", action: "queue.start" },
  { scope: "Queue", keys: ["l"], label: "Take or release lease", action: "queue.lease" },
  { scope: "Queue", keys: ["/"], label: "Find", action: "queue.find" },
  { scope: "Anywhere", keys: ["g", "q"], label: "Go to the queue", action: "go.q" },
  { scope: "Anywhere", keys: ["g", "c"], label: "Go to coverage", action: "go.c" },
  { scope: "Anywhere", keys: ["g", "i"], label: "Go to incidents", action: "go.i" },
  { scope: "Anywhere", keys: ["?"], label: "This list", action: "keys.show" },
  { scope: "Case", keys: ["1"], label: "First outcome", action: "case.outcome-1" },
  { scope: "Case", keys: ["2"], label: "Second outcome", action: "case.outcome-2" },
  { scope: "Case", keys: ["3"], label: "Third outcome", action: "case.outcome-3" },
  { scope: "Case", keys: ["4"], label: "Fourth outcome", action: "case.outcome-4" },
  { scope: "Case", keys: ["b"], label: "Policy or legal basis", action: "case.basis" },
  { scope: "Case", keys: ["r"], label: "Write a reason", action: "case.reason" },
  { scope: "Case", keys: ["n"], label: "Add a note", action: "case.note" },
  { scope: "Case", keys: ["v"], label: "Show or blur media", action: "case.media" },
  { scope: "Case", keys: ["Ctrl", "Enter"], label: "Submit and next", action: "case.submit" },
];

const SEQUENCE_MS = 1200; // How long "g" waits for its second key.

const offers = new Map();
let first = null; // The first key of a sequence, and when it was pressed.

export function offer(action, run) {
  if (!SHORTCUTS.some((shortcut) => shortcut.action === action)) throw new Error(`No key for ${action}`);
  offers.set(action, run);
}

const singleKeysAreOn = () => document.documentElement.dataset.singleKeys !== "off";

// A reviewer may type in another script: then the key's place on the keyboard counts.
function keyOf(event) {
  if (/^[\x20-\x7e]$/.test(event.key)) return event.key.toLowerCase();
  const place = /^(?:Key|Digit)(.)$/.exec(event.code);
  return place ? place[1].toLowerCase() : event.key;
}

const isTyping = (element) =>
  element.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])") !== null;

function find(event) {
  const key = keyOf(event);
  if (event.ctrlKey || event.metaKey) {
    return SHORTCUTS.find(({ keys }) => keys[0] === "Ctrl" && keys[1] === key);
  }
  if (event.altKey || isTyping(event.target) || !singleKeysAreOn()) return undefined;
  if (first && event.timeStamp - first.at < SEQUENCE_MS) {
    const found = SHORTCUTS.find(({ keys }) => keys.length === 2 && keys[0] === first.key && keys[1] === key);
    first = null;
    if (found) return found;
  }
  first = SHORTCUTS.some(({ keys }) => keys.length === 2 && keys[0] === key) ? { key, at: event.timeStamp } : null;
  return SHORTCUTS.find(({ keys }) => keys.length === 1 && keys[0] === key);
}

function answer(event) {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  const shortcut = find(event);
  const run = shortcut && offers.get(shortcut.action);
  if (!run || (event.repeat && !shortcut.repeats)) return;
  event.preventDefault();
  run();
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function caps(keys) {
  const made = keys.map((key) => element("kbd", key.length === 1 ? key.toUpperCase() : key));
  const isSequence = keys.length === 2 && keys[0] !== "Ctrl";
  return isSequence ? [made[0], "then", made[1]] : made;
}

// Places the reader may not go are left out; the two working pages are always explained.
function draw(list) {
  for (const scope of new Set(SHORTCUTS.map((shortcut) => shortcut.scope))) {
    const known = SHORTCUTS.filter((shortcut) => shortcut.scope === scope)
      .filter((shortcut) => scope !== "Anywhere" || offers.has(shortcut.action));
    const terms = known.flatMap(({ label, keys }) => [
      element("dt", label),
      element("dd", ...caps(keys)),
    ]);
    list.append(element("section", element("h3", scope), element("dl", ...terms)));
  }
}

function connectSwitch(box) {
  box.checked = recall("single-keys") !== "off";
  box.addEventListener("change", () => {
    if (box.checked) delete document.documentElement.dataset.singleKeys;
    else document.documentElement.dataset.singleKeys = "off";
    remember("single-keys", box.checked ? "" : "off");
    announce(box.checked ? "Single keys are on." : "Single keys are off. Ctrl with Enter still submits.");
  });
}

export function start() {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  offer("keys.show", () => open("keys"));
  for (const link of document.querySelectorAll("[data-go]")) {
    offer(`go.${link.dataset.go}`, () => link.click());
  }
  draw(dialog.querySelector("[data-keys-list]"));
  connectSwitch(dialog.querySelector("[data-single-keys]"));
  document.addEventListener("keydown", answer);
}
