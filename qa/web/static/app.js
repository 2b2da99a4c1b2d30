// Entry point of the page: connects its parts, handles URL and keyboard, and waits until the library is ready.

import { getIfThere, getJSON, onKeyNeeded } from "./api.js";
import { Conversation } from "./ask.js";
import { redraw, showDocuments } from "./documents.js";
import { install as installDrop } from "./drop.js";
import { $, announce, composing, localise, drawn, el, reveal } from "./dom.js";
import { askForKey, menu, toast } from "./dialogs.js";
import { failureBox } from "./failure.js";
import { T } from "./i18n.js";
import { hide, install as installPreview } from "./preview.js";
import { Library } from "./library.js";
import { Scope } from "./scope.js";
import { Sidebar, exportItems } from "./sidebar.js";
import { closeSource, install as installSource, openSource } from "./source.js";
import { install as installLanguage } from "./language.js";
import { install as installTheme } from "./theme.js";
import { showWelcome } from "./welcome.js";

const WAIT_MS = 1000;
const limits = { question_chars: 2000 };
const box = $("question");

localise(document, T);
document.title = T.title;
box.placeholder = T.placeholder;
installTheme();
installLanguage();
installPreview();
installSource();
onKeyNeeded(askForKey);

const scope = new Scope(() => !conversation.id);
const library = new Library({ documents: held, jobs: redraw, done: told });
const sidebar = new Sidebar({
  current: () => conversation?.id ?? null,
  deleted: (id) => id === conversation.id && fresh(),
  renamed: (id, title) => {
    if (id === conversation.id) name((conversation.title = title));
  },
});
const conversation = new Conversation(scope, { changed, busy, asked, typed });
let arriving = addressed().id !== null; // until the conversation in the URL is opened: what is asked belongs to it

// --- the conversation and the URL -------------------------------------------------------------------------------

function changed(stored = false) {
  const address = conversation.id ? `#${conversation.id}` : location.pathname;
  if (conversation.id !== addressed().id) history.replaceState(null, "", address);
  $("export").hidden = !conversation.turns.some((turn) => turn.answer) || !sidebar.there;
  name(conversation.title || sidebar.titleOf(conversation.id) || conversation.turns[0]?.question || "");
  if (stored) sidebar.refresh().catch(() => {}); // a failure here needs no message
  else sidebar.show();
}

function name(title) {
  $("heading").textContent = title || T.title;
  $("heading").classList.toggle("product", !title);
  document.title = title ? `${title} · ${T.title}` : T.title;
}

function fresh() {
  if (location.hash) history.pushState(null, "", location.pathname);
  conversation.leave();
  scope.choose();
  sidebar.close();
  box.focus();
}

/** Return the conversation and the message in the URL, `#conversation/message`, or a place in a document, which is what links to
 * sources name: `#source/document/5-12,20-31/sha256`. */
function addressed() {
  const [id = "", message = "", spans = "", sha256 = ""] = location.hash.slice(1).split("/");
  if (id !== "source") return { id: id || null, message: message || null, source: null };
  const found = [...spans.matchAll(/(\d+)-(\d+)/g)].map(([, start, end]) => [Number(start), Number(end)]);
  return { id: null, message: null, source: { document_id: decodeURIComponent(message), document: "", title: "", section: "", spans: found, sha256 } };
}

async function visit() {
  const { id, message, source } = addressed();
  if (source) return void openSource([source], 0, box);
  if (id === conversation.id) return void (message && conversation.show(message));
  if (id === null) return void conversation.leave();
  const place = location.hash;
  const reload = () => {
    history.replaceState(null, "", place);
    location.reload();
  };
  try {
    await conversation.load(id, message);
  } catch (error) {
    $("welcome").hidden = true;
    $("log").hidden = false;
    $("log").replaceChildren(failureBox(error, [[T.startFresh, fresh], [T.reload, reload]]));
  }
}

// --- the question -----------------------------------------------------------------------------------------------

function busy(yes) {
  document.body.classList.toggle("busy", yes);
  $("language").disabled = yes; // it would end the answer
  const label = yes ? T.stop : T.send;
  $("send").replaceChildren(drawn(yes ? "stop" : "send"));
  $("send").setAttribute("aria-label", label);
  $("send").title = label;
  measure();
}

function asked(question) {
  if (box.value.trim() === question.trim()) box.value = "";
  measure();
}

function typed(question) {
  if (!box.value.trim()) box.value = question;
  measure();
}

