// The pages of a document as images, one below the other, with cited places marked and the text over them to be selected.

import { bitmapOf, getJSON } from "./api.js";
import { $, el, languageOf } from "./dom.js";
import { T } from "./i18n.js";
import { textLayer } from "./textlayer.js";

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];
const WIDTHS = [400, 600, 800, 1000, 1200, 1600, 2000, 2500, 3000]; // pixels; few, so that images are found in caches
const DRAWN = 8; // pages whose images are held
const LEGIBLE = 11; // pixels: height of a line
const AHEAD = "60%"; // of the panel's height: how far away pages are drawn already

const state = { document: null, spans: [], pages: [], at: 0, zoom: 1, chosen: false, drawn: [] };
let watcher = null;

const path = (page) => `/documents/${encodeURIComponent(state.document.id)}/pages/${page}`;

/** Show `document_` with the characters of `spans` marked: `places` are where they stand. Begin at the first of them. */
export function showPages(document_, places, spans) {
  if (state.document !== document_) build(document_);
  state.spans = spans;
  for (const page of state.pages) {
    page.marks.replaceChildren(...marksOf(page, places));
    if (page.lines) page.text.replaceChildren(...textLayer(page, spans));
  }
  const first = state.pages.find((page) => page.marks.firstChild);
  if (first) legible(first);
  if (first) revealMark(first);
  else goTo(0);
  noted();
}

function build(document_) {
  watcher?.disconnect();
  Object.assign(state, { document: document_, drawn: [], at: 0 });
  const widest = Math.max(...document_.pages.map((page) => page.width || 1));
  state.pages = document_.pages.map((page, at) => {
    const [canvas, marks, text] = [el("canvas"), el("div", { class: "page-marks" }), el("div", { class: "page-text" })];
    canvas.setAttribute("aria-hidden", "true");
    const name = T.pageNamed(page.label, at + 1, document_.pages.length);
    const root = el("section", { class: "page waits", label: name }, canvas, marks, text);
    root.style.setProperty("--share", String((page.width || widest) / widest));
    root.style.setProperty("--shape", `${page.width || 1} / ${page.height || 1.4}`);
    return { ...page, at, root, canvas, marks, text, lines: null, pixels: 0, wanted: 0 };
  });
  $("source-pages").replaceChildren(...state.pages.map((page) => page.root));
  $("source-pages").lang = languageOf(document_.text);
  watcher = new IntersectionObserver(seen, { root: $("source-pages"), rootMargin: `${AHEAD} 0px` });
  for (const page of state.pages) watcher.observe(page.root);
}

function marksOf(page, places) {
  const here = places.filter((place) => place.page === page.page);
  return here.flatMap((place) => place.boxes).map(([left, top, right, bottom]) => {
    const mark = el("div", { class: "page-mark" });
    const sides = { left: left / page.width, top: top / page.height, width: (right - left) / page.width, height: (bottom - top) / page.height };
    for (const [name, share] of Object.entries(sides)) mark.style.setProperty(name, `${100 * share}%`);
    return mark;
  });
}

// --- drawing ----------------------------------------------------------------------------------------------------

function seen(entries) {
  for (const entry of entries) {
    const page = state.pages.find((one) => one.root === entry.target);
    page.near = entry.isIntersecting;
    if (page.near) draw(page);
  }
}

async function draw(page) {
  read(page);
  const need = page.root.clientWidth * devicePixelRatio;
  const pixels = WIDTHS.find((width) => width >= need) ?? WIDTHS.at(-1);
  if (page.wanted >= pixels) return;
  page.wanted = pixels;
  const document_ = state.document;
  try {
    const bitmap = await bitmapOf(`${path(page.page)}.png?width=${pixels}`);
    if (state.document !== document_ || page.pixels >= pixels) return bitmap.close();
    Object.assign(page.canvas, { width: bitmap.width, height: bitmap.height });
    page.canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    page.pixels = pixels;
    page.root.classList.remove("waits", "without-image");
    hold(page);
  } catch {
    page.wanted = page.pixels;
    page.root.classList.remove("waits");
    page.root.classList.toggle("without-image", !page.pixels); // its text is shown where it stands
  }
}

/** Remember that a page is drawn, and forget the images of those that are farthest away. */
function hold(page) {
  state.drawn = [...state.drawn.filter((one) => one !== page), page];
  const far = state.drawn.filter((one) => !one.near).sort((a, b) => Math.abs(b.at - page.at) - Math.abs(a.at - page.at));
  for (const one of far.slice(0, Math.max(0, state.drawn.length - DRAWN))) {
    Object.assign(one.canvas, { width: 0, height: 0 });
    Object.assign(one, { pixels: 0, wanted: 0 });
    one.root.classList.add("waits");
    state.drawn = state.drawn.filter((other) => other !== one);
  }
}

async function read(page) {
  if (page.lines) return;
  page.lines = [];
  try {
    page.lines = (await getJSON(path(page.page))).lines;
    page.text.replaceChildren(...textLayer(page, state.spans));
  } catch {
    page.lines = null; // asked for again when the page is seen again
  }
}

