// How a citation is shown: its quotation without markup, a table's row as a small table, and its pages by their labels.

import { el, languageOf } from "./dom.js";
import { T } from "./i18n.js";

/** Return the pages that a citation stands on ("p. iv, v"); empty where it has none. */
export function pagesOf({ places = [] }) {
  if (!places?.length) return "";
  return T.placed[places[0].kind]([...new Set(places.map((place) => place.label))].join(T.and));
}