/** Fit the box to its text, and show when the text is too long. */
function measure() {
  box.rows = 1;
  while (box.rows < 8 && box.scrollHeight > box.clientHeight + 2) box.rows += 1;
  const left = limits.question_chars - Array.from(box.value.trim()).length;
  $("count").textContent = left < 0 ? T.over(-left) : left < limits.question_chars / 10 ? T.left(left) : "";
  $("count").classList.toggle("over", left < 0);
  $("send").disabled = !conversation.running && (arriving || conversation.loading || left < 0 || !box.value.trim());
}

function submit(event) {
  event.preventDefault();
  if (conversation.running) conversation.stop();
  else if (!$("send").disabled) conversation.ask(box.value.trim());
}

box.addEventListener("input", measure);
box.addEventListener("keydown", (event) => {
  if (composing(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (!conversation.running) $("form").requestSubmit();
  } else if (event.key === "ArrowUp" && !box.value && conversation.editLast()) event.preventDefault();
});
$("form").addEventListener("submit", submit);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the fragment is a conversation's
  box.focus();
});
$("fresh").addEventListener("click", fresh);
$("fresh-top").addEventListener("click", fresh);
$("holdings").addEventListener("click", () => {
  sidebar.close(); // a drawer would lie over what is opened from there
  showDocuments(library);
});
$("export").addEventListener("click", () => menu($("export"), exportItems({ id: conversation.id })));
addEventListener("hashchange", visit);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || composing(event) || document.querySelector("dialog[open]")) return;
  if (hide() || closeSource() || sidebar.close()) event.preventDefault();
  else conversation.stop();
});

// --- scrolling --------------------------------------------------------------------------------------------------

const toEnd = () => $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight;
let atEnd = true;
$("scroll").addEventListener("scroll", () => {
  $("latest").hidden = toEnd() < 240;
  atEnd = toEnd() < 24;
}, { passive: true });
// When an answer or the composer grows, or the column becomes narrow, the end stays in view, and so does a chip that opened
// its source.
let width = 0;
const growing = new ResizeObserver(() => {
  const chip = document.querySelector(".chip[aria-current]");
  const narrowed = $("scroll").clientWidth !== width;
  width = $("scroll").clientWidth;
  if (atEnd) $("scroll").scrollTop = $("scroll").scrollHeight;
  if (chip && narrowed && !seen(chip)) reveal($("scroll"), chip, "middle");
});
growing.observe($("scroll"));
growing.observe($("log"));

function seen(node) {
  const [inner, outer] = [node.getBoundingClientRect(), $("scroll").getBoundingClientRect()];
  return inner.top >= outer.top && inner.bottom <= outer.bottom;
}

$("latest").addEventListener("click", () => $("scroll").scrollTo({ top: $("scroll").scrollHeight, behavior: "smooth" }));

// --- the start --------------------------------------------------------------------------------------------------

async function start() {
  busy(false);
  name("");
  box.focus({ preventScroll: true });
  const config = await getIfThere("/config", {});
  Object.assign(limits, config.limits);
  const documents = await opened();
  const everything = { roles: ["manage"], whole_library: true };
  const [access, collections] = await Promise.all([getIfThere("/access", everything), getIfThere("/collections", { collections: [] })]);
  library.manages = access.roles.includes("manage");
  library.uploads = library.manages ? (config.uploads ?? null) : null;
  library.whole = access.whole_library;
  library.set(documents, collections);
  if (library.uploads) installDrop((files) => showDocuments(library, files));
  // Who has asked before all was there has an address once the answer begins: without one there is nothing to visit.
  const visiting = location.hash ? visit() : null;
  arriving = false;
  measure();
  await Promise.all([sidebar.refresh(), visiting]);
}

/** Show which documents the library holds, when that has changed. */
function held(documents) {
  $("holdings").textContent = T.holdings(documents.length);
  $("holdings").hidden = false;
  scope.setLibrary(documents, library.collections);
  showWelcome(documents, { ask: (question) => conversation.ask(question), library, open: () => showDocuments(library) });
  redraw();
}

/** Say that a job is over, where the dialog doesn't show it. */
function told(job) {
  if (document.querySelector("dialog[open]")) return;
  if (job.state === "failed") toast(`${job.document}: ${T.jobFailed(job.reason ?? "")}`);
  else if (job.state === "ready") toast(T.outcomes[job.outcome]?.(job.document) ?? T.answered);
}

/** Return the documents, once the library is open. */
async function opened() {
  for (;;) {
    try {
      return await getJSON("/documents");
    } catch (error) {
      if (error.code !== "not_ready") throw error;
      if (!$("start").firstChild) {
        $("start").replaceChildren(el("p", { class: "empty", text: T.starting }));
        announce(T.starting);
      }
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
}

start().catch((error) => {
  $("start").replaceChildren(failureBox(error, [[T.reload, () => location.reload()]]));
});
