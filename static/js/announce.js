// The one polite live region of the page.

const PAUSE_MS = 80; // Long enough for a reader to notice that the same words came again.

export function announce(text) {
  const region = document.getElementById("live");
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, PAUSE_MS);
}

export function start() {
  // A response may say something with the header HX-Trigger: {"announce": "3 leases taken"}.
  document.addEventListener("announce", (event) => announce(event.detail.value));
}
