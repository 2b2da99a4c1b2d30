// Sets theme and language before the first paint, so that neither flickers.
(() => {
  "use strict";
  const root = document.documentElement;
  let choice = "system";
  let language = navigator.language;
  try {
    choice = localStorage.getItem("theme") || "system";
    language = localStorage.getItem("language") || language;
  } catch {
    // no storage: the system decides
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  root.lang = language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
})();
