// The page's language: the browser's, or the one chosen here. What is typed survives the switch, which loads the page anew.

import { $ } from "./dom.js";
import { T } from "./i18n.js";

const DRAFT = "draft";

/** Add the switch's event handler, and put back what was typed before the page was loaded anew. */
export function install() {
  const switcher = $("language");
  switcher.lang = T.otherLanguage;
  switcher.addEventListener("click", () => {
    try {
      localStorage.setItem("language", T.otherLanguage);
      sessionStorage.setItem(DRAFT, $("question").value);
    } catch {
      return; // no storage: the browser's language stays
    }
    location.reload();
  });
  try {
    $("question").value = sessionStorage.getItem(DRAFT) ?? "";
    sessionStorage.removeItem(DRAFT);
  } catch {
    // no storage: nothing was kept
  }
}
