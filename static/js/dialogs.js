// Opens and closes <dialog> elements named by data-opens and data-closes.

export function open(id) {
  document.getElementById(id)?.showModal();
}

export function start() {
  for (const opener of document.querySelectorAll("[data-opens][hidden]")) opener.hidden = false;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) open(opener.dataset.opens);
    event.target.closest("[data-closes]")?.closest("dialog").close();
  });
}
