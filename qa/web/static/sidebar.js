// The list of conversations: open, rename, export, delete. A drawer on narrow pages.

import { call, download, getIfThere, sendJSON } from "./api.js";
import { $, announce, button, el, iconButton } from "./dom.js";
import { askForText, confirm, menu, toast } from "./dialogs.js";
import { worded } from "./failure.js";
import { T } from "./i18n.js";

const PAGE = 50;
const WAIT_MS = 200; // after the last key
const DAY_MS = 86_400_000;
const drawer = matchMedia("(max-width: 63.99rem)");

const pathOf = (item) => `/conversations/${encodeURIComponent(item.id)}`;
const fail = (error) => toast(T.failed + worded(error).join(" "));

/** Return the menu items that export a conversation. */
export function exportItems(item) {
  const save = (format, ending) => download(`${pathOf(item)}/export?format=${format}`, `conversation.${ending}`).catch(fail);
  return [
    { icon: "download", text: T.exportMarkdown, act: () => save("markdown", "md") },
    { icon: "download", text: T.exportJson, act: () => save("json", "json") },
  ];
}

/** `hooks`: current() is the open conversation's id, deleted(id), renamed(id, title). */
export class Sidebar {
  constructor(hooks) {
    this.hooks = hooks;
    this.items = [];
    this.next = null;
    this.there = true;
    this.search = "";
    this.timer = 0;
    $("find").addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.find($("find").value.trim()), WAIT_MS);
    });
    $("menu").addEventListener("click", () => this.toggle());
    $("shade").addEventListener("click", () => this.toggle(false));
    drawer.addEventListener("change", () => this.toggle(false));
    this.toggle(false);
  }

  /** Show or hide the list: a drawer on narrow pages. */
  toggle(open) {
    const wide = !drawer.matches;
    if (wide) {
      if (open === undefined) document.body.classList.toggle("without-sidebar");
      open = !document.body.classList.contains("without-sidebar");
    } else {
      open ??= !document.body.classList.contains("with-sidebar");
      document.body.classList.toggle("with-sidebar", open);
    }
    const closing = $("sidebar").contains(document.activeElement) && !open;
    $("sidebar").inert = !open;
    $("shade").hidden = wide || !open;
    $("menu").setAttribute("aria-expanded", String(open));
    if (!wide && open) $("fresh").focus();
    if (closing) $("menu").focus();
  }

  /** Close the drawer; return whether it was open. */
  close() {
    const open = drawer.matches && document.body.classList.contains("with-sidebar");
    if (open) this.toggle(false);
    return open;
  }

  /** Fetch the list again. */
  async refresh() {
    if (!this.there) return;
    const search = this.search;
    const found = await getIfThere(this.path(), null);
    this.there = found !== null;
    if (!found || search !== this.search) return;
    this.items = found.conversations;
    this.next = found.next ?? null;
    this.show();
  }

  path(before = "") {
    return `/conversations?${new URLSearchParams({ limit: PAGE, ...(before && { before }), ...(this.search && { search: this.search }) })}`;
  }

  /** List the conversations that have these words; all, when there are none. */
  async find(words) {
    if (words === this.search) return;
    this.search = words;
    await this.refresh().catch(fail);
    if (words && words === this.search && !this.items.length) announce(T.foundNone);
  }

  async older() {
    const search = this.search;
    const found = await getIfThere(this.path(this.next), null).catch(fail);
    if (!found || search !== this.search) return;
    const known = new Set(this.items.map((item) => item.id));
    this.items.push(...found.conversations.filter((item) => !known.has(item.id)));
    this.next = found.next ?? null;
    this.show();
  }

  titleOf(id) {
    return this.items.find((item) => item.id === id)?.title ?? "";
  }

  /** Render the list, grouped by age: today, yesterday, last seven days, earlier. */
  show() {
    const shown = this.items.filter((item) => item.message_count > 0 || item.id === this.hooks.current());
    const groups = new Map();
    for (const item of shown) {
      const name = ageOf(item.updated);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(item);
    }
    const parts = [...groups].map(([name, items]) => el("section", {}, el("h2", { text: name }), el("ul", {}, ...items.map((item) => this.row(item)))));
    if (parts.length === 0) parts.push(el("p", { class: "soft none", text: this.search ? T.foundNone : T.noConversations }));
    if (this.next) parts.push(button({ class: "plain small older", text: T.older }, () => this.older()));
    $("conversations").replaceChildren(...parts);
  }

  row(item) {
    const title = item.title || T.untitled;
    const place = item.found ? `#${item.id}/${item.found.message_id}` : `#${item.id}`;
    const link = el("a", { class: "conversation", content: title, title, attrs: { href: place } });
    if (item.found && item.found.text !== title) link.append(el("span", { class: "found-text", content: item.found.text }));
    link.addEventListener("click", () => this.close());
    if (item.id === this.hooks.current()) link.setAttribute("aria-current", "page");
    const more = iconButton("more", T.moreOf(title), () => menu(more, this.itemsOf(item)), { class: "icon-button more", attrs: { "aria-haspopup": "menu", "aria-expanded": "false" } });
    return el("li", {}, link, more);
  }

  itemsOf(item) {
    return [
      { icon: "edit", text: T.rename, act: () => this.rename(item) },
      ...exportItems(item),
      { icon: "trash", text: T.remove, danger: true, act: () => this.remove(item) },
    ];
  }

  async rename(item) {
    const title = await askForText(T.rename, T.renameLabel, item.title);
    if (title === null || title === item.title) return;
    try {
      item.title = (await sendJSON("PATCH", pathOf(item), { title })).title;
      this.show();
      this.hooks.renamed(item.id, item.title);
    } catch (error) {
      fail(error);
    }
  }

  async remove(item) {
    if (!(await confirm(T.removeSure(item.title || T.untitled), T.remove))) return;
    try {
      await call(pathOf(item), { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) return void fail(error);
    }
    this.items = this.items.filter((other) => other.id !== item.id);
    this.show();
    this.hooks.deleted(item.id);
    $("fresh").focus();
  }
}

function ageOf(when) {
  const midnight = new Date().setHours(0, 0, 0, 0);
  const time = Date.parse(when);
  if (time >= midnight) return T.today;
  if (time >= midnight - DAY_MS) return T.yesterday;
  return time >= midnight - 7 * DAY_MS ? T.week : T.earlier;
}
