// The bar of collections in the dialog of documents: shows one alone, makes, renames, fills and deletes them.

import { el, iconButton } from "./dom.js";
import { askForText, confirm, modal } from "./dialogs.js";
import { T } from "./i18n.js";
import { collectionBoxes, picker } from "./picker.js";

const DEFAULT = "default"; // id of the collection that takes what is put into none
const NAME_CHARS = 64;

/** Return the names of a document's other collections, for the line below its title. */
const others = (item, collection) => item.collections.filter((name) => name !== collection.name).join(T.and);

export class CollectionBar {
  /** `hooks`: chosen() when another one is shown, attempt(act) runs what may fail. */
  constructor(library, hooks) {
    Object.assign(this, { library, hooks, id: "" });
    this.select = el("select", { class: "line" });
    this.select.addEventListener("change", () => this.choose(this.select.value));
    const act = (icon, label, run) => iconButton(icon, label, run);
    this.acts = [
      act("edit", T.collectionRename, () => this.rename()),
      act("folder", T.collectionFill, () => this.fill()),
      act("trash", T.collectionRemove, () => this.remove()),
    ];
    const make = this.changes ? [act("plus", T.collectionAdd, () => this.add())] : [];
    this.node = el("div", { class: "collection-bar" }, el("label", {}, el("span", { text: T.collection }), this.select), ...make, ...this.acts);
    this.draw();
  }

  /** Whether the caller makes, fills and removes collections. */
  get changes() {
    return this.library.uploads && this.library.whole;
  }

  /** Whether files have to be told which collection they go into, and one isn't shown. */
  get wanting() {
    return !this.library.whole && this.library.collections.length > 1 && !this.shown;
  }

  /** The collection that is shown alone; undefined for all. */
  get shown() {
    return this.library.collections.find(({ id }) => id === this.id);
  }

  choose(id) {
    this.id = id;
    this.draw();
    this.hooks.chosen();
  }

  draw() {
    const { collections } = this.library;
    if (!this.shown) this.id = "";
    const options = [["", T.allCollections], ...collections.map((one) => [one.id, T.counted(one.name, one.document_count)])];
    const said = JSON.stringify(options);
    if (said !== this.drawn) this.select.replaceChildren(...options.map(([value, text]) => el("option", { text, attrs: { value } })));
    this.drawn = said;
    this.select.value = this.id;
    for (const each of this.acts) each.hidden = !this.changes || !this.shown;
    this.acts.at(-1).hidden ||= this.id === DEFAULT;
    this.node.hidden = collections.length < 2 && !this.changes;
  }

  /** Ask for a name that no other collection has; null when cancelled. */
  async name(title, before) {
    const taken = new Set(this.library.collections.map(({ name }) => name));
    const check = (name) => {
      if (name !== before && taken.has(name)) return T.collectionTaken(name);
      return Array.from(name).length > NAME_CHARS || name.includes(",") ? T.collectionBadName : "";
    };
    const name = await askForText(title, T.collectionName, before, check);
    return name === before ? null : name;
  }

  async add() {
    const name = await this.name(T.collectionAdd, "");
    if (name) await this.hooks.attempt(async () => this.choose((await this.library.addCollection(name)).id));
  }

  async rename() {
    const { shown } = this;
    const name = await this.name(T.collectionRename, shown.name);
    if (name) await this.hooks.attempt(() => this.library.renameCollection(shown, name));
  }

  async fill() {
    const { shown, library } = this;
    const held = library.documents.filter((item) => item.collections.includes(shown.name));
    const isOrphan = (item) => item.collections.length === 1 && item.collections[0] === shown.name;
    const list = picker(library.documents, {
      isChecked: (item) => held.includes(item),
      about: (item) => others(item, shown) || T.noOther,
      all: T.scopeAll,
      isFixed: (item) => shown.id === DEFAULT && isOrphan(item), // where should it go?
    });
    const chosen = await modal(T.collectionHolds(shown.name), list.parts, { agree: T.save, result: list.chosen, wide: true });
    if (!chosen) return;
    const orphans = held.filter((item) => isOrphan(item) && !chosen.includes(item));
    if (await this.moves(orphans, T.save)) await this.hooks.attempt(() => library.fillCollection(shown, chosen, orphans.length ? DEFAULT : null));
  }

  /** Ask whether documents that would be in no collection may go into the default one. */
  async moves(orphans, agree) {
    if (!orphans.length) return true;
    const { name } = this.library.collections.find(({ id }) => id === DEFAULT);
    return confirm(T.orphans(orphans.length, name), agree);
  }

  async remove() {
    const { shown, library } = this;
    const orphans = library.documents.filter((item) => item.collections.length === 1 && item.collections[0] === shown.name);
    const { name } = library.collections.find(({ id }) => id === DEFAULT);
    const text = [T.collectionRemoveSure(shown.name), orphans.length ? T.orphans(orphans.length, name) : ""].filter(Boolean).join(" ");
    if (await confirm(text, T.remove)) await this.hooks.attempt(() => library.removeCollection(shown, orphans.length ? DEFAULT : null));
  }
}

/** Ask in which collections a document is to be; null when cancelled. */
export function askForCollections(item, collections) {
  const boxes = collectionBoxes(collections, ({ name }) => item.collections.includes(name), T.collectionsWhy);
  const complaint = el("p", { class: "complaint", attrs: { role: "alert" } });
  const result = () => {
    if (boxes.chosen().length) return boxes.chosen();
    complaint.textContent = T.oneCollection;
    return null;
  };
  return modal(T.collectionsOf(item.title), [boxes.node, complaint], { result });
}
