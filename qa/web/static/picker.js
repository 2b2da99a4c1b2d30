// Boxes to tick: documents with a filter and a box for all of them, and the collections that a document or a question is in.

import { el } from "./dom.js";
import { T } from "./i18n.js";

/** Return a row with a box; `about` is a line below its name. */
export function boxOf(value, name, about, checked) {
  const box = el("input", { attrs: { type: "checkbox", value } });
  box.checked = checked;
  const names = el("span", { class: "names" }, el("span", { class: "name", content: name }), about ? el("span", { class: "section", text: about }) : null);
  return { box, label: el("label", {}, box, names) };
}

/** Return a list of documents to tick, as {parts, chosen(), fit(documents)}: its elements, the ticked documents that are shown,
 * and what shows some documents alone. `about(item)` is the line below a title, `beside(item)` what stands at a row's end. */
export function picker(documents, { isChecked, about, all = T.scopeAll, beside = () => null, isFixed = () => false }) {
  const every = el("input", { attrs: { type: "checkbox" } });
  const find = el("input", { class: "line", attrs: { type: "search", placeholder: T.scopeFind, "aria-label": T.scopeFind } });
  const list = el("ul", { class: "choices", attrs: { tabindex: "-1" } });
  const none = el("p", { class: "soft", text: T.scopeNone });
  const rows = documents.map((item) => {
    const { box, label } = boxOf(item.id, item.title, about(item), isChecked(item));
    box.disabled = isFixed(item);
    return { item, box, fits: true, row: el("li", {}, label, beside(item)) };
  });
  const fitting = () => rows.filter(({ fits }) => fits);
  const count = () => {
    const ticked = fitting().filter(({ box }) => box.checked).length;
    every.checked = ticked > 0 && ticked === fitting().length;
    every.indeterminate = ticked > 0 && ticked < fitting().length;
  };
  const show = () => {
    const wanted = find.value.trim().toLowerCase();
    for (const { item, row, fits } of rows) row.hidden = !fits || !`${item.title}\n${item.name}`.toLowerCase().includes(wanted);
    none.hidden = rows.some(({ row }) => !row.hidden);
    count();
  };
  list.append(...rows.map(({ row }) => row));
  every.addEventListener("change", () => {
    for (const { box } of fitting()) if (!box.disabled) box.checked = every.checked;
    count();
  });
  list.addEventListener("change", count);
  find.addEventListener("input", show);
  show();
  return {
    parts: [find, el("label", { class: "every" }, every, el("span", { text: all })), list, none],
    chosen: () => fitting().filter(({ box }) => box.checked).map(({ item }) => item),
    fit: (some) => {
      const ids = new Set(some.map((item) => item.id));
      for (const each of rows) each.fits = ids.has(each.item.id);
      show();
    },
  };
}

/** Return boxes for collections, as {node, chosen()}: the ids that are ticked. */
export function collectionBoxes(collections, isChecked, legend, changed = () => {}) {
  const rows = collections.map((one) => boxOf(one.id, one.name, "", isChecked(one)));
  const list = el("div", { class: "choices collection-boxes" }, ...rows.map(({ label }) => label));
  const node = el("fieldset", {}, el("legend", { text: legend }), list);
  node.addEventListener("change", changed);
  return { node, chosen: () => rows.filter(({ box }) => box.checked).map(({ box }) => box.value) };
}
