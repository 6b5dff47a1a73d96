// Before the first paint, so that a chosen theme never flashes the other one. A file, for the policy allows no inline code.
{
  const theme = localStorage.getItem("penstock.theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
    // What the browser paints before the styles have come follows this alone.
    document.querySelector("meta[name=color-scheme]").content = theme;
  }
}
