// Sets theme and language before the first paint, so that neither flickers.
(() => {
  "use strict";
  const root = document.documentElement;
  let choice = "system";
  try {
    choice = localStorage.getItem("theme") || "system";
  } catch {
    // no storage: the system decides
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  root.lang = navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
})();
