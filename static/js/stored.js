// A reader's own choices, kept in this browser. Never anything about a case.

export function recall(name) {
  try {
    return localStorage.getItem(`holdfast.${name}`) ?? "";
  } catch {
    return "";
  }
}

export function remember(name, value) {
  try {
    if (value) localStorage.setItem(`holdfast.${name}`, value);
    else localStorage.removeItem(`holdfast.${name}`);
  } catch {
    // Storage may be closed to us. The choice then lasts for this page.
  }
}
