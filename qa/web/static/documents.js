// The dialog of the library's documents: add, replace, delete, read, and watch how far each has got.

import { CollectionBar, askForCollections } from "./collections.js";
import { $, button, drawn, el, iconButton } from "./dom.js";
import { confirm, modal, toast } from "./dialogs.js";
import { worded } from "./failure.js";
import { T } from "./i18n.js";
import { isOver } from "./library.js";
import { asSource } from "./scope.js";
import { openSource } from "./source.js";

const AGAIN_MS = 100;
let shown = null;

/** Show the dialog; `files` ([{file, name}]) are added at once. While it is open, they are added to it. */
export async function showDocuments(library, files = []) {
  if (shown) return void shown.add(files);
  const view = new View(library);
  shown = view;
  const release = library.watch();
  view.draw();
  if (files.length) view.add(files);
  await modal(T.library, view.parts, { agree: T.done, cancel: false, wide: true });
  shown = null;
  release();
  const opener = $("holdings").closest("[inert]") ? $("menu") : $("holdings");
  if (view.read) openSource([asSource(view.read)], 0, opener);
}

/** Draw the dialog again, if it is open: the documents or the jobs have changed. */
export const redraw = () => shown?.draw();

class View {
  constructor(library) {
    this.library = library;
    this.read = null;
    this.find = el("input", { class: "line", attrs: { type: "search", placeholder: T.scopeFind, "aria-label": T.scopeFind } });
    this.find.addEventListener("input", () => this.draw());
    this.list = el("ul", { class: "choices documents", attrs: { tabindex: "-1" } });
    this.none = el("p", { class: "soft" });
    this.said = el("p", { class: "said", attrs: { role: "status" } });
    this.sending = el("progress", { label: T.sending });
    this.sending.hidden = true;
    this.into = el("p", { class: "soft" });
    this.bar = new CollectionBar(library, { chosen: () => this.draw(), attempt: (act) => this.attempt(act) });
    this.parts = [...(library.uploads ? [this.adder()] : []), this.sending, this.said, this.bar.node, this.find, this.list, this.none];
  }

  adder() {
    const { suffixes, file_bytes: bytes } = this.library.uploads;
    const input = el("input", { attrs: { type: "file", multiple: "", accept: suffixes.join(","), hidden: "" } });
    input.addEventListener("change", () => {
      this.add([...input.files].map((file) => ({ file, name: file.name })));
      input.value = "";
    });
    const choose = button({ class: "primary" }, () => input.click(), drawn("plus"), el("span", { text: T.addFiles }));
    return el("div", { class: "adder" }, choose, input, el("p", { class: "soft", text: T.dropHere(Math.round(bytes / 2 ** 20)) }), this.into);
  }

  say(text, failed = false) {
    this.said.textContent = text;
    this.said.classList.toggle("failed", failed);
  }

  /** Send files, after asking about those that replace a document. */
  async add(files) {
    const { uploads, documents } = this.library;
    if (!uploads) return void this.say(T.noUploads, true);
    if (this.bar.wanting) return void this.say(T.chooseCollection, true);
    const large = files.filter(({ file }) => file.size > uploads.file_bytes);
    const empty = files.filter(({ file }) => file.size === 0);
    const fit = files.filter(({ file }) => file.size > 0 && file.size <= uploads.file_bytes);
    const refused = [...large.map(({ name }) => T.tooLarge(name, Math.round(uploads.file_bytes / 2 ** 20))), ...empty.map(({ name }) => T.emptyFile(name))];
    const known = new Set(documents.map((item) => item.name));
    const there = fit.filter(({ name }) => known.has(name)).map(({ name }) => name);
    const agreed = there.length === 0 || (await confirm(T.replaceSure(there), T.replace));
    const sent = agreed ? fit : fit.filter(({ name }) => !known.has(name));
    this.say(refused.join(" "), refused.length > 0);
    if (sent.length) await this.send((progress) => this.library.add(sent, progress, this.bar.shown), T.sent(sent.length), refused);
  }

  async send(act, done, refused = []) {
    this.sending.hidden = false;
    this.sending.removeAttribute("value");
    try {
      await act((sent, total) => {
        this.sending.max = total;
        this.sending.value = sent;
      });
      this.say([...refused, done].join(" "), refused.length > 0);
    } catch (error) {
      const reason = error.message === error.code ? "" : error.message;
      const text = [...refused, T.failed + worded(error).join(" "), reason].join(" ").trim();
      this.say(text, true);
      if (shown !== this) toast(text); // the dialog was closed meanwhile
    } finally {
      this.sending.hidden = true;
    }
  }

