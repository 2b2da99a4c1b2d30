// How a citation is shown: its quotation, a table's row as a small table, and its pages by their labels.

import { el, languageOf, setContent } from "./dom.js";
import { T } from "./i18n.js";

const MOST = 6; // columns of a table; a longer row is shown cell by cell
const MOST_PREVIEWED = 4;

/** Return the pages that a citation stands on ("p. iv, v"); empty where it has none. */
export function pagesOf({ places }, words = T) {
  if (!places?.length) return "";
  return words.placed[places[0].kind]([...new Set(places.map((place) => place.label))].join(words.and));
}

const isFigure = (text) => /^[-+−–(]?[$£€¥]?\d[\d\s.,]*[%‰)]?$/.test(text.trim());

/** Return a cell; figures stand at its right. */
export function cellOf(tag, text, ...more) {
  const cell = el(tag, {}, el("span", { content: text }), ...more);
  if (tag === "th") cell.setAttribute("scope", "col");
  if (isFigure(text)) cell.className = "figure";
  return cell;
}

/** Return a table with a caption and a header ({caption, header}) and without rows. */
export function emptyTable({ caption, header, cells }) {
  const heads = header.map((name) => cellOf("th", name));
  heads.forEach((head, at) => head.classList.toggle("figure", isFigure(cells[at])));
  const named = caption ? el("caption", { content: caption }) : null;
  const table = el("table", {}, named, el("thead", {}, el("tr", {}, ...heads)), el("tbody"));
  return el("div", { class: "table", label: T.table, attrs: { role: "region", tabindex: "0" } }, table);
}

/** Whether a row has too many cells for a table. */
export const isLong = ({ cells }) => cells.length > MOST;

/** Return a row cell by cell, each below its column's name; those that are empty are left out. */
export function cellList({ caption, header, cells }) {
  const pairs = cells.map((cell, at) => [header[at], cell]).filter(([, cell]) => cell);
  const list = el("dl", { class: "cells" });
  for (const [name, cell] of pairs) list.append(el("div", {}, el("dt", { content: name || T.unnamed }), el("dd", { content: cell })));
  return el("div", {}, caption ? el("p", { class: "caption", content: caption }) : null, list);
}

/** Put a quotation into `node`: a table's row as a table, or cell by cell where it has many. */
export function quote(node, { quote: text, text: passage, table }) {
  if (!table) return setContent(node, text ?? passage ?? "");
  node.lang = languageOf(text);
  if (table.cells.length > MOST_PREVIEWED) return node.replaceChildren(cellList(table));
  const whole = emptyTable(table);
  whole.querySelector("tbody").append(el("tr", {}, ...table.cells.map((cell) => cellOf("td", cell))));
  return node.replaceChildren(whole);
}