// --- moving about -----------------------------------------------------------------------------------------------

/** Where nobody chose a zoom: enlarge the page until the marked lines can be read, as far as they fit. */
function legible(page) {
  if (state.chosen) return;
  const boxes = [...page.marks.children].map((mark) => mark.getBoundingClientRect());
  const sizes = boxes.map((box) => Math.min(box.width, box.height) / state.zoom).sort((a, b) => a - b);
  const line = sizes[Math.floor(sizes.length / 2)];
  const length = (from, to) => (Math.max(...boxes.map((box) => box[to])) - Math.min(...boxes.map((box) => box[from]))) / state.zoom;
  const panel = $("source-pages");
  const room = Math.min((panel.clientWidth - 24) / length("left", "right"), (panel.clientHeight - 24) / length("top", "bottom"));
  const fitting = ZOOMS.filter((zoom) => zoom === 1 || (zoom > 1 && zoom <= room));
  zoomTo(fitting.find((zoom) => zoom * line >= LEGIBLE) ?? fitting.at(-1));
}

function revealMark(page) {
  const [box, mark] = [$("source-pages"), page.marks.firstChild];
  const [inner, outer] = [mark.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollTop += inner.top - outer.top - outer.height / 3;
  box.scrollLeft += inner.left - outer.left - Math.max(16, (outer.width - inner.width) / 2);
}

/** Go to the page of an index, as far as there are pages. */
export function goTo(at) {
  const page = state.pages[Math.max(0, Math.min(at, state.pages.length - 1))];
  const box = $("source-pages");
  box.scrollTop += page.root.getBoundingClientRect().top - box.getBoundingClientRect().top - 12;
  noted(page.at);
}

/** Find out which page is in the middle of the panel, and say so. */
function noted(at = null) {
  const middle = $("source-pages").getBoundingClientRect().top + $("source-pages").clientHeight / 2;
  const first = state.pages.findIndex((page) => page.root.getBoundingClientRect().bottom > middle);
  state.at = at ?? (first < 0 ? state.pages.length - 1 : first);
  if (document.activeElement !== $("page-number")) $("page-number").value = state.pages[state.at].label;
  $("page-count").textContent = T.ofPages(state.at + 1, state.pages.length, state.pages[state.at].label);
  $("page-prev").disabled = state.at === 0;
  $("page-next").disabled = state.at === state.pages.length - 1;
}

function zoomTo(zoom) {
  const box = $("source-pages");
  const [x, y] = [(box.scrollLeft + box.clientWidth / 2) / box.scrollWidth, (box.scrollTop + box.clientHeight / 2) / box.scrollHeight];
  state.zoom = zoom;
  box.style.setProperty("--zoom", String(zoom));
  box.scrollLeft = x * box.scrollWidth - box.clientWidth / 2;
  box.scrollTop = y * box.scrollHeight - box.clientHeight / 2;
  $("zoom-fit").textContent = T.percent(Math.round(100 * zoom));
  $("zoom-out").disabled = zoom === ZOOMS[0];
  $("zoom-in").disabled = zoom === ZOOMS.at(-1);
  redraw();
}

function zoomBy(steps) {
  const at = ZOOMS.indexOf(state.zoom) + steps;
  if (ZOOMS[at]) choose(ZOOMS[at]);
}

function choose(zoom) {
  state.chosen = true;
  zoomTo(zoom);
}

function redraw() {
  for (const page of state.pages) if (page.near) draw(page);
}

/** Go to the page that was typed: by what is printed on it, else by its number. */
function typed() {
  const wanted = $("page-number").value.trim().toLowerCase();
  const labelled = state.pages.findIndex((page) => page.label.toLowerCase() === wanted);
  const number = Number.parseInt(wanted, 10);
  if (labelled >= 0) goTo(labelled);
  else if (number >= 1) goTo(number - 1);
  $("page-number").value = state.pages[state.at].label;
}

const KEYS = {
  PageDown: () => goTo(state.at + 1), PageUp: () => goTo(state.at - 1), Home: () => goTo(0), End: () => goTo(Infinity),
  "+": () => zoomBy(1), "=": () => zoomBy(1), "-": () => zoomBy(-1), 0: () => choose(1),
};

/** Add the event handlers of the pages and the bar above them. */
export function install() {
  const box = $("source-pages");
  zoomTo(1);
  box.addEventListener("scroll", () => state.pages.length && noted(), { passive: true });
  new ResizeObserver(() => state.pages.length && !box.hidden && redraw()).observe(box);
  $("page-prev").addEventListener("click", () => goTo(state.at - 1));
  $("page-next").addEventListener("click", () => goTo(state.at + 1));
  $("zoom-out").addEventListener("click", () => zoomBy(-1));
  $("zoom-in").addEventListener("click", () => zoomBy(1));
  $("zoom-fit").addEventListener("click", () => choose(1));
  $("page-number").addEventListener("change", typed);
  $("page-number").addEventListener("focus", () => $("page-number").select());
  $("source").addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || box.hidden || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    event.preventDefault();
    act();
  });
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // a pinch on a touchpad, too
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1 : -1);
  }, { passive: false });
}