  draw() {
    // A row that is drawn anew while it is pressed would lose the click.
    if (this.list.matches(":active")) return void setTimeout(() => shown === this && this.draw(), AGAIN_MS);
    this.bar.draw();
    const { shown } = this.bar;
    this.into.textContent = shown ? T.addedInto(shown.name) : this.bar.wanting ? T.chooseCollection : "";
    const { documents } = this.library;
    const jobs = new Map(this.library.shown().map((job) => [job.document, job]));
    const rows = documents.map((item) => ({ item, job: jobs.get(item.name), key: `${item.title}\n${item.name}` }));
    for (const item of documents) jobs.delete(item.name);
    const coming = [...jobs.values()].map((job) => ({ item: null, job, key: job.document }));
    const wanted = this.find.value.trim().toLowerCase();
    const all = [...coming, ...rows.filter((row) => row.job), ...rows.filter((row) => !row.job)];
    const fitting = all.filter(({ item, key }) => key.toLowerCase().includes(wanted) && (!shown || !item || item.collections.includes(shown.name)));
    const focused = document.activeElement?.dataset?.act;
    this.list.replaceChildren(...fitting.map((row) => this.row(row)));
    if (focused) this.list.querySelector(`[data-act="${CSS.escape(focused)}"]`)?.focus();
    this.none.textContent = all.length ? (shown && !wanted ? T.collectionEmpty : T.scopeNone) : T.emptyShort;
    this.none.hidden = fitting.length > 0;
    this.find.hidden = all.length < 6;
  }

  row({ item, job }) {
    const name = item?.name ?? job.document;
    const within = item && this.library.collections.length > 1 ? T.inCollections(item.collections) : "";
    const about = item ? [item.title === name ? "" : name, T.characters(item.chars), within].filter(Boolean).join(" · ") : "";
    const names = el("div", { class: "names" }, el("span", { class: "name", content: item?.title ?? name }));
    if (about) names.append(el("span", { class: "section", text: about }));
    if (job) names.append(stateOf(job));
    const row = el("li", { class: job && !isOver(job) ? "working-on" : "" }, names, ...this.actions(item, job, name));
    return row;
  }

  actions(item, job, name) {
    const title = item?.title ?? name;
    const act = (icon, label, what, run) => {
      const node = iconButton(icon, label, run);
      node.dataset.act = `${what} ${name}`; // the focus is found again by it
      return node;
    };
    const acts = [];
    if (job?.state === "failed") acts.push(act("again", T.retryOf(title), "retry", () => this.changed(job, "retry")));
    if (job?.state === "failed") acts.push(act("close", T.dismissOf(title), "dismiss", () => this.library.dismiss(job)));
    if (job && !isOver(job)) acts.push(act("close", T.cancelOf(title), "cancel", () => this.changed(job, "cancel")));
    if (!item) return acts;
    acts.push(act("quote", T.scopeRead(title), "read", (event) => {
      this.read = item;
      event.currentTarget.closest("dialog").close();
    }));
    if (this.library.manages && this.library.collections.length > 1) acts.push(act("folder", T.collectionsOf(title), "collect", () => this.collect(item)));
    if (!this.library.uploads || (job && !isOver(job))) return acts;
    acts.push(act("upload", T.replaceOf(title), "replace", () => this.replace(item)));
    acts.push(act("trash", T.deleteOf(title), "delete", () => this.remove(item)));
    return acts;
  }

  /** Do what may fail, and say so. */
  async attempt(act) {
    try {
      await act();
      this.say("");
    } catch (error) {
      this.say(T.failed + worded(error).join(" "), true);
    }
  }

  changed(job, what) {
    return this.attempt(() => this.library.change(job, what));
  }

  async collect(item) {
    const chosen = await askForCollections(item, this.library.collections);
    if (chosen) await this.attempt(() => this.library.putInto(item, chosen));
  }

  replace(item) {
    const input = el("input", { attrs: { type: "file", accept: this.library.uploads.suffixes.join(",") } });
    input.addEventListener("change", () => {
      const [file] = input.files;
      if (file) this.send((progress) => this.library.replace(item, file, progress), T.sent(1));
    });
    input.click();
  }

  remove(item) {
    return this.attempt(async () => {
      const lost = await this.library.losses(item);
      if (await confirm(T.deleteSure(item.title, lost), T.remove)) await this.library.remove(item);
    });
  }
}

function stateOf(job) {
  const known = job.total > 0 && !isOver(job);
  const text = job.state === "failed" ? T.jobFailed(job.reason ?? "") : T.jobs[job.kind === "remove" ? "removing" : job.state](job.position, Math.floor((100 * job.done) / (job.total || 1)), known);
  const line = el("span", { class: job.state === "failed" ? "job failed" : "job" }, el("span", { text }));
  if (known) line.append(el("progress", { label: text, attrs: { max: String(job.total), value: String(job.done) } }));
  return line;
}
