// Light or dark theme: the system's, or the one chosen here.

import { $, drawn } from "./dom.js";
import { T } from "./i18n.js";

const CHOICES = ["system", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");

function stored() {
  try {
    const choice = localStorage.getItem("theme");
    return CHOICES.includes(choice) ? choice : "system";
  } catch {
    return "system";
  }
}

function show(choice) {
  const theme = choice === "system" ? (system.matches ? "dark" : "light") : choice;
  document.documentElement.dataset.theme = theme;
  document.querySelector('meta[name="theme-color"]').content = theme === "dark" ? "#171614" : "#f7f5f0";
  const switcher = $("theme");
  switcher.replaceChildren(drawn(choice));
  switcher.setAttribute("aria-label", T.themes[choice]);
  switcher.title = T.themes[choice];
}

/** Add the switch's event handlers. */
export function install() {
  let choice = stored();
  show(choice);
  system.addEventListener("change", () => show(choice));
  $("theme").addEventListener("click", () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
    try {
      localStorage.setItem("theme", choice);
    } catch {
      // no storage: the choice is forgotten with the page
    }
    show(choice);
  });
}
