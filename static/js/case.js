// The case page by keyboard. The form is looked up when a key is pressed: htmx may have swapped it.
// An outcome marked data-by-hand (it lifts a hold or restores) is chosen and sent by hand only.
import { announce } from "./announce.js";
import { offer } from "./shortcuts.js";

const BY_HAND = "This outcome has no shortcut. Choose and send it by hand.";

const form = () => document.querySelector("form[data-decision]");

function focus(selector) {
  document.querySelector(selector)?.focus();
}

function choose(place) {
  const outcome = form()?.querySelectorAll("input[name=outcome]")[place - 1];
  if (!outcome || outcome.disabled) return;
  if (outcome.hasAttribute("data-by-hand")) {
    announce(BY_HAND);
    return;
  }
  outcome.click();
  outcome.focus();
}

function submit() {
  const decision = form();
  if (!decision) return;
  if (decision.querySelector("input[name=outcome]:checked")?.hasAttribute("data-by-hand")) {
    announce(BY_HAND);
    return;
  }
  decision.requestSubmit();
}

function toggleMedia(button, shown) {
  button.setAttribute("aria-pressed", String(shown));
  button.querySelector("[data-media-word]").textContent = shown ? "Blur" : "Show";
}

// One key answers for all media of the page: either everything is shown, or nothing is.
function toggleAllMedia() {
  const all = [...document.querySelectorAll("button[data-media]")];
  const shown = !all.some((button) => button.getAttribute("aria-pressed") === "true");
  for (const button of all) toggleMedia(button, shown);
  if (all.length) announce(shown ? "Media shown." : "Media blurred.");
}

// A refused outcome stays in reach, and says its reason instead of being chosen.
function refuse(event) {
  const reason = document.getElementById(event.target.getAttribute("aria-describedby"));
  event.preventDefault();
  announce(reason?.textContent.trim() ?? BY_HAND);
}

export function start() {
  document.addEventListener("click", (event) => {
    if (event.target.matches("input[name=outcome][aria-disabled=true]")) refuse(event);
    const button = event.target.closest("button[data-media]");
    if (button) toggleMedia(button, button.getAttribute("aria-pressed") !== "true");
  });
  if (!document.querySelector("[data-case-page]")) return;
  for (const place of [1, 2, 3, 4]) offer(`case.outcome-${place}`, () => choose(place));
  offer("case.basis", () => focus("form[data-decision] [name=basis]"));
  offer("case.reason", () => focus("form[data-decision] [name=reason]"));
  offer("case.note", () => focus("[data-note]"));
  offer("case.media", toggleAllMedia);
  offer("case.submit", submit);
}
