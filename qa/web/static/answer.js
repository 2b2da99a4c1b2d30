// Renders an answer: sentences with citation chips, its sources, an abstention, and the bar of actions below.

import { button, drawn, el, iconButton, languageOf } from "./dom.js";
import { toast } from "./dialogs.js";
import { toClipboard, withCitations } from "./copy.js";
import { thumbs } from "./feedback.js";
import { append } from "./groups.js";
import { T } from "./i18n.js";
import { attach, hide } from "./preview.js";
import { cellList, cellOf, emptyTable, isLong, pagesOf } from "./quotation.js";
import { openSource } from "./source.js";
import { ROW, cellsOf, drawnRuns, place as placeSentence, runsOf } from "./structure.js";

const NEAREST = 3;
const BARS = /\s*\|\s*/g; // between the cells of tables
const REPLIES = ["small_talk", "about_the_service"]; // reasons of what answers no question about the documents
const place = (source) => [source.title || source.document, source.section].filter(Boolean).join(" › ");

/** Append a quoted row to `box`: to the table above it where that has the same header. */
function placeRow(box, { table, text }, chips) {
  if (isLong(table)) {
    const list = cellList(table);
    list.append(el("p", { class: "row-chips" }, ...chips));
    box.append(el("div", { class: "block" }, el("div", { class: "sentence", attrs: { lang: languageOf(text) } }, list)));
    return;
  }
  const head = JSON.stringify([table.caption, table.header]);
  let part = box.lastElementChild;
  if (part?.dataset.head !== head) {
    part = el("div", { class: "block" }, emptyTable(table));
    part.dataset.head = head;
    box.append(part);
  }
  const cells = table.cells.map((cell) => cellOf("td", cell));
  cells.at(-1).append(...chips);
  part.querySelector("tbody").append(el("tr", { class: "sentence", attrs: { lang: languageOf(text) } }, ...cells));
}

/** Return a sentence with a chip for each citation; `all()` returns the answer's citations, to step through. */
function sentenceNode(sentence, citations, all) {
  const chips = citations.map((citation) => chip(citation, all));
  if (sentence.derived) chips.push(el("span", { class: "derived", text: T.derived(sentence.derived.expression) }));
  const node = sentence.item === ROW ? rowNode(sentence, chips) : lineNode(sentence, chips);
  node.lang = languageOf(sentence.text);
  return node;
}

function lineNode(sentence, [first, ...more]) {
  const [head, tail] = split(softened(runsOf(sentence)), 2); // kept on one line with the first chip
  const end = el("span", { class: "tail" }, el("span", {}, ...drawnRuns(tail)), first);
  return el("span", { class: "sentence" }, el("span", {}, ...drawnRuns(head)), end, ...more);
}

function rowNode(sentence, chips) {
  const cells = cellsOf(sentence).map((runs) => el("td", {}, el("span", {}, ...drawnRuns(runs))));
  cells.at(-1).append(...chips);
  return el("tr", { class: "sentence" }, ...cells);
}

/** Return runs without the mark with which a clause of a list ends; its quotation in the source keeps it. */
function softened(runs) {
  const { text, bold } = runs.at(-1) ?? { text: "" };
  const soft = text.replace(/(?<=[^；;，,、])[；;，,、]$/, "");
  return soft === text ? runs : [...runs.slice(0, -1), { text: soft, bold }];
}

/** Return runs of text without their last `count` characters, and those. */
function split(runs, count) {
  const points = runs.flatMap(({ text, bold }) => Array.from(text, (point) => ({ text: point, bold })));
  return [points.slice(0, -count), points.slice(-count)].map((part) => {
    const joined = [];
    for (const { text, bold } of part) {
      if (joined.at(-1)?.bold === bold) joined.at(-1).text += text;
      else joined.push({ text, bold });
    }
    return joined;
  });
}

/** Append a sentence to `box`, where its document, its section and its block belong. */
export function appendSentence(box, sentence, citations, all) {
  return append(box, sentence, (to) => {
    if (sentence.table) placeRow(to, sentence, citations.map((citation) => chip(citation, all)));
    else placeSentence(to, sentence, sentenceNode(sentence, citations, all));
  });
}

/** Return the chip of a citation; `paged`: it says the page too. */
function chip(citation, all, paged = false) {
  const node = button(
    { class: "chip", text: String(citation.number), label: T.chip(citation.number, citation.title || citation.document, pagesOf(citation)) },
    () => {
      hide();
      const list = all();
      openSource(list, list.findIndex((other) => other.number === citation.number), node);
      node.setAttribute("aria-current", "true");
    },
  );
  if (paged && pagesOf(citation)) node.append(el("span", { class: "chip-page", text: pagesOf(citation) }));
  attach(node, citation);
  return node;
}

