// An expired session answers htmx with HX-Redirect. Following it at once would throw away what was
// typed, so a page with unsent text stops and says so. The text itself is never stored.

const hasUnsentText = () =>
  [...document.querySelectorAll("textarea, input[type=text], input:not([type])")].some(
    (input) => !input.readOnly && input.value !== input.defaultValue,
  );

export function start() {
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const target = event.detail.xhr.getResponseHeader("HX-Redirect");
    const dialog = document.getElementById("session-ended");
    if (event.detail.xhr.status !== 401 || !target || !dialog || !hasUnsentText()) return;
    event.preventDefault();
    dialog.querySelector("[data-sign-in]").href = target;
    if (!dialog.open) dialog.showModal();
  });
}
