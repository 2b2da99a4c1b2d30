// Puts what is said under documents' names side by side, and what is said under their headings into an outline.

import { el } from "./dom.js";

/** Let `put` append a sentence to `box`, or to the group of its document there, under its section's heading. */
export function append(box, sentence, put) {
  const { document: name = "", section = "" } = sentence;
  if (!name && !section) return put(box);
  const group = name ? groupOf(comparedIn(box, Boolean(section)), name) : box;
  return put(section ? partOf(group, section) : group);
}

/** Return the documents that stand side by side at the end of `box`. */
function comparedIn(box, outlined) {
  const last = box.lastElementChild;
  if (last?.matches(".compared")) {
    last.classList.toggle("outlined", outlined || last.matches(".outlined"));
    return last;
  }
  return box.appendChild(el("div", { class: outlined ? "compared outlined" : "compared" }));
}

/** Return the group of a document, wherever it stands among the others. */
function groupOf(compared, name) {
  for (const group of compared.children) if (group.dataset.document === name) return group;
  const group = el("section", { class: "document-group" }, el("h3", { class: "document-name", content: name }));
  group.dataset.document = name;
  return compared.appendChild(group);
}

/** Return the point of the outline under `section`: the last one, or a new one. */
function partOf(group, section) {
  const last = group.lastElementChild;
  const outline = last?.matches(".outline") ? last : group.appendChild(el("ol", { class: "outline" }));
  const point = outline.lastElementChild;
  if (point?.dataset.section === section) return point.lastElementChild;
  const text = el("div", { class: "outline-text" });
  const fresh = el("li", {}, el("h4", { class: "section-name", content: section }), text);
  fresh.dataset.section = section;
  outline.append(fresh);
  return text;
}
