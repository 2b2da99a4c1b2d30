// Puts an answer's sentences into paragraphs, lists and tables, one by one as they come.

import { el, languageOf } from "./dom.js";
import { T } from "./i18n.js";

export const ROW = "|";

/** Return a sentence's text as runs: [{text, bold}]. Bold are the words in its Markdown, which knows nothing else, or the
 * value that was asked for, in a quotation. */
export function runsOf({ text, markdown = "", answer_span: span = null }) {
  if (span && !markdown) return spanned(Array.from(text), span);
  const pieces = markdown ? markdown.split("**") : [text];
  return pieces.map((piece, at) => ({ text: piece, bold: at % 2 === 1 })).filter((run) => run.text);
}

function spanned(points, [start, end]) {
  const cuts = [[0, start, false], [start, end, true], [end, points.length, false]];
  return cuts.map(([from, to, bold]) => ({ text: points.slice(from, to).join(""), bold })).filter((run) => run.text);
}

/** Return the runs of each cell of a table's row; bold does not reach over a cell's end. */
export function cellsOf(sentence) {
  const row = (sentence.markdown || sentence.text).trim().replace(/^\|/, "").replace(/\|$/, "");
  return row.split(ROW).map((cell) => {
    const whole = cell.trim();
    const even = whole.split("**").length % 2 === 1;
    return runsOf({ text: whole.replaceAll("**", ""), markdown: sentence.markdown && even ? whole : "" });
  });
}

/** Return a text node, or a <strong> with one, for each run. */
export const drawnRuns = (runs) => runs.map(({ text, bold }) => (bold ? el("strong", { text }) : document.createTextNode(text)));

/** Append the node of a sentence to `box`, where its block and its item belong. */
export function place(box, { block = 0, item = "", lead_in: leadIn = "" }, node) {
  const last = box.lastElementChild;
  const open = last?.dataset.block === String(block) ? last : null;
  if (!open && !block && !item && !leadIn) return join(box, node); // one plain paragraph
  const part = open ?? box.appendChild(newBlock(block));
  if (item === ROW) return tableOf(part, leadIn).tBodies[0].append(node);
  leadInto(part, leadIn.split("\n"));
  if (item) return listOf(part, levelOf(item), numberOf(item)).append(el("li", numbered(item), node));
  return join(openLine(part, Boolean(leadIn)), node);
}

/** Append lines that lead in: paragraphs, or items of a list that head what stands below them. */
function leadInto(part, lines) {
  for (const line of lines.filter(Boolean)) {
    const [, item, text] = /^(\s*(?:-|\d+\.) )(.*)$/.exec(line) ?? [null, "", line];
    if (!item) part.append(el("p", { class: "lead-in", content: text }));
    else {
      const runs = drawnRuns(runsOf({ text: text.replaceAll("**", ""), markdown: text }));
      const head = el("span", { attrs: { lang: languageOf(text) } }, ...runs);
      listOf(part, levelOf(item), numberOf(item)).append(el("li", numbered(item), head));
    }
  }
}

function newBlock(block) {
  const part = el("div", { class: "block" });
  part.dataset.block = String(block);
  return part;
}

/** Append `node` to a line; English sentences are parted by a space. */
function join(line, node) {
  const before = line.lastElementChild;
  const spaced = before?.matches(".sentence") && (before.lang === "en" || node.lang === "en");
  line.append(...(spaced ? [" ", node] : [node]));
}

/** Return the item or the paragraph that goes on. */
function openLine(part, fresh) {
  let last = part.lastElementChild;
  if (!fresh && last?.matches("ul, ol")) {
    for (let inner = last; inner?.matches("ul, ol"); inner = last.lastElementChild) last = inner.lastElementChild;
    return last;
  }
  return !fresh && last?.matches(".prose") ? last : part.appendChild(el("p", { class: "prose" }));
}

const levelOf = (item) => (item.length - item.trimStart().length) / 4;
const numberOf = (item) => Number.parseInt(item, 10); // NaN where it is a bullet
const numbered = (item) => (numberOf(item) >= 0 ? { attrs: { value: String(numberOf(item)) } } : {});

/** Return the list at a level that goes on, or a new one inside the last item of the level above. */
function listOf(part, level, number) {
  const tag = Number.isNaN(number) ? "ul" : "ol";
  let holder = part;
  for (let depth = 0; ; depth += 1) {
    const last = holder.lastElementChild;
    if (depth < level && last?.matches("ul, ol")) holder = last.lastElementChild;
    else return depth === level && last?.matches(tag) ? last : holder.appendChild(el(tag));
  }
}

function tableOf(part, leadIn) {
  const last = part.lastElementChild;
  if (last?.matches(".table") && !leadIn) return last.firstElementChild;
  const table = el("table", {}, el("tbody"));
  const lines = leadIn.split("\n");
  const header = lines.at(-1).startsWith(ROW) ? lines.pop() : "";
  leadInto(part, lines);
  if (header) {
    const heads = cellsOf({ text: header }).map((runs) => el("th", { attrs: { scope: "col" } }, ...drawnRuns(runs)));
    table.prepend(el("thead", {}, el("tr", { attrs: { lang: languageOf(header) } }, ...heads)));
  }
  part.append(el("div", { class: "table", label: T.table, attrs: { role: "region", tabindex: "0" } }, table));
  return table;
}
