// The scope of questions: all documents, those of some collections, or those that were chosen.

import { $, button, el, iconButton } from "./dom.js";
import { modal } from "./dialogs.js";
import { T } from "./i18n.js";
import { collectionBoxes, picker } from "./picker.js";
import { openSource } from "./source.js";

export const asSource = (item) => ({ document: item.name, document_id: item.id, title: item.title, section: "", spans: [] });

const EVERYTHING = { documents: null, collections: null };

/** `isNew()` says whether no question was asked in the conversation, which can still be limited to some collections. */
export class Scope {
  constructor(isNew) {
    this.isNew = isNew;
    this.documents = [];
    this.collections = [];
    this.choice = EVERYTHING;
    this.limit = null; // ids of the collections that the conversation is limited to
    this.keep = false; // whether the conversation that begins with the next question will be
    $("scope").addEventListener("click", () => this.dialog());
    this.show();
  }

  /** Set what the library holds; what is gone is dropped from the choice. */
  setLibrary(documents, collections) {
    Object.assign(this, { documents, collections });
    const there = (ids, items) => ids?.filter((id) => items.some((item) => item.id === id)) ?? null;
    this.choose({ documents: there(this.choice.documents, documents), collections: there(this.choice.collections, collections) });
  }

  /** Return {documents, collections}: ids, null for all. */
  chosen() {
    return this.choice;
  }

  choose({ documents, collections } = EVERYTHING) {
    const some = (ids, all) => (ids?.length && ids.length < all.length ? ids : null);
    this.choice = { documents: some(documents, this.documents), collections: some(collections, this.offered()) };
    if (!this.choice.collections) this.keep = false;
    this.show();
  }

  /** Say which collections the open conversation is limited to; null for none. */
  limitTo(ids) {
    this.limit = ids;
    this.keep = false;
    if (ids) this.choose({ documents: this.fits(ids) ? this.choice.documents : null, collections: null });
    this.show();
  }

  /** Whether the chosen documents are in some collections. */
  fits(ids) {
    const held = new Set(this.within(ids).map(({ id }) => id));
    return this.choice.documents?.every((id) => held.has(id));
  }

  /** Return the collections that a question may be limited to. */
  offered() {
    return this.limit ? this.collections.filter(({ id }) => this.limit.includes(id)) : this.collections;
  }

  /** Return the documents that are in any of the collections. */
  within(ids) {
    const names = new Set(this.collections.filter(({ id }) => ids.includes(id)).map(({ name }) => name));
    return this.documents.filter((item) => item.collections.some((name) => names.has(name)));
  }

  /** Say in which collections was searched, as people know them. */
  named(ids) {
    const names = this.collections.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
    return names.length === 1 ? names[0] : T.someCollections(ids.length);
  }

  show() {
    const { documents, collections } = this.choice;
    const within = collections ?? this.limit;
    $("scope-text").textContent = documents ? T.someDocuments(documents.length) : within ? this.named(within) : T.allDocuments;
    $("scope").classList.toggle("some", Boolean(documents ?? within));
    $("scope").hidden = this.documents.length < 2;
  }

  async dialog() {
    let read = null;
    const { documents, collections } = this.choice;
    const list = picker(this.documents, {
      isChecked: (item) => documents === null || documents.includes(item.id),
      about: (item) => `${item.name} · ${T.characters(item.chars)}`,
      beside: (item) =>
        iconButton("quote", T.scopeRead(item.title), (event) => {
          read = item;
          event.currentTarget.closest("dialog").close();
        }),
    });
    const offered = this.offered();
    const boxes = collectionBoxes(offered, ({ id }) => collections === null || collections.includes(id), T.collections, () => refit());
    const keep = el("input", { attrs: { type: "checkbox" } });
    keep.checked = this.keep;
    const keeping = el("label", { class: "keep" }, keep, el("span", { text: T.keepConversation }));
    const refit = () => {
      const some = boxes.chosen().length < offered.length;
      keeping.hidden = !some || !this.isNew();
      list.fit(some || this.limit ? this.within(boxes.chosen()) : this.documents);
    };
    const parts = this.limit ? [el("p", { text: T.conversationLimited(this.named(this.limit)) })] : [];
    if (offered.length > 1) parts.push(boxes.node, keeping);
    refit();
    const result = () => {
      const ticked = list.chosen().map(({ id }) => id);
      const shown = boxes.chosen().length < offered.length || this.limit ? this.within(boxes.chosen()) : this.documents;
      return { documents: ticked.length === shown.length ? null : ticked, collections: boxes.chosen(), keep: keep.checked && !keeping.hidden };
    };
    const chosen = await modal(T.scopeTitle, [...parts, ...list.parts], { agree: T.done, result, wide: true });
    if (read) openSource([asSource(read)], 0, $("scope"));
    else if (chosen) {
      this.choose(chosen);
      this.keep = chosen.keep && this.choice.collections !== null;
    }
  }
}

/** Return a list of documents; each opens its text. */
export function shelf(documents) {
  const list = el("ul", { class: "shelf" });
  for (const item of documents) {
    const open = button({}, () => openSource([asSource(item)], 0, open));
    open.append(el("span", { class: "name", content: item.title }), el("span", { class: "section", text: T.characters(item.chars) }));
    list.append(el("li", {}, open));
  }
  return list;
}
