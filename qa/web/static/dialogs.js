// Dialogs: a menu, a text prompt, a confirmation, the prompt for an API key, and short notices.

import { $, announce, button, drawn, el } from "./dom.js";
import { T } from "./i18n.js";

let dialogs = 0;

/** Show a modal dialog; resolves to `result()` when it is confirmed, else null. */
export function modal(title, content, { agree = T.save, danger = false, result = () => true, cancel = true, wide = false } = {}) {
  const opener = document.activeElement;
  dialogs += 1;
  const id = `dialog-title-${dialogs}`; // one may stand over another
  const heading = el("h2", { text: title, attrs: { id } });
  const yes = el("button", { class: danger ? "primary danger" : "primary", text: agree, attrs: { type: "submit" } });
  const no = cancel ? button({ class: "plain", text: T.cancel }, () => dialog.close()) : null;
  const form = el("form", { class: "dialog-form" }, heading, ...content, el("div", { class: "dialog-buttons" }, no, yes));
  const dialog = el("dialog", { class: wide ? "dialog wide" : "dialog", attrs: { "aria-labelledby": id } }, form);
  return new Promise((resolve) => {
    let outcome = null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      outcome = result();
      if (outcome !== null) dialog.close();
    });
    let pressed = null; // text that is marked may end outside
    dialog.addEventListener("pointerdown", (event) => {
      pressed = event.target;
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && pressed === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      successor(opener)?.focus();
      resolve(outcome);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Return an element, or the one that was drawn anew in its place while a dialog stood over it. */
function successor(node) {
  if (!node || node.isConnected) return node;
  return node.dataset.act ? document.querySelector(`[data-act="${CSS.escape(node.dataset.act)}"]`) : null;
}

/** Ask for a line of text; null when cancelled. `check(text)` returns what is wrong with it, or nothing. */
export function askForText(title, label, value, check = () => "") {
  const input = el("input", { class: "line", attrs: { maxlength: "200", autocomplete: "off", "aria-label": label } });
  input.value = value;
  queueMicrotask(() => input.select());
  const complaint = el("p", { class: "complaint", attrs: { role: "alert" } });
  const result = () => {
    complaint.textContent = check(input.value.trim());
    return complaint.textContent ? null : input.value.trim() || null;
  };
  return modal(title, [input, complaint], { result });
}

/** Ask to confirm an action that can't be undone. */
export const confirm = (text, agree) => modal(text, [], { agree, danger: true });

/** Ask for the service's key. `wrong`: the last one was refused. */
export function askForKey(wrong) {
  const input = el("input", {
    class: "line",
    attrs: { type: "password", autocomplete: "off", spellcheck: "false", "aria-label": T.keyLabel, placeholder: T.keyLabel },
  });
  const complaint = el("p", { class: "complaint", text: wrong ? T.keyWrong : "", attrs: { role: "alert" } });
  const result = () => {
    const value = input.value.trim();
    if (/^[\x21-\x7e]+$/.test(value)) return value;
    complaint.textContent = T.keyWrong;
    return null;
  };
  return modal(T.keyTitle, [el("p", { text: T.keyText }), input, complaint], { agree: T.keyUse, result });
}

/** Show a menu at `anchor`: items are {icon, text, act, danger?}. */
export function menu(anchor, items) {
  const list = el("div", { class: "menu", attrs: { role: "menu" } });
  const entries = items.map((item) =>
    button({ class: item.danger ? "danger" : "", attrs: { role: "menuitem", tabindex: "-1" } }, () => {
      close(true);
      item.act();
    }, drawn(item.icon), el("span", { text: item.text })),
  );
  list.append(...entries);
  const close = (refocus) => {
    removeEventListener("pointerdown", outside, true);
    list.remove();
    anchor.setAttribute("aria-expanded", "false");
    if (refocus) anchor.focus();
  };
  const outside = (event) => {
    if (!list.contains(event.target)) close(false);
  };
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || event.key === "Tab") close(true);
    else if (event.key in steps) {
      const next = entries.indexOf(document.activeElement) + steps[event.key];
      entries[(next + entries.length) % entries.length].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  (anchor.closest("nav, main, aside") ?? document.body).append(list);
  anchor.setAttribute("aria-expanded", "true");
  const at = anchor.getBoundingClientRect();
  const top = at.bottom + list.offsetHeight + 8 < innerHeight ? at.bottom + 4 : at.top - list.offsetHeight - 4;
  list.style.setProperty("top", `${Math.round(top)}px`);
  list.style.setProperty("left", `${Math.round(Math.max(8, Math.min(at.right - list.offsetWidth, innerWidth - list.offsetWidth - 8)))}px`);
  entries[0].focus();
  addEventListener("pointerdown", outside, true);
}

/** Show a short notice at the bottom of the page. */
export function toast(text) {
  document.querySelector(".toast")?.remove();
  const note = el("p", { class: "toast", text });
  $("main").append(note); // inside a landmark
  announce(text);
  setTimeout(() => note.remove(), 4000);
}
