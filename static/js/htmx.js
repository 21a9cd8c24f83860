// What htmx leaves to the page: a failure must be seen, and what was typed must stay.
// The settings themselves are in the htmx-config meta element.
import { announce } from "./announce.js";

function say(text) {
  announce(text);
  const box = document.getElementById("failed")?.content.cloneNode(true);
  if (!box) return;
  box.querySelector("strong").textContent = text;
  document.getElementById("notice").replaceChildren(box);
}

export function start() {
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status === 404) say("This is no longer there, or no longer open to you. Nothing was saved.");
    else if (status === 429) say("Too many attempts. Wait a few minutes, then try again. Nothing was saved.");
    else say(`The server could not do this (error ${status}). Check the page before you send it again.`);
  });
  document.addEventListener("htmx:sendError", () => say("The server cannot be reached. What you typed is still here."));
  document.addEventListener("htmx:timeout", () => say("The server did not answer in time. Check the page before you send it again."));
}
