// The queue by keyboard. The cursor is the real focus: it sits on a case's link, and the row shows it.
// The table may be swapped by htmx at any time, so it is looked up when something happens.
import { announce } from "./announce.js";
import { offer } from "./shortcuts.js";

const rows = () => [...document.querySelectorAll("table[data-queue] tr[data-case]")];
const cursor = () => document.querySelector("table[data-queue] tr.cursor");

function move(step) {
  const all = rows();
  const at = all.indexOf(cursor());
  const next = all[at < 0 ? 0 : at + step];
  if (!next) {
    announce(step > 0 ? "Last case on this page." : "First case on this page.");
    return;
  }
  next.querySelector("a.name").focus();
  next.scrollIntoView({ block: "nearest" });
}

function followFocus(event) {
  const row = event.target.closest("table[data-queue] tr[data-case]");
  if (!row) return;
  cursor()?.classList.remove("cursor");
  row.classList.add("cursor");
}

// The bar at the foot says how many are selected; its buttons show only when they can act.
function countSelection() {
  const chosen = document.querySelectorAll("table[data-queue] input[name=case]:checked").length;
  const count = document.querySelector("[data-selection-count]");
  if (!count) return;
  count.textContent = chosen ? `${chosen} selected` : "None selected";
  for (const act of document.querySelectorAll("[data-selection-act]")) act.hidden = !chosen;
}

export function start() {
  if (!document.getElementById("queue")) return;
  countSelection();
  document.addEventListener("focusin", followFocus);
  document.addEventListener("change", countSelection);
  document.addEventListener("htmx:afterSettle", countSelection);

  offer("queue.next", () => move(1));
  offer("queue.previous", () => move(-1));
  offer("queue.select", () => cursor()?.querySelector("input[name=case]")?.click());
  offer("queue.start", () => document.querySelector("[data-start]")?.click());
  offer("queue.lease", () => cursor()?.querySelector("[data-lease]")?.click());
  offer("queue.find", () => {
    const find = document.querySelector("[data-find]");
    find?.closest("details")?.setAttribute("open", "");
    find?.focus();
  });
}
