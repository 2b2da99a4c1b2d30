// The source panel: a document's raw text with the cited characters marked, and steps from citation to citation.

import { getJSON } from "./api.js";
import { $, drawn, el, isNarrow, languageOf, reveal, setContent } from "./dom.js";
import { T } from "./i18n.js";
import { worded } from "./failure.js";
import { cut, linesOf, pointsOf } from "./spans.js";

const KEPT = 20; // documents
const documents = new Map();
const open = { list: [], at: 0, opener: null, turn: 0 };

/** Return a document with `points`, its text as code points; `anew` fetches it again. */
async function documentOf(id, anew = false) {
  if (!documents.has(id) || anew) {
    const document_ = await getJSON(`/documents/${encodeURIComponent(id)}`);
    document_.points = pointsOf(document_.text);
    documents.delete(id);
    documents.set(id, document_);
    if (documents.size > KEPT) documents.delete(documents.keys().next().value);
  }
  return documents.get(id);
}

/** Open `list[at]` (citations or passages); `opener` is focused again when the panel is closed. */
export function openSource(list, at, opener) {
  if ($("source").hidden) open.opener = opener;
  else if (!$("source").contains(opener)) open.opener = opener;
  document.querySelector(".chip[aria-current]")?.removeAttribute("aria-current");
  Object.assign(open, { list, at });
  $("source").hidden = false;
  document.body.classList.add("with-source");
  $("main").inert = isNarrow();
  show();
  $("source-title").focus({ preventScroll: true });
}

/** Close the panel; return whether it was open. */
export function closeSource() {
  if ($("source").hidden) return false;
  document.querySelector(".chip[aria-current]")?.removeAttribute("aria-current");
  $("source").hidden = true;
  document.body.classList.remove("with-source");
  $("main").inert = false;
  if (open.opener?.isConnected) open.opener.focus();
  return true;
}

async function show() {
  open.turn += 1;
  const turn = open.turn;
  const cited = open.list[open.at];
  describe(cited);
  const wait = setTimeout(() => $("source-text").replaceChildren(el("p", { class: "soft", text: T.loading })), 150);
  try {
    const found = await matching(cited);
    if (turn !== open.turn) return;
    clearTimeout(wait);
    draw(found, cited);
  } catch (error) {
    clearTimeout(wait);
    if (turn === open.turn) missing(error, cited);
  }
}

function describe(cited) {
  setContent($("source-title"), cited.title || cited.document);
  setContent($("source-place"), [cited.section, cited.document].filter(Boolean).join(" · "));
  const many = open.list.length > 1;
  $("source-steps").hidden = !many;
  $("source-at").textContent = T.citationAt(open.at + 1, open.list.length);
  $("source-prev").disabled = open.at === 0;
  $("source-next").disabled = open.at === open.list.length - 1;
  $("source-note").replaceChildren();
}

/** Return the document, and whether the cited spans still match the quote. */
async function matching(cited) {
  const quote = cited.quote ?? cited.text;
  for (const anew of [false, true]) {
    const document_ = await documentOf(cited.document_id, anew);
    if (quote === undefined || cut(document_.points, cited.spans) === quote) return { document: document_, matches: true };
    if (anew) return { document: document_, matches: false };
  }
  return null;
}

function draw({ document: document_, matches }, cited) {
  const lines = linesOf(document_.points, {
    marks: matches ? cited.spans : [],
    dims: [...(document_.captions ?? []), ...(document_.furniture ?? [])],
    orders: document_.orders ?? [],
    headings: document_.headings,
  });
  $("source-text").replaceChildren(...lines.map(drawLine));
  $("source-text").lang = languageOf(document_.text);
  if (!matches) note(T.changed, cited.quote ?? cited.text);
  else if (document_.orders?.length) note(T.hasOrders, "");
  const mark = $("source-text").querySelector("mark");
  if (mark) reveal($("source-text"), mark, "middle");
  else $("source-text").scrollTop = 0;
}

function drawLine({ heading, pieces }) {
  const blank = pieces.every((piece) => !piece.text.trim());
  const line = el("div", { class: blank ? "line-of blank" : "line-of" });
  if (heading) {
    line.classList.add("head", `head-${Math.min(heading, 3)}`);
    line.setAttribute("role", "heading");
    line.setAttribute("aria-level", String(Math.min(heading + 2, 6)));
  }
  for (const { text, mark, dim, order } of pieces) {
    const hashes = heading && !mark ? (/^#{1,6}\s+/.exec(text)?.[0] ?? "") : "";
    if (hashes) line.append(el("span", { class: "hashes", text: hashes }), text.slice(hashes.length));
    else if (order) line.append(el("span", { class: "order", title: T.orderTitle, text }));
    else if (mark) line.append(el("mark", { text }));
    else if (dim) line.append(el("span", { class: "dim", text }));
    else line.append(text);
  }
  return line;
}

function missing(error, cited) {
  $("source-text").replaceChildren();
  if (error.status === 404) note(T.documentDeleted, cited.quote ?? cited.text ?? "");
  else note(T.sourceFailed + worded(error).join(" "), "");
}

function note(text, quote) {
  $("source-note").replaceChildren(drawn("warning"), el("p", { text }), ...(quote ? [el("blockquote", { content: quote })] : []));
}

function step(by) {
  const at = open.at + by;
  if (at < 0 || at >= open.list.length) return;
  open.at = at;
  show();
  const [here, other] = by < 0 ? ["source-prev", "source-next"] : ["source-next", "source-prev"];
  if ($(here).disabled) $(other).focus(); // a disabled button would lose the focus
}

/** Add the panel's event handlers. */
export function install() {
  $("source-close").addEventListener("click", closeSource);
  $("source-prev").addEventListener("click", () => step(-1));
  $("source-next").addEventListener("click", () => step(1));
  matchMedia("(max-width: 46.99rem)").addEventListener("change", () => {
    $("main").inert = isNarrow() && !$("source").hidden;
  });
}
