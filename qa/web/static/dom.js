// Creates elements. Text from documents, models and people only ever becomes text nodes; nothing here parses markup.

export const $ = (id) => document.getElementById(id);

const CHINESE = /\p{Script=Han}/u;

/** Return an element. `options`: class, text (the page's own words), content (text of documents and people, marked with its
 * language for screen readers and fonts), label (aria-label), title, on (handlers by event), attrs. */
export function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  if (options.class) node.className = options.class;
  if (options.text !== undefined) node.textContent = options.text;
  if (options.content !== undefined) setContent(node, options.content);
  if (options.label) node.setAttribute("aria-label", options.label);
  if (options.title) node.title = options.title;
  for (const [name, value] of Object.entries(options.attrs ?? {})) node.setAttribute(name, value);
  for (const [event, handler] of Object.entries(options.on ?? {})) node.addEventListener(event, handler);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Say whether a key belongs to an input method that is composing: the Enter that commits, in Safari by its code alone. */
export const composing = (event) => event.isComposing || event.keyCode === 229;

/** Return the language of a text: Chinese as soon as it has a Chinese character. */
export const languageOf = (text) => (CHINESE.test(text) ? "zh-CN" : "en");

/** Put text of a document, a model or a person into `node`, and mark its language. */
export function setContent(node, text) {
  node.textContent = text;
  node.lang = languageOf(text);
}

/** Return a button that does `click`. */
export function button(options, click, ...children) {
  const node = el("button", { ...options, on: { ...options.on, click } }, ...children);
  node.type = "button";
  return node;
}

/** Return a button that shows an icon, with an accessible name. */
export function iconButton(icon, label, click, options = {}) {
  return button({ class: "icon-button", ...options, label, title: label }, click, drawn(icon));
}

const PATHS = {
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  menu: "M4 7h16M4 12h16M4 17h10",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
  books: "M5 4v16M9 4v16M5 4h4M5 20h4M13 5l4-1 3.5 15-4 1z",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  done: "M5 12.5l4.5 4.5L19 7.5",
  again: "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  good: "M7 11v9H4v-9zM7 11l4-7c2 0 2.5 1.5 2 3.5L12.5 10H19c1 0 1.5 1 1.3 2l-1.5 6.5c-.2 1-1 1.5-1.8 1.5H7",
  bad: "M17 13V4h3v9zM17 13l-4 7c-2 0-2.5-1.5-2-3.5l.5-2.5H5c-1 0-1.5-1-1.3-2l1.5-6.5c.2-1 1-1.5 1.8-1.5h10",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1",
  dark: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  quote: "M6 4h12v16H6zM9.5 9h5M9.5 13h5",
  abstention: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM8.5 12h7",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  arrow: "M5 12h13M13 7l5 5-5 5",
  folder: "M4 6h5l2 2h9v11H4zM8 13h8",
  upload: "M12 19V9M7 13l5-5 5 5M5 4h14",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
};
const SVG = "http://www.w3.org/2000/svg";

/** Return an icon that is hidden from screen readers. */
export function drawn(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Announce `text` to screen readers. */
export function announce(text) {
  $("status").textContent = "";
  requestAnimationFrame(() => {
    $("status").textContent = text;
  });
}

/** Scroll `box` so that `node` is at its start, at its end, or in its middle. (scrollIntoView would scroll the page too.) */
export function reveal(box, node, where) {
  const inner = node.getBoundingClientRect();
  const outer = box.getBoundingClientRect();
  if (where === "end") box.scrollTop += inner.bottom - outer.bottom + 24;
  else if (where === "start") box.scrollTop += inner.top - outer.top - 16;
  else box.scrollTop += inner.top - outer.top - Math.max(48, (outer.height - inner.height) / 2);
}

/** Whether the panels overlap instead of standing side by side. */
export const isNarrow = () => matchMedia("(max-width: 46.99rem)").matches;

/** Fill in the labels and icons that the page's elements name in data-t, data-icon and data-label. */
export function localise(root, words) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = words[node.dataset.t];
  for (const node of root.querySelectorAll("[data-icon]")) node.prepend(drawn(node.dataset.icon));
  for (const node of root.querySelectorAll("[data-title]")) node.title = words[node.dataset.title];
  for (const node of root.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", words[node.dataset.label]);
    if (node.tagName === "BUTTON") node.title = words[node.dataset.label];
    if (node.tagName === "INPUT") node.placeholder = words[node.dataset.label];
  }
}
