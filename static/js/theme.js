// Auto, light or dark. The colours themselves follow color-scheme in tokens.css.
import { recall, remember } from "./stored.js";

const root = document.documentElement;

function show(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  for (const button of document.querySelectorAll("[data-set-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme));
  }
}

export function start() {
  for (const group of document.querySelectorAll("[data-themes]")) group.hidden = false;
  show(recall("theme"));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set-theme]");
    if (!button) return;
    remember("theme", button.dataset.setTheme);
    show(button.dataset.setTheme);
  });
}
