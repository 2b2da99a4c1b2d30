// Offsets into a raw text count Unicode code points, while JavaScript strings count UTF-16 units.

/** Return the code points of a text. */
export const pointsOf = (text) => Array.from(text);

/** Return what `spans` cut out of `points`. */
export const cut = (points, spans) => spans.map(([start, end]) => points.slice(start, end).join("")).join("");

/**
 * Return the lines of the text, each a list of pieces {text, mark, dim, markup, order} of equal marking.
 * Lines keep their line ends, so that all pieces together are the text. `heading` is its level, or 0; `start` and `end`
 * are its offsets.
 */
export function linesOf(points, { marks = [], dims = [], markup = [], orders = [], headings = [] }) {
  const layers = { mark: walker(marks), dim: walker(dims), markup: walker(markup), order: walker(orders) };
  const titles = walker(headings.flatMap((heading) => heading.spans.map(([start, end]) => [start, end, heading.level])));
  const lines = [];
  let start = 0;
  while (start < points.length) {
    let end = start;
    while (end < points.length && points[end] !== "\n") end += 1;
    end = Math.min(end + 1, points.length);
    lines.push({ start, end, heading: headingIn(titles, start, end), pieces: piecesOf(points, start, end, layers) });
    start = end;
  }
  return lines;
}

function piecesOf(points, start, end, { mark, dim, markup, order }) {
  const pieces = [];
  let at = start;
  while (at < end) {
    const marked = mark(at);
    const dimmed = dim(at);
    const hidden = markup(at);
    const ordering = order(at);
    const until = Math.min(marked.until, dimmed.until, hidden.until, ordering.until, end);
    const text = points.slice(at, until).join("");
    pieces.push({ text, mark: marked.inside, dim: dimmed.inside, markup: hidden.inside, order: ordering.inside });
    at = until;
  }
  return pieces;
}

function headingIn(titles, start, end) {
  for (let at = start; at < end; ) {
    const here = titles(at);
    if (here.inside) return here.value;
    at = here.until;
  }
  return 0;
}

/** Return a function of growing offsets: is it inside a span, and until where does that hold? */
function walker(spans) {
  const sorted = [...spans].sort((a, b) => a[0] - b[0]);
  let i = 0;
  return (at) => {
    while (i < sorted.length && sorted[i][1] <= at) i += 1;
    if (i === sorted.length) return { inside: false, until: Infinity };
    const [start, end, value] = sorted[i];
    return at < start ? { inside: false, until: start } : { inside: true, until: end, value };
  };
}
