// The scope of questions: all documents, or those that were chosen.

import { $, button, el, iconButton } from "./dom.js";
import { modal } from "./dialogs.js";
import { T } from "./i18n.js";
import { openSource } from "./source.js";

export const asSource = (item) => ({ document: item.name, document_id: item.id, title: item.title, section: "", spans: [] });

export class Scope {
  constructor() {
    this.documents = [];
    this.ids = null;
    $("scope").addEventListener("click", () => this.dialog());
    this.show();
  }

  /** Set the library's documents; deleted ones are dropped from the choice. */
  setDocuments(documents) {
    this.documents = documents;
    if (this.ids) this.choose([...this.ids].filter((id) => documents.some((item) => item.id === id)));
    this.show();
  }

  /** Return the chosen ids, null for all. */
  chosen() {
    return this.ids === null ? null : [...this.ids];
  }

  choose(ids) {
    const some = ids !== null && ids.length > 0 && ids.length < this.documents.length;
    this.ids = some ? new Set(ids) : null;
    this.show();
  }

  show() {
    $("scope-text").textContent = this.ids === null ? T.allDocuments : T.someDocuments(this.ids.size);
    $("scope").classList.toggle("some", this.ids !== null);
    $("scope").hidden = this.documents.length < 2;
  }

  async dialog() {
    const all = el("input", { attrs: { type: "checkbox" } });
    const find = el("input", { class: "line", attrs: { type: "search", placeholder: T.scopeFind, "aria-label": T.scopeFind } });
    const list = el("ul", { class: "choices", attrs: { tabindex: "-1" } });
    const none = el("p", { class: "soft", text: T.scopeNone });
    let read = null;
    const rows = this.documents.map((item) => {
      const box = el("input", { attrs: { type: "checkbox", value: item.id } });
      box.checked = this.ids === null || this.ids.has(item.id);
      const names = el("span", { class: "names" }, el("span", { class: "name", content: item.title }), el("span", { class: "section", text: `${item.name} · ${T.characters(item.chars)}` }));
      const reader = iconButton("quote", T.scopeRead(item.title), () => {
        read = item;
        list.closest("dialog").close();
      });
      return { item, box, row: el("li", {}, el("label", {}, box, names), reader) };
    });
    list.append(...rows.map(({ row }) => row));
    const count = () => {
      const checked = rows.filter(({ box }) => box.checked).length;
      all.checked = checked === rows.length;
      all.indeterminate = checked > 0 && checked < rows.length;
    };
    all.addEventListener("change", () => rows.forEach(({ box }) => (box.checked = all.checked)));
    list.addEventListener("change", count);
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      for (const { item, row } of rows) row.hidden = !`${item.title}\n${item.name}`.toLowerCase().includes(wanted);
      none.hidden = rows.some(({ row }) => !row.hidden);
    });
    none.hidden = true;
    count();
    const every = el("label", { class: "every" }, all, el("span", { text: T.scopeAll }));
    const result = () => rows.filter(({ box }) => box.checked).map(({ item }) => item.id);
    const chosen = await modal(T.scopeTitle, [find, every, list, none], { agree: T.done, result, wide: true });
    if (read) openSource([asSource(read)], 0, $("scope"));
    else if (chosen) this.choose(chosen);
  }
}

/** Return a list of documents; each opens its text. */
export function shelf(documents) {
  const list = el("ul", { class: "shelf" });
  for (const item of documents) {
    const open = button({}, () => openSource([asSource(item)], 0, open));
    open.append(el("span", { class: "name", content: item.title }), el("span", { class: "section", text: T.characters(item.chars) }));
    list.append(el("li", {}, open));
  }
  return list;
}
