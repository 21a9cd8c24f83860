// Runs before the first paint, so that a chosen theme never flashes the other one.
// A classic script on purpose: modules wait until the page has been read.
(function () {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("holdfast.theme");
    if (theme) root.dataset.theme = theme;
    if (localStorage.getItem("holdfast.single-keys") === "off") root.dataset.singleKeys = "off";
  } catch {
    // Storage may be closed to us. The page then follows the system.
  }
})();
