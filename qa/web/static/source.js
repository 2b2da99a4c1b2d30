// The source beside the answer: a document's raw text with the cited characters marked, one citation after the other.

import { getJSON } from "./api.js";
import { $, drawn, el, isNarrow, languageOf, reveal, speak } from "./dom.js";
import { T } from "./i18n.js";
import { worded } from "./failure.js";
import { cut, linesOf, pointsOf } from "./spans.js";

const KEPT = 20; // documents
const documents = new Map();
const open = { list: [], at: 0, opener: null, turn: 0 };

/** Return a document with `points`, its text as code points; `anew` reads it again. */
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

/** Open `list[at]` (citations or passages); `opener` is the element that gets the focus back. */
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

/** Close the panel; says whether it was open. */
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
  speak($("source-title"), cited.title || cited.document);
  speak($("source-place"), [cited.section, cited.document].filter(Boolean).join(" · "));
  const many = open.list.length > 1;
  $("source-steps").hidden = !many;
  $("source-at").textContent = T.citationAt(open.at + 1, open.list.length);
  $("source-prev").disabled = open.at === 0;
  $("source-next").disabled = open.at === open.list.length - 1;
  $("source-note").replaceChildren();
}

/** Return the document, and whether the place that was cited still holds what was quoted. */
async function matching(cited) {
  const quote = cited.quote ?? cited.text;
  for (const anew of [false, true]) {
    const document_ = await documentOf(cited.document_id, anew);
    if (quote === undefined || cut(document_.points, cited.spans) === quote) return { document: document_, holds: true };
    if (anew) return { document: document_, holds: false };
  }
  return null;
}

function draw({ document: document_, holds }, cited) {
  const lines = linesOf(document_.points, {
    marks: holds ? cited.spans : [],
    dims: [...(document_.captions ?? []), ...(document_.furniture ?? [])],
    headings: document_.headings,
  });
  $("source-text").replaceChildren(...lines.map(drawLine));
  $("source-text").lang = languageOf(document_.text);
  if (!holds) note(T.changed, cited.quote ?? cited.text);
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
  for (const { text, mark, dim } of pieces) {
    const hashes = heading && !mark ? (/^#{1,6}\s+/.exec(text)?.[0] ?? "") : "";
    if (hashes) line.append(el("span", { class: "hashes", text: hashes }), text.slice(hashes.length));
    else if (mark) line.append(el("mark", { text }));
    else if (dim) line.append(el("span", { class: "dim", text }));
    else line.append(text);
  }
  return line;
}

function missing(error, cited) {
  $("source-text").replaceChildren();
  if (error.status === 404) note(T.gone, cited.quote ?? cited.text ?? "");
  else note(T.nowhere + worded(error).join(" "), "");
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
  if ($(here).disabled) $(other).focus(); // a disabled button would drop the focus
}

/** Make the panel's buttons work. */
export function install() {
  $("source-close").addEventListener("click", closeSource);
  $("source-prev").addEventListener("click", () => step(-1));
  $("source-next").addEventListener("click", () => step(1));
  matchMedia("(max-width: 46.99rem)").addEventListener("change", () => {
    $("main").inert = isNarrow() && !$("source").hidden;
  });
}
