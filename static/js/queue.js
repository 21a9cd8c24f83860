// The queue by keyboard. The cursor is the real focus: it sits on a case's link, and the row shows it.
// Rows may be swapped by htmx at any time, so they are looked up when a key is pressed.
import { announce } from "./announce.js";
import { offer } from "./shortcuts.js";

const rows = (table) => [...table.querySelectorAll("tr[data-case]")];
const cursor = (table) => table.querySelector("tr.cursor");

function move(table, step) {
  const all = rows(table);
  const at = all.indexOf(cursor(table));
  const next = all[at < 0 ? 0 : at + step];
  if (!next) {
    announce(step > 0 ? "Last case on this page." : "First case on this page.");
    return;
  }
  next.querySelector("a.name").focus();
  next.scrollIntoView({ block: "nearest" });
}

function followFocus(table) {
  table.addEventListener("focusin", (event) => {
    const row = event.target.closest("tr[data-case]");
    if (!row) return;
    cursor(table)?.classList.remove("cursor");
    row.classList.add("cursor");
  });
}

// The bar at the foot says how many are selected; its buttons show only when they can act.
function countSelection(table) {
  const chosen = table.querySelectorAll("input[name=case]:checked").length;
  const count = document.querySelector("[data-selection-count]");
  if (!count) return;
  count.textContent = chosen ? `${chosen} selected` : "None selected";
  for (const act of document.querySelectorAll("[data-selection-act]")) act.hidden = !chosen;
}

export function start() {
  const table = document.querySelector("table[data-queue]");
  if (!table) return;
  followFocus(table);
  countSelection(table);
  table.addEventListener("change", () => countSelection(table));
  document.addEventListener("htmx:afterSettle", () => countSelection(table));

  offer("queue.next", () => move(table, 1));
  offer("queue.previous", () => move(table, -1));
  offer("queue.select", () => cursor(table)?.querySelector("input[name=case]")?.click());
  offer("queue.start", () => document.querySelector("[data-start]")?.click());
  offer("queue.lease", () => cursor(table)?.querySelector("[data-lease]")?.click());
  offer("queue.find", () => {
    const find = document.querySelector("[data-find]");
    find?.closest("details")?.setAttribute("open", "");
    find?.focus();
  });
}