/** Return the list of cited documents, each with its citation chips. */
export function sourcesNode(answer) {
  const groups = new Map();
  for (const citation of answer.citations) {
    if (!groups.has(citation.document_id)) groups.set(citation.document_id, []);
    groups.get(citation.document_id).push(citation);
  }
  const list = el("ul", { class: "sources", label: T.sources });
  for (const group of groups.values()) {
    const chips = el("span", { class: "chips" }, ...group.map((citation) => chip(citation, () => answer.citations, true)));
    const sections = [...new Set(group.map((citation) => citation.section).filter(Boolean))];
    const names = el("span", { class: "names" }, el("span", { class: "name", content: group[0].title || group[0].document }));
    if (sections.length) names.append(el("span", { class: "section", content: sections.join(" / ") }));
    list.append(el("li", {}, chips, names));
  }
  return list;
}

/** Whether an answer is a reply to small talk, or about the service. */
export const isReply = (answer) => REPLIES.includes(answer.reason);

/** Return what a reply shows: its text, and a button for each document that it lists. */
export function replyNode(answer) {
  const box = el("div", { class: "small-reply" });
  const text = answer.documents?.length ? answer.answer.split("\n\n")[0] : answer.answer;
  for (const line of text.split("\n").filter(Boolean)) box.append(el("p", { content: line }));
  if (answer.documents?.length) box.append(el("h3", { text: T.shelf }), listedNode(answer.documents));
  return box;
}

function listedNode(documents) {
  const list = el("ul", { class: "nearest" });
  for (const listed of documents) {
    const open = button({}, () => openSource([{ ...listed, section: "", spans: [] }], 0, open));
    open.append(el("span", { class: "nearest-text", content: listed.title || listed.document }));
    if (listed.date) open.append(el("span", { class: "nearest-place", content: listed.date.slice(0, 10) }));
    list.append(el("li", {}, open));
  }
  return list;
}

/** Return what an abstention shows. `scope`: {text, askAll} when only some documents were searched; askAll where that can be
 * widened. */
export function abstentionNode(answer, scope) {
  const box = el("div", { class: "abstention" });
  box.append(
    drawn("abstention"),
    el("p", { class: "abstention-what", text: T.abstentions[answer.reason] ?? T.notStated }),
    el("p", { class: "abstention-why", text: T.whyNotStated[answer.reason] ?? T.whyNotStated.not_stated }),
  );
  if (scope) {
    box.append(el("p", { class: "abstention-scope", text: scope.text }));
    if (scope.askAll) box.append(button({ class: "plain small", text: T.askAll }, scope.askAll));
  }
  const nearest = ["not_about_the_reports", "nothing_more"].includes(answer.reason) ? [] : answer.passages.slice(0, NEAREST);
  if (nearest.length) box.append(el("h3", { text: T.nearest }), nearestNode(nearest));
  return box;
}

/** Return the list of passages, each of which opens its place in the source. */
export function nearestNode(passages) {
  const list = el("ul", { class: "nearest" });
  passages.forEach((passage, at) => {
    const open = button({}, () => openSource(passages, at, open));
    open.append(el("span", { class: "nearest-place", content: place(passage) }), el("span", { class: "nearest-text", content: passage.text.replaceAll(BARS, " · ") }));
    list.append(el("li", {}, open));
  });
  return list;
}

/** Return the bar below an answer: copy, ask again, feedback, and how it was made. */
export function footNode(answer, { messageId, feedback, again, link }) {
  const bar = el("div", { class: "actions" });
  const copy = iconButton("copy", T.copy, async () => {
    const done = await toClipboard(withCitations(answer));
    toast(done ? T.copied : T.copyFailed);
    if (done) copy.replaceChildren(drawn("done"));
    setTimeout(() => copy.replaceChildren(drawn("copy")), 2000);
  });
  bar.append(copy);
  if (link) bar.append(iconButton("link", T.link, async () => toast((await toClipboard(link())) ? T.linked : T.copyFailed)));
  bar.append(iconButton("again", T.again, again, { class: "icon-button again" }));
  const foot = el("div", { class: "foot" }, bar);
  if (messageId) {
    const { buttons, place: comment } = thumbs(messageId, feedback);
    bar.append(...buttons);
    foot.append(comment);
  }
  bar.append(el("span", { class: "facts", text: factsOf(answer) }));
  return foot;
}

function factsOf(answer) {
  const facts = [];
  if (!answer.abstained) facts.push(answer.answerer === "extractive" ? T.extracted : T.by(answer.model || answer.answerer));
  facts.push(T.seconds((answer.latency_ms.total / 1000).toFixed(answer.latency_ms.total < 1000 ? 2 : 1)));
  if (answer.usage) facts.push(T.tokens(answer.usage.input_tokens, answer.usage.output_tokens));
  if (answer.dropped) facts.push(T.dropped(answer.dropped));
  return facts.join(" · ");
}
