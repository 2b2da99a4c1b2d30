// The text of a page, laid invisibly over its image: it can be selected, searched and read aloud.

import { el } from "./dom.js";

const FONT = "sans-serif";
const measure = document.createElement("canvas").getContext("2d");

/** Return the lines of a page ({width, height, lines}), with the characters of `spans` in <mark>. */
export function textLayer(page, spans) {
  return page.lines.map((line) => {
    const [left, top, right, bottom] = line.box;
    const node = el("div", { class: "page-line" }, ...piecesOf(line, spans));
    const size = bottom - top;
    measure.font = `100px ${FONT}`;
    const natural = (measure.measureText(line.text).width / 100) * size;
    node.style.setProperty("left", `${(100 * left) / page.width}%`);
    node.style.setProperty("top", `${(100 * top) / page.height}%`);
    node.style.setProperty("--size", String((100 * size) / page.width)); // per cent of the page's width, at every zoom
    node.style.setProperty("--stretch", String(natural ? (right - left) / natural : 1));
    return node;
  });
}

/** Return a line's text in pieces: marked, and not. */
function piecesOf({ text, start }, spans) {
  const points = Array.from(text);
  const here = spans
    .map(([from, to]) => [Math.max(0, from - start), Math.min(points.length, to - start)])
    .filter(([from, to]) => from < to)
    .sort((a, b) => a[0] - b[0]);
  const pieces = [];
  let at = 0;
  for (const [from, to] of here) {
    if (to <= at) continue;
    pieces.push(points.slice(at, from).join(""), el("mark", { text: points.slice(Math.max(at, from), to).join("") }));
    at = to;
  }
  return [...pieces, points.slice(at).join("")].filter((piece) => piece !== "");
}
