// Runs before the first paint, so that a chosen theme does not flash in the other one.
(function () {
  try {
    var chosen = localStorage.getItem("countersign.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // No storage: the system's theme it is.
  }
})();
