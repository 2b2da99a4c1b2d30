// Tooltip with the quote of a citation, while its chip is hovered or focused. Escape hides it; it can be hovered itself.

import { $, el } from "./dom.js";
import { pagesOf, quote } from "./quotation.js";

const SHOW_MS = 120;
const HIDE_MS = 180;
let timer = 0;
let shown = null;

/** Show `citation` while `chip` is hovered or focused. */
export function attach(chip, citation) {
  chip.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") later(() => show(chip, citation), SHOW_MS);
  });
  chip.addEventListener("pointerleave", () => later(hide, HIDE_MS));
  chip.addEventListener("focus", () => {
    if (chip.matches(":focus-visible")) later(() => show(chip, citation), 0);
  });
  chip.addEventListener("blur", hide);
}

function later(action, wait) {
  clearTimeout(timer);
  timer = setTimeout(action, wait);
}

/** Hide the quote; return whether one was shown. */
export function hide() {
  clearTimeout(timer);
  const was = shown !== null;
  shown?.removeAttribute("aria-describedby");
  shown = null;
  $("preview").hidden = true;
  return was;
}

function show(chip, citation) {
  hide();
  if (!chip.isConnected) return;
  shown = chip;
  const box = $("preview");
  const place = [[citation.title || citation.document, citation.section].filter(Boolean).join(" › "), pagesOf(citation)].filter(Boolean).join(" · ");
  const quoted = el("div", { class: "preview-quote" });
  quote(quoted, citation);
  box.replaceChildren(quoted, el("p", { class: "preview-place", content: place }));
  box.hidden = false;
  chip.setAttribute("aria-describedby", "preview");
  const at = chip.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const left = Math.max(12, Math.min(at.left + at.width / 2 - box.offsetWidth / 2, width - box.offsetWidth - 12));
  const below = at.bottom + 8;
  const fits = below + box.offsetHeight < innerHeight - 8;
  box.style.setProperty("left", `${Math.round(left)}px`);
  box.style.setProperty("top", `${Math.round(fits ? below : Math.max(8, at.top - box.offsetHeight - 8))}px`);
}

/** Keep the quote while it is hovered. */
export function install() {
  $("preview").addEventListener("pointerenter", () => clearTimeout(timer));
  $("preview").addEventListener("pointerleave", () => later(hide, HIDE_MS));
  $("scroll").addEventListener("scroll", hide, { passive: true });
}
