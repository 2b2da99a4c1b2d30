// The source panel: a document's pages, or its text, with the cited characters marked; steps from citation to citation.

import { getJSON } from "./api.js";
import { $, drawn, el, isNarrow, languageOf, reveal, setContent } from "./dom.js";
import { T } from "./i18n.js";
import { worded } from "./failure.js";
import { install as installPages, showPages } from "./pages.js";
import { readable } from "./readable.js";
import { pagesOf, quote } from "./quotation.js";
import { cut, pointsOf } from "./spans.js";

const KEPT = 20; // documents
const documents = new Map();
const open = { list: [], at: 0, opener: null, turn: 0, asText: false };

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
  // Who is typing elsewhere goes on typing.
  const here = document.activeElement === document.body || $("source").contains(document.activeElement);
  $("source").hidden = true;
  document.body.classList.remove("with-source");
  $("main").inert = false;
  if (here && open.opener?.isConnected) open.opener.focus();
  return true;
}

async function show() {
  open.turn += 1;
  const turn = open.turn;
  const cited = open.list[open.at];
  describe(cited);
  const wait = setTimeout(() => shown(el("p", { class: "soft", text: T.loading })), 150);
  try {
    const found = await matching(cited);
    clearTimeout(wait);
    if (turn !== open.turn) return;
    await draw(found, cited, turn);
  } catch (error) {
    clearTimeout(wait);
    if (turn === open.turn) missing(error, cited);
  }
}

function describe(cited) {
  setContent($("source-title"), cited.title || cited.document || T.sourceText);
  placed(cited, cited.places);
  const many = open.list.length > 1;
  $("source-steps").hidden = !many;
  $("source-at").textContent = T.citationAt(open.at + 1, open.list.length);
  $("source-prev").disabled = open.at === 0;
  $("source-next").disabled = open.at === open.list.length - 1;
  $("source-note").replaceChildren();
}

function placed(cited, places) {
  setContent($("source-place"), [pagesOf({ places }), cited.section, cited.document].filter(Boolean).join(" · "));
}

/** Return what a citation or a passage says; undefined for a link, which names a place alone. */
const quoteOf = (cited) => cited.quote ?? cited.text;

/** Return the document, and whether the cited spans still match the quote. */
async function matching(cited) {
  const quote = quoteOf(cited);
  for (const anew of [false, true]) {
    const document_ = await documentOf(cited.document_id, anew);
    const same = quote === undefined ? !cited.sha256 || cited.sha256 === document_.sha256 : cut(document_.points, cited.spans) === quote;
    if (same) return { document: document_, matches: true };
    if (anew) return (await earlier(cited)) ?? { document: document_, matches: false };
  }
  return null;
}

/** Return the version that was cited; null where it is not kept. */
async function earlier(cited) {
  if (!cited.sha256) return null;
  const version = `version=${encodeURIComponent(cited.sha256)}`;
  const document_ = await getJSON(`/documents/${encodeURIComponent(cited.document_id)}?${version}`).catch(() => null);
  if (!document_) return null;
  document_.points = pointsOf(document_.text);
  const quote = quoteOf(cited);
  const matches = quote === undefined || cut(document_.points, cited.spans) === quote;
  return matches ? { document: document_, matches, earlier: true } : null;
}

async function draw({ document: document_, matches, earlier: replaced }, cited, turn) {
  if (!cited.document) {
    Object.assign(cited, { document: document_.name, title: document_.title }); // a link has its id alone
    setContent($("source-title"), cited.title || cited.document);
  }
  const marks = matches ? cited.spans : [];
  if (!matches) note(quoteOf(cited) === undefined ? T.versionGone : T.changed, cited);
  else if (replaced) note(T.earlierVersion, null);
  else if (document_.orders?.length) note(T.hasOrders, null);
  const paged = document_.page_images && !open.asText;
  const places = document_.pages?.length && marks.length ? await placesOf(document_, cited) : [];
  if (turn !== open.turn) return;
  placed(cited, places);
  offer(document_, paged);
  if (paged) showPages(document_, places, marks);
  else drawText(document_, marks);
}

/** Show the parts of the panel that belong to pages, or to text. */
function offer(document_, paged) {
  $("source-pages").hidden = !paged;
  $("source-text").hidden = paged;
  $("source-bar").hidden = !document_.page_images;
  $("page-bar").hidden = $("zoom-bar").hidden = !paged;
  $("source-view").textContent = paged ? T.asText : T.asPages;
}

/** Return where a citation stands; passages and older citations don't say. */
async function placesOf(document_, cited) {
  if (cited.places?.length) return cited.places;
  const spans = cited.spans.slice(0, 500).map(([start, end]) => `span=${start}-${end}`);
  return (await getJSON(`/documents/${encodeURIComponent(document_.id)}/places?${spans.join("&")}`)).places;
}

function drawText(document_, marks) {
  $("source-text").replaceChildren(...readable(document_, marks));
  $("source-text").lang = languageOf(document_.text);
  const mark = $("source-text").querySelector("mark");
  if (mark) reveal($("source-text"), mark, "middle");
  else $("source-text").scrollTop = 0;
}

/** Show `nodes` instead of a document. */
function shown(...nodes) {
  offer({ page_images: false }, false);
  $("source-text").replaceChildren(...nodes);
}

function missing(error, cited) {
  shown();
  if (error.status === 404) note(quoteOf(cited) === undefined ? T.documentUnknown : T.documentDeleted, cited);
  else note(T.sourceFailed + worded(error).join(" "), null);
}

function note(text, cited) {
  const quoted = el("blockquote");
  if (cited && quoteOf(cited) !== undefined) quote(quoted, cited);
  $("source-note").replaceChildren(drawn("warning"), el("p", { text }), ...(quoted.textContent ? [quoted] : []));
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
  installPages();
  $("source-view").addEventListener("click", () => {
    open.asText = !open.asText;
    show();
  });
  $("source-close").addEventListener("click", closeSource);
  $("source-prev").addEventListener("click", () => step(-1));
  $("source-next").addEventListener("click", () => step(1));
  matchMedia("(max-width: 46.99rem)").addEventListener("change", () => {
    $("main").inert = isNarrow() && !$("source").hidden;
  });
}
