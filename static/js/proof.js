// Solves the ALTCHA challenge of the form, so that nobody has to do the sum.
// Without this file the sum is asked. Nothing is fetched: challenge and answer are in the page.
const form = document.querySelector("form[data-challenge]");
const challenge = JSON.parse(form.dataset.challenge);
const encoder = new TextEncoder();

async function hashed(number) {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(challenge.salt + number));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function solve() {
  const step = 256;
  for (let start = 0; start <= challenge.maxnumber; start += step) {
    const numbers = Array.from({ length: step }, (_, offset) => start + offset);
    const hashes = await Promise.all(numbers.map(hashed));
    const found = hashes.indexOf(challenge.challenge);
    if (found >= 0) return numbers[found];
  }
  return null;
}

// `crypto.subtle` is missing outside a secure context: the sum stays.
if (globalThis.crypto?.subtle) {
  const number = await solve();
  if (number !== null) {
    const { algorithm, challenge: hash, salt, signature } = challenge;
    form.elements.proof.value = btoa(JSON.stringify({ algorithm, challenge: hash, number, salt, signature }));
    // Nobody loses the field they are in.
    const answer = form.elements.answer;
    form.querySelector("[data-question]").hidden = !answer.value && answer !== document.activeElement;
  }
}
