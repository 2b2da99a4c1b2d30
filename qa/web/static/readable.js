// A document's raw text to be read: lines, headings and tables, with marks; what is only markup is hidden, not left out.

import { el } from "./dom.js";
import { T } from "./i18n.js";
import { linesOf } from "./spans.js";

const RULE = /^\s*\|?(?:\s*:?-{3,}:?\s*\|)+\s*(?::?-{3,}:?\s*)?$/; // below the header of a Markdown table
const isRow = (text) => /^\s*\|.*\|\s*$/.test(text);
const textOf = (line) => line.pieces.map((piece) => piece.text).join("");

/** Return the nodes of a document's text; all their characters together are the text. */
export function readable(document_, marks) {
  const lines = linesOf(document_.points, {
    marks,
    dims: [...(document_.captions ?? []), ...(document_.furniture ?? [])],
    markup: document_.markup ?? [],
    orders: document_.orders ?? [],
    headings: document_.headings,
  });
  const labels = new Map((document_.page_starts ?? []).map(([offset, page]) => [offset, labelOf(document_.pages[page - 1])]));
  const nodes = [];
  for (let at = 0; at < lines.length; ) {
    const rows = rowsFrom(lines, at);
    const node = rows ? tableOf(lines.slice(at, at + rows)) : lineOf(lines[at]);
    const starts = lines.slice(at, at + (rows || 1)).flatMap((line) => startsIn(line, labels));
    if (starts.length) node.dataset.page = starts.at(-1); // the style sheet shows it above
    nodes.push(node);
    at += rows || 1;
  }
  return nodes;
}

const labelOf = ({ kind, label }) => T.placed[kind](label);

/** Return the label of the page that begins inside a line. */
function startsIn({ start, end }, labels) {
  return [...labels].filter(([offset]) => offset >= start && offset < end).map(([, label]) => label);
}

/** Return how many lines from `at` on are a Markdown table: a header, its rule, and rows; 0 where none begins. */
function rowsFrom(lines, at) {
  if (!isRow(textOf(lines[at])) || !lines[at + 1] || !RULE.test(textOf(lines[at + 1]))) return 0;
  let end = at + 2;
  while (end < lines.length && isRow(textOf(lines[end]))) end += 1;
  return end - at;
}

function tableOf([header, rule, ...rows]) {
  const head = el("thead", {}, rowOf(header, "th"), el("tr", { class: "markup" }, el("td", { text: textOf(rule) })));
  const table = el("table", {}, head, el("tbody", {}, ...rows.map((row) => rowOf(row, "td"))));
  return el("div", { class: "table", label: T.table, attrs: { role: "region", tabindex: "0" } }, table);
}

/** Return a row; its bars are in its cells, hidden. */
function rowOf({ pieces }, tag) {
  const row = el("tr");
  let cell = null;
  for (const piece of pieces) {
    for (const text of piece.text.split(/(\|)/).filter(Boolean)) {
      if (text === "|" || cell === null) row.append((cell = el(tag, tag === "th" ? { attrs: { scope: "col" } } : {})));
      cell.append(nodeOf({ ...piece, text, markup: piece.markup || text === "|" || text === "\n" }));
    }
  }
  const last = row.lastElementChild;
  if (row.cells.length > 1 && !last.textContent.replace("|", "").trim()) {
    row.cells[row.cells.length - 2].append(...last.childNodes); // what closes the row is no cell
    last.remove();
  }
  for (const one of row.cells) {
    if (/^\s*-?[\d.,()%]+\s*$/.test(one.textContent.replaceAll("|", ""))) one.className = "figure";
  }
  return row;
}

function lineOf({ heading, pieces }) {
  const blank = pieces.every((piece) => !piece.text.trim());
  const line = el("div", { class: blank ? "line-of blank" : "line-of" });
  if (heading) {
    line.classList.add("head", `head-${Math.min(heading, 3)}`);
    line.setAttribute("role", "heading");
    line.setAttribute("aria-level", String(Math.min(heading + 2, 6)));
  }
  line.append(...pieces.map(nodeOf));
  return line;
}

function nodeOf({ text, mark, dim, markup, order }) {
  if (order) return el("span", { class: "order", title: T.orderTitle, text });
  if (markup) return el("span", { class: "markup", text });
  if (mark) return el("mark", { text });
  return dim ? el("span", { class: "dim", text }) : document.createTextNode(text);
}
